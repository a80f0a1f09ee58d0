"""A model's words go up in pieces: none is lost, none waits long, and what is no word does not wait."""

import time
from collections.abc import AsyncIterator

import anyio
import pytest
from pydantic_ai.messages import (
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPartDelta,
    ToolCallPartDelta,
)

from agent.calm import WINDOW_SECONDS, calm, joined, words

Event = ModelResponseStreamEvent


def text(said: str, index: int = 0) -> PartDeltaEvent:
    return PartDeltaEvent(index=index, delta=TextPartDelta(said))


def said(events: list[Event]) -> list[str | None]:
    return [words(event) for event in events]


async def spoken(events: list[Event], pause_seconds: float = 0) -> AsyncIterator[Event]:
    for event in events:
        yield event
        await anyio.sleep(pause_seconds)


async def test_the_first_word_does_not_wait_and_the_rest_comes_in_pieces() -> None:
    told = [event async for event in calm(spoken([text(f"{n} ") for n in range(100)], 0.0005))]

    assert words(told[0]) == "0 "
    assert len(told) < 50
    assert "".join(str(each) for each in said(told)) == "".join(f"{n} " for n in range(100))


async def test_a_word_is_told_although_the_next_one_never_comes() -> None:
    silent = anyio.Event()

    async def stalls() -> AsyncIterator[Event]:
        yield text("one ")
        yield text("two ")
        await silent.wait()

    pieces = calm(stalls())
    with anyio.fail_after(10):
        told = [await anext(pieces)]
        while "two" not in "".join(str(each) for each in said(told)):
            told.append(await anext(pieces))
    await pieces.aclose()

    assert "".join(str(each) for each in said(told)) == "one two "


async def test_what_is_no_word_does_not_wait_for_the_window() -> None:
    part = TextPart("x")
    events: list[Event] = [PartStartEvent(index=0, part=part), text("a"), PartEndEvent(index=0, part=part)]
    rounds = 40

    began = time.perf_counter()
    for _ in range(rounds):
        assert [type(each) async for each in calm(spoken(events))] == [type(each) for each in events]

    assert time.perf_counter() - began < rounds * WINDOW_SECONDS


async def test_an_error_comes_after_the_words_before_it() -> None:
    async def breaks() -> AsyncIterator[Event]:
        yield text("one ")
        yield text("two ")
        raise ConnectionError("gone")

    pieces = calm(breaks())

    assert words(await anext(pieces)) == "one two "
    with pytest.raises(ConnectionError, match="gone"):
        await anext(pieces)


async def test_who_stops_listening_stops_the_reading() -> None:
    ended = anyio.Event()

    async def endless() -> AsyncIterator[Event]:
        try:
            while True:
                yield text("on ")
                await anyio.sleep(0.001)
        finally:
            ended.set()

    pieces = calm(endless())
    await anext(pieces)
    await pieces.aclose()

    assert ended.is_set()


def test_only_words_of_the_same_part_are_joined() -> None:
    thought = PartDeltaEvent(index=0, delta=ThinkingPartDelta(content_delta="hm"))
    call = PartDeltaEvent(index=1, delta=ToolCallPartDelta(args_delta="{"))
    signed = PartDeltaEvent(index=0, delta=ThinkingPartDelta(content_delta="", signature_delta="s"))
    events: list[Event] = [
        thought,
        thought,
        text("a"),
        text("b"),
        text("c", 1),
        call,
        call,
        signed,
        text("d"),
    ]

    assert said(list(joined(events))) == ["hmhm", "ab", "c", None, None, None, "d"]
