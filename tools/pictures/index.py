"""Whose picture is whose: the same bytes of two people are one file and two rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.clock import stamp
from tools.db import Database
from tools.errors import NotFound
from tools.pictures.album import Album
from tools.pictures.clean import Clean, clean
from tools.shots import PICTURE_NAME, PICTURE_PREFIX
from tools.tables import picture

ONE_AT_A_TIME = anyio.CapacityLimiter(1)  # forty million pixels take half a gigabyte to turn


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that is in its place, as one person's."""

    owner: str
    sha256: str
    media_type: str
    bytes: int
    width: int
    height: int
    at: str

    @property
    def name(self) -> str:
        """What plans and messages call it."""
        return PICTURE_PREFIX + self.sha256

    def to_json(self) -> dict[str, Any]:
        return {
            "picture": self.name,
            "url": url_of(self.name),
            "type": self.media_type,
            "width": self.width,
            "height": self.height,
            "bytes": self.bytes,
            "at": self.at,
        }


def url_of(name: str) -> str:
    return f"/api/uploads/{name}"


def shown(names: Iterable[str]) -> list[dict[str, str]]:
    """The pictures of a shot for whoever draws it: those that were sent here."""
    return [{"picture": name, "url": url_of(name)} for name in names if PICTURE_NAME.fullmatch(name)]


def gone(name: str) -> str:
    """Why a picture that is known cannot be sent."""
    return f"the file of its reference picture {name[:20]}... is gone or altered: send the picture again"


async def take_in(database: Database, album: Album, content: bytes, *, owner: str, at: datetime) -> Upload:
    """Check a picture, keep it, and write down whose it is. Sent again, it is the same one."""
    made = await anyio.to_thread.run_sync(partial(_kept, album, content), limiter=ONE_AT_A_TIME)
    async with database.transaction() as connection:
        found = await _find(connection, made.sha256, owner)
        if found is not None:
            return found
        row = Upload(
            owner, made.sha256, made.media_type, len(made.content), made.width, made.height, stamp(at)
        )
        await connection.execute(insert(picture).values(_facts(row)))
    return row


def _facts(row: Row[Any] | Upload) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in picture.columns}


def _kept(album: Album, content: bytes) -> Clean:
    made = clean(content)
    album.put(made)
    return made


async def get(connection: AsyncConnection, name: str, owner: str | None = None) -> Upload:
    """The picture of that name; `NotFound` for an unknown one and for somebody else's."""
    known = PICTURE_NAME.fullmatch(name)
    found = await _find(connection, name.removeprefix(PICTURE_PREFIX), owner) if known else None
    if found is None:
        raise NotFound("picture", name)
    return found


async def _find(connection: AsyncConnection, sha256: str, owner: str | None) -> Upload | None:
    query = select(picture).where(picture.c.sha256 == sha256)
    if owner is not None:
        query = query.where(picture.c.owner == owner)
    row = (await connection.execute(query.order_by(picture.c.at).limit(1))).one_or_none()
    return None if row is None else Upload(**_facts(row))
