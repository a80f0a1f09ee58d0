"""The price book: no row, no price; and what does not fit says what would."""

import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from api.cli import main
from tools.clock import system_clock
from tools.errors import CannotRender, Invalid, NoPrice
from tools.money import ZERO, Money
from tools.prices import (
    PACKAGED,
    Answer,
    Ask,
    PriceBook,
    PriceRow,
    age_warning,
    answers,
    as_diff,
    fal,
    keep,
    load_book,
    openrouter,
    packaged,
    read_prices,
    to_toml,
    updated,
    with_live,
)
from tools.prices.tags import MEASURES, read_tags
from tools.providers.rehearsal import RATES, Rehearsal

TODAY = date(2026, 11, 21)
ASK = Ask("rehearsal", "rehearsal-draft", "video", 5, "720p", "16:9", audio=False)
ROW = PriceRow(
    provider="acme",
    model="one",
    kind="video",
    unit="second",
    usd="0.10",
    source="acme's page",
    as_of=TODAY,
)
ACME = Ask("acme", "one", "video", 5, "720p", "16:9", audio=False)


def book(*rows: PriceRow) -> PriceBook:
    return PriceBook(rows)


def changed(**facts: object) -> PriceRow:
    return PriceRow.model_validate(ROW.model_dump() | facts)


def test_the_packaged_book_can_be_read_and_every_row_has_a_source() -> None:
    rows = load_book().rows

    assert rows
    assert all(row.source and row.as_of <= TODAY for row in rows)


def test_the_packaged_book_knows_the_vendors_that_ship() -> None:
    sold = {(row.provider, row.model, row.kind) for row in packaged() if not row.play_money}
    kinds = Counter(kind for provider, _, kind in sold if provider != "animatic")

    assert kinds["video"] >= 25
    assert kinds["image"] >= 10
    assert kinds["speech"] >= 6
    assert {provider for provider, _, _ in sold} >= {"openrouter", "fal", "runway", "google", "elevenlabs"}


def test_the_packaged_file_is_written_as_we_write_it() -> None:
    header, _, _ = PACKAGED.read_text("utf-8").partition("[[price]]")

    assert header + to_toml(packaged()) == PACKAGED.read_text("utf-8")


def test_what_was_counted_in_credits_says_so() -> None:
    runway = [row for row in packaged() if row.provider == "runway"]

    assert runway
    for row in runway:
        cents = int(str(row.computed).split()[0])
        assert row.rate == Money.usd("0.01").times(cents)


@pytest.mark.parametrize("provider", sorted({row.provider for row in packaged() if row.kind == "video"}))
def test_no_default_model_is_past_its_end_of_life(provider: str) -> None:
    [(_, model), *_] = load_book().models(provider)

    assert any(row.lives(system_clock().date()) for row in load_book().of(provider, model)), model


def test_every_successor_has_a_price_itself() -> None:
    known = {(row.provider, row.model) for row in packaged()}

    assert all((row.provider, row.successor) in known for row in packaged() if row.successor)


def test_the_rehearsal_vendor_bills_what_the_price_book_says() -> None:
    priced = {(row.model, row.resolution): row.rate for row in load_book().of("rehearsal", "rehearsal-draft")}
    priced |= {
        (row.model, row.resolution): row.rate for row in load_book().of("rehearsal", "rehearsal-premium")
    }

    assert priced == RATES


def test_the_book_prices_exactly_the_seconds_that_the_rehearsal_vendor_offers() -> None:
    for model in Rehearsal.models:
        for row in load_book().of("rehearsal", model.name):
            assert row.seconds_offered() == model.seconds
            assert row.aspect_ratios == model.aspect_ratios
            assert row.play_money


@pytest.mark.parametrize(
    "ask",
    [
        replace(ACME, seconds=60),
        replace(ACME, resolution="4k"),
        replace(ACME, aspect_ratio="1:1"),
        replace(ACME, audio=True),
    ],
)
def test_a_condition_that_is_left_out_does_not_matter(ask: Ask) -> None:
    assert book(ROW).find(ask, TODAY) is ROW


