"""What must be true of a story's money, read from committed rows and compared with the vendor's own meter."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from tests.outside import Outside
from tests.scripts import FOR_EVER
from tests.shop import Made, Shop
from tools.audit import GENESIS, Deed, seal
from tools.clock import read_stamp
from tools.money import ZERO, Money
from tools.proof import SPENDING
from tools.tables import ENTRY_KINDS

CLOSED = ("succeeded", "failed", "canceled", "released")
AT_REST = (*CLOSED, "unknown", "quarantined")
SEND_WITHIN = timedelta(minutes=15)
MONEY = {
    "approval": "quote_id, id, principal, digest, at",
    "job": "id, state, charged_micros, charge_source, provider_job_id, clip_id, takes, finished_at",
    "take": "id, job_id, n, token, at",
    "entry": "seq, job_id, scope, period, kind, amount_micros",
    "budget": "scope, period, held_micros, spent_micros, frozen_reason",
    "audit": "seq, hash",
}


class Violation(AssertionError):
    """A promise about money that did not hold."""


def promise(kept: object, name: str, *facts: object) -> None:
    if not kept:
        raise Violation(f"{name}: {', '.join(map(str, facts))}")


@dataclass(frozen=True)
class Seen:
    """The rows of one moment."""

    jobs: list[Any]
    takes: list[Any]
    entries: list[Any]
    shop: Shop

    def bills(self, job_id: str) -> list[Made]:
        takes = {take.id for take in self.takes if take.job_id == job_id}
        return [made for made in self.shop.made.values() if made.request.take_id in takes]

    def sums(self, job_id: str, scope: str = "month") -> Counter[str]:
        found: Counter[str] = Counter()
        for entry in self.entries:
            if (entry.job_id, entry.scope) == (job_id, scope):
                found[entry.kind] += entry.amount_micros
        return found


@dataclass(frozen=True)
class Eye:
    """Looks at committed rows as any other process would."""

    outside: Outside

    def rows(self, query: str) -> list[Any]:
        return [SimpleNamespace(**row) for row in self.outside.rows(query)]

    def seen(self, shop: Shop) -> Seen:
        jobs = self.rows("SELECT * FROM job ORDER BY n")
        takes = self.rows("SELECT * FROM take ORDER BY job_id, n")
        return Seen(jobs, takes, self.rows("SELECT * FROM entry ORDER BY seq"), shop)

    def money(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that hearing, asking or answering once more must leave as it is."""
        return {
            table: [
                tuple(row.values()) for row in self.outside.rows(f"SELECT {what} FROM {table} ORDER BY 1")
            ]
            for table, what in MONEY.items()
        }


def check(seen: Seen) -> None:
    """At every committed state."""
    _posts(seen)
    for job in seen.jobs:
        _of_vendor(seen, job)
        _resolves_once(seen, job)


def _posts(seen: Seen) -> None:
    """Exactly one request for a take; where keys are honoured, the same one again."""
    sent = defaultdict[str, list[Any]](list)
    for request in seen.shop.posts:
        sent[request.take_id].append(request)
    known = {take.id: take for take in seen.takes}
    for take_id, requests in sent.items():
        promise(take_id in known, "the intent is on record before the request leaves", take_id)
        promise(all(each == requests[0] for each in requests), "the same key has the same bytes", requests)
        promise(len(requests) == 1 or seen.shop.kind == "key", "a take is sent once", requests)


def _of_vendor(seen: Seen, job: Any) -> None:
    bills, sums = seen.bills(job.id), seen.sums(job.id)
    promise(len(bills) <= 1, "at most one vendor job for each of ours", bills)
    for made in bills:
        in_time = made.at - read_stamp(job.created_at) <= SEND_WITHIN
        promise(in_time or seen.shop.on_the_line, "an old approval does not spend", job.id, made.at)
    billed = sum((made.bill.micros for made in bills), 0)
    open_hold = sums["hold"] if job.state not in CLOSED else 0
    covered = open_hold + sums["capture"] + sums["adjustment"]
    dear = seen.shop.script.bill == "above the ceiling" and job.state not in CLOSED
    promise(billed <= covered or dear, "the bill is within held and captured", job.state, billed, covered)


