"""Pictures in, a clip out."""

from array import array
from collections.abc import Iterable
from pathlib import Path

from tools.errors import Invalid
from tools.media.reel import (
    SAMPLE_BYTES,
    SOUND_RATE,
    TAKEN,
    Coding,
    Frame,
    Tone,
    encoding,
    to_video_frame,
)

FADE_IN = SOUND_RATE // 4
FADE_OUT = SOUND_RATE * 3 // 4


def write_clip(
    frames: Iterable[Frame],
    to: Path,
    *,
    fps: int,
    size: tuple[int, int],
    tone: Tone | None,
    coding: Coding = TAKEN,
) -> None:
    """Write `frames` as H.264 yuv420p with one AAC track, which is silent where there is no `tone`.

    The sound runs behind the picture by the length of its fade, since only the last frame tells
    where the end is.
    """
    with encoding(to, fps=fps, size=size, coding=coding) as reel:
        held = b""
        for frame in frames:
            reel.show(to_video_frame(frame))
            held += _passage(tone, samples_at(reel.frames - 1, fps), samples_at(reel.frames, fps))
            reel.sound(held[: -FADE_OUT * SAMPLE_BYTES])
            held = held[-FADE_OUT * SAMPLE_BYTES :]
        if not reel.frames:
            raise Invalid("frames", "a clip has at least one")
        reel.sound(_scaled(held, start=len(held) // SAMPLE_BYTES, step=-1, whole=FADE_OUT))


def samples_at(frames: int, fps: int) -> int:
    """How many samples have sounded when `frames` frames have been seen."""
    return frames * SOUND_RATE // fps


def _passage(tone: Tone | None, start: int, end: int) -> bytes:
    if tone is None:
        return bytes((end - start) * SAMPLE_BYTES)
    period = len(tone.loop) // SAMPLE_BYTES
    first = start % period
    rounds = (first + end - start) // period + 1
    samples = (tone.loop * rounds)[first * SAMPLE_BYTES : (first + end - start) * SAMPLE_BYTES]
    return _scaled(samples, start=start, step=1, whole=FADE_IN) if start < FADE_IN else samples


def _scaled(samples: bytes, *, start: int, step: int, whole: int) -> bytes:
    """Each sample times its place on a ramp from 0 to `whole`, where it stays at full strength."""
    scaled = array("h", samples)
    for index, sample in enumerate(scaled):
        place = min(start + step * (index // 2), whole)
        scaled[index] = sample * place // whole
    return scaled.tobytes()
