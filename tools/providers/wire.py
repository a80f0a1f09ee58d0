"""The one way a request leaves for a vendor.

A paid request is one POST on a connection of its own: no retry, no redirect, no second host, no
connection that stood idle and may be gone. What came of it is one of three:

    Answer      a 2xx whose JSON can be read: the adapter looks for the job's name in it. Or, of a vendor
                that answers with the work itself, a 2xx whose bytes are in a file
    Refused     proof that nothing was made: not a byte of the request had left, or the status is
                one of those by which this vendor says that it took nothing
    Ambiguous   everything else. It may have arrived

Questions (`get_json`) never fail: a vendor that cannot be asked now says nothing. The key goes to
the vendor's own origin and nowhere else, and is never in words.
"""

import json as codec
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from ssl import SSLContext
from typing import Any, cast

import anyio
import anyio.to_thread
import httpx

from tools.providers.base import Ambiguous, Refused
from tools.repo.reach import IPAddress as Address
from tools.repo.reach import is_public
from tools.repo.secrets import BLANK, blank
from tools.trouble import FAILED, NOT_SAFE, RATE_LIMITED, TOO_LATE, TOO_MANY_REQUESTS, Trouble, trouble

ANSWER_BYTES_MAX = 1_000_000
FILE_BYTES_MAX = 64_000_000  # of an answer that is the work itself
SAID_CHARACTERS_MAX = 200
NO_HEADERS: Mapping[str, str] = {}

# The statuses by which vendors commonly say that they took nothing. An adapter names its own.
TOOK_NOTHING = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 429})
# Of a request: the last for an answer that leads on to a host that cannot be.
FAULTS = (httpx.HTTPError, OSError, UnicodeError)
PORT_MAX = 65_535
NO_CONTENT = 204  # done, and nothing more to say
REQUEST_TIMEOUT = 408  # a 4xx, and yet no proof of anything
# Statuses of a vendor that cannot be asked now, though it can be reached.
NOT_NOW = frozenset({REQUEST_TIMEOUT, 425, TOO_MANY_REQUESTS})

LOST = "the connection was lost before an answer came"
BROKEN = "the vendor's answer could not be read to its end"
SILENT = "no answer came in time"
ELSEWHERE = "the address is not the vendor's own, so nothing was sent"
WORDS = ("message", "detail", "error")  # where vendors put them
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for each phase of a request, and for all of it: well below the lease of who sends it."""

    connect: float = 5
    write: float = 10
    read: float = 12
    total: float = 14

    def phases(self) -> httpx.Timeout:
        return httpx.Timeout(connect=self.connect, write=self.write, read=self.read, pool=self.connect)


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor said, names of headers in lower case. `body` is empty where an error came without JSON."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """A vendor's address, the headers that prove who asks, and the lines to it."""

    address: httpx.URL
    key: Mapping[str, str] = field(repr=False)
    fresh: httpx.AsyncClient  # a connection of its own for each request
    kept: httpx.AsyncClient
    patience: Patience = PATIENCE
    may_reach: Callable[[Address], bool] = is_public  # where a vendor may send us for a clip

    def url(self, where: str) -> httpx.URL | None:
        """A path below the vendor's address, or an address that the vendor gave; None if it is none."""
        return joined(self.address, where)

    def is_own(self, url: httpx.URL) -> bool:
        return _origin(url) == _origin(self.address)

    def headers(self, url: httpx.URL, more: Mapping[str, str] = NO_HEADERS) -> dict[str, str]:
        """What goes with a request to `url`: compressed answers could be larger than they look."""
        own = self.key if self.is_own(url) else NO_HEADERS
        return {"accept-encoding": "identity", **own, **more}


def joined(base: httpx.URL, where: str) -> httpx.URL | None:
    """An address as somebody gave it, seen from `base`; None if it is none."""
    try:
        url = base.join(where)
        _, host, port = _origin(url)  # the host is only read when it is asked for
    except (httpx.InvalidURL, UnicodeError):  # characters and hosts that there are not
        return None
    return url if host and (port or 0) <= PORT_MAX else None


