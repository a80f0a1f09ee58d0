"""Which language models there are: who makes them, what key each wants, and the one that was chosen.

Light on purpose: a wrong choice is told at the start, before any model's library is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Self

from tools.errors import Invalid
from tools.money import ZERO, Money

OFFLINE = "offline"
SETTING = "GREENLIGHT_MODEL"
MILLION = 1_000_000
LISTED_ON = date(2026, 11, 21)  # when the list below was last looked at, with the prices in the lock file

Tier = Literal["offline", "local", "small", "large"]


@dataclass(frozen=True, slots=True)
class Maker:
    """Who sells thinking. `key` and `address` are the names that people have set already.

    `needs`: what it cannot do without. A server at an address of one's own may want no key.
    """

    priced_as: str
    key: str
    address: str
    needs: Literal["key", "key or address", "nothing"] = "key"


OPENAI = Maker("openai", "OPENAI_API_KEY", "OPENAI_BASE_URL", "key or address")
MAKERS: Mapping[str, Maker] = {
    "openai-chat": OPENAI,
    "openai-responses": OPENAI,
    "openai": OPENAI,
    "openrouter": Maker("openrouter", "OPENROUTER_API_KEY", "OPENROUTER_BASE_URL"),
    "anthropic": Maker("anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
    "google": Maker("google", "GEMINI_API_KEY", "GEMINI_BASE_URL"),
    "ollama": Maker("ollama", "OLLAMA_API_KEY", "OLLAMA_BASE_URL", "nothing"),
}

# One of each size from each maker; any other name that a maker knows works, too.
LISTED: Mapping[str, Tier] = {
    OFFLINE: "offline",
    "ollama:qwen3": "local",
    "openai-chat:gpt-5-mini": "small",
    "google:gemini-2.5-flash": "small",
    "anthropic:claude-haiku-4-5": "small",
    "openrouter:openai/gpt-5-mini": "small",
    "openai-chat:gpt-5.2": "large",
    "google:gemini-2.5-pro": "large",
    "anthropic:claude-sonnet-4-5": "large",
    "openrouter:anthropic/claude-sonnet-4.5": "large",
}


@dataclass(frozen=True, slots=True)
class Rates:
    """Dollars for a million tokens."""

    input: Money
    output: Money

    @classmethod
    def read(cls, text: str) -> Self:
        """`IN/OUT`, such as `0.25/2.00`; `ValueError` if it is none."""
        parts = text.split("/")
        if len(parts) != 2:
            raise ValueError("needs IN/OUT, dollars for a million tokens read and written, such as 0.25/2.00")
        rates = cls(*(Money.usd(each.strip()) for each in parts))
        if min(rates.input, rates.output) < ZERO:
            raise ValueError("cannot be negative")
        return rates

    def cost(self, read: int, wrote: int) -> Money:
        return self.input.times(Decimal(read) / MILLION) + self.output.times(Decimal(wrote) / MILLION)


@dataclass(frozen=True, slots=True)
class Access:
    """What was set up for a maker, by its names in the environment."""

    key: str | None = field(default=None, repr=False)
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The language model that directs. `rates` are a person's own word on what it costs them."""

    model: str
    access: Access = Access()
    rates: Rates | None = None

    @property
    def maker(self) -> str:
        return self.model.partition(":")[0]

    @property
    def name(self) -> str:
        return self.model.partition(":")[2]

    @property
    def is_offline(self) -> bool:
        return self.model == OFFLINE


def check(choice: Choice) -> None:
    """`Invalid`, in a line, if nobody can think with it here."""
    if choice.is_offline:
        return
    maker = MAKERS.get(choice.maker)
    if maker is None:
        _check_elsewhere(choice.model)
        return
    if not choice.name:
        raise Invalid(SETTING, f"{choice.model!r} names no model; write it like {_like(choice.maker)}")
    if choice.maker == "openrouter" and "/" not in choice.name:
        raise Invalid(SETTING, f"{choice.model!r} names no vendor; write it like {_like('openrouter')}")
    satisfied = {
        "key": bool(choice.access.key),
        "key or address": bool(choice.access.key or choice.access.address),
        "nothing": True,
    }
    if not satisfied[maker.needs]:
        other = f", or {maker.address} for a server of your own" if maker.needs != "key" else ""
        raise Invalid(maker.key, f"is not set, and {choice.model} needs it{other}")


def _like(maker: str) -> str:
    return next((each for each in LISTED if each.startswith(f"{maker}:")), f"{maker}:NAME")


def _check_elsewhere(model: str) -> None:
    """A maker that only the framework knows reads its own settings; what it misses is said now, too."""
    from pydantic_ai.exceptions import UserError
    from pydantic_ai.models import infer_model

    try:
        infer_model(model)
    except (UserError, ImportError, ValueError) as error:
        why = " ".join(str(error).split())
        known = ", ".join((OFFLINE, *(f"{each}:NAME" for each in MAKERS)))
        raise Invalid(SETTING, f"{model!r} cannot be used ({why}); there are {known}") from None
