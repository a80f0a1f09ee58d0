"""A quote is one exact offer: its digest covers what is shown, billed and sent."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from tests.conftest import BOTH, Clock, Floor, dump, film_of, open_floor, rows
from tools import quotes
from tools.errors import (
    AlreadyApproved,
    CannotRender,
    Invalid,
    NoPrice,
    NotFound,
    QuoteDeclined,
    QuoteExpired,
)
from tools.estimate import Offer
from tools.money import ZERO, Money
from tools.quotes import Quote, QuoteLine, verify
from tools.shots import Shot
from tools.studio import Config, Studio

DATABASES = BOTH

# What a quote becomes is no part of what was offered.
LATER = {"state", "reason", "superseded_by", "digest"}


def other(value: Any) -> Any:
    """Something of the same kind that is not the same."""
    match value:
        case bool():
            return not value
        case Money():
            return Money(value.micros + 1)
        case Offer():
            return replace(value, model=value.model + "x")
        case int():
            return value + 1
        case None:
            return "x"
        case date():  # and datetime
            return value + timedelta(days=1)
        case Mapping():
            return {**cast("Mapping[str, Any]", value), "prompt": "x"}
        case tuple():
            return (*cast("tuple[str, ...]", value), "x")
        case _:
            return value + "x"


async def an_offer(floor: Floor, **facts: Any) -> Quote:
    return await floor.stored(await floor.quote(film_of(3), **facts))


async def test_a_quote_is_stored_as_it_was_issued(floor: Floor) -> None:
    issued = await floor.quote(film_of(3), conversation_id="chat_1", tool_call_id="call_1")

    assert await floor.stored(issued) == issued
    assert verify(issued)
    assert issued.expected == Money.usd("0.12")
    assert issued.ceiling == Money.usd("0.15")


@pytest.mark.parametrize("field", sorted({field.name for field in fields(Quote)} - LATER - {"lines"}))
async def test_the_digest_covers_every_field_of_the_quote(floor: Floor, field: str) -> None:
    offer = await an_offer(floor)

    assert not verify(replace(offer, **{field: other(getattr(offer, field))}))


@pytest.mark.parametrize("field", sorted(field.name for field in fields(QuoteLine)))
async def test_the_digest_covers_every_field_of_every_line(floor: Floor, field: str) -> None:
    offer = await an_offer(floor)

    for n, line in enumerate(offer.lines):
        altered = replace(line, **{field: other(getattr(line, field))})
        assert not verify(replace(offer, lines=(*offer.lines[:n], altered, *offer.lines[n + 1 :])))


@pytest.mark.parametrize("field", sorted(f.name for f in fields(Offer)))
async def test_the_digest_covers_who_renders_and_how(floor: Floor, field: str) -> None:
    offer = await an_offer(floor)

    assert not verify(
        replace(offer, offer=replace(offer.offer, **{field: other(getattr(offer.offer, field))}))
    )


async def test_the_digest_covers_which_lines_there_are_and_their_order(floor: Floor) -> None:
    offer = await an_offer(floor)

    for lines in (offer.lines[:-1], (*offer.lines, offer.lines[0]), offer.lines[::-1]):
        assert not verify(replace(offer, lines=lines))


async def test_every_field_of_a_request_is_in_the_digest(floor: Floor) -> None:
    offer = await an_offer(floor)
    line = offer.lines[0]

    for name in line.body:
        altered = replace(line, body=dict(line.body) | {name: "another"})
        assert not verify(replace(offer, lines=(altered, *offer.lines[1:])))


async def test_the_same_film_quoted_twice_has_two_digests(floor: Floor) -> None:
    assert (await floor.quote(film_of())).digest != (await floor.quote(film_of())).digest


async def test_a_new_quote_takes_the_place_of_the_open_one_in_its_conversation_only(floor: Floor) -> None:
    first = await floor.quote(film_of(), conversation_id="chat_1")
    elsewhere = await floor.quote(film_of(), conversation_id="chat_2")
    alone = await floor.quote(film_of())
    second = await floor.quote(film_of(3), conversation_id="chat_1")

    replaced = await floor.stored(first)
    assert (replaced.state, replaced.superseded_by) == ("superseded", second.id)
    assert [(await floor.stored(each)).state for each in (elsewhere, alone, second)] == ["issued"] * 3


async def test_declining_twice_is_the_same_no_and_holds_nothing(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    for _ in range(2):
        async with floor.database.transaction() as connection:
            await quotes.decline(connection, offer.id, by="ann", reason="too dark", at=floor.clock())

    declined = await floor.stored(offer)
    assert (declined.state, declined.reason) == ("declined", "too dark")
    assert await rows(floor.database, "SELECT * FROM entry") == []
    assert await rows(floor.database, "SELECT COUNT(*) FROM audit WHERE action = 'declined'") == [(1,)]


async def test_an_approved_quote_cannot_be_declined(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    await floor.approve(offer)
    before = await dump(floor.database)

    with pytest.raises(AlreadyApproved):
        async with floor.database.transaction() as connection:
            await quotes.decline(connection, offer.id, by="ann", reason=None, at=floor.clock())
    assert await dump(floor.database) == before


async def test_a_quote_that_ran_out_is_closed_and_stays_closed(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    async with floor.database.reading() as connection:
        assert not await quotes.is_any_due(connection, floor.clock())
    floor.clock.move(minutes=30)
    async with floor.database.transaction() as connection:
        assert await quotes.is_any_due(connection, floor.clock())
        assert await quotes.expire_due(connection, floor.clock()) == 1
        assert not await quotes.is_any_due(connection, floor.clock())
    floor.clock.move(hours=-2)

    with pytest.raises(QuoteExpired):
        await floor.approve(offer)
    with pytest.raises(QuoteExpired):
        async with floor.database.transaction() as connection:
            await quotes.decline(connection, offer.id, by="ann", reason=None, at=floor.clock())


async def test_a_closed_quote_says_what_closed_it(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    async with floor.database.transaction() as connection:
        await quotes.decline(connection, offer.id, by="ann", reason=None, at=floor.clock())

    assert isinstance(quotes.conflict(await floor.stored(offer)), QuoteDeclined)


async def test_somebody_elses_quote_is_not_found(floor: Floor) -> None:
    offer = await floor.quote(film_of())

    async with floor.database.reading() as connection:
        with pytest.raises(NotFound):
            await quotes.get(connection, offer.id, "bob")


async def test_a_persons_quotes_are_theirs_alone_and_the_newest_comes_first(floor: Floor) -> None:
    older = await floor.quote(film_of())
    await floor.quote(film_of(), owner="bob")
    floor.clock.move(seconds=1)
    newer = await floor.quote(film_of())

    async with floor.database.reading() as connection:
        assert await quotes.recent(connection, "ann") == [newer, older]
        assert await quotes.recent(connection, "ann", 1) == [newer]


async def test_a_conversation_has_open_offers_until_they_are_answered(floor: Floor) -> None:
    offer = await floor.quote(film_of(), conversation_id="chat_1")
    await floor.quote(film_of(), conversation_id="chat_2")
    async with floor.database.reading() as connection:
        waiting = await quotes.open_in(connection, "chat_1")
    await floor.approve(offer)

    assert waiting == [offer]
    async with floor.database.reading() as connection:
        assert await quotes.open_in(connection, "chat_1") == []


async def test_the_call_that_led_to_a_quote_finds_it_in_its_own_conversation(floor: Floor) -> None:
    offer = await floor.quote(film_of(), conversation_id="chat_1", tool_call_id="call_1")

    async with floor.database.reading() as connection:
        assert await quotes.of_call(connection, "chat_1", "call_1") == offer
        assert await quotes.of_call(connection, "chat_2", "call_1") is None


async def test_the_headroom_shown_is_what_the_tightest_budget_has_left(floor: Floor) -> None:
    await floor.approve(await floor.quote(film_of(2, seconds=10)))

    assert (await floor.quote(film_of())).headroom_before == Money.usd("4.16")


def test_the_same_picture_in_another_place_of_the_film_is_the_same_work() -> None:
    offer = Offer("rehearsal", "rehearsal-draft")
    here, there = (
        Shot(shot_id=name, shot_number=n, enhanced_prompt="A gate") for n, name in enumerate("ab", 1)
    )

    assert quotes.request_body(here, offer, "16:9") == quotes.request_body(there, offer, "16:9")
    assert quotes.body_sha256("rehearsal", {}) != quotes.body_sha256("animatic", {})


# --- what a studio offers ------------------------------------------------------------------


async def test_what_was_not_said_is_filled_in_from_the_price_book(floor: Floor) -> None:
    studio = floor.studio

    assert studio.default_offer() == Offer("rehearsal", "rehearsal-draft", "720p")
    assert studio.offer("rehearsal", "rehearsal-premium") == Offer("rehearsal", "rehearsal-premium", "720p")
    assert {"rehearsal-draft", "rehearsal-premium"} <= {offer.model for offer in studio.every_offer()}
    assert "animatic" not in {offer.model for offer in studio.every_offer()}


@pytest.mark.parametrize(
    ("provider", "model", "what"), [("acme", None, "provider"), ("rehearsal", "x", "model")]
)
async def test_an_offer_nobody_can_price_says_what_there_is(
    floor: Floor, provider: str, model: str | None, what: str
) -> None:
    with pytest.raises(Invalid) as caught:
        floor.studio.offer(provider, model)

    assert caught.value.what == what
    assert "rehearsal" in caught.value.why


async def refused(studio: Studio, offer: Offer) -> Invalid:
    with pytest.raises(Invalid) as caught:
        await studio.quote(film_of(), offer, owner="ann")
    return caught.value


async def test_a_vendor_that_bills_cannot_be_quoted_at_nothing(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(FREE_OF_CHARGE)

    async with open_floor(config(prices=own), clock) as floor:
        error = await refused(floor.studio, Offer("rehearsal", "rehearsal-draft", "480p"))
        drawn = await floor.studio.quote(film_of(), Offer("animatic", "animatic", "480p"), owner="ann")

    assert isinstance(error, NoPrice)
    assert drawn.ceiling == ZERO


FREE_OF_CHARGE = """
[[price]]
provider = "rehearsal"
model = "rehearsal-draft"
kind = "video"
unit = "second"
usd = "0"
source = "a mistake"
as_of = 2026-11-21
"""


async def test_what_cannot_be_rendered_cannot_be_quoted(floor: Floor) -> None:
    before = await dump(floor.database)

    assert isinstance(await refused(floor.studio, Offer("rehearsal", "rehearsal-draft", "8k")), CannotRender)
    assert (await refused(floor.studio, Offer("acme", "one"))).what == "provider"
    assert await dump(floor.database) == before
