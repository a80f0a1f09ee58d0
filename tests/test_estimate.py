"""An estimate is free, adds up, and never flatters."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from tests.conftest import Floor, film_of
from tools import quotes
from tools.errors import CannotRender, Invalid, NoPrice
from tools.estimate import (
    Estimate,
    Offer,
    Wants,
    compare,
    differs,
    estimate,
    narrowed,
    plans_within,
    read_limit,
    read_wants,
    shortened,
)
from tools.estimate.plans import Aim, is_optional
from tools.estimate.table import lines_of
from tools.estimate.ways import Choice, best, bound
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


def test_an_estimate_as_json_has_no_number_for_money() -> None:
    assert estimate(film_of(1, seconds=4), DRAFT, BOOK, TODAY).to_json() == snapshot(
        {
            "provider": "rehearsal",
            "model": "rehearsal-draft",
            "resolution": "480p",
            "audio": False,
            "kind": "video",
            "aspect_ratio": "16:9",
            "seconds": 4,
            "expected_usd": "0.16",
            "ceiling_usd": "0.17",
            "play_money": True,
            "price_as_of": "2026-11-21",
            "price_source": "made up: play money",
            "sound": None,
            "notes": [],
            "lines": [
                {
                    "n": 1,
                    "shot_id": "shot_1",
                    "provider": "rehearsal",
                    "model": "rehearsal-draft",
                    "kind": "video",
                    "seconds": 4,
                    "asked_seconds": 4,
                    "unit_usd": "0.04",
                    "expected_usd": "0.16",
                    "ceiling_usd": "0.17",
                    "reused_clip_id": None,
                }
            ],
        }
    )


# --- what a vendor sells --------------------------------------------------------------------


def priced_by(**facts: Any) -> PriceBook:
    known: dict[str, Any] = {"provider": "acme", "model": "one", "kind": "video", "unit": "second"}
    known |= {"usd": "0.10", "source": "its page", "as_of": TODAY}
    return PriceBook((PriceRow.model_validate(known | facts),))


ONE = Offer("acme", "one")


def test_seconds_are_rounded_to_what_the_vendor_sells_and_the_clip_is_that_long() -> None:
    priced = estimate(film([5, 8]), ONE, priced_by(seconds=[4, 6, 8]), TODAY)

    assert [(line.asked_seconds, line.seconds, line.shot.duration) for line in priced.lines] == [
        (5, 6, 6),
        (8, 8, 8),
    ]
    assert priced.expected == Money.usd("1.40")
    assert priced.notes == ("sells shots of 4/6/8 s, so the film is 1 s longer",)


def test_a_minimum_is_charged_for_each_shot_and_told() -> None:
    priced = estimate(film([2, 8]), ONE, priced_by(minimum_usd="0.64"), TODAY)

    assert [str(line.expected) for line in priced.lines] == ["0.64", "0.80"]
    assert [str(line.ceiling) for line in priced.lines] == ["0.68", "0.84"]
    assert priced.notes == ("charges at least $0.64 for a shot",)


def test_an_old_price_is_told_with_its_age() -> None:
    later = TODAY + timedelta(days=61)

    assert estimate(film([5]), ONE, priced_by(), later).notes == (
        "the price was read 61 days ago, on 2026-11-21",
    )


@pytest.mark.parametrize(
    ("facts", "audio", "sound"),
    [
        ({"sound": "always"}, False, True),
        ({"sound": "optional"}, False, False),
        ({"sound": "optional"}, True, True),
        ({"audio": False}, False, False),
        ({"audio": True}, True, True),
        ({}, False, None),
    ],
)
def test_whether_there_is_sound_is_said_as_far_as_it_is_known(
    facts: dict[str, Any], audio: Any, sound: Any
) -> None:
    assert estimate(film([5]), Offer("acme", "one", audio=audio), priced_by(**facts), TODAY).sound is sound


async def test_a_quote_asks_for_the_seconds_that_are_sold_and_knows_that_clip_again(floor: Floor) -> None:
    """The shortest clip of rehearsal-premium has two seconds."""
    offer = await floor.studio.quote(film_of(1, seconds=1), PREMIUM, owner="ann")
    await floor.approve(offer)
    await floor.finish(offer)

    again = await floor.studio.quote(film_of(1, seconds=1), PREMIUM, owner="ann")

    assert [(line.seconds, line.body["seconds"]) for line in offer.lines] == [(2, 2)]
    assert offer.expected == Money.usd("0.60")
    assert [line.reused_clip_id is not None for line in again.lines] == [True]


async def test_the_card_says_how_the_vendor_sells_and_its_digest_covers_that(floor: Floor) -> None:
    offer = await floor.studio.quote(film_of(1, seconds=1), PREMIUM, owner="ann")
    async with floor.database.reading() as connection:
        stored = await quotes.get(connection, offer.id)

    assert stored.to_json()["notes"] == ["sells shots of 2 to 15 s, so the film is 1 s longer"]
    assert quotes.verify(stored)
    assert not quotes.verify(replace(stored, notes=()))
    assert not quotes.verify(replace(stored, notes=(*stored.notes, "free of charge")))


async def test_the_card_warns_of_an_old_price(floor: Floor) -> None:
    fresh = await floor.quote(film_of())
    floor.clock.move(days=61)
    old = await floor.quote(film_of())

    assert fresh.to_json()["price_warning"] is None
    assert old.to_json()["notes"] == []  # it says so once
    assert old.to_json()["price_warning"] == "the price was read 61 days ago, on 2026-11-21"


# --- side by side ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("", Wants()),
        ("Cheapest first", Wants()),
        ("sharpest, with sound", Wants(order="sharpest", sound=True)),
        ("under 2 minutes and at most 90 s", Wants(seconds_max=90)),
        ("Under 2 minutes, in 1080p", Wants(seconds_max=120, resolution="1080p")),
        ("under $2.50; with audio", Wants(limit=Money.usd("2.50"), sound=True)),
    ],
)
def test_wants_are_read_from_words(text: str, wants: Wants) -> None:
    assert read_wants(text) == wants


@pytest.mark.parametrize("text", ["with love", "under 2", "under $", "with sound, please"])
def test_a_want_that_is_not_understood_is_named(text: str) -> None:
    with pytest.raises(Invalid, match="is not understood; say cheapest first"):
        read_wants(text)


@pytest.mark.parametrize("text", ["", "much", "-1", "NaN", "0.00000001"])
def test_a_limit_is_an_exact_amount(text: str) -> None:
    assert read_limit(" $2.50") == Money.usd("2.50")
    with pytest.raises(Invalid):
        read_limit(text)


def test_the_table_holds_who_is_as_wanted_and_says_why_others_are_not() -> None:
    able, unable = compare(film([5, 8]), [DRAFT, PREMIUM], BOOK, TODAY)

    cheap, dear = narrowed(able, unable, Wants(limit=Money.usd("1")))
    short, long = narrowed(able, unable, Wants(seconds_max=12))
    sharp, _ = narrowed(able, unable, Wants(order="sharpest"))

    assert [each.offer.model for each in cheap] == ["rehearsal-draft"]
    assert [each.why for each in dear] == ["it costs up to $4.10, not $1.00"]
    assert (short, [each.why for each in long]) == ([], ["the film would be 13 s, not 12 s"] * 2)
    assert [each.offer.resolution for each in sharp] == ["720p", "480p"]


def test_of_vendors_that_are_not_set_up_only_the_best_is_shown() -> None:
    offers = [Offer(*pair) for pair in BOOK.models()]
    able, unable = compare(film([5]), offers, BOOK, TODAY)

    kept, refused = shortened(able, unable, {"rehearsal"})

    others = [each.offer.provider for each in kept if each.offer.provider != "rehearsal"]
    assert sorted(others) == sorted(set(others))
    assert {each.offer.model for each in kept if each.offer.provider == "rehearsal"} == {
        "rehearsal-draft",
        "rehearsal-premium",
    }
    assert {each.offer.provider for each in refused} <= {"rehearsal"}
    assert shortened([], unable, set()) == ([], unable)


def test_what_differs_is_said_in_words() -> None:
    kling, gen45 = Offer("fal", "kling-4.0", "1080p"), Offer("runway", "gen4.5")
    able, _ = compare(film([5]), [gen45, kling, DRAFT], BOOK, TODAY)

    assert [differs(each, able[0]) for each in able] == snapshot(
        [
            (),
            ("real money", "720p instead of 480p", "silent"),
            ("real money", "1080p instead of 480p", "with sound"),
        ]
    )


def test_in_the_same_money_what_differs_is_how_much_more_or_less_it_costs() -> None:
    able, _ = compare(film([5]), [PREMIUM, DRAFT], BOOK, TODAY)
    cheap, dear = able

    assert differs(dear, cheap)[0] == "$1.30 more"
    assert differs(cheap, dear)[0] == "$1.30 less"


# --- make it under a limit ------------------------------------------------------------------

MODELS = ("one", "two", "three")
seconds_sold = st.none() | st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True)
rows = st.builds(
    PriceRow,
    provider=st.just("acme"),
    model=st.sampled_from(MODELS),
    kind=st.just("video"),
    unit=st.sampled_from(["second", "clip"]),
    usd=st.integers(1, 300_000).map(lambda micros: str(Money(micros))),
    minimum_usd=st.none() | st.just("0.20"),
    resolution=st.sampled_from(["480p", "720p"]),
    seconds=seconds_sold,
    source=st.just("made up"),
    as_of=st.just(TODAY),
)
planned = st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=3)


def film_with(shots: list[tuple[int, bool]]) -> ShotList:
    made = [
        Shot.model_validate(
            {"shot_id": f"s{n}", "enhanced_prompt": "A", "duration": seconds, "optional": extra}
        )
        for n, (seconds, extra) in enumerate(shots)
    ]
    return ShotList(shots=made)


def every_way(
    film: ShotList, offer: Offer, book: PriceBook, owned: dict[Any, str], *, any_may_go: bool
) -> Iterator[tuple[int, int, Money]]:
    """Every version of the film, counted out one by one: shots left out, seconds lost, ceiling."""
    for lengths in product(*(range(7) for _ in film.shots)):
        pairs = list(zip(film.shots, lengths, strict=True))
        kept = [(shot, seconds) for shot, seconds in pairs if seconds]
        if not kept or not (any_may_go or all(is_optional(shot) for shot, seconds in pairs if not seconds)):
            continue
        if any(seconds < min(3, shot.duration) for shot, seconds in kept):
            continue
        version = film.with_shots([shot.model_copy(update={"duration": s}) for shot, s in kept])
        clips = {n: "clip" for n, (shot, s) in enumerate(kept, 1) if (offer, shot.shot_id, s) in owned}
        try:
            priced = estimate(version, offer, book, TODAY, owned=clips)
        except CannotRender:
            continue
        if priced.seconds != version.seconds or any(too_long(shot, s, offer, book) for shot, s in kept):
            continue
        lost = sum(max(shot.duration - seconds, 0) for shot, seconds in pairs)
        yield len(pairs) - len(kept), lost, priced.ceiling


def too_long(shot: Shot, seconds: int, offer: Offer, book: PriceBook) -> bool:
    """Longer than planned is only what the vendor's next length makes it."""
    if seconds <= shot.duration:
        return False
    return estimate(film([shot.duration]), offer, book, TODAY).seconds != seconds


