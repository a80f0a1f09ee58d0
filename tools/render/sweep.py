"""Nobody's work: what our own rows say is due, and a worker that died was doing.

Everything found is enqueued once more. Claims, leases and fences sort out who does it, so a
sweep may be wrong about a worker that is merely slow.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import jobs, standstill
from tools.clock import stamp
from tools.jobs import Job
from tools.render.kit import Kit
from tools.render.reconcile import reconcile_all
from tools.render.settle import could_start, wake
from tools.tables import film, job, quote, quote_line

READY = timedelta(seconds=10)  # a job with a place at its vendor is sent long before
LANDED = timedelta(seconds=20)  # a film is joined long before
GIVEN_UP = timedelta(days=1)  # a film that cannot be joined is not tried for ever


async def sweep(kit: Kit) -> int:
    """Enqueue again what is due and nobody does; returns how much that was."""
    now = kit.clock()
    await kit.engine.prune(now)
    async with kit.database.reading() as connection:
        still = await standstill.standing(connection)
        waiting = [each for each in await idle(connection, kit, now) if each.created_at <= stamp(now - READY)]
        forgotten = await _half_sent(connection, now)
        films = await _unjoined(connection, now)
    await reconcile_all(kit, still & kit.providers.keys())
    if not waiting and not forgotten and not films:
        return 0
    async with kit.database.transaction() as connection:
        for each in waiting:
            await wake(connection, kit, each, now)
        for job_id, cause in forgotten:
            await kit.engine.enqueue(connection, "submit_job", job_id, cause=cause)
        for quote_id in films:
            await kit.engine.enqueue(connection, "assemble_film", quote_id, cause=_turn(now, LANDED))
    return len(waiting) + len(forgotten) + len(films)


async def idle(connection: AsyncConnection, kit: Kit, now: datetime) -> list[Job]:
    """Jobs that wait although their vendor has a place for them."""
    waiting = await jobs.in_states(connection, "ready")
    found: list[Job] = []
    for provider in sorted({each.provider for each in waiting}):
        found += await could_start(connection, kit, provider, now)
    return found


async def _half_sent(connection: AsyncConnection, now: datetime) -> list[tuple[str, str]]:
    """Jobs that were being sent by a worker whose lease has run out."""
    sending = await jobs.in_states(connection, "submitting")
    return [
        (each.id, f"lease {each.lease_until}") for each in sending if (each.lease_until or "") <= stamp(now)
    ]


async def _unjoined(connection: AsyncConnection, now: datetime) -> list[str]:
    """Quotes of which everything has landed, and no film was made."""
    mine = job.c.quote_id == quote.c.id
    under_way = job.c.finished_at.is_(None) | (job.c.finished_at > stamp(now - LANDED))
    unfetched = (job.c.state == "succeeded") & job.c.clip_id.is_(None)
    reused = exists().where(quote_line.c.quote_id == quote.c.id, quote_line.c.reused_clip_id.is_not(None))
    query = select(quote.c.id).where(
        quote.c.state == "approved",
        quote.c.decided_at.between(stamp(now - GIVEN_UP), stamp(now - LANDED)),
        ~exists().where(film.c.quote_id == quote.c.id),
        ~exists().where(mine, under_way | unfetched),
        exists().where(mine, job.c.clip_id.is_not(None)) | reused,
    )
    return list((await connection.execute(query)).scalars())


def _turn(now: datetime, every: timedelta) -> str:
    """One cause for everybody who sweeps in the same stretch of time: the second adds nothing."""
    return f"sweep {int(now.timestamp() // every.total_seconds())}"


async def take_over(connection: AsyncConnection, now: datetime) -> None:
    """Nobody else is alive, so every lease has ended, and nobody is looking after anything."""
    await connection.execute(update(job).where(job.c.state == "submitting").values(lease_until=None))
    looked_after = job.c.state.in_(("running", "unknown")) | (job.c.state == "succeeded") & job.c.clip_id.is_(
        None
    )
    await connection.execute(update(job).where(looked_after).values(next_poll_at=stamp(now)))
