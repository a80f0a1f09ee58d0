"""Quotes between values and rows."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from tools.audit import canonical
from tools.clock import read_stamp, stamp
from tools.estimate import Offer
from tools.ids import QuoteId
from tools.money import Money
from tools.prices import Kind
from tools.quotes.offer import Quote, QuoteLine


def row_of(issued: Quote) -> dict[str, Any]:
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
        "notes": "\n".join(issued.notes) or None,
        "issued_at": stamp(issued.issued_at),
        "expires_at": stamp(issued.expires_at),
    }


def line_row_of(quote_id: QuoteId, line: QuoteLine) -> dict[str, Any]:
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


def read(row: Row[tuple[object, ...]], lines: Sequence[Row[tuple[object, ...]]]) -> Quote:
    found = tuple(_read_line(line) for line in lines)
    return Quote(
        id=row.id,
        owner=row.owner,
        conversation_id=row.conversation_id,
        tool_call_id=row.tool_call_id,
        project=row.project,
        title=row.title,
        state=row.state,
        digest=row.digest,
        offer=Offer(row.provider, row.model, row.resolution, row.audio, _kind(row, found)),
        aspect_ratio=row.aspect_ratio,
        play_money=row.play_money,
        lines=found,
        expected=Money(row.expected_micros),
        ceiling=Money(row.ceiling_micros),
        headroom_before=Money(row.headroom_micros),
        price_source=row.price_source,
        price_as_of=date.fromisoformat(row.price_as_of),
        notes=tuple((row.notes or "").splitlines()),
        issued_at=read_stamp(row.issued_at),
        expires_at=read_stamp(row.expires_at),
        reason=row.reason,
        superseded_by=row.superseded_by,
    )


def _kind(row: Row[tuple[object, ...]], lines: Sequence[QuoteLine]) -> Kind:
    """An offer is for one kind of work; a take that stays may be of another, even of a model of that name."""
    settings = (row.model, row.resolution, row.audio)
    its = [
        line
        for line in lines
        if (line.body["model"], line.body["resolution"], line.body["audio"]) == settings
    ]
    return min(its, key=lambda line: line.reused_clip_id is not None).kind if its else "video"


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
