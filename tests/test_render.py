"""The life of a render job: record, act, settle, through every fault the vendor can have."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from math import inf
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.conftest import (
    BOTH,
    Clock,
    Floor,
    Sketch,
    billed,
    charged,
    check_books,
    dump,
    film_of,
    meter,
    open_floor,
    rows,
)
from tools import jobs, media, quotes, receipts, render
from tools.clock import stamp
from tools.errors import Conflict, NotFound
from tools.jobs import Job
from tools.money import ZERO, Money
from tools.providers.base import Capabilities, RenderRequest, Running, Silent, Status, Submission
from tools.providers.rehearsal import Rehearsal
from tools.quotes import Quote
from tools.render import Kit, watch
from tools.studio import Config

DATABASES = BOTH

Configs = Callable[..., Config]


async def approved(floor: Floor, count: int = 2, **facts: Any) -> Quote:
    offer = await floor.quote(film_of(count, **facts))
    await floor.approve(offer)
    return offer


async def paid(floor: Floor, offer: Quote) -> dict[str, Any]:
    async with floor.database.reading() as connection:
        return await receipts.receipt(connection, offer.id)


async def state(floor: Floor, offer: Quote) -> list[str]:
    return [job.state for job in await floor.jobs(offer)]


async def test_the_whole_way_ends_in_clips_a_film_and_a_balanced_receipt(
    floor: Floor, tmp_path: Path
) -> None:
    offer = await approved(floor)
    made = await floor.finish(offer)
    whole = await floor.film(offer)
    receipt = await paid(floor, offer)

    assert [(job.state, job.charge_source, job.takes) for job in made] == [("succeeded", "reported", 1)] * 2
    assert whole is not None
    look = media.probe(floor.kit.shelf.path(whole.sha256))
    assert (look.video_codec, look.audio_codec) == ("h264", "aac")
    assert charged(made) == billed(tmp_path) == Money.usd("0.08")
    assert receipt["balanced"]
    assert (receipt["held_usd"], receipt["charged_usd"], receipt["released_usd"]) == ("0.10", "0.08", "0.02")
    assert receipt["open"] == []
    assert await floor.due() == []
    await check_books(floor.database)


async def test_the_same_work_again_costs_nothing_and_its_film_is_made(floor: Floor, tmp_path: Path) -> None:
    first = await approved(floor)
    made = await floor.finish(first)
    bill = billed(tmp_path)
    again = await floor.quote(film_of())
    await floor.approve(again)
    await floor.work()

    assert (again.expected, again.ceiling) == (ZERO, ZERO)
    assert [line.reused_clip_id for line in again.lines] == [job.clip_id for job in made]
    assert await floor.film(again) is not None
    assert billed(tmp_path) == bill
    assert [line["state"] for line in (await paid(floor, again))["lines"]] == ["reused"] * 2


async def test_two_models_that_draw_the_same_bytes_are_each_paid_once(floor: Floor) -> None:
    await floor.finish(await approved(floor))
    other = floor.studio.offer("rehearsal", "rehearsal-draft", "720p")
    second = await floor.studio.quote(film_of(), other, owner="ann")
    await floor.approve(second)
    made = await floor.finish(second)
    again = await floor.studio.quote(film_of(), other, owner="ann")

    assert second.expected == Money.usd("0.12")
    assert again.expected == ZERO
    assert [line.reused_clip_id for line in again.lines] == [job.clip_id for job in made]


async def test_only_what_is_new_in_a_film_is_paid_for(floor: Floor, tmp_path: Path) -> None:
    await floor.finish(await approved(floor))
    longer = await floor.quote(film_of(3))
    await floor.approve(longer)
    made = await floor.finish(longer)

    assert longer.expected == Money.usd("0.04")
    assert [job.n for job in made] == [3]
    assert billed(tmp_path) == Money.usd("0.12")
    assert await floor.film(longer) is not None


async def test_somebody_elses_clips_are_not_reused(floor: Floor) -> None:
    await floor.finish(await approved(floor))

    assert (await floor.quote(film_of(), owner="bob")).expected == Money.usd("0.08")


# --- places at the vendor ------------------------------------------------------------------


async def at_the_vendor(floor: Floor) -> int:
    counted = await rows(floor.database, "SELECT COUNT(*) FROM job WHERE state IN ('submitting', 'running')")
    return counted[0][0]


async def test_never_more_jobs_at_the_vendor_than_it_takes_and_all_finish(floor: Floor) -> None:
    offer = await approved(floor, 7)
    await floor.work()
    most = await at_the_vendor(floor)
    for _ in range(20):
        await floor.tick(seconds=0.5)
        most = max(most, await at_the_vendor(floor))

    assert most == 3
    assert await state(floor, offer) == ["succeeded"] * 7
    assert await floor.film(offer) is not None
    await check_books(floor.database)


async def test_every_free_place_is_taken_though_the_one_woken_first_was_canceled(floor: Floor) -> None:
    offer = await approved(floor, 5)
    await floor.work()
    made = await floor.jobs(offer)
    floor.clock.move(seconds=1.15)
    await render.poll_due(floor.kit)
    await render.settle(floor.kit, made[0].id)
    assert ("submit_job", made[3].id) in await floor.due()
    await render.cancel(floor.kit, made[3].id, owner="ann")

    assert ("submit_job", made[4].id) in await floor.due()
    await floor.finish(offer)
    assert await state(floor, offer) == ["succeeded"] * 3 + ["released", "succeeded"]


async def test_two_that_end_before_anything_starts_make_two_places(floor: Floor) -> None:
    offer = await approved(floor, 5)
    await floor.work()
    made = await floor.jobs(offer)
    floor.clock.move(seconds=5)
    await render.poll_due(floor.kit)
    for job in made[:2]:
        await render.settle(floor.kit, job.id)

    due = await floor.due()
    assert {subject for work, subject in due if work == "submit_job"} == {made[3].id, made[4].id}


# --- faults --------------------------------------------------------------------------------


def ends(made: list[Job]) -> list[tuple[str, str | None, str]]:
    return [(job.state, job.charge_source, str(job.charged)) for job in made]


FINE = ("succeeded", "reported", "0.04")


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        ("refuse@1", ("failed", None, "0.00")),
        ("fail@1", ("failed", "reported", "0.00")),
        ("no-cost@1", ("succeeded", "assumed", "0.05")),
        ("lose-answer@1", FINE),
        ("slow@1", FINE),
    ],
)
async def test_each_fault_ends_as_it_should(
    config: Configs, clock: Clock, tmp_path: Path, fault: str, end: tuple[str, str | None, str]
) -> None:
    async with open_floor(config(rehearsal_faults=fault), clock) as floor:
        offer = await approved(floor)
        made = await floor.finish(offer)

        assert ends(made) == [end, FINE]
        assert await floor.film(offer) is not None  # a shot that failed is shown as its animatic
        assert (await paid(floor, offer))["balanced"]
        assert billed(tmp_path) <= charged(made)
        assert len(meter(tmp_path)) <= 2
        await check_books(floor.database)


async def test_a_bill_above_the_ceiling_is_captured_in_full_and_nothing_more_is_approved(
    config: Configs, clock: Clock, tmp_path: Path
) -> None:
    async with open_floor(config(rehearsal_faults="overrun@1"), clock) as floor:
        offer = await approved(floor)
        made = await floor.finish(offer)

        assert ends(made) == [("succeeded", "reported", "0.08"), FINE]
        assert charged(made) == billed(tmp_path)
        assert (await rows(floor.database, "SELECT frozen_reason FROM budget"))[0][0].startswith(made[0].id)
        await check_books(floor.database, overrun=True)


async def test_an_answer_that_is_lost_is_unknown_and_holds_until_the_job_is_found(
    config: Configs, clock: Clock, tmp_path: Path
) -> None:
    async with open_floor(config(rehearsal_faults="lose-answer"), clock) as floor:
        offer = await approved(floor, 1)
        await floor.work()
        (lost,) = await floor.jobs(offer)
        await check_books(floor.database)
        await floor.tick(seconds=0.5)
        (found,) = await floor.jobs(offer)

        assert (lost.state, lost.charged) == ("unknown", None)
        assert (found.state, found.error, found.takes) == ("running", None, 1)
        assert list(meter(tmp_path)) == [found.provider_job_id]


async def test_answers_that_are_lost_keep_their_places_at_the_vendor(config: Configs, clock: Clock) -> None:
    async with open_floor(config(rehearsal_faults="lose-answer"), clock) as floor:
        offer = await approved(floor, 5)
        await floor.work()

        assert await state(floor, offer) == ["unknown"] * 3 + ["ready"] * 2
        await floor.finish(offer)
        assert await state(floor, offer) == ["succeeded"] * 5


class Blind(Sketch):
    """Cannot be asked about a take, and honours no key."""

    capabilities = Rehearsal.capabilities.__class__(play_money=True, concurrent=3, poll_seconds=0.25)

    def __init__(self, folder: Path, clock: Clock, faults: str = "") -> None:
        super().__init__(folder, clock, faults)
        self.asked = 0
        self.sent: list[str] = []

    async def submit(self, request: RenderRequest) -> Submission:
        self.sent.append(request.take_id)
        return await super().submit(request)

    async def find(self, take_id: str) -> Silent:  # noqa: ARG002 -- it never says
        self.asked += 1
        return Silent()


async def lost_at(floor: Floor, tmp_path: Path) -> tuple[Kit, Blind, Job]:
    """A job whose answer was lost by a vendor that cannot be asked."""
    offer = await approved(floor, 1)
    vendor = Blind(tmp_path / "vendors" / "rehearsal", floor.clock, "lose-answer")
    kit = await floor.with_vendor(vendor)
    (job,) = await floor.jobs(offer)
    await render.submit(kit, job.id)
    return kit, vendor, job


async def test_what_a_blind_vendor_lost_is_never_sent_again(floor: Floor, tmp_path: Path) -> None:
    kit, vendor, job = await lost_at(floor, tmp_path)
    for _ in range(100):
        floor.clock.move(seconds=1)
        await render.seek_unknown(kit)
        await render.submit(kit, job.id)

    assert len(vendor.sent) == 1
    assert vendor.asked == 2  # once a minute, not at every look
    assert await rows(floor.database, "SELECT state FROM job") == [("unknown",)]
    assert await rows(floor.database, "SELECT held_micros FROM budget") == [(50_000,)]


@pytest.mark.parametrize(("said", "end"), [("0.04", "failed"), ("0", "released")])
async def test_a_persons_word_resolves_what_is_unknown(
    floor: Floor, tmp_path: Path, said: str, end: str
) -> None:
    kit, _, job = await lost_at(floor, tmp_path)
    resolved = await render.resolve(kit, job.id, Money.usd(said), owner="ann", by="ann")

    assert (resolved.state, resolved.charged) == (end, Money.usd(said))
    with pytest.raises(Conflict):
        await render.resolve(kit, job.id, ZERO, owner="ann", by="ann")
    await check_books(floor.database)


async def test_nobody_resolves_another_owners_job(floor: Floor, tmp_path: Path) -> None:
    kit, _, job = await lost_at(floor, tmp_path)

    with pytest.raises(NotFound):
        await render.resolve(kit, job.id, ZERO, owner="bob", by="bob")
    with pytest.raises(NotFound):
        await render.cancel(kit, job.id, owner="bob")


async def test_a_film_of_which_nothing_was_made_is_no_film_and_leaves_nothing_open(
    config: Configs, clock: Clock
) -> None:
    async with open_floor(config(rehearsal_faults="refuse"), clock) as floor:
        offer = await approved(floor, 5)
        made = await floor.finish(offer)

        assert [job.state for job in made] == ["failed"] * 5
        assert await floor.film(offer) is None
        assert await floor.due() == []
        assert await rows(floor.database, "SELECT held_micros, spent_micros FROM budget") == [(0, 0)]


# --- sending once --------------------------------------------------------------------------


class Gate(Blind):
    """Answers when the test lets it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder, clock)
        self.reached = anyio.Event()
        self.open = anyio.Event()

    async def submit(self, request: RenderRequest) -> Submission:
        self.reached.set()
        await self.open.wait()
        return await super().submit(request)


