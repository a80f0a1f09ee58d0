"""What a film really cost: the quote, the approval and the ledger side by side, adding up to the cent."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import jobs, quotes
from tools.money import ZERO, Money, total
from tools.tables import ENTRY_KINDS, approval, entry


async def receipt(connection: AsyncConnection, quote_id: str, owner: str | None = None) -> dict[str, Any]:
    """One JSON-ready page. `balanced`: captured and released are together what was held and what was billed above it.

    What was billed late, after its hold was released, is in `charged_usd` and beside the sum.

    Every budget that a line counts against holds the same amount, so the sums are those of one budget.
    """
    offer = await quotes.get(connection, quote_id, owner)
    given = (await connection.execute(select(approval).where(approval.c.quote_id == quote_id))).one_or_none()
    made = await jobs.of_quote(connection, quote_id)
    sums = await _sums(connection, [job.id for job in made])
    held, captured, released, late = sums["hold"], sums["capture"], sums["release"], sums["adjustment"]
    overrun = total(max(job.charged - job.ceiling, ZERO) for job in made if job.charged is not None)
    return {
        "quote_id": offer.id,
        "title": offer.title,
        "digest": offer.digest,
        "provider": offer.offer.provider,
        "model": offer.offer.model,
        "play_money": offer.play_money,
        "approved_by": given.principal if given else None,
        "approved_at": given.at if given else None,
        "lines": [_line(line, {job.n: job for job in made}) for line in offer.lines],
        "expected_usd": str(offer.expected),
        "ceiling_usd": str(offer.ceiling),
        "held_usd": str(held),
        "charged_usd": str(captured + late),
        "released_usd": str(released),
        "overrun_usd": str(overrun),
        "late_usd": str(late),
        "open": [job.id for job in made if not job.closed],
        "balanced": held + overrun == captured + released,
    }


def _line(line: quotes.QuoteLine, made: dict[int, jobs.Job]) -> dict[str, Any]:
    job = made.get(line.n)
    charged = job.charged if job else ZERO
    free = "drawn" if line.drawn else "reused"
    return {
        "n": line.n,
        "shot_id": line.shot_id,
        "seconds": line.seconds,
        "expected_usd": str(line.expected),
        "ceiling_usd": str(line.ceiling),
        "charged_usd": None if charged is None else str(charged),
        "charge_source": job.charge_source if job else free,
        "state": job.state if job else free,
    }


async def _sums(connection: AsyncConnection, job_ids: list[str]) -> dict[str, Money]:
    """By kind, in one budget: the first by name of those that each job counts against."""
    first = select(func.min(entry.c.scope)).where(entry.c.job_id.in_(job_ids)).scalar_subquery()
    own = select(entry.c.kind, entry.c.amount_micros).where(
        entry.c.job_id.in_(job_ids), entry.c.scope == first
    )
    amounts = (await connection.execute(own)).all()
    return {
        kind: total(Money(row.amount_micros) for row in amounts if row.kind == kind) for kind in ENTRY_KINDS
    }
