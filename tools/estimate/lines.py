"""What would these shots cost? Pure: shots and prices in, lines and two totals out.

`expected` is the vendor's rate for what it sells: a vendor that sells 4, 6 or 8 seconds renders,
and bills, 6 where 5 were asked. `ceiling` is what an approval allows at most: vendors have billed
3.008 seconds for a 3-second request, so 5 % are set aside on top.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from tools.errors import CannotRender, NoPrice
from tools.money import ZERO, Money, total
from tools.prices import Ask, Input, Kind, PriceBook, PriceRow, age_warning
from tools.shots import Shot, ShotList, shots_in_words

CEILING = Decimal("1.05")
NOTHING: Mapping[int, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Offer:
    """Who would render, and how: clips, or of each shot one picture, which is shown as long as the shot."""

    provider: str
    model: str
    resolution: str = "720p"
    audio: bool = False
    kind: Kind = "video"


@dataclass(frozen=True, slots=True)
class Take:
    """What a shot is in the film for nothing: a clip that it has already, or one that is drawn for the offer.

    `offer` is who made it how.
    """

    clip_id: str | None
    offer: Offer
    seconds: int


@dataclass(frozen=True, slots=True)
class Line:
    """One priced piece of work. `shot` is as long as the vendor sells it, `asked_seconds` as it was planned.

    `reused_clip_id` names a clip that is owned already, at $0. `offer` is who would make it how, or has made it.
    """

    n: int
    shot: Shot
    offer: Offer
    seconds: int
    asked_seconds: int
    unit: Money
    expected: Money
    ceiling: Money
    reused_clip_id: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Free and not binding. Money that is play money says so.

    `sound` is None where nobody says whether the clips have any. `notes` are what a person should
    know about this vendor's way of selling, in words.
    """

    offer: Offer
    aspect_ratio: str
    lines: tuple[Line, ...]
    play_money: bool
    price_source: str
    price_as_of: date
    sound: bool | None
    notes: tuple[str, ...]

    @property
    def made(self) -> tuple[Line, ...]:
        """Those that are to be paid for."""
        return tuple(line for line in self.lines if line.reused_clip_id is None and line.offer == self.offer)

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
            "kind": self.offer.kind,
            "aspect_ratio": self.aspect_ratio,
            "seconds": self.seconds,
            "expected_usd": str(self.expected),
            "ceiling_usd": str(self.ceiling),
            "play_money": self.play_money,
            "price_as_of": self.price_as_of.isoformat(),
            "price_source": self.price_source,
            "sound": self.sound,
            "notes": list(self.notes),
            "lines": [_line_json(line) for line in self.lines],
        }


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "n": line.n,
        "shot_id": line.shot.shot_id,
        "provider": line.offer.provider,
        "model": line.offer.model,
        "kind": line.offer.kind,
        "seconds": line.seconds,
        "asked_seconds": line.asked_seconds,
        "unit_usd": str(line.unit),
        "expected_usd": str(line.expected),
        "ceiling_usd": str(line.ceiling),
        "reused_clip_id": line.reused_clip_id,
    }


def estimate(
    shots: ShotList,
    offer: Offer,
    book: PriceBook,
    today: date,
    *,
    owned: Mapping[int, str] = NOTHING,
    kept: Mapping[int, Take] = NOTHING,
) -> Estimate:
    """Price every shot with `offer`, in the lengths that its vendor sells.

    `owned` maps shot numbers to clips that already exist for exactly this request, `kept` to takes that
    stay in the film as they are. Raises `NoPrice` or `CannotRender` for the first shot that cannot be priced.
    """
    sold = _sold_all(shots, offer, book, today, kept)
    lines = tuple(
        _kept(shot, kept[shot.shot_number])
        if shot.shot_number in kept
        else _line(shot, offer, *sold[shot.shot_number], owned.get(shot.shot_number))
        for shot in shots.shots
    )
    rows = [row for row, _ in sold.values()]
    oldest = min(rows, key=lambda row: row.as_of)
    return Estimate(
        offer=offer,
        aspect_ratio=shots.aspect_ratio,
        lines=lines,
        play_money=any(row.play_money for row in rows),
        price_source=oldest.source,
        price_as_of=oldest.as_of,
        sound=_sound(rows[0], offer),
        notes=(*_notes([line for line in lines if line.n in sold], rows, oldest, today), *_stays(kept)),
    )


def as_sold(
    shots: ShotList, offer: Offer, book: PriceBook, today: date, kept: Mapping[int, Take] = NOTHING
) -> ShotList:
    """What this vendor would render of the list: no shot shorter than planned, each of a length it sells."""
    sold = _sold_all(shots, offer, book, today, kept)
    longer = [_of_length(shot, sold[shot.shot_number][1]) for shot in shots.shots if shot.shot_number in sold]
    return shots.model_copy(update={"shots": longer})