async def test_two_workflows_at_once_send_one_request(floor: Floor, tmp_path: Path) -> None:
    offer = await approved(floor, 1)
    (job,) = await floor.jobs(offer)
    vendor = Gate(tmp_path / "vendors" / "rehearsal", floor.clock)
    kit = await floor.with_vendor(vendor)
    async with anyio.create_task_group() as group:
        group.start_soon(render.submit, kit, job.id)
        await vendor.reached.wait()
        await render.submit(kit, job.id)
        assert await state(floor, offer) == ["submitting"]
        vendor.open.set()

    assert len(vendor.sent) == 1
    assert await state(floor, offer) == ["running"]


async def half_sent(floor: Floor) -> Job:
    """A job whose process died between the intent and the answer."""
    offer = await approved(floor, 1)
    (job,) = await floor.jobs(offer)
    dying = Gate(floor.studio.config.data_dir / "vendors" / "rehearsal", floor.clock)
    kit = await floor.with_vendor(dying)
    async with anyio.create_task_group() as group:
        group.start_soon(render.submit, kit, job.id)
        await dying.reached.wait()
        group.cancel_scope.cancel()
    floor.clock.move(seconds=61)  # its lease has run out
    return (await floor.jobs(offer))[0]


async def test_what_a_dead_process_left_half_sent_is_taken_up_by_one_of_two(
    floor: Floor, tmp_path: Path
) -> None:
    job = await half_sent(floor)
    vendor = Gate(tmp_path / "vendors" / "rehearsal", floor.clock)
    vendor.capabilities = Rehearsal.capabilities  # it honours keys
    kit = await floor.with_vendor(vendor, worker="second")
    vendor.open.set()
    async with anyio.create_task_group() as group:
        group.start_soon(render.submit, kit, job.id)
        group.start_soon(render.submit, kit, job.id)

    assert len(vendor.sent) == len(meter(tmp_path)) == 1
    assert await rows(floor.database, "SELECT state, takes, fence FROM job") == [("running", 1, 2)]


