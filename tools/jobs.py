"""Render jobs as rows: one for each line of an approved quote that must be made.

ready -> submitting -> running -> succeeded | failed | canceled
  |          |-> failed (refused)    |
  |          `-> unknown -> running | failed | released (a person's word)
  |-> released (canceled before it was sent, or not sent in time)
  `-> quarantined (what would be sent is not what was approved)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, bindparam, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import events
from tools.clock import stamp
from tools.errors import NotFound
from tools.ids import new_job_id
from tools.money import Money
from tools.tables import JOB_STATES, OPEN_JOB_STATES, job

AT_WORK = ("ready", "submitting", "running")
_UNFETCHED = (job.c.state == "succeeded") & job.c.clip_id.is_(None)


@dataclass(frozen=True, slots=True)
class Job:
    """As stored. `charged` is None until the vendor's last word; stamps are UTC text."""

    id: str
    quote_id: str
    n: int
    owner: str
    shot_id: str
    provider: str
    model: str
    play_money: bool
    state: str
    expected: Money
    ceiling: Money
    charged: Money | None
    charge_source: str | None
    provider_job_id: str | None
    progress: float | None
    error: str | None
    clip_id: str | None
    takes: int
    fence: int
    lease_until: str | None
    missed: int
    created_at: str
    submit_by: str
    submitted_at: str | None
    finished_at: str | None

    @property
    def closed(self) -> bool:
        return self.state not in OPEN_JOB_STATES

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "quote_id": self.quote_id,
            "n": self.n,
            "shot_id": self.shot_id,
            "provider": self.provider,
            "model": self.model,
            "play_money": self.play_money,
            "state": self.state,
            "provider_job_id": self.provider_job_id,
            "progress": self.progress,
            "expected_usd": str(self.expected),
            "ceiling_usd": str(self.ceiling),
            "charged_usd": None if self.charged is None else str(self.charged),
            "charge_source": self.charge_source,
            "error": self.error,
            "clip_id": self.clip_id,
            "clip_url": None if self.clip_id is None else f"/api/clips/{self.clip_id}.mp4",
            "takes": self.takes,
            "created_at": self.created_at,
            "submitted_at": self.submitted_at,
            "finished_at": self.finished_at,
        }


@dataclass(frozen=True, slots=True)
class NewJob:
    quote_id: str
    n: int
    owner: str
    shot_id: str
    provider: str
    model: str
    play_money: bool
    expected: Money
    ceiling: Money


async def create(connection: AsyncConnection, new: NewJob, *, at: datetime, submit_by: datetime) -> Job:
    job_id = new_job_id()
    await connection.execute(
        insert(job).values(
            id=job_id,
            quote_id=new.quote_id,
            n=new.n,
            owner=new.owner,
            shot_id=new.shot_id,
            provider=new.provider,
            model=new.model,
            play_money=new.play_money,
            state="ready",
            expected_micros=new.expected.micros,
            ceiling_micros=new.ceiling.micros,
            created_at=stamp(at),
            submit_by=stamp(submit_by),
        )
    )
    created = await get(connection, job_id)
    await announce(connection, created, at)
    return created


async def get(connection: AsyncConnection, job_id: str, owner: str | None = None) -> Job:
    row = (await connection.execute(select(job).where(job.c.id == job_id))).one_or_none()
    if row is None or owner not in (None, row.owner):
        raise NotFound("job", job_id)
    return _read(row)


async def named(connection: AsyncConnection, provider: str, provider_job_id: str) -> Job | None:
    """The job that a vendor knows by this name."""
    found = await _where(
        connection, (job.c.provider == provider) & (job.c.provider_job_id == provider_job_id)
    )
    return found[0] if found else None


async def of_quote(connection: AsyncConnection, quote_id: str) -> list[Job]:
    return await _where(connection, job.c.quote_id == quote_id)


async def recent(connection: AsyncConnection, owner: str, count: int = 100) -> list[Job]:
    query = select(job).where(job.c.owner == owner).order_by(job.c.created_at.desc(), job.c.n).limit(count)
    return [_read(row) for row in await connection.execute(query)]


async def in_states(connection: AsyncConnection, *states: str) -> list[Job]:
    return await _where(connection, job.c.state.in_(states))


async def unfetched(connection: AsyncConnection) -> list[Job]:
    """Paid for, and not brought home."""
    return await _where(connection, _UNFETCHED)


async def count_states(connection: AsyncConnection) -> dict[str, int]:
    """How many jobs are in each state, with a zero for those that have none."""
    rows = await connection.execute(select(job.c.state, func.count()).group_by(job.c.state))
    counted = {row[0]: row[1] for row in rows}
    return {state: counted.get(state, 0) for state in JOB_STATES}


async def due(
    connection: AsyncConnection, state: str, at: datetime, *, provider: str | None = None, count: int = 100
) -> list[Job]:
    """Jobs without a clip that should be looked after now: running, unknown, or paid and not yet fetched."""
    query = select(job).where(job.c.state == state, job.c.clip_id.is_(None), job.c.next_poll_at <= stamp(at))
    if provider is not None:
        query = query.where(job.c.provider == provider)
    rows = await connection.execute(query.order_by(job.c.next_poll_at).limit(count))
    return [_read(row) for row in rows]


