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


@pytest.mark.parametrize(
    "written",
    [
        "999.99999999999999999999999999",  # 29 digits: one more than Decimal's arithmetic keeps
        "0.9999999999999999999999999999999999",
        "1000000000.0000000000000000000000001",
        "-1000000000.0000000000000000000000001",
        "1e-999999999999999999",
        "1e999",
        "1e999999999999999999",
    ],
)
def test_no_amount_is_rounded_to_one_that_could_be_read(written: str) -> None:
    with pytest.raises(ValueError, match="dollar"):
        Money.usd(written)


@pytest.mark.parametrize("digit", ["9", "0", ".", "\N{ARABIC-INDIC DIGIT ONE}"])
def test_a_book_of_digits_is_refused_in_a_few_words(digit: str) -> None:
    with pytest.raises(ValueError, match="dollar") as caught:
        Money.usd(f"1.{digit * 10_000_000}")

    assert len(str(caught.value)) < 100


def test_zeros_at_the_end_say_nothing_more() -> None:
    assert Money.usd("0.2500000") == Money.usd("0.25000000000000000000000000000000") == Money.usd("0.25")


@given(amounts, st.decimals(0, 1000, places=6))
def test_multiplying_rounds_up_and_by_less_than_a_micro_dollar(amount: Money, factor: Decimal) -> None:
    exact = Decimal(amount.micros) * factor

    assert 0 <= amount.times(factor).micros - exact < 1


def test_a_product_with_more_digits_than_decimals_keep_is_rounded_up_all_the_same() -> None:
    assert Money(3).times(Decimal("0.3333333333333333333333333334")) == Money(2)
    assert Money(-3).times(Decimal("0.3333333333333333333333333334")) == Money(-1)


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
