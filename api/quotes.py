"""Estimates, quotes, and the one place in the service where a person's approval arrives."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from annotated_types import Len
from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api.body import Body, Door
from api.house import Person, TheStudio, reach
from tools import approvals, quotes, receipts
from tools.approvals import Approval, Approver
from tools.errors import Invalid
from tools.estimate import Offer, Wants, read_limit, read_wants
from tools.money import Money
from tools.shots import SHOTS_MAX, AspectRatio, ShotList, read_shots
from tools.studio import Studio

router = APIRouter(prefix="/api", route_class=Door)

Name = Field(default=None, max_length=120)


class Pricing(Body):
    """`shots` is a shots file: a list of shots, or a whole shot list. An `image` of each is shown as long as it.

    With `only` some shots, by number, or the "rest" without a take, the others stay in the film as they were
    rendered before.
    """

    model_config = ConfigDict(extra="ignore")

    shots: list[Any] | dict[str, Any]
    provider: str | None = Name
    model: str | None = Name
    resolution: str | None = Name
    aspect_ratio: AspectRatio | None = None
    audio: bool = False
    kind: Literal["video", "image"] = "video"
    want: str = Field(default="", max_length=200)
    limit_usd: str | None = Field(default=None, max_length=20)
    only: Annotated[list[int], Len(1, SHOTS_MAX)] | Literal["rest"] | None = None
    project: str = Field(default="default", min_length=1, max_length=60)

    def shot_list(self) -> ShotList:
        shots = read_shots(self.shots)
        return (
            shots
            if self.aspect_ratio is None
            else shots.model_copy(update={"aspect_ratio": self.aspect_ratio})
        )

    def wants(self) -> Wants:
        said = read_wants(self.want)
        return replace(said, resolution=said.resolution or self.resolution, sound=said.sound or self.audio)

    def limit(self) -> Money | None:
        if self.limit_usd is not None and self.kind != "video":
            raise Invalid("limit_usd", "plans within a limit are made for clips")
        if self.limit_usd is not None and self.only is not None:
            raise Invalid(
                "limit_usd", "plans within a limit are made for the whole film, not for `only` some shots"
            )
        return None if self.limit_usd is None else read_limit(self.limit_usd)


class Yes(Body):
    digest: str = Field(max_length=100)


class No(Body):
    reason: str | None = Field(default=None, max_length=1_000)


@router.post("/estimates")
async def estimates(body: Pricing, studio: TheStudio, person: Person) -> dict[str, Any]:
    """What would this cost? With a provider, one estimate; without, everyone who can, cheapest first.

    `want` narrows and orders the table ("with sound, under 2 minutes"); `limit_usd` adds plans that
    cost no more.
    """
    shots, limit = body.shot_list(), body.limit()
    if body.provider is None:
        kept = await studio.kept(shots, person.name, body.only)
        answer = studio.table(shots, body.wants(), body.kind, kept)
        chosen = None
    else:
        chosen = _offer(studio, body, body.provider)
        answer = studio.row(await studio.estimate(shots, chosen, person.name, body.only), lines=True)
    if limit is not None:
        answer["plans"] = [each.to_json() for each in await studio.plans(shots, limit, person.name, chosen)]
    return answer


@router.post("/quotes", status_code=201)
async def issue(body: Pricing, studio: TheStudio, person: Person) -> dict[str, Any]:
    """An exact offer that stands on its own, outside any conversation."""
    person.needs("member")
    offer = _offer(studio, body, body.provider or studio.usual(body.kind))
    issued = await studio.quote(
        body.shot_list(), offer, owner=person.name, project=body.project, only=body.only
    )
    async with studio.database.reading() as connection:
        return await quotes.card(connection, issued)


def _offer(studio: Studio, body: Pricing, provider: str) -> Offer:
    return studio.offer(provider, body.model, body.resolution, audio=body.audio, kind=body.kind)


@router.get("/quotes")
async def recent(studio: TheStudio, person: Person) -> dict[str, Any]:
    async with studio.database.reading() as connection:
        found = await quotes.recent(connection, person.name)
    return {"quotes": [each.to_json() for each in found]}


@router.get("/quotes/{quote_id}")
async def show(quote_id: str, studio: TheStudio, person: Person) -> dict[str, Any]:
    async with studio.database.transaction() as connection:
        await quotes.expire_due(connection, studio.clock())
        return await quotes.card(connection, await quotes.get(connection, quote_id, reach(person)))


@router.get("/quotes/{quote_id}/receipt")
async def receipt(quote_id: str, studio: TheStudio, person: Person) -> dict[str, Any]:
    async with studio.database.reading() as connection:
        return await receipts.receipt(connection, quote_id, reach(person))


@router.post("/quotes/{quote_id}/approve")
async def approve(quote_id: str, body: Yes, studio: TheStudio, person: Person) -> dict[str, Any]:
    """Approve exactly the offer whose digest is named. Repeating it changes nothing."""
    person.needs("approver")
    by = Approver(person.name, "web")
    return to_json(await answer_yes(studio, quote_id, body.digest, by, reach(person)))


@router.post("/quotes/{quote_id}/decline")
async def decline(quote_id: str, body: No, studio: TheStudio, person: Person) -> dict[str, Any]:
    person.needs("member")
    async with studio.database.transaction() as connection:
        await quotes.get(connection, quote_id, reach(person))
        closed = await quotes.decline(
            connection, quote_id, by=person.name, reason=body.reason, at=studio.clock()
        )
    return closed.to_json()


async def answer_yes(studio: Studio, quote_id: str, digest: str, by: Approver, owner: str | None) -> Approval:
    """A person said yes: by whichever door, this is what happens."""
    return await approvals.approve(
        studio.database,
        studio.kit.engine,
        studio.config.limits,
        quote_id,
        digest=digest,
        by=by,
        owner=owner,
        at=studio.clock(),
    )


def to_json(given: Approval) -> dict[str, Any]:
    return {
        "approval_id": given.approval_id,
        "quote_id": given.quote_id,
        "approved_by": given.approved_by,
        "channel": given.channel,
        "approved_at": given.approved_at.isoformat(),
        "jobs": [job.to_json() for job in given.jobs],
    }