async def test_what_was_changed_after_a_crash_is_not_asked_for_again(floor: Floor, tmp_path: Path) -> None:
    job = await half_sent(floor)
    await floor.edit("UPDATE quote_line SET body = replace(body, 'draft', 'premium')")
    vendor = Gate(tmp_path / "vendors" / "rehearsal", floor.clock)
    vendor.capabilities = Rehearsal.capabilities  # it honours keys
    vendor.open.set()
    await render.submit(await floor.with_vendor(vendor, worker="second"), job.id)

    assert vendor.sent == []
    assert await rows(floor.database, "SELECT state FROM job") == [("quarantined",)]
    assert await rows(floor.database, "SELECT count(*) FROM entry WHERE kind = 'release'") == [(0,)]


async def test_a_refusal_of_a_second_request_proves_nothing_about_the_first(
    floor: Floor, tmp_path: Path
) -> None:
    job = await half_sent(floor)
    refusing = Sketch(tmp_path / "vendors" / "rehearsal", floor.clock, "refuse")
    await render.submit(await floor.with_vendor(refusing, worker="second"), job.id)

    assert await rows(floor.database, "SELECT state FROM job") == [("unknown",)]
    assert await rows(floor.database, "SELECT count(*) FROM entry WHERE kind = 'release'") == [(0,)]


