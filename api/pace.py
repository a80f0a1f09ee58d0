"""How much one person may ask for at once: a bucket each, filled as time goes by."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.errors import TooFast

PEOPLE_MAX = 10_000  # whoever was not heard of for longest is forgotten: their bucket was full again


@dataclass
class Pace:
    """`burst` at once, and `per_second` of them come back."""

    burst: int
    per_second: float
    now: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    def take(self, who: str) -> None:
        """Take one; `TooFast` says when there will be one again."""
        left = self._of(who)
        if left < 1:
            raise TooFast(math.ceil((1 - left) / self.per_second))
        self._put(who, left - 1)

    def check(self, who: str) -> None:
        """`TooFast` if there is none to take."""
        left = self._of(who)
        if left < 1:
            raise TooFast(math.ceil((1 - left) / self.per_second))

    def _of(self, who: str) -> float:
        left, at = self._left.get(who, (self.burst, 0.0))
        return min(self.burst, left + (self.now() - at) * self.per_second)

    def _put(self, who: str, left: float) -> None:
        self._left.pop(who, None)
        self._left[who] = left, self.now()
        if len(self._left) > PEOPLE_MAX:
            del self._left[next(iter(self._left))]
