"""What every route is handed: the open studio, the person who asks, and the stage for turns."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup
from fastapi import Depends, Request

from agent.models import Choice
from agent.turn import Stage, Turns
from api.auth import Principal, identify
from api.pace import Pace
from api.settings import Settings
from tools import pictures
from tools.errors import Unauthenticated
from tools.pictures import Album
from tools.studio import Studio


@dataclass
class House:
    """One running service."""

    settings: Settings
    studio: Studio
    tasks: TaskGroup
    turns: Turns = field(default_factory=Turns)
    asking: Pace = field(default_factory=lambda: Pace(1_000, 100))  # by person: anything
    talking: Pace = field(default_factory=lambda: Pace(60, 1))  # by person: turns
    sending: Pace = field(default_factory=lambda: Pace(60, 1))  # by person: pictures
    guessing: Pace = field(default_factory=lambda: Pace(30, 0.5))  # by address: tokens that are nobody's
    # A picture that a person gave the address of.
    fetch: Callable[[Album, str], Awaitable[bytes]] = pictures.fetch
    _stage: Stage | None = None
    _raised: anyio.Event = field(default_factory=anyio.Event)

    async def raise_stage(self) -> None:
        """Load the agent beside the first requests."""
        self._stage = await anyio.to_thread.run_sync(_stage_for, self.settings.chosen_model())
        self._raised.set()

    async def stage(self) -> Stage:
        await self._raised.wait()
        assert self._stage is not None  # noqa: S101 -- set before the event
        return self._stage


def _stage_for(choice: Choice) -> Stage:
    from agent.stage import stage_for  # a second of imports, which the page does not wait for

    return stage_for(choice)


# Each is a coroutine though it waits for nothing: FastAPI asks any other function on a thread, and a crowd
# of requests would start 40 of them.


async def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


TheHouse = Annotated[House, Depends(_house)]


async def _studio(house: TheHouse) -> Studio:
    return house.studio


TheStudio = Annotated[Studio, Depends(_studio)]


async def _person(request: Request, house: TheHouse) -> Principal:
    with guess(house, request):
        person = identify(request, house.settings.people())
    house.asking.take(person.name)
    return person


@contextmanager
def guess(house: House, request: Request) -> Generator[None]:
    """Look at a token; one that is nobody's costs its sender patience, and after a while none is looked at."""
    where = request.client.host if request.client else ""
    house.guessing.check(where)
    try:
        yield
    except Unauthenticated:
        house.guessing.take(where)
        raise


Person = Annotated[Principal, Depends(_person)]


def reach(person: Principal) -> str | None:
    """Whose things this person may look at: approvers see everybody's, others their own."""
    return None if person.role in ("approver", "admin") else person.name
