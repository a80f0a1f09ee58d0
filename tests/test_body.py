"""How deep a body may be nested is looked at before anybody reads it."""

import json
import time
from typing import Any, cast

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from api import problems
from api.body import DEPTH_MAX, Body, Door, check_depth
from api.guard import BODY_BYTES_MAX
from api.problems import Refused

JSON = st.recursive(
    st.text(alphabet='[]{}"\\ab') | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('"[}\\'), inner, max_size=2),
    max_leaves=8,
)


def nested(depth: int, inside: Any = 1) -> Any:
    """Lists and objects in turn."""
    for n in range(depth):
        inside = [inside] if n % 2 else {"a": inside}
    return inside


def is_refused(body: bytes) -> bool:
    try:
        check_depth(body)
    except Refused:
        return True
    return False


def test_what_is_nested_as_deep_as_may_be_is_read_and_one_deeper_is_not() -> None:
    found = [is_refused(json.dumps(nested(depth)).encode()) for depth in (1, DEPTH_MAX, DEPTH_MAX + 1)]

    assert found == [False, False, True]


def test_brackets_in_a_text_are_no_depth() -> None:
    texts = ["[" * 100_000, '"' + "[{" * 1_000, '\\"[' * 1_000, "\\" * 999 + "[" * 100]
    told = [is_refused(json.dumps({"a": text, text: [text]}).encode()) for text in texts]

    assert told == [False] * len(texts)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"]" * 10 + b"[" * 100_000,
        b'"closed" ' + b"[" * 100_000,
    ],
)
def test_a_hundred_thousand_brackets_are_refused(body: bytes) -> None:
    assert is_refused(body)


@pytest.mark.parametrize("piece", [b"[]", b"[", b"]", b'"', b'"\\', b'\\"', b'"a",', b"{}[", b"a"])
def test_no_body_takes_long_to_look_at_for_its_size(piece: bytes) -> None:
    began = time.process_time()
    is_refused(piece * (BODY_BYTES_MAX // 16 // len(piece)))

    assert time.process_time() - began < 0.5


@settings(max_examples=50)
@given(JSON, st.integers(0, 2 * DEPTH_MAX))
def test_as_deep_as_python_finds_it(inside: Any, around: int) -> None:
    value = nested(around, inside)

    assert is_refused(json.dumps(value).encode()) == (depth_of(value) > DEPTH_MAX)


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return depth_of(list(cast("dict[str, Any]", value).values()))
    if isinstance(value, list):
        return 1 + max(map(depth_of, cast("list[Any]", value)), default=0)
    return 0


class Anything(Body):
    a: Any


async def test_a_route_refuses_it_by_name() -> None:
    router = APIRouter(route_class=Door)
    read: list[Any] = []

    @router.post("/")
    async def take(body: Anything) -> None:  # pyright: ignore[reportUnusedFunction] -- the router has it
        read.append(body.a)

    app = FastAPI()
    problems.install(app)
    app.include_router(router)
    sent = {"content-type": "application/json"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:
        good = await http.post("/", content=b'{"a": [1]}', headers=sent)
        deep = await http.post("/", content=b"[" * 100_000, headers=sent)

    assert (good.status_code, read) == (200, [[1]])
    assert deep.headers["content-type"] == "application/problem+json"
    assert deep.json() == {
        "type": "too-deep",
        "title": "Too deep",
        "status": 422,
        "detail": "a body is nested at most 32 deep",
    }
