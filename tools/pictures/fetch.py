"""A picture at an address that somebody gave: brought home behind the guard that clips come through."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio.to_thread

from tools.errors import Invalid
from tools.pictures.album import Album
from tools.pictures.clean import BYTES_MAX
from tools.providers.download import Wanted, download
from tools.providers.wire import Address, Patience, is_public, open_client
from tools.trouble import TOO_LATE

ADDRESS_CHARACTERS_MAX = 2_000
PATIENCE = Patience(connect=5, read=10, total=20)
PICTURE = Wanted(
    word="picture",
    server="its server",
    types=("image/", "application/octet-stream", "binary/octet-stream"),
    schemes=("https",),
    bytes_max=BYTES_MAX,
    seconds=20.0,
)


async def fetch(
    album: Album, address: str, *, wanted: Wanted = PICTURE, may_reach: Callable[[Address], bool] = is_public
) -> bytes:
    """The bytes at a public https address; `Invalid` says why they cannot be had."""
    if len(address) > ADDRESS_CHARACTERS_MAX:
        raise Invalid("url", f"has at most {ADDRESS_CHARACTERS_MAX:,} characters")
    draft = await anyio.to_thread.run_sync(album.draft)
    try:
        # Of no vendor: no address is its own, so every one is looked up, and no key goes anywhere.
        async with open_client("", patience=PATIENCE) as client:
            await download(replace(client, may_reach=may_reach), address, draft, wanted=wanted)
        return await anyio.to_thread.run_sync(draft.read_bytes)
    except OSError as error:
        raise Invalid("url", str(error) or f"the picture could not be fetched: {TOO_LATE}") from None
    finally:
        with anyio.CancelScope(shield=True):  # who waits no longer leaves nothing behind
            await anyio.to_thread.run_sync(partial(Path.unlink, draft, missing_ok=True))
