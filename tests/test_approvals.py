"""A person's answer, once: everything it sets in motion, or nothing at all."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import anyio
import pytest

from tests.conftest import BOTH, Clock, Floor, check_books, dump, film_of, limits, open_floor, rows
from tests.puppet import DONE, Puppet
from tools import quotes
from tools.approvals import Approval
from tools.errors import (
    AlreadyApproved,
    BudgetExceeded,
    Conflict,
    DigestMismatch,
    Frozen,
    NotFound,
    QuoteDeclined,
    QuoteExpired,
    QuoteSuperseded,
)
from tools.estimate import Offer
from tools.ids import QuoteId
from tools.money import ZERO, Money
from tools.providers.base import Capabilities, Submitted
from tools.quotes import Quote
from tools.shots import ShotList
from tools.studio import Config

DATABASES = BOTH


async def test_an_approval_holds_the_ceiling_of_every_line_and_makes_its_jobs_due(floor: Floor) -> None:
    offer = await floor.quote(film_of(3))
    given = await floor.approve(offer)

    assert (given.approved_by, given.channel, given.digest) == ("ann", "web", offer.digest)
    assert [(job.n, job.state, job.ceiling) for job in given.jobs] == [
        (line.n, "ready", line.ceiling) for line in offer.lines
    ]
    assert await floor.due() == [("submit_job", job.id) for job in given.jobs]
    assert await rows(floor.database, "SELECT scope, held_micros, spent_micros FROM budget") == [
        ("play", offer.ceiling.micros, 0)
    ]
    await check_books(floor.database)


async def test_the_same_person_again_gets_the_same_approval_and_nothing_changes(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    first = await floor.approve(offer)
    before = await dump(floor.database)
    floor.clock.move(hours=3)

    assert await floor.approve(offer) == first
    assert await dump(floor.database) == before


async def test_another_person_cannot_approve_what_is_approved(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    await floor.approve(offer)
    before = await dump(floor.database)

    with pytest.raises(AlreadyApproved):
        await floor.approve(offer, by="bob")
    assert await dump(floor.database) == before


async def declined(floor: Floor, offer: Quote) -> None:
    async with floor.database.transaction() as connection:
        await quotes.decline(connection, offer.id, by="ann", reason=None, at=floor.clock())


async def superseded(floor: Floor, offer: Quote) -> None:
    await floor.quote(film_of(), conversation_id=offer.conversation_id)


async def expired(floor: Floor, offer: Quote) -> None:
    floor.clock.now = offer.expires_at
    async with floor.database.transaction() as connection:
        await quotes.expire_due(connection, floor.clock())


async def untouched(floor: Floor, offer: Quote) -> None:
    """Still open: the fault is in the answer."""


async def frozen(floor: Floor, offer: Quote) -> None:
    earlier = await floor.approve(await floor.quote(film_of(1)))
    assert earlier.quote_id != offer.id
    await floor.edit("UPDATE budget SET frozen_reason = 'an overrun'")


async def body_altered(floor: Floor, offer: Quote) -> None:
    await floor.edit(
        "UPDATE quote_line SET body = replace(body, 'lighthouse', 'casino') WHERE quote_id = :id", id=offer.id
    )


async def price_altered(floor: Floor, offer: Quote) -> None:
    await floor.edit("UPDATE quote_line SET ceiling_micros = 990000 WHERE quote_id = :id", id=offer.id)


@pytest.mark.parametrize(
    ("happened", "answer", "error"),
    [
        (untouched, {"digest": "sha256:" + "0" * 64}, DigestMismatch),
        (untouched, {"digest": ""}, DigestMismatch),
        (untouched, {"owner": "bob"}, NotFound),
        (declined, {}, QuoteDeclined),
        (superseded, {}, QuoteSuperseded),
        (expired, {}, QuoteExpired),
        (declined, {"digest": "sha256:" + "0" * 64}, DigestMismatch),
        (frozen, {}, Frozen),
        (body_altered, {}, DigestMismatch),
        (price_altered, {}, DigestMismatch),
    ],
)
async def test_an_answer_that_does_not_count_changes_no_row(
    floor: Floor, happened: Callable[[Floor, Quote], Any], answer: dict[str, Any], error: type[Exception]
) -> None:
    offer = await floor.quote(film_of(), conversation_id="chat_1")
    await happened(floor, offer)
    before, due = await dump(floor.database), await floor.due()

    with pytest.raises(error):
        await floor.approve(offer, **answer)
    assert await dump(floor.database) == before
    assert await floor.due() == due


async def test_an_unknown_quote_is_not_found(floor: Floor) -> None:
    offer = await floor.quote(film_of())

    with pytest.raises(NotFound):
        await floor.approve(replace(offer, id=QuoteId("quote_unknown")))


async def test_a_second_late_is_too_late_and_a_clock_set_back_reopens_nothing(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    floor.clock.now = offer.expires_at
    floor.clock.move(seconds=1)
    with pytest.raises(QuoteExpired):
        await floor.approve(offer)
    floor.clock.move(minutes=-10)

    with pytest.raises(QuoteExpired):
        await floor.approve(offer)
    assert await rows(floor.database, "SELECT * FROM entry UNION ALL SELECT * FROM entry") == []
    assert (await floor.stored(offer)).state == "expired"


async def test_a_second_early_is_in_time(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    floor.clock.now = offer.expires_at
    floor.clock.move(seconds=-1)

    assert (await floor.approve(offer)).quote_id == offer.id


async def test_what_is_over_budget_leaves_nothing_and_stays_open(floor: Floor) -> None:
    offer = await floor.quote(film_of(5, seconds=30))
    before = await dump(floor.database)

    with pytest.raises(BudgetExceeded) as caught:
        await floor.approve(offer)
    assert caught.value.scope == "play"
    assert await dump(floor.database) == before
    assert await floor.due() == []


async def test_a_film_of_owned_clips_is_approved_without_a_hold(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    await floor.approve(offer)
    await floor.finish(offer)
    again = await floor.quote(film_of())
    given = await floor.approve(again)

    assert given.jobs == ()
    assert await floor.due() == [("assemble_film", again.id)]


async def test_what_costs_nothing_is_approved_and_made_without_a_hold(floor: Floor) -> None:
    drawing = Puppet(Capabilities(free=True), [Submitted("job-1")], {"job-1": DONE}, name="animatic")
    floor.use(drawing)
    offer = await floor.studio.quote(film_of(1), Offer("animatic", "animatic", "480p"), owner="ann")
    await floor.approve(offer)
    (made,) = await floor.finish(offer)

    assert (made.state, made.charged, made.charge_source) == ("succeeded", ZERO, "free")
    assert await rows(floor.database, "SELECT COUNT(*) FROM entry") == [(0,)]


# --- many at once --------------------------------------------------------------------------


async def answers_at_once(
    floors: list[Floor], offers: list[Quote], by: list[str]
) -> list[Approval | Exception]:
    """Everybody answers at the same moment; what each was told."""
    told: list[Approval | Exception] = []

    async def answer(floor: Floor, offer: Quote, who: str) -> None:
        try:
            told.append(await floor.approve(offer, by=who))
        except (Conflict, BudgetExceeded) as error:
            told.append(error)

    async with anyio.create_task_group() as group:
        for n, (offer, who) in enumerate(zip(offers, by, strict=True)):
            group.start_soon(answer, floors[n % len(floors)], offer, who)
    return told


async def test_fifty_answers_at_once_to_one_quote_are_one_approval(
    config: Callable[..., Config], clock: Clock
) -> None:
    async with open_floor(config(), clock) as one, open_floor(config(), clock, "second") as other:
        offer = await one.quote(film_of(3))
        told = await answers_at_once([one, other], [offer] * 50, ["ann"] * 50)

        given = [each for each in told if isinstance(each, Approval)]
        assert len(given) == 50
        assert len({each.approval_id for each in given}) == 1
        assert await rows(one.database, "SELECT COUNT(*) FROM approval") == [(1,)]
        assert await rows(one.database, "SELECT COUNT(*) FROM job") == [(3,)]
        assert await rows(one.database, "SELECT COUNT(*) FROM entry") == [(3,)]
        assert len(await one.due()) == 3
        await check_books(one.database)


async def test_of_many_people_at_once_one_approves(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    told = await answers_at_once([floor], [offer] * 10, [f"person {n}" for n in range(10)])

    assert sorted(type(each).__name__ for each in told) == ["AlreadyApproved"] * 9 + ["Approval"]
    assert await rows(floor.database, "SELECT COUNT(*) FROM approval") == [(1,)]


async def test_of_twenty_quotes_at_once_exactly_those_that_fit_are_approved(
    config: Callable[..., Config], clock: Clock
) -> None:
    roomy = config(limits=limits("0.54"))
    async with open_floor(roomy, clock) as one, open_floor(roomy, clock, "second") as other:
        offers = [await one.quote(film_of(2)) for _ in range(20)]
        assert offers[0].ceiling == Money.usd("0.10")
        told = await answers_at_once([one, other], offers, ["ann"] * 20)

        assert sorted(type(each).__name__ for each in told) == ["Approval"] * 5 + ["BudgetExceeded"] * 15
        assert await rows(one.database, "SELECT held_micros, spent_micros FROM budget") == [(500_000, 0)]
        assert await rows(one.database, "SELECT COUNT(*) FROM job") == [(10,)]
        await check_books(one.database)


async def test_approving_and_declining_at_once_ends_in_one_of_them(
    floor: Floor, shots: Callable[..., ShotList]
) -> None:
    offer = await floor.quote(shots())
    told: list[str] = []

    async def no() -> None:
        try:
            await declined(floor, offer)
            told.append("declined")
        except AlreadyApproved:
            told.append("approved")

    async with anyio.create_task_group() as group:
        group.start_soon(no)
        group.start_soon(answers_at_once, [floor], [offer], ["ann"])

    assert (await floor.stored(offer)).state == told[0]
    assert await rows(floor.database, "SELECT COUNT(*) FROM entry") == [(2 if told == ["approved"] else 0,)]
