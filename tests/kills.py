"""Real processes that are killed at random moments, until every job is closed.

Only then are the vendors' own files compared with the ledger.
"""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from dbos import DBOS

from tests.conftest import check_books, config_in, film_of, limits, rows
from tests.forked import Process, fork
from tests.office import KINDS, MODEL, Pace, meter, offices, set_up
from tools import approvals, render
from tools.approvals import Approver
from tools.clips import Shelf
from tools.clock import Clock, system_clock
from tools.db import open_database
from tools.engine import Engine
from tools.money import ZERO, Money
from tools.prices import load_book
from tools.providers.base import VideoProvider
from tools.render import Kit
from tools.studio import Config, Studio, open_studio, vendors

ROOT = Path(__file__).parent.parent
SHOTS = 2
SECONDS_MAX = 120
LEASE = timedelta(seconds=3)


def settings_in(folder: Path, url: str) -> Config:
    return config_in(folder, database_url=url, limits=limits("500"), prices=folder / "prices.toml")


# --- the process that is killed ------------------------------------------------------------


async def work(folder: str, url: str, lease_seconds: str) -> None:
    """Approve whatever is offered, and render, until the end."""
    lease = timedelta(seconds=float(lease_seconds))
    config = settings_in(Path(folder), url)
    async with open_studio(config, providers=_with_animatic, lease=lease) as studio:
        await studio.kit.engine.started.wait()
        sys.stdout.write(f"{studio.kit.worker}\n")
        sys.stdout.flush()
        while True:
            for quote_id, digest in await rows(studio.database, OFFERED):
                await _approve(studio, quote_id, digest)
            await anyio.sleep(0.1)


def _with_animatic(config: Config, clock: Clock) -> dict[str, VideoProvider]:
    return {**vendors(config, clock), **offices(config.data_dir, clock)}


async def _approve(studio: Studio, quote_id: str, digest: str) -> None:
    ann, limit = Approver("ann", "web"), studio.config.limits
    facts: dict[str, Any] = {"digest": digest, "by": ann, "owner": "ann", "at": studio.clock()}
    await approvals.approve(studio.database, studio.kit.engine, limit, quote_id, **facts)


OFFERED = "SELECT id, digest FROM quote WHERE state = 'issued' ORDER BY issued_at"


async def appears(path: Path) -> None:
    with anyio.fail_after(SECONDS_MAX):
        while not await anyio.Path(path).exists():  # noqa: ASYNC110 -- it is another process that makes it
            await anyio.sleep(0.02)


@dataclass
class Worker:
    process: Process
    name: str = ""

    async def ready(self) -> "Worker":
        said = self.process.stdout
        assert said is not None
        with anyio.fail_after(SECONDS_MAX):
            self.name = (await anyio.to_thread.run_sync(said.readline, abandon_on_cancel=True)).strip()
        return self

    async def kill(self) -> None:
        self.process.kill()
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.process.wait)
        if self.process.stdout is not None:
            self.process.stdout.close()


def start(folder: Path, url: str, lease: timedelta = LEASE) -> Worker:
    return Worker(fork(anyio.run, work, str(folder), url, str(lease.total_seconds())))


PROCESS = "import sys, anyio; from tests.kills import work; anyio.run(work, *sys.argv[1:])"


def start_anew(folder: Path, url: str) -> Worker:
    """With all that a process imports, as in earnest."""
    command = [sys.executable, "-c", PROCESS, str(folder), url, str(LEASE.total_seconds())]
    return Worker(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))


@asynccontextmanager
async def alive(working: Worker) -> AsyncGenerator[Worker]:
    """From when it is ready to the end of the block."""
    try:
        yield await working.ready()
    finally:
        await working.kill()


def worker(folder: Path, url: str, lease: timedelta = LEASE) -> AbstractAsyncContextManager[Worker]:
    return alive(start(folder, url, lease))


# --- the run -------------------------------------------------------------------------------


