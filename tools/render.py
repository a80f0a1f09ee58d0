"""The life of one render job: record, act, settle.

`submit` writes down that it is about to send, commits, sends exactly one request, and writes
down what came of it. `poll_due` asks vendors about what is running. `settle` captures what
the vendor billed and releases the rest; `fetch` brings the clip home. Each may be cut off
anywhere and called again.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import approvals, clips, film, jobs, ledger, quotes
from tools.clips import Clip, Label, Shelf
from tools.clock import Clock, read_stamp, stamp
from tools.db import Database
from tools.engine import Engine
from tools.errors import Conflict, Invalid
from tools.ids import TakeId, new_take_id
from tools.jobs import Job
from tools.money import ZERO, Money
from tools.providers.base import (
    Ambiguous,
    Failed,
    Refused,
    RenderRequest,
    Running,
    Submission,
    Submitted,
    Succeeded,
    VideoProvider,
)
from tools.quotes import Quote, QuoteLine
from tools.tables import job as job_table
from tools.tables import take

LOOK_AGAIN = timedelta(seconds=60)  # when a finishing workflow should long be through
FETCH_AGAIN = timedelta(minutes=5)
WORKER = "worker"
LATE = "not sent within 15 minutes of its approval"
ALTERED = "what would be sent is not what was approved"


@dataclass(frozen=True, slots=True)
class Kit:
    """What rendering needs, and no more."""

    database: Database
    engine: Engine
    clock: Clock
    providers: Mapping[str, VideoProvider]
    shelf: Shelf
    worker: str  # this process, by a name that no other has had


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this call alone may send. `again` is set when an earlier call may have sent it."""

    job: Job
    request: RenderRequest
    again: bool


# --- sending -------------------------------------------------------------------------------


async def submit(kit: Kit, job_id: str) -> None:
    """Send a ready job, once. A job found half-sent is looked up, never simply sent again."""
    claim = await _claim(kit, job_id)
    if claim is None:
        return
    provider = kit.providers[claim.job.provider]
    outcome = await _recover(provider, claim) if claim.again else await provider.submit(claim.request)
    await _record(kit, claim.job, outcome)


async def _recover(provider: VideoProvider, claim: Claim) -> Submission:
    """A process died between the intent and the answer. What may be done depends on the vendor."""
    if provider.capabilities.idempotent:
        return await provider.submit(claim.request)  # the same key: the vendor makes no second job
    found = await provider.find(claim.request.take_id)
    return Ambiguous("the answer was lost") if found is None else Submitted(found)


async def _claim(kit: Kit, job_id: str) -> Claim | None:
    now = kit.clock()
    async with kit.database.transaction() as connection:
        job = await jobs.get(connection, job_id)
        offer = await quotes.get(connection, job.quote_id)
        line = next(each for each in offer.lines if each.n == job.n)
        if job.state == "submitting":
            return await _left_behind(connection, job, line, worker=kit.worker, now=now)
        if job.state != "ready":
            return None
        if now > read_stamp(job.submit_by):
            await _release(connection, kit, job, LATE, now)
            return None
        if not await _is_what_was_approved(connection, offer, line):
            await _set_apart(connection, kit, job, now)
            return None
        if await _at_work(connection, job.provider) >= kit.providers[job.provider].capabilities.concurrent:
            return None  # `_make_room` makes it due when another job of the vendor ends
        return await _take(connection, job, line, worker=kit.worker, now=now)


async def _left_behind(
    connection: AsyncConnection, job: Job, line: QuoteLine, *, worker: str, now: datetime
) -> Claim | None:
    """A half-sent job, unless the call that is sending it is alive in this very process."""
    last = await _last_take(connection, job)
    if last.worker == worker:
        return None
    taken = await jobs.move(connection, job, "submitting", at=now, fence=job.fence + 1)
    if taken is None:
        return None
    await connection.execute(update(take).where(take.c.id == last.id).values(worker=worker))
    return Claim(taken, request_of(line, TakeId(last.id)), again=True)


async def _last_take(connection: AsyncConnection, job: Job) -> Row[Any]:
    query = select(take).where(take.c.job_id == job.id, take.c.n == job.takes)
    return (await connection.execute(query)).one()


