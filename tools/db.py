"""The database: one engine to read, one connection to write, and the way up to the newest schema.

SQLite runs in WAL with `synchronous=FULL`, because an intent that a power cut loses can be
paid for twice; its writers begin with `BEGIN IMMEDIATE` and queue for a single connection,
so none of them meets a lock half-way.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from tools.errors import Invalid
from tools.tables import SCHEMA_HEAD

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_SECONDS = 30


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

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection]:
        """One write transaction, committed at the end of the block. Never hold it across the network."""
        async with self.writer.begin() as connection:
            yield connection
        self.bell.ring()

    @asynccontextmanager
    async def still(self) -> AsyncGenerator[None]:
        """Inside, no write transaction of this process is open: for whoever else writes to the same file."""
        async with self.writer.connect():
            yield

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """A consistent look at committed rows."""
        async with self.reader.connect() as connection:
            yield connection


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
        if database.writer is not database.reader:
            await database.writer.dispose()


def _postgres(url: str) -> Database:
    engine = create_async_engine(url, pool_size=10)
    return Database(url, engine, engine)


def _sqlite(url: str) -> Database:
    address = make_url(url).set(drivername="sqlite+aiosqlite")
    reader = create_async_engine(address, pool_size=5)
    writer = create_async_engine(address, pool_size=1, max_overflow=0, pool_timeout=BUSY_SECONDS)
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
        why = (
            str(error.orig).strip().splitlines()[0]
        )  # the driver's own words; the address may hold a password
        raise Invalid("GREENLIGHT_DATABASE_URL", f"the database cannot be opened: {why}") from None


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
