"""An estimate is free, adds up, and never flatters."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from tests.conftest import film_of
from tools.errors import CannotRender, NoPrice
from tools.estimate import Offer, compare, estimate, fit
from tools.money import ZERO, Money, total
from tools.prices import PriceBook, PriceRow, load_book
from tools.shots import Shot, ShotList

TODAY = date(2026, 11, 21)
BOOK = load_book()
DRAFT = Offer("rehearsal", "rehearsal-draft", "480p")
PREMIUM = Offer("rehearsal", "rehearsal-premium", "720p")
DRAWN = Offer("animatic", "animatic", "720p")

durations = st.lists(st.integers(1, 30), min_size=1, max_size=12)


def film(seconds: list[int]) -> ShotList:
    return ShotList(
        shots=[
            Shot(shot_id=f"s{n}", enhanced_prompt="A lighthouse", duration=each)
            for n, each in enumerate(seconds)
        ]
    )


@given(durations)
def test_totals_are_the_sums_of_the_lines(seconds: list[int]) -> None:
    priced = estimate(film(seconds), DRAFT, BOOK, TODAY)

    assert priced.expected == total(line.expected for line in priced.lines)
    assert priced.ceiling == total(line.ceiling for line in priced.lines)
    assert priced.expected == Money.usd("0.04").times(sum(seconds))
    assert priced.seconds == sum(seconds)


@given(durations)
def test_every_ceiling_is_whole_cents_and_a_twentieth_above_what_is_expected(seconds: list[int]) -> None:
    for line in estimate(film(seconds), DRAFT, BOOK, TODAY).lines:
        assert line.ceiling.micros % 10_000 == 0
        assert line.ceiling.micros * 100 >= line.expected.micros * 105
        assert line.ceiling.micros - line.expected.micros * 105 // 100 <= 10_000


def test_a_clip_that_is_owned_already_costs_nothing() -> None:
    priced = estimate(film_of(2, seconds=5), DRAFT, BOOK, TODAY, owned={2: "clip_x"})

    assert [(line.reused_clip_id, line.expected, line.ceiling) for line in priced.lines] == [
        (None, Money.usd("0.20"), Money.usd("0.21")),
        ("clip_x", ZERO, ZERO),
    ]


def test_a_price_by_the_clip_does_not_count_seconds() -> None:
    row = PriceRow(
        provider="acme",
        model="one",
        kind="video",
        unit="clip",
        usd="0.333333",
        source="its page",
        as_of=TODAY,
    )
    priced = estimate(film([5, 9]), Offer("acme", "one"), PriceBook((row,)), TODAY)

    assert [line.expected for line in priced.lines] == [Money(333_333)] * 2
    assert not priced.play_money


def test_one_shot_that_cannot_be_rendered_means_no_estimate() -> None:
    with pytest.raises(CannotRender, match="16 s"):
        estimate(film([5, 16]), PREMIUM, BOOK, TODAY)


def test_no_price_means_no_estimate() -> None:
    with pytest.raises(NoPrice):
        estimate(film([5]), Offer("acme", "one"), BOOK, TODAY)


def test_offers_are_compared_cheapest_first_and_refusals_say_why() -> None:
    able, unable = compare(film([5, 16]), [PREMIUM, DRAFT, DRAWN], BOOK, TODAY)

    assert [(each.offer.model, str(each.expected)) for each in able] == snapshot(
        [("animatic", "0.00"), ("rehearsal-draft", "0.84")]
    )
    assert [(each.offer.model, each.why) for each in unable] == snapshot(
        [("rehearsal-premium", "rehearsal-premium renders shots of 2 to 15 s, not 16 s")]
    )


@settings(max_examples=30)
@given(durations, st.integers(0, 20_000_000))
def test_what_was_made_to_fit_is_within_the_limit_and_no_longer_than_before(
    seconds: list[int], micros: int
) -> None:
    whole = film(seconds)
    fitted = fit(whole, [DRAFT, PREMIUM], Money(micros), BOOK, TODAY)

    if fitted is None:
        assert micros < 40_000 * 1.25 * 3
        return
    shorter, priced = fitted
    assert priced.ceiling <= Money(micros)
    assert priced == estimate(shorter, priced.offer, BOOK, TODAY)
    assert shorter.seconds <= whole.seconds
    assert [shot.shot_id for shot in shorter.shots] == [
        shot.shot_id for shot in whole.shots[: len(shorter.shots)]
    ]


@given(durations)
def test_what_fits_already_stays_as_it_is(seconds: list[int]) -> None:
    whole = film(seconds)
    fitted = fit(whole, [DRAFT], estimate(whole, DRAFT, BOOK, TODAY).ceiling, BOOK, TODAY)

    assert fitted is not None
    assert fitted[0] == whole


def test_an_estimate_as_json_has_no_number_for_money() -> None:
    assert estimate(film_of(1, seconds=4), DRAFT, BOOK, TODAY).to_json() == snapshot(
        {
            "provider": "rehearsal",
            "model": "rehearsal-draft",
            "resolution": "480p",
            "audio": False,
            "aspect_ratio": "16:9",
            "seconds": 4,
            "expected_usd": "0.16",
            "ceiling_usd": "0.17",
            "play_money": True,
            "price_as_of": "2026-11-21",
            "price_source": "made up: play money",
            "lines": [
                {
                    "n": 1,
                    "shot_id": "shot_1",
                    "kind": "video",
                    "seconds": 4,
                    "unit_usd": "0.04",
                    "expected_usd": "0.16",
                    "ceiling_usd": "0.17",
                    "reused_clip_id": None,
                }
            ],
        }
    )
