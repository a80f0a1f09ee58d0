"""Trouble with the network, told apart by what caused it. What a person is told of it names its page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happened, in words that follow a colon, and the section that says what to do."""

    words: str
    page: str

    def __str__(self) -> str:
        return f"{self.words} ({self.page})"


NO_NAME = Trouble("its name is not found", "docs/troubleshooting.md#name-not-found")
NOT_SAFE = Trouble("no safe connection", "docs/troubleshooting.md#no-safe-connection")
TOO_LATE = Trouble("no answer in time", "docs/troubleshooting.md#no-answer-in-time")
TURNED_AWAY = Trouble("the connection was refused", "docs/troubleshooting.md#no-connection")
FAILED = Trouble("the connection failed", "docs/troubleshooting.md#no-connection")

ANSWER_LOST = "docs/troubleshooting.md#answer-lost"
RATE_LIMITED = "docs/troubleshooting.md#rate-limited"
LANGUAGE_MODEL = "docs/troubleshooting.md#language-model"
PRICE_LIST = "docs/troubleshooting.md#price-list"
PORT_IN_USE = "docs/troubleshooting.md#port-in-use"
DATABASE_AWAY = "docs/troubleshooting.md#database-away"

TOO_MANY_REQUESTS = 429


def trouble(error: BaseException) -> Trouble | None:
    """Which it is, by what caused the error, whichever library wrapped it; None where no network is to blame."""
    from socket import gaierror
    from ssl import SSLError, SSLWantReadError

    kinds = (
        ((gaierror, UnicodeError), NO_NAME),  # characters that no name can have are looked up in vain, too
        (SSLError, NOT_SAFE),
        (TimeoutError, TOO_LATE),
        (ConnectionRefusedError, TURNED_AWAY),
        (OSError, FAILED),
    )
    # One that waits for more is met on the way to every fault of a safe connection, and is none itself.
    causes = [each for each in _causes(error) if not isinstance(each, SSLWantReadError)]
    return next((kind for types, kind in kinds if any(isinstance(each, types) for each in causes)), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """It, what caused it, and so on; where several addresses were tried, what came of each.

    The HTTP library hides the system's error in its own, which leaves it as what went before.
    """
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in cast("BaseExceptionGroup[BaseException]", error).exceptions:
                yield from _causes(each)
        error = error.__cause__ or error.__context__
