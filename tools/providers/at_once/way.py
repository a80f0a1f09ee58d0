"""How a vendor is asked for a picture or a voice, and what is found in its answer."""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tools.money import Money
from tools.prices import Kind, PriceBook
from tools.providers.answers import as_object, as_objects
from tools.providers.base import RenderRequest, VideoModel
from tools.shots import ASPECT_RATIOS

WORK_SECONDS = 110.0  # pictures have taken one and a half minutes
ANSWER_SECONDS = WORK_SECONDS + 5  # with the time to write down what came
WEBP = (b"RIFF", b"WEBP")
WAVE = (b"RIFF", b"WAVE")
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
SOUNDS = (b"ID3", b"OggS", b"fLaC")


@dataclass(frozen=True, slots=True)
class Work:
    """What a vendor made. `charged` is what it reports for it; `name` is its own name for it, where it says."""

    content: bytes = field(repr=False)
    charged: Money | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One kind of work of a vendor: where it is asked for, in which words, and how its answer is read.

    `creates_nothing` are the 4xx by which it says that it took nothing; `read` finds the work in the
    headers and bytes of a 2xx, or None where there is none of this kind. `objection` is why it is
    known not to make something, where it is.
    """

    where: Callable[[RenderRequest], str]
    order: Callable[[RenderRequest], dict[str, Any]]
    creates_nothing: frozenset[int]
    read: Callable[[Mapping[str, str], bytes], Work | None]
    objection: Callable[[RenderRequest], str | None] = lambda _request: None


@dataclass(frozen=True, slots=True)
class Counter:
    """A vendor that sells nothing but this: its name, its address, and what proves who asks."""

    name: str
    address: str
    key: Mapping[str, str] = field(repr=False)
    ways: Mapping[Kind, Way]


def offered(book: PriceBook, provider: str, kind: Kind) -> tuple[VideoModel, ...]:
    """The models of this kind that somebody has written a price for."""
    return tuple(
        VideoModel(name, (), (), ASPECT_RATIOS, audio=kind == "speech", kind=kind)
        for _, name in book.models(provider, kind)
    )


def picture_in(body: Mapping[str, Any]) -> bytes | None:
    """The first picture of an answer in JSON."""
    made = as_objects(body.get("data"))
    first = made[0].get("b64_json") if made else None
    try:
        content = b64decode(first, validate=True) if isinstance(first, str) else b""
    except ValueError:
        return None
    return content if is_picture(content) else None


def json_object(content: bytes) -> dict[str, Any]:
    """The JSON of an answer, money to the last digit; empty where it is none."""
    try:
        return as_object(json.loads(content, parse_float=Decimal))
    except (ValueError, RecursionError):
        return {}


def is_picture(content: bytes) -> bool:
    return content.startswith(PICTURES) or _is_riff(content, WEBP)


def is_sound(content: bytes) -> bool:
    """MP3 with or without a title, Ogg, FLAC or a wave."""
    is_frame = len(content) > 1 and content[0] == 0xFF and content[1] & 0xE6 in (0xE2, 0xE4, 0xE6)
    return is_frame or content.startswith(SOUNDS) or _is_riff(content, WAVE)


def _is_riff(content: bytes, kind: tuple[bytes, bytes]) -> bool:
    return (content[:4], content[8:12]) == kind