@dataclass
class Run:
    """The door that takes orders, the person who is asked about lost answers, and what was seen."""

    folder: Path
    url: str
    studio: Studio
    dice: random.Random
    seen: Counter[str] = field(default_factory=Counter[str])
    open: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        return await rows(self.studio.database, query)

    async def offer(self, count: int, kinds: tuple[str, ...] = KINDS, shots: int = SHOTS) -> None:
        for kind in self.dice.sample(kinds, len(kinds)) * count:
            self.seen["offers"] += 1
            self.seen["ordered"] += shots
            draft = self.studio.offer(kind, MODEL, "480p")
            subject = f"Gate {self.seen['offers']}"
            await self.studio.quote(film_of(shots, subject=subject), draft, owner="ann")

    async def kill_at_random(self) -> None:
        """Start a process and kill it: at any moment, or just after a vendor accepted."""
        doomed = start(self.folder, self.url)
        try:
            if self.dice.random() < 0.3:  # perhaps before it has begun
                await anyio.sleep(self.dice.uniform(0, 2))
            else:
                await doomed.ready()
                await self._moment()
        finally:
            await doomed.kill()
        await self._count_the_kill()

    async def kill_before_an_answer(self) -> None:
        """Start a process and kill it once a vendor has accepted, and not yet answered."""
        stop = self.folder / "stop-accepted"
        stop.touch()
        async with worker(self.folder, self.url):
            await appears(self.folder / "at-accepted")
        stop.unlink()
        await self._count_the_kill()

    async def _count_the_kill(self) -> None:
        self.seen["kills"] += 1
        self.seen["answers lost"] += await self._answers_lost()

    async def _moment(self) -> None:
        if self.dice.random() < 0.5:
            await anyio.sleep(self.dice.uniform(0, 1.5))
            return
        accepted = len(meter(self.folder))
        with anyio.move_on_after(2):
            while len(meter(self.folder)) == accepted:  # noqa: ASYNC110 -- a file of another process
                await anyio.sleep(0.01)
            await anyio.sleep(self.dice.uniform(0, 0.1))

    async def _answers_lost(self) -> int:
        half_sent = "SELECT take.id FROM take JOIN job ON job.id = job_id WHERE state = 'submitting'"
        return len({line["take"] for line in meter(self.folder)} & {t for (t,) in await self.rows(half_sent)})

    async def resolve(self) -> None:
        """A person looks at each job of which nobody knows, when nobody can be sending it any more."""
        bills = {line["take"]: Money(line["billed_micros"]) for line in meter(self.folder)}
        for job_id, take_id, provider in await self.rows(UNKNOWN):
            if provider != "blind" and take_id in bills:
                continue  # it will be found
            held = await self.rows(f"SELECT DISTINCT kind FROM entry WHERE job_id = '{job_id}'")
            assert held == [("hold",)], "the hold of an unknown job is kept"
            said = bills.get(take_id, ZERO)
            await render.resolve(self.studio.kit, job_id, said, owner="ann", by="ann")
            self.seen["resolved by a person"] += 1

    async def close_all(self) -> None:
        """Start once more, and again after each word of a person, until nothing is open.

        What is open after so long is lost, and counted by `check`.
        """
        with anyio.move_on_after(SECONDS_MAX * 3):
            while await self.rows(OPEN):
                async with worker(self.folder, self.url):
                    while await self.rows(MOVING):  # noqa: ASYNC110 -- other processes ring no bell here
                        await anyio.sleep(0.2)
                await self.resolve()

    async def check(self) -> None:
        """The vendor's file against the ledger."""
        made = await self.rows("SELECT state, takes FROM job")
        takes = dict(await self.rows("SELECT id, job_id FROM take"))
        accepted = Counter(takes.get(line["take"], line["take"]) for line in meter(self.folder))
        captured = await self.rows(CAPTURED)
        self.seen["jobs"] = len(made)
        self.seen["accepted"] = accepted.total()
        self.seen["accepted twice"] = sum(count - 1 for count in accepted.values())
        self.seen["lost"] = self.seen["ordered"] - len(made) + len(accepted.keys() - {*takes.values()})
        self.seen["lost"] += len(await self.rows(OPEN))
        self.open = await self.rows(STILL)
        self.seen["captured"] = int(captured[0][0])
        self.seen["billed"] = sum(line["billed_micros"] for line in meter(self.folder))
        await check_books(self.studio.database)

    def violations(self) -> list[str]:
        wrong = [f"{self.seen[name]} {name}" for name in ("accepted twice", "lost") if self.seen[name]]
        differ = self.seen["captured"] != self.seen["billed"]
        return [*wrong, "captured is not what was billed"] if differ else wrong

    def totals(self) -> str:
        """One line; what is still open is said by state, vendor and error."""
        names = (
            "kills",
            "answers lost",
            "jobs",
            "accepted",
            "accepted twice",
            "lost",
            "resolved by a person",
        )
        sums = f"captured ${Money(self.seen['captured'])} of ${Money(self.seen['billed'])} billed"
        sums += f", still open: {self.open}" if self.open else ""
        return ", ".join(f"{self.seen[name]} {name}" for name in names) + f", {sums}"