@asynccontextmanager
async def open_client(
    address: str, key: Mapping[str, str] = NO_HEADERS, patience: Patience = PATIENCE
) -> AsyncGenerator[Client]:
    """A client of the vendor at `address`, below which its paths are; `key` is shown to nobody else."""
    logging.getLogger(httpx.__name__).setLevel(logging.WARNING)  # it writes down addresses: some are secrets
    base = httpx.URL(address.rstrip("/") + "/")
    proof = await anyio.to_thread.run_sync(_proof)
    async with _line(proof, patience, idle=0) as fresh, _line(proof, patience, idle=8) as kept:
        yield Client(base, key, fresh, kept, patience)


@cache
def _proof() -> SSLContext:
    return httpx.create_ssl_context()


def _line(proof: SSLContext, patience: Patience, *, idle: int) -> httpx.AsyncClient:
    """With a transport of its own, a client asks no proxy, and with `trust_env` off no password file."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=idle)
    plug = httpx.AsyncHTTPTransport(verify=proof, retries=0, limits=limits)
    return httpx.AsyncClient(
        transport=plug, timeout=patience.phases(), follow_redirects=False, trust_env=False
    )


# --- the paid request ------------------------------------------------------------------------


async def post_once(
    client: Client,
    where: str,
    *,
    creates_nothing: frozenset[int],
    json: Mapping[str, Any] | None = None,
    content: bytes = b"",
    headers: Mapping[str, str] = NO_HEADERS,
) -> Answer | Refused | Ambiguous:
    """Send one POST, once. `creates_nothing` are the 4xx by which this vendor says that it took nothing."""
    if json is not None:
        content, headers = _encoded(json), _JSON | dict(headers)
    return await _send_once(
        client, where, creates_nothing=creates_nothing, content=content, headers=headers, read=_read
    )


async def post_for_file(
    client: Client,
    where: str,
    *,
    creates_nothing: frozenset[int],
    json: Mapping[str, Any],
    into: anyio.AsyncFile[bytes],
    bytes_max: int = FILE_BYTES_MAX,
) -> Answer | Refused | Ambiguous:
    """The same POST to a vendor that answers with the work itself: its bytes go into the file, none into `body`."""

    async def keep(response: httpx.Response) -> Mapping[str, Any] | None:
        return {} if await _is_kept(response, into, bytes_max) else None

    return await _send_once(
        client, where, creates_nothing=creates_nothing, content=_encoded(json), headers=_JSON, read=keep
    )


Reader = Callable[[httpx.Response], Awaitable[Mapping[str, Any] | None]]


async def _send_once(
    client: Client,
    where: str,
    *,
    creates_nothing: frozenset[int],
    content: bytes,
    headers: Mapping[str, str],
    read: Reader,
) -> Answer | Refused | Ambiguous:
    url = client.url(where)
    if url is None or not client.is_own(url):
        return Refused(ELSEWHERE)
    steps = _Steps()
    request = client.fresh.build_request(
        "POST",
        url,
        content=content,
        headers=client.headers(url, headers),
        timeout=client.patience.phases(),
        extensions={"trace": steps},
    )
    try:
        with anyio.fail_after(client.patience.total):
            response = await client.fresh.send(request, stream=True)
            try:
                return await _judge(client, response, creates_nothing, read)
            finally:
                await response.aclose()
    except FAULTS as error:
        return steps.verdict(error)


def _encoded(order: Mapping[str, Any]) -> bytes:
    return codec.dumps(order, allow_nan=False).encode()


_JSON = {"content-type": "application/json"}


class _Steps:
    """Follows a request down to the socket: the proof of what had left when something went wrong."""

    def __init__(self) -> None:
        self._begun: list[str] = []

    async def __call__(self, event: str, _facts: Mapping[str, Any]) -> None:
        step, _, moment = event.partition(".")[2].rpartition(".")
        if moment == "started":
            self._begun.append(step)

    def verdict(self, error: Exception) -> Refused | Ambiguous:
        if "send_request_headers" not in self._begun:
            return Refused(f"the vendor cannot be reached: {self._met(error)}")
        silent = isinstance(error, httpx.TimeoutException | TimeoutError)
        return Ambiguous(SILENT if silent else LOST)

    def _met(self, error: Exception) -> Trouble:
        """Who hangs up while it should prove itself leaves no word of that in the error."""
        met = trouble(error) or FAILED
        return met if met == TOO_LATE or "start_tls" not in self._begun else NOT_SAFE


async def _judge(
    client: Client, response: httpx.Response, creates_nothing: frozenset[int], read: Reader
) -> Answer | Refused | Ambiguous:
    status = response.status_code
    if response.is_success:
        body = await read(response)
        return Ambiguous(BROKEN) if body is None else _answer(response, body)
    if response.is_client_error and status != REQUEST_TIMEOUT and status in creates_nothing:
        words = said(client, await _read(response))
        see = f" ({RATE_LIMITED})" if status == TOO_MANY_REQUESTS else ""
        return Refused(f"the vendor refused it ({status}){words and f': {words}'}{see}")
    return Ambiguous(f"the vendor answered {status}, which does not say whether it took the job")


# --- questions -------------------------------------------------------------------------------


async def get_json(client: Client, where: str, *, method: str = "GET", faults: bool = False) -> Answer | None:
    """Ask the vendor. None where it cannot be asked now, or cannot be understood; a 4xx is an answer.

    With `faults` a 5xx is one too: some vendors repeat by it how a job of theirs ended.
    """
    url = client.url(where)
    if url is None:
        return None
    try:
        with anyio.fail_after(client.patience.total):
            request = client.kept.build_request(method, url, headers=client.headers(url))
            response = await client.kept.send(request, stream=True)
            try:
                return await _heard(response, faults=faults, may_be_empty=method != "GET")
            finally:
                await response.aclose()
    except FAULTS:
        return None


async def _heard(response: httpx.Response, *, faults: bool, may_be_empty: bool) -> Answer | None:
    body = await _read(response)
    if response.is_client_error and response.status_code not in NOT_NOW:
        return _answer(response, body or {})
    done = may_be_empty and response.status_code == NO_CONTENT
    if done or (response.is_server_error and faults):
        return _answer(response, body or {})
    return _answer(response, body) if response.is_success and body is not None else None


def _answer(response: httpx.Response, body: Mapping[str, Any]) -> Answer:
    return Answer(
        response.status_code, {name.lower(): value for name, value in response.headers.items()}, body
    )


async def _read(response: httpx.Response) -> dict[str, Any] | None:
    """The JSON object of an answer; None where it is none, is too long or breaks off."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return None
    whole = bytearray()
    try:
        async for part in response.aiter_raw():
            whole += part
            if len(whole) > ANSWER_BYTES_MAX:
                return None
        return _object(codec.loads(whole, parse_float=Decimal, parse_constant=_refuse))
    except (httpx.HTTPError, OSError, ValueError, RecursionError):
        return None


