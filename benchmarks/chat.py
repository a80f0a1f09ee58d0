"""What it costs to serve a turn: against the agent alone, against the model's own pace, and with many readers.

A model that talks at 50 words a second, our stage, and our response down to the bytes that a socket would
be given; and 200 such turns through a server in a process of its own. Rounds take turns, and the least of
each counts. docs/performance.md gets the table; a promise that is broken ends it with 1.

nice -n 10 .venv/bin/python benchmarks/chat.py
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import anyio
import psutil
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel

from agent.calm import Calm
from agent.desk import Desk
from agent.director import Director, direct
from agent.messages import assistant_message
from agent.models import OFFLINE, Choice
from agent.stage import PLAIN, AgentStage
from agent.turn import Ask, Turn
from api.chat import follow
from benchmarks import streams
from benchmarks.pages import PERFORMANCE, put
from benchmarks.stage import end
from benchmarks.streams import Found
from tests.conftest import Clock, Floor, config_in, open_floor
from tools import conversations
from tools.ids import new_message_id

PACE_SECONDS = 0.02  # 50 words a second
WORDS, FEW_WORDS = streams.WORDS, 150
ROUNDS = 3
STREAMS = 20
STALLED = 100
FIRSTS = 30
MEGABYTE = 1024 * 1024
OVERHEAD_MAX, FIRST_MS_MAX, STRETCH_MAX, STREAM_KB_MAX = 1.3, 5.0, 1.1, 100.0
STALLED_MB_MAX, BESIDE_MAX = 50.0, 1.5


@dataclass
class Talker:
    """A model that says so many words at a pace, and notes when it said the first."""

    words: int = WORDS
    pause_seconds: float = PACE_SECONDS
    first: list[float] = field(default_factory=list[float])

    async def __call__(self, _messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        began = time.perf_counter()
        self.first.append(began)
        for n in range(self.words):
            yield f"word{n} "
            await asyncio.sleep(max(0.0, began + (n + 1) * self.pause_seconds - time.perf_counter()))


@dataclass
class Set:
    """Where turns are played: a floor, a director, and whoever talks now."""

    floor: Floor
    director: Director
    chats: int = 0

    async def desk(self) -> Desk:
        self.chats += 1
        chat = f"chat-{self.chats}"
        async with self.floor.database.transaction() as connection:
            await conversations.enter(connection, chat, "ann", "talk", self.floor.clock())
        return Desk(self.floor.studio, "ann", chat)

    async def bare(self, talker: Talker) -> None:
        """The agent alone: every event that it has, and nothing done with it."""
        with self.director.override(model=FunctionModel(stream_function=talker)):
            async with self.director.run_stream_events("talk", deps=await self.desk()) as events:
                async for _ in events:
                    pass

    async def served(self, talker: Talker, readers: Sequence["Reader"], desk: Desk | None = None) -> None:
        """A turn of ours, with its readers."""
        desk, identity = desk or await self.desk(), new_message_id()
        turn = Turn(desk.chat_id, identity)
        stage = AgentStage(self.director, OFFLINE, PLAIN)
        ask = Ask("talk", (), assistant_message(identity), "u-1")
        async with anyio.create_task_group() as tasks:
            for reader in readers:
                tasks.start_soon(reader.read, turn)
            with self.director.override(model=Calm(FunctionModel(stream_function=talker))):
                await stage.play(turn, self.floor.studio, "ann", ask)
            turn.finish()
            for reader in readers:
                if not reader.stalls:
                    await reader.over.wait()
            tasks.cancel_scope.cancel()


@dataclass
class Reader:
    """Whoever follows a turn over HTTP, without the socket."""

    stalls: bool = False
    first: float = 0.0
    ended: float = 0.0
    over: anyio.Event = field(default_factory=anyio.Event)

    async def read(self, turn: Turn) -> None:
        async def receive() -> dict[str, Any]:
            await anyio.sleep_forever()
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            if b"text-" in message.get("body", b""):
                self.first = self.first or time.perf_counter()
                if self.stalls:
                    await anyio.sleep_forever()

        await follow(turn)({"type": "http", "method": "GET"}, receive, send)  # pyright: ignore[reportArgumentType] -- as a server calls it
        self.ended = time.perf_counter()
        self.over.set()


async def at_once(count: int, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(count):
            tasks.start_soon(work)


async def cpu_of(words: int, work: Callable[[], Coroutine[Any, Any, None]]) -> float:
    """Microseconds of processor for each of so many words, in turns at once."""
    began = time.process_time()
    await at_once(STREAMS, work)
    return (time.process_time() - began) * 1e6 / (STREAMS * words)


async def overhead(place: Set, words: int) -> tuple[float, float]:
    bare, ours = list[float](), list[float]()
    for _ in range(ROUNDS):
        bare.append(await cpu_of(words, lambda: place.bare(Talker(words))))
        ours.append(await cpu_of(words, lambda: place.served(Talker(words), [Reader()])))
    return min(bare), min(ours)


async def first_event(place: Set) -> float:
    """Milliseconds from the model's first word to the first bytes that tell of it."""
    late: list[float] = []
    for _ in range(FIRSTS):
        talker, reader = Talker(words=3, pause_seconds=0), Reader()
        await place.served(talker, [reader])
        late.append((reader.first - talker.first[0]) * 1e3)
    return statistics.median(late)