def fewer(offer: Offer, chosen: Offer) -> tuple[int, bool]:
    lost = max(lines_of(chosen.resolution) - lines_of(offer.resolution), 0)
    return lost, offer.model != chosen.model


AIMS: dict[Aim, Callable[[Offer, Offer, tuple[int, int, Money]], Any]] = {
    "longest": lambda offer, chosen, way: (way[0], way[1], fewer(offer, chosen), way[2]),
    "as chosen": lambda offer, chosen, way: (fewer(offer, chosen), *way),
    "cheapest": lambda offer, chosen, way: (*way, fewer(offer, chosen)),
}


def lost_by(film: ShotList, priced: Estimate) -> int:
    made = {line.shot.shot_id: line.seconds for line in priced.lines}
    return sum(max(shot.duration - made.get(shot.shot_id, 0), 0) for shot in film.shots)


@settings(max_examples=100)
@given(
    planned,
    st.lists(rows, min_size=1, max_size=4),
    st.integers(0, 2_000_000),
    st.sets(st.tuples(st.integers(0, 2), st.integers(1, 6)), max_size=2),
    st.booleans(),
)
def test_the_plans_are_the_best_of_all_that_could_be_counted_out(
    shots: list[tuple[int, bool]],
    prices: list[PriceRow],
    micros: int,
    mine: set[tuple[int, int]],
    any_may_go: bool,  # noqa: FBT001
) -> None:
    whole, book, limit = film_with(shots), PriceBook(tuple(prices)), Money(micros)
    offers = [Offer(row.provider, row.model, str(row.resolution)) for row in prices]
    owned = {(offer, f"s{n}", seconds): "clip" for offer in offers for n, seconds in mine}

    plans = plans_within(
        limit,
        whole,
        offers,
        book,
        TODAY,
        chosen=offers[0],
        owned=lambda offer, shot: owned.get((offer, shot.shot_id, shot.duration)),
        any_may_go=any_may_go,
    )

    ways = [
        (offer, way)
        for offer in set(offers)
        for way in every_way(whole, offer, book, owned, any_may_go=any_may_go)
        if way[2] <= limit
    ]
    found = {plan.aim: plan.priced for plan in plans}
    reached = [
        (p.offer, (len(whole.shots) - len(p.lines), lost_by(whole, p), p.ceiling)) for p in found.values()
    ]
    assert bool(plans) == bool(ways)
    for aim in get_args(Aim) if ways else ():
        rank = AIMS[aim]
        assert min(rank(o, offers[0], way) for o, way in ways) == min(
            rank(o, offers[0], way) for o, way in reached
        )
    assert all(plan.priced.ceiling <= limit for plan in plans)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=12),
    st.integers(0, 20_000_000),
)
def test_no_plan_is_ever_above_its_limit_and_each_says_what_it_gives_up(
    shots: list[tuple[int, bool]], micros: int
) -> None:
    whole, limit = film_with(shots), Money(micros)
    offers = [Offer(row.provider, row.model, str(row.resolution)) for row in BOOK.rows if row.kind == "video"]
    plans = plans_within(limit, whole, offers, BOOK, TODAY, chosen=PREMIUM)

    assert len(plans) <= 3
    for plan in plans:
        again = estimate(plan.shots, plan.priced.offer, BOOK, TODAY)
        assert again.expected <= again.ceiling == plan.priced.ceiling <= limit
        shorter = plan.priced.seconds < whole.seconds or len(plan.shots.shots) < len(whole.shots)
        assert plan.gives_up or not shorter
        assert all(is_optional(whole.shots[n - 1]) for n in plan.left_out)


