"""A turn: a person's message and the reply to it, as a stream of AI SDK chunks.

A turn belongs to the server. It runs to its end whoever listens, and everybody who follows it
gets all of it from the beginning. This module is light; what plays a turn is `agent.stage`.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol

import anyio

from agent.messages import Message
from tools.errors import TurnRunning
from tools.studio import Studio

DONE = "[DONE]"


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


@dataclass
class Turn:
    """A running or finished turn. `frames` are the JSON texts of its chunks, each made once."""

    chat_id: str
    message_id: str
    frames: list[str] = field(default_factory=list[str])
    done: bool = False
    stop: Callable[[], None] | None = None  # set once there is something to stop
    _news: anyio.Event = field(default_factory=anyio.Event)

    def add(self, frame: str) -> None:
        self.frames.append(frame)
        self._ring()

    def finish(self) -> None:
        self.done = True
        self._ring()

    def _ring(self) -> None:
        self._news.set()
        self._news = anyio.Event()

    async def follow(self) -> AsyncIterator[str]:
        """Every frame from the first, as they come, until the turn is over."""
        told = 0
        while True:
            news = self._news
            while told < len(self.frames):
                yield self.frames[told]
                told += 1
            if self.done:
                return
            await news.wait()


@dataclass
class Turns:
    """The turns that run now: one at a time in a conversation."""

    running: dict[str, Turn] = field(default_factory=dict[str, Turn])

    def begin(self, chat_id: str, message_id: str) -> Turn:
        """Take the conversation's one place; `TurnRunning` if it is taken."""
        if chat_id in self.running:
            raise TurnRunning(chat_id)
        turn = Turn(chat_id, message_id)
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
