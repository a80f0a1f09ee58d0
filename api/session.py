"""Signing in on the page: the token goes into a cookie that no script reads, so pictures and news carry it too."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.auth import COOKIE, known
from api.body import Body, Door
from api.house import TheHouse, guess

router = APIRouter(prefix="/api", route_class=Door)


class Secret(Body):
    token: Annotated[str, Field(min_length=1, max_length=400)]


@router.post("/session", status_code=204)
async def sign_in(body: Secret, house: TheHouse, request: Request) -> Response:
    """Keep a known person's token until the browser ends. Without any configured tokens there is nobody to know."""
    with guess(house, request):
        known(body.token, house.settings.people())
    answer = Response(status_code=204)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, quote(body.token, safe=""), secure=secure, httponly=True, samesite="strict")
    return answer