async def _is_kept(response: httpx.Response, into: anyio.AsyncFile[bytes], bytes_max: int) -> bool:
    """Whether the whole answer is in the file."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return False
    size = 0
    try:
        async for part in response.aiter_raw():
            size += len(part)
            if size > bytes_max:
                return False
            await into.write(part)
    except (httpx.HTTPError, OSError):
        return False
    return size > 0


def _refuse(name: str) -> None:
    raise ValueError(name)  # NaN and the infinities are no JSON


def _object(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def said(client: Client, body: Mapping[str, Any] | None) -> str:
    """The vendor's own words for an error, where it has some, made safe to show: a stranger wrote them."""
    whole = body or {}
    told = _object(whole.get("error")) or _object(whole.get("detail")) or whole
    words = next((told[name] for name in WORDS if isinstance(told.get(name), str)), None) or _complaint(told)
    for value in client.key.values():
        words = words.replace(value.rpartition(" ")[2], BLANK)
    return CONTROL.sub(" ", blank(words)[0]).strip()[:SAID_CHARACTERS_MAX]


def _complaint(told: Mapping[str, Any]) -> str:
    """The first of a list of complaints about what was sent, as servers write that check it field by field."""
    match told.get("detail"):
        case [{"msg": str(words)}, *_]:
            return words
        case _:
            return ""


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
