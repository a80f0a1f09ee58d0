"""What an animatic is drawn from."""

from dataclasses import dataclass

from tools.errors import Invalid

SHORT_SIDES = {"360p": 360, "480p": 480, "720p": 720, "1080p": 1080}
RATIOS = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1)}


@dataclass(frozen=True, slots=True)
class Card:
    """One shot as a drawing. The same card always gives the same clip, byte for byte."""

    number: int
    seconds: int
    caption: str | None
    title_card: str | None
    prompt: str
    camera: str
    styles: tuple[str, ...]
    mood: str
    aspect_ratio: str
    resolution: str
    stamp: str | None = None


def frame_size(resolution: str, aspect_ratio: str) -> tuple[int, int]:
    """Width and height, even. The resolution names the shorter side, as vendors do."""
    if resolution not in SHORT_SIDES:
        raise Invalid("resolution", f"one of {', '.join(SHORT_SIDES)}")
    if aspect_ratio not in RATIOS:
        raise Invalid("aspect_ratio", f"one of {', '.join(RATIOS)}")
    short = SHORT_SIDES[resolution]
    across, down = RATIOS[aspect_ratio]
    width, height = (-(-short * side // min(across, down)) for side in (across, down))
    return width + width % 2, height + height % 2
