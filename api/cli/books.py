"""The books in a terminal: prices of thinking, and the budgets."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agent.models import LISTED, LISTED_ON, MAKERS, OFFLINE, Choice, Rates, Tier
from agent.rates import SOURCE, dearest, rates_of
from api.budget import to_json
from api.cli import show
from api.cli.edge import run
from api.cli.kit import config, looking
from api.settings import Settings
from tools.money import ZERO

# --- language models ---


@dataclass(frozen=True, slots=True)
class Thinker:
    """A language model by the string that chooses it. Its rates are None where nobody published any."""

    model: str
    tier: Tier | None
    rates: Rates | None
    needs: str | None
    source: str
    chosen: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "tier": self.tier,
            "input_usd_per_million_tokens": None if self.rates is None else str(self.rates.input),
            "output_usd_per_million_tokens": None if self.rates is None else str(self.rates.output),
            "source": self.source,
            "as_of": LISTED_ON.isoformat(),
            "needs": self.needs,
            "chosen": self.chosen,
        }


def models(*, as_json: bool) -> None:
    found = list(_thinkers(Settings.read().chosen_model()))
    if as_json:
        show.document([each.to_json() for each in found])
        return
    show.models(_row(each) for each in found)
    show.say(f"Dollars for a million tokens, by {SOURCE}, as of {LISTED_ON}. Any other name works, too.")


def _row(each: Thinker) -> tuple[str, str, str, str, str]:
    taken, given = ("?", "?") if each.rates is None else (str(each.rates.input), str(each.rates.output))
    notes = ["chosen" if each.chosen else "", each.needs or ""]
    if each.model == OFFLINE:
        notes.append("rules, no model")
    if each.rates is None:
        most = dearest(_sold_by(each.model))
        notes.append(f"counted at ${most.input} and ${most.output}, the dearest known")
    return each.tier or "", each.model, taken, given, ", ".join(filter(None, notes))


def _thinkers(choice: Choice) -> Iterable[Thinker]:
    """The smallest first; the one that is set is always among them."""
    own_name = () if choice.model in LISTED else ((choice.model, None),)
    for model, tier in (*own_name, *LISTED.items()):
        chosen = model == choice.model
        own = choice.rates if chosen else None
        source = "GREENLIGHT_MODEL_RATES" if own else SOURCE
        yield Thinker(model, tier, own or _rates(model), _needs(model), source, chosen)


def _rates(model: str) -> Rates | None:
    return Rates(ZERO, ZERO) if model == OFFLINE else rates_of(_sold_by(model), model.partition(":")[2])


def _sold_by(model: str) -> str:
    name = model.partition(":")[0]
    return MAKERS[name].priced_as if name in MAKERS else name


def _needs(model: str) -> str | None:
    maker = MAKERS.get(model.partition(":")[0])
    return None if maker is None or maker.needs == "nothing" else maker.key


# --- budgets ---


def budget(*, as_json: bool) -> None:
    run(lambda: _budget(as_json=as_json))


async def _budget(*, as_json: bool) -> None:
    async with looking(config()) as studio:
        standing = await studio.budgets()
    if as_json:
        show.document(to_json(standing))
    else:
        show.budgets(standing)
