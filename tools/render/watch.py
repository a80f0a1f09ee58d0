"""Waiting: one look at everything that is under way, and what a look makes due."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from tools import jobs
from tools.clock import stamp
from tools.jobs import Job
from tools.providers.base import Missing, Running
from tools.render import mark
from tools.render.kit import Kit
from tools.render.seek import ASK_AGAIN, seek_unknown
from tools.render.send import LATE, bring_in
from tools.render.settle import release
from tools.render.sweep import take_over

LOOK_AGAIN = timedelta(seconds=20)  # when whoever claimed a job, or works for it, should long be through
FETCH_AGAIN = timedelta(minutes=5)
MISSED_MAX = 5  # looks in a row at which the vendor does not know a job that it took
FORGOTTEN = "the vendor does not know this job any more"


async def look_after(kit: Kit) -> bool:
    """One look at everything that waits; True while a vendor has work of ours, so that another look is due soon."""
    await bring_in(kit)
    async with kit.database.reading() as connection:
        waiting = await jobs.waiting_states(connection)
    if not waiting:
        return False
    await poll_due(kit)
    await seek_unknown(kit)
    await release_late(kit)
    await fetch_again(kit)
    return not waiting.isdisjoint(jobs.AT_WORK)


async def poll_due(kit: Kit) -> int:
    """Ask the vendors about every running job whose time has come; returns how many were asked."""
    due = await _claim_due(kit, "running")
    for job in due:
        await _poll(kit, job)
    return len(due)


async def _claim_due(kit: Kit, state: str, pause: timedelta = LOOK_AGAIN) -> list[Job]:
    """What is due, for this worker alone; nothing is written while nothing is due."""
    now = kit.clock()
    async with kit.database.reading() as connection:
        if not await jobs.due(connection, state, now, count=1):
            return []
    async with kit.database.transaction() as connection:
        return await jobs.claim_due(connection, state, now, until=now + pause)


async def _poll(kit: Kit, job: Job) -> None:
    provider = kit.providers[job.provider]
    status = await provider.poll(str(job.provider_job_id))
    now = kit.clock()
    async with kit.database.transaction() as connection:
        if isinstance(status, Running):
            due = stamp(now + timedelta(seconds=provider.capabilities.poll_seconds))
            seen = {"progress": status.progress, "next_poll_at": due, "missed": 0}
            await jobs.move(connection, job, "running", at=now, **seen)
        elif isinstance(status, Missing):
            await _miss(connection, job, now)
        else:
            await jobs.postpone(connection, job, now + LOOK_AGAIN)
            await kit.engine.enqueue(connection, "finish_job", job.id, cause=stamp(now))


async def _miss(connection: AsyncConnection, job: Job, now: datetime) -> None:
    """Lists lag, so one look proves nothing; several, and nobody knows what became of the job."""
    missed = job.missed + 1
    due = {"missed": missed, "next_poll_at": stamp(now + ASK_AGAIN)}
    if missed < MISSED_MAX:
        await jobs.move(connection, job, "running", at=now, **due)
    else:
        await jobs.move(connection, job, "unknown", at=now, error=FORGOTTEN, **due)


async def release_late(kit: Kit) -> None:
    """Give back what still waits 15 minutes after its approval: old approvals do not spend."""
    now = kit.clock()
    async with kit.database.reading() as connection:
        late = await jobs.overdue(connection, now)
    for job in late:
        async with kit.database.transaction() as connection:
            await release(connection, kit, job, LATE, now)


async def fetch_again(kit: Kit) -> None:
    """Make clips due once more that could not be brought home: paid work is not given up."""
    now = kit.clock()
    missing = await _claim_due(kit, "succeeded", FETCH_AGAIN)
    for job in missing:
        async with kit.database.transaction() as connection:
            await kit.engine.enqueue(connection, "finish_job", job.id, cause=stamp(now))


async def resume(kit: Kit) -> None:
    """Make every job due again that a stopped process may have left: claims and keys sort out the rest.

    Where one process works alone, and has just begun, nobody else can be sending anything.
    """
    now = kit.clock()
    await bring_in(kit)
    async with kit.database.transaction() as connection:
        if await mark.stop_if_restored(connection, kit, now):
            mark.write(kit.mark, await mark.newest(connection), anew=True)
        if not kit.database.shared:
            await take_over(connection, now)
        for job in await jobs.in_states(connection, "ready", "submitting"):
            await kit.engine.enqueue(connection, "submit_job", job.id, cause=f"start {stamp(now)}")
        for job in await jobs.in_states(connection, "succeeded"):
            if job.clip_id is None:
                await kit.engine.enqueue(connection, "finish_job", job.id, cause=f"start {stamp(now)}")
