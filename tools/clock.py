"""The one clock. Everything that needs the time is given a `Clock`, so tests hold time still."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 -- this is the one place


class Ratchet:
    """A clock that never goes back: what has expired stays expired when the machine's clock is set back."""

    def __init__(self, clock: Clock, mark: datetime) -> None:
        self._clock = clock
        self._mark = mark

    def __call__(self) -> datetime:
        self._mark = max(self._mark, self._clock())
        return self._mark


def period(moment: datetime) -> str:
    """The budget month a moment belongs to, as `2026-11` in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m")


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with a fixed width, so that stored stamps sort as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_stamp(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
