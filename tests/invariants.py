"""What must be true at every committed state, by the names it has in the design of the money.

Read by a connection of its own, as any other process would see it, and compared with the
vendor's own meter. Nothing here calls the code whose promises it checks, but for the canonical
form of an audit row.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from tests.outside import Outside, Row
from tests.vendor import RATE, Accepted
from tests.world import World
from tools.audit import GENESIS, Deed, seal
from tools.clock import period, read_stamp
from tools.proof import SPENDING
from tools.providers.base import RenderRequest
from tools.quotes import Quote

END_STATES = ("succeeded", "failed", "canceled", "released")
SEND_WITHIN = timedelta(minutes=15)
MONEY_TABLES = ("budget", "approval", "job", "take", "entry", "due")
Key = tuple[str, str]  # a budget: its scope and its month


class Violation(AssertionError):
    """A promise about money that did not hold."""


def promise(name: str, kept: object, *facts: object) -> None:
    if not kept:
        raise Violation(f"{name}: {', '.join(map(str, facts))}")


@dataclass(frozen=True)
class Page:
    """The books as they stand at one moment, and what is new in the audit."""

    jobs: dict[str, Row]
    entries: list[Row]
    budgets: list[Row]
    takes: dict[str, str]  # the job of each
    approvals: dict[str, Row]
    answered: dict[str, str]
    deeds: list[Row]
    deeds_ever: int

    @classmethod
    def read(cls, outside: Outside, seq: int) -> "Page":
        jobs, entries, budgets, takes, approvals, quotes, deeds, ever = outside.tables(
            "SELECT * FROM job",
            "SELECT * FROM entry",
            "SELECT * FROM budget",
            "SELECT id, job_id FROM take",
            "SELECT * FROM approval",
            "SELECT id, state FROM quote WHERE state <> 'issued'",
            f"SELECT * FROM audit WHERE seq > {seq}",
            "SELECT COUNT(*) AS n FROM audit",
        )
        return cls(
            {job["id"]: job for job in jobs},
            sorted(entries, key=_seq),
            budgets,
            {take["id"]: take["job_id"] for take in takes},
            {each["quote_id"]: each for each in approvals},
            {quote["id"]: quote["state"] for quote in quotes},
            sorted(deeds, key=_seq),
            ever[0]["n"],
        )


@dataclass(frozen=True)
class Standing:
    """A budget as it was last seen."""

    limit: int
    full: bool  # there is no room for anything, or it is frozen
    holds: int  # ever


@dataclass
class Books:
    """The world's database, read from outside, and what was seen in it before."""

    world: World
    outside: Outside
    seen: object = None
    ended: dict[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])
    answered: dict[str, str] = field(default_factory=dict[str, str])
    entries: list[Row] = field(default_factory=list[Row])
    standing: dict[Key, Standing] = field(default_factory=dict[Key, Standing])
    audited: Counter[Key] = field(default_factory=Counter[Key])
    sealed: tuple[int, str, str] = (0, "", GENESIS)

    def rows(self, query: str, *facts: object) -> list[Row]:
        return self.outside.rows(query, *facts)

    def money(self) -> list[list[str]]:
        """Everything that an answer which is refused must leave as it is."""
        every = self.outside.tables(*(f"SELECT * FROM {table}" for table in MONEY_TABLES))
        return [sorted(map(repr, table)) for table in every]

    def job(self, job_id: str) -> Row:
        return self.rows("SELECT * FROM job WHERE id = ?", job_id)[0]

    def can_be_found(self, job_id: str) -> bool:
        """Did the vendor accept one of its takes, and would it say so, or has it?"""
        takes = {row["id"] for row in self.rows("SELECT id FROM take WHERE job_id = ?", job_id)}
        heard = {row["take_id"] for row in self.rows("SELECT take_id FROM vendor_event")}
        accepted = {job.take_id for job in self.world.vendor.meter.values()} & takes
        return bool(
            accepted if self.world.vendor.capabilities.search_window is not None else accepted & heard
        )

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
        promise("I17 the job is being submitted", intent["state"] == "submitting", intent)
        first = self.world.vendor.posts[request.take_id] == 0
        self._was_approved(intent, request)
        promise("I4 a take is sent once", first or self.world.vendor.kind == "keyed", request)
        age = self.world.now_at(intent["worker"]) - read_stamp(intent["created_at"])
        promise("I16 an old approval does not spend", age <= SEND_WITHIN or not first, intent)

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
        """Where nothing was committed since, and the vendor did nothing, all is as it was."""
        now = self.outside.mark(), tuple(self.world.vendor.meter.values()), len(self.world.told)
        if now != self.seen:
            self._check(Page.read(self.outside, self.sealed[0]))
            self.seen = now

    def check_from_the_first_row(self) -> None:
        self.sealed, self.seen = (0, "", GENESIS), None
        self.audited.clear()
        self.check()

    def _check(self, page: Page) -> None:
        by_job: dict[str, list[Row]] = defaultdict(list)
        for entry in page.entries:
            by_job[entry["job_id"]].append(entry)
        self._walls(page)
        self._append_only(page.entries)
        self._approvals(page, by_job)
        for job in page.jobs.values():
            self._ends_once(job, by_job[job["id"]])
            self._resolves_once(job, by_job[job["id"]])
        self._vendor(page, by_job)
        self._answers_stay(page.answered)
        self._audit(page)

    def _walls(self, page: Page) -> None:
        held, spent = _sums(page.entries)
        holds = Counter(_key(e) for e in page.entries if e["kind"] == "hold")
        for row in page.budgets:
            key = _key(row)
            promise("I2 held is the open holds", row["held_micros"] == held.pop(key, 0), row)
            promise("I2 spent is the captures", row["spent_micros"] == spent.pop(key, 0), row)
            self._wall(row, holds[key])
        promise("I2 every entry is in a budget", not any(held.values()) and not any(spent.values()))

    def _wall(self, row: Row, holds: int) -> None:
        """Only a person's word, or a bill above what was promised, leaves more than the limit."""
        before, limit = self.standing.get(_key(row)), row["limit_micros"]
        over = row["held_micros"] + row["spent_micros"] > limit
        now = Standing(limit, full=over or row["frozen_reason"] is not None, holds=holds)
        was_full = before is not None and (before.full or before.limit != limit)
        excused = row["frozen_reason"] or (was_full and _key(row) in self.world.eased)
        promise("I1 held + spent <= limit", not over or excused, row)
        if before is not None and before.full and now.full and before.limit == limit:
            promise("I1 nothing is set aside where there is no room", before.holds == holds, row)
        self.standing[_key(row)] = now

    def _append_only(self, entries: list[Row]) -> None:
        promise("I7 entries are only added", entries[: len(self.entries)] == self.entries)
        self.entries = entries
        promise("I9 whole amounts above zero", all(type(e["amount_micros"]) is int for e in entries))

    def _approvals(self, page: Page, by_job: dict[str, list[Row]]) -> None:
        wanted = {job["quote_id"] for job in page.jobs.values()}
        promise("I3 no job without an approval", wanted <= page.approvals.keys())
        made = Counter(job["quote_id"] for job in page.jobs.values())
        for quote_id, answer in page.approvals.items():
            shown = self.world.shown[quote_id]
            lines = {line.n: line for line in shown.lines if line.reused_clip_id is None}
            promise("I10 a job for every line, or none", made[quote_id] == len(lines), quote_id)
            for job in (job for job in page.jobs.values() if job["quote_id"] == quote_id):
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

    def _ends_once(self, job: Row, entries: list[Row]) -> None:
        """But for a bill after a person's word, which is one entry more beside it."""
        if job["state"] in END_STATES:
            late = sum(
                e["amount_micros"] for e in entries if (e["kind"], e["scope"]) == ("adjustment", "month")
            )
            name = None if late else job["provider_job_id"]
            end = (job["state"], job["charged_micros"] - late, job["finished_at"], name)
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
            captured = each["capture"] + each["adjustment"]
            promise("I7 what is charged is captured", open_still or captured == job["charged_micros"])

    # --- the vendor's own word ---

    def _vendor(self, page: Page, by_job: dict[str, list[Row]]) -> None:
        accepted: dict[str, list[Accepted]] = defaultdict(list)
        for line in self.world.vendor.meter.values():
            promise("I6 a vendor's job is a take of ours", line.take_id in page.takes, line)
            accepted[page.takes[line.take_id]].append(line)
        for job_id, job in page.jobs.items():
            bills = accepted[job_id]
            promise("I4 at most one vendor job for each of ours", len(bills) <= 1, job_id, bills)
            if job_id not in self.world.told:
                takes_of = {take for take, of in page.takes.items() if of == job_id}
                self._billed(job, bills[0] if bills else None, by_job[job_id], takes_of)

    def _billed(self, job: Row, line: Accepted | None, entries: list[Row], takes: set[str]) -> None:
        captured = sum(
            e["amount_micros"] for e in entries if e["kind"] == "capture" and e["scope"] == "month"
        )
        closed = job["state"] in END_STATES
        ceiling = job["ceiling_micros"]
        if line is not None:
            known = ceiling if line.billed_micros is None else line.billed_micros
            cover = captured if closed else ceiling
            promise("I5 the bill is held or captured", min(known, ceiling) <= cover, job, line)
            promise("I5 what is charged is the bill", not closed or captured == known, job, line)
        elif closed and captured == 0:
            proven = not takes or takes <= self.world.vendor.refused
            promise("I8 a hold goes back on proof only", proven, job)
        if job["state"] in ("succeeded", "running"):
            promise("I4 what runs is at the vendor's", line is not None, job)

    # --- answers and the audit ---

    def _answers_stay(self, answered: dict[str, str]) -> None:
        kept = {quote_id: answered.get(quote_id) for quote_id in self.answered}
        promise("I11 an answer is for ever", kept == self.answered, kept, self.answered)
        self.answered = answered

    def _audit(self, page: Page) -> None:
        """The chain, from where it was last seen; and every deed about money is in it."""
        for row in page.deeds:
            self._sealed(row)
            self.audited[row["subject"], row["action"]] += 1
        promise("I26 no deed is taken out", page.deeds_ever == self.audited.total(), page.deeds_ever)
        written = Counter((e["job_id"], e["kind"]) for e in page.entries)
        for deed, count in written.items():
            promise("I26 every entry is audited", self.audited[deed] == count, deed, count)
        for quote_id in page.approvals:
            promise("I26 every approval is audited", self.audited[quote_id, "approved"] == 1, quote_id)

    def _sealed(self, row: Row) -> None:
        before, after = json.loads(row["before"]), json.loads(row["after"])
        deed = Deed(row["principal"], row["action"], row["subject"], before, after)
        _, last, previous = self.sealed
        whole = row["prev_hash"] == previous and row["hash"] == seal(previous, row["at"], deed)
        promise("I26 the chain is whole", whole, row)
        promise("I13 time on record only goes on", row["at"] >= last, row)
        self.sealed = row["seq"], row["at"], row["hash"]


