"""A turn: a person's message and the reply to it, as a stream of AI SDK chunks.

A turn belongs to the server. It runs to its end whoever listens, and everybody who follows it
gets all of it from the beginning. This module is light; what plays a turn is `agent.stage`.
"""

import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import anyio

from agent.messages import Chunk, Message
from tools.errors import TooFast, TurnRunning
from tools.studio import Studio

DONE = "[DONE]"
AT_ONCE_MAX = 16  # turns of one person
AT_ONCE_SECONDS = 5


@dataclass(frozen=True)
class Decision:
    """A person's recorded answer to an offer, as the agent is told of it."""

    quote_id: str
    tool_call_id: str
    approved: bool
    reason: str | None = None


@dataclass(frozen=True)
class Ask:
    """What starts a turn: new words, or decisions that continue a paused one, or both."""

    text: str | None
    decisions: tuple[Decision, ...]
    message: Message  # the assistant's message that this turn writes
    said: str | None = None  # the id of the person's message


@dataclass
class Turn:
    """A running or finished turn. `frames` are the server-sent events of its chunks, each encoded once.

    `before` is what its message held already: a turn that goes on after an answer grows the message
    that asked, and whoever did not see that needs it first.
    """

    chat_id: str
    message_id: str
    owner: str = ""
    before: Sequence[Chunk] = ()
    id: str | None = None  # of its place, once it has one that other processes know of
    frames: list[bytes] = field(default_factory=list[bytes])
    done: bool = False
    failed: bool = False  # and its followers were told so
    _stop: Callable[[], None] | None = None
    _stopped: bool = False
    _news: anyio.Event = field(default_factory=anyio.Event)

    def add(self, frame: str) -> None:
        self.frames.append(f"id: {self.message_id}:{len(self.frames) + 1}\ndata: {frame}\n\n".encode())
        self._ring()

    def finish(self) -> None:
        self.done = True
        self._ring()

    def stops_by(self, stop: Callable[[], None]) -> None:
        """Now there is something to stop; who asked before is heard, too."""
        self._stop = stop
        if self._stopped:
            stop()

    def stop(self) -> None:
        self._stopped = True
        if self._stop is not None:
            self._stop()

    def _ring(self) -> None:
        self._news.set()
        self._news = anyio.Event()

    async def follow(self, *, whole: bool = False) -> AsyncIterator[bytes]:
        """All events from the first, as they come, until the turn is over.

        What has gathered comes in one piece. The `whole` message begins with what was there before.
        """
        told = 0
        while True:
            news = self._news
            if told < len(self.frames):
                fresh, told = self.frames[told:], len(self.frames)
                if whole:
                    fresh[1:1] = [f"data: {json.dumps(each)}\n\n".encode() for each in self.before]
                    whole = False
                yield b"".join(fresh)
            if self.done:
                return
            await news.wait()

    async def chunks(self) -> AsyncIterator[Chunk]:
        """What `follow` tells, as values."""
        async for events in self.follow():
            for event in events.decode().split("\n\n")[:-1]:
                data = event.partition("data: ")[2]
                if data != DONE:
                    yield json.loads(data)


@dataclass
class Turns:
    """The turns that run now: one at a time in a conversation."""

    running: dict[str, Turn] = field(default_factory=dict[str, Turn])

    def begin(self, chat_id: str, message_id: str, owner: str, before: Sequence[Chunk] = ()) -> Turn:
        """Take the conversation's one place; `TurnRunning` if it is taken, `TooFast` if its owner has enough."""
        if chat_id in self.running:
            raise TurnRunning(chat_id)
        if sum(each.owner == owner for each in self.running.values()) >= AT_ONCE_MAX:
            raise TooFast(AT_ONCE_SECONDS)
        turn = Turn(chat_id, message_id, owner, before)
        self.running[chat_id] = turn
        return turn

    def leave(self, turn: Turn) -> None:
        """Give the place back, and tell the followers that this was all."""
        self.running.pop(turn.chat_id, None)
        turn.finish()


class Stage(Protocol):
    """Where turns are played."""

    async def play(self, turn: Turn, studio: Studio, owner: str, ask: Ask) -> None:
        """Run a begun turn to its end, and keep what was said."""
        ...

    async def waiting(self, studio: Studio, owner: str, chat_id: str) -> tuple[str, ...]:
        """The tool calls of a conversation that wait for a person's answer."""
        ...

    def forget(self, state: str, said: Collection[str]) -> str:
        """The agent's memory without these messages of a person, and without all that followed them."""
        ...
