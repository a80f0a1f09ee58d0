"""Any server of `/v1/images/generations`: OpenAI's own, or a gateway to others (LiteLLM), or one's own.

    route, fields, sizes     openai 3.52's client, read 2026-11-21: both sides divisible by 16
    a picture as base64      the same: its newer models always answer so, and refuse `response_format`

It honours no idempotency key and lists nothing: a lost answer stays lost. It reports tokens and no
amount, so that what came is charged by its row of the person's own price file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.clock import Clock
from tools.prices import PriceBook
from tools.providers.account import Host
from tools.providers.answers import BLOCK, size_of
from tools.providers.at_once import AtOnce, Counter, Way, Work, json_object, picture_in
from tools.providers.base import RenderRequest

NAME = "openai_images"
TOOK_NOTHING = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 429})


def openai_images(server: Host, book: PriceBook, folder: Path, clock: Clock) -> AtOnce:
    return AtOnce(counter(server), book, folder, clock)


def counter(server: Host) -> Counter:
    return Counter(NAME, server.base, server.headers, {"image": WAY})


def _order(request: RenderRequest) -> dict[str, Any]:
    return {"model": request.model, "prompt": request.prompt, "n": 1, "size": _size(request)}


def _size(request: RenderRequest) -> str | None:
    """Both sides as the models draw them, which is no smaller than asked."""
    size = size_of(request.resolution, request.aspect_ratio)
    sides = (-(-int(side) // BLOCK) * BLOCK for side in size.split("x")) if size else ()
    return "x".join(map(str, sides)) or None


def _objection(request: RenderRequest) -> str | None:
    return None if _size(request) else f"nobody knows how large {request.resolution} is"


def _read(_headers: Mapping[str, str], content: bytes) -> Work | None:
    picture = picture_in(json_object(content))
    return None if picture is None else Work(picture)


WAY = Way(lambda _request: "images/generations", _order, TOOK_NOTHING, _read, _objection)