async def test_a_blind_vendor_is_not_sent_what_a_dead_process_may_have_sent(
    floor: Floor, tmp_path: Path
) -> None:
    job = await half_sent(floor)
    vendor = Blind(tmp_path / "vendors" / "rehearsal", floor.clock)
    await render.submit(await floor.with_vendor(vendor, worker="second"), job.id)

    assert vendor.sent == []
    assert await rows(floor.database, "SELECT state FROM job") == [("unknown",)]
    assert await rows(floor.database, "SELECT outcome FROM take") == [("ambiguous",)]


@asynccontextmanager
async def being_sent(floor: Floor, tmp_path: Path) -> AsyncGenerator[tuple[Job, Kit, Blind]]:
    """A worker is in the middle of sending a job until the block ends, and there is another."""
    (job,) = await floor.jobs(await approved(floor, 1))
    slow = Gate(tmp_path / "vendors" / "rehearsal", floor.clock)
    blind = Blind(tmp_path / "vendors" / "rehearsal", floor.clock)
    kit, other = await floor.with_vendor(slow), await floor.with_vendor(blind, worker="second")
    async with anyio.create_task_group() as group:
        group.start_soon(render.submit, kit, job.id)
        await slow.reached.wait()
        yield job, other, blind
        slow.open.set()


async def job_of(floor: Floor, job_id: str) -> Job:
    async with floor.database.reading() as connection:
        return await jobs.get(connection, job_id)


async def test_nobody_takes_over_what_is_being_sent(floor: Floor, tmp_path: Path) -> None:
    async with being_sent(floor, tmp_path) as (job, other, blind):
        floor.clock.move(seconds=19)
        await render.sweep(floor.kit)
        await render.submit(other, job.id)
        assert ((await job_of(floor, job.id)).state, blind.asked) == ("submitting", 0)

    assert (await job_of(floor, job.id)).state == "running"


async def woken_late(floor: Floor, tmp_path: Path, then: Callable[[Job], Awaitable[object]]) -> Job:
    """A worker is frozen while it sends, another takes over, `then` happens, and the first wakes up."""
    async with being_sent(floor, tmp_path) as (job, other, _):
        floor.clock.move(seconds=61)
        await render.submit(other, job.id)
        await then(await job_of(floor, job.id))
    return await job_of(floor, job.id)


