"""Many workers on one PostgreSQL: one is killed, one is frozen, and nothing is sent or paid for twice."""

import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from tests import kills
from tests.conftest import (
    Floor,
    Sketch,
    billed,
    charged,
    check_books,
    config_in,
    film_of,
    limits,
    meter,
    rows,
)
from tests.forked import fork
from tests.kills import Worker, alive, open_run
from tests.office import KINDS
from tests.office import meter as accepted_by
from tools import approvals, jobs, render
from tools.approvals import Approver
from tools.clips import Shelf
from tools.clock import Clock, system_clock
from tools.db import Database, open_database
from tools.engine import Engine
from tools.prices import load_book
from tools.providers.base import VideoProvider
from tools.render import Kit, mark
from tools.render.mark import Mark
from tools.studio import Config, Studio, open_studio, vendors

DATABASES = ("postgres",)
FILMS, SHOTS = 6, 5
SECONDS_MAX = 240  # before a process is given up for hung
LEASE = timedelta(seconds=3)


class Brisk(Sketch):
    """Takes six jobs at once, and draws quickly."""

    capabilities = replace(Sketch.capabilities, concurrent=6)


def brisk(config: Config, clock: Clock) -> dict[str, VideoProvider]:
    folder = config.data_dir / "vendors" / "rehearsal"
    return {**vendors(config, clock), "rehearsal": Brisk(folder, clock)}


def settings_in(folder: Path, url: str) -> Config:
    return config_in(folder, database_url=url, limits=limits("50"))


async def render_all(folder: str, url: str) -> None:
    """What a worker's process does until it is killed."""
    config = settings_in(Path(folder), url)
    async with open_studio(config, providers=brisk, lease=LEASE) as studio:
        await studio.kit.engine.started.wait()
        sys.stdout.write(f"{studio.kit.worker}\n")
        await anyio.sleep_forever()


def worker(folder: Path, url: str) -> AbstractAsyncContextManager[Worker]:
    return alive(Worker(fork(anyio.run, render_all, str(folder), url)))


@pytest.fixture
async def door(tmp_path: Path, url: str) -> AsyncGenerator[Studio]:
    """Takes orders, and leaves the work to others."""
    config = settings_in(tmp_path, url)
    async with open_database(url) as database:
        engine = Engine(url)
        shelf = Shelf(tmp_path / "clips")
        kit = Kit(database, engine, system_clock, brisk(config, system_clock), shelf, "door", tmp_path)
        yield Studio(config, kit, load_book(None), system_clock)


async def order(studio: Studio, n: int, shots: int = SHOTS) -> str:
    offer = studio.offer("rehearsal", "rehearsal-draft", "480p")
    made = await studio.quote(film_of(shots, subject=f"Gate {n}"), offer, owner="ann")
    await approvals.approve(
        studio.database,
        studio.kit.engine,
        studio.config.limits,
        made.id,
        digest=made.digest,
        by=Approver("ann", "web"),
        owner=None,
        at=studio.clock(),
    )
    return made.id


async def until(database: Database, query: str, wanted: int) -> None:
    """Wait until a count is reached, by whichever process."""
    with anyio.fail_after(SECONDS_MAX):
        while (await rows(database, query))[0][0] < wanted:  # noqa: ASYNC110 -- other processes ring no bell here
            await anyio.sleep(0.1)


async def busy_with_all(studio: Studio, only: Worker) -> None:
    """Order everything, and wait until the one worker there is has sent what its vendor takes."""
    for n in range(FILMS):
        await order(studio, n)
    await until(studio.database, f"SELECT COUNT(*) FROM take WHERE worker = '{only.name}'", 6)


CLOSED = "SELECT COUNT(*) FROM job WHERE finished_at IS NOT NULL"
FILMED = "SELECT COUNT(*) FROM film"


async def check_all_is_made_once(studio: Studio, folder: Path, count: int) -> None:
    async with studio.database.reading() as connection:
        made = await jobs.recent(connection, "ann", 1000)
    takes = [take_id for (take_id,) in await rows(studio.database, "SELECT id FROM take ORDER BY id")]
    lines = (folder / "vendors" / "rehearsal" / "meter.jsonl").read_text("utf-8").splitlines()

    assert [job.state for job in made] == ["succeeded"] * count
    assert [job.takes for job in made] == [1] * count
    assert sorted(meter(folder)) == takes
    assert len(lines) == count  # not one take was accepted twice
    assert charged(made) == billed(folder)
    await check_books(studio.database)


async def test_when_a_worker_is_killed_another_takes_over(door: Studio, url: str, tmp_path: Path) -> None:
    async with worker(tmp_path, url) as doomed, door.kit.engine.connected():
        await busy_with_all(door, doomed)
        async with worker(tmp_path, url):
            doomed.process.kill()
            await until(door.database, CLOSED, FILMS * SHOTS)
            await until(door.database, FILMED, FILMS)

    await check_all_is_made_once(door, tmp_path, FILMS * SHOTS)
    assert (await rows(door.database, "SELECT COUNT(DISTINCT worker) FROM take"))[0][0] == 2


async def test_a_worker_frozen_past_its_lease_sends_and_captures_nothing_twice(
    door: Studio, url: str, tmp_path: Path
) -> None:
    async with worker(tmp_path, url) as frozen, door.kit.engine.connected():
        await busy_with_all(door, frozen)
        async with worker(tmp_path, url):
            frozen.process.send_signal(signal.SIGSTOP)
            await until(door.database, CLOSED, FILMS * SHOTS)
            frozen.process.send_signal(signal.SIGCONT)
            await order(door, FILMS)
            await until(door.database, FILMED, FILMS + 1)

            assert frozen.process.poll() is None  # it woke up, and works on
    await check_all_is_made_once(door, tmp_path, (FILMS + 1) * SHOTS)


