"""What the tests share: a clock that stands still, small films, a studio, and a studio worked by hand."""

import json
import os
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from subprocess import SubprocessError
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from hypothesis import settings
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection
from xdist.remote import Producer

from tests.compiled import compile_once
from tests.needs import skip_or_fail
from tests.postgres import Server, running_server
from tests.schedule import ByWhatIsShared, shares
from tests.vendor import clip_for
from tools import approvals, film, jobs, quotes, render
from tools.approvals import Approval, Approver
from tools.audit import GENESIS, Deed, seal
from tools.clips import Clip, Shelf
from tools.db import Database, open_database, upgrade
from tools.engine import Engine, Work
from tools.jobs import Job
from tools.ledger import Limits
from tools.money import ZERO, Money
from tools.prices import load_book
from tools.providers.animatic import Animatic
from tools.providers.base import RenderRequest, VideoProvider
from tools.providers.drawn import recall
from tools.providers.rehearsal import Rehearsal
from tools.quotes import Quote
from tools.render import Kit
from tools.shots import Shot, ShotList
from tools.studio import Config, Studio, open_studio, vendors
from tools.tables import metadata

DATABASE = "greenlight.db"  # in a data folder
STEPS_MAX = 200
BOTH = ("sqlite", "postgres")  # the databases that the money must be the same on

settings.register_profile("shared", deadline=None)  # other work on the machine is no failure
settings.load_profile("shared")
compile_once()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


# --- small things --------------------------------------------------------------------------


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def film_of(count: int = 2, seconds: int = 1, subject: str = "A lighthouse", **facts: Any) -> ShotList:
    """A shot list that is quick to draw."""
    made = [
        Shot(shot_id=f"shot_{n}", enhanced_prompt=f"{subject}, picture {n}", duration=seconds)
        for n in range(1, count + 1)
    ]
    return ShotList(title=f"{subject} in {count} shots", shots=made, **facts)


@pytest.fixture
def shots() -> Callable[..., ShotList]:
    return film_of


def limits(usd: str = "5") -> Limits:
    wall = Money.usd(usd)
    return Limits(month=wall, project=wall, play=wall, model=wall)


def config_in(folder: Path, **changes: Any) -> Config:
    """A studio's settings in a folder of its own, with walls of five dollars."""
    plain = Config(
        data_dir=folder,
        database_url=f"sqlite:///{folder / DATABASE}",
        limits=limits(),
        provider="rehearsal",
        quote_life=timedelta(minutes=30),
        repo_roots=(folder,),
        here=folder,
    )
    return replace(plain, **changes)


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: at any moment some test waits for a lease, a vendor or a process of its own."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByWhatIsShared:
    return ByWhatIsShared(config, log)


@pytest.fixture(scope="module", autouse=True)
def _once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Fails where a second worker gets tests of a module that shares something: it would start that, too."""
    if "PYTEST_XDIST_WORKER" in os.environ and shares(request.path):
        workers = tmp_path_factory.getbasetemp().parent
        (workers / f"{request.path.stem}.started").touch(exist_ok=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module with `DATABASES = BOTH` runs on both; all others run on SQLite."""
    if "database_kind" in metafunc.fixturenames:
        wanted: tuple[str, ...] = vars(metafunc.module).get("DATABASES", ("sqlite",))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] -- pytest does not say
        metafunc.parametrize("database_kind", wanted, scope="session")


@pytest.fixture(scope="session")
def postgres() -> Generator[Server]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server())
        except (ImportError, OSError, SubprocessError) as error:
            skip_or_fail(f"PostgreSQL did not start: {error}")
        yield server


@pytest.fixture
def url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Generator[str]:
    """The address of this test's own database."""
    with fresh_url(database_kind, tmp_path, request) as address:
        yield address


@contextmanager
def fresh_url(kind: str, folder: Path, request: pytest.FixtureRequest) -> Generator[str]:
    """The address of a database of its own, for as long as the block lasts."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / DATABASE}"
        return
    server: Server = request.getfixturevalue("postgres")
    address = server.fresh()
    yield address
    server.drop(address)


@pytest.fixture
def config(tmp_path: Path, url: str) -> Callable[..., Config]:
    return partial(config_in, tmp_path, database_url=url)


@pytest.fixture
async def database(url: str) -> AsyncGenerator[Database]:
    async with open_quickly(url) as opened:
        yield opened


@cache
def migrated() -> bytes:
    """A file that the migrations have made: they run once, and every test gets a copy."""
    with TemporaryDirectory() as name:
        path = Path(name) / DATABASE
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            upgrade(connection)
        engine.dispose()
        return path.read_bytes()


def open_quickly(where: Path | str) -> AbstractAsyncContextManager[Database]:
    """Open the database at an address, or the file in a folder."""
    url = where if isinstance(where, str) else f"sqlite:///{where / DATABASE}"
    name = make_url(url).database
    if url.startswith("sqlite") and name is not None:
        lay_out(Path(name))
    return open_database(url)


def lay_out(file: Path) -> None:
    """Have a database there, as the first start makes it."""
    if not file.exists():
        file.write_bytes(migrated())


@pytest.fixture
async def studio(config: Callable[..., Config]) -> AsyncGenerator[Studio]:
    """The real thing, with its engine running and time passing."""
    async with open_studio(config()) as opened:
        yield opened


# --- a studio worked by hand ----------------------------------------------------------------


class Outbox(Engine):
    """Keeps due work as rows of the caller's transaction; nobody does it but `Floor.work`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.started.set()

    async def enqueue(self, connection: AsyncConnection, work: Work, subject: str, *, cause: str) -> None:
        row = {"work": work, "subject": subject, "cause": cause}
        await connection.execute(text(PUT_DUE), row)


