"""What an interaction that makes a video is asked with."""

from collections.abc import Sequence
from typing import Any

from tools.prices import PriceRow
from tools.providers.answers import encoded
from tools.providers.base import RenderRequest

NAME = "google"
MODELS = frozenset({"gemini-omni-1.1-flash", "gemini-omni-1.2-flash"})
MEDIA_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"})


def takes(model: str, _rows: Sequence[PriceRow] = ()) -> int | None:
    """How many pictures a model begins with; None for one that is not asked through interactions."""
    return 1 if model in MODELS else None


def objection(request: RenderRequest) -> str | None:
    """Why this request is not to be sent; None if it may be."""
    if request.model not in MODELS:
        return f"nobody here knows how to ask for {request.model}"
    if len(request.pictures) > 1:
        return f"{request.model} begins with one picture"
    if any(each.media_type not in MEDIA_TYPES for each in request.pictures):
        return f"{request.model} takes no picture of this kind"
    return None


def body_of(request: RenderRequest) -> dict[str, Any]:
    """The request as an interaction. The clip is to be fetched: in the answer itself it would be too large."""
    body: dict[str, Any] = {
        "model": request.model,
        "background": True,
        "store": True,
        "input": request.prompt,
        "response_format": {
            "type": "video",
            "resolution": request.resolution,
            "duration": f"{request.seconds}s",
            "aspect_ratio": request.aspect_ratio,
            "delivery": "uri",
        },
    }
    if request.pictures:
        body["input"] = _beginning_with_a_picture(request)
        body["generation_config"] = {"video_config": {"task": "image_to_video"}}
    return body


def _beginning_with_a_picture(request: RenderRequest) -> list[dict[str, Any]]:
    [picture] = request.pictures
    shown = {"type": "image", "mime_type": picture.media_type, "data": encoded(picture)}
    return [{"type": "user_input", "content": [shown, {"type": "text", "text": request.prompt}]}]
