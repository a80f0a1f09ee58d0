"""One paid request leaves once, whatever the other end does: counted at the other end, byte by byte."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import anyio
import pytest
from anyio import BrokenResourceError, EndOfStream
from anyio.abc import SocketAttribute, SocketStream

from tools.providers.base import Ambiguous, Refused
from tools.providers.download import CLIP as WANTED
from tools.providers.download import download
from tools.providers.wire import (
    ANSWER_BYTES_MAX,
    TOOK_NOTHING,
    Address,
    Answer,
    Client,
    Patience,
    get_json,
    open_client,
    post_for_file,
    post_once,
)
from tools.trouble import NO_NAME, NOT_SAFE, RATE_LIMITED, TURNED_AWAY

KEY = "sk-made-up-0123456789"
HASTE = Patience(connect=1, write=1, read=0.3, total=1)
JOB = b'{"id": "job-1", "cost": 0.10}'


@dataclass
class Peer:
    """The other end of the wire: what it heard, and how it behaves."""

    behave: "Behaviour"
    port: int = 0
    connections: int = 0
    heard: list[bytes] = field(default_factory=list[bytes])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def posts(self) -> int:
        return sum(request.startswith(b"POST ") for request in self.heard)

    async def serve(self, stream: SocketStream) -> None:
        self.connections += 1
        with suppress(EndOfStream, BrokenResourceError):  # we hung up first
            async with stream:
                await self.behave(self, stream)

    async def listen(self, stream: SocketStream) -> bytes:
        """One whole request."""
        request = b""
        while b"\r\n\r\n" not in request or len(_body(request)) < _length(request):
            request += await stream.receive()
        self.heard.append(request)
        return request


Behaviour = Callable[[Peer, SocketStream], Awaitable[None]]


def _length(request: bytes) -> int:
    for line in request.partition(b"\r\n\r\n")[0].splitlines():
        if line.lower().startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _body(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[2]


@asynccontextmanager
async def listening(behave: Behaviour) -> AsyncGenerator[Peer]:
    peer = Peer(behave)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    peer.port = listener.extra(SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, peer.serve)
        yield peer
        group.cancel_scope.cancel()


def answer(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def saying(raw: bytes) -> Behaviour:
    """Hear a request, say this, and hang up."""

    async def behave(peer: Peer, stream: SocketStream) -> None:
        await peer.listen(stream)
        await stream.send(raw)

    return behave


@asynccontextmanager
async def calling(behave: Behaviour, patience: Patience = HASTE) -> AsyncGenerator[tuple[Peer, Client]]:
    async with (
        listening(behave) as peer,
        open_client(peer.address, {"authorization": f"Bearer {KEY}"}, patience) as client,
    ):
        yield peer, client


Said = Answer | Refused | Ambiguous


async def posted(client: Client, where: str = "jobs", takes: frozenset[int] = TOOK_NOTHING) -> Said:
    with anyio.fail_after(10):
        return await post_once(client, where, json={"prompt": "a fox"}, creates_nothing=takes)


async def posted_for_file(
    client: Client, where: str = "jobs", takes: frozenset[int] = TOOK_NOTHING, to: Path = Path(os.devnull)
) -> Said:
    order = {"prompt": "a fox"}
    with anyio.fail_after(10):
        async with await anyio.open_file(to, "wb") as into:
            return await post_for_file(
                client, where, json=order, creates_nothing=takes, into=into, bytes_max=ANSWER_BYTES_MAX
            )


WAYS = {"an object": posted, "the work itself": posted_for_file}
either_way = pytest.mark.parametrize("way", WAYS)


# --- what arrives ---------------------------------------------------------------------------


async def test_an_accepted_request_is_an_answer_whose_money_does_not_float() -> None:
    async with calling(saying(answer("201 Created", JOB, "X-Thing: 1"))) as (peer, client):
        said = await posted(client)

    assert isinstance(said, Answer)
    assert (said.status, said.headers["x-thing"]) == (201, "1")
    assert said.body == {"id": "job-1", "cost": Decimal("0.10")}
    assert peer.heard[0].startswith(b"POST /v1/jobs HTTP/1.1\r\n")
    assert f"Bearer {KEY}".encode() in peer.heard[0]
    assert _body(peer.heard[0]) == b'{"prompt": "a fox"}'


async def test_work_that_comes_as_the_answer_is_in_the_file_byte_for_byte(tmp_path: Path) -> None:
    work = b"\x89PNG\x00{" * 50_000
    async with calling(saying(answer("200 OK", work, "X-Thing: 1"))) as (peer, client):
        said = await posted_for_file(client, to=tmp_path / "work")

    assert isinstance(said, Answer)
    assert (said.status, said.headers["x-thing"], said.body) == (200, "1", {})
    assert (tmp_path / "work").read_bytes() == work
    assert _body(peer.heard[0]) == b'{"prompt": "a fox"}'
    assert b"content-type: application/json" in peer.heard[0].lower()


async def test_work_may_take_longer_than_an_acceptance() -> None:
    async def work(peer: Peer, stream: SocketStream) -> None:
        await peer.listen(stream)
        await anyio.sleep(2 * HASTE.read)
        await stream.send(answer("200 OK", b"a picture"))

    async with calling(work) as (peer, client):
        impatient = await posted_for_file(client)
        patient = await posted_for_file(replace(client, patience=replace(HASTE, read=9, total=9)))

    assert impatient == SILENT
    assert isinstance(patient, Answer)
    assert peer.posts == 2


async def hang_up(peer: Peer, stream: SocketStream) -> None:
    await peer.listen(stream)


async def hang_up_at_once(_peer: Peer, stream: SocketStream) -> None:
    await stream.receive(1)


async def reset(peer: Peer, stream: SocketStream) -> None:
    await peer.listen(stream)
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    stream.extra(SocketAttribute.raw_socket).setsockopt(1, 13, linger)  # SO_LINGER 0: a reset, no goodbye


async def say_nothing(peer: Peer, stream: SocketStream) -> None:
    await peer.listen(stream)
    await anyio.sleep_forever()


async def trickle(peer: Peer, stream: SocketStream) -> None:
    """Always something, never an answer: no single pause is too long."""
    await peer.listen(stream)
    await stream.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    while True:
        await stream.send(b" ")
        await anyio.sleep(0.05)


LOST = Ambiguous("the connection was lost before an answer came")
BROKEN = Ambiguous("the vendor's answer could not be read to its end")
SILENT = Ambiguous("no answer came in time")


DOUBTS: dict[str, tuple[Behaviour, Ambiguous]] = {
    "hangs up": (hang_up, LOST),
    "hangs up on the first byte": (hang_up_at_once, LOST),
    "resets": (reset, LOST),
    "says nothing": (say_nothing, SILENT),
    "trickles": (trickle, SILENT),
    "half a line": (saying(b"HTTP/1.1 2"), LOST),
    "no HTTP": (saying(b"\x16\x03\x01 nonsense\r\n\r\n"), LOST),
    "half an answer": (saying(answer("200 OK", b'{"id": "jo', length=30)), BROKEN),
    "a flood": (saying(answer("200 OK", b'"' + b"a" * ANSWER_BYTES_MAX + b'"')), BROKEN),
    "packed": (saying(answer("200 OK", JOB, "content-encoding: gzip")), BROKEN),
    "empty": (saying(answer("204 No Content")), BROKEN),
}
NO_OBJECTS: dict[str, tuple[Behaviour, Ambiguous]] = {
    "a page": (saying(answer("200 OK", b"<html>")), BROKEN),
    "a list": (saying(answer("200 OK", b'["job-1"]')), BROKEN),
    "no number": (saying(answer("200 OK", b'{"cost": NaN}')), BROKEN),
    "a pit": (saying(answer("200 OK", b"[" * 100_000)), BROKEN),
    "a long number": (saying(answer("200 OK", b'{"n": ' + b"9" * 10_000 + b"}")), BROKEN),
}
ALL_DOUBTS = DOUBTS | NO_OBJECTS


@pytest.mark.parametrize(
    ("doubt", "way"), [(each, way) for way in WAYS for each in (ALL_DOUBTS if way == "an object" else DOUBTS)]
)
async def test_what_may_have_arrived_is_ambiguous_and_was_sent_once(doubt: str, way: str) -> None:
    behave, said = ALL_DOUBTS[doubt]
    async with calling(behave) as (peer, client):
        assert await WAYS[way](client) == said

    assert peer.connections == 1
    assert peer.posts <= 1


@either_way
@pytest.mark.parametrize(
    "status", [100, 301, 302, 303, 307, 308, 304, 408, 409, 418, 425, 500, 502, 503, 504]
)
async def test_a_status_that_proves_nothing_is_ambiguous(status: int, way: str) -> None:
    """408 is never a refusal, whatever an adapter lists; nor is a redirect followed."""
    raw = answer(f"{status} Whatever", b"{}", "location: /elsewhere", "retry-after: 0")
    async with calling(saying(raw)) as (peer, client):
        said = await WAYS[way](client, "jobs", TOOK_NOTHING | {408, 500, 302})

    assert isinstance(said, Ambiguous)
    assert (peer.connections, peer.posts) == (1, 1)


@either_way
@pytest.mark.parametrize("status", sorted(TOOK_NOTHING))
async def test_a_status_the_adapter_lists_is_a_refusal_and_is_not_tried_again(status: int, way: str) -> None:
    raw = answer(f"{status} No", b'{"error": {"message": "no such model"}}', "retry-after: 0")
    async with calling(saying(raw)) as (peer, client):
        said = await WAYS[way](client)

    see = f" ({RATE_LIMITED})" if status == 429 else ""
    assert said == Refused(f"the vendor refused it ({status}): no such model{see}")

    assert peer.posts == 1


@either_way
async def test_a_4xx_the_adapter_does_not_list_is_ambiguous(way: str) -> None:
    async with calling(saying(answer("422 No", b"{}"))) as (_, client):
        said = await WAYS[way](client, "jobs", frozenset({400}))

    assert said == Ambiguous("the vendor answered 422, which does not say whether it took the job")


async def test_a_refusal_counts_though_its_words_break_off() -> None:
    async with calling(saying(answer("400 No", b'{"mess', length=99))) as (_, client):
        assert await posted(client) == Refused("the vendor refused it (400)")


# --- what does not ----------------------------------------------------------------------------


@either_way
async def test_a_vendor_that_does_not_listen_was_sent_nothing(way: str) -> None:
    async with calling(hang_up) as (peer, client):
        pass
    async with open_client(peer.address, patience=HASTE) as client:
        assert await WAYS[way](client) == Refused(f"the vendor cannot be reached: {TURNED_AWAY}")


async def test_a_name_that_nobody_has_was_sent_nothing() -> None:
    async with open_client("http://nobody.invalid/v1", patience=HASTE) as client:
        assert await posted(client) == Refused(f"the vendor cannot be reached: {NO_NAME}")


async def test_a_vendor_that_cannot_prove_who_it_is_hears_no_request() -> None:
    greeted: list[bytes] = []

    async def speak_plainly(_peer: Peer, stream: SocketStream) -> None:
        greeted.append(await stream.receive())
        await stream.send(answer("200 OK", JOB))

    async with listening(speak_plainly) as peer:
        address = peer.address.replace("http:", "https:")
        async with open_client(address, {"authorization": KEY}, HASTE) as client:
            assert await posted(client) == Refused(f"the vendor cannot be reached: {NOT_SAFE}")

    assert greeted[0][0] == 0x16  # the first letter of a handshake, and nothing of ours
    assert KEY.encode() not in b"".join(greeted)


@either_way
async def test_nothing_is_posted_to_another_origin(way: str) -> None:
    async with calling(saying(answer("200 OK", JOB))) as (peer, client):
        for where in (f"http://localhost:{peer.port}/v1/jobs", "https://other.invalid/", "http://["):
            said = await WAYS[way](client, where)
            assert said == Refused("the address is not the vendor's own, so nothing was sent")

    assert peer.connections == 0


async def test_a_canceled_request_is_not_answered_for() -> None:
    """Who stops us does not learn what became of it: the intent on disk says what to do next."""
    async with calling(say_nothing, replace(HASTE, read=60, total=60)) as (peer, client):
        with anyio.move_on_after(0.2) as scope:
            await post_once(client, "jobs", json={}, creates_nothing=TOOK_NOTHING)
        assert scope.cancelled_caught

    assert peer.posts == 1


async def test_each_post_has_a_connection_of_its_own_and_questions_share_one() -> None:
    async def serve(peer: Peer, stream: SocketStream) -> None:
        while True:
            await peer.listen(stream)
            await stream.send(answer("200 OK", JOB))

    async with calling(serve) as (peer, client):
        for _ in range(3):
            await posted(client)
        assert peer.connections == 3
        for _ in range(3):
            await get_json(client, "jobs/1")
        assert peer.connections == 4


# --- secrets ----------------------------------------------------------------------------------


async def test_the_vendors_words_are_shown_without_secrets_and_without_tricks() -> None:
    told = (
        f'{{"error": {{"message": "bad key {KEY} \\u202e\\ud800\\n sk-other-0123456789abcdef {"x" * 500}"}}}}'
    )
    async with calling(saying(answer("401 No", told.encode()))) as (_, client):
        said = await posted(client)

    assert isinstance(said, Refused)
    assert said.reason.startswith("the vendor refused it (401): bad key [redacted]   [redacted] xxx")
    assert len(said.reason) < 250
    assert KEY not in repr(client)


# --- questions --------------------------------------------------------------------------------


@pytest.mark.parametrize("doubt", ALL_DOUBTS)
async def test_a_question_that_is_not_answered_says_nothing(doubt: str) -> None:
    behave, _ = ALL_DOUBTS[doubt]
    async with calling(behave) as (_, client):
        assert await get_json(client, "jobs/1") is None


@pytest.mark.parametrize("status", [302, 408, 425, 429, 500, 503])
async def test_a_vendor_that_cannot_answer_now_says_nothing(status: int) -> None:
    async with calling(saying(answer(f"{status} No", JOB, "location: jobs/2"))) as (peer, client):
        assert await get_json(client, "jobs/1") is None

    assert peer.connections == 1


async def test_a_question_that_cannot_be_put_says_nothing() -> None:
    async with open_client("http://nobody.invalid", patience=HASTE) as client:
        assert await get_json(client, "jobs/1") is None
        assert await get_json(client, "http://[") is None
        assert await get_json(client, "ftp://nobody.invalid/") is None


async def test_that_a_vendor_does_not_know_a_job_is_an_answer() -> None:
    async with calling(saying(answer("404 No", b"<html>"))) as (_, client):
        said = await get_json(client, "jobs/1")

    assert said is not None
    assert (said.status, said.body) == (404, {})


# --- bringing home ----------------------------------------------------------------------------

CLIP = answer("200 OK", b"a clip", "content-type: video/mp4")
SHORT = replace(WANTED, bytes_max=100)


async def test_a_clip_is_brought_home_over_what_was_there(tmp_path: Path) -> None:
    to = tmp_path / "clip.mp4"
    to.write_bytes(b"a longer one that was there before")
    async with calling(saying(CLIP)) as (peer, client):
        await download(client, "jobs/1/content?index=0", to, wanted=SHORT)

    assert to.read_bytes() == b"a clip"
    assert peer.heard[0].startswith(b"GET /v1/jobs/1/content?index=0 ")
    assert KEY.encode() in peer.heard[0]


VIDEO = "content-type: video/mp4"
NO_CLIPS = {
    "a page": answer("200 OK", b"<html>", "content-type: text/html"),
    "no type": answer("200 OK", b"a clip"),
    "nothing": answer("200 OK", b"", VIDEO),
    "too much": answer("200 OK", b"a clip" * 100, VIDEO),
    "too much, unannounced": f"HTTP/1.1 200 OK\r\n{VIDEO}\r\n\r\n".encode() + b"a clip" * 100,
    "half": answer("200 OK", b"a cl", VIDEO, length=99),
    "packed": answer("200 OK", b"a clip", VIDEO, "content-encoding: gzip"),
    "expired": answer("403 Expired", b"a clip", VIDEO),
    "a part": answer("206 Partial Content", b"a clip", VIDEO),
    "a circle": answer("302 Found", b"", "location: content"),
    "no address": answer("302 Found", b"", "location: http://["),
    "a file of ours": answer("302 Found", b"", "location: file:///etc/passwd"),
    "no HTTP": b"nonsense",
}


@pytest.mark.parametrize("what", NO_CLIPS)
async def test_what_is_no_whole_clip_is_an_error_of_the_system(what: str, tmp_path: Path) -> None:
    async with calling(saying(NO_CLIPS[what])) as (_, client):
        with pytest.raises(OSError, match="clip"):
            await download(client, "jobs/1/content", tmp_path / "clip.mp4", wanted=SHORT)


@pytest.mark.parametrize(
    "where",
    [
        "http://localhost:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://127.1:{port}/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://224.0.0.1/",
        "http://0.0.0.0:{port}/",
    ],
)
async def test_a_clips_address_leads_into_no_private_network(where: str, tmp_path: Path) -> None:
    """Neither at once nor by a redirect; the vendor's own origin alone may be private."""
    async with listening(saying(CLIP)) as inner:
        foreign = where.format(port=inner.port)
        async with calling(saying(answer("302 Found", b"", f"location: {foreign}"))) as (peer, client):
            for address in (foreign, "jobs/1/content"):
                with pytest.raises(OSError, match="clip"):
                    await download(client, address, tmp_path / "clip.mp4", wanted=SHORT)

    assert (inner.connections, peer.connections) == (0, 1)


