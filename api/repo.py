"""Reading repositories and planning, without a conversation."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from agent.edits import Edit, edited_all
from api.body import Body, Door
from api.house import Person, TheStudio
from tools import story
from tools.errors import Invalid
from tools.shots import BRIEF_CHARACTERS_MAX, AspectRatio, read_shots

router = APIRouter(prefix="/api", route_class=Door)


class Where(Body):
    path: str = Field(max_length=4_096)


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
    token_budget: str | None = Field(default=None, max_length=20)


class Changes(Body):
    """A shots file, and what shall become of it."""

    shots: list[Any] | dict[str, Any]
    edits: list[Edit] = Field(min_length=1, max_length=100)


@router.post("/repos/scan")
async def scan(body: Where, studio: TheStudio, person: Person) -> dict[str, Any]:
    person.needs("member")
    return (await studio.scan(body.path)).to_json()


@router.post("/plans")
async def plan(body: Wanted, studio: TheStudio, person: Person) -> dict[str, Any]:
    person.needs("member")
    if not body.brief.strip() and body.repo is None and body.template is None:
        raise Invalid("brief", "send a brief, a repo, or both")
    profile = await studio.scan(body.repo) if body.repo is not None else None
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
    )
    planned = story.plan(wishes, profile)
    if body.token_budget is not None:
        planned, _ = story.thrifty(planned, story.read_level(body.token_budget))
    return planned.model_dump(mode="json")


@router.post("/plans/edit")
async def edit(body: Changes, person: Person) -> dict[str, Any]:
    """The plan with every edit made, and a line for each shot that changed. Nothing is kept here."""
    person.needs("member")
    before = read_shots(body.shots)
    after = edited_all(before, body.edits)
    return {
        "shots": after.model_dump(mode="json"),
        "changed": story.differences(before, after),
        "objections": [str(each) for each in story.check(after)],
    }
