"""Media files: the film itself with Range, and a picture of it."""

import anyio.to_thread
from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from api.house import Person, TheStudio, reach
from tools import clips, media

router = APIRouter(prefix="/api/clips")

FOREVER = {"cache-control": "private, max-age=31536000, immutable"}  # a clip's name is made from its bytes


@router.get("/{clip_id}.mp4")
async def watch(clip_id: str, studio: TheStudio, person: Person) -> FileResponse:
    async with studio.database.reading() as connection:
        found = await clips.get(connection, clip_id, reach(person))
    path = studio.kit.shelf.path(found.sha256)
    return FileResponse(path, media_type="video/mp4", headers=FOREVER)


@router.get("/{clip_id}.jpg")
async def poster(clip_id: str, studio: TheStudio, person: Person) -> Response:
    async with studio.database.reading() as connection:
        found = await clips.get(connection, clip_id, reach(person))
    path = studio.kit.shelf.path(found.sha256)
    picture = await anyio.to_thread.run_sync(media.poster, path)
    return Response(picture, media_type="image/jpeg", headers=FOREVER)


@router.get("/{clip_id}")
async def show(clip_id: str, studio: TheStudio, person: Person) -> dict[str, object]:
    async with studio.database.reading() as connection:
        return (await clips.get(connection, clip_id, reach(person))).to_json()