def sketch_card(request: RenderRequest, to: Path) -> None:
    """Black for as long as it lasts, and drawn once for each length: its bytes are those of its prompt."""
    to.write_bytes(clip_for(request.prompt, request.seconds))


class Sketch(Rehearsal):
    """The rehearsal vendor, drawing quickly."""

    draw = staticmethod(sketch_card)


class QuickAnimatic(Animatic):
    """The animatic, drawn in a hundredth of the time."""

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        sketch_card(recall(self._folder, provider_job_id), to)


def sketch(config: Config, clock: Clock) -> Sketch:
    return Sketch(config.data_dir / "vendors" / "rehearsal", clock, config.rehearsal_faults)


@dataclass
class Floor:
    """A studio whose engine is a table: the test says when something happens."""

    studio: Studio
    clock: Clock
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)  # what is open as long as it is

    def use(self, vendor: VideoProvider, **changes: Any) -> None:
        """From now on it is this vendor that renders under its name."""
        providers = {**self.kit.providers, vendor.name: vendor}
        self.studio = replace(self.studio, kit=replace(self.kit, providers=providers, **changes))

    @property
    def kit(self) -> Kit:
        return self.studio.kit

    @property
    def database(self) -> Database:
        return self.kit.database

    async def with_vendor(self, vendor: VideoProvider, worker: str = "first") -> Kit:
        """A process with another vendor behind the name of this one."""
        await self.stack.enter_async_context(vendor.opened())
        return replace(self.kit, providers={**self.kit.providers, "rehearsal": vendor}, worker=worker)

    async def quote(self, shots: ShotList, owner: str = "ann", **facts: Any) -> Quote:
        offer = self.studio.offer("rehearsal", "rehearsal-draft", "480p")
        return await self.studio.quote(shots, offer, owner=owner, **facts)

    async def approve(self, offer: Quote, by: str = "ann", **changes: Any) -> Approval:
        facts: dict[str, Any] = {"digest": offer.digest, "owner": None, "at": self.clock()} | changes
        return await approvals.approve(
            self.database,
            self.kit.engine,
            self.studio.config.limits,
            offer.id,
            by=Approver(by, "web"),
            **facts,
        )

    async def due(self) -> list[tuple[str, str]]:
        async with self.database.reading() as connection:
            rows = await connection.execute(text("SELECT work, subject FROM due WHERE done = 0 ORDER BY n"))
            return [(row.work, row.subject) for row in rows]

    async def work(self) -> None:
        """Do everything that is due, in order, once."""
        acts = {"submit_job": render.submit, "assemble_film": render.assemble, "finish_job": self._finish}
        while waiting := await self.due():
            for work, subject in waiting:
                async with self.database.transaction() as connection:
                    done = text("UPDATE due SET done = 1 WHERE work = :work AND subject = :subject")
                    await connection.execute(done, {"work": work, "subject": subject})
                await acts[work](self.kit, subject)

    async def _finish(self, kit: Kit, job_id: str) -> None:
        """A clip that cannot be fetched is tried again, as the engine does."""
        await render.settle(kit, job_id)
        for _ in range(2):
            with suppress(OSError):
                await render.fetch(kit, job_id)
                return
        await render.fetch(kit, job_id)

    async def tick(self, **delta: float) -> None:
        """Let time pass, look at everything once, and do what became due."""
        self.clock.move(**delta)
        await render.look_after(self.kit)
        await self.work()

    async def finish(self, offer: Quote) -> list[Job]:
        """Work until every job of a quote is closed."""
        await self.work()
        for _ in range(STEPS_MAX):
            made = await self.jobs(offer)
            if all(job.closed for job in made):
                return made
            await self.tick(seconds=1)
        raise AssertionError(f"still open: {[(job.n, job.state) for job in await self.jobs(offer)]}")

    async def jobs(self, offer: Quote) -> list[Job]:
        async with self.database.reading() as connection:
            return await jobs.of_quote(connection, offer.id)

    async def film(self, offer: Quote) -> Clip | None:
        async with self.database.reading() as connection:
            found = await film.of_quote(connection, offer.id)
        return None if found is None else found[1]

    async def stored(self, offer: Quote) -> Quote:
        async with self.database.reading() as connection:
            return await quotes.get(connection, offer.id)

    async def edit(self, statement: str, **facts: Any) -> None:
        """Change rows behind the studio's back."""
        async with self.database.transaction() as connection:
            await connection.execute(text(statement), facts)


