"""Estimates, quotes, and the one place in the service where a person's approval arrives."""

from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api.body import Body, Door
from api.house import Person, TheStudio, reach
from tools import approvals, quotes, receipts
from tools.approvals import Approval, Approver
from tools.shots import AspectRatio, ShotList, read_shots
from tools.studio import Studio

router = APIRouter(prefix="/api", route_class=Door)

Name = Field(default=None, max_length=120)


class Pricing(Body):
    """`shots` is a shots file: a list of shots, or a whole shot list."""

    model_config = ConfigDict(extra="ignore")

    shots: list[Any] | dict[str, Any]
    provider: str | None = Name
    model: str | None = Name
    resolution: str | None = Name
    aspect_ratio: AspectRatio | None = None
    audio: bool = False
    project: str = Field(default="default", min_length=1, max_length=60)

    def shot_list(self) -> ShotList:
        shots = read_shots(self.shots)
        return (
            shots
            if self.aspect_ratio is None
            else shots.model_copy(update={"aspect_ratio": self.aspect_ratio})
        )


class Yes(Body):
    digest: str = Field(max_length=100)


class No(Body):
    reason: str | None = Field(default=None, max_length=1_000)


@router.post("/estimates")
async def estimates(body: Pricing, studio: TheStudio, person: Person) -> dict[str, Any]:
    """What would this cost? With a provider, one estimate; without, everyone who can, cheapest first."""
    shots = body.shot_list()
    if body.provider is not None:
        offer = studio.offer(body.provider, body.model, body.resolution, audio=body.audio)
        priced = await studio.estimate(shots, offer, person.name)
        return studio.row(priced, lines=True)
    able, refused = studio.compare(shots, studio.every_offer(body.resolution, audio=body.audio))
    return {
        "rows": [studio.row(each) for each in able],
        "refused": [{"provider": r.offer.provider, "model": r.offer.model, "why": r.why} for r in refused],
    }


@router.post("/quotes", status_code=201)
async def issue(body: Pricing, studio: TheStudio, person: Person) -> dict[str, Any]:
    """An exact offer that stands on its own, outside any conversation."""
    person.needs("member")
    offer = studio.offer(
        body.provider or studio.config.provider, body.model, body.resolution, audio=body.audio
    )
    issued = await studio.quote(body.shot_list(), offer, owner=person.name, project=body.project)
    return issued.to_json()


@router.get("/quotes")
async def recent(studio: TheStudio, person: Person) -> dict[str, Any]:
    async with studio.database.reading() as connection:
        found = await quotes.recent(connection, person.name)
    return {"quotes": [each.to_json() for each in found]}


@router.get("/quotes/{quote_id}")
async def show(quote_id: str, studio: TheStudio, person: Person) -> dict[str, Any]:
    async with studio.database.transaction() as connection:
        await quotes.expire_due(connection, studio.clock())
        return (await quotes.get(connection, quote_id, reach(person))).to_json()


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
