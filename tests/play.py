"""What every rule of the stories stands on: a theatre, a world, its books, and a count of what was reached."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine

from tests.fate import Died
from tests.invariants import END_STATES, Books
from tests.outside import Row
from tests.stage import Theatre
from tests.vendor import CLASSES, MOODS, VendorClass
from tests.world import World, at_once
from tools.quotes import Quote

T = TypeVar("T")

PEOPLE = st.sampled_from(["ann", "bob"])
SUBJECTS = st.sampled_from(["A lighthouse", "A gate", "A loom"])
SECONDS = st.lists(st.integers(1, 8), min_size=1, max_size=4)
PICK = st.integers(0, 11)
OPENING = st.integers(0, 99)
ORDER = st.integers(0, 999)  # of those who act at once
MINUTE, HOUR = 60, 3_600
PROJECT = "film"
SECOND = 1  # which of the paces is some seconds


@dataclass(frozen=True)
class Setting:
    """What a story draws from. A narrower one makes a rare path likely."""

    vendors: tuple[VendorClass, ...] = tuple(CLASSES)
    moods: tuple[str | None, ...] = (None, *MOODS)
    walls: tuple[str, ...] = ("0.60", "2", "5")
    begins_after: float = 0
    openings: tuple[Callable[[Any, Quote], None], ...] = ()  # what has happened when the story begins
    paces: tuple[float, ...] = (0.5, 3, 21, MINUTE, 14 * MINUTE, 15 * MINUTE + 1, HOUR)


def chosen(among: Sequence[T], pick: int) -> T:
    return among[pick % len(among)]


class Play(RuleBasedStateMachine):
    """A studio, two people and a vendor."""

    offers: Bundle[Quote] = Bundle("offers")
    world: World
    books: Books

    def __init__(
        self, theatre: Theatre, setting: Setting | None = None, tally: Counter[str] | None = None
    ) -> None:
        super().__init__()
        self.theatre = theatre
        self.setting = setting or Setting()
        self.tally: Counter[str] = Counter() if tally is None else tally
        self.sound = False

    def do(self, act: Callable[..., Awaitable[T]], *given: Any) -> T:
        self.sound = False
        return self.theatre.do(act, *given)

    def tries(self, act: Callable[[], Awaitable[object]], *refusals: type[Exception]) -> bool:
        """True if it was done: not refused, and the process lived."""

        async def attempt() -> bool:
            try:
                return await self.world.survive(act())
            except refusals as refused:
                self.tally[f"refused: {type(refused).__name__}"] += 1
                return False

        return self.do(attempt)

    def at_once(self, order: int, *acts: Awaitable[object]) -> None:
        """Side by side, in an order that the story draws."""

        async def all_of_them() -> None:
            await at_once(*acts)

        self.world.turns.dice = Random(order)
        try:
            self.do(all_of_them)
        finally:
            self.world.turns.dice = None

    def next_if_died(self, results: Sequence[object]) -> bool:
        died = any(isinstance(each, Died) for each in results)
        if died:
            self.do(self.world.next_process)
        return died

    # --- what there is ---

    def jobs(self, *states: str) -> list[str]:
        wanted = f"({', '.join(map(repr, states))})"
        found = self.books.rows(
            f"SELECT id FROM job WHERE state IN {wanted} ORDER BY created_at, quote_id, n"
        )
        return [row["id"] for row in found]

    def any_job(self) -> list[str]:
        return self.jobs("ready", "submitting", "running", "unknown", "quarantined", *END_STATES)

    def has_due(self) -> bool:
        return bool(self.books.rows("SELECT 1 FROM due WHERE done = 0"))

    def frozen_budgets(self) -> list[Row]:
        return self.books.rows("SELECT * FROM budget WHERE frozen_reason IS NOT NULL ORDER BY scope, period")

    def is_approved(self, offer: Quote) -> bool:
        return bool(self.books.rows("SELECT 1 FROM approval WHERE quote_id = ?", offer.id))
