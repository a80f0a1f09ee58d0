"""The engine: whatever is killed when, what was approved is made once and paid once."""

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
from sqlalchemy import create_engine, text

from tests.conftest import (
    BOTH,
    billed,
    charged,
    check_books,
    config_in,
    film_of,
    limits,
    meter,
    rows,
    wait_for_film,
)
from tests.kills import IDLE, killed_again_and_again, looked_at, open_run, under_way, worker
from tests.office import Pace, be
from tests.postgres import Server
from tools import approvals, jobs, media
from tools.approvals import Approval, Approver
from tools.clips import Shelf
from tools.clock import system_clock
from tools.db import open_database
from tools.engine import Engine
from tools.prices import load_book
from tools.quotes import Quote
from tools.render import Kit
from tools.studio import Config, Studio, open_studio, vendors

DATABASES = BOTH

SECONDS_MAX = 60


async def offer_of(studio: Studio, count: int = 1, subject: str = "A lighthouse") -> Quote:
    draft = studio.offer("rehearsal", "rehearsal-draft", "480p")
    return await studio.quote(film_of(count, subject=subject), draft, owner="ann")


async def approve(studio: Studio, offer: Quote) -> Approval:
    return await approvals.approve(
        studio.database,
        studio.kit.engine,
        studio.config.limits,
        offer.id,
        digest=offer.digest,
        by=Approver("ann", "web"),
        owner="ann",
        at=studio.clock(),
    )


async def test_the_engine_takes_an_approval_all_the_way_to_a_film(studio: Studio, tmp_path: Path) -> None:
    offer = await offer_of(studio, 4)
    await approve(studio, offer)
    whole = await wait_for_film(studio, offer.id)
    async with studio.database.reading() as connection:
        made = await jobs.of_quote(connection, offer.id)

    look = media.probe(studio.kit.shelf.path(whole.sha256))
    assert (look.video_codec, look.audio_codec, look.width, look.height) == ("h264", "aac", 854, 480)
    assert look.seconds == 4
    assert [job.state for job in made] == ["succeeded"] * 4
    assert charged(made) == billed(tmp_path)
    await check_books(studio.database)


async def test_what_was_under_way_when_a_studio_closed_is_finished_by_the_next(
    config: Callable[..., Config], tmp_path: Path
) -> None:
    async with open_studio(config()) as studio:
        offer = await offer_of(studio, 2)
        await approve(studio, offer)
        await studio.database.bell.wait(1)
    async with open_studio(config()) as studio:
        await wait_for_film(studio, offer.id)

        assert len(meter(tmp_path)) == 2
        await check_books(studio.database)


async def test_an_empty_postgresql_gets_what_it_needs_at_the_first_start(
    postgres: Server, tmp_path: Path
) -> None:
    url = postgres.empty()
    async with open_studio(config_in(tmp_path, database_url=url)) as studio:
        offer = await offer_of(studio)
        await approve(studio, offer)
        await wait_for_film(studio, offer.id)

        await check_books(studio.database)
    postgres.drop(url)


async def test_a_studio_answers_while_its_engine_waits_for_the_database(
    postgres: Server, tmp_path: Path
) -> None:
    url = postgres.fresh()
    waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL"
    engine = create_engine(url)
    with engine.connect() as other:
        other.execute(text("SET idle_in_transaction_session_timeout = '10s'"))
        other.execute(text("LOCK TABLE dbos.application_versions"))
        async with open_studio(config_in(tmp_path, database_url=url)) as studio:
            with anyio.fail_after(SECONDS_MAX):
                while await rows(studio.database, waiting) == [(0,)]:  # noqa: ASYNC110 -- a lock rings no bell
                    await anyio.sleep(0.05)
            offer = await offer_of(studio)
            assert not studio.kit.engine.started.is_set()
            other.rollback()
            await studio.kit.engine.started.wait()
            await approve(studio, offer)
            await wait_for_film(studio, offer.id)
    engine.dispose()
    postgres.drop(url)


async def test_a_second_studio_on_a_file_asks_and_the_first_does_the_work(tmp_path: Path) -> None:
    async with open_studio(config_in(tmp_path)) as first:
        await first.kit.engine.started.wait()
        async with open_studio(config_in(tmp_path)) as second:
            offer = await offer_of(second)
            await approve(second, offer)
            await wait_for_film(second, offer.id)

            ((worker,),) = await rows(second.database, "SELECT worker FROM take")
            assert worker == first.kit.worker


