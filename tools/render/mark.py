"""A mark outside the database: the last row of the audit when something was last sent from here.

A database that does not know its own mark was restored from a backup.
"""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import audit as audit_log
from tools import standstill
from tools.render.kit import Kit
from tools.tables import audit, take


@dataclass(frozen=True, slots=True)
class Mark:
    seq: int
    hash: str


def read(path: Path) -> Mark | None:
    """What was last marked here; None if nothing ever was, or a crash cut it short."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)  # one that is being written is seen whole
            content = file.read()
    except FileNotFoundError:
        return None
    return Mark(**json.loads(content)) if content else None


def write(path: Path, to: Mark, *, anew: bool = False) -> None:
    """On disk when it returns. Several processes may mark one file; it goes forward, unless it begins anew.

    The mark takes the place of the last one whole: who reads it needs no turn, and a kill leaves no half.
    """
    with path.with_suffix(".turn").open("wb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        before = read(path)
        if before is not None and not anew and before.seq >= to.seq:
            return
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(json.dumps(asdict(to)).encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


async def newest(connection: AsyncConnection) -> Mark:
    """The last row of the audit, in the transaction that has just written it."""
    query = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    return Mark(*(await connection.execute(query)).one())


async def stop_if_restored(connection: AsyncConnection, kit: Kit, at: datetime) -> bool:
    """Stand still, if the database does not know its own mark; then the mark has to begin anew.

    Ask before the transaction writes: a new folder gets its first mark here, of what is committed.
    A later one would leave a moment in which a job is on record as sent and no mark is there.
    """
    last = read(kit.mark)
    if await _is_known(connection, last):
        if last is None and await audit_log.newest(connection) is not None:
            write(kit.mark, await newest(connection))
        return False
    await standstill.begin(connection, kit.paid, at)
    return True


async def _is_known(connection: AsyncConnection, mark: Mark | None) -> bool:
    """Does the database remember it?

    A folder without a mark is new. A file that has sent something and comes without its mark
    came from elsewhere; to a server, new machines may come at any time.
    """
    if mark is None:
        sent = select(exists().where(take.c.token.is_not(None)))
        return connection.dialect.name != "sqlite" or not await connection.scalar(sent)
    return await connection.scalar(select(audit.c.hash).where(audit.c.seq == mark.seq)) == mark.hash
