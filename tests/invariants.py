"""What must be true at every committed state, by the names it has in the design of the money.

Read from the file itself by a connection of its own, as any other process would see it, and
compared with the vendor's own meter. Nothing here calls the code whose promises it checks,
but for the canonical form of an audit row.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from tests.conftest import meter
from tests.world import RATE, World
from tools.audit import GENESIS, Deed, seal
from tools.clock import period, read_stamp
from tools.providers.base import RenderRequest
from tools.quotes import Quote

Row = sqlite3.Row
END_STATES = ("succeeded", "failed", "canceled", "released")
SEND_WITHIN = timedelta(minutes=15)
MONEY_TABLES = ("budget", "approval", "job", "take", "entry", "due")


class Violation(AssertionError):
    """A promise about money that did not hold."""


def promise(name: str, kept: object, *facts: object) -> None:
    if not kept:
        raise Violation(f"{name}: {', '.join(map(str, facts))}")


@dataclass
class Books:
    """The world's database, read from outside, and what was seen in it before."""

    world: World
    path: str
    ended: dict[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])
    answered: dict[str, str] = field(default_factory=dict[str, str])
    entries_seen: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    sealed: tuple[int, str, str] = (0, "", GENESIS)

    def __post_init__(self) -> None:
        self.file = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self.file.row_factory = sqlite3.Row

    def rows(self, query: str, *facts: object) -> list[Row]:
        return self.file.execute(query, facts).fetchall()

    def money(self) -> list[list[tuple[Any, ...]]]:
        """Everything that an answer which is refused must leave as it is."""
        return [[tuple(row) for row in self.rows(f"SELECT * FROM {table}")] for table in MONEY_TABLES]

    def job(self, job_id: str) -> Row:
        return self.rows("SELECT * FROM job WHERE id = ?", job_id)[0]

    def can_be_found(self, job_id: str) -> bool:
        """Did the vendor accept one of its takes, and would it say so?"""
        takes = {row["id"] for row in self.rows("SELECT id FROM take WHERE job_id = ?", job_id)}
        return self.world.vendor.kind != "blind" and not takes.isdisjoint(meter(self.world.folder))

    # --- before the first byte leaves ---

    def witness(self, request: RenderRequest) -> None:
        """A request is about to leave: all that must be on record is on record, and committed."""
        found = self.rows(
            "SELECT take.*, job.state, job.n AS line, job.quote_id, job.created_at FROM take"
            " JOIN job ON job.id = take.job_id WHERE take.id = ?",
            request.take_id,
        )
        promise("I17 the intent is on record before it leaves", found, request)
        (intent,) = found
        promise("I17 the job is being submitted", intent["state"] == "submitting", dict(intent))
        first = self.world.vendor.posts[request.take_id] == 0
        self._was_approved(intent, request)
        promise("I4 a take is sent once", first or self.world.vendor.kind == "keyed", request)
        in_time = self.world.now() - read_stamp(intent["created_at"]) <= SEND_WITHIN
        promise("I16 an old approval does not spend", in_time or not first, dict(intent))

    def _was_approved(self, intent: Row, request: RenderRequest) -> None:
        """What leaves is what its reader saw and said yes to."""
        shown = self.world.shown[intent["quote_id"]]
        given = self.rows("SELECT * FROM approval WHERE quote_id = ?", shown.id)
        promise("I3 exactly one approval, of that digest", [a["digest"] for a in given] == [shown.digest])
        body = next(line.body for line in shown.lines if line.n == intent["line"])
        sent = {name: getattr(request, name) for name in body}
        promise("I3 the approved bytes leave, and no others", _plain(sent) == _plain(body), sent, dict(body))

    # --- at every committed state ---

    def check(self) -> None:
        jobs = {row["id"]: row for row in self.rows("SELECT * FROM job")}
        entries = self.rows("SELECT * FROM entry ORDER BY seq")
        by_job: dict[str, list[Row]] = defaultdict(list)
        for entry in entries:
            by_job[entry["job_id"]].append(entry)
        self._walls(entries)
        self._append_only(entries)
        self._approvals(jobs, by_job)
        for job in jobs.values():
            self._ends_once(job)
            self._resolves_once(job, by_job[job["id"]])
        self._vendor(jobs, by_job)
        self._answers_stay()
        self._audit()

    def _walls(self, entries: list[Row]) -> None:
        held, spent = _standing(entries)
        for row in self.rows("SELECT * FROM budget"):
            key = row["scope"], row["period"]
            within = row["held_micros"] + row["spent_micros"] <= row["limit_micros"]
            promise("I1 held + spent <= limit", within or row["frozen_reason"], dict(row))
            promise("I2 held is the open holds", row["held_micros"] == held.pop(key, 0), dict(row))
            promise("I2 spent is the captures", row["spent_micros"] == spent.pop(key, 0), dict(row))
        promise("I2 every entry is in a budget", not any(held.values()) and not any(spent.values()))

    def _append_only(self, entries: list[Row]) -> None:
        now = [tuple(entry) for entry in entries]
        promise("I7 entries are only added", now[: len(self.entries_seen)] == self.entries_seen)
        self.entries_seen = now
        promise("I9 whole amounts above zero", all(type(e["amount_micros"]) is int for e in entries))

    def _approvals(self, jobs: dict[str, Row], by_job: dict[str, list[Row]]) -> None:
        given = {row["quote_id"]: row for row in self.rows("SELECT * FROM approval")}
        promise("I3 no job without an approval", {job["quote_id"] for job in jobs.values()} <= given.keys())
        made = Counter(job["quote_id"] for job in jobs.values())
        for quote_id, answer in given.items():
            shown = self.world.shown[quote_id]
            lines = {line.n: line for line in shown.lines if line.reused_clip_id is None}
            promise("I10 a job for every line, or none", made[quote_id] == len(lines), quote_id)
            for job in (job for job in jobs.values() if job["quote_id"] == quote_id):
                self._holds(shown, job, lines[job["n"]].ceiling.micros, by_job[job["id"]], answer)

    def _holds(self, shown: Quote, job: Row, ceiling: int, entries: list[Row], answer: Row) -> None:
        """The same amount in each budget that the line counts against, in the month of the answer."""
        month = period(read_stamp(answer["at"]))
        scopes = {"month", f"project:{shown.project}"}
        if self.world.limits.user is not None:
            scopes.add(f"user:{shown.owner}")
        held = {(e["scope"], e["period"], e["amount_micros"]) for e in entries if e["kind"] == "hold"}
        due = {(scope, month, ceiling) for scope in scopes}
        promise("I10 the ceiling is held in every budget, in its month", held == due, job["id"], held, due)

    def _ends_once(self, job: Row) -> None:
        if job["state"] in END_STATES:
            end = (job["state"], job["charged_micros"], job["finished_at"], job["provider_job_id"])
            promise("I19 an end is an end", self.ended.setdefault(job["id"], end) == end, job["id"], end)
        else:
            promise("I19 an end is an end", job["id"] not in self.ended, job["id"], job["state"])

    def _resolves_once(self, job: Row, entries: list[Row]) -> None:
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for entry in entries:
            sums[entry["scope"]][entry["kind"]] += entry["amount_micros"]
        for scope, each in sums.items():
            back = each["capture"] + each["release"]
            open_still = job["state"] not in END_STATES
            kept = back == 0 if open_still else back == max(each["hold"], each["capture"])
            promise("I7 a hold resolves once, whole, at the end", kept, job["id"], job["state"], scope, each)
            promise("I7 what is charged is captured", open_still or each["capture"] == job["charged_micros"])

    # --- the vendor's own word ---

    def _vendor(self, jobs: dict[str, Row], by_job: dict[str, list[Row]]) -> None:
        takes = {row["id"]: row["job_id"] for row in self.rows("SELECT * FROM take")}
        accepted: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in meter(self.world.folder).values():
            take_id = line["id"].partition("-")[0]
            promise("I6 a vendor's job is a take of ours", take_id in takes, line)
            accepted[takes[take_id]].append(line)
        for job_id, job in jobs.items():
            bills = accepted[job_id]
            promise("I4 at most one vendor job for each of ours", len(bills) <= 1, job_id, bills)
            if job_id not in self.world.told:
                takes_of = {take for take, of in takes.items() if of == job_id}
                self._billed(job, bills[0] if bills else None, by_job[job_id], takes_of)

    def _billed(self, job: Row, line: dict[str, Any] | None, entries: list[Row], takes: set[str]) -> None:
        captured = sum(
            e["amount_micros"] for e in entries if e["kind"] == "capture" and e["scope"] == "month"
        )
        closed = job["state"] in END_STATES
        ceiling = job["ceiling_micros"]
        if line is not None:
            bill = line["billed_micros"]
            known = ceiling if bill is None else bill
            cover = captured if closed else ceiling
            promise("I5 the bill is held or captured", min(known, ceiling) <= cover, dict(job), line)
            promise("I5 what is charged is the bill", not closed or captured == known, dict(job), line)
        elif closed and captured == 0:
            proven = not takes or takes <= self.world.vendor.refused
            promise("I8 a hold goes back on proof only", proven, dict(job))
        if job["state"] in ("succeeded", "running"):
            promise("I4 what runs is at the vendor's", line is not None, dict(job))

    # --- answers and the audit ---

    def _answers_stay(self) -> None:
        for row in self.rows("SELECT id, state FROM quote WHERE state <> 'issued'"):
            first = self.answered.setdefault(row["id"], row["state"])
            promise("I11 an answer is for ever", first == row["state"], row["id"], first, row["state"])

    def _audit(self) -> None:
        """The chain, from where it was last seen; and every deed about money is in it."""
        for row in self.rows("SELECT * FROM audit WHERE seq > ? ORDER BY seq", self.sealed[0]):
            deed = Deed(
                row["principal"],
                row["action"],
                row["subject"],
                json.loads(row["before"]),
                json.loads(row["after"]),
            )
            _, last, previous = self.sealed
            whole = row["prev_hash"] == previous and row["hash"] == seal(previous, row["at"], deed)
            promise("I26 the chain is whole", whole, dict(row))
            promise("I13 time on record only goes on", row["at"] >= last, dict(row))
            self.sealed = row["seq"], row["at"], row["hash"]
        written = self.rows("SELECT subject, action, COUNT(*) AS n FROM audit GROUP BY subject, action")
        told = {(row["subject"], row["action"]): row["n"] for row in written}
        for row in self.rows("SELECT job_id, kind, COUNT(*) AS n FROM entry GROUP BY job_id, kind"):
            promise(
                "I26 every entry is audited", told.get((row["job_id"], row["kind"])) == row["n"], dict(row)
            )
        for row in self.rows("SELECT quote_id FROM approval"):
            promise("I26 every approval is audited", told.get((row["quote_id"], "approved")) == 1, dict(row))