def test_more_money_keeps_more_of_the_film() -> None:
    whole = film_with([(10, False), (8, True), (6, False), (9, True)])
    plans = [
        plans_within(Money(cents * 10_000), whole, [DRAFT, PREMIUM], BOOK, TODAY, chosen=PREMIUM)
        for cents in range(0, 1100, 5)
    ]

    lost = [(len(each[0].left_out), lost_by(whole, each[0].priced)) for each in plans if each]
    assert lost == sorted(lost, reverse=True)
    assert [bool(each) for each in plans] == sorted(bool(each) for each in plans)
    assert (plans[0], plans[-1][0].shots, plans[-1][0].gives_up) == ([], whole, ())


def test_a_locked_shot_keeps_its_length_in_every_plan() -> None:
    free = film_with([(10, False), (8, True)])
    first, second = free.shots
    whole = free.model_copy(
        update={"shots": [Shot.model_validate(first.model_dump() | {"locked": True}), second]}
    )
    plans = [
        plan
        for cents in range(0, 1100, 5)
        for plan in plans_within(Money(cents * 10_000), whole, [DRAFT, PREMIUM], BOOK, TODAY, chosen=PREMIUM)
    ]

    assert {plan.shots.shots[0].duration for plan in plans} == {10}
    assert {len(plan.left_out) for plan in plans} == {0, 1}


