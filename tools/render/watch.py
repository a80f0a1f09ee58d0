"""Waiting: one look at everything that is under way, and what a look makes due."""

from datetime import timedelta

from tools import jobs
from tools.clock import stamp
from tools.jobs import Job
from tools.providers.base import Running
from tools.render.kit import Kit
from tools.render.send import LATE, last_take
from tools.render.settle import release

LOOK_AGAIN = timedelta(seconds=60)  # when a finishing workflow should long be through
FETCH_AGAIN = timedelta(minutes=5)


async def look_after(kit: Kit) -> bool:
    """One look at everything that waits; True while a vendor has work of ours, so that another look is due soon."""
    async with kit.database.reading() as connection:
        waiting = await jobs.waiting_states(connection)
    if not waiting:
        return False
    await poll_due(kit)
    await adopt_unknown(kit)
    await release_late(kit)
    await fetch_again(kit)
    return not waiting.isdisjoint(jobs.AT_WORK)


async def poll_due(kit: Kit) -> int:
    """Ask the vendors about every running job whose time has come; returns how many were asked."""
    async with kit.database.reading() as connection:
        due = await jobs.due(connection, "running", kit.clock())
    for job in due:
        await _poll(kit, job)
    return len(due)


async def _poll(kit: Kit, job: Job) -> None:
    provider = kit.providers[job.provider]
    status = await provider.poll(str(job.provider_job_id))
    now = kit.clock()
    async with kit.database.transaction() as connection:
        if isinstance(status, Running):
            due = stamp(now + timedelta(seconds=provider.capabilities.poll_seconds))
            await jobs.move(connection, job, "running", at=now, progress=status.progress, next_poll_at=due)
        else:
            moved = await jobs.move(connection, job, "running", at=now, next_poll_at=stamp(now + LOOK_AGAIN))
            if moved is not None:
                await kit.engine.enqueue(connection, "finish_job", job.id, cause=stamp(now))


async def adopt_unknown(kit: Kit) -> None:
    """Look for jobs whose answer was lost, where the vendor can be asked. Never sends anything."""
    async with kit.database.reading() as connection:
        lost = await jobs.due(connection, "unknown", kit.clock())
        takes = {job.id: await last_take(connection, job) for job in lost}
    for job in lost:
        found = await kit.providers[job.provider].find(takes[job.id].id)
        now = kit.clock()
        async with kit.database.transaction() as connection:
            if found is None:
                again = stamp(now + LOOK_AGAIN)
                await jobs.move(connection, job, "unknown", at=now, next_poll_at=again)
            else:
                seen = {"provider_job_id": found, "next_poll_at": stamp(now), "error": None}
                await jobs.move(connection, job, "running", at=now, **seen)


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
    async with kit.database.reading() as connection:
        missing = await jobs.due(connection, "succeeded", now)
    for job in missing:
        async with kit.database.transaction() as connection:
            await jobs.move(connection, job, "succeeded", at=now, next_poll_at=stamp(now + FETCH_AGAIN))
            await kit.engine.enqueue(connection, "finish_job", job.id, cause=stamp(now))


async def resume(kit: Kit) -> None:
    """Make every job due again that a stopped process may have left: claims and keys sort out the rest."""
    now = kit.clock()
    async with kit.database.transaction() as connection:
        for job in await jobs.in_states(connection, "ready", "submitting"):
            await kit.engine.enqueue(connection, "submit_job", job.id, cause=f"start {stamp(now)}")
        for job in await jobs.in_states(connection, "succeeded"):
            if job.clip_id is None:
                await kit.engine.enqueue(connection, "finish_job", job.id, cause=f"start {stamp(now)}")
