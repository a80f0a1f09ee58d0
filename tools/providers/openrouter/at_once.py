"""What OpenRouter answers with at once: pictures, which come with their bill, and voices, which do not.

pictures     POST /images, {"data": [{"b64_json"}], "usage": {"cost"}}: its documentation and openrouter
             1.3.84's source; the answer's fields also in LiteLLM's source. Read 2026-11-21
voices       POST /audio/speech, raw bytes, `X-Generation-Id`: openrouter.ai/docs, speech, read 2026-11-21
their bill   GET /generation?id=, {"data": {"total_cost", "is_byok"}}, some seconds later: the same
"""

from collections.abc import Mapping
from typing import Any

from tools.money import MICROS_PER_USD, Money
from tools.prices import Kind
from tools.providers.answers import as_object, count, submitted
from tools.providers.at_once import Way, Work, is_sound, json_object, picture_in
from tools.providers.base import RenderRequest, Submitted

# By these it says that it took nothing; it documents 499, 500 and 503 as well, which prove nothing.
TOOK_NOTHING = frozenset({400, 401, 402, 403, 404, 413, 429})
SIZES = ("1K", "2K", "4K")  # of its pictures


def _picture_order(request: RenderRequest) -> dict[str, Any]:
    return {
        "model": request.model,
        "prompt": request.prompt,
        "n": 1,
        "aspect_ratio": request.aspect_ratio,
        "resolution": request.resolution,
    }


def _undrawn(request: RenderRequest) -> str | None:
    drawn = request.resolution in SIZES
    return None if drawn else f"OpenRouter draws {', '.join(SIZES)}, not {request.resolution}"


def _picture(_headers: Mapping[str, str], content: bytes) -> Work | None:
    body = json_object(content)
    picture = picture_in(body)
    return None if picture is None else Work(picture, bill(as_object(body.get("usage")), "cost"))


def _voice_order(request: RenderRequest) -> dict[str, Any]:
    return {
        "model": request.model,
        "input": request.prompt,
        "voice": request.voice,
        "response_format": "mp3",
    }


def _voice(headers: Mapping[str, str], content: bytes) -> Work | None:
    named = submitted(headers.get("x-generation-id"))
    name = named.provider_job_id if isinstance(named, Submitted) else None
    return Work(content, name=name) if is_sound(content) else None


def _unvoiced(request: RenderRequest) -> str | None:
    return None if request.voice else f"{request.model} has to be told in which voice"


WAYS: Mapping[Kind, Way] = {
    "image": Way(lambda _request: "images", _picture_order, TOOK_NOTHING, _picture, _undrawn),
    "speech": Way(lambda _request: "audio/speech", _voice_order, TOOK_NOTHING, _voice, _unvoiced),
}


def bill(usage: Mapping[str, Any], field: str) -> Money | None:
    """What it charges, up to the next millionth of a dollar; None where that is missing or absurd."""
    cost = None if usage.get("is_byok") is True else count(usage.get(field))
    return None if cost is None else Money(MICROS_PER_USD).times(cost)