def test_who_can_render_nothing_has_no_plan() -> None:
    assert plans_within(Money.usd("5"), film([5]), [], BOOK, TODAY) == []


def lengths(*sold: tuple[int, int]) -> list[Choice]:
    """What a shot of five seconds can be, at so many micro-dollars."""
    return [Choice(seconds, 5 - seconds, micros) for seconds, micros in sold]


def test_what_must_be_lost_is_spread_over_the_shots() -> None:
    shots = [lengths((5, 50), (4, 40), (3, 30))] * 3

    assert [choice.lost for choice in best(shots, 120).choices] == [1, 1, 1]


def test_what_cannot_be_made_within_the_limit_has_no_way() -> None:
    shots = [lengths((5, 50), (4, 40))]

    assert bound(shots, 39) is None
    with pytest.raises(ValueError, match="no way"):
        best(shots, 39)


async def test_what_a_plan_promises_is_what_its_quote_says(floor: Floor) -> None:
    first = await floor.studio.quote(film_of(1, seconds=5), DRAFT, owner="ann")
    await floor.approve(first)
    await floor.finish(first)

    plans = await floor.studio.plans(film_of(4, seconds=5), Money.usd("0.62"), "ann", PREMIUM)

    assert plans
    for plan in plans:
        quote = await floor.studio.quote(plan.shots, plan.priced.offer, owner="ann")
        assert quote.ceiling == plan.priced.ceiling <= Money.usd("0.62")
    assert [(plan.aim, plan.to_json()["reused"], plan.gives_up) for plan in plans] == snapshot(
        [
            (
                "longest",
                1,
                (
                    "1 of 20 seconds: shot 4 is shorter",
                    "480p instead of 720p",
                    "rehearsal-draft by rehearsal instead of rehearsal-premium by rehearsal",
                ),
            )
        ]
    )


async def test_where_no_plan_keeps_every_shot_any_of_them_may_go(floor: Floor) -> None:
    plans = await floor.studio.plans(film_of(4, seconds=5), Money.usd("0.31"), "ann", DRAFT)

    assert [(plan.left_out, plan.gives_up, str(plan.priced.ceiling)) for plan in plans] == snapshot(
        [((3, 4), ("shots 3 and 4 are left out", "3 of 20 seconds: shots 1 and 2 are shorter"), "0.30")]
    )
    assert await floor.studio.plans(film_of(4, seconds=5), Money.usd("0.10"), "ann", DRAFT) == []


async def test_a_plan_in_play_money_does_not_stand_for_one_in_dollars(floor: Floor) -> None:
    real = floor.studio.offer("runway")

    assert await floor.studio.plans(film_of(1, seconds=5), Money.usd("5"), "ann", real) == []