async def test_many_approvals_while_the_engine_works_meet_no_lock(
    config: Callable[..., Config], tmp_path: Path
) -> None:
    async with open_studio(config(limits=limits("0.25"), rehearsal_faults="refuse")) as studio:
        offers = [await offer_of(studio, 2, subject=f"Gate {n}") for n in range(12)]
        async with anyio.create_task_group() as group:
            for offer in offers[:2]:
                group.start_soon(approve, studio, offer)
        with anyio.fail_after(SECONDS_MAX):
            for offer in offers[2:]:  # what is refused makes room for the next
                while not await took(studio, offer):
                    await studio.database.bell.wait(0.1)
            while await rows(studio.database, "SELECT id FROM job WHERE finished_at IS NULL"):
                await studio.database.bell.wait(0.1)

        assert await rows(studio.database, "SELECT state, COUNT(*) FROM job GROUP BY state") == [
            ("failed", 24)
        ]
        assert meter(tmp_path) == {}
        await check_books(studio.database)


async def took(studio: Studio, offer: Quote) -> bool:
    try:
        await approve(studio, offer)
    except approvals.ledger.BudgetExceeded:
        return False
    return True


async def test_work_that_ended_long_ago_is_forgotten_and_what_is_due_is_not(
    config: Callable[..., Config], tmp_path: Path
) -> None:
    async with open_studio(config()) as studio:
        offer = await offer_of(studio)
        await approve(studio, offer)
        await wait_for_film(studio, offer.id)
        now, forgotten = studio.clock(), 0
        assert await studio.kit.engine.prune(now + timedelta(days=6)) == 0
        with anyio.fail_after(SECONDS_MAX):
            while forgotten < 3:  # sent, finished, joined; the last may just end
                now += timedelta(days=8)
                forgotten += await studio.kit.engine.prune(now)
    async with open_door(config()) as door:
        waiting = await offer_of(door, subject="A gate")
        await approve(door, waiting)
        assert (forgotten, await door.kit.engine.prune(now + timedelta(days=8))) == (3, 0)
    async with open_studio(config()) as studio:
        await wait_for_film(studio, waiting.id)
        assert len(meter(tmp_path)) == 2
        await check_books(studio.database)


async def test_what_ended_is_looked_for_once_an_hour(studio: Studio) -> None:
    offer, engine = await offer_of(studio), studio.kit.engine
    later = studio.clock() + timedelta(days=8)
    await engine.started.wait()
    assert await engine.prune(later) == 0
    await approve(studio, offer)
    await wait_for_film(studio, offer.id)

    assert await engine.prune(later + timedelta(minutes=59)) == 0
    assert await engine.prune(later + timedelta(minutes=60)) > 0


async def test_what_ends_goes_before_what_begins(config: Callable[..., Config]) -> None:
    async with open_studio(config()) as studio:
        await studio.kit.engine.started.wait()  # it makes the engine's tables
    async with open_door(config()) as door:
        engine = door.kit.engine
        async with door.database.transaction() as connection:
            for work in ("submit_job", "assemble_film", "finish_job"):
                await engine.enqueue(connection, work, "job_1", cause="a test")
        schema = "" if config().database_url.startswith("sqlite") else "dbos."
        waiting = f"SELECT name FROM {schema}workflow_status ORDER BY priority, created_at LIMIT 1"

        assert await rows(door.database, waiting) == [("finish_job",)]


@asynccontextmanager
async def open_door(config: Config) -> AsyncGenerator[Studio]:
    """Takes orders, and leaves the work to others."""
    async with open_database(config.database_url) as database:
        engine, shelf = Engine(config.database_url), Shelf(config.data_dir / "clips")
        kit = Kit(
            database, engine, system_clock, vendors(config, system_clock), shelf, "door", config.data_dir
        )
        async with engine.connected():
            yield Studio(config, kit, load_book(None), system_clock)


# --- kill -9 -------------------------------------------------------------------------------


async def test_whenever_it_is_killed_every_take_is_accepted_and_paid_once(tmp_path: Path, url: str) -> None:
    seed = random.randrange(2**32)
    async with open_run(tmp_path, url, seed) as run:
        await killed_again_and_again(run, kills=6, jobs=18)

        assert run.violations() == [], f"seed {seed}: {run.totals()}"
        assert run.seen["kills"] == 6
        assert run.seen["answers lost"] > 0


async def test_every_running_job_is_looked_after_again_after_a_kill(tmp_path: Path, url: str) -> None:
    async with open_run(tmp_path, url, seed=0, pace=IDLE) as run:
        await under_way(run, 40)
        async with worker(tmp_path, url):
            await looked_at(tmp_path, 40)
            be(tmp_path, Pace(work=0))
        await run.close_all()
        await run.check()

        assert run.violations() == []
        assert run.seen["accepted"] == 40
