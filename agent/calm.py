"""Words at the pace of eyes: what a model says within a few milliseconds goes up as one piece.

Below the agent's graph, because that is where a piece costs the most. The first word is not kept
waiting, nor is anything that is no word; what was kept goes up with it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    TextPartDelta,
    ThinkingPartDelta,
)
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

WINDOW_SECONDS = 0.033
Event = ModelResponseStreamEvent


class Calm(WrapperModel):
    """A model whose words come in pieces."""

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        async with super().request_stream(
            messages, model_settings, model_request_parameters, run_context
        ) as heard:
            pieces = calm(aiter(heard))
            # Where the library keeps the iterator of a response that is read already: all readers share it.
            heard._event_iterator = pieces  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            try:
                yield heard
            finally:
                await pieces.aclose()


@dataclass
class _Heard:
    """What came since it was last taken. `urgent` is set by whatever may not wait."""

    events: list[Event] = field(default_factory=list[Event])
    any: asyncio.Event = field(default_factory=asyncio.Event)
    urgent: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, event: Event) -> None:
        self.events.append(event)
        self.any.set()
        if words(event) is None:
            self.urgent.set()

    def end(self) -> None:
        self.any.set()
        self.urgent.set()

    async def rest(self, seconds: float) -> None:
        """Let words gather, unless something comes that may not wait.

        A timer and no scope: a generator may be left in the middle, and a scope that nobody leaves
        breaks those around it.
        """
        timer = asyncio.get_running_loop().call_later(seconds, self.urgent.set)
        try:
            await self.urgent.wait()
        finally:
            timer.cancel()

    def take(self) -> list[Event]:
        taken, self.events = self.events, []
        self.any.clear()
        self.urgent.clear()
        return taken


async def calm(events: AsyncIterator[Event]) -> AsyncGenerator[Event]:
    """The same events, with words of the same part joined that came within one window."""
    heard = _Heard()
    # No group can own it: a generator may be closed by another task than the one that began it.
    reader = asyncio.ensure_future(_read(events, heard))
    reader.add_done_callback(lambda _: heard.end())
    try:
        while True:
            await heard.any.wait()
            ended = reader.done()
            for event in joined(heard.take()):
                yield event
            if ended:
                reader.result()  # raises what ended it
                return
            await heard.rest(WINDOW_SECONDS)
    finally:
        if not reader.done():
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader


async def _read(events: AsyncIterator[Event], heard: _Heard) -> None:
    async for event in events:
        heard.add(event)


def words(event: Event) -> str | None:
    """What a piece of text or thought says; None for all that is more than that, or something else."""
    match event:
        case PartDeltaEvent(delta=TextPartDelta(provider_details=None, citations_delta=None) as delta):
            return delta.content_delta
        case PartDeltaEvent(delta=ThinkingPartDelta(provider_details=None, signature_delta=None) as delta):
            return delta.content_delta
        case _:
            return None


def joined(events: Iterable[Event]) -> Iterator[Event]:
    """Neighbours that say more of the same part are one."""
    kept: list[PartDeltaEvent] = []
    for event in events:
        if isinstance(event, PartDeltaEvent) and words(event) is not None:
            if kept and (kept[0].index, type(kept[0].delta)) != (event.index, type(event.delta)):
                yield _whole(kept)
                kept = []
            kept.append(event)
            continue
        if kept:
            yield _whole(kept)
            kept = []
        yield event
    if kept:
        yield _whole(kept)


def _whole(kept: list[PartDeltaEvent]) -> PartDeltaEvent:
    if len(kept) == 1:
        return kept[0]
    said = "".join(words(each) or "" for each in kept)
    first = kept[0].delta
    assert isinstance(first, TextPartDelta | ThinkingPartDelta)  # noqa: S101 -- nothing else has words
    return replace(kept[0], delta=replace(first, content_delta=said))
