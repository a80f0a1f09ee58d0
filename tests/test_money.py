"""Money counts, it does not float."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.money import MICROS_PER_CENT, MICROS_PER_USD, ZERO, Money, total

micros = st.integers(-(10**15), 10**15)
amounts = st.builds(Money, micros)


@given(amounts)
def test_what_is_printed_reads_back_exactly(amount: Money) -> None:
    assert Money.usd(str(amount)) == amount


@given(amounts)
def test_what_is_printed_has_cents_and_no_exponent(amount: Money) -> None:
    whole, _, digits = str(amount).removeprefix("-").partition(".")

    assert whole.isdecimal()
    assert digits.isdecimal()
    assert 2 <= len(digits) <= 6


@pytest.mark.parametrize(
    ("written", "micros"),
    [("0.25", 250_000), ("8", 8_000_000), ("0.000001", 1), ("1e2", 100_000_000), ("-0.5", -500_000)],
)
def test_a_decimal_string_is_read_exactly(written: str, micros: int) -> None:
    assert Money.usd(written) == Money(micros)


@pytest.mark.parametrize(
    "written",
    ["", "NaN", "sNaN", "inf", "-Infinity", "8; DROP", "$8", "0.0000001", "1e-7", "1e30", "9" * 40, "1,5"],
)
def test_what_is_no_exact_amount_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="dollar"):
        Money.usd(written)


@given(amounts, st.decimals(0, 1000, places=6))
def test_multiplying_rounds_up_and_by_less_than_a_micro_dollar(amount: Money, factor: Decimal) -> None:
    exact = Decimal(amount.micros) * factor

    assert 0 <= amount.times(factor).micros - exact < 1


@given(amounts)
def test_a_whole_cent_is_never_below_and_less_than_a_cent_above(amount: Money) -> None:
    rounded = amount.up_to_cent()

    assert rounded.micros % MICROS_PER_CENT == 0
    assert 0 <= rounded.micros - amount.micros < MICROS_PER_CENT


@given(st.lists(micros))
def test_a_sum_loses_nothing(parts: list[int]) -> None:
    assert total(Money(part) for part in parts) == Money(sum(parts))


@given(amounts, amounts)
def test_adding_and_taking_away_are_each_others_undoing(one: Money, other: Money) -> None:
    assert one + other - other == one
    assert (one < other) == (one.micros < other.micros)


def test_a_tenth_times_three_is_three_tenths() -> None:
    assert Money.usd("0.10").times(3) == Money.usd("0.30")
    assert total([]) == ZERO
    assert repr(Money(MICROS_PER_USD)) == "Money($1.00)"
