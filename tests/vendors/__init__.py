"""Vendors as they are on the wire: real sockets on this machine, real HTTP, and a count of what came.

A test says what the vendor does next in words that hold for every vendor; how that looks on the
wire is the fake's own affair. Each has a file of its own, with a row for the suite that holds for all.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, Literal, TypeVar

import anyio
from anyio import BrokenResourceError, EndOfStream
from anyio.abc import SocketAttribute, SocketStream

from tests.conftest import Clock, Floor, open_floor
from tools.providers.base import Picture
from tools.studio import Config

KEY = "sk-made-up-0123456789"
Word = Literal["queued", "running", "done", "failed", "canceled", "strange"]


@dataclass(frozen=True)
class Heard:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """`length` is what the answer says of itself; a `body` that is shorter breaks off."""

    status: int
    body: bytes = b""
    headers: tuple[str, ...] = ()
    length: int | None = None

    @property
    def raw(self) -> bytes:
        length = len(self.body) if self.length is None else self.length
        lines = [f"HTTP/1.1 {self.status} Said", f"content-length: {length}", "connection: close"]
        return "\r\n".join([*lines, *self.headers, "", ""]).encode() + self.body


def told(body: Any, status: int = 200, *headers: str) -> Reply:
    return Reply(status, json.dumps(body).encode(), ("content-type: application/json", *headers))


@dataclass
class Loopback:
    """A listener that reads whole requests and hands them to `answer`; None hangs up."""

    port: int = 0
    heard: list[Heard] = field(default_factory=list[Heard])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def posts(self) -> int:
        return sum(each.method == "POST" for each in self.heard)

    def reply(self, heard: Heard) -> Reply | None:
        return self.answer(heard)

    def answer(self, heard: Heard) -> Reply | None:
        raise AssertionError(f"nobody was to ask for {heard.path}")

    async def pause(self) -> None:
        """What is done before an answer, as long as it takes."""

    async def serve(self, stream: SocketStream) -> None:
        with suppress(EndOfStream, BrokenResourceError):  # who asked hung up first
            async with stream:
                heard = await _listen(stream)
                self.heard.append(heard)
                await self.pause()
                reply = self.reply(heard)
                if reply is not None:
                    await stream.send(reply.raw)


Listener = TypeVar("Listener", bound=Loopback)


async def _listen(stream: SocketStream) -> Heard:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += await stream.receive()
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += await stream.receive()
    method, path, _ = first.split(" ")
    return Heard(method, path, headers, body)


@asynccontextmanager
async def listening(vendor: Listener) -> AsyncGenerator[Listener]:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    vendor.port = listener.extra(SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, vendor.serve)
        yield vendor
        group.cancel_scope.cancel()


@dataclass
class Elsewhere(Loopback):
    """Another origin on this machine, with a clip that anybody may have."""

    clip: bytes = b""

    def answer(self, heard: Heard) -> Reply | None:  # noqa: ARG002 -- whatever is asked
        return Reply(200, self.clip, ("content-type: video/mp4",))


@dataclass(frozen=True)
class Call:
    """A webhook as the vendor sends it."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Fake(Loopback):
    """What a test can say to every vendor. `jobs` are what was made, field by field as it came.

    `why` are its words for a failure, `bill` what it says that a job that is over costs, in dollars;
    None where it leaves that out. `pictures` and `addresses` (to call) came with requests.
    """

    clip: bytes = b""
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    pictures: list[Picture] = field(default_factory=list[Picture])
    addresses: list[str] = field(default_factory=list[str])
    word: Word = "done"  # what it says about every job
    progress: int = 100
    why: str | None = None
    bill: str | None = None
    on_submit: Reply | None = None
    on_poll: Reply | None = None
    on_fetch: Reply | None = None
    on_cancel: Reply | None = None
    loses_answers: bool = False

    def reply(self, heard: Heard) -> Reply | None:
        is_cancel = heard.method in ("DELETE", "PUT") or heard.path.endswith("/cancel")
        return self.on_cancel if is_cancel and self.on_cancel is not None else self.answer(heard)

    def acceptance(self, name: Any) -> Reply:
        """The job is taken, and has this name."""
        return told({"id": name})

    def complaint(self, words: str, status: int) -> Reply:
        """An error with these words."""
        return told({"error": {"message": words, "code": "no"}}, status, "retry-after: 30")

    def call(self, name: str, word: Word, at: datetime) -> Call:
        """The webhook about a job with this name that the vendor sends at that time."""
        raise AssertionError(f"nobody was to call about {name}, {word} at {at}")


# --- an adapter, or a studio with one ------------------------------------------------------------------------


@cache
def _rooms() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="vendors-")


def room() -> Path:
    """A folder for an adapter alone, which is gone when the tests are."""
    return Path(mkdtemp(dir=_rooms().name))


def priced(folder: Path, text: str) -> Path:
    path = folder / "own-prices.toml"
    path.write_text(text, "utf-8")
    return path


@asynccontextmanager
async def open_with(config: Config, clock: Clock, vendor: str) -> AsyncGenerator[Floor]:
    """A studio that is worked by hand, with this vendor set up as the settings say."""
    async with open_floor(config, clock) as floor, floor.kit.providers[vendor].opened():
        yield floor