@asynccontextmanager
async def open_floor(config: Config, clock: Clock, worker: str = "first") -> AsyncGenerator[Floor]:
    """Another worker name on the same folder is the next process after a crash."""
    async with open_quickly(config.database_url) as opened, AsyncExitStack() as stack:
        async with opened.transaction() as connection:
            await connection.execute(text(DUE))
        vendor = sketch(config, clock)
        await stack.enter_async_context(vendor.opened())
        kit = Kit(
            database=opened,
            engine=Outbox(config.database_url),
            clock=clock,
            providers={**vendors(config, clock), "rehearsal": vendor},
            shelf=Shelf(config.data_dir / "clips"),
            worker=worker,
            folder=config.data_dir,
            public_url=config.public_url,
        )
        yield Floor(Studio(config, kit, load_book(config.prices), clock), clock, stack)


PUT_DUE = """
    INSERT INTO due SELECT :work, :subject, :cause, 0, COALESCE(MAX(n), 0) + 1 FROM due WHERE true
    ON CONFLICT DO NOTHING
"""
DUE = """
    CREATE TABLE IF NOT EXISTS due (
        work TEXT, subject TEXT, cause TEXT, done INTEGER, n INTEGER, PRIMARY KEY (work, subject, cause)
    )
"""


@pytest.fixture
async def floor(config: Callable[..., Config], clock: Clock) -> AsyncGenerator[Floor]:
    async with open_floor(config(), clock) as opened:
        yield opened


# --- looking at the books -------------------------------------------------------------------


async def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours."""
    async with database.reading() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(table.select())]
            for table in metadata.sorted_tables
        }


async def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    async with database.reading() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def wait_for_film(studio: Studio, quote_id: str, seconds_max: float = 60) -> Clip:
    """A running engine's film, as soon as it is there."""
    with anyio.fail_after(seconds_max):
        while True:
            async with studio.database.reading() as connection:
                found = await film.of_quote(connection, quote_id)
            if found is not None:
                return found[1]
            await studio.database.bell.wait(0.2)


def meter(folder: Path) -> dict[str, dict[str, Any]]:
    """The rehearsal vendor's own log, by job: the ground truth."""
    path = folder / "vendors" / "rehearsal" / "meter.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return {line["id"]: line for line in map(json.loads, lines)}


def billed(folder: Path) -> Money:
    return Money(sum(line["billed_micros"] or 0 for line in meter(folder).values()))


async def check_books(database: Database, *, overrun: bool = False) -> None:
    """The sums that hold at every committed state, and the audit's chain."""
    walls = await rows(database, "SELECT scope, period, limit_micros, held_micros, spent_micros FROM budget")
    for scope, period, limit, held, spent in walls:
        assert (scope, held, spent) == (scope, *await _sums(database, scope, period))
        assert overrun or held + spent <= limit
    assert await rows(database, UNRESOLVED if overrun else UNBALANCED) == []
    await check_audit(database)


async def _sums(database: Database, scope: str, period: str) -> tuple[int, int]:
    """What the entries say is held and spent."""
    where = f"scope = '{scope}' AND period = '{period}'"
    spent = f"SELECT COALESCE(SUM(amount_micros), 0) FROM entry WHERE kind IN ('capture', 'adjustment') AND {where}"
    held = f"""
        SELECT COALESCE(SUM(amount_micros), 0) FROM entry AS e WHERE kind = 'hold' AND {where} AND NOT EXISTS
        (SELECT 1 FROM entry AS r WHERE r.job_id = e.job_id AND r.scope = e.scope AND r.kind <> 'hold')
    """
    return (await rows(database, held))[0][0], (await rows(database, spent))[0][0]


# Jobs whose hold is resolved to another sum than was held.
UNBALANCED = """
    SELECT job_id, scope FROM entry GROUP BY job_id, scope
    HAVING SUM(CASE WHEN kind <> 'hold' THEN 1 ELSE 0 END) > 0
       AND SUM(CASE kind WHEN 'hold' THEN amount_micros ELSE -amount_micros END) <> 0
"""
# Jobs that are closed while their hold is open.
UNRESOLVED = """
    SELECT job.id FROM job WHERE job.finished_at IS NOT NULL AND ceiling_micros > 0
       AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.job_id = job.id AND kind <> 'hold')
"""


async def check_audit(database: Database) -> None:
    """Recompute the chain from the first row."""
    previous = GENESIS
    query = (
        'SELECT at, principal, action, subject, "before", "after", prev_hash, hash FROM audit ORDER BY seq'
    )
    for at, principal, action, subject, before, after, prev_hash, sealed in await rows(database, query):
        deed = Deed(principal, action, subject, json.loads(before), json.loads(after))
        assert (prev_hash, sealed) == (previous, seal(previous, at, deed))
        previous = sealed


def charged(made: list[Job]) -> Money:
    return Money(sum((job.charged or ZERO).micros for job in made))
