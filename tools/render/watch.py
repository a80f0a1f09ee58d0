"""Waiting: one look at everything that is under way, and what a look makes due."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import assert_never

from anyio import CancelScope, create_task_group, sleep
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import jobs
from tools.clock import read_stamp, stamp
from tools.errors import Busy
from tools.jobs import Job
from tools.providers.absent import Absent
from tools.providers.base import Capabilities, Failed, Missing, Running, Silent, Status, Succeeded
from tools.render import mark
from tools.render.kit import Kit
from tools.render.record import bring_in
from tools.render.seek import ASK_AGAIN, seek_unknown
from tools.render.send import LATE
from tools.render.settle import release, wake
from tools.render.sweep import idle, take_over

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(seconds=20)  # when whoever works for a job should long be through
CLAIM = timedelta(seconds=3)  # of a look: as long as others wait for one who dies in it
CLAIM_AGAIN_SECONDS = 1.0  # while the vendor has not answered
FETCH_AGAIN = timedelta(minutes=5)
SOON = timedelta(seconds=1)
ROUND_MAX = 250  # jobs of a vendor in one look
QUESTIONS_A_SECOND = 50  # to one vendor: more would be refused, and be most of what this process does
MISSED_MAX = 5  # looks in a row at which the vendor does not know a job that it took
FORGOTTEN = "the vendor does not know this job any more"


async def look_after(kit: Kit) -> float:
    """One look at everything that waits; returns the seconds until the next is due, none left if this one was."""
    await bring_in(kit)
    async with kit.database.reading() as connection:
        waiting = await jobs.waiting(connection)
    now = stamp(kit.clock())
    due = {state for state, at in waiting.items() if at is not None and at <= now}
    if "running" in due:
        await poll_due(kit)
    if "unknown" in due:
        await seek_unknown(kit)
    if "ready" in due:
        await release_late(kit)
    if "succeeded" in due:
        await fetch_again(kit)
    soonest = min(filter(None, waiting.values()), default=None)
    return inf if soonest is None else (read_stamp(soonest) - kit.clock()).total_seconds()


async def poll_due(kit: Kit) -> int:
    """Ask the vendors about every running job whose time has come; returns how many were asked.

    All vendors at once, so that none waits for another; each by as many questions as it takes.
    """
    rounds = await _claim_running(kit)
    told: dict[str, Mapping[str, Status]] = {}

    async def ask(each: _Round) -> None:
        names = [str(job.provider_job_id) for job in each.asked]
        told[each.provider] = await kit.vendor(each.provider).poll_many(names)

    async with create_task_group() as meanwhile:
        meanwhile.start_soon(_keep, kit, rounds)
        async with create_task_group() as group:
            for each in rounds:
                group.start_soon(ask, each)
        meanwhile.cancel_scope.cancel()
    for each in rounds:
        await _record(kit, each, told[each.provider])
    return sum(len(each.asked) for each in rounds)


@dataclass(slots=True)
class _Round:
    """Jobs of one vendor that are asked about together, and how long after that they may rest."""

    provider: str
    asked: list[Job]
    claimed_until: datetime
    pause: timedelta


async def _keep(kit: Kit, rounds: list[_Round]) -> None:
    """Claim again what is still being asked about: who lives may wait for a slow vendor, who died may not."""
    while True:
        await sleep(CLAIM_AGAIN_SECONDS)
        until = kit.clock() + CLAIM
        try:
            with CancelScope(shield=True):  # the answers are written down by the claim that stands
                await _claim_again(kit, rounds, until)
        except (DBAPIError, Busy) as error:  # it lapses, and others may ask, too
            log.warning("what is asked about could not be claimed again: %s", str(error).splitlines()[0])


async def _claim_again(kit: Kit, rounds: list[_Round], until: datetime) -> None:
    async with kit.database.transaction() as connection:
        for each in rounds:
            held = each.claimed_until
            await jobs.claim_again(connection, each.asked, claimed_until=held, until=until)
    for each in rounds:
        each.claimed_until = until


async def _claim_running(kit: Kit) -> list[_Round]:
    """What is due, by vendor, for this worker alone; nothing is written while nothing is due."""
    now = kit.clock()
    async with kit.database.reading() as connection:
        if not await jobs.due(connection, "running", now, count=1):
            return []
        crowds = await jobs.count_running(connection)
    async with kit.database.transaction() as connection:
        rounds = [await _claim_round(connection, kit, name, crowd, now) for name, crowd in crowds.items()]
    return [each for each in rounds if each.asked]


async def _claim_round(
    connection: AsyncConnection, kit: Kit, provider: str, crowd: int, now: datetime
) -> _Round:
    """Jobs that are due very soon are asked about along with the others: few large rounds, not many small."""
    rest = pause(kit.vendor(provider).capabilities, crowd)
    until = now + CLAIM
    asked = await jobs.claim_due(
        connection, "running", now + min(rest / 5, SOON), until=until, provider=provider, count=ROUND_MAX
    )
    return _Round(provider, asked, until, rest)


def pause(vendor: Capabilities, crowd: int) -> timedelta:
    """Between two looks at a job: the vendor's own, or longer where so many wait that it would be asked too often."""
    return timedelta(seconds=max(vendor.poll_seconds, crowd / (QUESTIONS_A_SECOND * vendor.together)))


