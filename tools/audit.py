"""Who did what to money, when: appended in the transaction that did it, each row sealing the one before.

`seal` is the chain's rule; whoever can read the table can recompute it.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.clock import read_stamp, stamp
from tools.tables import audit

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Deed:
    """One row to write. `before` and `after` are what changed, as JSON-ready values."""

    principal: str
    action: str
    subject: str
    before: Any
    after: Any


def seal(prev_hash: str, at: str, deed: Deed) -> str:
    """sha256 over the previous seal and this row, as canonical JSON."""
    row = [
        prev_hash,
        at,
        deed.principal,
        deed.action,
        deed.subject,
        canonical(deed.before),
        canonical(deed.after),
    ]
    return hashlib.sha256(canonical(row).encode()).hexdigest()


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no floats allowed near it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


async def append(connection: AsyncConnection, deed: Deed, at: datetime) -> None:
    """Time on record only goes on, also where the clock of who writes is behind another's."""
    query = select(audit.c.hash, audit.c.at).order_by(audit.c.seq.desc()).limit(1)
    last = (await connection.execute(query)).one_or_none()
    previous, when = (GENESIS, stamp(at)) if last is None else (last.hash, max(stamp(at), last.at))
    await connection.execute(
        insert(audit).values(
            at=when,
            principal=deed.principal,
            action=deed.action,
            subject=deed.subject,
            before=canonical(deed.before),
            after=canonical(deed.after),
            prev_hash=previous,
            hash=seal(previous, when, deed),
        )
    )


async def newest(connection: AsyncConnection) -> datetime | None:
    """When the last deed was done: no clock of ours may say less."""
    at = await connection.scalar(select(audit.c.at).order_by(audit.c.seq.desc()).limit(1))
    return None if at is None else read_stamp(at)
