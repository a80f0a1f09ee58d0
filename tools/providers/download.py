"""Bringing a file home from the address that a stranger gave: a clip from its vendor's, a picture from a person's.

The address is a stranger's word. It is followed a few steps, never into a private network (unless
it is the vendor's own origin), and never with the vendor's key anywhere else.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from socket import gaierror
from typing import Any

import anyio
import httpx

from tools.providers.wire import Client, joined
from tools.trouble import FAILED, trouble

REDIRECTS_MAX = 3
PAUSE_SECONDS_MAX = 60.0  # some vendors begin to make the file when it is asked for
PORTS = {"http": 80, "https": 443}
OK = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is brought home: what it is called, who has it, and what it may be.

    A type that ends with a slash is every type of that kind. `seconds` is for the whole of it.
    """

    word: str
    server: str
    types: tuple[str, ...]
    schemes: tuple[str, ...]
    bytes_max: int
    seconds: float

    def is_typed(self, kind: str) -> bool:
        return any(kind.startswith(each) if each.endswith("/") else kind == each for each in self.types)


CLIP = Wanted(
    word="clip",
    server="the vendor",
    types=("video/", "application/octet-stream", "binary/octet-stream", "application/mp4"),
    schemes=("http", "https"),
    bytes_max=1_000_000_000,
    seconds=600.0,
)


async def download(client: Client, where: str, to: Path, *, wanted: Wanted = CLIP) -> None:
    """Write what is at an address that somebody gave to `to`; `OSError` if it is not what is wanted."""
    try:
        with anyio.fail_after(wanted.seconds):
            url = _whole(client.address, where, wanted)
            for _ in range(REDIRECTS_MAX + 1):
                onward = await _bring(client, url, to, wanted)
                if onward is None:
                    return
                url = onward
    except (httpx.HTTPError, gaierror, UnicodeError) as error:  # its words may hold a secret address
        raise ConnectionError(f"the {wanted.word} could not be fetched: {trouble(error) or FAILED}") from None
    raise ConnectionError(f"the {wanted.word}'s address leads on and on")


def _whole(base: httpx.URL, where: str, wanted: Wanted) -> httpx.URL:
    url = joined(base, where)
    if url is None:
        raise ConnectionError(f"the {wanted.word}'s address is none")
    return url


async def _bring(client: Client, url: httpx.URL, to: Path, wanted: Wanted) -> httpx.URL | None:
    """One request for the file: None once it is here, else where its server sends us.

    On a connection of its own: a kept one was made for another name that lives at the same address.
    """
    target, headers = url, client.headers(url)
    pin: dict[str, Any] = {}
    if not client.is_own(url):
        target = url.copy_with(host=await _resolved(client, url, wanted))
        headers |= {"host": url.netloc.decode()}
        pin = {"sni_hostname": url.host}
    request = client.fresh.build_request("GET", target, headers=headers, extensions=pin)
    request.extensions["timeout"] |= {"read": max(client.patience.read, PAUSE_SECONDS_MAX)}
    response = await client.fresh.send(request, stream=True, auth=None)
    try:
        if response.is_redirect:
            return _whole(url, response.headers.get("location", ""), wanted)
        _check(response, wanted)
        await _write(response, to, wanted)
    finally:
        await response.aclose()
    return None


async def _resolved(client: Client, url: httpx.URL, wanted: Wanted) -> str:
    """Where a foreign name leads, asked once, so that no second answer can lead into our own network."""
    if url.scheme not in wanted.schemes:
        raise ConnectionError(f"the {wanted.word}'s address is not one of {' or '.join(wanted.schemes)}")
    found = await anyio.getaddrinfo(url.host, url.port or PORTS[url.scheme])
    addresses = [ip_address(entry[4][0]) for entry in found]
    if not addresses or not all(map(client.may_reach, addresses)):
        raise ConnectionError(f"the {wanted.word}'s address leads into a private network")
    return str(min(addresses, key=lambda each: each.version))  # the older kind is reached from everywhere


def _check(response: httpx.Response, wanted: Wanted) -> None:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code != OK:
        raise ConnectionError(f"{wanted.server} answered {response.status_code} for the {wanted.word}")
    if not wanted.is_typed(kind):
        raise ConnectionError(f"what {wanted.server} sent is not a {wanted.word}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ConnectionError(f"the {wanted.word} came packed, though it was asked for as it is")
    if int(response.headers.get("content-length", "0")) > wanted.bytes_max:
        raise ConnectionError(f"the {wanted.word} is too large")


async def _write(response: httpx.Response, to: Path, wanted: Wanted) -> None:
    size = 0
    async with await anyio.open_file(to, "wb") as file:
        async for part in response.aiter_raw():
            size += len(part)
            if size > wanted.bytes_max:
                raise ConnectionError(f"the {wanted.word} is too large")
            await file.write(part)
    if size == 0:
        raise ConnectionError(f"the {wanted.word} is empty")
