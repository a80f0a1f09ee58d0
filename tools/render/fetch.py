"""Bringing home: a clip from its vendor, a film from its clips, a preview from nobody but us."""

import hashlib
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial

import anyio
import anyio.to_thread

from tools import clips, film, jobs, media, quotes
from tools.audit import canonical
from tools.clips import Clip, Label
from tools.errors import Invalid
from tools.ids import TakeId
from tools.jobs import Job
from tools.providers.base import RenderRequest, Submitted
from tools.quotes import Quote, QuoteLine
from tools.render.kit import Kit, request_of
from tools.render.settle import assemble_if_complete


async def fetch(kit: Kit, job_id: str) -> None:
    """Bring a succeeded job's clip home. Money is settled by now; this may be retried freely."""
    async with kit.database.reading() as connection:
        job = await jobs.get(connection, job_id)
        offer = await quotes.get(connection, job.quote_id)
    if job.state != "succeeded":
        return
    if job.clip_id is None:
        await _bring_home(kit, job, offer)
    await kit.vendor(job.provider).kept(str(job.provider_job_id))


async def _bring_home(kit: Kit, job: Job, offer: Quote) -> None:
    """From the vendor to the shelf; its job then names its clip."""
    line = offer.line(job.n)
    draft = kit.shelf.draft(f"{job.id}-{secrets.token_hex(4)}")  # a restart may fetch it twice at once
    async with _alone(kit, job):
        await kit.vendor(job.provider).fetch(str(job.provider_job_id), draft)
        if line.kind == "image":
            await anyio.to_thread.run_sync(partial(media.hold, draft, draft, seconds=line.seconds))
    stored = await kit.shelf.put(draft)
    now = kit.clock()
    async with kit.database.transaction() as connection:
        clip = await clips.enter(connection, stored, _label(offer, line, job), now)
        await jobs.move(connection, job, "succeeded", at=now, clip_id=clip.id)
        await assemble_if_complete(connection, kit.engine, job)


@asynccontextmanager
async def _alone(kit: Kit, job: Job) -> AsyncGenerator[None]:
    """A download may take longer than a request. One that is called off at the end is the next worker's at once."""
    await _put_off(kit, job, kit.clock() + 3 * kit.lease)
    try:
        yield
    except anyio.get_cancelled_exc_class():
        with anyio.CancelScope(shield=True):
            await _put_off(kit, job, kit.clock())
        raise


async def _put_off(kit: Kit, job: Job, until: datetime) -> None:
    async with kit.database.transaction() as connection:
        await jobs.postpone(connection, job, until)


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


async def assemble(kit: Kit, quote_id: str) -> None:
    """Join a quote's clips, in the order of its lines, into its film.

    A shot that failed, or whose clip was lost, is shown as its animatic, so that the film still tells its story.
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
    shelved = kit.database, kit.shelf
    joined = await film.compose(*shelved, parts, label, kit.clock(), aspect_ratio=offer.aspect_ratio)
    async with kit.database.transaction() as connection:
        await film.publish(connection, quote_id, joined, kit.clock())


async def _part(kit: Kit, offer: Quote, line: QuoteLine, job: Job | None) -> Clip:
    identity = line.reused_clip_id or (job.clip_id if job else None)
    if identity is not None:
        async with kit.database.reading() as connection:
            clip = await clips.get(connection, identity)
        if kit.shelf.has(clip.sha256):
            return clip
    return await preview(kit, offer.owner, _as_drawn(kit, offer, line))


def _as_drawn(kit: Kit, offer: Quote, line: QuoteLine) -> RenderRequest:
    """The same shot as the animatic can draw it."""
    wanted = request_of(line, TakeId(f"take_fallback_{offer.id}_{line.n}"))
    (drawn,) = kit.providers["animatic"].models
    resolution = wanted.resolution if wanted.resolution in drawn.resolutions else "720p"
    return replace(wanted, model=drawn.name, resolution=resolution, kind="video")


async def preview(kit: Kit, owner: str, request: RenderRequest) -> Clip:
    """Draw a shot for nothing, on this machine: the animatic. What was drawn once is there."""
    drawn = _drawing_sha256(request)
    async with kit.database.reading() as connection:
        known = await clips.of_work(connection, owner, "preview", drawn)
    if known is not None and kit.shelf.has(known.sha256):
        return known
    animatic = kit.providers["animatic"]
    outcome = await animatic.submit(request)
    if not isinstance(outcome, Submitted):
        raise Invalid("animatic", f"cannot draw this shot: {outcome.reason}")
    draft = kit.shelf.draft(request.take_id)
    await animatic.fetch(outcome.provider_job_id, draft)
    stored = await kit.shelf.put(draft)
    label = Label(
        owner, "preview", request.caption or f"Shot {request.number}", "animatic", "animatic", drawn
    )
    async with kit.database.transaction() as connection:
        return await clips.enter(connection, stored, label, kit.clock())


def _drawing_sha256(request: RenderRequest) -> str:
    """Names a drawing: all that is asked of it, but for whom it is drawn this time."""
    asked = asdict(replace(request, take_id="", webhook=None, pictures=()))
    return hashlib.sha256(canonical(asked).encode()).hexdigest()
