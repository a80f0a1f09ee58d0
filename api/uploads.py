"""Reference pictures: sent as they are or by their address, and shown to whom they belong."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import ConfigDict, Field, ValidationError

from api.body import Body, Door
from api.clips import FOREVER
from api.house import Person, TheHouse, TheStudio, reach
from tools import pictures
from tools.errors import NotFound, explain

router = APIRouter(prefix="/api/uploads", route_class=Door)


class Address(Body):
    """Where a picture is, on the web."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=2_000)


PICTURE = {"schema": {"type": "string", "format": "binary"}}
TAKEN = {
    "required": True,
    "content": {
        "application/json": {"schema": Address.model_json_schema()},
        "image/png": PICTURE,
        "image/jpeg": PICTURE,
        "image/webp": PICTURE,
    },
}


@router.post("", status_code=201, openapi_extra={"requestBody": TAKEN})
async def upload(request: Request, house: TheHouse, person: Person) -> dict[str, Any]:
    """Keep a reference picture: the body is a PNG, JPEG or WebP, or names an https address of one."""
    person.needs("member")
    house.sending.take(person.name)
    studio = house.studio
    album = studio.kit.album
    given = await _given(request)
    content = given if isinstance(given, bytes) else await house.fetch(album, given.url)
    kept = await pictures.take_in(studio.database, album, content, owner=person.name, at=studio.clock())
    return kept.to_json()


async def _given(request: Request) -> bytes | Address:
    if request.headers.get("content-type", "").casefold().startswith("image/"):
        return await request.body()
    try:
        return Address.model_validate(await request.json())
    except ValidationError as error:
        raise explain(error) from None


@router.get("/{picture}")
async def show(picture: str, studio: TheStudio, person: Person) -> FileResponse:
    async with studio.database.reading() as connection:
        found = await pictures.get(connection, picture, reach(person))
    path = studio.kit.album.path(found.sha256, found.media_type)
    if not path.is_file():
        raise NotFound("file of picture", picture)
    return FileResponse(path, media_type=found.media_type, headers=FOREVER)
