"""What is estimated is what is quoted, and what the vendor then bills for exactly what was asked of it.

The bill is reckoned from the bodies of the requests alone, in decimals, by rules of its own: a vendor
knows nothing of our lines.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from random import Random
from statistics import median
from typing import Any

import pytest

from tests.conftest import film_of
from tools.errors import CannotRender, NoPrice
from tools.estimate import Estimate, Offer, estimate
from tools.money import Money
from tools.prices import PACKAGED, load_book
from tools.quotes import Quote, Terms, offer_of
from tools.shots import ASPECT_RATIOS

TODAY = date(2026, 11, 21)
LISTS = 1_000
SHOTS_MAX, SECONDS_MAX = 8, 16
CEILING_TO_BILL_MAX = Decimal("1.15")  # in the middle: more would hold money for nothing
TERMS = Terms(
    owner="ann",
    title="",
    headroom=Money.usd("100"),
    issued_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
    life=timedelta(minutes=15),
)

Rates = list[dict[str, Any]]


@cache
def rates() -> Rates:
    """The price file as it is written."""
    return [row for row in tomllib.loads(PACKAGED.read_text("utf-8"))["price"] if row["kind"] == "video"]


VENDORS = sorted({row["provider"] for row in rates() if row["usd"] != "0"})


def offers_of(vendor: str) -> list[Offer]:
    own = [row for row in rates() if row["provider"] == vendor]
    return [
        Offer(vendor, row["model"], row.get("resolution", "720p"), audio)
        for row in own
        for audio in (False, True)
        if row.get("audio") in (None, audio)
    ]


def lists_priced(vendor: str) -> Iterator[Estimate]:
    """Random lists of every model, resolution, length and format that the vendor can render."""
    dice, offers, book = Random(vendor), offers_of(vendor), load_book()
    while True:
        plain = film_of(dice.randint(1, SHOTS_MAX), aspect_ratio=dice.choice(ASPECT_RATIOS))
        lengths = [dice.randint(1, SECONDS_MAX) for _ in plain.shots]
        shots = plain.with_shots(
            [shot.model_copy(update={"duration": n}) for shot, n in zip(plain.shots, lengths, strict=True)]
        )
        try:
            yield estimate(shots, dice.choice(offers), book, TODAY)
        except (CannotRender, NoPrice):
            continue


def billed(vendor: str, body: Mapping[str, Any]) -> Decimal:
    """What a vendor that keeps to its published rates asks for one request, in dollars."""
    row = next(each for each in rates() if each["provider"] == vendor and _is_for(each, body))
    amount = Decimal(row["usd"]) * (body["seconds"] if row["unit"] == "second" else 1)
    return max(amount, Decimal(row.get("minimum_usd", "0")))


def _is_for(row: dict[str, Any], body: Mapping[str, Any]) -> bool:
    sold: Any = row.get("seconds")
    lengths = range(sold["min"], sold["max"] + 1) if "min" in (sold or ()) else sold
    return (
        row["model"] == body["model"]
        and row.get("resolution") in (None, body["resolution"])
        and row.get("audio") in (None, body["audio"])
        and row.get("input") in (None, "text")
        and (lengths is None or body["seconds"] in lengths)
        and body["aspect_ratio"] in row.get("aspect_ratios", [body["aspect_ratio"]])
        and row.get("end_of_life", TODAY) >= TODAY
    )


def bill_of(offer: Quote) -> Decimal:
    return sum((billed(offer.offer.provider, line.body) for line in offer.lines), Decimal(0))


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_thousand_lists_are_quoted_as_estimated_and_billed_as_quoted(vendor: str) -> None:
    shares: list[Decimal] = []
    for priced in islice(lists_priced(vendor), LISTS):
        quote = offer_of(priced, TERMS)
        bill = bill_of(quote)
        assert str(priced.expected) == str(quote.expected)
        assert Decimal(quote.expected.micros) == bill * 1_000_000
        assert quote.ceiling == priced.ceiling >= quote.expected
        shares.append(Decimal(quote.ceiling.micros) / quote.expected.micros)

    assert median(shares) <= CEILING_TO_BILL_MAX
