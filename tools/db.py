"""The database: an engine to read, one connection to write, and the way up to the newest schema.

Writers take turns, on both databases and across processes, so that what a transaction has
read is still true when it writes, the audit chain has one end, and rows are numbered in the
order in which they are committed. In SQLite a writer begins with `BEGIN IMMEDIATE`; in
PostgreSQL it begins by taking one advisory lock. Were that lock taken later, where the chain
is written, then one transaction could hold it and wait for a budget's row while another
holds the row and waits for it.

SQLite runs in WAL with `synchronous=FULL` and PostgreSQL with `synchronous_commit`, because
an intent that a power cut loses can be paid for twice.
"""

from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from tools import sqlite
from tools.errors import Away, Busy, Invalid
from tools.tables import SCHEMA_HEAD
from tools.trouble import DATABASE_AWAY

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_SECONDS = 30
RETRY_SECONDS = 5  # for who has waited so long already
IDLE_SECONDS = 10  # a process frozen inside a transaction keeps the others waiting no longer
WRITERS = 0x677265656E  # the advisory lock's number: "green"


class Bell:
    """Wakes everybody who waits for news, in this process, after each commit."""

    def __init__(self) -> None:
        self._next = anyio.Event()

    def ring(self) -> None:
        self._next.set()
        self._next = anyio.Event()

    async def wait(self, seconds_max: float) -> None:
        """Return at the next commit here, or after `seconds_max`: other processes do not ring."""
        with anyio.move_on_after(seconds_max):
            await self._next.wait()


@dataclass(frozen=True, slots=True)
class Database:
    """`url` is a synchronous SQLAlchemy address: `sqlite:///...` or `postgresql+psycopg://...`."""

    url: str
    reader: AsyncEngine
    writer: AsyncEngine
    bell: Bell = field(default_factory=Bell)

    @property
    def shared(self) -> bool:
        """May several processes render from it? A file is for one."""
        return is_shared(self.url)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection]:
        """One write transaction, committed at the end of the block. Never hold it across the network.

        `Busy` if so many are in line for it that nobody waits any longer.
        """
        async with AsyncExitStack() as stack:
            yield await _given(stack, self.writer.begin())
        self.bell.ring()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """A consistent look at committed rows; `Busy` if too many look at once."""
        async with AsyncExitStack() as stack:
            yield await _given(stack, self.reader.connect())


async def _given(
    stack: AsyncExitStack, wanted: AbstractAsyncContextManager[AsyncConnection]
) -> AsyncConnection:
    try:
        return await stack.enter_async_context(wanted)
    except PoolTimeout:
        raise Busy("the database", RETRY_SECONDS) from None


def named(error: Exception) -> Exception:
    """A driver's error as `Away`, for those who know no driver; any other as it is."""
    return Away(_first_line(error)) if isinstance(error, DBAPIError) else error


@contextmanager
def by_name() -> Generator[None]:
    """Within it, a database that goes away is `Away`."""
    try:
        yield
    except DBAPIError as error:
        raise named(error) from error


def _first_line(error: DBAPIError) -> str:
    """The driver's own words; the address may hold a password."""
    return str(error.orig).strip().partition("\n")[0]


def is_shared(url: str) -> bool:
    """Is it the address of a server, from which many processes may render?"""
    return make_url(url).get_backend_name() != "sqlite"


@asynccontextmanager
async def open_database(url: str) -> AsyncGenerator[Database]:
    """Open, bring the schema up to date, and close at the end; `Invalid` if it cannot be opened."""
    try:
        database = _sqlite(url) if make_url(url).get_backend_name() == "sqlite" else _postgres(url)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise Invalid("GREENLIGHT_DATABASE_URL", f"is no address of a database: {error}") from None
    try:
        await _ready(database)
        yield database
    finally:
        await database.reader.dispose()
        await database.writer.dispose()


def _postgres(url: str) -> Database:
    reader = create_async_engine(
        url,
        pool_size=10,
        pool_pre_ping=True,
        isolation_level="REPEATABLE READ",  # every look sees one moment, as in SQLite
        execution_options={"postgresql_readonly": True},
    )
    writer = create_async_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",  # the lock comes first, so each statement sees what the last writer left
    )
    for engine in (reader, writer):
        event.listen(engine.sync_engine, "connect", _prepare_postgres)
    event.listen(writer.sync_engine, "begin", _beginner(f"SELECT pg_advisory_xact_lock({WRITERS})"))
    return Database(url, reader, writer)


def _prepare_postgres(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
    cursor.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    cursor.execute("SET synchronous_commit = on")
    cursor.close()
    connection.commit()  # else the settings go with the first rollback


def _sqlite(url: str) -> Database:
    address = make_url(url).set(drivername="sqlite+aiosqlite")
    ours = {"async_creator_fn": sqlite.connect}
    reader = create_async_engine(address, pool_size=5, connect_args=ours)
    writer = create_async_engine(
        address, pool_size=1, max_overflow=0, pool_timeout=BUSY_SECONDS, connect_args=ours
    )
    for engine, begin in ((reader, "BEGIN"), (writer, "BEGIN IMMEDIATE")):
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _beginner(begin))
    return Database(url, reader, writer)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is explicit
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA recursive_triggers=ON")  # else INSERT OR REPLACE deletes rows past the triggers
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()


def _beginner(statement: str) -> Any:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


async def _ready(database: Database) -> None:
    try:
        await _upgrade(database)
    except DBAPIError as error:
        why = f"the database cannot be opened: {_first_line(error)} ({DATABASE_AWAY})"
        raise Invalid("GREENLIGHT_DATABASE_URL", why) from None


async def _upgrade(database: Database) -> None:
    async with database.writer.connect() as connection:
        current = await connection.run_sync(_current_revision)
    if current == SCHEMA_HEAD:
        return  # the common start: alembic is not even imported
    async with database.transaction() as connection:
        await connection.run_sync(upgrade)


def _current_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(connection: Connection) -> None:
    """Run every missing revision inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