async def claim_due(
    connection: AsyncConnection,
    state: str,
    at: datetime,
    *,
    until: datetime,
    provider: str | None = None,
    count: int = 100,
) -> list[Job]:
    """Take what is due for one worker alone: until then nobody else finds it due."""
    claimed = await due(connection, state, at, provider=provider, count=count)
    await connection.execute(
        update(job).where(job.c.id.in_([each.id for each in claimed])).values(next_poll_at=stamp(until))
    )
    return claimed


async def claim_again(
    connection: AsyncConnection, claimed: Sequence[Job], *, claimed_until: datetime, until: datetime
) -> None:
    """Keep what was claimed for longer, but for what somebody wants looked at sooner."""
    await connection.execute(_still_claimed(claimed, claimed_until).values(next_poll_at=stamp(until)))


async def postpone(connection: AsyncConnection, claimed: Job, until: datetime) -> None:
    """Nobody needs to look after the job before that; no news for those who watch it."""
    await connection.execute(
        update(job)
        .where(job.c.id == claimed.id, job.c.state == claimed.state, job.c.fence == claimed.fence)
        .values(next_poll_at=stamp(until))
    )


async def saw_running(
    connection: AsyncConnection, claimed: Sequence[Job], *, claimed_until: datetime, until: datetime
) -> None:
    """Their vendor still works on all of these. One that somebody wants looked at sooner stays due sooner."""
    seen = _still_claimed(claimed, claimed_until).where(job.c.state == "running")
    await connection.execute(seen.values(next_poll_at=stamp(until), missed=0))


def _still_claimed(claimed: Sequence[Job], claimed_until: datetime) -> Update:
    ours = job.c.id.in_([each.id for each in claimed])
    return update(job).where(ours, job.c.next_poll_at == stamp(claimed_until))


async def advance(connection: AsyncConnection, moved: Sequence[Job], at: datetime) -> None:
    """Write and announce the progress of many running jobs, but of none that was touched since it was read."""
    fences = select(job.c.id, job.c.fence).where(
        job.c.id.in_([each.id for each in moved]), job.c.state == "running"
    )
    standing = {(row.id, row.fence) for row in await connection.execute(fences)}
    advanced = [each for each in moved if (each.id, each.fence) in standing]
    if advanced:
        statement = update(job).where(job.c.id == bindparam("job_id")).values(progress=bindparam("share"))
        await connection.execute(
            statement, [{"job_id": each.id, "share": each.progress} for each in advanced]
        )
        await events.record_all(connection, "job", [_news(each) for each in advanced], at=at)


async def count_running(connection: AsyncConnection) -> dict[str, int]:
    """How many jobs each vendor has under way."""
    query = select(job.c.provider, func.count()).where(job.c.state == "running").group_by(job.c.provider)
    return {row[0]: row[1] for row in await connection.execute(query)}


async def waiting(connection: AsyncConnection) -> dict[str, str | None]:
    """The states of all jobs that a look could move, and when the first in each is due.

    That is, of those that are not closed, or paid for and not brought home.
    """
    moment = case((job.c.state == "ready", job.c.submit_by), else_=job.c.next_poll_at)
    query = select(job.c.state, func.min(moment)).where(job.c.state.in_(("unknown", *AT_WORK)) | _UNFETCHED)
    return {row[0]: row[1] for row in await connection.execute(query.group_by(job.c.state))}


async def overdue(connection: AsyncConnection, at: datetime) -> list[Job]:
    """Jobs that were approved too long ago to be sent any more."""
    return await _where(connection, (job.c.state == "ready") & (job.c.submit_by < stamp(at)))


async def move(
    connection: AsyncConnection, before: Job, state: str, *, at: datetime, **changes: Any
) -> Job | None:
    """Compare and set: None if the job is no longer in the state and under the fence it was read with."""
    moved = await connection.execute(
        update(job)
        .where(job.c.id == before.id, job.c.state == before.state, job.c.fence == before.fence)
        .values(state=state, **changes)
    )
    if moved.rowcount != 1:
        return None
    after = await get(connection, before.id)
    await announce(connection, after, at)
    return after


async def announce(connection: AsyncConnection, changed: Job, at: datetime) -> None:
    await events.record_all(connection, "job", [_news(changed)], at=at)


def _news(changed: Job) -> events.News:
    return events.News(changed.owner, changed.id, changed.to_json())


async def _where(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[Job]:
    rows: Sequence[Row[tuple[object, ...]]] = (
        await connection.execute(select(job).where(condition).order_by(job.c.created_at, job.c.n))
    ).all()
    return [_read(row) for row in rows]


def _read(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        quote_id=row.quote_id,
        n=row.n,
        owner=row.owner,
        shot_id=row.shot_id,
        provider=row.provider,
        model=row.model,
        play_money=row.play_money,
        state=row.state,
        expected=Money(row.expected_micros),
        ceiling=Money(row.ceiling_micros),
        charged=None if row.charged_micros is None else Money(row.charged_micros),
        charge_source=row.charge_source,
        provider_job_id=row.provider_job_id,
        progress=row.progress,
        error=row.error,
        clip_id=row.clip_id,
        takes=row.takes,
        fence=row.fence,
        lease_until=row.lease_until,
        missed=row.missed,
        created_at=row.created_at,
        submit_by=row.submit_by,
        submitted_at=row.submitted_at,
        finished_at=row.finished_at,
    )
