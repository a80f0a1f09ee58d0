"""Signing in on the page: the token goes into a cookie that no script reads, so pictures and news carry it too."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.auth import COOKIE, known
from api.body import Body, Door
from api.house import Person, TheHouse, guess

router = APIRouter(prefix="/api", route_class=Door)


class Secret(Body):
    token: Annotated[str, Field(min_length=1, max_length=400)]


@router.post("/session", status_code=204)
async def sign_in(body: Secret, house: TheHouse, request: Request) -> Response:
    """Keep a known person's token until the browser ends. Without any configured tokens there is nobody to know."""
    with guess(house, request):
        known(body.token, house.settings.people())
    answer = Response(status_code=204)
    answer.set_cookie(COOKIE, quote(body.token, safe=""), **_kept(request))
    return answer


@router.get("/session")
async def who(house: TheHouse, person: Person, request: Request) -> dict[str, Any]:
    """Who is speaking, and whether there is a token here that could be let go of."""
    signed_in = bool(house.settings.people()) and COOKIE in request.cookies
    return {"name": person.name, "role": person.role, "signed_in": signed_in}


@router.delete("/session", status_code=204)
async def sign_out(request: Request) -> Response:
    """Let go of the token, whoever's it is: a browser that holds a wrong one must lose that, too."""
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, **_kept(request))
    return answer


def _kept(request: Request) -> dict[str, Any]:
    return {"secure": request.url.scheme == "https", "httponly": True, "samesite": "strict"}
