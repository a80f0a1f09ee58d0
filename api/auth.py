"""Who is speaking: a person with a token, or the one local user of a loopback service."""

import hmac
from dataclasses import dataclass
from urllib.parse import unquote

from fastapi import Request

from api.settings import ROLES, Role, Settings, Token
from tools.errors import Forbidden, Invalid, Unauthenticated

LOCAL = "local"
COOKIE = "greenlight"
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated person. `name` owns what they make; `role` says what they may answer."""

    name: str
    role: Role

    def needs(self, role: Role) -> None:
        """`Forbidden` unless this person's role is `role` or above it."""
        if ROLES.index(self.role) < ROLES.index(role):
            raise Forbidden(role)


def identify(request: Request, people: tuple[Token, ...]) -> Principal:
    """The person behind a request, by its token; without any configured tokens, the local user."""
    if not people:
        return Principal(LOCAL, "admin")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return known(given.strip(), people)
    return known(unquote(request.cookies.get(COOKIE, "")), people)


def known(secret: str, people: tuple[Token, ...]) -> Principal:
    """Whose token this is; `Unauthenticated` if it is nobody's."""
    for person in people:
        if hmac.compare_digest(person.secret.encode(), secret.encode()):
            return Principal(person.name, person.role)
    raise Unauthenticated


def check_host(settings: Settings, host: str) -> None:
    """A service that others can reach must know who they are."""
    if host not in LOOPBACK and not settings.people():
        raise Invalid(
            "--host", f"{host} can be reached by others: set GREENLIGHT_TOKENS first, or use 127.0.0.1"
        )
