"""Lost answers: what a vendor can be asked about them. Nothing here ever sends a job.

A webhook only claims. Its claim is worth a question to the vendor, and the answer is what counts.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import jobs
from tools.clock import read_stamp, stamp
from tools.errors import NotFound
from tools.jobs import Job
from tools.providers.absent import Absent
from tools.providers.base import Missing, Nudge, Silent, VideoProvider
from tools.render.kit import Kit
from tools.render.send import last_take, may_ask_again
from tools.tables import take, vendor_event

ASK_AGAIN = timedelta(seconds=60)  # about what a vendor did not find
RARELY = timedelta(hours=1)  # once it should long have been found
NEVER_MADE = "the vendor has no such job: it was probably never made"


async def seek_unknown(kit: Kit) -> None:
    """Look for jobs whose answer was lost, where the vendor can be asked."""
    now = kit.clock()
    async with kit.database.reading() as connection:
        if not await jobs.due(connection, "unknown", now, count=1):
            return
    async with kit.database.transaction() as connection:
        lost = await jobs.claim_due(connection, "unknown", now, until=now + ASK_AGAIN)
    for job in lost:
        await _seek(kit, job)


async def _seek(kit: Kit, job: Job) -> None:
    provider = kit.vendor(job.provider)
    if isinstance(provider, Absent):
        return
    async with kit.database.reading() as connection:
        sent = await last_take(connection, job)
        claimed = await _claims(connection, job, sent.id)
    found = await _look_for(provider, claimed, sent.id)
    balance = None if isinstance(found, str) or not _is_to_be_hinted(sent) else await provider.balance()
    now = kit.clock()
    async with kit.database.transaction() as connection:
        if isinstance(found, str):
            await adopt(connection, job, found, now)
        elif may_ask_again(provider, job, sent, now):
            await kit.engine.enqueue(connection, "submit_job", job.id, cause=f"lost {job.fence}")
        elif isinstance(found, Missing) and not claimed and _should_be_there(provider, sent, now):
            later = stamp(now + RARELY)
            await jobs.move(connection, job, "unknown", at=now, error=NEVER_MADE, next_poll_at=later)
        elif balance is not None:
            await _hint(connection, job, sent, balance, now)


async def _look_for(provider: VideoProvider, claimed: list[str], take_id: str) -> str | Missing | Silent:
    """The name of the job: the first of those claimed that the vendor confirms, or what it finds itself."""
    for each in claimed:
        if not isinstance(await provider.poll(each), Missing | Silent):
            return each
    return await provider.find(take_id)


async def _claims(connection: AsyncConnection, job: Job, take_id: str) -> list[str]:
    """Names that it once had, or that webhooks with the take's own token gave it."""
    own = [] if job.provider_job_id is None else [job.provider_job_id]
    query = select(vendor_event.c.provider_job_id).where(
        vendor_event.c.take_id == take_id, vendor_event.c.provider_job_id.is_not(None)
    )
    told = (await connection.execute(query.order_by(vendor_event.c.seq))).scalars()
    return list(dict.fromkeys([*own, *map(str, told)]))


def _should_be_there(provider: VideoProvider, sent: Row[Any], now: datetime) -> bool:
    window = provider.capabilities.search_window
    return window is not None and now - read_stamp(sent.at) > window


def _is_to_be_hinted(sent: Row[Any]) -> bool:
    return sent.balance_before is not None and sent.balance_after is None


async def _hint(connection: AsyncConnection, job: Job, sent: Row[Any], balance: str, now: datetime) -> None:
    """What a vendor that cannot be searched gives away. It decides nothing: other work is paid from it too."""
    told = f"{job.error}; its account had {sent.balance_before} before, and {balance} after"
    await connection.execute(update(take).where(take.c.id == sent.id).values(balance_after=balance))
    await jobs.move(connection, job, "unknown", at=now, error=told)


async def adopt(connection: AsyncConnection, lost: Job, provider_job_id: str, now: datetime) -> Job | None:
    """The vendor's job is ours: the next look asks about it. One that is another job's already stays that one's."""
    seen = {"provider_job_id": provider_job_id, "next_poll_at": stamp(now), "error": None, "missed": 0}
    try:
        async with connection.begin_nested():
            return await jobs.move(connection, lost, "running", at=now, **seen)
    except IntegrityError:
        return None


async def hear(kit: Kit, vendor: str, token: str, headers: Mapping[str, str], body: bytes) -> None:
    """A vendor's call to a take's own address. It brings the next look forward, and settles nothing.

    `NotFound` for an address that no take has, and for a call that is not the vendor's.
    """
    async with kit.database.reading() as connection:
        sent = await _take_of(connection, vendor, token)
    said = kit.vendor(vendor).nudge(headers, body)
    if said is None:
        raise NotFound("webhook", vendor)
    now = kit.clock()
    async with kit.database.transaction() as connection:
        if await _write_down(connection, vendor, sent.id, said, now):
            job = await jobs.get(connection, sent.job_id)
            if job.state in ("running", "unknown"):
                await jobs.postpone(connection, job, now)


async def _take_of(connection: AsyncConnection, vendor: str, token: str) -> Row[Any]:
    query = select(take).where(take.c.token == token)
    found = (await connection.execute(query)).one_or_none()
    if found is None or (await jobs.get(connection, found.job_id)).provider != vendor:
        raise NotFound("webhook", vendor)
    return found


async def _write_down(
    connection: AsyncConnection, vendor: str, take_id: str, said: Nudge, now: datetime
) -> bool:
    """False for an event that was heard before: vendors repeat themselves, and others may repeat them."""
    heard = select(vendor_event.c.seq).where(
        vendor_event.c.take_id == take_id, vendor_event.c.event_key == said.event_key
    )
    if await connection.scalar(heard) is not None:
        return False
    await connection.execute(
        insert(vendor_event).values(
            provider=vendor,
            event_key=said.event_key,
            take_id=take_id,
            provider_job_id=said.provider_job_id,
            at=stamp(now),
        )
    )
    return True
