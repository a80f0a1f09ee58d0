"""Vendors: their calls, and what their books say beside ours."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from api.body import check_depth
from api.house import Person, TheStudio
from tools import render, standstill

router = APIRouter()


@router.post("/webhooks/{provider}/{token}", status_code=204)
async def hear(provider: str, token: str, studio: TheStudio, request: Request) -> None:
    """A call brings our own question forward, and settles nothing.

    The address itself is the secret: each take has its own, and only its vendor knows it.
    """
    body = await request.body()
    check_depth(body)
    await render.hear(studio.kit, provider, token, dict(request.headers), body)


@router.get("/api/orphans")
async def orphans(studio: TheStudio, person: Person) -> dict[str, Any]:
    """Jobs that a vendor made and no row of ours explains, and the vendors that nothing is sent to."""
    person.needs("admin")
    async with studio.database.reading() as connection:
        found = await render.orphans(connection)
        still = await standstill.standing(connection)
    return {"orphans": [asdict(each) for each in found], "standing_still": sorted(still)}
