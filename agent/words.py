"""What went wrong, and how many, in words the model can pass on."""

import re
from collections.abc import Sequence

from tools.errors import (
    Away,
    BudgetExceeded,
    CannotRender,
    Conflict,
    Forbidden,
    Frozen,
    Invalid,
    NotFound,
    StudioError,
)
from tools.trouble import DATABASE_AWAY, LANGUAGE_MODEL, RATE_LIMITED, TOO_MANY_REQUESTS, trouble

NUMBER_WORDS: Sequence[str] = "one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905 -- reads as a row
NUMBERS = "|".join((r"\d{1,3}", *NUMBER_WORDS))  # as alternatives of a pattern

MODEL_SPENT = (
    "This month's model budget is spent, so the language model was not asked. `greenlight budget limit model USD` "
    "raises it; GREENLIGHT_MODEL=offline thinks for nothing."
)


def pattern(text: str) -> re.Pattern[str]:
    """What is looked for in a message: in any case, on any of its lines."""
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def told(error: StudioError) -> str:
    """What went wrong, for the model to pass on."""
    match error:
        case BudgetExceeded("model", _, _):
            return MODEL_SPENT
        case BudgetExceeded(scope, asked, headroom):
            return f"The {scope} budget has ${headroom} left; this needs ${asked}."
        case Frozen(scope, reason):
            return f"The {scope} budget is frozen: {reason}. An administrator has to look at it."
        case CannotRender(_, why):
            return f"{why}. Change the plan or choose another model."
        case Invalid(what, why):
            return f"{what}: {why}"
        case NotFound(kind, identity):
            return f"There is no {kind} {identity}."
        case Conflict(identity):
            return f"{identity} is no longer in a state that allows this."
        case Forbidden(needs):
            return f"Only {needs} may do this."
        case Away():
            return f"The database could not be used ({DATABASE_AWAY})."
        case _:
            return str(error)


def answered(status: int) -> str:
    """What the language model's maker answered, and where that is explained."""
    return f"answered {status} ({RATE_LIMITED if status == TOO_MANY_REQUESTS else LANGUAGE_MODEL})"


def unheard(error: BaseException) -> str:
    """Why no word of the language model came, or none that can be read, and where that is explained."""
    met = trouble(error)
    if met is None:
        return f"could not be understood or reached ({LANGUAGE_MODEL})"
    return f"could not be reached: {met}"


def count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def number(word: str) -> int:
    """A number in figures or as a word."""
    return NUMBER_WORDS.index(word.casefold()) + 1 if word.casefold() in NUMBER_WORDS else int(word)
