"""The price book: no row, no price; and what does not fit says what would."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tools.errors import CannotRender, Invalid, NoPrice
from tools.money import Money
from tools.prices import PACKAGED, Ask, PriceBook, PriceRow, load_book, read_prices
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


def test_a_model_has_a_price_until_its_last_day() -> None:
    ending = changed(end_of_life=TODAY)

    assert book(ending).find(ACME, TODAY) is ending
    with pytest.raises(NoPrice, match="ended on 2026-11-21"):
        book(ending).find(ACME, date(2026, 11, 22))


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


def test_listed_seconds_are_offered_one_by_one() -> None:
    row = changed(seconds=[4, 8])

    assert row.seconds_offered() == (4, 8)
    with pytest.raises(CannotRender, match="4/8 s"):
        book(row).find(ACME, TODAY)


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
