"""A vendor that nothing is sent to, until its books and ours agree again.

That is so after a backup was restored: the database may have forgotten what it has sent.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import audit, jobs
from tools.clock import stamp
from tools.errors import Frozen
from tools.tables import standstill

RESTORED = "the database is older than what was last sent: it was restored from a backup"
SET_APART = "restored from a backup: it may have been sent already"
WORKER = "worker"


async def begin(connection: AsyncConnection, providers: Iterable[str], at: datetime) -> None:
    """Stop sending to these vendors, and set apart what was about to be sent: it may have been, already."""
    for provider in sorted(set(providers) - await standing(connection)):
        row = {"provider": provider, "reason": RESTORED, "since": stamp(at)}
        await connection.execute(insert(standstill).values(**row))
        await audit.append(connection, audit.Deed(WORKER, "standstill", provider, None, row), at)
        for waiting in await jobs.in_states(connection, "ready", "submitting"):
            if waiting.provider == provider:
                await jobs.move(connection, waiting, "quarantined", at=at, error=SET_APART)


async def standing(connection: AsyncConnection) -> set[str]:
    """The vendors that nothing is sent to."""
    return set((await connection.execute(select(standstill.c.provider))).scalars())


async def refuse(connection: AsyncConnection, provider: str) -> None:
    """`Frozen`, with the reason, for a vendor that nothing is sent to."""
    query = select(standstill.c.reason).where(standstill.c.provider == provider)
    reason = await connection.scalar(query)
    if reason is not None:
        raise Frozen(provider, reason)


async def end(connection: AsyncConnection, provider: str, *, by: str, at: datetime) -> bool:
    """Its books and ours agree, or a person says so; False if it was not standing still."""
    ended = await connection.execute(delete(standstill).where(standstill.c.provider == provider))
    if ended.rowcount == 0:
        return False
    await audit.append(connection, audit.Deed(by, "reconciled", provider, None, None), at)
    return True
