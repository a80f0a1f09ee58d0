"""Words are joined on the wire: nothing is lost, changed or late, however the bytes come."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import Any

import anyio
import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_ai import ModelMessage, ModelRequest, ModelResponse
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from agent.gather import HEARD_BYTES_MAX, WINDOW_SECONDS, WINDOW_SECONDS_MAX, Crowd, Gathered, open_client
from agent.lines import REST_BYTES_MAX, Lines, word_in


def event(delta: dict[str, Any], *, finish: str | None = None, end: str = "\n\n", **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    said = {"id": "c-1", "created": 1_790_000_000, "model": "m", "choices": [choice], "usage": None, **more}
    return f"data: {json.dumps(said, ensure_ascii=False)}{end}".encode()


def word(text: str, **more: Any) -> bytes:
    return event({"content": text}, **more)


def call(arguments: str, **names: Any) -> bytes:
    return event({"tool_calls": [{"index": 0, "function": {"arguments": arguments}, **names}]})


USAGE = {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}
STREAM = [
    event({"role": "assistant", "content": ""}),
    event({"content": "", "reasoning_content": "Let me "}),
    event({"content": "", "reasoning_content": "see. "}),
    b": a comment\n\n",
    word("\n"),
    word("Grüße, "),
    word("\U0001f98a "),
    word('she said "'),
    word("no\\", end="\r\n\r\n"),
    word('n". ', created=1_790_000_001, obfuscation="x9"),
    word("  "),
    word("a <b> c"),
    word(" and "),
    word("on. ", system_fingerprint="other"),
    call("", id="call_1", type="function") .replace(b'"arguments": ""', b'"name": "f", "arguments": ""'),
    call('{"a":'),
    call(" 1}"),
    event({}, finish="tool_calls"),
    b"data: " + json.dumps({"id": "c-1", "created": 1, "model": "m", "choices": [], "usage": USAGE}).encode() + b"\n\n",
    b"data: [DONE]\n\n",
]  # fmt: skip


def joined(pieces: Sequence[bytes]) -> bytes:
    lines = Lines()
    return b"".join(lines.pass_on(piece) for piece in pieces) + lines.rest


def cut(whole: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted({0, len(whole), *(place % len(whole) for place in places)})
    return [whole[a:b] for a, b in pairwise(ends)]


class Pieces(httpx2.AsyncByteStream):
    """A response's bytes: all there at once, or each at its time, and kept until somebody looks."""

    def __init__(
        self, pieces: Sequence[bytes], pause_seconds: float = 0, broken: Exception | None = None
    ) -> None:
        self.pieces = pieces
        self.pause_seconds = pause_seconds
        self.broken = broken
        self.begun = 0
        self.told: int = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun += 1
        began = time.perf_counter()
        for n, piece in enumerate(self.pieces):
            if (wait := began + n * self.pause_seconds - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            self.told += 1
            yield piece
        if self.broken is not None:
            raise self.broken

    async def aclose(self) -> None:
        self.closed = True


async def answer(stream: httpx2.AsyncByteStream) -> ModelResponse:
    """What the maker's library and the framework make of it."""

    def respond(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=stream)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(respond)) as client:
        return await asked(client)


async def asked(client: httpx2.AsyncClient, address: str | None = None) -> ModelResponse:
    model = OpenAIChatModel("m", provider=OpenAIProvider(address, api_key="k", http_client=client))
    question: list[ModelMessage] = [ModelRequest.user_text_prompt("?")]
    async with model.request_stream(question, None, ModelRequestParameters()) as heard:
        async for _ in heard:
            pass
        return heard.get()


def told(said: ModelResponse) -> Any:
    return said.parts, said.usage, said.finish_reason, said.provider_response_id, said.model_name


async def test_the_library_hears_the_same_answer() -> None:
    plain = await answer(Pieces(STREAM))
    for pieces in ([b"".join(STREAM)], STREAM, cut(b"".join(STREAM), range(0, 9_000, 7))):
        assert told(await answer(Gathered(Pieces(pieces), Crowd()))) == told(plain)


@settings(max_examples=30)
@given(st.permutations(STREAM[:-1]), st.lists(st.integers(0, 10_000), max_size=12))
def test_wherever_it_is_cut_the_same_is_said(events: list[bytes], places: list[int]) -> None:
    whole = b"".join(events)

    assert said_in(joined(cut(whole, places))) == said_in(whole)


