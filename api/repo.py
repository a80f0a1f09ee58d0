"""Reading repositories and planning, without a conversation."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Query, Request
from pydantic import Field

from agent.edits import Edit, edited_all
from api.body import Body, Door
from api.house import Person, TheHouse, TheStudio
from tools import repo, story
from tools.errors import Invalid
from tools.repo import uploads
from tools.shots import BRIEF_CHARACTERS_MAX, AspectRatio, read_shots
from tools.studio import check_pictures

router = APIRouter(prefix="/api", route_class=Door)


class Where(Body):
    path: str = Field(max_length=4_096)


SECONDS_MAX = 300  # for an archive to come
TAKEN = {
    "required": True,
    "content": {repo.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
}


class Wanted(Body):
    brief: str = Field(default="", max_length=BRIEF_CHARACTERS_MAX)
    repo: str | None = Field(default=None, max_length=4_096)
    shots: int | None = None
    seconds: int | None = None
    style: str | None = Field(default=None, max_length=120)
    mood: str | None = Field(default=None, max_length=120)
    tone: str | None = Field(default=None, max_length=120)
    aspect_ratio: AspectRatio | None = None
    template: str | None = Field(default=None, max_length=120)
    pattern: str | None = Field(default=None, max_length=120)
    variables: dict[str, str | int] = Field(default={}, max_length=20)
    metaphors: list[str] = Field(default=[], max_length=20)
    characters: list[str] = Field(default=[], max_length=20)
    token_budget: str | None = Field(default=None, max_length=20)
    provider: str | None = Field(default=None, max_length=120)
    model: str | None = Field(default=None, max_length=120)


class Changes(Body):
    """A shots file, and what shall become of it."""

    shots: list[Any] | dict[str, Any]
    edits: list[Edit] = Field(min_length=1, max_length=100)


@router.post("/repos/scan")
async def scan(body: Where, studio: TheStudio, person: Person) -> dict[str, Any]:
    person.needs("member")
    return (await studio.scan(body.path, owner=person.name)).to_json()


@router.post("/repos/archive", status_code=201, openapi_extra={"requestBody": TAKEN})
async def archive(
    request: Request, house: TheHouse, person: Person, name: Annotated[str, Query(max_length=400)]
) -> dict[str, Any]:
    """Keep an archive, the body as it is, and read it; `upload` is what plans and the chat know it by."""
    person.needs("member")
    house.sending.take(person.name)
    called = uploads.checked_name(name)
    draft = await anyio.to_thread.run_sync(uploads.draft, house.studio.uploads(person.name))
    try:
        await _write(request, draft)
        upload = await anyio.to_thread.run_sync(uploads.keep, draft, called)
    finally:
        await anyio.to_thread.run_sync(partial(Path.unlink, draft, missing_ok=True))
    profile = await house.studio.scan(upload, owner=person.name)
    return profile.to_json() | {"upload": upload}


async def _write(request: Request, to: Path) -> None:
    if not request.headers.get("content-type", "").casefold().startswith(repo.MEDIA_TYPE):
        raise Invalid("content-type", f"send the archive as {repo.MEDIA_TYPE}")
    try:
        with anyio.fail_after(SECONDS_MAX):
            async with await anyio.open_file(to, "wb") as file:
                async for part in request.stream():
                    await file.write(part)
    except TimeoutError:
        raise Invalid("body", f"the archive did not come within {SECONDS_MAX} seconds") from None


@router.post("/plans")
async def plan(body: Wanted, studio: TheStudio, person: Person) -> dict[str, Any]:
    person.needs("member")
    if not body.brief.strip() and body.repo is None and body.template is None:
        raise Invalid("brief", "send a brief, a repo, or both")
    profile = await studio.scan(body.repo, owner=person.name) if body.repo is not None else None
    wishes = story.Wishes(
        brief=body.brief,
        shots=body.shots,
        seconds=body.seconds,
        style=body.style,
        mood=body.mood,
        tone=body.tone,
        aspect_ratio=body.aspect_ratio,
        template=body.template,
        pattern=body.pattern,
        variables=body.variables,
        metaphors=tuple(body.metaphors),
        characters=tuple(body.characters),
    )
    maker = {"provider": body.provider, "model": body.model}
    planned = story.by_rules(studio.lengths.order(wishes, profile, studio.books, **maker))
    if body.token_budget is not None:
        planned, _ = story.thrifty(planned, story.read_level(body.token_budget))
    return planned.model_dump(mode="json")


@router.post("/plans/edit")
async def edit(body: Changes, studio: TheStudio, person: Person) -> dict[str, Any]:
    """The plan with every edit made, and a line for each shot that changed. Nothing is kept here."""
    person.needs("member")
    before = read_shots(body.shots)
    after = edited_all(before, body.edits, studio.lengths.of)
    async with studio.database.reading() as connection:
        await check_pictures(connection, after, person.name, before)
    return {
        "shots": after.model_dump(mode="json"),
        "changed": story.differences(before, after),
        "objections": [str(each) for each in story.check(after)],
    }
