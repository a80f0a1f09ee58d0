"""What can go wrong, by name.

    StudioError
    ├── Invalid                 the request cannot be understood
    │   ├── CannotRender        no such seconds, resolution or ratio on that model
    │   ├── NoPrice             nothing in the price book, so nothing can be quoted
    │   └── UnsafePath          outside the folders that may be read
    ├── NotFound                no such thing, or not yours
    ├── Conflict                true once, not any more
    │   ├── DigestMismatch      the approval names another offer
    │   ├── QuoteExpired        ask again
    │   ├── QuoteSuperseded     a newer quote took its place
    │   ├── QuoteDeclined       a person said no
    │   ├── AlreadyApproved     somebody else approved it first
    │   ├── TurnRunning         one turn at a time in a conversation
    │   └── TurnSpent           money went out in it, so it stays as it was
    ├── BudgetExceeded          the wall
    ├── Frozen                  a budget is frozen, or the service is
    ├── Busy                    too many at once: nothing was done, and later there may be room
    ├── Away                    the database went away: what it had not taken is not there
    ├── TooFast                 one person, too much at once
    ├── Forbidden               known, but may not
    └── Unauthenticated         not known

Errors carry facts. Two tables turn them into words: `api/problems.py` for people
and programs, `agent/words.py` for the model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

from tools.money import Money


@dataclass(eq=False)
class StudioError(Exception):
    """Base of every error a caller is expected to handle."""

    def __str__(self) -> str:
        facts = ", ".join(f"{field.name}={getattr(self, field.name)!s}" for field in fields(self))
        return f"{type(self).__name__}({facts})"


@dataclass(eq=False)
class Invalid(StudioError):
    """`what` names the field or thing, `why` says in plain words what would be right."""

    what: str
    why: str


@dataclass(eq=False)
class CannotRender(Invalid):
    """The video model does not offer what was asked; `why` says what it does offer."""


@dataclass(eq=False)
class NoPrice(Invalid):
    """No row of the price book fits, so no amount can be promised."""


@dataclass(eq=False)
class UnsafePath(Invalid):
    """The path leads outside the folders that may be read."""


@dataclass(eq=False)
class NotFound(StudioError):
    kind: str
    id: str


@dataclass(eq=False)
class Conflict(StudioError):
    """`id` is the quote or conversation that is no longer as the caller believes."""

    id: str


@dataclass(eq=False)
class DigestMismatch(Conflict):
    pass


@dataclass(eq=False)
class QuoteExpired(Conflict):
    pass


@dataclass(eq=False)
class QuoteSuperseded(Conflict):
    pass


@dataclass(eq=False)
class QuoteDeclined(Conflict):
    pass


@dataclass(eq=False)
class AlreadyApproved(Conflict):
    pass


@dataclass(eq=False)
class TurnRunning(Conflict):
    pass


@dataclass(eq=False)
class TurnSpent(Conflict):
    """`id` is the approved offer in a turn that somebody wanted to take back."""


@dataclass(eq=False)
class BudgetExceeded(StudioError):
    """`scope` is the budget that has no room: `month`, `project:NAME`, `play` or `model`."""

    scope: str
    asked: Money
    headroom: Money


@dataclass(eq=False)
class Frozen(StudioError):
    scope: str
    reason: str


@dataclass(eq=False)
class Busy(StudioError):
    """Nothing was read or written of what was asked. `what` has no room, which may be otherwise in `seconds`."""

    what: str
    seconds: int


@dataclass(eq=False)
class Away(StudioError):
    """The database could not be used. `why` is its driver's first line: for our log, as it may name a host."""

    why: str


@dataclass(eq=False)
class TooFast(StudioError):
    """One person asks for more than their share; `seconds` from now there is some again."""

    seconds: int


@dataclass(eq=False)
class Forbidden(StudioError):
    needs: str


@dataclass(eq=False)
class Unauthenticated(StudioError):
    pass


class Complaints(Protocol):
    """What pydantic's ValidationError says; a reading of a repository need not wait for its import."""

    def errors(
        self, *, include_url: bool, include_context: bool, include_input: bool
    ) -> Sequence[Mapping[str, Any]]: ...


def explain(error: Complaints) -> Invalid:
    """The first complaint of a validation as one fact: which field, and what it should be."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "body"
    return Invalid(where, first["msg"].removeprefix("Value error, "))