def said_in(stream: bytes) -> list[Any]:
    """Events as values: runs of words of one answer as one."""
    found: list[Any] = []
    for raw in stream.replace(b"\r\n", b"\n").split(b"\n\n"):
        known = word_in(raw)
        if known is None:
            found.append(raw)
        elif found and isinstance(found[-1], list) and found[-1][:2] == [known.name, known.around]:
            found[-1][2] += known.text
        else:
            found.append([known.name, known.around, known.text])
    return found


def test_words_become_one_event_and_nothing_else_does() -> None:
    told = joined([b"".join(STREAM)])

    contents = [json.loads(raw[6:])["choices"][0]["delta"].get("content") for raw in told.split(b"\n\n")[3:8]]
    assert contents == ["\n", 'Grüße, \U0001f98a she said "no\\n".   ', "a <b> c", " and ", "on. "]
    assert told.count(b"data: ") == len(STREAM) - 1 - 6  # a comment is no event; two runs of two and of six


@pytest.mark.parametrize(
    "other",
    [
        word("b", usage=USAGE),
        word("b", id="c-2"),
        word("b", citations=["x"]),
        word("<think>"),
        event({"content": "b", "tool_calls": [{"index": 0}]}),
        event({"content": "b", "refusal": "no"}),
        event({"content": "b"}, finish="stop"),
        event({"reasoning": "b"}),
        event({"content": ["b"]}),
        word("b").replace(b'"logprobs": null', b'"logprobs": {"content": [1]}'),
        word("b").replace(b'"index": 0', b'"index": 1'),
        b"event: x\n" + word("b"),
        word("b").replace(b"}", b""),
        b"data: [1]\n\n",
        b"data: \xff\n\n",
    ],
)
def test_what_says_more_than_words_passes_to_the_byte(other: bytes) -> None:
    around = [word("a"), other, word("c")]

    assert joined([b"".join(around)]) == b"".join(around)


def test_an_event_without_end_is_passed_on_in_pieces() -> None:
    lines = Lines()
    endless = [b"data: " + b"x" * 1_000 for _ in range(200)]
    told = b"".join(lines.pass_on(piece) for piece in endless)

    assert len(lines.rest) <= REST_BYTES_MAX
    assert told + lines.rest == b"".join(endless)


async def test_the_first_word_does_not_wait_and_those_after_it_come_together() -> None:
    source = Pieces([STREAM[0], *(word(f"{n} ") for n in range(40))], 0.005)
    began, first, told = time.perf_counter(), 0.0, list[bytes]()
    async for piece in Gathered(source, Crowd()):
        told.append(piece)
        if b'"0 ' in piece:
            first = time.perf_counter() - began

    assert first < 10 * WINDOW_SECONDS
    assert len(told) < 25
    assert said_in(b"".join(told)) == said_in(b"".join(source.pieces))


async def test_a_word_is_told_although_the_next_one_never_comes() -> None:
    source = Pieces([word("one "), word("two "), word("never")], 0.001)
    never = asyncio.Event()

    class Silent(Pieces):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in source.pieces[:2]:
                yield piece
            await never.wait()

    stream = Gathered(Silent([]), Crowd())
    pieces = aiter(stream)
    with anyio.fail_after(10):
        told = await anext(pieces)
        while b"two" not in told:
            told += await anext(pieces)
        await stream.aclose()

        assert [piece async for piece in pieces] == []


async def test_an_error_comes_after_the_words_before_it() -> None:
    pieces = aiter(Gathered(Pieces([word("one "), b"data: {"], broken=httpx2.ReadError("gone")), Crowd()))

    assert await anext(pieces) == word("one ")
    assert await anext(pieces) == b"data: {"
    with pytest.raises(httpx2.ReadError, match="gone"):
        await anext(pieces)


async def test_who_goes_through_it_again_hears_the_rest_and_it_is_read_once() -> None:
    source = Pieces([word("one "), word("two "), b"data: {"], 0.001)
    stream = Gathered(source, Crowd())
    first = aiter(stream)
    told = await anext(first)
    with anyio.fail_after(10):
        told += b"".join([piece async for piece in stream])
        more = [piece async for piece in stream]
    await first.aclose()

    assert said_in(told) == said_in(b"".join(source.pieces))
    assert (more, source.begun) == ([], 1)