async def _is_what_was_approved(connection: AsyncConnection, offer: Quote, line: QuoteLine) -> bool:
    """The bytes about to leave are those the approval's digest covers."""
    given = await approvals.of_quote(connection, offer.id)
    return (
        given is not None
        and given.digest == offer.digest
        and quotes.verify(offer)
        and quotes.body_sha256(offer.offer.provider, line.body) == line.body_sha256
    )


async def _set_apart(connection: AsyncConnection, kit: Kit, job: Job, now: datetime) -> None:
    """Never sent, and its hold stays until a person has looked."""
    apart = await jobs.move(connection, job, "quarantined", at=now, error=ALTERED)
    if apart is not None:
        await _make_room(connection, kit, apart)


async def _at_work(connection: AsyncConnection, provider: str) -> int:
    """Places taken at a vendor. A job whose answer was lost may well be under way there."""
    busy = await jobs.in_states(connection, "submitting", "running", "unknown")
    return sum(job.provider == provider for job in busy)


async def _take(
    connection: AsyncConnection, job: Job, line: QuoteLine, *, worker: str, now: datetime
) -> Claim | None:
    """Write the intent: after this commit, and not before, one request may leave."""
    take_id = new_take_id()
    moved = await jobs.move(
        connection,
        job,
        "submitting",
        at=now,
        fence=job.fence + 1,
        takes=job.takes + 1,
        submitted_at=stamp(now),
    )
    if moved is None:
        return None
    intent = insert(take).values(id=take_id, job_id=job.id, n=moved.takes, worker=worker, at=stamp(now))
    await connection.execute(intent)
    return Claim(moved, request_of(line, take_id), again=False)


def request_of(line: QuoteLine, take_id: TakeId) -> RenderRequest:
    """A stored line as a vendor's adapter takes it."""
    return request_from(line.body, take_id, line.n)


def request_from(body: Mapping[str, Any], take_id: TakeId, number: int) -> RenderRequest:
    return RenderRequest(
        take_id=take_id,
        model=body["model"],
        prompt=body["prompt"],
        negative_prompt=body["negative_prompt"],
        seconds=body["seconds"],
        resolution=body["resolution"],
        aspect_ratio=body["aspect_ratio"],
        audio=body["audio"],
        caption=body["caption"],
        title_card=body["title_card"],
        camera=body["camera"],
        number=number,
        styles=tuple(body["styles"]),
        mood=body["mood"],
    )


async def _record(kit: Kit, job: Job, outcome: Submission) -> None:
    now = kit.clock()
    due = stamp(now + timedelta(seconds=kit.providers[job.provider].capabilities.poll_seconds))
    async with kit.database.transaction() as connection:
        match outcome:
            case Submitted(provider_job_id):
                word, detail = "submitted", provider_job_id
                moved = await jobs.move(
                    connection, job, "running", at=now, provider_job_id=provider_job_id, next_poll_at=due
                )
            case Refused(reason):
                word, detail = "refused", reason
                moved = await _end(connection, kit, job, "failed", ZERO, at=now, error=reason)
            case Ambiguous(reason):
                word, detail = "ambiguous", reason
                moved = await jobs.move(connection, job, "unknown", at=now, error=reason, next_poll_at=due)
            case _:
                assert_never(outcome)
        if moved is None:
            return  # somebody else's by now: a late answer writes nothing
        await connection.execute(
            update(take)
            .where(take.c.job_id == job.id, take.c.n == job.takes)
            .values(outcome=word, detail=detail)
        )


# --- waiting -------------------------------------------------------------------------------


async def look_after(kit: Kit) -> bool:
    """One look at everything that waits; True while a vendor has work of ours, so that another look is due soon."""
    async with kit.database.reading() as connection:
        waiting = await jobs.is_any_waiting(connection)
    if not waiting:
        return False
    await poll_due(kit)
    await adopt_unknown(kit)
    await release_late(kit)
    await fetch_again(kit)
    return True


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
        takes = {job.id: await _last_take(connection, job) for job in lost}
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
            await _release(connection, kit, job, LATE, now)


async def fetch_again(kit: Kit) -> None:
    """Make clips due once more that could not be brought home: paid work is not given up."""
    now = kit.clock()
    async with kit.database.reading() as connection:
        missing = await jobs.due(connection, "succeeded", now)
    for job in missing:
        async with kit.database.transaction() as connection:
            await jobs.move(connection, job, "succeeded", at=now, next_poll_at=stamp(now + FETCH_AGAIN))
            await kit.engine.enqueue(connection, "finish_job", job.id, cause=stamp(now))


