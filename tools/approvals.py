"""A person's answer to a quote, once.

Only the doors may import this module: the agent cannot, so nothing a model writes can reach
it. The answer, the money set aside and the work made due are one transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import jobs, ledger, quotes, standstill
from tools.clock import period, read_stamp, stamp
from tools.db import Database
from tools.engine import Engine
from tools.errors import DigestMismatch
from tools.ids import new_approval_id
from tools.jobs import Job, NewJob
from tools.ledger import Limits, Wall
from tools.money import ZERO
from tools.quotes import Quote, QuoteLine
from tools.tables import approval

SUBMIT_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Approver:
    """Who answers, as the door authenticated them, and by which door."""

    principal: str
    channel: str


@dataclass(frozen=True, slots=True)
class Approval:
    approval_id: str
    quote_id: str
    approved_by: str
    channel: str
    digest: str
    approved_at: datetime
    jobs: tuple[Job, ...]


async def approve(
    database: Database,
    engine: Engine,
    limits: Limits,
    quote_id: str,
    *,
    digest: str,
    by: Approver,
    owner: str | None,
    at: datetime,
) -> Approval:
    """Approve exactly the offer that `digest` names. The same person again gets the same answer.

    Raises `NotFound`, `DigestMismatch`, one of the quote conflicts, `BudgetExceeded` or `Frozen`;
    then nothing was set aside and nothing is due.
    """
    await engine.started.wait()  # before the transaction: the engine writes to the same file as it starts
    async with database.transaction() as connection:
        await quotes.expire_due(connection, at)  # sticky: committed even though this answer is refused
        answered = await _answer(connection, quote_id, owner)
        if isinstance(answered, Quote) and _is_open(answered, digest):
            await standstill.refuse(connection, answered.offer.provider)
            accepted = await _accept(connection, engine, limits, answered, by=by, at=at)
            if accepted is not None:
                return accepted
            answered = await _answer(connection, quote_id, owner)
    return _again(answered, digest, by)


def _is_open(offer: Quote, digest: str) -> bool:
    return offer.state == "issued" and offer.digest == digest and quotes.verify(offer)


async def _answer(
    connection: AsyncConnection, quote_id: str, owner: str | None
) -> Quote | tuple[Quote, Approval]:
    """The quote, with the approval it already has."""
    found = await quotes.get(connection, quote_id, owner)
    given = await of_quote(connection, quote_id)
    return found if given is None else (found, given)


def _again(answered: Quote | tuple[Quote, Approval], digest: str, by: Approver) -> Approval:
    """No new answer is possible: give the old one back, or say why not."""
    found, given = answered if isinstance(answered, tuple) else (answered, None)
    if found.digest != digest or (given is None and not quotes.verify(found)):
        raise DigestMismatch(found.id)
    if given is not None and given.approved_by == by.principal:
        return given
    raise quotes.conflict(found)


async def _accept(
    connection: AsyncConnection, engine: Engine, limits: Limits, offer: Quote, *, by: Approver, at: datetime
) -> Approval | None:
    """Write the answer, set the money aside, make the work due; None if another answer was first."""
    if not await quotes.close(connection, offer.id, "approved", by=by.principal, at=at):
        return None
    approval_id = new_approval_id()
    await connection.execute(
        insert(approval).values(
            quote_id=offer.id,
            id=approval_id,
            principal=by.principal,
            channel=by.channel,
            digest=offer.digest,
            at=stamp(at),
        )
    )
    walls = limits.walls(offer.project, offer.owner, play_money=offer.play_money)
    made = [line for line in offer.lines if line.reused_clip_id is None]
    created = [await _set_up(connection, engine, offer, line, walls, by=by, at=at) for line in made]
    if not created:
        await engine.enqueue(connection, "assemble_film", offer.id, cause="approved")
    return Approval(approval_id, offer.id, by.principal, by.channel, offer.digest, at, tuple(created))


async def _set_up(
    connection: AsyncConnection,
    engine: Engine,
    offer: Quote,
    line: QuoteLine,
    walls: tuple[Wall, ...],
    *,
    by: Approver,
    at: datetime,
) -> Job:
    """One job, its money set aside and its sending made due."""
    new = NewJob(
        quote_id=offer.id,
        n=line.n,
        owner=offer.owner,
        shot_id=line.shot_id,
        provider=offer.offer.provider,
        model=offer.offer.model,
        play_money=offer.play_money,
        expected=line.expected,
        ceiling=line.ceiling,
    )
    created = await jobs.create(connection, new, at=at, submit_by=at + SUBMIT_WITHIN)
    if line.ceiling > ZERO:
        await ledger.hold(
            connection, created.id, walls, line.ceiling, period=period(at), principal=by.principal, at=at
        )
    await engine.enqueue(connection, "submit_job", created.id, cause="approved")
    return created


async def of_quote(connection: AsyncConnection, quote_id: str) -> Approval | None:
    row = (await connection.execute(select(approval).where(approval.c.quote_id == quote_id))).one_or_none()
    if row is None:
        return None
    made = await jobs.of_quote(connection, quote_id)
    return Approval(row.id, quote_id, row.principal, row.channel, row.digest, read_stamp(row.at), tuple(made))