OPEN = "SELECT 1 FROM quote WHERE state = 'issued' UNION ALL SELECT 1 FROM job WHERE finished_at IS NULL"
MOVING = """
    SELECT 1 FROM quote WHERE state = 'issued' UNION ALL
    SELECT 1 FROM job WHERE finished_at IS NULL AND (state <> 'unknown' OR provider = 'searched'
        AND COALESCE(error, '') NOT LIKE '%never made%')
"""
UNKNOWN = """
    SELECT job.id, take.id, provider FROM job JOIN take ON take.job_id = job.id AND take.n = job.takes
    WHERE state = 'unknown'
"""
STILL = """
    SELECT state, provider, error, next_poll_at, lease_until, COUNT(*) FROM job WHERE finished_at IS NULL
    GROUP BY state, provider, error, next_poll_at, lease_until
"""
CAPTURED = "SELECT COALESCE(SUM(amount_micros), 0) FROM entry WHERE kind = 'capture' AND scope = 'month'"


@asynccontextmanager
async def open_run(folder: Path, url: str, seed: int, pace: Pace | None = None) -> AsyncGenerator[Run]:
    await anyio.to_thread.run_sync(set_up, folder, pace or Pace())
    async with open_database(url) as database:
        await anyio.to_thread.run_sync(DBOS.migrate, url)
        engine, shelf = Engine(url), Shelf(folder / "clips")
        made = offices(folder, system_clock)
        kit = Kit(database, engine, system_clock, made, shelf, "door", folder)
        config = settings_in(folder, url)
        async with engine.connected():
            studio = Studio(config, kit, load_book(config.prices), system_clock)
            yield Run(folder, url, studio, random.Random(seed))


async def killed_again_and_again(run: Run, kills: int, jobs: int) -> None:
    """So many kills, over at least so many jobs, until everything is closed."""
    rounds = -(-jobs // (kills * len(KINDS) * SHOTS))
    for n in range(kills):
        if n % 2 == 0 or run.seen["ordered"] < jobs * (n + 1) / kills:
            await run.offer(rounds)
        await (run.kill_at_random() if n else run.kill_before_an_answer())
        await run.resolve()
    await run.close_all()
    await run.check()


IDLE = Pace(answer=(0, 0), work=3600, places=200)  # it takes everything, and ends nothing


async def under_way(run: Run, count: int) -> None:
    """So many jobs run at a vendor, and their process is dead."""
    await run.offer(count // 20, ("blind",), shots=20)
    async with worker(run.folder, run.url):
        with anyio.fail_after(SECONDS_MAX):
            while len(await run.rows("SELECT 1 FROM job WHERE state = 'running'")) < count:  # noqa: ASYNC110
                await anyio.sleep(0.1)
    (run.folder / "looks").write_text("")


async def looked_at(folder: Path, count: int) -> None:
    """Wait until a vendor has been asked about so many jobs."""
    with anyio.fail_after(SECONDS_MAX):
        while len(set((folder / "looks").read_text("utf-8").split())) < count:  # noqa: ASYNC110
            await anyio.sleep(0.05)