def _resolves_once(seen: Seen, job: Any) -> None:
    sums = seen.sums(job.id)
    back = sums["capture"] + sums["release"]
    if job.state in CLOSED:
        promise(back == max(sums["hold"], sums["capture"]), "a hold resolves once, whole", job.state, sums)
        captured = sums["capture"] + sums["adjustment"]
        promise(captured == job.charged_micros, "what is charged is captured", job, sums)
    else:
        promise(back == 0, "a hold resolves at the end", job.state, sums)
    holds = [e for e in seen.entries if (e.job_id, e.scope, e.kind) == (job.id, "month", "hold")]
    promise(len(holds) == 1, "one hold", holds)


def check_end(eye: Eye, shop: Shop, told: set[str]) -> Counter[str]:
    """When nothing moves any more; returns how many jobs came to which end."""
    seen = eye.seen(shop)
    check(seen)
    _walls(eye, seen)
    _chain(eye)
    for job in seen.jobs:
        promise(job.state in AT_REST, "everything comes to rest", job.state)
        apart = job.state == "quarantined"
        promise(not apart or shop.script.altered, "nothing stands still without a reason", job.error)
        promise(job.state != "succeeded" or job.clip_id, "paid work is brought home", job.id)
        bills = seen.bills(job.id)
        if job.id not in told:
            _found(seen, job, bills)
            _charged(job, bills, shop)
    made = Counter(job.quote_id for job in seen.jobs)
    promise(set(made.values()) <= {shop.script.shots}, "all of a quote's lines or none", seen.jobs)
    return Counter(job.state for job in seen.jobs)


def _found(seen: Seen, job: Any, bills: list[Made]) -> None:
    """What a vendor has accepted is found again, unless it cannot be asked."""
    lost = job.state == "unknown" and can_be_found(job, seen)
    promise(not lost, "a lost job is found where the vendor can be asked", job.error, bills)


def can_be_found(job: Any, seen: Seen) -> bool:
    """The vendor made it, and says so to whoever asks."""
    asked = seen.shop.kind != "blind" or job.provider_job_id is not None
    return bool(seen.bills(job.id)) and asked and seen.shop.script.unknown_looks != FOR_EVER


def _charged(job: Any, bills: list[Made], shop: Shop) -> None:
    """The vendor's own number; its ceiling where a number was due; nothing only on proof."""
    if job.state not in CLOSED:
        return
    charged = Money(job.charged_micros)
    if not bills:
        promise(charged == ZERO, "what was never made costs nothing", job.state, charged)
        return
    promise(job.state != "released", "a hold goes back only on proof", job.error)
    bill = bills[0].bill
    silent = shop.script.report != "the bill" and not bills[0].canceled
    due = Money(job.ceiling_micros) if silent and shop.script.reports_cost else bill
    promise(charged == due, "the vendor's bill is captured", job.state, charged, due)


def _walls(eye: Eye, seen: Seen) -> None:
    """What stands on a budget is the sum of its entries, and within its limit."""
    resolved = {(entry.job_id, entry.scope) for entry in seen.entries if entry.kind != "hold"}
    for wall in eye.rows("SELECT * FROM budget"):
        own = [entry for entry in seen.entries if (entry.scope, entry.period) == (wall.scope, wall.period)]
        spent = sum(entry.amount_micros for entry in own if entry.kind in SPENDING)
        held = sum(e.amount_micros for e in own if e.kind == "hold" and (e.job_id, e.scope) not in resolved)
        promise(
            (wall.held_micros, wall.spent_micros) == (held, spent),
            "a budget is its entries",
            wall,
            held,
            spent,
        )
        promise(held + spent <= wall.limit_micros, "held and spent are within the limit", wall)


def _chain(eye: Eye) -> None:
    """Every entry is audited, and the chain is whole."""
    previous, entries = GENESIS, 0
    for row in eye.rows(
        'SELECT at, principal, action, subject, "before", "after", prev_hash, hash FROM audit ORDER BY seq'
    ):
        deed = Deed(row.principal, row.action, row.subject, json.loads(row.before), json.loads(row.after))
        promise(
            (row.prev_hash, row.hash) == (previous, seal(previous, row.at, deed)), "the chain is whole", row
        )
        previous, entries = row.hash, entries + (row.action in ENTRY_KINDS)
    promise(len(eye.rows("SELECT 1 FROM entry")) == entries, "every entry is audited", entries)
