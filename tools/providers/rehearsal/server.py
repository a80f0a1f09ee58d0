"""The vendor's server: HTTP on a port of this machine, and what goes wrong on that way.

It writes to the socket itself, because what goes wrong on a wire is no well-formed answer.

    POST /v1/jobs                    an order; `Idempotency-Key` is honoured as the shop's terms say
    GET  /v1/jobs?ids=a,b            several jobs; ?client_ref= those of one order; ?since= a list
    GET  /v1/jobs/ID                 one job
    POST /v1/jobs/ID/cancel          stop it
    GET  /v1/jobs/ID/content?...     its clip, by the link in its answer
"""

import json
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import anyio
import anyio.to_thread
import h11
from anyio import BrokenResourceError, ClosedResourceError, EndOfStream
from anyio.abc import SocketAttribute, SocketStream
from pydantic import TypeAdapter

from tools.clock import read_stamp
from tools.errors import StudioError
from tools.providers.base import RenderRequest
from tools.providers.rehearsal.meter import Accepted
from tools.providers.rehearsal.shop import Shop
from tools.providers.rehearsal.webhooks import Bell

REQUEST_BYTES_MAX = 1_000_000
IDLE_SECONDS_MAX = 60
TRICKLE_SECONDS = 0.05
ORDER = TypeAdapter(RenderRequest)

GONE = (BrokenResourceError, ClosedResourceError, EndOfStream, h11.ProtocolError)

FAILURES = (OSError, ValueError, RuntimeError, StudioError)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""

    @property
    def parts(self) -> list[str]:
        return [unquote(part) for part in self.path.removeprefix("/v1/").split("/")]


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as it should be."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes instead of an answer; then the line is cut, or kept open with a byte now and then, or none."""

    content: bytes = b""
    then: str = "cut"


STRANGER = Told(401, {"error": {"message": "who asks?"}})
NOT_FOUND = Told(404, {"error": {"message": "no such job"}})


@asynccontextmanager
async def serving(shop: Shop) -> AsyncGenerator[str]:
    """The address at which the shop answers."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as group:
        bell = Bell(shop)
        group.start_soon(bell.ring)
        group.start_soon(listener.serve, _Desk(shop, bell).serve)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 -- no database is asked
        yield f"http://127.0.0.1:{port}"
        group.cancel_scope.cancel()


class _Desk:
    def __init__(self, shop: Shop, bell: Bell) -> None:
        self._shop = shop
        self._bell = bell

    async def serve(self, stream: SocketStream) -> None:
        """Answer whatever is asked on one connection, until either side has enough."""
        line = h11.Connection(h11.SERVER)
        async with stream:
            with suppress(*GONE):  # who asked has gone
                while await self._exchange(line, stream) and line.our_state is h11.DONE:
                    line.start_next_cycle()

    async def _exchange(self, line: h11.Connection, stream: SocketStream) -> bool:
        head: h11.Request | None = None
        with anyio.move_on_after(IDLE_SECONDS_MAX):
            head = await _head(line, stream)
        if head is None or self._hangs_up(head):
            return False
        if not self._is_ours(head):  # a stranger's request is not even read
            await _tell(line, stream, STRANGER)
            return False
        asked = _asked(head, await _body(line, stream))
        try:
            said = await self._answer(asked)
        except FAILURES as error:  # of ours, and no reason for the studio to stop
            logger.warning("the rehearsal vendor could not answer: %r", error)
            said = Told(500, {"error": {"message": "something went wrong"}})
        if isinstance(said, Broken):
            await _break(stream, said)
            return False
        await _tell(line, stream, said)
        return True

    def _is_ours(self, head: h11.Request) -> bool:
        shown = dict(head.headers).get(b"authorization", b"")
        return compare_digest(shown, b"Bearer " + self._shop.secret.encode())

    def _hangs_up(self, head: h11.Request) -> bool:
        """Before the order itself is read: so its shot stands in the head, too."""
        number = dict(head.headers).get(b"shot", b"")
        return number.isdigit() and "hang-up" in self._shop.faults.of(int(number))

    async def _answer(self, asked: Asked) -> Told | Broken:
        match asked.method, asked.parts:
            case "POST", ["jobs"]:
                return await self._order(asked)
            case "GET", ["jobs"]:
                return self._list(asked.query)
            case "GET", ["jobs", name]:
                job = self._shop.find(name)
                return NOT_FOUND if job is None else Told(200, self._shop.told(job))
            case "POST", ["jobs", name, "cancel"]:
                return await self._cancel(name)
            case "GET", ["jobs", name, "content"]:
                return await self._clip(name, asked.query)
            case _:
                return NOT_FOUND

    async def _cancel(self, name: str) -> Told:
        job = self._shop.meter.jobs.get(name)
        if job is None:
            return NOT_FOUND
        agreed = await anyio.to_thread.run_sync(self._shop.cancel, job)
        return Told(200 if agreed else 409, self._shop.told(job))

    # --- orders ---

    async def _order(self, asked: Asked) -> Told | Broken:
        order = _order_of(asked.body)
        if order is None:
            return Told(422, {"error": {"message": "that is no order"}})
        faults = self._shop.faults.of(order.number)
        if not faults.isdisjoint({"busy", "busy-bare"}):
            headers = {"retry-after": "5"} if "busy" in faults else {}
            return Told(429, {"error": {"message": "too many orders"}}, headers)
        key = asked.headers.get("idempotency-key")
        taken = await anyio.to_thread.run_sync(self._shop.take, order, key)
        if isinstance(taken, str):
            return Told(400, {"error": {"message": taken}})
        if self._shop.terms.webhooks and order.webhook is not None:
            self._bell.promise(taken, order.webhook)
        said = Told(201, self._shop.told(taken))
        return next((MISHAPS[name](said) for name in MISHAPS if name in faults), said)

    def _list(self, query: dict[str, str]) -> Told:
        jobs: list[Accepted] = []
        if "ids" in query:
            found = map(self._shop.find, query["ids"].split(","))
            jobs = [job for job in found if job is not None]
        elif not self._shop.terms.search:
            return NOT_FOUND
        elif "client_ref" in query:
            jobs = self._shop.by_ref(query["client_ref"])
        elif "since" in query:
            jobs = self._shop.since(read_stamp(query["since"]))
        return Told(200, {"jobs": [self._shop.told(job) for job in jobs]})

    async def _clip(self, name: str, query: dict[str, str]) -> Told:
        job = self._shop.meter.jobs.get(name)
        if job is None:
            return NOT_FOUND
        if not self._shop.opens(job, query):
            return Told(403, {"error": {"message": "this link has expired"}})
        drawn = await anyio.to_thread.run_sync(self._shop.draw, job)
        return Told(200, drawn, {"content-type": "video/mp4"})


def _order_of(body: bytes) -> RenderRequest | None:
    try:
        facts = json.loads(body)
        facts |= {"take_id": facts.pop("client_ref"), "webhook": facts.pop("webhook_url", None)}
        return ORDER.validate_python(facts)
    except (ValueError, KeyError, TypeError):
        return None


# --- the wire ------------------------------------------------------------------------------


async def _head(line: h11.Connection, stream: SocketStream) -> h11.Request | None:
    """The next request's head; None where the other side has no more to ask."""
    event = await _next(line, stream)
    return event if isinstance(event, h11.Request) else None