# --- in the middle of a request -------------------------------------------------------------


@pytest.mark.parametrize("place", ["sending", "accepted"])
async def test_a_worker_frozen_in_the_middle_of_its_requests_has_each_accepted_once(
    tmp_path: Path, url: str, place: str
) -> None:
    async with open_run(tmp_path, url, seed=0) as run, kills.worker(tmp_path, url) as frozen:
        (tmp_path / f"stop-{place}").touch()
        await run.offer(1)
        await until(run.studio.database, SENDING, len(KINDS) * kills.SHOTS)
        await kills.appears(tmp_path / f"at-{place}")
        frozen.process.send_signal(signal.SIGSTOP)
        (tmp_path / f"stop-{place}").unlink()
        async with kills.worker(tmp_path, url):
            await until(run.studio.database, GIVEN_UP, len(KINDS) * kills.SHOTS)
            before = len(accepted_by(tmp_path))
            frozen.process.send_signal(signal.SIGCONT)
            await until(run.studio.database, CLOSED, len(KINDS) * kills.SHOTS)
        await run.check()

        assert before == (2 if place == "sending" else 6)  # who took over sent only what has a key
        assert run.violations() == []
        assert run.seen["accepted"] == 6


async def test_of_three_workers_one_is_killed_and_one_frozen_and_the_third_does_it_all(
    tmp_path: Path, url: str
) -> None:
    async with (
        open_run(tmp_path, url, seed=0) as run,
        kills.worker(tmp_path, url) as killed,
        kills.worker(tmp_path, url) as frozen,
        kills.worker(tmp_path, url),
    ):
        await offer_until_all_have_sent(run, 3)
        frozen.process.send_signal(signal.SIGSTOP)
        await killed.kill()
        await until(run.studio.database, f"SELECT 1 - COUNT(*) FROM ({kills.MOVING}) AS moving", 1)
        frozen.process.send_signal(signal.SIGCONT)
        await run.close_all()
        await run.check()

        assert run.violations() == []


async def offer_until_all_have_sent(run: kills.Run, workers: int) -> None:
    """Whoever is quick takes all that there is."""
    with anyio.fail_after(SECONDS_MAX):
        while (await run.rows("SELECT COUNT(DISTINCT worker) FROM take"))[0][0] < workers:
            await run.offer(1)
            await anyio.sleep(0.5)


SENDING = "SELECT COUNT(*) FROM job WHERE state = 'submitting'"
GIVEN_UP = "SELECT COUNT(*) FROM job WHERE state = 'unknown' OR finished_at IS NOT NULL"

# --- by hand -------------------------------------------------------------------------------


async def test_a_worker_frozen_between_its_claim_and_its_request_sends_nothing_when_it_wakes(
    floor: Floor, tmp_path: Path
) -> None:
    offer = await floor.quote(film_of(1))
    await floor.approve(offer)
    (job,) = await floor.jobs(offer)

    def frozen() -> datetime:
        """Its second look at the clock is long after the first."""
        now = floor.clock()
        floor.clock.move(seconds=21)
        return now

    await render.submit(replace(floor.kit, clock=frozen), job.id)

    assert meter(tmp_path) == {}
    assert [job.state for job in await floor.jobs(offer)] == ["submitting"]
    await render.sweep(floor.kit)
    assert [job.state for job in await floor.finish(offer)] == ["succeeded"]
    assert len(meter(tmp_path)) == 1
    await check_books(floor.database)


async def test_a_mark_is_whole_whenever_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mark.json"
    mark.write(path, Mark(1, "first"))

    def go_on(begin: int) -> None:
        for seq in range(begin, begin + 200):
            mark.write(path, Mark(seq, "next"))

    async with anyio.create_task_group() as group:
        for begin in (2, 3):
            group.start_soon(anyio.to_thread.run_sync, go_on, begin)
        seen = 1
        while seen < 202:
            last = mark.read(path)
            assert last is not None
            assert last.seq >= seen
            seen = last.seq
            await anyio.lowlevel.checkpoint()


async def test_starting_again_and_again_makes_due_only_what_could_start_and_each_once(floor: Floor) -> None:
    await floor.approve(await floor.quote(film_of(7)))
    await floor.edit("DELETE FROM due")
    for _ in range(5):
        await render.resume(floor.kit)

    assert len(await floor.due()) == floor.kit.providers["rehearsal"].capabilities.concurrent


class Slow(Sketch):
    """Its downloads take for ever."""

    async def fetch(self, provider_job_id: str, to: Path) -> None:  # noqa: ARG002 -- it never gets there
        await anyio.sleep_forever()


async def test_a_download_called_off_at_the_end_is_the_next_workers_at_once(
    floor: Floor, tmp_path: Path
) -> None:
    offer = await floor.quote(film_of(1))
    await floor.approve(offer)
    (job,) = await floor.jobs(offer)
    await render.submit(floor.kit, job.id)
    floor.clock.move(seconds=5)
    await render.settle(floor.kit, job.id)
    slow = Slow(tmp_path / "vendors" / "rehearsal", floor.clock)
    with anyio.move_on_after(0.2):
        await render.fetch(replace(floor.kit, providers={**floor.kit.providers, "rehearsal": slow}), job.id)
    await floor.tick()

    assert await floor.film(offer) is not None
