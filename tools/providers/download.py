"""Bringing a clip home from the address that its vendor gave.

The address is a stranger's word. It is followed a few steps, never into a private network (unless
it is the vendor's own origin), and never with the vendor's key anywhere else.
"""

from ipaddress import ip_address
from pathlib import Path
from socket import gaierror
from typing import Any

import anyio
import httpx

from tools.providers.wire import Client, joined

REDIRECTS_MAX = 3
BYTES_MAX = 1_000_000_000
SECONDS_MAX = 600.0  # for the whole clip
PAUSE_SECONDS_MAX = 60.0  # some vendors begin to make the file when it is asked for
TYPES = frozenset({"application/octet-stream", "binary/octet-stream", "application/mp4"})
PORTS = {"http": 80, "https": 443}
OK = 200


async def download(client: Client, where: str, to: Path, *, bytes_max: int = BYTES_MAX) -> None:
    """Write the clip at an address that the vendor gave to `to`; `OSError` if that is not what is there."""
    try:
        with anyio.fail_after(SECONDS_MAX):
            url = _whole(client.address, where)
            for _ in range(REDIRECTS_MAX + 1):
                onward = await _bring(client, url, to, bytes_max)
                if onward is None:
                    return
                url = onward
    except (httpx.HTTPError, gaierror, UnicodeError) as error:  # its words may hold a secret address
        raise ConnectionError(f"the clip could not be fetched: {type(error).__name__}") from None
    raise ConnectionError("the clip's address leads on and on")


def _whole(base: httpx.URL, where: str) -> httpx.URL:
    url = joined(base, where)
    if url is None:
        raise ConnectionError("the clip's address is none")
    return url


async def _bring(client: Client, url: httpx.URL, to: Path, bytes_max: int) -> httpx.URL | None:
    """One request for the clip: None once it is here, else where the vendor sends us.

    On a connection of its own: a kept one was made for another name that lives at the same address.
    """
    target, headers = url, client.headers(url)
    pin: dict[str, Any] = {}
    if not client.is_own(url):
        target = url.copy_with(host=await _resolved(client, url))
        headers |= {"host": url.netloc.decode()}
        pin = {"sni_hostname": url.host}
    request = client.fresh.build_request("GET", target, headers=headers, extensions=pin)
    request.extensions["timeout"] |= {"read": max(client.patience.read, PAUSE_SECONDS_MAX)}
    response = await client.fresh.send(request, stream=True, auth=None)
    try:
        if response.is_redirect:
            return _whole(url, response.headers.get("location", ""))
        _check(response, bytes_max)
        await _write(response, to, bytes_max)
    finally:
        await response.aclose()
    return None


async def _resolved(client: Client, url: httpx.URL) -> str:
    """Where a foreign name leads, asked once, so that no second answer can lead into our own network."""
    if url.scheme not in PORTS:
        raise ConnectionError("the clip's address is not one of the web")
    found = await anyio.getaddrinfo(url.host, url.port or PORTS[url.scheme])
    addresses = [ip_address(entry[4][0]) for entry in found]
    if not addresses or not all(map(client.may_reach, addresses)):
        raise ConnectionError("the clip's address leads into a private network")
    return str(min(addresses, key=lambda each: each.version))  # the older kind is reached from everywhere


def _check(response: httpx.Response, bytes_max: int) -> None:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code != OK:
        raise ConnectionError(f"the vendor answered {response.status_code} for the clip")
    if not kind.startswith("video/") and kind not in TYPES:
        raise ConnectionError("what the vendor sent is not a clip")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ConnectionError("the clip came packed, though it was asked for as it is")
    if int(response.headers.get("content-length", "0")) > bytes_max:
        raise ConnectionError("the clip is too large")


async def _write(response: httpx.Response, to: Path, bytes_max: int) -> None:
    size = 0
    async with await anyio.open_file(to, "wb") as file:
        async for part in response.aiter_raw():
            size += len(part)
            if size > bytes_max:
                raise ConnectionError("the clip is too large")
            await file.write(part)
    if size == 0:
        raise ConnectionError("the clip is empty")
