"""Media files: the film itself with Range, and a picture of it."""

import re
from pathlib import Path
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Header, HTTPException
from fastapi.responses import FileResponse, Response

from api.auth import Principal
from api.body import Door
from api.house import Person, TheStudio, reach
from tools import clips, media
from tools.errors import NotFound
from tools.studio import Studio

router = APIRouter(prefix="/api/clips", route_class=Door)

PARTS_MAX = 10  # players ask for one
PART = re.compile(r"[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18}")
FOREVER = {"cache-control": "private, max-age=31536000, immutable"}  # a clip's name is made from its bytes


@router.get("/{clip_id}.mp4")
async def watch(
    clip_id: str,
    studio: TheStudio,
    person: Person,
    wanted: Annotated[str | None, Header(alias="range")] = None,
) -> FileResponse:
    path = await _file(clip_id, studio, person)
    if wanted is not None:
        check_range(wanted, path.stat().st_size)
    return FileResponse(path, media_type="video/mp4", headers=FOREVER)


@router.get("/{clip_id}.jpg")
async def poster(clip_id: str, studio: TheStudio, person: Person) -> Response:
    path = await _file(clip_id, studio, person)
    picture = await anyio.to_thread.run_sync(media.poster, path)
    return Response(picture, media_type="image/jpeg", headers=FOREVER)


def check_range(wanted: str, size: int) -> None:
    """416 unless a range header names a few parts of the file; what starlette refuses, it refuses in plain text."""
    parts = wanted.removeprefix("bytes=").split(",", PARTS_MAX) if wanted.startswith("bytes=") else []
    if not 0 < len(parts) <= PARTS_MAX or not all(_is_part(part.strip(), size) for part in parts):
        why = f"ask for 1 to {PARTS_MAX} parts within the {size} bytes, as in bytes=0-99"
        raise HTTPException(416, why, {"content-range": f"bytes */{size}"})


def _is_part(part: str, size: int) -> bool:
    if PART.fullmatch(part) is None:
        return False
    first, _, last = part.partition("-")
    if not first:
        return int(last) > 0
    return int(first) < size and (not last or int(first) <= int(last))


async def _file(clip_id: str, studio: Studio, person: Principal) -> Path:
    async with studio.database.reading() as connection:
        found = await clips.get(connection, clip_id, reach(person))
    if not studio.kit.shelf.has(found.sha256):
        raise NotFound("file of clip", clip_id)
    return studio.kit.shelf.path(found.sha256)


@router.get("/{clip_id}")
async def show(clip_id: str, studio: TheStudio, person: Person) -> dict[str, object]:
    async with studio.database.reading() as connection:
        return (await clips.get(connection, clip_id, reach(person))).to_json()
