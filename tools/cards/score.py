"""A quiet tune under a shot: eight plucked notes in a circle, their mode by the film's mood."""

import math
from array import array
from functools import lru_cache

from tools.media import Tone, tone_of

RATE = 8_000  # enough for soft notes, and a sixth of the work
BEAT_SECONDS = 0.5
RING_SECONDS = 1.6
LOUDNESS = 1_900  # of 32 767: under the picture, not over it
CONCERT_A = 440.0

# Semitones from A, eight to a round.
TUNES: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...] = (
    (
        ("silent", "comed", "slapstick", "joy", "playful", "happy", "cheer", "warm"),
        (-9, -2, -5, 0, 3, -2, -5, -2),
    ),
    (("noir", "myster", "detective", "tens", "urgen", "thriller", "horror"), (-12, -5, -9, 2, 0, -5, -4, -5)),
    (("melanchol", "sad", "lonel", "cold", "quiet", "calm"), (-12, -5, 0, 3, 2, -5, 0, -5)),
    (("dream", "whims", "surreal", "wonder", "space", "romantic"), (-7, 0, 4, 11, 7, 4, 0, 5)),
    (("neon", "cyber", "tech", "futur", "synth"), (-12, 0, -5, 0, -9, 0, -5, 3)),
)
CALM = (-10, -3, 2, 6, 9, 6, 2, -3)


def tone_for(words: frozenset[str]) -> Tone:
    for stems, tune in TUNES:
        if any(word.startswith(stems) for word in words):
            return _played(tune)
    return _played(CALM)


@lru_cache(maxsize=len(TUNES) + 1)
def _played(tune: tuple[int, ...]) -> Tone:
    """Mix the notes into a circle, so that what rings at its end is heard at its beginning."""
    beat = int(RATE * BEAT_SECONDS)
    circle = [0.0] * (beat * len(tune))
    voices = {semitones: _pluck(CONCERT_A * 2 ** (semitones / 12)) for semitones in set(tune)}
    for place, semitones in enumerate(tune):
        start = place * beat
        for index, sample in enumerate(voices[semitones]):
            circle[(start + index) % len(circle)] += sample
    return tone_of(array("h", [round(sample * LOUDNESS) for sample in circle]).tobytes(), RATE)


def _pluck(pitch: float) -> list[float]:
    """A soft string: it speaks in a fiftieth of a second and dies away, its overtone sooner."""
    turn = math.tau * pitch / RATE
    length = int(RATE * RING_SECONDS)
    result: list[float] = []
    for index in range(length):
        fall = math.exp(-3.2 * index / RATE) * min(1.0, index * 50 / RATE) * (1 - index / length)
        result.append(fall * (math.sin(turn * index) + 0.28 * fall * math.sin(2 * turn * index)))
    return result