async def test_an_answer_that_comes_after_all_finds_the_job_that_was_unknown(
    floor: Floor, tmp_path: Path
) -> None:
    job = await woken_late(floor, tmp_path, lambda _: floor.due())

    assert (job.state, [job.provider_job_id]) == ("running", list(meter(tmp_path)))
    await check_books(floor.database)


async def test_a_worker_that_wakes_up_late_writes_nothing_about_what_a_person_has_resolved(
    floor: Floor, tmp_path: Path
) -> None:
    async def resolve(job: Job) -> object:
        return await render.resolve(floor.kit, job.id, Money.usd("0.04"), owner="ann", by="ann")

    job = await woken_late(floor, tmp_path, resolve)

    assert (job.state, job.provider_job_id, job.charged) == ("failed", None, Money.usd("0.04"))
    await check_books(floor.database)


# --- time and tampering --------------------------------------------------------------------


async def test_a_job_not_sent_within_fifteen_minutes_is_released_whoever_looks_first(floor: Floor) -> None:
    by_loop, by_worker = await approved(floor, 2), await approved(floor, 2, subject="A gate")
    floor.clock.move(minutes=15, seconds=1)
    for job in await floor.jobs(by_worker):
        await render.submit(floor.kit, job.id)
    await render.release_late(floor.kit)

    assert await state(floor, by_worker) + await state(floor, by_loop) == ["released"] * 4
    assert await rows(floor.database, "SELECT COUNT(*) FROM take") == [(0,)]
    assert await rows(floor.database, "SELECT held_micros, spent_micros FROM budget") == [(0, 0)]
    await check_books(floor.database)


async def test_a_job_sent_in_the_fifteenth_minute_is_sent(floor: Floor) -> None:
    offer = await approved(floor, 1)
    floor.clock.move(minutes=15)
    await floor.tick()

    assert await state(floor, offer) == ["running"]


async def test_a_late_job_does_not_keep_its_siblings_film_waiting(config: Configs, clock: Clock) -> None:
    async with open_floor(config(rehearsal_faults="slow"), clock) as floor:
        offer = await approved(floor, 4)
        await floor.work()
        await floor.edit("UPDATE job SET submit_by = created_at WHERE state = 'ready'")
        made = await floor.finish(offer)
        await floor.work()

        assert [job.state for job in made] == ["succeeded"] * 3 + ["released"]
        assert await floor.film(offer) is not None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quote_line SET body = replace(body, 'lighthouse', 'casino') WHERE n = 1",
        "UPDATE quote_line SET seconds = 30 WHERE n = 1",
        "UPDATE quote_line SET ceiling_micros = 900000 WHERE n = 1",
        "UPDATE quote SET model = 'rehearsal-premium'",
        "UPDATE quote SET digest = 'sha256:another'",
        "UPDATE approval SET digest = 'sha256:another'",
        "DELETE FROM approval",
    ],
)
async def test_what_was_changed_after_its_approval_is_never_sent(
    floor: Floor, tmp_path: Path, statement: str
) -> None:
    offer = await approved(floor, 2)
    await floor.edit(statement)
    await floor.work()

    assert meter(tmp_path) == {}
    assert await state(floor, offer) == ["quarantined"] * 2
    assert await rows(floor.database, "SELECT held_micros FROM budget") == [(100_000,)]
    await check_books(floor.database)


async def test_a_changed_line_with_a_digest_made_to_fit_is_never_sent(floor: Floor, tmp_path: Path) -> None:
    offer = await approved(floor, 1)
    await floor.edit("UPDATE quote_line SET seconds = 30")
    forged = quotes.digest_of(await floor.stored(offer))
    await floor.edit("UPDATE quote SET digest = :digest", digest=forged)
    assert quotes.verify(await floor.stored(offer))
    await floor.work()

    assert meter(tmp_path) == {}
    assert await state(floor, offer) == ["quarantined"]


# --- waiting -------------------------------------------------------------------------------


