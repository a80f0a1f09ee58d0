"""News for whoever watches: quotes, jobs, clips, films and budgets as they change.

Written in the transaction that made them true, numbered by the database, so that a reader
who was away continues from the last number it saw.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.clock import stamp
from tools.tables import event

EventKind = Literal["quote", "job", "clip", "film", "budget"]
PAGE = 200


@dataclass(frozen=True, slots=True)
class Event:
    seq: int
    kind: str
    subject: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class News:
    """What is told to an owner about one subject."""

    owner: str
    subject: str
    body: dict[str, Any]


async def record(
    connection: AsyncConnection,
    owner: str,
    kind: EventKind,
    *,
    subject: str,
    body: dict[str, Any],
    at: datetime,
) -> None:
    await record_all(connection, kind, [News(owner, subject, body)], at=at)


async def record_all(
    connection: AsyncConnection, kind: EventKind, told: Sequence[News], *, at: datetime
) -> None:
    """Many at once, numbered in their order."""
    rows = [
        {
            "owner": news.owner,
            "kind": kind,
            "subject": news.subject,
            "body": json.dumps(news.body),
            "at": stamp(at),
        }
        for news in told
    ]
    await connection.execute(insert(event), rows)


async def after(connection: AsyncConnection, owner: str, seq: int) -> list[Event]:
    """The next page of events with a number above `seq`, oldest first."""
    query = select(event).where(event.c.owner == owner, event.c.seq > seq).order_by(event.c.seq).limit(PAGE)
    rows = await connection.execute(query)
    return [Event(row.seq, row.kind, row.subject, json.loads(row.body)) for row in rows]


async def newest(connection: AsyncConnection) -> int:
    return await connection.scalar(select(func.max(event.c.seq))) or 0
