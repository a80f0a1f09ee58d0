"""Do the books add up? Everything is computed again from the entries and the chain; nothing is believed."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.audit import GENESIS, Deed, seal
from tools.tables import audit, budget, entry, job

SPENDING = ("capture", "adjustment")  # kinds of entries that a vendor is paid by


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row that is wrong in one respect, and how."""

    table: str
    row: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was read, and every fault that was found."""

    entries: int
    deeds: int
    budgets: int
    faults: tuple[Fault, ...]


async def verify(connection: AsyncConnection) -> Verdict:
    """Recompute the audit chain, every budget's sums and every job's settlement."""
    faults: list[Fault] = []
    for check in (_chain, _sums, _settlements):
        faults += [fault async for fault in check(connection)]
    return Verdict(
        entries=await connection.scalar(select(func.count()).select_from(entry)) or 0,
        deeds=await connection.scalar(select(func.count()).select_from(audit)) or 0,
        budgets=await connection.scalar(select(func.count()).select_from(budget)) or 0,
        faults=tuple(faults),
    )


async def _chain(connection: AsyncConnection) -> AsyncIterator[Fault]:
    """Each row seals the one before; after the first break nothing behind it can be told."""
    previous = GENESIS
    rows = await connection.stream(select(audit).order_by(audit.c.seq))
    async for row in rows:
        if row.prev_hash != previous:
            yield Fault(
                "audit", str(row.seq), "does not follow the row before it: one was removed or put between"
            )
            return
        if row.hash != _sealed(row):
            yield Fault("audit", str(row.seq), "was changed after it was written")
            return
        previous = row.hash


def _sealed(row: Row[Any]) -> str | None:
    """What a row's seal should be; None where it cannot even be read."""
    try:
        deed = Deed(row.principal, row.action, row.subject, json.loads(row.before), json.loads(row.after))
    except ValueError:
        return None
    return seal(row.prev_hash, row.at, deed)


async def _sums(connection: AsyncConnection) -> AsyncIterator[Fault]:
    """`held` and `spent` are the sums of their entries, and together within the limit unless frozen."""
    for row in await connection.execute(select(budget).order_by(budget.c.scope, budget.c.period)):
        held, spent = await _from_entries(connection, row.scope, row.period)
        name = f"{row.scope} {row.period}"
        if row.held_micros != held:
            yield Fault("budget", name, f"holds {row.held_micros} micro-dollars, its entries say {held}")
        if row.scope != "model" and row.spent_micros != spent:  # language models spend without a hold
            yield Fault("budget", name, f"spent {row.spent_micros} micro-dollars, its entries say {spent}")


async def _from_entries(connection: AsyncConnection, scope: str, period: str) -> tuple[int, int]:
    """(held, spent): what is on hold and not resolved, and what was captured, in time or late."""
    rows = await connection.execute(
        select(entry.c.job_id, entry.c.kind, entry.c.amount_micros).where(
            entry.c.scope == scope, entry.c.period == period
        )
    )
    holds: dict[str, int] = {}
    spent = 0
    resolved: set[str] = set()
    for row in rows:
        if row.kind == "hold":
            holds[row.job_id] = row.amount_micros
            continue
        resolved.add(row.job_id)
        spent += row.amount_micros if row.kind in SPENDING else 0
    return sum(amount for job_id, amount in holds.items() if job_id not in resolved), spent


async def _settlements(connection: AsyncConnection) -> AsyncIterator[Fault]:
    """A job that ended holds nothing; what it was charged is what was captured."""
    closed = ("succeeded", "failed", "canceled", "released")
    for row in await connection.execute(select(job).where(job.c.state.in_(closed)).order_by(job.c.id)):
        entries = await connection.execute(select(entry).where(entry.c.job_id == row.id))
        by_scope: dict[str, dict[str, int]] = {}
        for each in entries:
            by_scope.setdefault(each.scope, {})[each.kind] = each.amount_micros
        for scope, amounts in by_scope.items():
            if "capture" not in amounts and "release" not in amounts:
                yield Fault("job", row.id, f"ended, and its hold on {scope} was never resolved")
                continue
            captured = sum(amounts.get(kind, 0) for kind in SPENDING)
            if captured != (row.charged_micros or 0):
                yield Fault("job", row.id, f"was charged {row.charged_micros}, {scope} captured {captured}")