NO_ADDRESSES = ["/\ud800", "http://xn--/", "http://[", "http://localhost:99999999/", "/" + "x" * 100_000]


@pytest.mark.parametrize("where", NO_ADDRESSES, ids=range(len(NO_ADDRESSES)))
async def test_an_address_that_is_none_is_an_error_of_the_system_and_no_question(
    where: str, tmp_path: Path
) -> None:
    async with calling(saying(CLIP)) as (peer, client):
        with pytest.raises(OSError, match="clip"):
            await download(client, where, tmp_path / "clip.mp4")
        assert await get_json(client, where) is None
        assert isinstance(await post_once(client, where, creates_nothing=TOOK_NOTHING), Refused)

    assert peer.heard == []


async def test_a_redirect_to_an_address_that_is_none_is_an_answer_to_nothing(tmp_path: Path) -> None:
    onward = answer("307 Found", b"", "location: http://xn--/")
    async with calling(saying(onward)) as (peer, client):
        with pytest.raises(OSError, match="clip"):
            await download(client, "jobs/1/content", tmp_path / "clip.mp4")
        assert await get_json(client, "jobs/1") is None
        assert isinstance(await post_once(client, "jobs", creates_nothing=TOOK_NOTHING), Ambiguous)

    assert peer.connections == 3


async def test_the_key_does_not_follow_a_redirect_to_another_origin(tmp_path: Path) -> None:
    async with listening(saying(CLIP)) as other:
        onward = answer("302 Found", b"", f"location: http://localhost:{other.port}/clip?signed=1")
        async with calling(saying(onward)) as (peer, client):
            anywhere = replace(client, may_reach=_anywhere)
            await download(anywhere, "jobs/1/content", tmp_path / "clip.mp4", wanted=SHORT)

    assert KEY.encode() in peer.heard[0]
    assert KEY.encode() not in other.heard[0]
    assert f"host: localhost:{other.port}".encode() in other.heard[0].lower()


def _anywhere(_address: Address) -> bool:
    return True
