"""Inks: which colours a film's greys are printed in, by its styles and mood."""

# Pillow's annotations name numpy, which is not here, so pyright sees holes in them.
# pyright: reportUnknownMemberType=false

from dataclasses import dataclass
from itertools import pairwise

from PIL import Image

from tools.media import Planes

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Inks:
    """A ramp of colours from the darkest to the lightest. `old` films flicker, weave and are grainy."""

    ramp: tuple[Colour, ...]
    old: bool = False
    grain: float = 0.05


SILENT = Inks(
    ((10, 9, 8), (66, 62, 57), (138, 132, 122), (203, 196, 183), (246, 240, 226)), old=True, grain=0.06
)
NOIR = Inks(((5, 7, 11), (40, 48, 60), (104, 115, 128), (190, 196, 198), (246, 244, 236)), grain=0.09)
EVENING = Inks(((14, 15, 36), (50, 47, 92), (136, 80, 104), (232, 146, 96), (255, 232, 180)))
SUNNY = Inks(((44, 30, 40), (140, 66, 58), (226, 138, 84), (246, 202, 132), (255, 247, 224)))
BLUE = Inks(((12, 20, 38), (40, 70, 104), (98, 140, 162), (180, 204, 204), (250, 244, 226)))
GARDEN = Inks(((17, 32, 30), (48, 88, 70), (122, 148, 92), (210, 208, 138), (253, 247, 220)))
DREAM = Inks(((46, 34, 76), (126, 80, 132), (214, 132, 146), (248, 198, 178), (255, 246, 230)))
NEON = Inks(((9, 11, 32), (34, 42, 96), (30, 120, 150), (92, 208, 190), (240, 255, 236)))
EMBER = Inks(((12, 9, 12), (74, 24, 28), (164, 58, 40), (228, 142, 78), (252, 230, 188)))
PAPER = Inks(((32, 30, 34), (86, 82, 84), (152, 132, 116), (214, 194, 164), (250, 246, 236)))

BY_WORD: tuple[tuple[tuple[str, ...], Inks], ...] = (
    (("silent", "1920", "vintage", "slapstick", "black", "monochrome", "archival"), SILENT),
    (("noir", "detective", "expressionis"), NOIR),
    (("cyber", "neon", "scifi", "futur", "synth", "tech"), NEON),
    (("horror", "dread", "rage", "thriller", "danger", "tens", "urgen"), EMBER),
    (("dream", "surreal", "romantic", "whims", "fairy", "pastel", "tender"), DREAM),
    (("melanchol", "sad", "lonel", "quiet", "calm", "cold", "seren", "winter"), BLUE),
    (("nature", "pastoral", "hope", "fresh", "spring", "botanic"), GARDEN),
    (("comed", "joy", "warm", "happy", "play", "bright", "sunny", "cheer", "western", "adventur"), SUNNY),
    (("night", "evening", "dusk", "myster", "epic", "dramat", "cinematic", "wonder"), EVENING),
)


def inks_for(words: frozenset[str]) -> Inks:
    """The first family of words that is meant wins; without any, brown ink on paper."""
    for stems, inks in BY_WORD:
        if any(word.startswith(stems) for word in words):
            return inks
    return PAPER


@dataclass(frozen=True, slots=True)
class Press:
    """Grey in, the encoder's planes out, by three tables of 256 entries."""

    luma: tuple[int, ...]
    blue: tuple[int, ...]
    red: tuple[int, ...]

    def print(self, grey: Image.Image) -> Planes:
        half = grey.reduce(2)
        return Planes(grey.point(self.luma), half.point(self.blue), half.point(self.red))


def press(inks: Inks) -> Press:
    planes = [_bt709(colour) for colour in _interpolated(inks.ramp)]
    luma, blue, red = zip(*planes, strict=True)
    return Press(luma, blue, red)


def _interpolated(ramp: tuple[Colour, ...]) -> list[Colour]:
    result: list[Colour] = []
    steps = list(pairwise(ramp))
    for grey in range(256):
        place = grey / 255 * len(steps)
        index = min(int(place), len(steps) - 1)
        share = place - index
        dark, light = steps[index]
        red, green, blue = (round(a + (b - a) * share) for a, b in zip(dark, light, strict=True))
        result.append((red, green, blue))
    return result


def _bt709(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (channel / 255 for channel in colour)
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        round(16 + 219 * light),
        round(128 + 224 * (blue - light) / 1.8556),
        round(128 + 224 * (red - light) / 1.5748),
    )
