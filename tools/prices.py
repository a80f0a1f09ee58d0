"""The price book: what a vendor's model costs, by whom it was said, and when.

Rows come from `prices.toml` beside this file and, before them, from the user's own file.
No row, no price; no price, no quote.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from tools.errors import CannotRender, Invalid, NoPrice
from tools.money import ZERO, Money

PACKAGED = Path(__file__).with_name("prices.toml")

Kind = Literal["video", "image", "speech"]
Unit = Literal["second", "clip", "image", "thousand_characters"]


class SecondsRange(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    min: int = Field(ge=1)
    max: int = Field(ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            raise ValueError("min is above max")
        return self


class PriceRow(BaseModel):
    """One dated rate. A condition that is left out does not matter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str = Field(min_length=1)
    model: str = Field(min_length=1)
    kind: Kind
    unit: Unit
    usd: str
    resolution: str | None = None
    audio: bool | None = None
    seconds: tuple[int, ...] | SecondsRange | None = None
    aspect_ratios: tuple[str, ...] | None = None
    play_money: bool = False
    source: str = Field(min_length=1)
    as_of: date
    end_of_life: date | None = None

    @field_validator("usd")
    @classmethod
    def _is_an_amount(cls, usd: str) -> str:
        if Money.usd(usd) < ZERO:
            raise ValueError("a price cannot be negative")
        return usd

    @property
    def rate(self) -> Money:
        return Money.usd(self.usd)

    def offers_seconds(self, seconds: int) -> bool:
        match self.seconds:
            case None:
                return True
            case SecondsRange(min=low, max=high):
                return low <= seconds <= high
            case choices:
                return seconds in choices

    def seconds_offered(self, up_to: int = 60) -> tuple[int, ...]:
        """Every duration this row can price, ascending."""
        return tuple(n for n in range(1, up_to + 1) if self.offers_seconds(n))

    def seconds_in_words(self) -> str:
        match self.seconds:
            case None:
                return "any length"
            case SecondsRange(min=low, max=high):
                return f"{low} to {high} s"
            case choices:
                return "/".join(str(n) for n in choices) + " s"


@dataclass(frozen=True, slots=True)
class Ask:
    """What must be priced: one line's worth of work."""

    provider: str
    model: str
    kind: Kind
    seconds: int
    resolution: str
    aspect_ratio: str
    audio: bool


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Rows in order of authority: the first that fits is the price."""

    rows: tuple[PriceRow, ...]

    def models(self, provider: str | None = None) -> list[tuple[str, str]]:
        """Every (provider, model) with a video price, in the book's order, once."""
        pairs = ((r.provider, r.model) for r in self.rows if r.kind == "video")
        return list(dict.fromkeys(pair for pair in pairs if provider in (None, pair[0])))

    def of(self, provider: str, model: str, kind: Kind = "video") -> list[PriceRow]:
        return [r for r in self.rows if (r.provider, r.model, r.kind) == (provider, model, kind)]

    def find(self, ask: Ask, today: date) -> PriceRow:
        """The row that prices `ask`; `NoPrice` without one, `CannotRender` where no row's limits fit."""
        rows = self.of(ask.provider, ask.model, ask.kind)
        if not rows:
            raise NoPrice("model", f"there is no price for {ask.model!r} at {ask.provider!r}")
        living = [r for r in rows if r.end_of_life is None or today <= r.end_of_life]
        if not living:
            raise NoPrice("model", f"{ask.model!r} at {ask.provider!r} ended on {rows[0].end_of_life}")
        for row in living:
            if _fits(row, ask):
                return row
        raise CannotRender(*_complaint(living, ask))


def _fits(row: PriceRow, ask: Ask) -> bool:
    return (
        row.offers_seconds(ask.seconds)
        and row.resolution in (None, ask.resolution)
        and row.audio in (None, ask.audio)
        and (row.aspect_ratios is None or ask.aspect_ratio in row.aspect_ratios)
    )


def _complaint(rows: list[PriceRow], ask: Ask) -> tuple[str, str]:
    """The first condition that no row meets, with what the model does offer."""
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


def read_prices(path: Path) -> tuple[PriceRow, ...]:
    """Read one TOML file of `[[price]]` rows; `Invalid` names the file, the row and the field."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(str(path), f"cannot be read as a price file: {error}") from None
    rows: Any = document.get("price")
    if not isinstance(rows, list):
        raise Invalid(str(path), "has no [[price]] rows")
    return tuple(_row(path, n, row) for n, row in enumerate(rows, 1))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _row(path: Path, n: int, row: Any) -> PriceRow:
    try:
        return PriceRow.model_validate(row)
    except ValidationError as error:
        complaints = error.errors(include_url=False, include_context=False, include_input=False)
        first = max(
            complaints, key=lambda each: each["type"] != "tuple_type"
        )  # a range is no list: not the news
        field = first["loc"][0] if first["loc"] else "row"
        raise Invalid(str(path), f"price {n}, {field}: {first['msg']}") from None


def load_book(user_file: Path | None = None) -> PriceBook:
    """The user's rows before the packaged ones."""
    own = read_prices(user_file) if user_file is not None else ()
    return PriceBook(own + read_prices(PACKAGED))
