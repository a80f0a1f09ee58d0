"""What a maker's server sends, a few milliseconds of it at a time.

A socket that is read at every word wakes everything above it fifty times a second. So a stream whose
words have begun rests between two looks, while the system keeps what comes; then all that is there is
read at once, its words are joined, and it goes up as one piece. The first word is not kept waiting.

One process passes so many pieces on in a second and no more: with many streams each of them rests longer.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

import httpx2
from pydantic_ai.models import create_async_httpx2_client

from agent.calm import WINDOW_SECONDS
from agent.lines import Lines

WINDOW_SECONDS_MAX = 0.2
TURNS = (
    3  # of the event loop, until what the system has kept is read, too: it looks, takes, and wakes the reader
)
PIECES_A_SECOND = 1_500
HEARD_BYTES_MAX = 256 * 1024  # and no more is read until that is taken


@dataclass
class Crowd:
    """The streams that are open in this process."""

    open: int = 0

    @property
    def window_seconds(self) -> float:
        return min(max(WINDOW_SECONDS, self.open / PIECES_A_SECOND), WINDOW_SECONDS_MAX)


def open_client(crowd: Crowd) -> httpx2.AsyncClient:
    """The framework's own client, whose streams of events rest between two looks.

    Who is answered with a stream has been heard, so what was asked, a whole conversation, is let go.
    """

    async def gather(response: httpx2.Response) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if kind != "text/event-stream" or not response.is_success:
            return  # one that asks to go elsewhere is asked again there
        response.request = _let_go(response.request)
        if "content-encoding" not in response.headers:
            assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 -- the client is asynchronous
            response.stream = Gathered(response.stream, crowd)

    client = create_async_httpx2_client()
    client.event_hooks["request"].append(_hold)
    client.event_hooks["response"].append(gather)
    return client


@dataclass
class Asked(httpx2.AsyncByteStream):
    """What a request says, until it is let go. A connection holds it as long as the answer comes."""

    said: bytes

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        yield self.said


async def _hold(request: httpx2.Request) -> None:
    request.stream = Asked(await request.aread())


def _let_go(request: httpx2.Request) -> httpx2.Request:
    """The same request without what it said. The maker's library still reads its headers."""
    if isinstance(request.stream, Asked):
        request.stream.said = b""
    return httpx2.Request(request.method, request.url, headers=request.headers, stream=request.stream)


@dataclass
class _Heard:
    """What was read since it was last taken, and when its reader may look again."""

    pieces: list[bytes] = field(default_factory=list[bytes])
    size_bytes: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    room: asyncio.Event = field(default_factory=asyncio.Event)
    begun: bool = False
    rests_until: float = 0.0

    def add(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self.size_bytes += len(piece)

    def tell(self, turns: int) -> None:
        """Wake whoever waits, after so many turns of the event loop."""
        if turns:
            asyncio.get_running_loop().call_soon(self.tell, turns - 1)
        else:
            self.news.set()

    def rest(self, seconds: float) -> None:
        self.rests_until = asyncio.get_running_loop().time() + seconds

    def take(self) -> bytes:
        taken, self.pieces, self.size_bytes = b"".join(self.pieces), [], 0
        self.begun = False
        self.news.clear()
        self.room.set()
        return taken


@dataclass
class Gathered(httpx2.AsyncByteStream):
    """The bytes of a stream of events, in fewer pieces.

    It is read once: who goes through it again goes on where the last one stopped. OpenAI's library does, to
    empty what it has heard to the end, and a connection that is read behind its end never says so.
    """

    source: httpx2.AsyncByteStream
    crowd: Crowd
    _heard: _Heard = field(default_factory=_Heard)
    _lines: Lines = field(default_factory=Lines)
    _reader: asyncio.Task[None] | None = None

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        reader = self._reader = self._reader or self._begin()
        try:
            ended = False
            while not ended:
                if not reader.done():
                    await self._heard.news.wait()
                ended = reader.done()
                if said := self._lines.pass_on(self._heard.take()):
                    if self._lines.spoke:
                        self._heard.rest(self.crowd.window_seconds)
                    yield said
            if rest := self._lines.take_rest():
                yield rest
            if not reader.cancelled():  # else who reads it has closed it
                reader.result()  # raises what ended it
        finally:
            reader.cancel()  # and no waiting: a generator that is left behind is closed by two at once

    def _begin(self) -> asyncio.Task[None]:
        # No group can own it: a generator may be closed by another task than the one that began it.
        reader = asyncio.ensure_future(_read(aiter(self.source), self._heard))
        reader.add_done_callback(self._ended)
        self.crowd.open += 1
        return reader

    def _ended(self, reader: asyncio.Task[None]) -> None:
        self.crowd.open -= 1
        self._heard.news.set()
        if not reader.cancelled():
            reader.exception()  # whoever still listens is told

    async def aclose(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait({self._reader})
        await self.source.aclose()


async def _read(source: AsyncIterator[bytes], heard: _Heard) -> None:
    """Read on; whoever waits is told of what gathered, when the stream has rested."""
    loop = asyncio.get_running_loop()
    async for piece in source:
        heard.add(piece)
        if not heard.begun:
            heard.begun = True
            if (rest := heard.rests_until - loop.time()) > 0:
                await asyncio.sleep(rest)
            heard.tell(TURNS)
        if heard.size_bytes >= HEARD_BYTES_MAX:
            heard.room.clear()
            await heard.room.wait()
