"""One opened database for many worlds: opening it, and compiling its statements, is most of their cost."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest

from tests.conftest import Clock, Floor, QuickAnimatic, config_in, open_floor
from tests.fate import Fate
from tests.inline import Turns, inline, may_die, take_turns
from tests.outside import Outside, outside_of
from tests.vendor import Vendor, VendorClass
from tests.world import BOOK, Desk, World
from tools.clips import Shelf, Stored
from tools.clock import Ratchet
from tools.ledger import Limits

T = TypeVar("T")

MEMORY = Path("/dev/shm")  # where there is one, a story's files never meet a disk


class Ticking(Clock):
    """No two looks at it are the same moment, so that what happened has one order, whatever its names are."""

    def __call__(self) -> datetime:
        self.move(microseconds=1)
        return self.now


class Rack(Shelf):
    """A shelf without a thread for each clip."""

    async def put(self, draft: Path) -> Stored:
        return self._put(draft)


@dataclass
class Stage:
    floor: Floor
    folder: Path
    outside: Outside
    turns: Turns = field(default_factory=Turns)
    worlds: int = 0

    @property
    def url(self) -> str:
        return self.floor.studio.config.database_url

    async def new_world(self, limits: Limits, kind: VendorClass) -> World:
        self.outside.empty()
        self.worlds += 1
        folder = self.folder / f"world-{self.worlds}"
        folder.mkdir()
        clock, vendor_clock = Ticking(), Clock()
        fate = self.turns.fate = Fate()
        vendor = Vendor(vendor_clock, fate, kind, self.turns)
        desk = Desk(self.url)
        desk.fate = fate
        ticking = Ratchet(clock, clock())
        kit = replace(
            self.floor.kit,
            clock=ticking,
            engine=desk,
            worker="process 1",
            folder=folder,
            public_url="https://greenlight.test",
            shelf=Rack(self.folder / "clips"),
            providers={"rehearsal": vendor, "animatic": QuickAnimatic(folder / "animatic")},
        )
        config = replace(self.floor.studio.config, limits=limits)
        studio = replace(self.floor.studio, config=config, kit=kit, book=BOOK, clock=ticking)
        return World(
            Floor(studio, clock), clock, vendor_clock, vendor, limits, fate, self.turns, self.outside
        )


@asynccontextmanager
async def open_stage(folder: Path, url: str | None) -> AsyncGenerator[Stage]:
    config = config_in(folder) if url is None else config_in(folder, database_url=url)
    async with open_floor(config, Clock()) as floor:
        turns, database = Turns(), floor.database
        for engine in (database.reader, database.writer):
            await engine.dispose()
            take_turns(engine, turns)
            if not database.shared:
                inline(engine)
        may_die(database.writer, turns)
        with outside_of(config.database_url) as outside:
            yield Stage(floor, folder, outside, turns)


@dataclass
class Theatre:
    """The stage, and the event loop that plays on it, one act at a time."""

    runner: asyncio.Runner
    stage: Stage

    def do(self, act: Callable[..., Awaitable[T]], *given: Any) -> T:
        async def whole() -> T:
            return await act(*given)

        return self.runner.run(whole())


@contextmanager
def open_theatre(url: str | None = None) -> Generator[Theatre]:
    """On a file of its own, or at the address of a PostgreSQL database that nobody else uses."""
    memory = MEMORY if MEMORY.is_dir() else None
    with TemporaryDirectory(dir=memory) as name, asyncio.Runner() as runner:
        keeper = Keeper(open_stage(Path(name), url))
        stage = runner.run(keeper.open())
        try:
            yield Theatre(runner, stage)
        finally:
            runner.run(keeper.close())


@contextmanager
def theatre_on(database_kind: str, request: pytest.FixtureRequest) -> Generator[Theatre]:
    """On the database that a test asks for."""
    url = None if database_kind == "sqlite" else request.getfixturevalue("postgres").fresh()
    with open_theatre(url) as opened:
        yield opened


class Keeper:
    """Opens the stage and closes it in one task, whatever is played in between: what it opens insists on that."""

    def __init__(self, opening: AbstractAsyncContextManager[Stage]) -> None:
        self._opening = opening
        self._opened: asyncio.Queue[Stage] = asyncio.Queue()
        self._over = asyncio.Event()

    async def open(self) -> Stage:
        self._task = asyncio.ensure_future(self._keep())
        first = asyncio.ensure_future(self._opened.get())
        await asyncio.wait([self._task, first], return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            self._task.result()  # it could not be opened
        return first.result()

    async def _keep(self) -> None:
        async with self._opening as stage:
            self._opened.put_nowait(stage)
            await self._over.wait()

    async def close(self) -> None:
        self._over.set()
        await self._task
