"""A quote: one exact offer, bound to a digest, that expires.

    issued -> approved | declined | expired | superseded

The digest covers the bytes of every request, every amount and the price they came from. An
approval names it, and it is checked again before anything is sent.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import audit, events
from tools.audit import canonical
from tools.clock import read_stamp, stamp
from tools.errors import AlreadyApproved, Conflict, NotFound, QuoteDeclined, QuoteExpired, QuoteSuperseded
from tools.estimate import Estimate, Line, Offer
from tools.ids import QuoteId, new_quote_id
from tools.money import Money
from tools.shots import Shot
from tools.tables import clip, quote, quote_line


@dataclass(frozen=True, slots=True)
class QuoteLine:
    n: int
    shot_id: str
    kind: str
    seconds: int
    body: Mapping[str, Any]
    body_sha256: str
    unit: Money
    expected: Money
    ceiling: Money
    reused_clip_id: str | None


@dataclass(frozen=True, slots=True)
class Quote:
    """As stored. `headroom_before` is what the tightest budget had left when it was issued."""

    id: QuoteId
    owner: str
    conversation_id: str | None
    tool_call_id: str | None
    project: str
    title: str
    state: str
    digest: str
    offer: Offer
    aspect_ratio: str
    play_money: bool
    lines: tuple[QuoteLine, ...]
    expected: Money
    ceiling: Money
    headroom_before: Money
    price_source: str
    price_as_of: date
    issued_at: datetime
    expires_at: datetime
    reason: str | None
    superseded_by: str | None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": self.state,
            "digest": self.digest,
            "conversation_id": self.conversation_id,
            "project": self.project,
            "title": self.title,
            "provider": self.offer.provider,
            "model": self.offer.model,
            "resolution": self.offer.resolution,
            "aspect_ratio": self.aspect_ratio,
            "play_money": self.play_money,
            "lines": [self._line_json(line) for line in self.lines],
            "expected_usd": str(self.expected),
            "ceiling_usd": str(self.ceiling),
            "headroom_before_usd": str(self.headroom_before),
            "headroom_after_usd": str(self.headroom_before - self.ceiling),
            "price_source": self.price_source,
            "price_as_of": self.price_as_of.isoformat(),
            "issued_at": self.issued_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "reason": self.reason,
            "superseded_by": self.superseded_by,
        }

    def _line_json(self, line: QuoteLine) -> dict[str, Any]:
        return {
            "n": line.n,
            "shot_id": line.shot_id,
            "kind": line.kind,
            "prompt": line.body["prompt"],
            "caption": line.body["caption"],
            "seconds": line.seconds,
            "resolution": self.offer.resolution,
            "aspect_ratio": self.aspect_ratio,
            "audio": self.offer.audio,
            "unit_usd": str(line.unit),
            "expected_usd": str(line.expected),
            "ceiling_usd": str(line.ceiling),
            "reused_clip_id": line.reused_clip_id,
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything about an offer that is not in its lines."""

    owner: str
    title: str
    headroom: Money
    issued_at: datetime
    life: timedelta
    project: str = "default"
    conversation_id: str | None = None
    tool_call_id: str | None = None


def request_body(shot: Shot, offer: Offer, aspect_ratio: str) -> dict[str, Any]:
    """The request for one shot, exactly as a vendor's adapter will be given it.

    The shot's number stays out: the same picture in another place of the film is the same work.
    """
    return {
        "model": offer.model,
        "prompt": shot.enhanced_prompt,
        "negative_prompt": shot.negative_prompt,
        "seconds": shot.duration,
        "resolution": offer.resolution,
        "aspect_ratio": aspect_ratio,
        "audio": offer.audio,
        "caption": shot.caption,
        "title_card": shot.title_card,
        "camera": shot.camera,
        "styles": shot.styles,
        "mood": shot.mood,
    }


def body_sha256(provider: str, body: Mapping[str, Any]) -> str:
    """Names a piece of work: the same vendor asked for the same thing."""
    return hashlib.sha256(canonical([provider, body]).encode()).hexdigest()


