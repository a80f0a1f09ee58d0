"""Films without an ffmpeg binary: write a clip, read its facts, join clips into one film."""

from tools.media.hold import hold
from tools.media.join import join
from tools.media.look import Facts, poster, probe
from tools.media.reel import DRAWN, Frame, Planes, Tone, tone_of
from tools.media.write import write_clip

__all__ = [
    "DRAWN",
    "Facts",
    "Frame",
    "Planes",
    "Tone",
    "hold",
    "join",
    "poster",
    "probe",
    "tone_of",
    "write_clip",
]
