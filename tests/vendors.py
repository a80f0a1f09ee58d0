"""Vendors as they are on the wire: real sockets on this machine, real HTTP, and a count of what came.

A test says what the vendor does next in words that hold for every vendor; how that looks on the
wire is the fake's own affair.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import anyio
from anyio import BrokenResourceError, EndOfStream
from anyio.abc import SocketAttribute, SocketStream

from tests.conftest import Clock, Floor, open_floor
from tools.providers.openai_videos import ProfileName
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

    def answer(self, heard: Heard) -> Reply | None:
        raise AssertionError(f"nobody was to ask for {heard.path}")

    async def serve(self, stream: SocketStream) -> None:
        with suppress(EndOfStream, BrokenResourceError):  # who asked hung up first
            async with stream:
                heard = await _listen(stream)
                self.heard.append(heard)
                reply = self.answer(heard)
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


# --- /v1/videos ------------------------------------------------------------------------------

ON_THE_WIRE: dict[Word, str] = {
    "queued": "queued",
    "running": "in_progress",
    "done": "completed",
    "failed": "failed",
    "canceled": "cancelled",
    "strange": "pondering",
}


@dataclass
class VideosServer(Loopback):
    """Speaks `/v1/videos` as its profile's server does: that one's bodies, words and habits."""

    profile: ProfileName = "generic"
    clip: bytes = b""
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    word: Word = "done"  # what it says about every job
    progress: int = 100
    error: Any = None
    on_submit: Reply | None = None
    on_poll: Reply | None = None
    on_fetch: Reply | None = None
    loses_answers: bool = False
    nameless: bool = False

    def answer(self, heard: Heard) -> Reply | None:
        if heard.headers.get("authorization") != f"Bearer {KEY}":
            return told({"error": {"message": "no such key", "code": "invalid_api_key"}}, 401)
        job = heard.path.removeprefix("/v1/videos").strip("/")
        match heard.method:
            case "POST":
                return self._take(heard)
            case "GET" if job.endswith("/content"):
                return self.on_fetch or self._content(job.removesuffix("/content"))
            case "GET":
                return self.on_poll or self._tell(job)
            case "DELETE":
                return self._delete(job)
            case _:
                return told({"detail": "Method Not Allowed"}, 405)

    def _take(self, heard: Heard) -> Reply | None:
        if heard.path != "/v1/videos":
            return told({"detail": "Not Found"}, 404)
        if self.on_submit is not None:
            return self.on_submit
        fields = self._read(heard)
        if fields is None:
            return told({"detail": [{"loc": ["body", "prompt"], "msg": "Field required"}]}, 422)
        name = f"video_{len(self.jobs) + 1}"
        self.jobs[name] = {"id": name, "object": "video"} | fields
        if self.loses_answers:
            return None
        shown = {"object": "video"} if self.nameless else self.jobs[name]
        return told(shown | {"status": "queued", "progress": 0})

    def _read(self, heard: Heard) -> dict[str, Any] | None:
        """The fields of a body that this server can read."""
        kind = heard.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            return _form(heard.body, kind.partition("boundary=")[2].encode())
        if kind == "application/json" and self.profile != "vllm-omni":
            return json.loads(heard.body)
        return None

    def _tell(self, name: str) -> Reply:
        if name not in self.jobs:
            return told({"detail": "Video not found"}, 404)
        said = {"status": ON_THE_WIRE[self.word], "progress": self.progress, "error": self.error}
        return told(self.jobs[name] | said)

    def _content(self, name: str) -> Reply:
        if name not in self.jobs or self.word != "done":
            return told({"detail": "Generation is still in-progress"}, 404)
        return Reply(200, self.clip, ("content-type: video/mp4",))

    def _delete(self, name: str) -> Reply:
        if self.jobs.pop(name, None) is None:
            return told({"detail": "Video not found"}, 404)
        return told({"id": name, "object": "video.deleted", "deleted": True})


def _form(body: bytes, boundary: bytes) -> dict[str, Any]:
    """The text fields of a multipart form."""
    fields: dict[str, Any] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
        fields[head.partition(b'name="')[2].partition(b'"')[0].decode()] = value.decode()
    return fields


# --- a studio with one ------------------------------------------------------------------------

PRICE = """
[[price]]
provider = "openai_videos"
model = "wan-test"
kind = "video"
unit = "second"
usd = "0.10"
resolution = "720p"
seconds = [4, 8]
aspect_ratios = ["16:9", "9:16"]
source = "our own machine's bill"
as_of = 2026-11-21
"""


def priced(folder: Path, text: str = PRICE) -> Path:
    path = folder / "own-prices.toml"
    path.write_text(text, "utf-8")
    return path


@asynccontextmanager
async def open_with(config: Config, clock: Clock) -> AsyncGenerator[Floor]:
    """A studio that is worked by hand, with the server set up as its settings say."""
    async with open_floor(config, clock) as floor, floor.kit.providers["openai_videos"].opened():
        yield floor