async def _record(kit: Kit, round_: _Round, told: Mapping[str, Status]) -> None:
    """Write down what was said: the usual word about many jobs at once, a last word about each for itself."""
    now = kit.clock()
    said = [(job, told.get(str(job.provider_job_id), Silent())) for job in round_.asked]
    running = [(job, status) for job, status in said if isinstance(status, Running | Silent)]
    moved = [
        replace(job, progress=status.progress)
        for job, status in running
        if isinstance(status, Running) and status.progress != job.progress
    ]
    async with kit.database.transaction() as connection:
        await jobs.saw_running(
            connection,
            [job for job, _ in running],
            claimed_until=round_.claimed_until,
            until=now + round_.pause,
        )
        await jobs.advance(connection, moved, now)
        await _complain(connection, kit, round_, now)
    for job, status in said:
        match status:
            case Running() | Silent():
                pass
            case Missing():
                await _miss(kit, job, now)
            case Succeeded() | Failed():
                await _make_finish_due(kit, job, now)
            case _:
                assert_never(status)


async def _complain(connection: AsyncConnection, kit: Kit, round_: _Round, now: datetime) -> None:
    """Say which setting is missing for a vendor's jobs, until it is there again."""
    vendor = kit.vendor(round_.provider)
    why = vendor.why if isinstance(vendor, Absent) else None
    for job in round_.asked:
        if job.error != why:
            await jobs.move(connection, job, "running", at=now, error=why)


async def _make_finish_due(kit: Kit, job: Job, now: datetime) -> None:
    async with kit.database.transaction() as connection:
        await jobs.postpone(connection, job, now + LOOK_AGAIN)
        await kit.engine.enqueue(connection, "finish_job", job.id, cause=stamp(now))


async def _miss(kit: Kit, job: Job, now: datetime) -> None:
    """Lists lag, so one look proves nothing; several, and nobody knows what became of the job."""
    missed = job.missed + 1
    due = {"missed": missed, "next_poll_at": stamp(now + ASK_AGAIN)}
    async with kit.database.transaction() as connection:
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
    async with kit.database.reading() as connection:
        if not await jobs.due(connection, "succeeded", now, count=1):
            return
    async with kit.database.transaction() as connection:
        missing = await jobs.claim_due(connection, "succeeded", now, until=now + FETCH_AGAIN)
    for job in missing:
        async with kit.database.transaction() as connection:
            await kit.engine.enqueue(connection, "finish_job", job.id, cause=stamp(now))


async def resume(kit: Kit) -> None:
    """Make due again what a stopped process may have left: claims and keys sort out the rest.

    Where one process works alone, and has just begun, nobody else can be sending anything.
    """
    now = kit.clock()
    await bring_in(kit)
    async with kit.database.transaction() as connection:
        if await mark.stop_if_restored(connection, kit, now):
            mark.write(kit.mark, await mark.newest(connection), anew=True)
        if not kit.database.shared:
            await take_over(connection, now)
        for job in await idle(connection, kit, now):
            await wake(connection, kit, job, now)
        for job in await jobs.in_states(connection, "submitting"):
            await kit.engine.enqueue(connection, "submit_job", job.id, cause=f"start {stamp(now)}")
        for job in await jobs.unfetched(connection):
            await kit.engine.enqueue(connection, "finish_job", job.id, cause=f"start {stamp(now)}")
