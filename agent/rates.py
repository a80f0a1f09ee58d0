"""What thinking costs, by genai-prices: dollars for a million tokens, and for one answer.

A model whose price nobody published is counted at the dearest rate that its maker has, and never at zero.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib.metadata import version

from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import AbstractUsage

from agent.models import Rates
from tools.money import ZERO, Money

DOLLAR = Money.usd("1")
ON_THIS_MACHINE = ("ollama",)
SOURCE = f"genai-prices {version('genai-prices')}"


def price(usage: AbstractUsage, sold_by: str, names: Iterable[str]) -> Money | None:
    """What an answer costs at its maker, by the first of its names that has a price; None if none has."""
    if sold_by in ON_THIS_MACHINE:
        return ZERO
    found = (_calculate(usage, sold_by, name) for name in names)
    return next((DOLLAR.times(each) for each in found if each is not None), None)


def rates_of(sold_by: str, name: str) -> Rates | None:
    """As for a short request: long ones are dearer with some makers. None where nobody published any."""
    if sold_by in ON_THIS_MACHINE:
        return Rates(ZERO, ZERO)
    read = _calculate(Usage(input_tokens=1000), sold_by, name)
    wrote = _calculate(Usage(output_tokens=1000), sold_by, name)
    if read is None or wrote is None:
        return None
    return Rates(DOLLAR.times(read * 1000), DOLLAR.times(wrote * 1000))


@cache
def dearest(sold_by: str) -> Rates:
    """The dearest that this maker is known to ask; of one that nobody knows, the dearest of all."""
    makers = get_snapshot().providers
    known = [each for each in makers if each.id == sold_by] or makers
    found = [rates for each in known for model in each.models if (rates := rates_of(each.id, model.id))]
    return Rates(max(each.input for each in found), max(each.output for each in found))


def _calculate(usage: AbstractUsage, sold_by: str, name: str) -> Decimal | None:
    try:
        return calc_price(usage, model_ref=name, provider_id=sold_by).total_price
    except (LookupError, ValueError):
        return None