def test_the_first_row_that_fits_is_the_price() -> None:
    small, large = changed(resolution="480p"), changed(resolution="720p", usd="0.20")

    assert book(small, large, ROW).find(ACME, TODAY) is large


@pytest.mark.parametrize("ask", [replace(ACME, model="two"), replace(ACME, provider="other")])
def test_without_a_row_there_is_no_price(ask: Ask) -> None:
    with pytest.raises(NoPrice):
        book(ROW).find(ask, TODAY)


def test_a_price_for_pictures_prices_no_video() -> None:
    with pytest.raises(NoPrice):
        book(changed(kind="image", unit="image")).find(ACME, TODAY)


def test_a_price_for_animating_a_picture_prices_no_shot_that_is_only_told() -> None:
    rows = book(changed(input="image"))

    assert rows.find(replace(ACME, input="image"), TODAY).input == "image"
    with pytest.raises(CannotRender, match="one renders from image, not from text"):
        rows.find(ACME, TODAY)


def test_a_model_has_a_price_until_its_last_day() -> None:
    ending = changed(end_of_life=TODAY)

    assert book(ending).find(ACME, TODAY) is ending
    with pytest.raises(NoPrice, match="ended on 2026-11-21; nothing takes its place"):
        book(ending).find(ACME, date(2026, 11, 22))


def test_a_model_that_ended_names_its_successor() -> None:
    veo = Ask("google", "veo-3.1-generate-preview", "video", 8, "720p", "16:9", audio=True)

    with pytest.raises(NoPrice) as caught:
        load_book().find(veo, TODAY)

    assert caught.value.why == snapshot(
        "'veo-3.1-generate-preview' at 'google' ended on 2026-10-22; gemini-omni-1.2-flash takes its place"
    )


def test_a_price_is_warned_of_when_it_was_read_more_than_sixty_days_ago() -> None:
    assert age_warning(TODAY, TODAY + timedelta(days=60)) is None
    assert age_warning(TODAY, TODAY + timedelta(days=61)) == "the price was read 61 days ago, on 2026-11-21"


@pytest.mark.parametrize(
    ("ask", "field", "why"),
    [
        (replace(ASK, seconds=31), "seconds", "rehearsal-draft renders shots of 1 to 30 s, not 31 s"),
        (replace(ASK, resolution="4k"), "resolution", "rehearsal-draft renders 480p/720p, not 4k"),
        (
            replace(ASK, aspect_ratio="21:9"),
            "aspect_ratio",
            "rehearsal-draft renders 16:9/9:16/1:1, not 21:9",
        ),
    ],
)
def test_what_cannot_be_rendered_says_what_can(ask: Ask, field: str, why: str) -> None:
    with pytest.raises(CannotRender) as caught:
        load_book().find(ask, TODAY)

    assert (caught.value.what, caught.value.why) == (field, why)


def test_sound_that_no_row_has_is_said_last() -> None:
    with pytest.raises(CannotRender) as caught:
        book(changed(audio=False, seconds=[4, 8])).find(replace(ACME, audio=True, seconds=8), TODAY)

    assert caught.value.why == "one does not render with sound at 720p"


def test_a_row_without_seconds_is_for_clips_of_any_length() -> None:
    row = changed(seconds=None)

    assert row.seconds_offered() == tuple(range(1, 61))
    assert row.seconds_in_words() == "any length"


def test_listed_seconds_are_offered_one_by_one() -> None:
    row = changed(seconds=[4, 8])

    assert row.seconds_offered() == (4, 8)
    with pytest.raises(CannotRender, match="4/8 s"):
        book(row).find(ACME, TODAY)


@pytest.mark.parametrize(
    ("seconds", "asked", "sold"),
    [([4, 6, 8], 5, 6), ([4, 6, 8], 8, 8), ({"min": 3, "max": 10}, 1, 3), (None, 17, 17)],
)
def test_a_vendor_sells_the_next_longer_clip(seconds: Any, asked: int, sold: int) -> None:
    row = changed(seconds=seconds)

    assert book(row).sell(replace(ACME, seconds=asked), TODAY) == (row, sold)


