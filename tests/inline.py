"""SQLite without a thread for each connection: thousands of stories would spend most of their time between threads.

`inline` gives an engine of `tools.db` real connections of Python's `sqlite3` that answer at once, on the
event loop. So that processes still come between each other, `take_turns` lets a story's dice say
for how long everybody else goes first, before each transaction.
"""

import asyncio
import sqlite3
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Self

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

from tests.fate import Fate

ROUNDS_MAX = 3


@dataclass
class Turns:
    """Alone, nobody waits; where several act at once, the dice say who goes first, and fate who does not go on."""

    dice: Random | None = None
    fate: Fate = field(default_factory=Fate)

    async def pass_on(self) -> None:
        if self.dice is not None:
            for _ in range(self.dice.randint(0, ROUNDS_MAX)):
                await asyncio.sleep(0)


def take_turns(engine: AsyncEngine, turns: Turns) -> None:
    def before_begin(_connection: object) -> None:
        await_only(turns.pass_on())

    event.listen(engine.sync_engine, "begin", before_begin, insert=True)


def may_die(engine: AsyncEngine, turns: Turns) -> None:
    """Before a transaction, which is after the last one, or at the end of it, just before it counts."""

    def before_begin(_connection: object) -> None:
        turns.fate.meets("as a transaction begins")

    def before_commit(_connection: object) -> None:
        turns.fate.meets("before a commit")

    event.listen(engine.sync_engine, "begin", before_begin, insert=True)
    event.listen(engine.sync_engine, "commit", before_commit)


def inline(engine: AsyncEngine) -> None:
    """From now on the engine's connections have no thread."""

    def connect(_dialect: object, _record: object, _given: object, named: dict[str, Any]) -> None:
        named["async_creator_fn"] = _open

    event.listen(engine.sync_engine, "do_connect", connect)
    event.listen(engine.sync_engine, "connect", _forget_the_disk)


def _forget_the_disk(connection: Any, _record: object) -> None:
    """These processes die by exceptions: what was committed needs no disk to outlive them."""
    connection.cursor().execute("PRAGMA synchronous=OFF")


async def _open(path: str, **_named: object) -> "Connection":
    return Connection(path)


class _AtOnce:
    """Stands for the queue of a connection's thread."""

    def put_nowait(self, asked: Any) -> None:
        answer, act = asked
        answer.set_result(act())


class Connection:
    """What SQLAlchemy asks of an `aiosqlite.Connection`."""

    def __init__(self, path: str) -> None:
        self._conn = self._connection = sqlite3.connect(path, cached_statements=512)
        self._tx = _AtOnce()

    @property
    def isolation_level(self) -> str | None:
        return self._conn.isolation_level

    def cursor(self) -> "Cursor":
        return Cursor(self._conn.cursor())

    async def create_function(self, *given: Any, **named: Any) -> None:
        self._conn.create_function(*given, **named)

    async def commit(self) -> None:
        self._conn.commit()

    async def rollback(self) -> None:
        self._conn.rollback()

    async def close(self) -> None:
        self._conn.close()

    def stop(self) -> None:
        self._conn.close()


class Cursor:
    """What SQLAlchemy asks of an `aiosqlite.Cursor`."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self.fetchall = partial(self._at_once, cursor.fetchall)
        self.execute = partial(self._at_once, cursor.execute)
        self.executemany = partial(self._at_once, cursor.executemany)
        self.close = partial(self._at_once, cursor.close)

    async def __aenter__(self) -> Self:
        return self

    async def _at_once(self, act: Any, *given: Any) -> Any:
        return act(*given)

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid
