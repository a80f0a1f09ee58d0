"""ElevenLabs: a voice for a line of narration.

    route, header, fields           elevenlabs.io/docs/api-reference/text-to-speech/convert, read 2026-11-21
    `{"detail": {"message"}}`       the same; what its servers check field by field comes as a list

It honours no idempotency key, and its history knows nothing of ours: a lost answer stays lost. It counts
the characters it bills and no amount, so that what came is charged by its price row.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.clock import Clock
from tools.prices import PriceBook
from tools.providers.account import Account
from tools.providers.answers import part
from tools.providers.at_once import AtOnce, Counter, Way, Work, is_sound
from tools.providers.base import RenderRequest

NAME = "elevenlabs"
ADDRESS = "https://api.elevenlabs.io"
FORMAT = "mp3_44100_128"
TOOK_NOTHING = frozenset({400, 401, 402, 403, 404, 422, 429})


def elevenlabs(account: Account, book: PriceBook, folder: Path, clock: Clock) -> AtOnce:
    return AtOnce(counter(account), book, folder, clock)


def counter(account: Account) -> Counter:
    return Counter(NAME, account.address or ADDRESS, {"xi-api-key": account.key}, {"speech": WAY})


def _where(request: RenderRequest) -> str:
    return f"v1/text-to-speech/{part(request.voice)}?output_format={FORMAT}"


def _order(request: RenderRequest) -> dict[str, Any]:
    return {"text": request.prompt, "model_id": request.model}


def _objection(request: RenderRequest) -> str | None:
    named = request.voice.strip(".")
    return None if named else f"{request.model} has to be told in which voice"


def _read(_headers: Mapping[str, str], content: bytes) -> Work | None:
    return Work(content) if is_sound(content) else None


WAY = Way(_where, _order, TOOK_NOTHING, _read, _objection)