def test_a_longer_clip_is_sold_by_the_row_that_prices_it() -> None:
    short, long = changed(seconds=[4], usd="0.10"), changed(seconds=[8], usd="0.08")

    assert book(short, long).sell(replace(ACME, seconds=5), TODAY) == (long, 8)
    assert book(long, short).sell(replace(ACME, seconds=4), TODAY) == (short, 4)


def test_a_clip_longer_than_all_that_is_sold_cannot_be_had() -> None:
    with pytest.raises(CannotRender, match="4/8 s, not 9 s"):
        book(changed(seconds=[4, 8])).sell(replace(ACME, seconds=9), TODAY)


def test_a_minimum_is_charged_for_short_clips_only() -> None:
    row = changed(minimum_usd="0.64")

    assert [str(row.charge(seconds)) for seconds in (1, 6, 7)] == ["0.64", "0.64", "0.70"]


PRICE = """
[[price]]
provider = "rehearsal"
model = "rehearsal-draft"
kind = "video"
unit = "second"
usd = "0.50"
source = "my contract"
as_of = 2026-11-01
"""


def test_the_users_own_file_comes_before_the_packaged_one(tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(PRICE)

    found = load_book(own).find(ASK, TODAY)

    assert (found.rate, found.source) == (Money.usd("0.50"), "my contract")
    assert load_book(own).rows[1:] == read_prices(PACKAGED)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (PRICE.replace('"0.50"', "0.50"), snapshot("price 1, usd: Input should be a valid string")),
        (PRICE.replace('"0.50"', '"-1"'), snapshot("price 1, usd: Value error, a price cannot be negative")),
        (PRICE.replace('"0.50"', '"NaN"'), snapshot("price 1, usd: Value error, 'NaN' is not an amount in dollars")),
        (PRICE + PRICE.replace("source", "sauce"), snapshot("price 2, source: Field required")),
        (PRICE.replace('"second"', '"image"'), snapshot("price 1, row: Value error, video is sold by the second or clip, not image")),
        (PRICE + "discount = 1\n", snapshot("price 1, discount: Extra inputs are not permitted")),
        (PRICE + "seconds = { min = 9, max = 2 }\n", snapshot("price 1, seconds: Value error, min is above max")),
        ("price = 3\n", snapshot("has no [[price]] rows")),
    ],
)  # fmt: skip
def test_a_bad_price_file_names_file_row_and_field(tmp_path: Path, broken: str, why: str) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(broken)

    with pytest.raises(Invalid) as caught:
        load_book(own)

    assert caught.value.what == str(own)
    assert caught.value.why == why


@pytest.mark.parametrize("content", [b"[[price]", b"\xff\xfe", None])
def test_a_price_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    own = tmp_path / "prices.toml"
    if content is not None:
        own.write_bytes(content)

    with pytest.raises(Invalid, match="cannot be read as a price file"):
        read_prices(own)


# --- what vendors answer -------------------------------------------------------------------

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

VEO = {  # as kept in public repositories
    "id": "google/veo-3.1",
    "canonical_slug": "google/veo-3.1",
    "name": "Google: Veo 3.1",
    "created": 1,
    "supported_resolutions": ["720p", "1080p", "4k"],
    "supported_durations": [4, 6, 8],
    "supported_aspect_ratios": ["16:9", "9:16"],
    "supported_frame_images": ["first_frame"],
    "supported_sizes": None,
    "generate_audio": True,
    "seed": True,
    "allowed_passthrough_parameters": [],
    "pricing_skus": {
        "duration_seconds_with_audio": "0.40",
        "duration_seconds_without_audio": "0.20",
        "duration_seconds_with_audio_4k": "0.60",
        "duration_seconds_without_audio_4k": "0.40",
    },
}