class Crowded(Sketch):
    """Takes all questions at once, keeps them, and may be made to do something meanwhile."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder, clock, "slow")
        self.asked: list[list[str]] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.silent_about: set[str] = set()
        self.says: Status | None = None

    async def poll_many(self, provider_job_ids: Sequence[str]) -> Mapping[str, Status]:
        self.asked.append(sorted(provider_job_ids))
        if self.meanwhile is not None:
            await self.meanwhile()
        told = await super().poll_many(provider_job_ids)
        return {name: self.says or told[name] for name in told if name not in self.silent_about}


async def under_way(floor: Floor, tmp_path: Path, count: int = 3) -> tuple[Kit, Crowded, list[str]]:
    """Jobs at a vendor that takes ten seconds, the first look at each, and their names there."""
    vendor = Crowded(tmp_path / "vendors" / "rehearsal", floor.clock)
    kit = await floor.with_vendor(vendor)
    for job in await floor.jobs(await approved(floor, count)):
        await render.submit(kit, job.id)
    floor.clock.move(seconds=1)
    await render.poll_due(kit)
    names = await rows(floor.database, "SELECT provider_job_id FROM job ORDER BY n")
    return kit, vendor, [name for (name,) in names]


PROGRESS = "SELECT body FROM event WHERE kind = 'job' ORDER BY seq"


async def news(floor: Floor) -> list[tuple[str, float]]:
    """What was told about jobs so far: their state and progress."""
    bodies = [json.loads(body) for (body,) in await rows(floor.database, PROGRESS)]
    return [(body["state"], round(body["progress"] or 0, 2)) for body in bodies]


async def test_all_that_are_due_are_asked_about_in_one_question_and_told_about_once(
    floor: Floor, tmp_path: Path
) -> None:
    kit, vendor, names = await under_way(floor, tmp_path)
    before = len(await news(floor))
    floor.clock.move(seconds=1)

    assert await render.poll_due(kit) == 3
    assert vendor.asked == [sorted(names)] * 2
    assert sorted((await news(floor))[before:]) == [("running", 0.15), ("running", 0.17), ("running", 0.18)]


async def test_a_look_that_saw_nothing_new_tells_nobody(floor: Floor, tmp_path: Path) -> None:
    kit, vendor, _ = await under_way(floor, tmp_path)
    vendor.says = Running(0.5)
    floor.clock.move(seconds=1)
    await render.poll_due(kit)
    before = await news(floor)
    for _ in range(3):
        floor.clock.move(seconds=1)
        assert await render.poll_due(kit) == 3

    assert before[-3:] == [("running", 0.5)] * 3
    assert await news(floor) == before
    assert await render.poll_due(kit) == 0  # and until the vendor's pause is over nobody asks again


async def test_what_the_vendor_says_nothing_about_is_as_it_was(floor: Floor, tmp_path: Path) -> None:
    kit, vendor, names = await under_way(floor, tmp_path, 2)
    before = await rows(floor.database, "SELECT state, progress, missed FROM job ORDER BY n")
    vendor.silent_about = {names[0]}
    floor.clock.move(seconds=1)
    await render.poll_due(kit)
    after = await rows(floor.database, "SELECT state, progress, missed FROM job ORDER BY n")

    assert after[0] == before[0]
    assert after[1] != before[1]
    floor.clock.move(seconds=1)
    assert await render.poll_due(kit) == 2


async def test_progress_is_not_written_over_what_happened_while_the_vendor_was_asked(
    floor: Floor, tmp_path: Path
) -> None:
    kit, vendor, _ = await under_way(floor, tmp_path, 2)
    before = await news(floor)
    vendor.meanwhile = lambda: floor.edit("UPDATE job SET state = 'unknown', progress = 0.5 WHERE n = 1")
    floor.clock.move(seconds=1)
    await render.poll_due(kit)

    assert (await rows(floor.database, "SELECT state, progress FROM job WHERE n = 1")) == [("unknown", 0.5)]
    assert len(await news(floor)) == len(before) + 1


async def test_a_look_that_is_wanted_sooner_is_not_put_off_by_an_answer_under_way(
    floor: Floor, tmp_path: Path
) -> None:
    kit, vendor, names = await under_way(floor, tmp_path, 2)
    now = stamp(floor.clock.now)
    vendor.meanwhile = lambda: floor.edit("UPDATE job SET next_poll_at = :now WHERE n = 1", now=now)
    floor.clock.move(seconds=1)
    await render.poll_due(kit)
    vendor.meanwhile = None
    await render.poll_due(kit)

    assert vendor.asked[-1] == [names[0]]


async def test_who_dies_while_a_vendor_is_asked_is_replaced_within_seconds(
    floor: Floor, tmp_path: Path
) -> None:
    kit, vendor, _ = await under_way(floor, tmp_path)
    floor.clock.move(seconds=1)

    async with anyio.create_task_group() as doomed:

        async def die() -> None:
            doomed.cancel_scope.cancel()
            await anyio.sleep_forever()

        vendor.meanwhile = die
        doomed.start_soon(render.poll_due, kit)
    vendor.meanwhile = None
    at_once = await render.poll_due(replace(kit, worker="second"))
    floor.clock.move(seconds=3)

    assert at_once == 0
    assert await render.poll_due(replace(kit, worker="second")) == 3


async def test_who_waits_for_a_slow_vendor_keeps_what_it_claimed(floor: Floor, tmp_path: Path) -> None:
    kit, vendor, _ = await under_way(floor, tmp_path)
    asked_by_others: list[int] = []

    async def answer_late() -> None:
        vendor.meanwhile = None
        first = until = await rows(floor.database, "SELECT MAX(next_poll_at) FROM job")
        floor.clock.move(seconds=2)
        while until == first:
            await anyio.sleep(0.02)
            until = await rows(floor.database, "SELECT MAX(next_poll_at) FROM job")
        floor.clock.move(seconds=2)
        asked_by_others.append(await render.poll_due(replace(kit, worker="second")))

    vendor.meanwhile = answer_late
    floor.clock.move(seconds=1)
    with anyio.fail_after(60):
        answered = await render.poll_due(kit)

    assert (answered, asked_by_others) == (3, [0])
    assert await render.poll_due(kit) == 0  # what it was told then counts


async def test_a_database_that_is_away_while_a_vendor_is_asked_costs_a_claim_and_no_more(
    floor: Floor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kit, vendor, _ = await under_way(floor, tmp_path)

    async def answer_late() -> None:
        await floor.edit("ALTER TABLE job RENAME TO gone")
        while not caplog.messages:  # noqa: ASYNC110 -- a log rings no bell
            await anyio.sleep(0.02)
        await floor.edit("ALTER TABLE gone RENAME TO job")

    vendor.meanwhile = answer_late
    floor.clock.move(seconds=1)
    with anyio.fail_after(60):
        assert await render.poll_due(kit) == 3

    assert "what is asked about could not be claimed again" in caplog.messages[0]
    assert await render.poll_due(kit) == 0


async def test_no_vendor_waits_for_the_answer_of_another(floor: Floor, tmp_path: Path) -> None:
    kit, vendor, _ = await under_way(floor, tmp_path, 2)
    other = Crowded(tmp_path / "vendors" / "other", floor.clock)
    await floor.with_vendor(other)
    reached = (anyio.Event(), anyio.Event())

    async def meet(own: anyio.Event, others: anyio.Event) -> None:
        own.set()
        await others.wait()

    vendor.meanwhile = lambda: meet(reached[0], reached[1])
    other.meanwhile = lambda: meet(reached[1], reached[0])
    await floor.edit("UPDATE job SET provider = 'other' WHERE n = 1")
    floor.clock.move(seconds=1)
    with anyio.fail_after(60):
        asked = await render.poll_due(replace(kit, providers={**kit.providers, "other": other}))

    assert asked == 2


@pytest.mark.parametrize(
    ("crowd", "together", "seconds"), [(3, 1, 5), (250, 1, 5), (1_000, 1, 20), (1_000, 100, 5)]
)
def test_a_crowd_is_asked_about_less_often_than_its_vendor_could_bear(
    crowd: int, together: int, seconds: int
) -> None:
    vendor = Capabilities(poll_seconds=5.0, together=together)

    assert watch.pause(vendor, crowd) == timedelta(seconds=seconds)


async def test_a_look_says_when_the_next_one_is_due(floor: Floor, tmp_path: Path) -> None:
    nothing = await render.look_after(floor.kit)
    kit, _, _ = await under_way(floor, tmp_path, 1)

    assert nothing == inf
    assert await render.look_after(kit) == pytest.approx(0.25)
    floor.clock.move(seconds=1)
    assert await render.look_after(kit) <= 0  # it found something: look again


# --- canceling -----------------------------------------------------------------------------


async def test_canceling_before_it_is_sent_gives_the_hold_back_at_once(floor: Floor, tmp_path: Path) -> None:
    offer = await approved(floor, 1)
    (job,) = await floor.jobs(offer)
    canceled = await render.cancel(floor.kit, job.id, owner="ann")
    await floor.work()

    assert (canceled.state, canceled.charged) == ("released", ZERO)
    assert meter(tmp_path) == {}
    await check_books(floor.database)


async def test_canceling_what_is_under_way_holds_until_the_vendors_last_word(
    config: Configs, clock: Clock
) -> None:
    async with open_floor(config(rehearsal_faults="slow"), clock) as floor:
        offer = await approved(floor, 1)
        await floor.tick(seconds=1)
        (job,) = await floor.jobs(offer)
        asked = await render.cancel(floor.kit, job.id, owner="ann")
        held = await rows(floor.database, "SELECT held_micros FROM budget")
        (ended,) = await floor.finish(offer)

        assert (asked.state, held) == ("running", [(50_000,)])
        assert (ended.state, ended.charged) == ("canceled", ZERO)
        await check_books(floor.database)


async def test_a_cancel_that_came_too_late_is_billed(floor: Floor, tmp_path: Path) -> None:
    offer = await approved(floor, 1)
    await floor.work()
    (job,) = await floor.jobs(offer)
    floor.clock.move(seconds=5)
    await render.cancel(floor.kit, job.id, owner="ann")
    (ended,) = await floor.finish(offer)

    assert (ended.state, ended.charged) == ("succeeded", billed(tmp_path))


async def test_canceling_what_is_closed_changes_nothing(floor: Floor) -> None:
    offer = await approved(floor, 1)
    (job,) = await floor.finish(offer)
    before = await dump(floor.database)

    assert await render.cancel(floor.kit, job.id, owner="ann") == job
    assert await dump(floor.database) == before


async def test_what_may_be_under_way_unseen_cannot_be_canceled(floor: Floor, tmp_path: Path) -> None:
    kit, _, job = await lost_at(floor, tmp_path)
    before = await dump(floor.database)

    with pytest.raises(Conflict):
        await render.cancel(kit, job.id, owner="ann")
    assert await dump(floor.database) == before


# --- settling and fetching -----------------------------------------------------------------


async def test_settling_again_and_again_changes_nothing(floor: Floor) -> None:
    offer = await approved(floor, 1)
    (job,) = await floor.finish(offer)
    before = await dump(floor.database)
    for _ in range(3):
        await render.settle(floor.kit, job.id)
        await render.fetch(floor.kit, job.id)
        await render.submit(floor.kit, job.id)
        await render.assemble(floor.kit, offer.id)
    await floor.tick(minutes=20)

    assert await dump(floor.database) == before


class Offline(Sketch):
    """Renders, and its downloads fail."""

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        await super().fetch(provider_job_id, to)
        raise ConnectionError("the link has expired")


async def test_a_clip_that_could_not_be_fetched_is_fetched_later_and_costs_nothing_more(
    floor: Floor, tmp_path: Path
) -> None:
    offer = await approved(floor, 1)
    await floor.work()
    floor.clock.move(seconds=2)
    await render.poll_due(floor.kit)
    (job,) = await floor.jobs(offer)
    broken = await floor.with_vendor(Offline(tmp_path / "vendors" / "rehearsal", floor.clock))
    await render.settle(broken, job.id)
    with pytest.raises(ConnectionError):
        await render.fetch(broken, job.id)
    await floor.edit("UPDATE due SET done = 1")  # the workflow has given up
    (paid_for,) = await floor.jobs(offer)
    await floor.tick(seconds=61)
    (landed,) = await floor.jobs(offer)

    assert (paid_for.state, paid_for.charged, paid_for.clip_id) == ("succeeded", Money.usd("0.04"), None)
    assert landed.clip_id is not None
    assert landed.charged == paid_for.charged
    assert await floor.film(offer) is not None
    await check_books(floor.database)


async def test_a_clip_fetched_twice_at_once_is_one_whole_file(floor: Floor) -> None:
    offer = await approved(floor, 1)
    await floor.work()
    floor.clock.move(seconds=2)
    (job,) = await floor.jobs(offer)
    await render.settle(floor.kit, job.id)
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(render.fetch, floor.kit, job.id)
    await floor.work()

    ((sha256,),) = await rows(floor.database, "SELECT sha256 FROM clip WHERE kind = 'shot'")
    assert media.probe(floor.kit.shelf.path(sha256)).seconds == 1.0
    assert await floor.film(offer) is not None


async def test_after_a_start_everything_that_waits_is_due_again(config: Configs, clock: Clock) -> None:
    async with open_floor(config(), clock) as floor:
        offer = await approved(floor, 2)
        await floor.edit("DELETE FROM due")
    async with open_floor(config(), clock, "second") as floor:
        await render.resume(floor.kit)
        made = await floor.finish(offer)

        assert [job.state for job in made] == ["succeeded"] * 2
        assert await floor.film(offer) is not None
