"""One turn at a time in a conversation, whichever of the processes on its database plays it."""

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest

from agent.messages import assistant_message
from agent.turn import Ask, Stage, Turn
from api import chat, places, talk
from api.auth import Principal
from api.house import House
from api.settings import Settings
from api.talk import Words
from tests.conftest import BOTH, Clock, Floor, open_floor, rows
from tools import conversations, turns
from tools.conversations import Said
from tools.errors import TurnRunning
from tools.studio import Config, Studio

DATABASES = BOTH
ANN = Principal("ann", "admin")
CHAT = "chat-1"
LEASE_SECONDS = turns.LEASE.total_seconds()


@dataclass
class Quiet:
    """A stage on which a turn goes on until it may end, or is stopped; then its words are kept."""

    may_end: anyio.Event = field(default_factory=anyio.Event)
    ends: list[str] = field(default_factory=list[str])

    async def play(self, turn: Turn, studio: Studio, owner: str, ask: Ask) -> None:  # noqa: ARG002 -- as a stage is asked
        turn.stops_by(self.may_end.set)
        await self.may_end.wait()
        async with studio.database.transaction() as connection:
            await turns.check(connection, turn.chat_id, turn.id)
            said = Said(turn.message_id, "assistant", assistant_message(turn.message_id))
            await conversations.say(connection, turn.chat_id, said, studio.clock())
        self.ends.append(turn.message_id)

    async def waiting(self, studio: Studio, owner: str, chat_id: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    def forget(self, state: str, said: Collection[str]) -> str:  # noqa: ARG002
        return state


@dataclass
class Staged(House):
    """A service whose stage is there from the beginning."""

    quiet: Quiet = field(default_factory=Quiet)

    async def stage(self) -> Stage:
        return self.quiet


@dataclass
class Process:
    """A process of the service, as far as conversations go."""

    house: Staged

    @property
    def stage(self) -> Quiet:
        return self.house.quiet

    async def say(self, text: str) -> Turn:
        return await talk.say(self.house, ANN, CHAT, Words(f"u-{text}", text))

    async def look(self) -> None:
        await places.look_after(self.house)

    async def stop(self) -> bool:
        answer = await chat.stop(CHAT, self.house, self.house.studio, ANN)
        return answer["stopping"]


@dataclass
class Two:
    first: Process
    second: Process
    clock: Clock
    floor: Floor

    async def messages(self) -> list[str]:
        async with self.floor.database.reading() as connection:
            return [said.role for said in await conversations.messages(connection, CHAT)]


@asynccontextmanager
async def opened(config: Config, clock: Clock, worker: str) -> AsyncGenerator[tuple[Process, Floor]]:
    async with open_floor(config, clock, worker) as floor, anyio.create_task_group() as tasks:
        yield Process(Staged(Settings(data_dir=config.data_dir), floor.studio, tasks)), floor
        tasks.cancel_scope.cancel()


@pytest.fixture
async def two(config: Callable[..., Config], clock: Clock) -> AsyncGenerator[Two]:
    async with AsyncExitStack() as stack:
        first, floor = await stack.enter_async_context(opened(config(), clock, "first"))
        second, _ = await stack.enter_async_context(opened(config(), clock, "second"))
        yield Two(first, second, clock, floor)


async def over(turn: Turn) -> None:
    with anyio.fail_after(60):
        async for _ in turn.follow():
            pass


async def test_while_one_process_plays_a_turn_no_other_begins_one(two: Two) -> None:
    turn = await two.first.say("one")
    for process in (two.second, two.first):
        with pytest.raises(TurnRunning):
            await process.say("two")
    two.first.stage.may_end.set()
    await over(turn)
    later = await two.second.say("three")
    two.second.stage.may_end.set()
    await over(later)

    assert await two.messages() == ["user", "assistant", "user", "assistant"]
    assert await rows(two.floor.database, "SELECT * FROM turn") == []


async def test_of_many_messages_at_once_in_two_processes_one_begins_a_turn(two: Two) -> None:
    begun, refused = list[Turn](), list[TurnRunning]()

    async def say(process: Process, text: str) -> None:
        try:
            begun.append(await process.say(text))
        except TurnRunning as error:
            refused.append(error)

    async with anyio.create_task_group() as tasks:
        for n in range(6):
            tasks.start_soon(say, (two.first, two.second)[n % 2], str(n))

    assert (len(begun), len(refused)) == (1, 5)
    assert await two.messages() == ["user"]


async def test_a_turn_is_stopped_from_another_process(two: Two) -> None:
    turn = await two.first.say("one")
    asked = await two.second.stop()
    await two.first.look()
    await over(turn)

    assert asked
    assert await two.messages() == ["user", "assistant"]
    assert not await two.second.stop()


async def test_the_other_process_says_that_a_turn_runs_and_waits_for_its_end(two: Two) -> None:
    turn = await two.first.say("one")
    house, studio = two.second.house, two.second.house.studio
    before = await chat.history(CHAT, house, studio, ANN)
    listed = await chat.chats(house, ANN)
    answers: list[int] = []

    async def resume() -> None:
        answers.append((await chat.resume(CHAT, house, studio, ANN)).status_code)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(resume)
        await anyio.wait_all_tasks_blocked()
        two.first.stage.may_end.set()
        await over(turn)
    after = await chat.history(CHAT, house, studio, ANN)

    assert (before["running"], listed["chats"][0]["state"], after["running"]) == (True, "running", False)
    assert answers == [204]
    assert [said["role"] for said in after["messages"]] == ["user", "assistant"]


async def test_a_living_process_keeps_its_place_as_long_as_the_turn_takes(two: Two) -> None:
    await two.first.say("one")
    for _ in range(10):
        two.clock.move(seconds=LEASE_SECONDS / 3 + 1)
        await two.first.look()

        with pytest.raises(TurnRunning):
            await two.second.say("two")


async def test_a_turn_that_ends_while_its_place_is_looked_at_is_not_taken_for_lost(
    two: Two, caplog: pytest.LogCaptureFixture
) -> None:
    turn = await two.first.say("one")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(two.first.look)
        tasks.start_soon(places.leave, two.first.house, turn)

    assert caplog.text == ""
    assert turn.done


async def test_when_a_process_has_died_its_place_is_free_after_the_lease(two: Two) -> None:
    await two.first.say("one")
    two.clock.move(seconds=LEASE_SECONDS - 1)
    with pytest.raises(TurnRunning):
        await two.second.say("two")
    two.clock.move(seconds=2)

    assert await two.second.say("three")


async def test_a_process_that_was_frozen_writes_nothing_into_the_turn_that_took_its_place(two: Two) -> None:
    frozen = await two.first.say("one")
    two.clock.move(seconds=LEASE_SECONDS + 1)
    turn = await two.second.say("two")
    await two.first.look()  # it wakes up, finds another turn there, and stops
    await over(frozen)
    two.second.stage.may_end.set()
    await over(turn)

    assert two.first.stage.ends == []
    assert await two.messages() == ["user", "user", "assistant"]
    assert await rows(two.floor.database, "SELECT * FROM turn") == []