def listed(skus: dict[str, Any], **facts: Any) -> Answer:
    model = {"id": "acme/one", "supported_resolutions": ["720p", "1080p"], "pricing_skus": skus}
    return openrouter({"data": [model | facts]}, NOW)


def rates(answer: Answer) -> list[tuple[str | None, bool | None, str]]:
    return [(row.resolution, row.audio, row.usd) for row in answer.rows]


def test_a_model_list_becomes_rows_with_its_limits() -> None:
    answer = openrouter({"data": [VEO]}, NOW)

    assert rates(answer) == snapshot(
        [
            ("4k", True, "0.60"),
            ("4k", False, "0.40"),
            ("720p", True, "0.40"),
            ("1080p", True, "0.40"),
            ("720p", False, "0.20"),
            ("1080p", False, "0.20"),
        ]
    )
    assert answer.rows[0].model_dump(mode="json", exclude_none=True) == snapshot(
        {
            "provider": "openrouter",
            "model": "google/veo-3.1",
            "kind": "video",
            "unit": "second",
            "usd": "0.60",
            "resolution": "4k",
            "audio": True,
            "sound": "optional",
            "seconds": [4, 6, 8],
            "aspect_ratios": ["16:9", "9:16"],
            "pictures": 1,
            "play_money": False,
            "source": "openrouter.ai/api/v1/videos/models, duration_seconds_with_audio_4k",
            "as_of": "2026-11-21",
        }
    )


@pytest.mark.parametrize(
    ("skus", "rows"),
    [
        ({"cents_per_second_output": "12"}, [("720p", None, "0.12"), ("1080p", None, "0.12")]),
        ({"duration_seconds_720p": 0.1}, [("720p", None, "0.10")]),
        ({"per-video-second": "0.50", "per-video-second-1080p": "0.75"}, [("1080p", None, "0.75"), ("720p", None, "0.50")]),
        ({"cents_per_video_output_second_720p": "7"}, [("720p", None, "0.07")]),
        ({"duration_seconds": "0.0000001"}, [("720p", None, "0.000001"), ("1080p", None, "0.000001")]),
        ({"duration_seconds_4k": "0.4", "duration_seconds_720p": "0.1"}, [("720p", None, "0.10")]),
    ],
)  # fmt: skip
def test_a_key_is_read_as_tags(skus: dict[str, Any], rows: list[Any]) -> None:
    assert rates(listed(skus)) == rows


def test_what_is_put_in_costs_extra_so_the_rate_is_for_words_alone() -> None:
    answer = listed({"text_to_video_duration_seconds_720p": "0.1", "cents_per_image_input": "1"})
    mixed = listed({"duration_seconds": "0.1", "reference_images": "0.01"})

    assert [row.input for row in (*answer.rows, *mixed.rows)] == ["text"] * 3


def test_a_rate_without_a_resolution_is_for_any_where_a_model_names_none() -> None:
    assert rates(listed({"duration_seconds": "0.1"}, supported_resolutions=None)) == [(None, None, "0.10")]


def test_a_floor_a_generation_becomes_the_minimum_charge() -> None:
    [row] = listed({"cents_per_second_output_720p": "5", "minimum_cents_per_generation": "40"}).rows

    assert [str(row.charge(seconds)) for seconds in (2, 10)] == ["0.40", "0.50"]


def test_a_model_that_makes_no_sound_is_priced_without() -> None:
    assert [row.audio for row in listed({"duration_seconds": "0.1"}, generate_audio=False).rows] == [
        False
    ] * 2


