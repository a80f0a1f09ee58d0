"""OpenRouter's price keys, read as tags.

Keys are irregular: `duration_seconds_with_audio_720p`, `cents_per_second_output`,
`text_to_video_duration_seconds_720p`, `per-video-second-1080p` all price seconds. So a key is
taken apart into known phrases, and one with anything else in it has no meaning here: it is
never read as a price, and never as zero. The phrases come from the vendor's documentation
(openrouter.ai/docs/api_reference/videos) and from answers kept in public repositories.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from tools.money import MICROS_PER_CENT, MICROS_PER_USD, Money
from tools.prices.row import Input

Measure = Literal["usd_second", "cents_second", "cents_minimum", "tokens", "extra"]

MEASURES: dict[str, Measure] = {
    "duration_seconds": "usd_second",
    "per_video_second": "usd_second",
    "cents_per_video_output_second": "cents_second",
    "cents_per_second_output": "cents_second",
    "minimum_cents_per_generation": "cents_minimum",
    "video_tokens": "tokens",
    # What is put in is charged on top; a shot that is made from its words alone has none of it.
    "cents_per_image_input": "extra",
    "cents_per_second_video_continuation": "extra",
    "reference_duration_seconds": "extra",
    "reference_images": "extra",
}
INPUTS: dict[str, Input] = {
    "text_to_video": "text",
    "image_to_video": "image",
    "video_to_video": "video",
    "with_video_input": "video",
}
SOUNDS = {"with_audio": True, "without_audio": False}
RESOLUTION = re.compile(r"\d{3,4}p|[248]k")
PHRASES = sorted((*MEASURES, *INPUTS, *SOUNDS), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Tags:
    """What one key says. `measure` is None until a phrase has said what is counted."""

    measure: Measure | None = None
    input: Input | None = None
    audio: bool | None = None
    resolution: str | None = None


def read_tags(key: str) -> Tags | None:
    """A key in phrases; None as soon as one is unknown, said twice or missing."""
    rest, tags = key.lower().replace("-", "_"), Tags()
    while rest:
        phrase = next((each for each in PHRASES if f"{rest}_".startswith(f"{each}_")), rest.partition("_")[0])
        said = _said(phrase)
        if said is None or getattr(tags, said[0]) is not None:
            return None
        tags = replace(tags, **{said[0]: said[1]})
        rest = rest[len(phrase) :].removeprefix("_")
    return tags if tags.measure else None


def _said(phrase: str) -> tuple[str, object] | None:
    if phrase in MEASURES:
        return "measure", MEASURES[phrase]
    if phrase in INPUTS:
        return "input", INPUTS[phrase]
    if phrase in SOUNDS:
        return "audio", SOUNDS[phrase]
    return ("resolution", phrase) if RESOLUTION.fullmatch(phrase) else None


def read_amount(value: Any, *, cents: bool = False) -> Money | None:
    """Dollars as a vendor writes them, up to the next millionth; None for what is no price above zero."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        count = Decimal(str(value))
    except InvalidOperation:
        return None
    if not count.is_finite() or not 0 < count < 1_000_000:
        return None
    return Money(MICROS_PER_CENT if cents else MICROS_PER_USD).times(count)
