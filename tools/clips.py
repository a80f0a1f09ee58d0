"""Media files, named by what is in them, and the index that finds them again.

A file is written beside its place and moved into it, so a half-written clip is never seen.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import anyio.to_thread
from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import events, media
from tools.clock import stamp
from tools.errors import NotFound
from tools.ids import ClipId
from tools.tables import clip

ClipKind = Literal["shot", "preview", "film"]
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Clip:
    id: ClipId
    owner: str
    kind: str
    sha256: str
    bytes: int
    seconds: float
    width: int
    height: int
    provider: str
    model: str
    request_sha256: str | None
    title: str
    facts: dict[str, Any]
    at: str

    @property
    def url(self) -> str:
        return f"/api/clips/{self.id}.mp4"

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "clip_url": self.url,
            "poster_url": f"/api/clips/{self.id}.jpg",
            "title": self.title,
            "seconds": self.seconds,
            "width": self.width,
            "height": self.height,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "provider": self.provider,
            "model": self.model,
            "at": self.at,
            **self.facts,
        }


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of a clip besides its bytes. `facts` is searchable metadata, JSON-ready."""

    owner: str
    kind: ClipKind
    title: str
    provider: str
    model: str
    request_sha256: str | None = None
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is in its place, not yet in the index."""

    sha256: str
    bytes: int
    look: media.Facts


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of media files."""

    folder: Path

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / f"{sha256}.mp4"

    def has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def draft(self, name: str) -> Path:
        """A place to write a file before it has its name."""
        drafts = self.folder / "drafts"
        drafts.mkdir(parents=True, exist_ok=True)
        return drafts / f"{name}.mp4"

    async def put(self, draft: Path) -> Stored:
        """Move a finished file into its place; `Invalid` if it is no video."""
        return await anyio.to_thread.run_sync(self._put, draft)

    def _put(self, draft: Path) -> Stored:
        look = media.probe(draft)
        sha256, size = _measure(draft)
        place = self.path(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(place)
        return Stored(sha256, size, look)


def _measure(path: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
        return digest.hexdigest(), file.tell()


def clip_id(label: Label, sha256: str) -> ClipId:
    """The same bytes of the same work for the same person are the same clip, however often they arrive."""
    work = [] if label.request_sha256 is None else [label.request_sha256]
    named = "\n".join([label.owner, label.kind, sha256, *work])
    return ClipId("clip_" + hashlib.sha256(named.encode()).hexdigest()[:24])


async def enter(connection: AsyncConnection, stored: Stored, label: Label, at: datetime) -> Clip:
    """Put a stored file into the index, once."""
    identity = clip_id(label, stored.sha256)
    known = (await connection.execute(select(clip).where(clip.c.id == identity))).one_or_none()
    if known is not None:
        return _read(known)
    await connection.execute(
        insert(clip).values(
            id=identity,
            owner=label.owner,
            kind=label.kind,
            sha256=stored.sha256,
            bytes=stored.bytes,
            seconds_millis=round(stored.look.seconds * 1000),
            width=stored.look.width,
            height=stored.look.height,
            provider=label.provider,
            model=label.model,
            request_sha256=label.request_sha256,
            title=label.title,
            facts=label.facts,
            at=stamp(at),
        )
    )
    entered = await get(connection, identity)
    await events.record(connection, label.owner, "clip", subject=identity, body=entered.to_json(), at=at)
    return entered


async def get(connection: AsyncConnection, identity: str, owner: str | None = None) -> Clip:
    row = (await connection.execute(select(clip).where(clip.c.id == identity))).one_or_none()
    if row is None or owner not in (None, row.owner):
        raise NotFound("clip", identity)
    return _read(row)


async def of_work(
    connection: AsyncConnection, owner: str, kind: ClipKind, request_sha256: str
) -> Clip | None:
    """What an owner has of exactly this work."""
    mine = (clip.c.owner == owner, clip.c.kind == kind, clip.c.request_sha256 == request_sha256)
    row = (await connection.execute(select(clip).where(*mine).limit(1))).one_or_none()
    return None if row is None else _read(row)


async def find(
    connection: AsyncConnection, owner: str, matches: Callable[[Clip], bool], count: int = 50
) -> list[Clip]:
    """The newest clips of an owner that match."""
    rows = await connection.execute(
        select(clip).where(clip.c.owner == owner, clip.c.kind != "preview").order_by(clip.c.at.desc())
    )
    return [each for each in map(_read, rows) if matches(each)][:count]


def _read(row: Row[Any]) -> Clip:
    return Clip(
        id=row.id,
        owner=row.owner,
        kind=row.kind,
        sha256=row.sha256,
        bytes=row.bytes,
        seconds=row.seconds_millis / 1000,
        width=row.width,
        height=row.height,
        provider=row.provider,
        model=row.model,
        request_sha256=row.request_sha256,
        title=row.title,
        facts=row.facts,
        at=row.at,
    )
