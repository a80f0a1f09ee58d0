"""Which conversation has a turn that runs: one at a time, in whichever process, and no longer than it lives.

A row is a conversation's one place. The process that plays the turn renews its lease; when it has died,
the lease runs out and the next turn takes the place. Whoever then wakes up finds another turn there, or
none, and writes nothing more.
"""

import logging
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.clock import stamp
from tools.db import Database, by_name
from tools.errors import Away, Busy, TurnRunning
from tools.ids import TurnId, new_turn_id
from tools.tables import turn

LEASE = timedelta(seconds=15)
RENEW = timedelta(seconds=5)  # so that a lease outlives two renewals that came to nothing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """A turn's place as it stands."""

    lease_until: str
    stop_asked: bool


async def take(connection: AsyncConnection, chat_id: str, worker: str, at: datetime) -> TurnId:
    """Take the conversation's place; `TurnRunning` while a turn of another process has a lease on it.

    A process knows its own turns: a place it still has was left when the database was away.
    """
    others = (turn.c.worker != worker, turn.c.lease_until > stamp(at))
    if await connection.scalar(select(turn.c.id).where(turn.c.conversation_id == chat_id, *others)):
        raise TurnRunning(chat_id)
    await connection.execute(delete(turn).where(turn.c.conversation_id == chat_id))
    taken = new_turn_id()
    await connection.execute(
        insert(turn).values(
            conversation_id=chat_id, id=taken, worker=worker, lease_until=stamp(at + LEASE), stop_asked=False
        )
    )
    return taken


async def check(connection: AsyncConnection, chat_id: str, turn_id: str | None) -> None:
    """`TurnRunning` if another turn took this one's place. A turn that took none can lose none."""
    if turn_id is None:
        return
    if await connection.scalar(select(turn.c.id).where(turn.c.conversation_id == chat_id)) != turn_id:
        raise TurnRunning(chat_id)


async def running(connection: AsyncConnection, at: datetime) -> set[str]:
    """The conversations with a turn that runs, in any process."""
    found = await connection.execute(select(turn.c.conversation_id).where(turn.c.lease_until > stamp(at)))
    return set(found.scalars())


async def ask_to_stop(connection: AsyncConnection, chat_id: str, at: datetime) -> bool:
    """Leave word for the process that plays it; False if nothing runs there."""
    asked = await connection.execute(
        update(turn)
        .where(turn.c.conversation_id == chat_id, turn.c.lease_until > stamp(at))
        .values(stop_asked=True)
    )
    return asked.rowcount > 0


async def look_after(
    database: Database, mine: Collection[str], at: datetime
) -> Mapping[str, Standing] | None:
    """How these turns stand, their leases renewed where it is time; None if nobody can tell just now."""
    async with _unless_away("looked after"):
        async with database.reading() as connection:
            rows = await connection.execute(select(turn).where(turn.c.id.in_(mine)))
            found = {row.id: Standing(row.lease_until, row.stop_asked) for row in rows}
        due = [key for key, each in found.items() if each.lease_until <= stamp(at + LEASE - RENEW)]
        if due:
            async with database.transaction() as connection:
                longer = update(turn).where(turn.c.id.in_(due)).values(lease_until=stamp(at + LEASE))
                await connection.execute(longer)
        return found
    return None


async def leave(database: Database, turn_id: str) -> None:
    """Give the place back. If the database is away, the lease does that when it runs out."""
    async with _unless_away("given back"), database.transaction() as connection:
        await connection.execute(delete(turn).where(turn.c.id == turn_id))


@asynccontextmanager
async def _unless_away(what: str) -> AsyncGenerator[None]:
    try:
        with by_name():
            yield
    except (Away, Busy) as error:
        log.warning("a turn's place could not be %s: %s", what, error)