# --- ending --------------------------------------------------------------------------------


async def settle(kit: Kit, job_id: str) -> None:
    """Ask the vendor for its last word, and settle the money by it. Safe to repeat."""
    async with kit.database.reading() as connection:
        job = await jobs.get(connection, job_id)
    if job.state != "running":
        return
    status = await kit.providers[job.provider].poll(str(job.provider_job_id))
    now = kit.clock()
    async with kit.database.transaction() as connection:
        match status:
            case Running():
                return
            case Succeeded(reported):
                charged, source = _bill(kit, job, None if reported == ZERO else reported)
                await _end(
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
                await _end(connection, kit, job, state, charged, at=now, charge_source=source, error=reason)
            case _:
                assert_never(status)


def _bill(kit: Kit, job: Job, reported: Money | None) -> tuple[Money, str]:
    """What to charge: the vendor's report; its price where it never reports; the whole hold where one is due."""
    capabilities = kit.providers[job.provider].capabilities
    if capabilities.free:
        return ZERO, "free"
    if reported is not None and reported >= ZERO:
        return reported, "reported"
    return (job.ceiling, "assumed") if capabilities.reports_cost else (job.expected, "computed")


async def _end(
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
    await _make_room(connection, kit, ended)
    if state != "succeeded":
        await _assemble_if_complete(connection, kit.engine, ended)
    return ended


async def _release(connection: AsyncConnection, kit: Kit, job: Job, reason: str, at: datetime) -> Job | None:
    """Give the whole hold back: nothing was ever sent, or a person says that nothing is billed."""
    released = await jobs.move(
        connection, job, "released", at=at, error=reason, charged_micros=0, finished_at=stamp(at)
    )
    if released is not None:
        await ledger.settle(connection, job.id, ZERO, principal=WORKER, at=at)
        await _make_room(connection, kit, released)
        await _assemble_if_complete(connection, kit.engine, released)
    return released


async def _make_room(connection: AsyncConnection, kit: Kit, ended: Job) -> None:
    """As many of the jobs that wait for this vendor are due as it has places free.

    Not one for each that ends: the one that was woken before may not have started yet, or never will.
    """
    places = kit.providers[ended.provider].capabilities.concurrent
    free = max(places - await _at_work(connection, ended.provider), 0)
    waiting = [job for job in await jobs.in_states(connection, "ready") if job.provider == ended.provider]
    for job in waiting[:free]:
        await kit.engine.enqueue(connection, "submit_job", job.id, cause=f"{ended.id} {ended.state}")


async def fetch(kit: Kit, job_id: str) -> None:
    """Bring a succeeded job's clip home. Money is settled by now; this may be retried freely."""
    async with kit.database.reading() as connection:
        job = await jobs.get(connection, job_id)
        offer = await quotes.get(connection, job.quote_id)
    if job.state != "succeeded" or job.clip_id is not None:
        return
    line = next(each for each in offer.lines if each.n == job.n)
    draft = kit.shelf.draft(f"{job.id}-{secrets.token_hex(4)}")  # a restart may fetch it twice at once
    await kit.providers[job.provider].fetch(str(job.provider_job_id), draft)
    stored = await kit.shelf.put(draft)
    now = kit.clock()
    async with kit.database.transaction() as connection:
        clip = await clips.enter(connection, stored, _label(offer, line, job), now)
        landed = await jobs.move(connection, job, "succeeded", at=now, clip_id=clip.id)
        if landed is not None:
            await _assemble_if_complete(connection, kit.engine, landed)


def _label(offer: Quote, line: QuoteLine, job: Job) -> Label:
    facts = {"shot_id": line.shot_id, "prompt": line.body["prompt"], "play_money": offer.play_money}
    return Label(
        owner=offer.owner,
        kind="shot",
        title=line.body["caption"] or line.shot_id,
        provider=job.provider,
        model=job.model,
        request_sha256=line.body_sha256,
        facts=facts | {"styles": line.body["styles"], "mood": line.body["mood"]},
    )


async def _assemble_if_complete(connection: AsyncConnection, engine: Engine, job: Job) -> None:
    """When the last job of a quote has landed, its film is due."""
    siblings = await jobs.of_quote(connection, job.quote_id)
    landed = all(each.closed and (each.state != "succeeded" or each.clip_id) for each in siblings)
    if landed and any(each.clip_id for each in siblings):
        await engine.enqueue(connection, "assemble_film", job.quote_id, cause="landed")


async def assemble(kit: Kit, quote_id: str) -> None:
    """Join a quote's clips, in the order of its lines, into its film.

    A shot that failed is shown as its animatic, so that the film still tells its story.
    """
    async with kit.database.reading() as connection:
        offer = await quotes.get(connection, quote_id)
        made = {job.n: job for job in await jobs.of_quote(connection, quote_id)}
        if await film.of_quote(connection, quote_id) is not None:
            return
    parts = [await _part(kit, offer, line, made.get(line.n)) for line in offer.lines]
    label = Label(
        owner=offer.owner,
        kind="film",
        title=offer.title,
        provider=offer.offer.provider,
        model=offer.offer.model,
        facts={"quote_id": quote_id, "play_money": offer.play_money},
    )
    joined = await film.compose(kit.database, kit.shelf, parts, label, kit.clock())
    async with kit.database.transaction() as connection:
        await film.publish(connection, quote_id, joined, kit.clock())


async def _part(kit: Kit, offer: Quote, line: QuoteLine, job: Job | None) -> Clip:
    identity = line.reused_clip_id or (job.clip_id if job else None)
    if identity is not None:
        async with kit.database.reading() as connection:
            return await clips.get(connection, identity)
    return await preview(kit, offer.owner, _as_drawn(kit, offer, line))


def _as_drawn(kit: Kit, offer: Quote, line: QuoteLine) -> RenderRequest:
    """The same shot as the animatic can draw it."""
    wanted = request_of(line, TakeId(f"take_fallback_{offer.id}_{line.n}"))
    (drawn,) = kit.providers["animatic"].models
    resolution = wanted.resolution if wanted.resolution in drawn.resolutions else "720p"
    return replace(wanted, model=drawn.name, resolution=resolution)


async def preview(kit: Kit, owner: str, request: RenderRequest) -> Clip:
    """Draw a shot for nothing, on this machine: the animatic."""
    animatic = kit.providers["animatic"]
    outcome = await animatic.submit(request)
    if not isinstance(outcome, Submitted):
        raise Invalid("animatic", f"cannot draw this shot: {outcome.reason}")
    draft = kit.shelf.draft(request.take_id)
    await animatic.fetch(outcome.provider_job_id, draft)
    stored = await kit.shelf.put(draft)
    label = Label(owner, "preview", request.caption or f"Shot {request.number}", "animatic", "animatic")
    async with kit.database.transaction() as connection:
        return await clips.enter(connection, stored, label, kit.clock())


# --- a person steps in ---------------------------------------------------------------------


async def cancel(kit: Kit, job_id: str, *, owner: str | None) -> Job:
    """Stop a job. Before it is sent its money goes back at once; after, the vendor's last word decides."""
    now = kit.clock()
    async with kit.database.transaction() as connection:
        job = await jobs.get(connection, job_id, owner)
        if job.state == "ready":
            released = await _release(connection, kit, job, "canceled before it was sent", now)
            if released is not None:
                return released
    if job.state == "running" and kit.providers[job.provider].capabilities.cancel:
        await kit.providers[job.provider].cancel(str(job.provider_job_id))
        await _poll_soon(kit, job, now)
    elif job.state in ("submitting", "unknown", "quarantined"):
        raise Conflict(job.id)
    async with kit.database.reading() as connection:
        return await jobs.get(connection, job_id, owner)


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
            await _end(connection, kit, job, "failed", charged, at=now, error=error, charge_source="person")
        else:
            await _release(connection, kit, job, error, now)
        return await jobs.get(connection, job_id)


# --- after a start -------------------------------------------------------------------------


async def resume(kit: Kit) -> None:
    """Make every job due again that a stopped process may have left: claims and keys sort out the rest."""
    now = kit.clock()
    async with kit.database.transaction() as connection:
        for job in await jobs.in_states(connection, "ready", "submitting"):
            await kit.engine.enqueue(connection, "submit_job", job.id, cause=f"start {stamp(now)}")
        for job in await jobs.in_states(connection, "succeeded"):
            if job.clip_id is None:
                await kit.engine.enqueue(connection, "finish_job", job.id, cause=f"start {stamp(now)}")
