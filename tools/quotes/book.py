"""The book of quotes: issued, found again, and closed once."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import audit, drift, events
from tools.clock import stamp
from tools.errors import AlreadyApproved, Conflict, NotFound, QuoteDeclined, QuoteExpired, QuoteSuperseded
from tools.estimate import Estimate, Offer
from tools.ids import QuoteId
from tools.quotes.offer import Quote, Terms, offer_of, work_of
from tools.quotes.rows import line_row_of, read, row_of
from tools.shots import ShotList
from tools.tables import clip, quote, quote_line


async def issue(connection: AsyncConnection, estimate: Estimate, terms: Terms) -> Quote:
    """Write an offer down. Inside a conversation it takes the place of the open one."""
    issued = offer_of(estimate, terms)
    await connection.execute(insert(quote).values(**row_of(issued)))
    await connection.execute(insert(quote_line), [line_row_of(issued.id, line) for line in issued.lines])
    if terms.conversation_id is not None:
        await supersede(
            connection, terms.conversation_id, by=terms.owner, at=terms.issued_at, successor=issued.id
        )
    deed = audit.Deed(terms.owner, "issue", issued.id, None, {"digest": issued.digest})
    await audit.append(connection, deed, terms.issued_at)
    await announce(connection, issued, terms.issued_at)
    return issued


async def owned_clips(
    connection: AsyncConnection,
    owner: str,
    shots: ShotList,
    offer: Offer,
    is_there: Callable[[str], bool],
) -> dict[int, str]:
    """Shot numbers whose exact work was paid for before, with the clip it left.

    `is_there` says whether the file of a sha256 still exists: a clip that was lost is made again.
    """
    wanted = {shot.shot_number: work_of(shot, offer, shots.aspect_ratio) for shot in shots.shots}
    owned = await owned_work(connection, owner, is_there, wanted.values())
    return {n: owned[work] for n, work in wanted.items() if work in owned}


async def owned_work(
    connection: AsyncConnection,
    owner: str,
    is_there: Callable[[str], bool],
    among: Collection[str] | None = None,
) -> dict[str, str]:
    """Every piece of work that was paid for before, or those `among` some, with the clip it left."""
    query = select(clip.c.id, clip.c.sha256, clip.c.request_sha256).where(
        clip.c.owner == owner, clip.c.kind == "shot", clip.c.request_sha256.is_not(None)
    )
    if among is not None:
        query = query.where(clip.c.request_sha256.in_(among))
    return {row.request_sha256: row.id for row in await connection.execute(query) if is_there(row.sha256)}


async def supersede(
    connection: AsyncConnection,
    conversation_id: str,
    *,
    by: str,
    at: datetime,
    successor: QuoteId | None = None,
) -> None:
    """Close the open offers of a conversation: a newer one, or a newer plan, takes their place."""
    open_ones = await connection.execute(
        select(quote.c.id).where(
            quote.c.conversation_id == conversation_id,
            quote.c.owner == by,
            quote.c.state == "issued",
            quote.c.id != (successor or ""),
        )
    )
    for row in open_ones.all():
        await close(connection, row.id, "superseded", by=by, at=at, superseded_by=successor)


async def get(connection: AsyncConnection, quote_id: str, owner: str | None = None) -> Quote:
    """The quote with its lines; `NotFound` for an unknown id and for somebody else's."""
    row = (await connection.execute(select(quote).where(quote.c.id == quote_id))).one_or_none()
    if row is None or owner not in (None, row.owner):
        raise NotFound("quote", quote_id)
    lines = await connection.execute(
        select(quote_line).where(quote_line.c.quote_id == quote_id).order_by(quote_line.c.n)
    )
    return read(row, lines.all())


async def recent(connection: AsyncConnection, owner: str, count: int = 50) -> list[Quote]:
    query = select(quote.c.id).where(quote.c.owner == owner).order_by(quote.c.issued_at.desc()).limit(count)
    ids = (await connection.execute(query)).scalars().all()
    return [await get(connection, quote_id) for quote_id in ids]


async def open_in(connection: AsyncConnection, conversation_id: str) -> list[Quote]:
    """Offers of a conversation that wait for an answer."""
    query = select(quote.c.id).where(quote.c.conversation_id == conversation_id, quote.c.state == "issued")
    return [await get(connection, each) for each in (await connection.execute(query)).scalars().all()]


async def of_call(connection: AsyncConnection, conversation_id: str, tool_call_id: str) -> Quote | None:
    """The offer that a tool call of a conversation led to."""
    query = select(quote.c.id).where(
        quote.c.conversation_id == conversation_id, quote.c.tool_call_id == tool_call_id
    )
    query = query.order_by(quote.c.issued_at.desc()).limit(
        1
    )  # a call cut off by a crash may have made one before
    found = await connection.scalar(query)
    return None if found is None else await get(connection, found)


async def close(
    connection: AsyncConnection,
    quote_id: str,
    state: str,
    *,
    by: str,
    at: datetime,
    reason: str | None = None,
    superseded_by: str | None = None,
) -> bool:
    """Move an issued quote to its last state; False if somebody was first."""
    moved = await connection.execute(
        update(quote)
        .where(quote.c.id == quote_id, quote.c.state == "issued")
        .values(state=state, decided_at=stamp(at), reason=reason, superseded_by=superseded_by)
    )
    if moved.rowcount != 1:
        return False
    await audit.append(
        connection, audit.Deed(by, state, quote_id, "issued", {"state": state, "reason": reason}), at
    )
    await announce(connection, await get(connection, quote_id), at)
    return True


async def decline(
    connection: AsyncConnection, quote_id: str, *, by: str, reason: str | None, at: datetime
) -> Quote:
    """A person's no. Declining twice is the same no; any other closed quote is a conflict."""
    await close(connection, quote_id, "declined", by=by, at=at, reason=reason)
    after = await get(connection, quote_id)
    if after.state != "declined":
        raise conflict(after)
    return after


async def is_any_due(connection: AsyncConnection, at: datetime) -> bool:
    due = select(quote.c.id).where(quote.c.state == "issued", quote.c.expires_at <= stamp(at)).limit(1)
    return await connection.scalar(due) is not None


async def expire_due(connection: AsyncConnection, at: datetime) -> int:
    """Close what ran out of time, so that everybody sees it closed, and stays closed."""
    due = await connection.execute(
        select(quote.c.id).where(quote.c.state == "issued", quote.c.expires_at <= stamp(at))
    )
    ids = due.scalars().all()
    for quote_id in ids:
        await close(connection, quote_id, "expired", by="clock", at=at)
    return len(ids)


def conflict(closed: Quote) -> Conflict:
    """Why a quote that is no longer open cannot be answered."""
    match closed.state:
        case "declined":
            return QuoteDeclined(closed.id)
        case "expired":
            return QuoteExpired(closed.id)
        case "superseded":
            return QuoteSuperseded(closed.id)
        case _:
            return AlreadyApproved(closed.id)


async def card(connection: AsyncConnection, offer: Quote) -> dict[str, Any]:
    """An offer as it is shown: what was stored, and how far estimates of this model were off before.

    Our own record is no part of what is offered, so no digest covers it; it helps while there is
    something to decide.
    """
    past = None
    if offer.state == "issued":
        past = await drift.of_model(connection, offer.offer.provider, offer.offer.model)
    return offer.to_json() | {"past_error": None if past is None else past.to_json()}


async def announce(connection: AsyncConnection, changed: Quote, at: datetime) -> None:
    await events.record(
        connection, changed.owner, "quote", subject=changed.id, body=await card(connection, changed), at=at
    )
