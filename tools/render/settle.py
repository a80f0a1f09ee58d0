"""Ending: capture what the vendor billed, release the rest, and make room for the next."""

from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import jobs, ledger
from tools.clock import stamp
from tools.engine import Engine
from tools.jobs import Job
from tools.money import ZERO, Money
from tools.providers.base import Failed, Missing, Running, Silent, Succeeded
from tools.render.kit import Kit
from tools.tables import job as job_table

WORKER = "worker"
WOKEN = timedelta(seconds=30)  # by then a job that was woken has been tried, or whoever should is dead


async def settle(kit: Kit, job_id: str) -> None:
    """Ask the vendor for its last word, and settle the money by it. Safe to repeat."""
    async with kit.database.reading() as connection:
        job = await jobs.get(connection, job_id)
    if job.state != "running":
        return
    status = await kit.vendor(job.provider).poll(str(job.provider_job_id))
    now = kit.clock()
    async with kit.database.transaction() as connection:
        match status:
            case Running() | Missing() | Silent():
                return
            case Succeeded(reported):
                charged, source = _bill(kit, job, None if reported == ZERO else reported)
                await end(
                    connection,
                    kit,
                    job,
                    "succeeded",
                    charged,
                    at=now,
                    charge_source=source,
                    progress=1.0,
                )
            case Failed(reason, reported, canceled):
                charged, source = _bill(kit, job, reported)
                state = "canceled" if canceled else "failed"
                await end(connection, kit, job, state, charged, at=now, charge_source=source, error=reason)
            case _:
                assert_never(status)


def _bill(kit: Kit, job: Job, reported: Money | None) -> tuple[Money, str]:
    """What to charge: the vendor's report; its price where it never reports; the whole hold where one is due."""
    capabilities = kit.vendor(job.provider).capabilities
    if capabilities.free:
        return ZERO, "free"
    if reported is not None and reported >= ZERO:
        return reported, "reported"
    return (job.ceiling, "assumed") if capabilities.reports_cost else (job.expected, "computed")


async def end(
    connection: AsyncConnection,
    kit: Kit,
    job: Job,
    state: str,
    charged: Money,
    *,
    at: datetime,
    charge_source: str | None = None,
    error: str | None = None,
    progress: float | None = None,
) -> Job | None:
    """Close a job and its money in one transaction; a job that is closed already stays as it is."""
    changes = {"charge_source": charge_source, "error": error, "progress": progress}
    ended = await jobs.move(
        connection,
        job,
        state,
        at=at,
        charged_micros=charged.micros,
        finished_at=stamp(at),
        **{name: value for name, value in changes.items() if value is not None},
    )
    if ended is None:
        return None
    await ledger.settle(connection, job.id, charged, principal=WORKER, at=at)
    await make_room(connection, kit, ended)
    if state != "succeeded":
        await assemble_if_complete(connection, kit.engine, ended)
    return ended


async def release(connection: AsyncConnection, kit: Kit, job: Job, reason: str, at: datetime) -> Job | None:
    """Give the whole hold back: nothing was ever sent, or a person says that nothing is billed."""
    released = await jobs.move(
        connection, job, "released", at=at, error=reason, charged_micros=0, finished_at=stamp(at)
    )
    if released is not None:
        await ledger.settle(connection, job.id, ZERO, principal=WORKER, at=at)
        await make_room(connection, kit, released)
        await assemble_if_complete(connection, kit.engine, released)
    return released


async def bill_late(
    connection: AsyncConnection, closed: Job, provider_job_id: str | None, at: datetime
) -> Job | None:
    """Count a job that a person said cost nothing, and whose request went out all the same.

    Its hold was given back, so what it may cost is counted beside it, all of it and whatever the
    limit, and its budgets are frozen until a person has looked. None for a job that ended otherwise.
    """
    if closed.state != "released" or not closed.takes or closed.charged != ZERO:
        return None
    made = "may have made it" if provider_job_id is None else f"made it as {provider_job_id}"
    why = f"{closed.error}; its request left all the same, and the vendor {made}"
    changes = {"provider_job_id": provider_job_id, "charge_source": "assumed", "error": why}
    billed = await jobs.move(
        connection, closed, "released", at=at, charged_micros=closed.ceiling.micros, **changes
    )
    if billed is not None:
        await ledger.adjust(connection, closed.id, closed.ceiling, principal=WORKER, at=at)
    return billed


async def at_work(connection: AsyncConnection, provider: str) -> int:
    """Places taken at a vendor. A job whose answer was lost may well be under way there."""
    busy = await jobs.in_states(connection, "submitting", "running", "unknown")
    return sum(job.provider == provider for job in busy)


async def make_room(connection: AsyncConnection, kit: Kit, ended: Job) -> None:
    """As many of the jobs that wait for this vendor are due as it has places free.

    Not one for each that ends: the one that was woken before may never start.
    """
    now = kit.clock()
    for job in await could_start(connection, kit, ended.provider, now):
        await wake(connection, kit, job, now)


async def could_start(connection: AsyncConnection, kit: Kit, provider: str, now: datetime) -> list[Job]:
    """The first that wait for a vendor's free places, but for those that are woken already."""
    places = kit.vendor(provider).capabilities.concurrent
    free = max(places - await at_work(connection, provider), 0)
    waiting = [job for job in await jobs.in_states(connection, "ready") if job.provider == provider]
    return [job for job in waiting[:free] if (job.lease_until or "") <= stamp(now)]


async def wake(connection: AsyncConnection, kit: Kit, waiting: Job, now: datetime) -> None:
    """Make it due, and leave a note of that: whoever tries it clears the note, or starts the job.

    Woken by every end and at every start, a few jobs would fill the queue with work that finds
    nothing to do, and everything else would wait behind it.
    """
    await _note(connection, waiting, stamp(now + WOKEN))
    await kit.engine.enqueue(connection, "submit_job", waiting.id, cause=f"place {stamp(now)}")


async def forget_waking(connection: AsyncConnection, tried: Job) -> None:
    """It was tried, and found no place: the next that is free may wake it again."""
    if tried.lease_until is not None:
        await _note(connection, tried, None)


async def _note(connection: AsyncConnection, waiting: Job, until: str | None) -> None:
    await connection.execute(
        update(job_table)
        .where(job_table.c.id == waiting.id, job_table.c.state == "ready")
        .values(lease_until=until)
    )


async def assemble_if_complete(connection: AsyncConnection, engine: Engine, job: Job) -> None:
    """When the last job of a quote has landed, its film is due."""
    siblings = await jobs.of_quote(connection, job.quote_id)
    landed = all(each.closed and (each.state != "succeeded" or each.clip_id) for each in siblings)
    if landed and any(each.clip_id for each in siblings):
        await engine.enqueue(connection, "assemble_film", job.quote_id, cause="landed")
