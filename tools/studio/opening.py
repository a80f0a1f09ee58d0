"""A studio from its settings: opened, with everything beside it that it needs, and let go in order."""

import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import anyio
from anyio.abc import TaskGroup

from tools import audit
from tools.clips import Shelf
from tools.clock import Clock, Ratchet, system_clock
from tools.db import Database, open_database
from tools.engine import Engine
from tools.prices import load_book
from tools.providers import lists
from tools.providers.base import VideoProvider
from tools.render import LEASE, Kit
from tools.studio.config import Config
from tools.studio.studio import Studio
from tools.studio.vendors import ANSWERS, vendors
from tools.studio.work import lock_file, work

Vendors = Callable[[Config, Clock], Mapping[str, VideoProvider]]


@asynccontextmanager
async def open_studio(
    config: Config,
    clock: Clock = system_clock,
    *,
    providers: Vendors | None = None,
    lease: timedelta = LEASE,
) -> AsyncGenerator[Studio]:
    """Open everything, and render.

    On PostgreSQL every process does. On a file the first does; others look and ask, and take
    over when it is gone.
    """
    config.data_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(config.database_url))
        clock = await sticky(database, clock)
        made = (providers or vendors)(config, clock)
        kit = kit_of(config, database, clock, made, lease=lease)
        lock = stack.enter_context(lock_file(config).open("w"))  # let go last, when all work has stopped
        beside = await _group(stack)  # vendors are let go when nobody asks them any more
        for provider in made.values():
            beside.start_soon(_keep_open, provider)
        book = load_book(config.prices)
        beside.start_soon(lists.keep_fresh, config.data_dir / ANSWERS, made, book.rows, clock)
        (await _group(stack)).start_soon(work, kit, lock)
        yield Studio(config, kit, book, clock)


def kit_of(
    config: Config,
    database: Database,
    clock: Clock,
    providers: Mapping[str, VideoProvider],
    *,
    lease: timedelta = LEASE,
) -> Kit:
    """What rendering needs, for a process of its own name."""
    return Kit(
        database=database,
        engine=Engine(config.database_url),
        clock=clock,
        providers=providers,
        shelf=Shelf(config.data_dir / "clips"),
        worker=secrets.token_hex(8),
        folder=config.data_dir,
        lease=lease,
        public_url=config.public_url,
    )


async def _group(stack: AsyncExitStack) -> TaskGroup:
    """Tasks that are stopped when the stack comes to them."""
    group = await stack.enter_async_context(anyio.create_task_group())
    stack.callback(group.cancel_scope.cancel)
    return group


async def _keep_open(provider: VideoProvider) -> None:
    async with provider.opened():
        await anyio.sleep_forever()


async def sticky(database: Database, clock: Clock) -> Clock:
    """The clock, held to the last deed on record: set back, it stands still until it has caught up."""
    async with database.reading() as connection:
        mark = await audit.newest(connection)
    return Ratchet(clock, mark or clock())
