"""Sending: write the intent, commit, send exactly one request, write down what came of it."""

import logging
import secrets
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import approvals, audit, jobs, pictures, quotes, standstill
from tools.clock import read_stamp, stamp
from tools.errors import Busy
from tools.ids import TakeId, new_take_id
from tools.jobs import Job
from tools.providers.base import (
    Ambiguous,
    Refused,
    RenderRequest,
    Submission,
    Submitted,
    VideoProvider,
)
from tools.quotes import Quote, QuoteLine
from tools.render import mark
from tools.render.kit import Kit, Pictures, named_in, request_of
from tools.render.record import record
from tools.render.settle import WORKER, at_work, forget_waking, make_room, release
from tools.render.spill import Spilled
from tools.tables import take

LATE = "not sent within 15 minutes of its approval"
BALANCE_SECONDS = 5
ASKED_MAX = 5  # times, under the same key
ALTERED = "what would be sent is not what was approved"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this call alone may send. `first_sent` is when an earlier call may have sent it, if one may.

    `whole`: the request holds every picture that it names, so that it is the one that was sent before.
    """

    job: Job
    request: RenderRequest
    first_sent: datetime | None = None
    whole: bool = True


async def submit(kit: Kit, job_id: str) -> None:
    """Send a ready job, once. A job found half-sent is looked up, never simply sent again."""
    claim = await _claim(kit, job_id, await _balance(kit, job_id))
    if claim is None:
        return
    now = kit.clock()
    if stamp(now) >= str(claim.job.lease_until):
        return  # frozen since it claimed: by now the job may be another's, or a person's
    provider = kit.vendor(claim.job.provider)
    if claim.first_sent is None:
        answer = provider.submit(claim.request)
    else:
        answer = _recover(provider, claim.request, now - claim.first_sent, whole=claim.whole)
    # A vendor that answers with the work itself may still be at it when the lease ends. The sweep that
    # then looks finds no answer, sends nothing, and this one is adopted when it comes.
    outcome = await _in_time(answer, max(kit.answer_seconds, provider.capabilities.answer_seconds))
    try:
        await record(kit, claim.job, outcome)
    except (DBAPIError, Busy) as error:
        log.warning("the answer about %s goes to the spill file: %s", job_id, str(error).splitlines()[0])
        await kit.spill.keep(Spilled(job_id, claim.job.fence, outcome))


async def _balance(kit: Kit, job_id: str) -> str | None:
    """What the vendor's account has left before the request: a hint for a person, should its answer be lost."""
    async with kit.database.reading() as connection:
        job = await jobs.get(connection, job_id)
    if job.state != "ready":
        return None
    with anyio.move_on_after(min(BALANCE_SECONDS, kit.answer_seconds)):
        return await kit.vendor(job.provider).balance()
    return None


async def _in_time(answer: Awaitable[Submission], seconds: float) -> Submission:
    with anyio.move_on_after(seconds):
        return await answer
    return Ambiguous(f"no answer within {seconds} seconds")


async def _recover(
    provider: VideoProvider, request: RenderRequest, age: timedelta, *, whole: bool
) -> Submission:
    """A process died between the intent and the answer. What may be done depends on the vendor."""
    key_life = provider.capabilities.key_life
    if whole and key_life is not None and age < key_life:
        again = await provider.submit(request)  # the same key: the vendor makes no second job
        # A refusal of this request proves nothing about the first, which may have been accepted.
        return Ambiguous(again.reason) if isinstance(again, Refused) else again
    found = await provider.find(request.take_id)
    return Submitted(found) if isinstance(found, str) else Ambiguous("the answer was lost")


async def _claim(kit: Kit, job_id: str, balance: str | None) -> Claim | None:
    """The right to send a job, on record; None if it is not to be sent, or not now, or not by this call."""
    if not kit.spill.is_empty():
        return None
    now = kit.clock()
    async with kit.database.transaction() as connection:
        restored = await mark.stop_if_restored(connection, kit, now)
        claim = await _if_due(connection, kit, job_id, balance, now)
        last = await mark.newest(connection)
    if restored or claim is not None:
        await anyio.to_thread.run_sync(partial(mark.write, kit.mark, last, anew=restored))
    return claim


