"""Looking a price up: the first row that fits, or the reason why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from tools.errors import CannotRender, NoPrice
from tools.prices.row import Input, Kind, PriceRow


@dataclass(frozen=True, slots=True)
class Ask:
    """What must be priced: one line's worth of work. `input` is what the shot is made from."""

    provider: str
    model: str
    kind: Kind
    seconds: int
    resolution: str
    aspect_ratio: str
    audio: bool
    input: Input = "text"


@dataclass(frozen=True)
class PriceBook:
    """Rows in order of authority: the first that fits is the price.

    `unreadable` names the models whose vendor published a price that nobody here understands.
    """

    rows: tuple[PriceRow, ...]
    unreadable: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    @cached_property
    def _of(self) -> dict[tuple[str, str, Kind], list[PriceRow]]:
        shelves: dict[tuple[str, str, Kind], list[PriceRow]] = {}
        for row in self.rows:
            shelves.setdefault((row.provider, row.model, row.kind), []).append(row)
        return shelves

    def models(self, provider: str | None = None, kind: Kind = "video") -> list[tuple[str, str]]:
        """Every (provider, model) with a price of this kind, in the book's order, once."""
        return [(who, model) for who, model, sold in self._of if sold == kind and provider in (None, who)]

    def of(self, provider: str, model: str, kind: Kind = "video") -> list[PriceRow]:
        return self._of.get((provider, model, kind), [])

    def find(self, ask: Ask, today: date) -> PriceRow:
        """The row that prices `ask`; `NoPrice` without one, `CannotRender` where no row's limits fit."""
        rows = self.of(ask.provider, ask.model, ask.kind)
        for row in rows:
            if row.offers_seconds(ask.seconds) and row.lives(today) and _fits(row, ask):
                return row
        raise self._refusal(ask, rows, today)

    def sell(self, ask: Ask, today: date) -> tuple[PriceRow, int]:
        """The row and the seconds that the vendor sells for `ask`: as long, or the next longer there is."""
        rows = self.of(ask.provider, ask.model, ask.kind)
        lengths = (row.seconds_sold(ask.seconds) for row in rows if row.lives(today) and _fits(row, ask))
        seconds = min((n for n in lengths if n is not None), default=ask.seconds)
        return self.find(ask if seconds == ask.seconds else replace(ask, seconds=seconds), today), seconds

    def _refusal(self, ask: Ask, rows: Sequence[PriceRow], today: date) -> NoPrice | CannotRender:
        named = f"{ask.model!r} at {ask.provider!r}"
        tag = self.unreadable.get((ask.provider, ask.model))
        if tag is not None and not rows:
            return NoPrice(
                "model", f"{ask.provider} prices {ask.model!r} in a way nobody here can read: {tag}"
            )
        if not rows:
            return NoPrice("model", f"there is no price for {named}")
        living = [row for row in rows if row.lives(today)]
        if not living:
            return NoPrice("model", f"{named} ended on {rows[0].end_of_life}{_after(rows[0])}")
        return CannotRender(*_complaint(living, ask))


def _after(dead: PriceRow) -> str:
    return f"; {dead.successor} takes its place" if dead.successor else "; nothing takes its place"


def _fits(row: PriceRow, ask: Ask) -> bool:
    """Every condition but the seconds."""
    return (
        row.resolution in (None, ask.resolution)
        and row.audio in (None, ask.audio)
        and row.input in (None, ask.input)
        and (row.aspect_ratios is None or ask.aspect_ratio in row.aspect_ratios)
    )


def _complaint(rows: list[PriceRow], ask: Ask) -> tuple[str, str]:
    """The first condition that no row meets, with what the model does offer."""
    if all(row.input not in (None, ask.input) for row in rows):
        sources = " or ".join(dict.fromkeys(str(row.input) for row in rows))
        return "input", f"{ask.model} renders from {sources}, not from {ask.input}"
    resolutions = [r.resolution for r in rows if r.resolution is not None]
    if resolutions and ask.resolution not in resolutions and None not in (r.resolution for r in rows):
        offered = "/".join(dict.fromkeys(resolutions))
        return "resolution", f"{ask.model} renders {offered}, not {ask.resolution}"
    if not any(r.offers_seconds(ask.seconds) for r in rows):
        offered = " or ".join(dict.fromkeys(r.seconds_in_words() for r in rows))
        return "seconds", f"{ask.model} renders shots of {offered}, not {ask.seconds} s"
    if not any(r.aspect_ratios is None or ask.aspect_ratio in r.aspect_ratios for r in rows):
        ratios = dict.fromkeys(ratio for r in rows for ratio in r.aspect_ratios or ())
        return "aspect_ratio", f"{ask.model} renders {'/'.join(ratios)}, not {ask.aspect_ratio}"
    return (
        "audio",
        f"{ask.model} does not render {'with' if ask.audio else 'without'} sound at {ask.resolution}",
    )