async def _body(line: h11.Connection, stream: SocketStream) -> bytes:
    body = b""
    while isinstance(event := await _next(line, stream), h11.Data):
        body += event.data
        if len(body) > REQUEST_BYTES_MAX:
            raise h11.RemoteProtocolError("too long")
    return body


async def _next(line: h11.Connection, stream: SocketStream) -> h11.Event | None:
    """What comes next; None if it must wait until we have answered."""
    while True:
        event = line.next_event()
        if isinstance(event, h11.Event):
            return event
        if event is h11.PAUSED:
            return None
        try:
            line.receive_data(await stream.receive())
        except EndOfStream:
            line.receive_data(b"")


def _asked(head: h11.Request, body: bytes) -> Asked:
    url = urlsplit(head.target.decode("ascii", "replace"))
    query = {name: values[-1] for name, values in parse_qs(url.query).items()}
    headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
    return Asked(head.method.decode(), url.path, query, headers, body)


async def _tell(line: h11.Connection, stream: SocketStream, told: Told) -> None:
    content = told.content()
    headers = {"content-type": "application/json", "content-length": str(len(content))} | told.headers
    head = h11.Response(status_code=told.status, headers=list(headers.items()))
    for event in (head, h11.Data(data=content), h11.EndOfMessage()):
        await stream.send(line.send(event) or b"")


# --- what goes wrong on it -----------------------------------------------------------------


def _raw(told: Told, content: bytes, length: int) -> bytes:
    head = f"HTTP/1.1 {told.status} Created\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    return head.encode() + content


def _half(told: Told) -> Broken:
    whole = told.content()
    return Broken(_raw(told, whole[: len(whole) // 2], len(whole)))


MISHAPS: dict[str, Callable[[Told], Told | Broken]] = {
    "lose-answer": lambda _: Broken(),
    "half-answer": _half,
    "server-error": lambda _: Told(500, {"error": {"message": "something went wrong"}}),
    "no-id": lambda told: Told(told.status, {"status": "queued"}),
    "garbage": lambda told: Broken(_raw(told, b"<html>", 6)),
    "trickle": lambda told: Broken(_raw(told, b"", REQUEST_BYTES_MAX), "trickle"),
    "silent": lambda _: Broken(then="silence"),
}


async def _break(stream: SocketStream, broken: Broken) -> None:
    await stream.send(broken.content)
    while broken.then == "trickle":
        await stream.send(b" ")
        await anyio.sleep(TRICKLE_SECONDS)
    while broken.then == "silence":
        await stream.receive()  # until the other side has had enough
