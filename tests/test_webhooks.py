"""A vendor's call brings our own question forward, and never settles anything by itself."""

import json
from typing import Any

import pytest

from tests.conftest import BOTH, Floor, check_books, dump, film_of, rows
from tests.puppet import DONE, Puppet
from tools import render
from tools.errors import NotFound
from tools.jobs import Job
from tools.providers.base import Ambiguous, Capabilities, Running, Silent, Submission

DATABASES = BOTH
CALLS = Capabilities(play_money=True, webhook=True, poll_seconds=3_600)
LOST = Ambiguous("the answer was lost")


def with_puppet(floor: Floor, *answers: Submission) -> Puppet:
    puppet = Puppet(CALLS, answers=list(answers))
    floor.use(puppet, public_url="https://studio.example")
    return puppet


async def sent(floor: Floor, count: int = 1) -> list[Job]:
    offer = await floor.quote(film_of(count))
    await floor.approve(offer)
    await floor.work()
    return await floor.jobs(offer)


async def call(
    floor: Floor, address: str | None, event: str, job: str | None = None, signature: str = "genuine"
) -> None:
    assert address is not None
    vendor, token = address.removeprefix("https://studio.example/webhooks/").split("/")
    body = json.dumps({"event": event, "job": job, "cost": "0", "status": "succeeded"}).encode()
    await render.hear(floor.kit, vendor, token, {"signature": signature}, body)


async def state(floor: Floor) -> list[tuple[Any, ...]]:
    return await rows(floor.database, "SELECT state, provider_job_id FROM job ORDER BY n")


async def test_a_call_brings_the_next_look_forward(floor: Floor) -> None:
    puppet = with_puppet(floor)
    await sent(floor)
    puppet.has["job-1"] = DONE
    await floor.tick(seconds=10)  # the vendor is asked once an hour
    assert await state(floor) == [("running", "job-1")]
    await call(floor, puppet.asked[0].webhook, "done")
    await floor.tick()

    assert await state(floor) == [("succeeded", "job-1")]
    await check_books(floor.database)


async def test_a_call_that_says_done_and_free_changes_nothing_the_vendor_does_not_confirm(
    floor: Floor,
) -> None:
    puppet = with_puppet(floor)
    await sent(floor)
    await call(floor, puppet.asked[0].webhook, "done")
    await floor.tick(seconds=1)

    assert await state(floor) == [("running", "job-1")]
    assert await rows(floor.database, "SELECT held_micros, spent_micros FROM budget") == [(50_000, 0)]


async def test_a_lost_answer_is_found_by_the_call_to_its_own_address(floor: Floor) -> None:
    puppet = with_puppet(floor, LOST)
    await sent(floor)
    puppet.has["job-7"] = Running()
    await call(floor, puppet.asked[0].webhook, "started", "job-7")
    await floor.tick(seconds=1)
    assert await state(floor) == [("running", "job-7")]
    puppet.has["job-7"] = DONE
    await call(floor, puppet.asked[0].webhook, "done", "job-7")
    await floor.tick(seconds=1)

    assert await state(floor) == [("succeeded", "job-7")]
    assert len(puppet.asked) == 1
    await check_books(floor.database)


async def test_a_name_that_the_vendor_does_not_know_is_not_taken(floor: Floor) -> None:
    puppet = with_puppet(floor, LOST)
    await sent(floor)
    await call(floor, puppet.asked[0].webhook, "started", "job-invented")
    await floor.tick(seconds=1)

    assert await state(floor) == [("unknown", None)]


async def test_a_name_is_not_taken_while_the_vendor_cannot_be_asked_about_it(floor: Floor) -> None:
    puppet = with_puppet(floor, LOST)
    await sent(floor)
    puppet.has["job-7"] = Silent()
    await call(floor, puppet.asked[0].webhook, "started", "job-7")
    await floor.tick(seconds=1)
    assert await state(floor) == [("unknown", None)]
    puppet.has["job-7"] = Running()
    await floor.tick(minutes=2)

    assert await state(floor) == [("running", "job-7")]


async def test_a_vendor_that_cannot_be_asked_leaves_what_is_shown_as_it_is(floor: Floor) -> None:
    puppet = with_puppet(floor)
    await sent(floor)
    puppet.has["job-1"] = Running(0.4)
    await floor.tick(hours=2)
    puppet.has["job-1"] = Silent()
    await floor.tick(hours=2)

    assert await rows(floor.database, "SELECT state, progress, missed FROM job") == [("running", 0.4, 0)]


async def test_a_job_that_is_another_ones_already_stays_that_ones(floor: Floor) -> None:
    puppet = with_puppet(floor, LOST)
    await sent(floor, 2)
    assert await state(floor) == [("unknown", None), ("running", "job-2")]
    await call(floor, puppet.asked[0].webhook, "started", "job-2")
    await floor.tick(seconds=1)

    assert await state(floor) == [("unknown", None), ("running", "job-2")]


async def test_the_same_event_twice_is_one_event(floor: Floor) -> None:
    puppet = with_puppet(floor)
    await sent(floor)
    await call(floor, puppet.asked[0].webhook, "started", "job-1")
    before = await dump(floor.database)
    floor.clock.move(seconds=1)
    await call(floor, puppet.asked[0].webhook, "started", "job-1")

    assert await dump(floor.database) == before


async def test_a_call_after_the_end_changes_nothing_about_the_money(floor: Floor) -> None:
    puppet = with_puppet(floor)
    await sent(floor)
    puppet.has["job-1"] = DONE
    await floor.tick(hours=2)
    before = await rows(floor.database, "SELECT * FROM job")
    await call(floor, puppet.asked[0].webhook, "late", "job-1")
    await floor.tick(hours=2)

    assert await rows(floor.database, "SELECT * FROM job") == before
    await check_books(floor.database)


@pytest.mark.parametrize("forged", ["no such address", "another vendor", "no signature"])
async def test_a_forged_call_is_not_found_and_changes_nothing(floor: Floor, forged: str) -> None:
    puppet = with_puppet(floor)
    await sent(floor)
    before = await dump(floor.database)
    address = str(puppet.asked[0].webhook)
    calls = {
        "no such address": (address[:-1] + "~", "genuine"),
        "another vendor": (address.replace("/rehearsal/", "/animatic/"), "genuine"),
        "no signature": (address, "forged"),
    }
    with pytest.raises(NotFound):
        await call(floor, calls[forged][0], "done", "job-1", calls[forged][1])

    assert await dump(floor.database) == before


async def test_every_take_has_an_address_of_its_own_and_only_where_vendors_reach_us(floor: Floor) -> None:
    puppet = with_puppet(floor)
    await sent(floor, 2)
    floor.use(puppet, public_url=None)
    await sent(floor)

    addresses = [request.webhook for request in puppet.asked]
    assert len(set(addresses[:2])) == 2
    assert addresses[2] is None