def check_prices(shown: Quote) -> None:
    """Rate times seconds, and 5 % more up to a cent: whole micro-dollars, counted again in decimals."""
    for line in shown.lines:
        exact = Decimal(0 if line.reused_clip_id else RATE.micros) * line.seconds
        cents = (exact * Decimal("1.05") / 10_000).to_integral_value(rounding=ROUND_CEILING)
        promise("I9 the price is the rate times the seconds", line.expected.micros == exact, line)
        promise("I9 the ceiling is 5 % more", line.ceiling.micros == cents * 10_000, line)
        promise("I9 no float", type(line.expected.micros) is type(line.ceiling.micros) is int, line)


def _sums(entries: list[Row]) -> tuple[Counter[Key], Counter[Key]]:
    """What the entries say is held and spent, by budget."""
    resolved = {(e["job_id"], e["scope"]) for e in entries if e["kind"] != "hold"}
    held: Counter[Key] = Counter()
    spent: Counter[Key] = Counter()
    for e in entries:
        if e["kind"] in SPENDING:
            spent[_key(e)] += e["amount_micros"]
        elif e["kind"] == "hold" and (e["job_id"], e["scope"]) not in resolved:
            held[_key(e)] += e["amount_micros"]
    return held, spent


def _key(row: Row) -> Key:
    return row["scope"], row["period"]


def _seq(row: Row) -> int:
    return row["seq"]


def _plain(body: Any) -> dict[str, Any]:
    """Lists and tuples alike."""
    return json.loads(json.dumps(dict(body)))
