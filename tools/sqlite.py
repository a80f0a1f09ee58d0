"""SQLite on a thread for each connection, asked once for each statement.

SQLAlchemy makes a cursor, executes, fetches all and closes: with the library's own cursor four trips to
the thread and back, which took half the processor's time of a small statement.
"""

# The library leaves what its thread is asked without a type.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import asyncio
import sqlite3
from collections.abc import Iterable
from functools import partial
from typing import Any, Self

import aiosqlite

ROWS = 200  # that are read with the statement itself


class _Cursor(aiosqlite.Cursor):
    """Made, executed, read and, if that was all, closed in one trip; of many rows the rest comes when it is wanted."""

    def __init__(self, connection: aiosqlite.Connection, real: sqlite3.Connection) -> None:
        super().__init__(connection, None)  # pyright: ignore[reportArgumentType] -- it comes with the first statement
        self._real = real
        self._rows: list[Any] = []
        self._more = False

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Self:
        await self._execute(self._begin, self._real.execute, sql, parameters or ())
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Self:
        await self._execute(self._begin, self._real.executemany, sql, parameters)
        return self

    def _begin(self, act: Any, sql: str, parameters: Iterable[Any]) -> None:
        self._cursor = act(sql, parameters)
        self._rows = self._cursor.fetchmany(ROWS)
        self._more = len(self._rows) == ROWS
        if not self._more:
            self._cursor.close()

    async def fetchall(self) -> list[Any]:
        rest = await super().fetchall() if self._more else ()
        return [*self._taken(ROWS), *rest]

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        wanted = size or 1
        first = self._taken(wanted)
        if len(first) == wanted or not self._more:
            return first
        return [*first, *await super().fetchmany(wanted - len(first))]

    def _taken(self, count: int) -> list[Any]:
        taken, self._rows = self._rows[:count], self._rows[count:]
        return taken

    async def close(self) -> None:
        if self._more:
            await super().close()


class _Connection(aiosqlite.Connection):
    def __init__(self, path: str, **named: Any) -> None:
        super().__init__(partial(sqlite3.connect, path, **named), iter_chunk_size=64)
        self._end: asyncio.Future[Any] | None = None
        self._thread.daemon = True  # as SQLAlchemy has it: who is killed need not say goodbye

    def cursor(self) -> Any:
        return _Cursor(self, self._conn)

    def stop(self) -> asyncio.Future[Any] | None:
        """Once, and who asks again waits for the same end: a thread that has ended answers nobody."""
        if self._running:
            self._end = super().stop()
        return self._end


def connect(path: str, **named: Any) -> aiosqlite.Connection:
    """A connection to be awaited; what is named goes to `sqlite3.connect`."""
    return _Connection(path, **named)