@pytest.mark.parametrize(
    ("skus", "why"),
    [
        ({"duration_seconds_720p": "0.1", "duration_moonphase": "9"}, "duration_moonphase"),
        ({"duration_seconds_720p_8k_extra": "0.1"}, "duration_seconds_720p_8k_extra"),
        ({"duration_seconds_720p_1080p": "0.1"}, "duration_seconds_720p_1080p"),
        ({"video_tokens": "0.000007"}, "video_tokens"),
        ({"720p": "0.1"}, "720p"),
        ({"duration_seconds": "0"}, "duration_seconds = 0"),
        ({"duration_seconds": "-1"}, "duration_seconds = -1"),
        ({"duration_seconds": "free"}, "duration_seconds = free"),
        ({"duration_seconds": "NaN"}, "duration_seconds = NaN"),
        ({"duration_seconds": "1e9999999"}, "duration_seconds = 1e9999999"),
        ({"duration_seconds": True}, "duration_seconds = True"),
        ({"duration_seconds": None}, "duration_seconds = None"),
        ({"minimum_cents_per_generation": "40"}, "it has no rate"),
        ({}, "it lists no price"),
    ],
)
def test_an_unknown_tag_is_no_price_and_never_nothing(skus: dict[str, Any], why: str) -> None:
    answer = listed(skus)

    assert (answer.rows, answer.unreadable) == ((), {"acme/one": why})


@given(
    st.lists(st.sampled_from([*MEASURES, "with_audio", "720p", "text_to_video", "surcharge", ""]), max_size=5)
)
def test_a_key_of_any_words_is_understood_whole_or_not_at_all(words: list[str]) -> None:
    tags = read_tags("_".join(words))

    if "surcharge" in words or not set(words) & set(MEASURES):
        assert tags is None


ANY_LETTER = st.characters(exclude_categories=())  # half letters too, which JSON can hold


@given(
    st.dictionaries(
        st.text(max_size=20),
        st.none() | st.booleans() | st.floats() | st.text(ANY_LETTER, max_size=9),
        max_size=4,
    )
)
def test_no_answer_whatever_yields_a_price_of_nothing(skus: dict[str, Any]) -> None:
    assert all(row.rate > ZERO for row in listed(skus).rows)


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"supported_durations": [4, "2.5 s"]}, "its supported_durations cannot be read"),
        ({"supported_resolutions": "720p"}, "its supported_resolutions cannot be read"),
        ({"pricing_skus": ["0.40"]}, "its pricing_skus cannot be read"),
        ({"supported_aspect_ratios": ["\ud800"]}, "its supported_aspect_ratios cannot be read"),
        ({"pricing_skus": {"duration_\ud800": "0.40"}}, "duration_?"),
        ({"pricing_skus": {"duration_seconds": "\ud800"}}, "duration_seconds = ?"),
        ({"pricing_skus": {"duration_seconds": "9" * 999}}, "duration_seconds = " + "9" * 181),
    ],
)
def test_a_model_that_cannot_be_read_hides_no_other(odd: dict[str, Any], why: str) -> None:
    answer = openrouter({"data": [VEO | {"id": "acme/odd"} | odd, VEO]}, NOW)

    assert Answer.model_validate_json(answer.model_dump_json()).unreadable == {"acme/odd": why}
    assert {row.model for row in answer.rows} == {"google/veo-3.1"}


def test_what_has_no_name_that_can_be_written_down_is_passed_over() -> None:
    nameless: list[Any] = [VEO | {"id": "\ud800"}, VEO | {"id": "x" * 121}, {"name": "none"}, 7]

    answer = openrouter({"data": [*nameless, VEO]}, NOW)

    assert answer.unreadable == {}
    assert {row.model for row in answer.rows} == {"google/veo-3.1"}


@pytest.mark.parametrize("payload", [None, [], {"data": 1}, {"data": [{"id": ""}]}, {"error": "no"}])
def test_what_is_no_model_list_is_refused(payload: Any) -> None:
    with pytest.raises(Invalid):
        openrouter(payload, NOW)


FAL = changed(provider="fal", model="minimax/h3/text-to-video")


def priced(unit_price: Any, unit: str = "second", currency: str = "USD", *known: PriceRow) -> Answer:
    price = {"endpoint_id": FAL.model, "unit_price": unit_price, "unit": unit, "currency": currency}
    return fal({"prices": [price], "next_cursor": None, "has_more": False}, NOW, known or (FAL,))


