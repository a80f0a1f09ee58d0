"""A person steps in: stop a job, or say what became of one."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import jobs
from tools.clock import stamp
from tools.errors import Conflict
from tools.jobs import Job
from tools.money import ZERO, Money
from tools.render.kit import Kit
from tools.render.settle import end, release
from tools.tables import job as job_table


async def cancel(kit: Kit, job_id: str, *, owner: str | None) -> Job:
    """Stop a job. Before it is sent its money goes back at once; after, the vendor's last word decides."""
    now = kit.clock()
    async with kit.database.transaction() as connection:
        job = await _stopped(connection, kit, await jobs.get(connection, job_id, owner), now)
    if job.state == "running" and kit.vendor(job.provider).capabilities.cancel:
        await kit.vendor(job.provider).cancel(str(job.provider_job_id))
        await _poll_soon(kit, job, now)
    elif job.state in ("submitting", "unknown", "quarantined"):
        raise Conflict(job.id)
    async with kit.database.reading() as connection:
        return await jobs.get(connection, job_id, owner)


async def _stopped(connection: AsyncConnection, kit: Kit, job: Job, now: datetime) -> Job:
    """Released, if it was not sent; or as a worker that was first left it."""
    if job.state != "ready":
        return job
    released = await release(connection, kit, job, "canceled before it was sent", now)
    return released or await jobs.get(connection, job.id)


async def _poll_soon(kit: Kit, job: Job, now: datetime) -> None:
    async with kit.database.transaction() as connection:
        await connection.execute(
            update(job_table)
            .where(job_table.c.id == job.id, job_table.c.state == "running")
            .values(next_poll_at=stamp(now))
        )


async def resolve(kit: Kit, job_id: str, charged: Money, *, owner: str | None, by: str) -> Job:
    """A person's word on an `unknown` job: it was charged this much, or nothing."""
    now = kit.clock()
    async with kit.database.transaction() as connection:
        job = await jobs.get(connection, job_id, owner)
        if job.state not in ("unknown", "quarantined"):
            raise Conflict(job.id)
        error = f"{by} said that the vendor charged ${charged}"
        if charged > ZERO:
            await end(connection, kit, job, "failed", charged, at=now, error=error, charge_source="person")
        else:
            await release(connection, kit, job, error, now)
        return await jobs.get(connection, job_id)
