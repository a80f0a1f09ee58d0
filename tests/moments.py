"""Where processes die, or stop: the nth time that somebody comes to a point of the code."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import anyio
from sqlalchemy.exc import OperationalError

from tests.points import in_transaction
from tests.scripts import RECORDED

FULL = OperationalError("COMMIT", None, Exception("database or disk is full"))


class Died(BaseException):
    """The process was killed here: nothing in it may catch this."""


@dataclass(frozen=True, order=True)
class Moment:
    """The nth time that somebody comes to a point of the code."""

    point: str
    nth: int = 1

    def __str__(self) -> str:
        return self.point if self.nth == 1 else f"{self.point}, time {self.nth}"


@dataclass(frozen=True)
class Met:
    """A moment, the world outside the process then, and whether nobody else could work meanwhile."""

    moment: Moment
    world: object
    alone: bool


@dataclass
class Fate:
    """Where processes die, in order, and where one stops until it is woken."""

    world: Callable[[], object]
    deaths: deque[Moment] = field(default_factory=deque[Moment])
    stop: Moment | None = None
    full: set[str] = field(default_factory=set[str])  # where the disk takes nothing, once
    met: list[Met] = field(default_factory=list[Met])  # since the last death
    times: Counter[str] = field(default_factory=Counter[str])
    starting: bool = False
    over: bool = False  # what comes now is no part of the story
    turn: anyio.Event = field(default_factory=anyio.Event)  # it has stopped, or come to its end
    wake: anyio.Event = field(default_factory=anyio.Event)

    async def reach(self, point: str) -> None:
        if self.over:
            return
        self.times[point] += 1
        moment = Moment(point, self.times[point])
        self.met.append(Met(moment, self.world(), self.starting or in_transaction.get()))
        if self.deaths and self.deaths[0] == moment:
            self.deaths.popleft()
            self.times.clear()
            self.met.clear()
            raise Died(moment)
        if self.stop == moment:
            self.stop = None
            self.turn.set()
            await self.wake.wait()
        if point in self.full:
            self.full.remove(point)
            raise FULL if point == RECORDED else OSError("no space left on device")


def last_of_each_world(met: Sequence[Met]) -> list[Moment]:
    """Who dies between two changes of the world leaves the same behind, wherever that is: take the last place."""
    return [
        each.moment
        for each, then in zip(met, [*met[1:], None], strict=True)
        if then is None or then.world != each.world
    ]


def outside(met: Sequence[Met]) -> list[Met]:
    """Where one may stop. Inside a transaction it would keep everybody waiting, and then be cut off."""
    return [each for each in met if not each.alone]