def sold_seconds(shot: Shot, offer: Offer, aspect_ratio: str, book: PriceBook, today: date) -> int | None:
    """How long the vendor sells this shot; None where it does not."""
    try:
        return book.sell(ask_for(offer, shot.duration, aspect_ratio, source_of(shot)), today)[1]
    except (NoPrice, CannotRender):
        return None


def ask_for(offer: Offer, seconds: int, aspect_ratio: str, source: Input = "text") -> Ask:
    return Ask(
        offer.provider, offer.model, offer.kind, seconds, offer.resolution, aspect_ratio, offer.audio, source
    )


def source_of(shot: Shot) -> Input:
    """What a shot is made from: some vendors sell another model, or at another price, from a picture."""
    return "image" if shot.reference_images else "text"


def ceiling_of(charge: Money) -> Money:
    """What may be charged at most where `charge` is expected."""
    return charge.times(CEILING).up_to_cent()


def _sold_all(
    shots: ShotList, offer: Offer, book: PriceBook, today: date, kept: Mapping[int, Take]
) -> dict[int, tuple[PriceRow, int]]:
    """By number, at which price and how long each shot is sold that is to be rendered."""
    return {
        shot.shot_number: book.sell(ask_for(offer, shot.duration, shots.aspect_ratio, source_of(shot)), today)
        for shot in shots.shots
        if shot.shot_number not in kept
    }


def _of_length(shot: Shot, seconds: int) -> Shot:
    return shot if shot.duration == seconds else shot.model_copy(update={"duration": seconds})


def _line(shot: Shot, offer: Offer, row: PriceRow, seconds: int, reused: str | None) -> Line:
    expected = ZERO if reused else row.charge(seconds)
    return Line(
        n=shot.shot_number,
        shot=_of_length(shot, seconds),
        offer=offer,
        seconds=seconds,
        asked_seconds=shot.duration,
        unit=row.rate,
        expected=expected,
        ceiling=ceiling_of(expected),
        reused_clip_id=reused,
    )


def _kept(shot: Shot, take: Take) -> Line:
    return Line(
        n=shot.shot_number,
        shot=_of_length(shot, take.seconds),
        offer=take.offer,
        seconds=take.seconds,
        asked_seconds=shot.duration,
        unit=ZERO,
        expected=ZERO,
        ceiling=ZERO,
        reused_clip_id=take.clip_id,
    )


def _sound(row: PriceRow, offer: Offer) -> bool | None:
    """Do the clips have sound? Those of some models always do, asked or not."""
    if offer.kind == "image":
        return False
    if row.sound == "always" or offer.audio:
        return True
    return None if row.sound is None and row.audio is None else False


def _notes(lines: Sequence[Line], rows: Sequence[PriceRow], oldest: PriceRow, today: date) -> tuple[str, ...]:
    longer = [line for line in lines if line.seconds > line.asked_seconds]
    raised = [
        row for line, row in zip(lines, rows, strict=True) if row.minimum > row.rate.times(line.seconds)
    ]
    notes = (
        _longer(longer, rows[lines.index(longer[0])]) if longer else None,
        f"charges at least ${raised[0].minimum} for a shot" if raised else None,
        age_warning(oldest.as_of, today),
    )
    return tuple(note for note in notes if note)


def _stays(kept: Mapping[int, Take]) -> list[str]:
    """Which shots stay as they were made, and by whom, and which as they are drawn for nothing."""
    how = {
        n: "as drawn here"
        if take.clip_id is None
        else f"as made by {take.offer.model} in {take.offer.resolution}"
        for n, take in kept.items()
    }
    return [
        f"{shots_in_words(numbers)} {'stays' if len(numbers) == 1 else 'stay'} {words}"
        for words, numbers in _together(how).items()
    ]


def being_made(busy: Mapping[int, str]) -> list[str]:
    """Which shots are under way, and how that stands: whoever offers them again should know."""
    return [
        f"{shots_in_words(numbers)} {'is' if len(numbers) == 1 else 'are'} {how}"
        for how, numbers in _together(busy).items()
    ]


def _together(words: Mapping[int, str]) -> dict[str, list[int]]:
    """The numbers of which the same is said, in order."""
    together: dict[str, list[int]] = {}
    for n, said in sorted(words.items()):
        together.setdefault(said, []).append(n)
    return together


def _longer(longer: Sequence[Line], row: PriceRow) -> str:
    more = sum(line.seconds - line.asked_seconds for line in longer)
    return f"sells shots of {row.seconds_in_words()}, so the film is {more} s longer"