async def test_to_close_what_is_left_behind_waits_for_nobody() -> None:
    stream = Gathered(Pieces([word("on ")] * 1_000, 0.001), Crowd())
    pieces = aiter(stream)
    await anext(pieces)

    with pytest.raises(StopIteration):  # without giving way: the event loop may be closing it, too
        pieces.aclose().send(None)
    await stream.aclose()


async def test_no_more_is_read_than_somebody_takes() -> None:
    class Endless(Pieces):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:  # and never gives way to anybody else
                self.told += 1
                yield b": " + b"x" * 1_020 + b"\n\n"

    source = Endless([])
    pieces = aiter(Gathered(source, Crowd()))
    taken = len(await anext(pieces)) + len(await anext(pieces))
    await pieces.aclose()

    assert taken <= source.told * 1_024 <= taken + HEARD_BYTES_MAX


WHOLE = b"".join(STREAM)
CHUNKED = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in STREAM)


@pytest.mark.parametrize(
    ("head", "body", "closes"),
    [
        (b"connection: close", WHOLE, True),
        (b"connection: close\r\ncontent-length: 1000000", WHOLE, True),
        (b"connection: close\r\ncontent-length: 1000000", WHOLE, False),  # and it falls silent
        (b"content-length: %d" % len(WHOLE), WHOLE, False),
        (b"content-length: %d\r\nconnection: close" % len(WHOLE), WHOLE, True),
        (b"transfer-encoding: chunked", CHUNKED + b"0\r\n\r\n", False),
        (b"transfer-encoding: chunked\r\nconnection: close", CHUNKED + b"0\r\n\r\n", True),
        (b"transfer-encoding: chunked", CHUNKED, False),
        (b"transfer-encoding: chunked", CHUNKED, True),
    ],
)
@pytest.mark.parametrize("pieces", [1, 7])
async def test_however_a_server_ends_the_answer_is_whole(
    head: bytes, body: bytes, pieces: int, *, closes: bool
) -> None:
    size = len(body) // pieces + 1

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(
                    int(request.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                )
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n" + head + b"\r\n\r\n")
                for begin in range(0, len(body), size):
                    writer.write(body[begin : begin + size])
                    await writer.drain()
                    await asyncio.sleep(0.002)
                if closes:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has closed
        finally:
            writer.close()

    plain = told(await answer(Pieces(STREAM)))
    crowd = Crowd()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server, open_client(crowd) as client:
        with anyio.fail_after(20):
            answers = [told(await asked(client, address)) for _ in range(3)]

    assert (answers, crowd.open) == ([plain] * 3, 0)


async def test_who_stops_listening_stops_the_reading_and_leaves_the_crowd() -> None:
    crowd, source = Crowd(), Pieces([word("on ")] * 1_000, 0.001)
    stream = Gathered(source, crowd)
    pieces = aiter(stream)
    await anext(pieces)
    counted = crowd.open
    await pieces.aclose()
    told = source.told
    await asyncio.sleep(0.02)

    assert (counted, crowd.open, source.told) == (1, 0, told)


def test_many_streams_rest_longer_and_never_for_long() -> None:
    windows = [Crowd(count).window_seconds for count in (1, 30, 200, 100_000)]

    assert windows == sorted(windows)
    assert (windows[0], windows[-1]) == (WINDOW_SECONDS, WINDOW_SECONDS_MAX)
    assert windows[2] > 4 * WINDOW_SECONDS


async def test_what_was_asked_is_let_go_when_its_answer_begins_and_not_before() -> None:
    question, heard = b"a long conversation " * 50_000, list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heard.append(await reader.readexactly(len(question)))
        elsewhere = (
            b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /there\r\n"
            b"content-type: text/event-stream\r\ncontent-length: 0\r\n\r\n"
        )
        events = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9\r\n\r\n: talks\n\n"
        writer.write(elsewhere if b"/here" in head else events)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, open_client(Crowd()) as client:
        held = sys.getrefcount(question)
        answered = await client.send(
            client.build_request("POST", f"{address}/there", content=question), stream=True
        )
        still_held = sys.getrefcount(question)
        told = await answered.aread()
        sent_on = await client.post(f"{address}/here", content=question, follow_redirects=True)

    assert (still_held, told, sent_on.content) == (held, b": talks\n\n", b": talks\n\n")
    assert heard == [question] * 3