def digest_of(offer: Quote) -> str:
    """sha256 over everything that is shown, billed or sent. No two quotes share one."""
    terms = [
        [offer.id, offer.owner, offer.conversation_id, offer.tool_call_id, offer.project, offer.title],
        [offer.offer.provider, offer.offer.model, offer.offer.resolution, offer.offer.audio],
        [offer.aspect_ratio, offer.play_money, offer.expected.micros, offer.ceiling.micros],
        [offer.headroom_before.micros],
        [offer.price_source, offer.price_as_of.isoformat(), stamp(offer.issued_at), stamp(offer.expires_at)],
    ]
    rows = [
        [
            line.n,
            [line.shot_id, line.kind, line.seconds],
            line.body,
            line.body_sha256,
            line.unit.micros,
            line.expected.micros,
            line.ceiling.micros,
            line.reused_clip_id,
        ]
        for line in offer.lines
    ]
    return "sha256:" + hashlib.sha256(canonical([terms, rows]).encode()).hexdigest()


def verify(stored: Quote) -> bool:
    """Does the digest still cover what is stored? Nobody changed a byte or an amount since."""
    return digest_of(stored) == stored.digest


async def owned_clips(
    connection: AsyncConnection, owner: str, shots: Sequence[Shot], offer: Offer, aspect_ratio: str
) -> dict[int, str]:
    """Shot numbers whose exact work was paid for before, with the clip it left."""
    wanted = {
        body_sha256(offer.provider, request_body(shot, offer, aspect_ratio)): shot.shot_number
        for shot in shots
    }
    query = select(clip.c.id, clip.c.request_sha256).where(
        clip.c.owner == owner, clip.c.kind == "shot", clip.c.request_sha256.in_(wanted)
    )
    return {wanted[row.request_sha256]: row.id for row in await connection.execute(query)}


async def issue(connection: AsyncConnection, estimate: Estimate, terms: Terms) -> Quote:
    """Write an offer down. Inside a conversation it takes the place of the open one."""
    issued = offer_of(estimate, terms)
    await connection.execute(insert(quote).values(**_row(issued)))
    await connection.execute(insert(quote_line), [_line_row(issued.id, line) for line in issued.lines])
    if terms.conversation_id is not None:
        await _supersede(connection, terms, issued.id)
    deed = audit.Deed(terms.owner, "issue", issued.id, None, {"digest": issued.digest})
    await audit.append(connection, deed, terms.issued_at)
    await announce(connection, issued, terms.issued_at)
    return issued


def offer_of(estimate: Estimate, terms: Terms) -> Quote:
    """An estimate made exact: every request in full, under one digest."""
    unsealed = Quote(
        id=new_quote_id(),
        owner=terms.owner,
        conversation_id=terms.conversation_id,
        tool_call_id=terms.tool_call_id,
        project=terms.project,
        title=terms.title,
        state="issued",
        digest="",
        offer=estimate.offer,
        aspect_ratio=estimate.aspect_ratio,
        play_money=estimate.play_money,
        lines=tuple(_line(estimate, line) for line in estimate.lines),
        expected=estimate.expected,
        ceiling=estimate.ceiling,
        headroom_before=terms.headroom,
        price_source=estimate.price_source,
        price_as_of=estimate.price_as_of,
        issued_at=terms.issued_at,
        expires_at=terms.issued_at + terms.life,
        reason=None,
        superseded_by=None,
    )
    return replace(unsealed, digest=digest_of(unsealed))


def _line(estimate: Estimate, line: Line) -> QuoteLine:
    body = request_body(line.shot, estimate.offer, estimate.aspect_ratio)
    return QuoteLine(
        n=line.n,
        shot_id=line.shot.shot_id,
        kind=line.kind,
        seconds=line.seconds,
        body=body,
        body_sha256=body_sha256(estimate.offer.provider, body),
        unit=line.unit,
        expected=line.expected,
        ceiling=line.ceiling,
        reused_clip_id=line.reused_clip_id,
    )


