"""What would these shots cost? Pure: shots and prices in, lines and two totals out.

`expected` is the vendor's rate for what is asked. `ceiling` is what an approval allows at
most: vendors have billed 3.008 seconds for a 3-second request, so 5 % are set aside on top.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tools.errors import CannotRender, NoPrice
from tools.money import ZERO, Money, total
from tools.prices import Ask, Kind, PriceBook, PriceRow
from tools.shots import Shot, ShotList

CEILING = Decimal("1.05")
SHOT_SECONDS_MIN = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """Who would render, and how."""

    provider: str
    model: str
    resolution: str = "720p"
    audio: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One priced piece of work. `reused_clip_id` names a clip that is owned already, at $0."""

    n: int
    shot: Shot
    kind: Kind
    seconds: int
    unit: Money
    expected: Money
    ceiling: Money
    reused_clip_id: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Free and not binding. Money that is play money says so."""

    offer: Offer
    aspect_ratio: str
    lines: tuple[Line, ...]
    play_money: bool
    price_source: str
    price_as_of: date

    @property
    def expected(self) -> Money:
        return total(line.expected for line in self.lines)

    @property
    def ceiling(self) -> Money:
        return total(line.ceiling for line in self.lines)

    @property
    def seconds(self) -> int:
        return sum(line.seconds for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        """One row of a comparison, with its lines."""
        return {
            "provider": self.offer.provider,
            "model": self.offer.model,
            "resolution": self.offer.resolution,
            "audio": self.offer.audio,
            "aspect_ratio": self.aspect_ratio,
            "seconds": self.seconds,
            "expected_usd": str(self.expected),
            "ceiling_usd": str(self.ceiling),
            "play_money": self.play_money,
            "price_as_of": self.price_as_of.isoformat(),
            "price_source": self.price_source,
            "lines": [_line_json(line) for line in self.lines],
        }


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "n": line.n,
        "shot_id": line.shot.shot_id,
        "kind": line.kind,
        "seconds": line.seconds,
        "unit_usd": str(line.unit),
        "expected_usd": str(line.expected),
        "ceiling_usd": str(line.ceiling),
        "reused_clip_id": line.reused_clip_id,
    }


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a vendor's model has no place in the comparison."""

    offer: Offer
    why: str


def estimate(
    shots: ShotList,
    offer: Offer,
    book: PriceBook,
    today: date,
    owned: dict[int, str] | None = None,
) -> Estimate:
    """Price every shot with `offer`.

    `owned` maps shot numbers to clips that already exist for exactly this request.
    Raises `NoPrice` or `CannotRender` for the first shot that cannot be priced.
    """
    rows = [_price(shots, shot, offer, book, today) for shot in shots.shots]
    lines = tuple(
        _line(shot, row, (owned or {}).get(shot.shot_number))
        for shot, row in zip(shots.shots, rows, strict=True)
    )
    oldest = min(rows, key=lambda row: row.as_of)
    return Estimate(
        offer=offer,
        aspect_ratio=shots.aspect_ratio,
        lines=lines,
        play_money=any(row.play_money for row in rows),
        price_source=oldest.source,
        price_as_of=oldest.as_of,
    )


def _price(shots: ShotList, shot: Shot, offer: Offer, book: PriceBook, today: date) -> PriceRow:
    ask = Ask(
        offer.provider,
        offer.model,
        "video",
        shot.duration,
        offer.resolution,
        shots.aspect_ratio,
        offer.audio,
    )
    return book.find(ask, today)


def _line(shot: Shot, row: PriceRow, reused: str | None) -> Line:
    expected = ZERO if reused else row.rate.times(shot.duration if row.unit == "second" else 1)
    return Line(
        n=shot.shot_number,
        shot=shot,
        kind="video",
        seconds=shot.duration,
        unit=row.rate,
        expected=expected,
        ceiling=expected.times(CEILING).up_to_cent(),
        reused_clip_id=reused,
    )


def compare(
    shots: ShotList, offers: Iterable[Offer], book: PriceBook, today: date
) -> tuple[list[Estimate], list[Refusal]]:
    """One estimate per offer that can render the list, cheapest first, and why the others cannot."""
    able: list[Estimate] = []
    unable: list[Refusal] = []
    for offer in offers:
        try:
            able.append(estimate(shots, offer, book, today))
        except (NoPrice, CannotRender) as error:
            unable.append(Refusal(offer, error.why))
    return sorted(able, key=lambda each: (each.expected, each.offer.provider, each.offer.model)), unable


def fit(
    shots: ShotList, offers: Sequence[Offer], limit: Money, book: PriceBook, today: date
) -> tuple[ShotList, Estimate] | None:
    """The longest version of the film whose ceiling is within `limit`, and who renders it.

    Seconds go from the longest shot first, then whole shots from the end; None if even one
    shot at its shortest is too dear.
    """
    for version in _shorter_and_shorter(shots):
        able, _ = compare(version, offers, book, today)
        if able and able[0].ceiling <= limit:
            return version, able[0]
    return None


def _shorter_and_shorter(shots: ShotList) -> Iterator[ShotList]:
    """The film itself, then second by second less of it, down to one shot of one second."""
    kept = list(shots.shots)
    while True:
        yield shots.with_shots(kept)
        longest = max(kept, key=lambda shot: shot.duration)
        if longest.duration > SHOT_SECONDS_MIN:
            place = kept.index(longest)
            kept[place] = longest.model_copy(update={"duration": longest.duration - 1})
        elif len(kept) > 1:
            kept.pop()
        else:
            return
