"""The books in a terminal: prices of thinking, and the budgets."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.budget import to_json
from api.cli import show
from api.cli.edge import run
from api.cli.kit import config, looking
from api.settings import Settings
from tools.money import Money

OFFLINE = "offline"
MILLION = 1_000_000
# Strings that GREENLIGHT_MODEL takes, with the key each needs; any other of pydantic-ai's works, too.
KNOWN = (
    ("anthropic:claude-sonnet-4-5", "ANTHROPIC_API_KEY"),
    ("anthropic:claude-haiku-4-5", "ANTHROPIC_API_KEY"),
    ("openai-chat:gpt-5-mini", "OPENAI_API_KEY"),
    ("google:gemini-2.5-flash", "GEMINI_API_KEY"),
    ("openrouter:anthropic/claude-sonnet-4.5", "OPENROUTER_API_KEY"),
    ("ollama:qwen3", None),
)
PRICED_AS = {"openai-chat": "openai", "openai-responses": "openai", "google-gla": "google"}
ON_THIS_MACHINE = ("ollama",)


# --- language models ---


@dataclass(frozen=True, slots=True)
class Thinker:
    """A language model by the string that chooses it. A price is None where nobody published one."""

    model: str
    input: Money | None
    output: Money | None
    needs: str | None
    chosen: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "input_usd_per_million_tokens": None if self.input is None else str(self.input),
            "output_usd_per_million_tokens": None if self.output is None else str(self.output),
            "needs": self.needs,
            "chosen": self.chosen,
        }


def models(*, as_json: bool) -> None:
    found = list(_thinkers(Settings.read().model))
    if as_json:
        show.document([each.to_json() for each in found])
    else:
        show.models((each.model, _dollars(each.input), _dollars(each.output), _note(each)) for each in found)


def _dollars(rate: Money | None) -> str:
    return "?" if rate is None else f"${rate}"


def _note(each: Thinker) -> str:
    about = (
        "rules, no language model" if each.model == OFFLINE else f"needs {each.needs}" if each.needs else ""
    )
    return ", ".join(filter(None, ("chosen" if each.chosen else "", about)))


def _thinkers(chosen: str) -> Iterable[Thinker]:
    """The offline director first; the one that is set is always among them."""
    listed = dict(((OFFLINE, None), *KNOWN))
    for model, needs in (listed if chosen in listed else {chosen: None, **listed}).items():
        rates = (Money(0), Money(0)) if _free(model) else (_rate(model, "input"), _rate(model, "output"))
        yield Thinker(model, *rates, needs, chosen=model == chosen)


def _free(model: str) -> bool:
    return model == OFFLINE or model.partition(":")[0] in ON_THIS_MACHINE


def _rate(model: str, direction: str) -> Money | None:
    """Dollars for a million tokens, reckoned from a short request: long ones are dearer with some vendors."""
    from genai_prices import Usage, calc_price

    vendor, _, name = model.partition(":")
    thousand = Usage(input_tokens=1000) if direction == "input" else Usage(output_tokens=1000)
    try:
        price = calc_price(thousand, model_ref=name, provider_id=PRICED_AS.get(vendor, vendor))
    except LookupError:
        return None
    return Money(MILLION).times(Decimal(price.total_price) * 1000)


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
