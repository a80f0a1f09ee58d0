"""A picture that `--picture` names: a file, or the https address of one."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from api.cli.edge import run
from api.cli.kit import PERSON, config, looking
from tools import pictures
from tools.errors import Invalid
from tools.pictures import Album
from tools.studio import Studio

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def sent(said: str, fetch: Callable[[Album, str], Awaitable[bytes]] = pictures.fetch) -> str:
    """The name of a picture, now that it is one of this person's."""
    found = said if ADDRESS.match(said) else _read(said)
    ready = config()

    async def send() -> str:
        async with looking(ready) as studio:
            content = found if isinstance(found, bytes) else await fetch(studio.kit.album, found)
            return await _keep(studio, content)

    try:
        return run(send)
    except Invalid as error:
        raise Invalid("--picture", error.why) from None


async def _keep(studio: Studio, content: bytes) -> str:
    album, now = studio.kit.album, studio.clock()
    return (await pictures.take_in(studio.database, album, content, owner=PERSON.name, at=now)).name


def _read(file: str) -> bytes:
    try:
        with Path(file).open("rb") as opened:
            return opened.read(pictures.BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        raise Invalid("--picture", f"{file} cannot be read: {error}") from None