async def beside_the_stalled(place: Set) -> tuple[float, float]:
    """Megabytes that stalled readers add, and how much later others are told the end."""
    times: dict[int, float] = {}
    before = psutil.Process().memory_info().rss
    for count in (0, STALLED):
        reader = Reader()
        began = time.perf_counter()
        await place.served(Talker(), [reader, *(Reader(stalls=True) for _ in range(count))])
        times[count] = reader.ended - began
    return (psutil.Process().memory_info().rss - before) / MEGABYTE, times[STALLED] / times[0]


def for_a_word(served: Found) -> float:
    """Microseconds of the service's processor, with all that HTTP and the wire to the model take."""
    return served.share * 1e6 * PACE_SECONDS / len(served.stretch)


async def measure(few: Found, crowd: Found) -> list[tuple[str, str, float, float | None]]:
    with tempfile.TemporaryDirectory(prefix="greenlight-") as name:
        async with open_floor(config_in(Path(name)), Clock()) as floor:
            place = Set(floor, direct(Choice(OFFLINE)))
            await place.served(Talker(words=3), [Reader()])  # what is built at first use
            bare, ours = await overhead(place, WORDS)
            bare_short, ours_short = await overhead(place, FEW_WORDS)
            late = await first_event(place)
            more, beside = await beside_the_stalled(place)
    return [
        (f"processor for a word, against the agent alone ({ours:.0f} and {bare:.0f} µs)", "{:.2f} x", ours / bare, OVERHEAD_MAX),
        (f"the same in turns of {FEW_WORDS} words, where beginning and end weigh more", "{:.2f} x", ours_short / bare_short, None),
        (f"the first in the service, with HTTP on both sides, {STREAMS} streams at once", "{:.0f} µs", for_a_word(few), None),
        ("first bytes after the model's first word", "{:.1f} ms", late, FIRST_MS_MAX),
        (f"{streams.STREAMS} streams of 50 words a second in one process, against the ideal ({crowd.share:.2f} of a core)", "{:.2f} x", max(crowd.stretch), STRETCH_MAX),
        ("memory of a stream, each of as many that read one turn", "{:.0f} KB", crowd.reader_kb, STREAM_KB_MAX),
        ("memory of each of those turns, with its agent, its model's connection and its stream", "{:.0f} KB", crowd.turn_kb, None),
        (f"memory of {STALLED} readers who take nothing", "{:.1f} MB", more, STALLED_MB_MAX),
        ("a turn beside them, against one without", "{:.2f} x", beside, BESIDE_MAX),
    ]  # fmt: skip


def main() -> None:
    rows = asyncio.run(measure(streams.measure(STREAMS), streams.measure()))
    lines = [f"| {what} | {form.format(found)} | {'' if most is None else form.format(most)} |" for what, form, found, most in rows]  # fmt: skip
    table = "\n".join(["| what | found | at most |", "|---|---:|---:|", *lines])
    print(table)
    put(PERFORMANCE, "Serving a turn", f"{PAGE}\n{table}")
    end(
        [
            f"{what}: {form.format(found)}"
            for what, form, found, most in rows
            if most is not None and found > most
        ]
    )


PAGE = """`python benchmarks/chat.py` plays turns whose model says 50 words a second, and follows them down to
the bytes that a socket would be given. What a model says within 33 ms goes through the agent's graph as
one piece, and each event is encoded once however many readers it has. Rounds of both kinds take turns, and
the least of each counts. The 200 streams, and the 20 of the second row, are `benchmarks/streams.py`: `greenlight
serve` alone in its process, a model on OpenAI's wire that speaks 500 words to each of them and all readers in
two others, over real connections. Their processor is that of the middle of their turns, the slowest stream
counts, and the memory is what the server's process grew by.

Where more was found than `at most`, the promise is not kept here. Turns have 500 words where nothing else is
said, and a word counts its part of a turn's beginning and end. A stream is an open response, and a turn is more:
two fifths of what it holds are the agent's run while it waits, as much again its connections to the model and
to its reader (decision 0026).
"""


if __name__ == "__main__":
    main()
