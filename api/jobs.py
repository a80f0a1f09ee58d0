"""Render jobs, the films they lead to, and news of both."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header
from pydantic import Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.advice import to_json
from api.body import Body, Door
from api.house import Person, TheStudio, reach
from api.sse import stream
from tools import clips, events, film, jobs, quotes, receipts, render
from tools.clips import Clip, Label
from tools.errors import Invalid
from tools.money import ZERO, Money
from tools.studio import Studio

router = APIRouter(prefix="/api", route_class=Door)

LISTEN_SECONDS = 1.0
FILM_SECONDS_MAX = 600


Identity = Annotated[str, Field(max_length=80, pattern=r"^[\w-]+$")]


class Charged(Body):
    charged_usd: str = Field(max_length=30)


class Cut(Body):
    """Either the clips to join, in order, or the quote whose film is wanted."""

    clips: list[Identity] = Field(default=[], max_length=60)
    quote: str | None = Field(default=None, max_length=80)
    title: str = Field(default="Untitled", max_length=200)


@router.get("/jobs")
async def recent(studio: TheStudio, person: Person, quote: str | None = None) -> dict[str, Any]:
    async with studio.database.reading() as connection:
        if quote is None:
            found = await jobs.recent(connection, person.name)
        else:
            await quotes.get(connection, quote, reach(person))
            found = await jobs.of_quote(connection, quote)
    return {"jobs": [to_json(job) for job in found]}


@router.get("/jobs/{job_id}")
async def show(job_id: str, studio: TheStudio, person: Person) -> dict[str, Any]:
    async with studio.database.reading() as connection:
        return to_json(await jobs.get(connection, job_id, reach(person)))


@router.post("/jobs/{job_id}/cancel")
async def cancel(job_id: str, studio: TheStudio, person: Person) -> dict[str, Any]:
    person.needs("member")
    return to_json(await render.cancel(studio.kit, job_id, owner=reach(person)))


@router.post("/jobs/{job_id}/resolve")
async def resolve(job_id: str, body: Charged, studio: TheStudio, person: Person) -> dict[str, Any]:
    """A person's word on a job whose answer was lost."""
    person.needs("approver")
    charged = read_amount(body.charged_usd)
    return to_json(await render.resolve(studio.kit, job_id, charged, owner=reach(person), by=person.name))


def read_amount(text: str) -> Money:
    try:
        amount = Money.usd(text)
    except ValueError as error:
        raise Invalid("charged_usd", str(error)) from None
    if amount < ZERO:
        raise Invalid("charged_usd", "cannot be negative")
    return amount


@router.get("/films")
async def films(studio: TheStudio, person: Person, quote: str) -> dict[str, Any]:
    async with studio.database.reading() as connection:
        await quotes.get(connection, quote, reach(person))
        made = await film.of_quote(connection, quote)
        if made is None:
            return {"films": []}
        return {"films": [await _film(studio, quote, *made)]}


@router.post("/films", status_code=201)
async def compose(body: Cut, studio: TheStudio, person: Person) -> dict[str, Any]:
    """Join clips that this person owns; a quote's own film is made by itself when its shots are done."""
    person.needs("member")
    if body.quote is not None:
        found = (await films(studio, person, body.quote))["films"]
        if not found:
            raise Invalid("quote", "its film is not ready; it appears when the last shot is done")
        return found[0]
    if not body.clips:
        raise Invalid("clips", "name the clips to join, or a quote")
    async with studio.database.reading() as connection:
        parts = [await clips.get(connection, each, person.name) for each in body.clips]
    if any(part.kind == "film" for part in parts):
        raise Invalid("clips", "a film is made of shots, not of films")
    if sum(part.seconds for part in parts) > FILM_SECONDS_MAX:
        raise Invalid("clips", f"a film has at most {FILM_SECONDS_MAX} seconds")
    label = Label(person.name, "film", body.title, "greenlight", "join")
    made = await film.compose(studio.database, studio.kit.shelf, parts, label, studio.clock())
    return {"id": made.id, "quote_id": None, "clip": made.to_json(), "receipt": None}


async def _film(studio: Studio, quote_id: str, film_id: str, made: Clip) -> dict[str, Any]:
    async with studio.database.reading() as connection:
        bill = await receipts.receipt(connection, quote_id)
    return {"id": film_id, "quote_id": quote_id, "clip": made.to_json(), "receipt": bill}


@router.get("/events")
async def news(
    studio: TheStudio, person: Person, last_event_id: Annotated[str | None, Header()] = None
) -> EventSourceResponse:
    """Everything that happens to this person's quotes, jobs, clips and films, from now or from where they left."""
    return stream(_news(studio, person.name, await _start(studio, last_event_id)))


async def _start(studio: Studio, last_event_id: str | None) -> int:
    if last_event_id is not None and last_event_id.isdecimal():
        return int(last_event_id[:18])
    async with studio.database.reading() as connection:
        return await events.newest(connection)


async def _news(studio: Studio, owner: str, seen: int) -> AsyncIterator[ServerSentEvent]:
    while True:
        async with studio.database.reading() as connection:
            fresh = await events.after(connection, owner, seen)
        for each in fresh:
            seen = each.seq
            yield ServerSentEvent(
                data=json.dumps(await _body(studio, each)), event=each.kind, id=str(each.seq)
            )
        if not fresh:
            await studio.database.bell.wait(LISTEN_SECONDS)


async def _body(studio: Studio, each: events.Event) -> dict[str, Any]:
    if each.kind != "film":
        return each.body
    async with studio.database.reading() as connection:
        return each.body | {"receipt": await receipts.receipt(connection, each.body["quote_id"])}
