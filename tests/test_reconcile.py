"""A vendor's books beside ours: every job it made is a row of ours, or is listed as an orphan."""

from datetime import timedelta

from tests.conftest import BOTH, Floor, check_books, dump, film_of, rows
from tests.puppet import Puppet
from tools import render
from tools.clock import stamp
from tools.jobs import Job
from tools.providers.base import Ambiguous, Capabilities, Running, Silent, VendorJob
from tools.render import Orphan

DATABASES = BOTH
LISTED = Capabilities(play_money=True, search_window=timedelta(minutes=5))
LOST = Ambiguous("the answer was lost")


def with_puppet(floor: Floor, *answers: Ambiguous) -> Puppet:
    puppet = Puppet(LISTED, answers=list(answers), listed=[])
    floor.use(puppet)
    return puppet


async def sent(floor: Floor) -> Job:
    offer = await floor.quote(film_of(1))
    await floor.approve(offer)
    await floor.work()
    (job,) = await floor.jobs(offer)
    return job


def seen(floor: Floor, name: str, take_id: str | None = None) -> VendorJob:
    return VendorJob(name, take_id, floor.clock())


async def listed(floor: Floor) -> list[tuple[str, str | None]]:
    async with floor.database.reading() as connection:
        return [(each.provider_job_id, each.take_id) for each in await render.orphans(connection)]


async def test_a_job_that_nobody_here_asked_for_is_listed_once(floor: Floor) -> None:
    puppet = with_puppet(floor)
    await sent(floor)
    puppet.listed = [seen(floor, "job-1"), seen(floor, "job-9", "somebody")]
    first = await render.reconcile(floor.kit, "rehearsal", by="ann")
    again = await render.reconcile(floor.kit, "rehearsal", by="ann")

    now = stamp(floor.clock())
    assert first == [Orphan("rehearsal", "job-9", "somebody", now, now)]
    assert again == []
    assert await listed(floor) == [("job-9", "somebody")]


async def test_a_lost_answer_is_found_in_the_list(floor: Floor) -> None:
    puppet = with_puppet(floor, LOST)
    await sent(floor)
    puppet.has["job-7"] = Running()
    puppet.listed = [seen(floor, "job-7", puppet.asked[0].take_id)]
    await render.reconcile(floor.kit, "rehearsal", by="ann")

    assert await rows(floor.database, "SELECT state, provider_job_id FROM job") == [("running", "job-7")]
    assert await listed(floor) == []
    await check_books(floor.database)


async def test_a_second_job_for_the_same_take_is_an_orphan(floor: Floor) -> None:
    puppet = with_puppet(floor)
    await sent(floor)
    take_id = puppet.asked[0].take_id
    puppet.listed = [seen(floor, "job-1", take_id), seen(floor, "job-2", take_id)]
    await render.reconcile(floor.kit, "rehearsal", by="ann")

    assert await listed(floor) == [("job-2", take_id)]


async def test_a_vendor_that_cannot_be_asked_changes_nothing(floor: Floor) -> None:
    puppet = with_puppet(floor, LOST)
    await sent(floor)
    puppet.listed = None
    before = await dump(floor.database)

    assert await render.reconcile(floor.kit, "rehearsal", by="ann") is None
    assert await dump(floor.database) == before


async def test_a_vendor_that_finds_nothing_after_its_window_says_so_and_the_hold_stays(floor: Floor) -> None:
    puppet = with_puppet(floor, LOST)
    await sent(floor)
    await floor.tick(minutes=2)
    error = "SELECT state, error FROM job"
    assert await rows(floor.database, error) == [("unknown", "the answer was lost")]
    await floor.tick(minutes=4)

    said = "the vendor has no such job: it was probably never made"
    assert await rows(floor.database, error) == [("unknown", said)]
    assert await rows(floor.database, "SELECT held_micros FROM budget") == [(50_000,)]
    assert len(puppet.asked) == 1


async def test_a_vendor_that_cannot_be_asked_has_not_said_that_there_is_no_such_job(floor: Floor) -> None:
    puppet = with_puppet(floor, LOST)
    await sent(floor)
    puppet.found[puppet.asked[0].take_id] = Silent()
    await floor.tick(minutes=6)

    assert await rows(floor.database, "SELECT state, error FROM job") == [("unknown", "the answer was lost")]


async def test_a_lost_answer_of_a_blind_vendor_comes_with_its_balances_as_a_hint_and_keeps_its_hold(
    floor: Floor,
) -> None:
    puppet = with_puppet(floor, LOST)
    puppet.capabilities = Capabilities(play_money=True)
    puppet.balances = ["1240 credits"]
    await sent(floor)
    puppet.found[puppet.asked[0].take_id] = Silent()
    puppet.balances = []
    await floor.tick(minutes=2)
    unheard = await rows(floor.database, "SELECT error FROM job")
    puppet.balances = ["1200 credits", "900 credits"]
    for _ in range(2):
        await floor.tick(minutes=2)

    said = "the answer was lost; its account had 1240 credits before, and 1200 credits after"
    assert unheard == [("the answer was lost",)]
    assert await rows(floor.database, "SELECT state, error FROM job") == [("unknown", said)]
    assert await rows(floor.database, "SELECT held_micros FROM budget") == [(50_000,)]
    assert len(puppet.asked) == 1


async def test_one_look_at_which_the_vendor_does_not_know_a_job_proves_nothing(floor: Floor) -> None:
    puppet = with_puppet(floor)
    await sent(floor)
    known = puppet.has.pop("job-1")
    for _ in range(4):
        await floor.tick(minutes=2)
    assert await rows(floor.database, "SELECT state, missed FROM job") == [("running", 4)]
    puppet.has["job-1"] = known
    await floor.tick(minutes=2)

    assert await rows(floor.database, "SELECT state, missed FROM job") == [("running", 0)]


async def test_a_job_that_the_vendor_has_forgotten_is_unknown_and_comes_back_with_its_memory(
    floor: Floor,
) -> None:
    puppet = with_puppet(floor)
    await sent(floor)
    known = puppet.has.pop("job-1")
    for _ in range(5):
        await floor.tick(minutes=2)
    assert await rows(floor.database, "SELECT state, provider_job_id FROM job") == [("unknown", "job-1")]
    assert await rows(floor.database, "SELECT held_micros FROM budget") == [(50_000,)]
    puppet.has["job-1"] = known
    await floor.tick(hours=2)

    assert await rows(floor.database, "SELECT state, error FROM job") == [("running", None)]


async def test_a_lost_answer_is_asked_for_again_where_the_same_key_makes_no_second_job(floor: Floor) -> None:
    puppet = Puppet(Capabilities(play_money=True, key_life=timedelta(hours=24)), answers=[LOST, LOST])
    floor.use(puppet)
    await sent(floor)
    await floor.tick(minutes=2)
    await floor.tick(minutes=2)

    assert len({request.take_id for request in puppet.asked}) == 1
    assert puppet.asked == [puppet.asked[0]] * 3
    assert await rows(floor.database, "SELECT state, provider_job_id FROM job") == [("running", "job-3")]
    await check_books(floor.database)


async def test_it_is_not_asked_for_again_for_ever_nor_when_the_key_is_forgotten(floor: Floor) -> None:
    puppet = Puppet(Capabilities(play_money=True, key_life=timedelta(minutes=3)), answers=[LOST] * 9)
    floor.use(puppet)
    await sent(floor)
    for _ in range(9):
        await floor.tick(minutes=2)

    assert len(puppet.asked) == 2
    assert await rows(floor.database, "SELECT state FROM job") == [("unknown",)]