async def _if_due(
    connection: AsyncConnection, kit: Kit, job_id: str, balance: str | None, now: datetime
) -> Claim | None:
    job = await jobs.get(connection, job_id)
    if job.state not in ("ready", "submitting", "unknown"):
        return None
    if job.provider in await standstill.standing(connection):
        return None
    offer = await quotes.get(connection, job.quote_id)
    if job.state != "ready":
        return await _left_behind(connection, kit, job, offer, now=now)
    if now > read_stamp(job.submit_by):
        await release(connection, kit, job, LATE, now)
        return None
    line = offer.line(job.n)
    if not await _is_what_was_approved(connection, offer, line):
        await _set_apart(connection, kit, job, now)
        return None
    seen, gone = await _pictures(kit, line)
    if gone:
        await release(connection, kit, job, pictures.gone(gone[0]), now)
        return None
    if await at_work(connection, job.provider) >= kit.vendor(job.provider).capabilities.concurrent:
        await forget_waking(connection, job)
        return None  # `make_room` makes it due when another job of the vendor ends
    return await _take(connection, kit, job, line, seen, balance=balance, now=now)


async def _pictures(kit: Kit, line: QuoteLine) -> tuple[Pictures, list[str]]:
    """The pictures that a line names, and the names of those that cannot be sent as they were quoted."""
    names = named_in(line.body)
    found = await pictures.load(kit.album, names)
    return found, [name for name in names if name not in found]


async def _left_behind(
    connection: AsyncConnection, kit: Kit, job: Job, offer: Quote, *, now: datetime
) -> Claim | None:
    """A half-sent job, once its worker's lease has run out, or one whose answer was lost to a vendor of keys."""
    if job.lease_until is not None and job.lease_until > stamp(now):
        return None  # until then that worker may be sending it
    last = await last_take(connection, job)
    if job.state == "unknown" and not may_ask_again(kit.vendor(job.provider), job, last, now):
        return None
    line = offer.line(job.n)
    if not await _is_what_was_approved(connection, offer, line):
        await _set_apart(connection, kit, job, now)
        return None
    lease = stamp(now + kit.lease)
    taken = await jobs.move(connection, job, "submitting", at=now, fence=job.fence + 1, lease_until=lease)
    if taken is None:
        return None
    await connection.execute(update(take).where(take.c.id == last.id).values(worker=kit.worker))
    seen, gone = await _pictures(kit, line)
    request = request_of(line, TakeId(last.id), kit.address(job.provider, last.token), seen)
    return Claim(taken, request, first_sent=read_stamp(last.at), whole=not gone)


def may_ask_again(provider: VideoProvider, job: Job, sent: Row[Any], now: datetime) -> bool:
    """Would the same request under the same key, once more, make no second job?"""
    key_life = provider.capabilities.key_life
    in_time = key_life is not None and now - read_stamp(sent.at) < key_life
    return in_time and job.provider_job_id is None and job.fence < ASKED_MAX


async def last_take(connection: AsyncConnection, job: Job) -> Row[Any]:
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
    """Not sent, or not again, and its hold stays until a person has looked."""
    apart = await jobs.move(connection, job, "quarantined", at=now, error=ALTERED)
    if apart is not None:
        await make_room(connection, kit, apart)


async def _take(
    connection: AsyncConnection,
    kit: Kit,
    job: Job,
    line: QuoteLine,
    seen: Pictures,
    *,
    balance: str | None,
    now: datetime,
) -> Claim | None:
    """Write the intent: after this commit, and not before, one request may leave."""
    take_id, token = new_take_id(), secrets.token_urlsafe()
    moved = await jobs.move(
        connection,
        job,
        "submitting",
        at=now,
        fence=job.fence + 1,
        takes=job.takes + 1,
        submitted_at=stamp(now),
        lease_until=stamp(now + kit.lease),
    )
    if moved is None:
        return None
    intent = {"id": take_id, "job_id": job.id, "n": moved.takes, "worker": kit.worker, "token": token}
    await connection.execute(insert(take).values(**intent, balance_before=balance, at=stamp(now)))
    await audit.append(connection, audit.Deed(WORKER, "send", job.id, None, {"take": take_id}), now)
    return Claim(moved, request_of(line, take_id, kit.address(job.provider, token), seen))
