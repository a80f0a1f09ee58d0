"""What nobody does is found: a vendor that says nothing, a worker that froze, work that was forgotten."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from tests.conftest import BOTH, Floor, dump, film_of, rows
from tests.puppet import DONE, Puppet
from tools import render, standstill
from tools.clock import stamp
from tools.errors import Invalid
from tools.ids import new_take_id
from tools.jobs import Job
from tools.providers.base import Ambiguous, Capabilities, Refused, RenderRequest, Running, Submission
from tools.quotes import Quote
from tools.render import request_of

DATABASES = BOTH
BLIND = Capabilities(play_money=True)


async def approved(floor: Floor, count: int = 2) -> Quote:
    offer = await floor.quote(film_of(count))
    await floor.approve(offer)
    return offer


async def state(floor: Floor, offer: Quote) -> list[str]:
    return [job.state for job in await floor.jobs(offer)]


async def running_at(floor: Floor, puppet: Puppet) -> Job:
    """A job that a vendor works on, until the test says that it is done."""
    floor.use(puppet)
    offer = await approved(floor, 1)
    await floor.work()
    return (await floor.jobs(offer))[0]


# --- sending ---------------------------------------------------------------------------------


@dataclass
class Silent(Puppet):
    """Takes a request, and never answers."""

    reached: anyio.Event = field(default_factory=anyio.Event)

    async def submit(self, request: RenderRequest) -> Submission:
        self.asked.append(request)
        self.reached.set()
        await anyio.sleep_forever()
        raise AssertionError


async def test_a_vendor_that_never_answers_leaves_an_unknown_job_that_holds(floor: Floor) -> None:
    puppet = Silent(BLIND)
    floor.use(puppet, answer_seconds=0.05)
    offer = await approved(floor, 1)
    await floor.work()

    assert len(puppet.asked) == 1
    assert [(job.state, job.error) for job in await floor.jobs(offer)] == [
        ("unknown", "no answer within 0.05 seconds")
    ]
    assert await rows(floor.database, "SELECT held_micros FROM budget") == [(50_000,)]


@dataclass
class Dumb(Puppet):
    """Never says what its account has left."""

    async def balance(self) -> str | None:
        await anyio.sleep_forever()


async def test_a_balance_that_is_never_told_keeps_nothing_from_being_sent(floor: Floor) -> None:
    puppet = Dumb(BLIND)
    floor.use(puppet, answer_seconds=0.05)
    await approved(floor, 1)
    await floor.work()

    assert await rows(floor.database, "SELECT state FROM job") == [("running",)]
    assert await rows(floor.database, "SELECT balance_before FROM take") == [(None,)]


async def test_a_job_whose_sender_is_gone_is_found_by_a_sweep_and_not_sent_again(floor: Floor) -> None:
    puppet = Silent(BLIND)
    floor.use(puppet)
    offer = await approved(floor, 1)
    [job] = await floor.jobs(offer)
    async with anyio.create_task_group() as group:
        group.start_soon(render.submit, floor.kit, job.id)
        await puppet.reached.wait()
        group.cancel_scope.cancel()
    early = await render.sweep(floor.kit)
    floor.clock.now += floor.kit.lease + timedelta(seconds=1)
    late = await render.sweep(floor.kit)
    await floor.work()

    assert (early, late) == (0, 1)
    assert await state(floor, offer) == ["unknown"]
    assert len(puppet.asked) == 1


async def test_a_worker_that_froze_after_its_claim_sends_nothing_when_it_wakes_up(floor: Floor) -> None:
    puppet = Puppet(BLIND)
    claimed = floor.clock()
    moments = iter([claimed, claimed + floor.kit.lease])
    floor.use(puppet, clock=lambda: next(moments))
    offer = await approved(floor, 1)
    (job,) = await floor.jobs(offer)
    await render.submit(floor.kit, job.id)

    assert (puppet.asked, await state(floor, offer)) == ([], ["submitting"])
    assert next(moments, None) is None


async def test_what_was_lost_is_not_asked_for_while_its_vendor_stands_still(floor: Floor) -> None:
    keys = replace(BLIND, key_life=timedelta(hours=24))
    puppet = Puppet(keys, answers=[Ambiguous("the answer was lost")])
    floor.use(puppet)
    offer = await approved(floor, 1)
    await floor.work()
    async with floor.database.transaction() as connection:
        await standstill.begin(connection, floor.kit.paid, floor.clock())
    await floor.tick(minutes=2)

    assert (len(puppet.asked), await state(floor, offer)) == (1, ["unknown"])


# --- bringing home ---------------------------------------------------------------------------


async def test_a_vendor_that_takes_its_last_word_back_settles_nothing(floor: Floor) -> None:
    puppet = Puppet(BLIND)
    job = await running_at(floor, puppet)
    puppet.has["job-1"] = DONE
    floor.clock.move(seconds=6)
    await render.poll_due(floor.kit)
    puppet.has["job-1"] = Running()
    before = await dump(floor.database)
    await floor.work()

    assert await dump(floor.database) == before
    assert (await rows(floor.database, "SELECT id, state FROM job")) == [(job.id, "running")]


@dataclass
class Stuck(Puppet):
    """Its downloads never end."""

    reached: anyio.Event = field(default_factory=anyio.Event)

    async def fetch(self, provider_job_id: str, to: Path) -> None:  # noqa: ARG002 -- it writes nothing
        self.reached.set()
        await anyio.sleep_forever()


async def test_a_download_that_is_called_off_is_the_next_workers_at_once(floor: Floor) -> None:
    puppet = Stuck(BLIND)
    job = await running_at(floor, puppet)
    puppet.has["job-1"] = DONE
    await render.settle(floor.kit, job.id)
    due = "SELECT next_poll_at FROM job"
    async with anyio.create_task_group() as group:
        group.start_soon(render.fetch, floor.kit, job.id)
        await puppet.reached.wait()
        assert await rows(floor.database, due) == [(stamp(floor.clock() + 3 * floor.kit.lease),)]
        group.cancel_scope.cancel()

    assert await rows(floor.database, due) == [(stamp(floor.clock()),)]


async def test_a_shot_that_cannot_be_drawn_has_no_preview(floor: Floor) -> None:
    floor.use(Puppet(Capabilities(free=True), answers=[Refused("too wide")], name="animatic"))
    line = (await floor.quote(film_of(1))).lines[0]

    with pytest.raises(Invalid, match="too wide"):
        await render.preview(floor.kit, "ann", request_of(line, new_take_id()))
    assert await rows(floor.database, "SELECT COUNT(*) FROM clip") == [(0,)]


# --- sweeps, looks and starts ----------------------------------------------------------------


async def test_a_job_that_nobody_was_told_of_is_found_by_one_of_two_sweeps(floor: Floor) -> None:
    offer = await approved(floor)
    await floor.edit("DELETE FROM due")
    early = await render.sweep(floor.kit)
    floor.clock.move(seconds=11)
    found = [await render.sweep(floor.kit) for _ in range(2)]
    due = await floor.due()

    assert (early, found) == (0, [2, 0])
    assert due == [("submit_job", job.id) for job in await floor.jobs(offer)]


async def test_a_job_that_was_woken_for_nothing_may_be_woken_again(floor: Floor) -> None:
    floor.use(Puppet(Capabilities(play_money=True, concurrent=1)))
    offer = await approved(floor)
    await floor.work()
    first, second = await floor.jobs(offer)
    woken = stamp(floor.clock() + timedelta(seconds=30))
    await floor.edit("UPDATE job SET lease_until = :until WHERE id = :id", until=woken, id=second.id)
    await render.submit(floor.kit, second.id)

    assert [(job.state, job.lease_until) for job in (await floor.jobs(offer))[1:]] == [("ready", None)]
    assert first.state == "running"


async def test_a_film_that_nobody_joined_is_found_by_a_sweep(floor: Floor) -> None:
    offer = await approved(floor)
    await floor.finish(offer)
    await floor.work()
    await floor.edit("DELETE FROM film")
    early = await render.sweep(floor.kit)
    floor.clock.move(seconds=21)
    found = await render.sweep(floor.kit)
    await floor.work()

    assert (early, found) == (0, 1)
    assert await floor.film(offer) is not None
    assert await render.sweep(floor.kit) == 0


async def test_a_look_while_nothing_is_due_waits_for_nobody_who_writes(floor: Floor) -> None:
    with anyio.fail_after(10):
        async with floor.database.transaction():
            await render.poll_due(floor.kit)
            await render.seek_unknown(floor.kit)
            await render.release_late(floor.kit)
            await render.fetch_again(floor.kit)

    assert await floor.due() == []


async def test_a_start_among_other_processes_takes_no_job_from_a_worker(floor: Floor) -> None:
    sending = Silent(BLIND)
    floor.use(sending)
    offer = await approved(floor, 1)
    leases = "SELECT lease_until FROM job WHERE state = 'submitting'"
    async with anyio.create_task_group() as group:
        group.start_soon(floor.work)
        await sending.reached.wait()
        before = await rows(floor.database, leases)
        assert before == [(stamp(floor.clock() + floor.kit.lease),)]
        others = replace(floor.database, url="postgresql+psycopg://elsewhere")
        await render.resume(replace(floor.kit, database=others))
        assert await rows(floor.database, leases) == before
        group.cancel_scope.cancel()

    assert await state(floor, offer) == ["submitting"]


async def test_after_a_start_a_clip_that_is_paid_for_is_brought_home(floor: Floor) -> None:
    puppet = Puppet(BLIND)
    job = await running_at(floor, puppet)
    puppet.has["job-1"] = DONE
    await render.settle(floor.kit, job.id)
    await render.resume(floor.kit)
    assert await floor.due() == [("finish_job", job.id)]
    await floor.work()

    ((clip_id,),) = await rows(floor.database, "SELECT clip_id FROM job")
    assert clip_id is not None
