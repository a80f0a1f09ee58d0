"""A turn whose database goes away ends with words, and the service goes on."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from sqlalchemy import create_engine, make_url, text

from agent.director import direct
from agent.models import OFFLINE, Choice
from agent.stage import PLAIN, AgentStage
from agent.turn import Stage
from api import talk
from api.auth import Principal
from api.house import House
from api.settings import Settings
from api.talk import Words
from tests.conftest import BOTH, Clock, open_floor
from tests.postgres import Server
from tools import conversations
from tools.studio import Config

DATABASES = BOTH
ANN = Principal("ann", "admin")
SORRY = (
    "The database could not be used (docs/troubleshooting.md#database-away). The turn was ended and rendered nothing. "
    "Send the message again to retry."
)
TABLES = ("budget", "message", "turn")


@dataclass(frozen=True)
class Power:
    """Takes the database away, and gives it back."""

    url: str
    server: Server | None

    def fail(self) -> None:
        if self.server is None:
            self._run([f"ALTER TABLE {name} RENAME TO {name}_gone" for name in TABLES])
            return
        name = make_url(self.url).database
        self.server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self.server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def come_back(self) -> None:
        if self.server is None:
            self._run([f"ALTER TABLE {name}_gone RENAME TO {name}" for name in TABLES])
            return
        self.server.run(f"ALTER DATABASE {make_url(self.url).database} ALLOW_CONNECTIONS true")

    def _run(self, statements: list[str]) -> None:
        engine = create_engine(self.url)
        with engine.begin() as connection:
            for each in statements:
                connection.execute(text(each))
        engine.dispose()


@dataclass
class Unlucky:
    """A model that looks at the budget and then says a word; at one moment the database goes away."""

    power: Power
    moment: str | None

    async def __call__(
        self, messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        now = "before a tool" if len(messages) == 1 else "before the last words"
        if now == self.moment:
            self.power.fail()
        if len(messages) == 1:
            yield {0: DeltaToolCall("check_budget", "{}", tool_call_id="call_1")}
        else:
            yield "Done."


@dataclass
class Staged(House):
    """A service whose stage is there from the beginning."""

    real: Stage = field(default_factory=lambda: AgentStage(direct(Choice(OFFLINE)), OFFLINE, PLAIN))

    async def stage(self) -> Stage:
        return self.real


@dataclass(frozen=True)
class Scene:
    house: Staged
    power: Power

    async def say(self, chat: str, words: str, moment: str | None = None) -> list[str]:
        """What a reader is told, from the first event to the last."""
        model = FunctionModel(stream_function=Unlucky(self.power, moment))
        stage = self.house.real
        assert isinstance(stage, AgentStage)
        with anyio.fail_after(120), stage.director.override(model=model):
            turn = await talk.say(self.house, ANN, chat, Words(f"u-{words}", words))
            told = [chunk async for chunk in turn.chunks()]
        assert turn.frames[-1].endswith(b"data: [DONE]\n\n")
        return [chunk.get("errorText", chunk["type"]) for chunk in told]

    async def kept(self, chat: str) -> list[str]:
        async with self.house.studio.database.reading() as connection:
            return [said.role for said in await conversations.messages(connection, chat)]


@asynccontextmanager
async def opened(config: Config, clock: Clock, power: Power) -> AsyncGenerator[Scene]:
    async with open_floor(config, clock) as floor, anyio.create_task_group() as tasks:
        yield Scene(Staged(Settings(data_dir=config.data_dir), floor.studio, tasks), power)
        tasks.cancel_scope.cancel()


@pytest.fixture
async def scene(
    config: Callable[..., Config], clock: Clock, database_kind: str, request: pytest.FixtureRequest
) -> AsyncGenerator[Scene]:
    server = None if database_kind == "sqlite" else request.getfixturevalue("postgres")
    async with opened(config(), clock, Power(config().database_url, server)) as made:
        yield made


@pytest.mark.parametrize("moment", ["before a tool", "before the last words"])
async def test_a_turn_whose_database_goes_away_says_so_and_the_next_one_is_played(
    scene: Scene, moment: str
) -> None:
    told = await scene.say("chat-1", "one", moment)
    scene.power.come_back()
    again, elsewhere = await scene.say("chat-1", "two"), await scene.say("chat-2", "three")

    assert [each for each in told if each.startswith("The ")] == [SORRY]
    assert (again[-1], elsewhere[-1]) == ("finish", "finish")
    assert (await scene.kept("chat-1"))[-2:] == ["user", "assistant"]
    assert await scene.kept("chat-2") == ["user", "assistant"]
