"""Any server of `/v1/audio/speech`: OpenAI's own until 2027-01-06, or a gateway, or one's own.

    route, fields, longest text     openai 3.52's client, read 2026-11-21
    the sound as raw bytes          the same; errors are JSON

It honours no idempotency key and lists nothing: a lost answer stays lost. It reports no cost, so that
what came is charged by its price row.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.clock import Clock
from tools.prices import PriceBook
from tools.providers.account import Host
from tools.providers.at_once import AtOnce, Counter, Way, Work, is_sound
from tools.providers.base import RenderRequest

NAME = "openai_speech"
CHARACTERS_MAX = 4_096
TOOK_NOTHING = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 429})


def openai_speech(server: Host, book: PriceBook, folder: Path, clock: Clock) -> AtOnce:
    return AtOnce(counter(server), book, folder, clock)


def counter(server: Host) -> Counter:
    return Counter(NAME, server.base, server.headers, {"speech": WAY})


def _order(request: RenderRequest) -> dict[str, Any]:
    return {
        "model": request.model,
        "input": request.prompt,
        "voice": request.voice,
        "response_format": "mp3",
    }


def _objection(request: RenderRequest) -> str | None:
    if not request.voice:
        return f"{request.model} has to be told in which voice"
    if len(request.prompt) > CHARACTERS_MAX:
        return f"{request.model} says up to {CHARACTERS_MAX} characters, not {len(request.prompt)}"
    return None


def _read(_headers: Mapping[str, str], content: bytes) -> Work | None:
    return Work(content) if is_sound(content) else None


WAY = Way(lambda _request: "audio/speech", _order, TOOK_NOTHING, _read, _objection)