def test_a_unit_price_takes_the_place_of_the_only_rate_that_is_known() -> None:
    [row] = priced(0.06).rows

    assert (row.usd, row.source, row.as_of) == ("0.06", "api.fal.ai/v1/models/pricing", NOW.date())


def test_a_unit_price_confirms_the_rates_it_is_one_of() -> None:
    small, large = (
        changed(provider="fal", model=FAL.model, resolution=size, usd=usd, as_of=date(2026, 9, 1))
        for size, usd in (("480p", "0.05"), ("720p", "0.10"))
    )
    answer = priced("0.10", "second", "USD", small, large)

    assert [(row.resolution, row.usd, row.as_of) for row in answer.rows] == [
        ("480p", "0.05", NOW.date()),
        ("720p", "0.10", NOW.date()),
    ]
    assert priced("0.11", "second", "USD", small, large).unreadable == {FAL.model: "0.11 USD for each second"}


@pytest.mark.parametrize(("unit_price", "currency"), [(0, "USD"), (-1, "USD"), ("0.1", "EUR")])
def test_a_unit_price_that_is_no_amount_of_dollars_is_no_price(unit_price: Any, currency: str) -> None:
    answer = priced(unit_price, "second", currency)

    assert (answer.rows, list(answer.unreadable)) == ((), [FAL.model])


def test_a_unit_that_counts_something_else_says_nothing() -> None:
    answer = priced(0.014, "1k tokens")

    assert (answer.rows, answer.unreadable) == ((), {})


@pytest.mark.parametrize("odd", [{"unit_price": "much"}, {"currency": "\ud800"}, {"unit": None}])
def test_what_is_no_price_list_is_refused(odd: dict[str, Any]) -> None:
    plain = {"endpoint_id": FAL.model, "unit_price": 0.1, "unit": "second", "currency": "EUR"}

    assert fal({"prices": [plain]}, NOW, (FAL,)).unreadable == {FAL.model: "0.1 EUR for each second"}
    with pytest.raises(Invalid):
        fal({"prices": [plain | odd]}, NOW, (FAL,))


# --- which source counts --------------------------------------------------------------------

LIVE = changed(usd="0.11", source="acme's answer")
OWN = changed(usd="0.12", source="my contract")


def stacked(answer: Answer, *own: PriceRow, at: datetime = NOW) -> PriceBook:
    return with_live(PriceBook((*own, ROW)), (ROW,), [answer], at)


def test_a_vendors_answer_counts_for_a_day_before_the_users_file_before_the_packaged_one() -> None:
    answer = Answer(provider="acme", at=NOW, rows=(LIVE,))

    assert stacked(answer, OWN, at=NOW + timedelta(hours=24)).find(ACME, TODAY) == LIVE
    assert stacked(answer, OWN, at=NOW + timedelta(hours=24, seconds=1)).find(ACME, TODAY) == OWN
    assert stacked(answer, OWN, at=NOW - timedelta(seconds=1)).find(ACME, TODAY) == OWN
    assert stacked(answer, at=NOW + timedelta(days=2)).find(ACME, TODAY) == ROW


def test_a_price_that_cannot_be_read_lets_no_older_packaged_one_stand_in() -> None:
    answer = Answer(provider="acme", at=NOW, rows=(), unreadable={"one": "cents_per_moon"})

    with pytest.raises(NoPrice, match="in a way nobody here can read: cents_per_moon"):
        stacked(answer).find(ACME, TODAY)
    assert stacked(answer, OWN).find(ACME, TODAY) == OWN
    assert stacked(answer, at=NOW + timedelta(days=2)).find(ACME, TODAY) == ROW


def test_what_a_vendor_does_not_list_any_more_is_not_sold_at_a_packaged_price() -> None:
    larger = ROW.model_copy(update={"resolution": "4k"})
    answer = Answer(provider="acme", at=NOW, rows=(LIVE.model_copy(update={"resolution": "720p"}),))
    stacked = with_live(PriceBook((larger,)), (larger,), [answer], NOW)

    with pytest.raises(CannotRender, match="one renders 720p, not 4k"):
        stacked.find(replace(ACME, resolution="4k"), TODAY)


