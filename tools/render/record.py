"""What came of a request, written down: when it came, when it was late, or when a database can be written again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import jobs
from tools.clock import stamp
from tools.jobs import Job
from tools.money import ZERO
from tools.providers.base import Ambiguous, Refused, Submission, Submitted
from tools.render.kit import Kit
from tools.render.settle import bill_late, end
from tools.render.spill import Spilled
from tools.tables import take


async def record(kit: Kit, job: Job, outcome: Submission) -> None:
    """Move the job as claimed by what came; who lost its claim writes only what nobody else can know."""
    now = kit.clock()
    due = stamp(now + timedelta(seconds=kit.vendor(job.provider).capabilities.poll_seconds))
    async with kit.database.transaction() as connection:
        outcome = await _believed(connection, job, outcome)
        match outcome:
            case Submitted(provider_job_id):
                word, detail = "submitted", provider_job_id
                found = {"provider_job_id": provider_job_id, "next_poll_at": due, "error": None}
                own = await _unless_fenced(connection, job)
                moved = await jobs.move(connection, own, "running", at=now, **found)
            case Refused(reason):
                word, detail = "refused", reason
                moved = await end(connection, kit, job, "failed", ZERO, at=now, error=reason)
            case Ambiguous(reason):
                word, detail = "ambiguous", reason
                moved = await jobs.move(connection, job, "unknown", at=now, error=reason, next_poll_at=due)
            case _:
                assert_never(outcome)
        if moved is None and not isinstance(outcome, Refused):
            moved = await _after_a_word(connection, job, outcome, now)
        if moved is None:
            return  # somebody else's by now: a late answer writes nothing more
        await connection.execute(
            update(take)
            .where(take.c.job_id == job.id, take.c.n == job.takes)
            .values(outcome=word, detail=detail)
        )


async def _believed(connection: AsyncConnection, job: Job, outcome: Submission) -> Submission:
    """One vendor's job cannot be two of ours: a name that is taken says nothing about this one."""
    if not isinstance(outcome, Submitted):
        return outcome
    theirs = await jobs.named(connection, job.provider, outcome.provider_job_id)
    if theirs is None or theirs.id == job.id:
        return outcome
    return Ambiguous(f"the vendor gave it the name of another job: {outcome.provider_job_id}")


async def _unless_fenced(connection: AsyncConnection, claimed: Job) -> Job:
    """The job as claimed; or, if its answer was given up for lost meanwhile, as it stands.

    This is the lost answer, and brings the vendor's id. It says what was made, and sends nothing.
    """
    now = await jobs.get(connection, claimed.id)
    lost = now.state == "unknown" and now.provider_job_id is None and now.takes == claimed.takes
    return now if lost else claimed


async def _after_a_word(
    connection: AsyncConnection, claimed: Job, late: Submitted | Ambiguous, at: datetime
) -> Job | None:
    """A person closed the job while its request was still to leave, or under way. It may be billed after all."""
    now = await jobs.get(connection, claimed.id)
    name = late.provider_job_id if isinstance(late, Submitted) else None
    return await bill_late(connection, now, name, at) if now.takes == claimed.takes else None


async def bring_in(kit: Kit) -> None:
    """Record the answers that the database could not take when they came."""

    async def late(spilled: Spilled) -> None:
        async with kit.database.reading() as connection:
            now = await jobs.get(connection, spilled.job_id)
        claimed = replace(now, state="submitting", fence=spilled.fence)
        await record(kit, claimed, spilled.outcome)

    await kit.spill.bring_in(late)
