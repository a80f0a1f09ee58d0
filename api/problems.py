"""Errors as `application/problem+json`: one table from what went wrong to what a caller is told."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tools.errors import (
    AlreadyApproved,
    BudgetExceeded,
    Busy,
    CannotRender,
    Conflict,
    DigestMismatch,
    Forbidden,
    Frozen,
    Invalid,
    NoPrice,
    NotFound,
    QuoteDeclined,
    QuoteExpired,
    QuoteSuperseded,
    StudioError,
    TooFast,
    TurnRunning,
    TurnSpent,
    Unauthenticated,
)

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """RFC 9457. `detail` is one line for a person; `facts` are for programs."""

    type: str
    status: int
    title: str
    detail: str
    facts: dict[str, Any] = field(default_factory=dict[str, Any])

    def to_json(self) -> dict[str, Any]:
        head = {"type": self.type, "title": self.title, "status": self.status, "detail": self.detail}
        return head | self.facts


CONFLICTS: dict[type[Conflict], tuple[str, str, str]] = {
    DigestMismatch: (
        "digest-mismatch",
        "Another offer",
        "the digest names another offer than this quote; read it again",
    ),
    QuoteExpired: ("quote-expired", "Expired", "this quote has expired; ask for a new one"),
    QuoteSuperseded: (
        "quote-superseded",
        "Superseded",
        "a newer quote, or a newer plan, took the place of this one",
    ),
    QuoteDeclined: ("quote-declined", "Declined", "this quote was declined; ask for a new one"),
    AlreadyApproved: ("already-approved", "Already approved", "this quote has been approved already"),
    TurnRunning: ("turn-running", "Turn running", "the last turn is still running; wait for it or stop it"),
    TurnSpent: (
        "turn-spent",
        "Turn spent",
        "an offer was approved after this message; what followed it cannot be taken back",
    ),
}


def problem(error: StudioError) -> Problem:
    """What a caller is told about an error."""
    match error:
        case BudgetExceeded(scope, asked, headroom):
            return Problem(
                "budget-exceeded",
                402,
                "Over the budget",
                f"the {scope} budget has ${headroom} left and this needs ${asked}",
                {"scope": scope, "asked_usd": str(asked), "headroom_usd": str(headroom)},
            )
        case Frozen(scope, reason):
            return Problem("frozen", 503, "Frozen", f"the {scope} budget is frozen: {reason}")
        case CannotRender(what, why):
            return Problem("cannot-render", 422, "Cannot render", why, {"field": what})
        case NoPrice(what, why):
            return Problem("no-price", 422, "No price", why, {"field": what})
        case Invalid(what, why):
            return Problem("invalid", 422, "Invalid", f"{what}: {why}", {"field": what})
        case NotFound(kind, identity):
            return Problem("not-found", 404, "Not found", f"there is no {kind} {identity[:100]!r}")
        case Conflict(identity):
            kind, title, detail = CONFLICTS.get(
                type(error), ("conflict", "Conflict", "its state does not allow this any more")
            )
            return Problem(kind, 409, title, detail, {"id": identity})
        case _:
            return _of_the_caller(error)


def _of_the_caller(error: StudioError) -> Problem:
    """Who asks may not, or not now."""
    match error:
        case Forbidden(needs):
            return Problem("forbidden", 403, "Forbidden", f"this needs the role {needs}")
        case Unauthenticated():
            return Problem(
                "unauthenticated", 401, "Unauthenticated", "send a token: Authorization: Bearer ..."
            )
        case TooFast(seconds):
            return Problem("too-fast", 429, "Too fast", f"that is too much at once; try again in {seconds} s")
        case Busy(what, seconds):
            return Problem(
                "busy",
                503,
                "Busy",
                f"{what} has more to do than it can; nothing was done, so try again in {seconds} s",
            )
        case _:
            return Problem("invalid", 422, "Invalid", str(error))


def answer(told: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(told.to_json(), told.status, headers, MEDIA_TYPE)


async def on_studio_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, StudioError):
        raise error
    later = {"retry-after": str(error.seconds)} if isinstance(error, Busy | TooFast) else None
    return answer(problem(error), later)


async def on_bad_request(_request: Request, error: Exception) -> JSONResponse:
    """The first complaint about a body or a parameter, with the name of its field."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
    return answer(
        Problem(
            "invalid",
            422,
            "Invalid",
            f"{where}: {first['msg'].removeprefix('Value error, ')}",
            {"field": where},
        )
    )


NAMES = {404: "not-found", 401: "unauthenticated", 403: "forbidden", 413: "too-large"}


class Refused(HTTPException):
    """Refused where only the framework's own error gets through, in our words all the same."""

    def __init__(self, told: Problem) -> None:
        super().__init__(told.status, told.detail)
        self.told = told


async def on_http_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error, Refused):
        return answer(error.told)
    told = Problem(
        NAMES.get(error.status_code, "invalid"),
        error.status_code,
        HTTPStatus(error.status_code).phrase,
        str(error.detail),
    )
    return answer(told, error.headers)


async def on_surprise(_request: Request, error: Exception) -> JSONResponse:
    """A bug of ours: logged in full, told in one line, never with a traceback."""
    log.error("unhandled error", exc_info=error)
    return answer(
        Problem(
            "internal", 503, "Unavailable", "something went wrong here; nothing was spent by this request"
        )
    )


def install(app: FastAPI) -> None:
    app.add_exception_handler(StudioError, on_studio_error)
    app.add_exception_handler(RequestValidationError, on_bad_request)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(Exception, on_surprise)