def _row(issued: Quote) -> dict[str, Any]:
    return {
        "id": issued.id,
        "owner": issued.owner,
        "conversation_id": issued.conversation_id,
        "tool_call_id": issued.tool_call_id,
        "project": issued.project,
        "title": issued.title,
        "state": issued.state,
        "digest": issued.digest,
        "provider": issued.offer.provider,
        "model": issued.offer.model,
        "resolution": issued.offer.resolution,
        "aspect_ratio": issued.aspect_ratio,
        "audio": issued.offer.audio,
        "play_money": issued.play_money,
        "expected_micros": issued.expected.micros,
        "ceiling_micros": issued.ceiling.micros,
        "headroom_micros": issued.headroom_before.micros,
        "price_source": issued.price_source,
        "price_as_of": issued.price_as_of.isoformat(),
        "issued_at": stamp(issued.issued_at),
        "expires_at": stamp(issued.expires_at),
    }


def _line_row(quote_id: QuoteId, line: QuoteLine) -> dict[str, Any]:
    return {
        "quote_id": quote_id,
        "n": line.n,
        "shot_id": line.shot_id,
        "kind": line.kind,
        "seconds": line.seconds,
        "body": canonical(line.body),
        "body_sha256": line.body_sha256,
        "unit_micros": line.unit.micros,
        "expected_micros": line.expected.micros,
        "ceiling_micros": line.ceiling.micros,
        "reused_clip_id": line.reused_clip_id,
    }


async def _supersede(connection: AsyncConnection, terms: Terms, successor: QuoteId) -> None:
    open_ones = await connection.execute(
        select(quote.c.id).where(
            quote.c.conversation_id == terms.conversation_id,
            quote.c.owner == terms.owner,
            quote.c.state == "issued",
            quote.c.id != successor,
        )
    )
    for row in open_ones.all():
        await close(
            connection, row.id, "superseded", by=terms.owner, at=terms.issued_at, superseded_by=successor
        )


async def get(connection: AsyncConnection, quote_id: str, owner: str | None = None) -> Quote:
    """The quote with its lines; `NotFound` for an unknown id and for somebody else's."""
    row = (await connection.execute(select(quote).where(quote.c.id == quote_id))).one_or_none()
    if row is None or owner not in (None, row.owner):
        raise NotFound("quote", quote_id)
    lines = await connection.execute(
        select(quote_line).where(quote_line.c.quote_id == quote_id).order_by(quote_line.c.n)
    )
    return _read(row, lines.all())


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
    found = await connection.scalar(query)
    return None if found is None else await get(connection, found)


def _read(row: Row[tuple[object, ...]], lines: Sequence[Row[tuple[object, ...]]]) -> Quote:
    return Quote(
        id=row.id,
        owner=row.owner,
        conversation_id=row.conversation_id,
        tool_call_id=row.tool_call_id,
        project=row.project,
        title=row.title,
        state=row.state,
        digest=row.digest,
        offer=Offer(row.provider, row.model, row.resolution, row.audio),
        aspect_ratio=row.aspect_ratio,
        play_money=row.play_money,
        lines=tuple(_read_line(line) for line in lines),
        expected=Money(row.expected_micros),
        ceiling=Money(row.ceiling_micros),
        headroom_before=Money(row.headroom_micros),
        price_source=row.price_source,
        price_as_of=date.fromisoformat(row.price_as_of),
        issued_at=read_stamp(row.issued_at),
        expires_at=read_stamp(row.expires_at),
        reason=row.reason,
        superseded_by=row.superseded_by,
    )


def _read_line(row: Row[tuple[object, ...]]) -> QuoteLine:
    return QuoteLine(
        n=row.n,
        shot_id=row.shot_id,
        kind=row.kind,
        seconds=row.seconds,
        body=json.loads(row.body),
        body_sha256=row.body_sha256,
        unit=Money(row.unit_micros),
        expected=Money(row.expected_micros),
        ceiling=Money(row.ceiling_micros),
        reused_clip_id=row.reused_clip_id,
    )


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


async def announce(connection: AsyncConnection, changed: Quote, at: datetime) -> None:
    await events.record(connection, changed.owner, "quote", subject=changed.id, body=changed.to_json(), at=at)
