"""Bodies as clients send them, read strictly: one meaning each, and nothing that a database cannot hold.

Python's own reader is lenient: it takes NaN for a number, makes infinity of 1e999, and of two
equal keys keeps the last, where a reader before us may have seen the first. How deep a body is nested
is seen before it is read.
"""

import json
import math
import re
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, Self, cast

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, model_validator

from api.problems import Problem, Refused

# PostgreSQL has no NUL in a text; half a character, which JSON may name, no file or wire can hold.
UNHELD = re.compile("[\0\ud800-\udfff]")
WHY = "a text holds a NUL or half a character"

DEPTH_MAX = 32  # a message with all its tools' answers is a third as deep
STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)  # one that never ends is one, too
AS_SQUARE = bytes.maketrans(b"{}", b"[]")
NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


class Body(BaseModel):
    """What a request says, in texts that can be kept."""

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if not can_be_kept([getattr(self, name) for name in type(self).model_fields]):
            raise ValueError(WHY)
        return self


def can_be_kept(given: Any) -> bool:
    """Is every text in a JSON value one that our databases can hold?"""
    waiting: list[Any] = [given]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) and UNHELD.search(each):
            return False
        if isinstance(each, dict):
            waiting += cast("dict[str, Any]", each).keys()
            waiting += cast("dict[str, Any]", each).values()
        if isinstance(each, list):
            waiting += cast("list[Any]", each)
    return True


class Door(APIRoute):
    """A route that reads its body strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_Strict(request.scope, request.receive))

        return strictly


class _Strict(Request):
    async def json(self) -> Any:
        body = await self.body()
        check_depth(body)
        try:
            return read_json(body)
        except (ValueError, RecursionError) as error:
            raise HTTPException(422, f"the body cannot be read as JSON: {error}") from None


def check_depth(body: bytes) -> None:
    """Refuse what is nested deeper than anything we ask for, before a reader follows it down.

    Without its texts a body is brackets, and each round takes the innermost pairs away.
    """
    brackets = STRING.sub(b"", body).translate(AS_SQUARE, NO_BRACKET)
    for _ in range(DEPTH_MAX):
        brackets = brackets.replace(b"[]", b"")
    if b"[]" in brackets or brackets.count(b"[") > DEPTH_MAX:
        raise Refused(Problem("too-deep", 422, "Too deep", f"a body is nested at most {DEPTH_MAX} deep"))


def read_json(body: bytes) -> Any:
    """One JSON value; `ValueError` or `RecursionError` if it is none, or could be read in two ways."""
    return json.loads(
        body.decode(), parse_float=_finite, parse_constant=_no_number, object_pairs_hook=_named_once
    )


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is no number that can be kept")


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("an object names a key twice")
    return read
