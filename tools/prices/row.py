"""One dated rate: what is sold, for how much, on which conditions, and who said so."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tools.money import ZERO, Money

STALE_DAYS = 60

Kind = Literal["video", "image", "speech"]
Unit = Literal["second", "clip", "image", "thousand_characters"]
Input = Literal["text", "image", "video"]
Sound = Literal["none", "optional", "always"]

SOLD_BY: dict[Kind, tuple[Unit, ...]] = {
    "video": ("second", "clip"),
    "image": ("image",),
    "speech": ("thousand_characters",),
}


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
    """One dated rate. A condition that is left out does not matter.

    `minimum_usd` is charged at least for each clip. `sound` says what the model does, where
    `audio` does not already make it a condition of the price. `computed` tells how the figure
    was reckoned, where the source states it in credits, tokens or another currency. `pictures` is
    how many reference pictures the model takes, where somebody says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str = Field(min_length=1)
    model: str = Field(min_length=1)
    kind: Kind
    unit: Unit
    usd: str
    minimum_usd: str | None = None
    resolution: str | None = None
    audio: bool | None = None
    sound: Sound | None = None
    input: Input | None = None
    seconds: tuple[int, ...] | SecondsRange | None = None
    aspect_ratios: tuple[str, ...] | None = None
    pictures: int | None = Field(default=None, ge=0)
    play_money: bool = False
    source: str = Field(min_length=1)
    computed: str | None = None
    as_of: date
    end_of_life: date | None = None
    successor: str | None = None

    @field_validator("usd", "minimum_usd")
    @classmethod
    def _is_an_amount(cls, usd: str | None) -> str | None:
        if usd is not None and Money.usd(usd) < ZERO:
            raise ValueError("a price cannot be negative")
        return usd

    @model_validator(mode="after")
    def _is_sold_so(self) -> Self:
        if self.unit not in SOLD_BY[self.kind]:
            raise ValueError(f"{self.kind} is sold by the {' or '.join(SOLD_BY[self.kind])}, not {self.unit}")
        return self

    @cached_property
    def rate(self) -> Money:
        return Money.usd(self.usd)

    @cached_property
    def minimum(self) -> Money:
        return ZERO if self.minimum_usd is None else Money.usd(self.minimum_usd)

    def charge(self, seconds: int) -> Money:
        """What the vendor bills for one clip: its rate for the seconds sold, and no less than its minimum."""
        return max(self.rate.times(seconds if self.unit == "second" else 1), self.minimum)

    def lives(self, today: date) -> bool:
        return self.end_of_life is None or today <= self.end_of_life

    def offers_seconds(self, seconds: int) -> bool:
        match self.seconds:
            case None:
                return True
            case SecondsRange(min=low, max=high):
                return low <= seconds <= high
            case choices:
                return seconds in choices

    def seconds_sold(self, asked: int) -> int | None:
        """The shortest clip of this row that is as long as asked; None where all are shorter."""
        match self.seconds:
            case None:
                return asked
            case SecondsRange(min=low, max=high):
                return max(asked, low) if asked <= high else None
            case choices:
                return min((n for n in choices if n >= asked), default=None)

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


def lengths(rows: Iterable[PriceRow]) -> tuple[int, ...]:
    """Every duration that any of them can price, ascending."""
    return tuple(sorted({seconds for row in rows for seconds in row.seconds_offered()}))


def age_warning(as_of: date, today: date) -> str | None:
    """Words for a price that was read too long ago to be trusted unseen."""
    days = (today - as_of).days
    return f"the price was read {days} days ago, on {as_of}" if days > STALE_DAYS else None
