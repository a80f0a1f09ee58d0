"""The engine: whatever is killed when, what was approved is made once and paid once."""

import random
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream
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
from tests.postgres import Server
from tools import approvals, jobs, media
from tools.approvals import Approval, Approver
from tools.quotes import Quote
from tools.studio import Config, Studio, open_studio

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


# --- kill -9 -------------------------------------------------------------------------------

PROCESS = """
import sys, anyio
from pathlib import Path
from tests.conftest import config_in, wait_for_film
from tests.test_engine import approve, offer_of
from tools import quotes
from tools.studio import open_studio

async def main(folder, quote_id):
    async with open_studio(config_in(Path(folder))) as studio:
        if quote_id == "":
            print((await offer_of(studio, 5)).id, flush=True)
            await anyio.sleep_forever()
        async with studio.database.reading() as connection:
            offer = await quotes.get(connection, quote_id)
        print((await approve(studio, offer)).approval_id, flush=True)
        await wait_for_film(studio, quote_id)
        print("film", flush=True)

anyio.run(main, *sys.argv[1:])
"""


@dataclass(frozen=True)
class Running:
    process: Process
    said: BufferedByteReceiveStream

    async def line(self) -> str:
        with anyio.fail_after(SECONDS_MAX):
            return (await self.said.receive_until(b"\n", 200)).decode()

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.end()

    async def end(self) -> None:
        await self.process.wait()
        await self.process.aclose()


async def start(folder: Path, quote_id: str) -> Running:
    command = [sys.executable, "-c", PROCESS, str(folder), quote_id]
    process = await anyio.open_process(command, cwd=Path(__file__).parents[1], stderr=None)
    assert process.stdout is not None
    return Running(process, BufferedByteReceiveStream(process.stdout))


async def test_whenever_it_is_killed_every_take_is_accepted_and_paid_once(tmp_path: Path) -> None:
    asked = await start(tmp_path, "")
    quote_id = await asked.line()
    await asked.kill()  # between the quote and the approval
    approval_ids: set[str] = set()
    for _ in range(3):
        working = await start(tmp_path, quote_id)
        approval_ids.add(await working.line())
        await anyio.sleep(random.uniform(0, 1.2))
        await working.kill()
    last = await start(tmp_path, quote_id)
    approval_ids.add(await last.line())
    assert await last.line() == "film"
    await last.end()

    async with open_studio(config_in(tmp_path)) as studio:
        async with studio.database.reading() as connection:
            made = await jobs.of_quote(connection, quote_id)
        takes = await rows(studio.database, "SELECT id FROM take ORDER BY id")
        assert len(approval_ids) == 1
        assert [job.state for job in made] == ["succeeded"] * 5
        assert [job.takes for job in made] == [1] * 5
        assert sorted(meter(tmp_path)) == [take_id for (take_id,) in takes]
        assert charged(made) == billed(tmp_path)
        assert await rows(studio.database, "SELECT COUNT(*) FROM film") == [(1,)]
        await check_books(studio.database)
