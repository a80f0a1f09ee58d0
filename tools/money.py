"""Money in whole micro-dollars. Nothing here floats, and what rounds, rounds upwards.

>>> Money.usd("0.10").times(8)
Money($0.80)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal, Inexact, InvalidOperation
from typing import Self

MICROS_PER_USD = 1_000_000
MICROS_PER_CENT = 10_000
USD_MAX = Decimal(1_000_000_000)
CHARACTERS_MAX = 60  # any amount there is, with zeros to spare
MICRO = Decimal("0.000001")
EXACT = Context(traps=[Inexact])
UPWARDS = Context(rounding=ROUND_CEILING)


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of US dollars, real or play, as an integer number of millionths."""

    micros: int

    @classmethod
    def usd(cls, amount: str) -> Self:
        """Read a decimal string such as `"0.25"`; `ValueError` if it is no exact amount of micro-dollars."""
        if len(amount) > CHARACTERS_MAX:
            raise ValueError(f"an amount in dollars has at most {CHARACTERS_MAX} characters")
        try:
            value = Decimal(amount)
        except InvalidOperation:
            raise ValueError(f"{amount!r} is not an amount in dollars") from None
        if not value.is_finite() or value.copy_abs() > USD_MAX:  # abs() would round
            raise ValueError(f"{amount!r} is not an amount in dollars")
        try:
            micros = EXACT.quantize(value, MICRO).scaleb(6, EXACT)
        except Inexact:
            raise ValueError(f"{amount!r} is finer than a millionth of a dollar") from None
        return cls(int(micros))

    def __add__(self, other: Self) -> Self:
        return type(self)(self.micros + other.micros)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.micros - other.micros)

    def times(self, factor: int | Decimal) -> Self:
        """Multiply and round up to a whole micro-dollar: an estimate never flatters."""
        product = UPWARDS.multiply(Decimal(self.micros), factor)  # has 28 digits; what it loses, it rounds up
        return type(self)(int(product.to_integral_value(context=UPWARDS)))

    def up_to_cent(self) -> Self:
        """The next whole cent: what a person is asked to approve is an amount they can say."""
        return type(self)(-(-self.micros // MICROS_PER_CENT) * MICROS_PER_CENT)

    def __str__(self) -> str:
        """Exact decimal dollars for JSON and tables: at least cents, never an exponent."""
        sign = "-" if self.micros < 0 else ""
        whole, micros = divmod(abs(self.micros), MICROS_PER_USD)
        digits = f"{micros:06d}".rstrip("0").ljust(2, "0")
        return f"{sign}{whole}.{digits}"

    def __repr__(self) -> str:
        return f"Money(${self})"


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    return Money(sum(amount.micros for amount in amounts))