def test_an_answer_is_kept_and_the_newest_replaces_the_last(tmp_path: Path) -> None:
    older, newer = openrouter({"data": [VEO]}, NOW), listed({"duration_seconds": "0.1"})
    keep(tmp_path / "prices", older)
    assert answers(tmp_path / "prices") == [older]

    keep(tmp_path / "prices", newer)

    assert answers(tmp_path / "prices") == [newer]
    assert [path.name for path in (tmp_path / "prices").iterdir()] == ["openrouter.json"]


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff", b'{"provider": "acme", "at": "x", "rows": []}'])
def test_a_damaged_answer_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "acme.json").write_bytes(damage)

    assert answers(tmp_path) == []
    assert answers(tmp_path / "none") == []


# --- a patch to review ----------------------------------------------------------------------


def test_what_changed_is_a_patch_of_the_packaged_file() -> None:
    dearer = changed(usd="0.13", as_of=date(2026, 12, 1))
    ending = changed(end_of_life=date(2027, 1, 6), successor="two")

    after = updated([ending, FAL], [Answer(provider="acme", at=NOW, rows=(dearer, changed(model="two")))])

    assert as_diff([ending, FAL], [ending, FAL]) == ""
    changes = [line for line in as_diff([ending, FAL], after).splitlines() if line[0] in "+-"]
    assert changes == snapshot(
        [
            "--- a/tools/prices.toml",
            "+++ b/tools/prices.toml",
            '-usd = "0.10"',
            '+usd = "0.13"',
            "-as_of = 2026-11-21",
            "+as_of = 2026-12-01",
            "+",
            "+[[price]]",
            '+provider = "acme"',
            '+model = "two"',
            '+kind = "video"',
            '+unit = "second"',
            '+usd = "0.10"',
            '+source = "acme\'s page"',
            "+as_of = 2026-11-21",
        ]
    )


def test_the_command_prints_a_patch_and_says_what_nobody_can_read(tmp_path: Path) -> None:
    keep(
        tmp_path / "prices",
        openrouter({"data": [VEO, VEO | {"id": "a/b", "pricing_skus": {"moon": 1}}]}, NOW),
    )

    done = CliRunner().invoke(main, ["prices", "refresh"], env={"GREENLIGHT_DATA_DIR": str(tmp_path)})

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("--- a/tools/prices.toml\n+++ b/tools/prices.toml\n@@")
    assert "openrouter answered on 2026-11-21 12:00: 6 rows" in done.stderr
    assert "a/b has no price that can be read: moon" in done.stderr


def test_the_patch_can_be_written_to_a_file_and_there_is_none_without_an_answer(tmp_path: Path) -> None:
    patch, run = tmp_path / "new.patch", ["prices", "refresh", "-o", str(tmp_path / "new.patch")]
    env = {"GREENLIGHT_DATA_DIR": str(tmp_path), "COLUMNS": "200"}
    nothing = CliRunner().invoke(main, run, env=env)
    keep(tmp_path / "prices", openrouter({"data": [VEO]}, NOW))

    done = CliRunner().invoke(main, run, env=env)

    assert "No vendor has answered yet" in nothing.stderr
    assert f"Wrote {patch}" in done.stderr
    assert "+source = " in patch.read_text("utf-8")


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(
    words, words, st.none() | st.lists(st.integers(1, 60), max_size=3), st.sampled_from([True, False, None])
)
def test_every_row_can_be_read_again_as_it_was_written(
    model: str, source: str, seconds: list[int] | None, audio: Any
) -> None:
    row = changed(model=model, source=source, seconds=seconds, audio=audio, end_of_life=TODAY)

    assert PriceRow.model_validate(parsed(to_toml([row]))) == row


def parsed(text: str) -> Any:
    return tomllib.loads(text)["price"][0]
