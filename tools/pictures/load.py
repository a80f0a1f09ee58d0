"""From a picture's name to the bytes that a vendor gets."""

from collections.abc import Iterable
from functools import partial

import anyio.to_thread

from tools.pictures.album import Album
from tools.providers.base import Picture
from tools.shots import PICTURE_PREFIX


async def load(album: Album, names: Iterable[str]) -> dict[str, Picture]:
    """The pictures of these names; one is left out whose file is gone, or is no longer what its name says."""
    wanted = list(dict.fromkeys(names))
    return await anyio.to_thread.run_sync(partial(_load, album, wanted)) if wanted else {}


def _load(album: Album, names: list[str]) -> dict[str, Picture]:
    read = {name: album.read(name.removeprefix(PICTURE_PREFIX)) for name in names}
    return {name: Picture(*found) for name, found in read.items() if found is not None}
