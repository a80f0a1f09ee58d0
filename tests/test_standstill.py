"""A restored backup starts frozen: nothing is sent before the vendors' books and ours agree."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import Clock, Floor, check_books, film_of, open_floor, rows
from tests.puppet import DONE, Puppet
from tools import render, standstill
from tools.errors import Frozen
from tools.estimate import Offer
from tools.providers.base import Capabilities, VendorJob
from tools.render import mark, send
from tools.studio import Config

BLIND = Capabilities(play_money=True, concurrent=9)
LISTED = Capabilities(play_money=True, concurrent=9, search_window=timedelta(0))


def backup(folder: Path) -> None:
    (folder / "backup.db").write_bytes((folder / "greenlight.db").read_bytes())


def restore(folder: Path) -> None:
    for beside in folder.glob("greenlight.db-*"):
        beside.unlink()
    (folder / "greenlight.db").write_bytes((folder / "backup.db").read_bytes())


async def approved(floor: Floor, subject: str = "A lighthouse") -> None:
    await floor.approve(await floor.quote(film_of(1, subject=subject)))


async def settle_file(floor: Floor) -> None:
    """All of it into the one file that is copied."""
    async with floor.database.reader.connect() as connection:
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


async def sent_after_the_backup(config: Config, clock: Clock, puppet: Puppet) -> None:
    """A job that the backup knows as approved, and the vendor as made."""
    async with open_floor(config, clock) as floor:
        floor.use(puppet)
        await approved(floor)
        await settle_file(floor)
        backup(config.data_dir)
        await floor.work()
    restore(config.data_dir)


@pytest.fixture
def settings(config: Callable[..., Config]) -> Config:
    return config()


async def test_what_a_restored_backup_would_send_again_is_set_apart(settings: Config, clock: Clock) -> None:
    puppet = Puppet(BLIND)
    await sent_after_the_backup(settings, clock, puppet)
    async with open_floor(settings, clock, "next") as floor:
        floor.use(puppet)
        await render.resume(floor.kit)
        await floor.work()
        await floor.tick(hours=1)

        assert len(puppet.asked) == 1
        assert await rows(floor.database, "SELECT state FROM job") == [("quarantined",)]
        assert await rows(floor.database, "SELECT held_micros FROM budget") == [(50_000,)]
        await check_books(floor.database)


async def test_a_first_job_that_is_not_marked_yet_is_no_restored_backup(floor: Floor) -> None:
    """Another worker comes between its commit and its mark; or nobody does, because the process died there."""
    floor.use(Puppet(LISTED))
    await approved(floor)
    (job_id,) = [job_id for (job_id,) in await rows(floor.database, "SELECT id FROM job")]
    async with floor.database.transaction() as connection:
        assert not await mark.stop_if_restored(connection, floor.kit, floor.clock())
        assert await send._if_due(connection, floor.kit, job_id, None, floor.clock()) is not None  # pyright: ignore[reportPrivateUsage] -- up to its commit

    async with floor.database.transaction() as connection:
        assert not await mark.stop_if_restored(connection, floor.kit, floor.clock())


def test_a_mark_that_a_crash_left_empty_is_none(tmp_path: Path) -> None:
    (tmp_path / "mark").touch()

    assert mark.read(tmp_path / "mark") is None


async def test_nothing_is_approved_while_a_vendor_stands_still(settings: Config, clock: Clock) -> None:
    puppet = Puppet(BLIND)
    await sent_after_the_backup(settings, clock, puppet)
    async with open_floor(settings, clock, "next") as floor:
        floor.use(puppet)
        await render.resume(floor.kit)
        with pytest.raises(Frozen, match="restored from a backup"):
            await approved(floor, "A gate")

        assert await rows(floor.database, "SELECT COUNT(*) FROM approval") == [(1,)]


async def test_what_another_vendor_was_to_be_sent_waits_on(floor: Floor) -> None:
    drawn = Offer("animatic", "animatic", "480p")
    await approved(floor)
    await floor.approve(await floor.studio.quote(film_of(1), drawn, owner="ann"))
    async with floor.database.transaction() as connection:
        await standstill.begin(connection, ["rehearsal"], floor.clock())

    apart = "SELECT provider, state FROM job ORDER BY provider"
    assert await rows(floor.database, apart) == [("animatic", "ready"), ("rehearsal", "quarantined")]


async def test_a_database_that_is_put_back_under_a_running_process_stops_it_too(
    settings: Config, clock: Clock
) -> None:
    puppet = Puppet(BLIND)
    await sent_after_the_backup(settings, clock, puppet)
    async with open_floor(settings, clock, "next") as floor:
        floor.use(puppet)
        await floor.work()  # without the look that a start takes

        assert len(puppet.asked) == 1
        assert await rows(floor.database, "SELECT provider FROM standstill") == [("rehearsal",)]


async def test_a_vendor_that_lists_its_jobs_goes_on_once_they_are_compared(
    settings: Config, clock: Clock
) -> None:
    puppet = Puppet(LISTED)
    await sent_after_the_backup(settings, clock, puppet)
    puppet.listed = [VendorJob("job-1", puppet.asked[0].take_id, clock())]
    async with open_floor(settings, clock, "next") as floor:
        floor.use(puppet)
        await render.resume(floor.kit)
        await render.sweep(floor.kit)
        async with floor.database.reading() as connection:
            (orphan,) = await render.orphans(connection)
        assert orphan.provider_job_id == "job-1"
        await approved(floor, "A gate")
        await floor.work()
        puppet.has["job-2"] = DONE
        await floor.tick(seconds=10)

        assert len(puppet.asked) == 2
        assert await rows(floor.database, "SELECT state FROM job ORDER BY created_at, state") == [
            ("quarantined",),
            ("succeeded",),
        ]


async def test_a_persons_word_lets_a_vendor_go_on_that_cannot_be_asked(
    settings: Config, clock: Clock
) -> None:
    puppet = Puppet(BLIND)
    await sent_after_the_backup(settings, clock, puppet)
    async with open_floor(settings, clock, "next") as floor:
        floor.use(puppet)
        await render.resume(floor.kit)
        assert await render.trust(floor.kit, "rehearsal", by="ann")
        await approved(floor, "A gate")
        await floor.work()
        await render.resume(floor.kit)

        assert len(puppet.asked) == 2
        assert not await render.trust(floor.kit, "rehearsal", by="ann")
        assert (await rows(floor.database, "SELECT principal FROM audit WHERE action = 'reconciled'")) == [
            ("ann",)
        ]


async def test_a_newer_database_than_the_mark_is_no_backup(settings: Config, clock: Clock) -> None:
    puppet = Puppet(BLIND)
    async with open_floor(settings, clock) as floor:
        floor.use(puppet)
        await approved(floor)
        await floor.work()
        await approved(floor, "A gate")
        await render.resume(floor.kit)
        await floor.work()

        assert len(puppet.asked) == 2


async def test_a_file_from_elsewhere_that_has_sent_something_starts_frozen(
    settings: Config, clock: Clock
) -> None:
    puppet = Puppet(BLIND)
    async with open_floor(settings, clock) as floor:
        floor.use(puppet)
        await approved(floor)
        await floor.work()
    (settings.data_dir / "last-sent.json").unlink()
    async with open_floor(settings, clock, "next") as floor:
        floor.use(puppet)
        await render.resume(floor.kit)

        assert await rows(floor.database, "SELECT provider FROM standstill") == [("rehearsal",)]
