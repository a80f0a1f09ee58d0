"""Media files: the film itself with Range, and a picture of it."""

from pathlib import Path

import anyio.to_thread
from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from api.auth import Principal
from api.house import Person, TheStudio, reach
from tools import clips, media
from tools.errors import NotFound
from tools.studio import Studio

router = APIRouter(prefix="/api/clips")

FOREVER = {"cache-control": "private, max-age=31536000, immutable"}  # a clip's name is made from its bytes


@router.get("/{clip_id}.mp4")
async def watch(clip_id: str, studio: TheStudio, person: Person) -> FileResponse:
    path = await _file(clip_id, studio, person)
    return FileResponse(path, media_type="video/mp4", headers=FOREVER)


@router.get("/{clip_id}.jpg")
async def poster(clip_id: str, studio: TheStudio, person: Person) -> Response:
    path = await _file(clip_id, studio, person)
    picture = await anyio.to_thread.run_sync(media.poster, path)
    return Response(picture, media_type="image/jpeg", headers=FOREVER)


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