def check_prices(shown: Quote) -> None:
    """Rate times seconds, and 5 % more up to a cent: whole micro-dollars, counted again in decimals."""
    for line in shown.lines:
        exact = Decimal(0 if line.reused_clip_id else RATE.micros) * line.seconds
        cents = (exact * Decimal("1.05") / 10_000).to_integral_value(rounding=ROUND_CEILING)
        promise("I9 the price is the rate times the seconds", line.expected.micros == exact, line)
        promise("I9 the ceiling is 5 % more", line.ceiling.micros == cents * 10_000, line)
        promise("I9 no float", type(line.expected.micros) is type(line.ceiling.micros) is int, line)


def _standing(entries: list[Row]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """What the entries say is held and spent, by budget."""
    resolved = {(e["job_id"], e["scope"]) for e in entries if e["kind"] != "hold"}
    held: Counter[tuple[str, str]] = Counter()
    spent: Counter[tuple[str, str]] = Counter()
    for e in entries:
        key = e["scope"], e["period"]
        if e["kind"] == "capture":
            spent[key] += e["amount_micros"]
        elif e["kind"] == "hold" and (e["job_id"], e["scope"]) not in resolved:
            held[key] += e["amount_micros"]
    return held, spent


def _plain(body: Any) -> dict[str, Any]:
    """Lists and tuples alike."""
    return json.loads(json.dumps(dict(body)))
