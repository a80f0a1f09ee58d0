"""Where a shot is: what lies behind everything, and what passes close to the lens."""

# Pillow's annotations name numpy, which is not here, so pyright sees holes in them.
# pyright: reportUnknownMemberType=false

import math
import random
from collections.abc import Callable

from PIL import Image, ImageChops

from tools.cards.ink import GROUND, Pen, gradient, scene_top, sheet, veil
from tools.cards.things import Tones

Backdrop = Callable[[Pen, Tones, random.Random], None]
REACH = 1.6  # how far to each side of the middle is drawn, in heights of the picture


def sky_of(size: tuple[int, int], unit: float, place: str, tones: Tones) -> Image.Image:
    """The farthest thing, as light: a sky, or a wall with its floor."""
    if place not in {"room", "stage"}:
        return gradient(size, *tones.sky)
    image = gradient(size, *tones.wall)
    edge = round(scene_top(size[1], unit) + unit * (GROUND - 0.08))
    image.paste(gradient((size[0], size[1] - edge), *tones.floor), (0, edge))
    return image


def _ridge(pen: Pen, tone: int, base: float, rise: float, dice: random.Random) -> None:
    """A line of hills: three waves of chance lengths, filled to the bottom."""
    waves = [
        (rise / order, order * dice.uniform(1.2, 2.2), dice.uniform(0, math.tau)) for order in (1, 2, 3.7)
    ]
    steps = [-REACH + index * REACH / 60 for index in range(121)]
    line = [
        (x, base - sum(height * math.sin(speed * x + start) for height, speed, start in waves)) for x in steps
    ]
    pen.shape(tone, *line, (REACH, 2), (-REACH, 2))


def hills(pen: Pen, tones: Tones, dice: random.Random) -> None:
    _ridge(pen, tones.far, 0.52, 0.07, dice)
    _ridge(pen, (tones.far + tones.mid) // 2, 0.62, 0.045, dice)
    _ridge(pen, tones.mid, 0.74, 0.022, dice)
    road = (tones.sky[1] + tones.mid) // 2
    pen.shape(road, (0.05, 0.74), (0.09, 0.74), (0.62, 1.12), (-0.4, 1.12))


def sea(pen: Pen, tones: Tones, dice: random.Random) -> None:
    pen.box(tones.mid, -REACH, 0.6, REACH, 1.1)
    pen.box((tones.far + tones.sky[1]) // 2, -REACH, 0.6, REACH, 0.606)
    for row in range(46):
        depth = row / 46
        y, x = 0.61 + 0.4 * depth**1.4, dice.uniform(-REACH, REACH)
        length = (0.06 + 0.3 * depth) * dice.uniform(0.5, 1.2)
        tone = tones.far if row % 3 else tones.sky[1]
        pen.box(tone, x, y, x + length, y + 0.002 + 0.004 * depth, round=0.004)


def city(pen: Pen, tones: Tones, dice: random.Random) -> None:
    for tone, tallest, windows in ((tones.far, 0.5, False), (tones.mid, 0.36, True)):
        x = -REACH
        while x < REACH:
            width, top = dice.uniform(0.1, 0.22), 0.78 - tallest * dice.uniform(0.45, 1.0)
            pen.box(tone, x, top, x + width, 1.1)
            if dice.random() < 0.35:
                pen.box(tone, x + width * 0.4, top - 0.07, x + width * 0.46, top)
            if windows:
                _windows(pen, tones, dice, (x, top, width))
            x += width + 0.006
    pen.box(tones.floor[0], -REACH, 0.76, REACH, 1.1)
    pen.box(tones.floor[1], -REACH, 0.83, REACH, 1.1)


def _windows(pen: Pen, tones: Tones, dice: random.Random, house: tuple[float, float, float]) -> None:
    left, top, width = house
    for column in range(int(width / 0.036)):
        for row in range(int((0.72 - top) / 0.048)):
            x, y = left + 0.014 + column * 0.036, top + 0.024 + row * 0.048
            lit = dice.random() < 0.3
            pen.box(tones.bright if lit else tones.far, x, y, x + 0.016, y + 0.025)


def forest(pen: Pen, tones: Tones, dice: random.Random) -> None:
    _ridge(pen, tones.far, 0.66, 0.02, dice)
    for tone, count, thick in (
        ((tones.far + tones.sky[1]) // 2, 26, 0.016),
        (tones.far, 20, 0.026),
        (tones.mid, 12, 0.046),
    ):
        for _ in range(count):
            x, width = dice.uniform(-REACH, REACH), thick * dice.uniform(0.7, 1.3)
            pen.shape(
                tone, (x - width, 0.9), (x - width * 0.6, -0.05), (x + width * 0.6, -0.05), (x + width, 0.9)
            )
    _ridge(pen, tones.mid, 0.8, 0.012, dice)


def room(pen: Pen, tones: Tones, dice: random.Random) -> None:
    """A wall with paper, a skirting board, a tall window and boards that run to the horizon."""
    edge = GROUND - 0.08
    for stripe in range(-26, 27):
        pen.box(tones.wall[0] + 6, stripe * 0.06, -1, stripe * 0.06 + 0.004, edge)
    pen.box(tones.mid, -REACH, edge - 0.035, REACH, edge)
    pen.box(tones.side, -REACH, edge - 0.04, REACH, edge - 0.034)
    for board in range(-22, 23):
        pen.line(tones.floor[1], 0.003, (board * 0.1, edge), (board * 0.3, 1.12))
    side = dice.choice((-1, 1))
    window(pen.at(-0.6 * side, 0.12, 0.38), tones)
    hung = pen.at(0.68 * side, 0.32)
    hung.box(tones.dark, -0.12, -0.09, 0.12, 0.09)
    hung.box(tones.far, -0.105, -0.075, 0.105, 0.075)
    hung.shape(tones.mid, (-0.105, 0.075), (-0.04, -0.03), (0.01, 0.04), (0.045, 0), (0.105, 0.075))


def window(pen: Pen, tones: Tones) -> None:
    pen.box(tones.dark, -0.42, -0.03, 0.42, 1.23)
    pen.box(tones.bright, -0.36, 0.03, 0.36, 1.17)
    pen.box(tones.dark, -0.02, 0, 0.02, 1.2)
    for bar in (0.4, 0.8):
        pen.box(tones.dark, -0.38, bar - 0.015, 0.38, bar + 0.015)
    pen.box(tones.side, -0.5, 1.22, 0.5, 1.27)


def stage(pen: Pen, tones: Tones, dice: random.Random) -> None:
    pen.box(tones.floor[0], -REACH, GROUND - 0.08, REACH, 1.1)
    for fold in range(-28, 29):
        tone = (tones.mid, tones.far, tones.wall[1], tones.far)[fold % 4]
        pen.box(tone, fold * 0.058, -1, fold * 0.058 + 0.059, GROUND - 0.08 + dice.uniform(0, 0.006))
    for board in range(1, 6):
        pen.box(
            tones.floor[1],
            -REACH,
            GROUND - 0.08 + 0.012 * board**1.6,
            REACH,
            GROUND - 0.076 + 0.012 * board**1.6,
        )


def space(pen: Pen, tones: Tones, dice: random.Random) -> None:
    _stars(pen, tones, dice, 190)
    pen.disc(tones.mid, 0.5, 0.34, 0.22)
    pen.disc(tones.far, 0.48, 0.32, 0.19)
    turns = [index * math.tau / 60 for index in range(61)]
    for width, tone in ((0.36, tones.bright), (0.32, tones.far)):
        ring = [
            (width * math.cos(turn), 0.07 * math.sin(turn) - 0.3 * width * math.cos(turn)) for turn in turns
        ]
        front = [(0.5 + x, 0.34 + y) for x, y in ring[:32]]
        pen.line(tone, 0.006, *front)
    _ridge(pen, tones.mid, 0.8, 0.02, dice)


def _stars(pen: Pen, tones: Tones, dice: random.Random, count: int) -> None:
    for _ in range(count):
        size = 0.001 + 0.0022 * dice.random() ** 3
        pen.disc(tones.bright, dice.uniform(-REACH, REACH), dice.uniform(0, 0.62), size)


BACKDROPS: dict[str, Backdrop] = {
    "hills": hills,
    "sea": sea,
    "city": city,
    "forest": forest,
    "room": room,
    "stage": stage,
    "space": space,
}


def backdrop(
    size: tuple[int, int], unit: float, place: str, tones: Tones, *, night: bool, seed: int
) -> Image.Image:
    """Everything behind the people, opaque."""
    dice = random.Random(seed)
    back = sky_of(size, unit, place, tones)
    drawn = sheet(size, unit, tones.mid)
    pen = drawn.stage
    outdoors = place not in {"room", "stage"}
    if outdoors and night:
        _stars(pen, tones, dice, 90)
    if outdoors and place != "space":
        pen.disc(tones.bright, -0.36, 0.26, 0.075 if night else 0.06)
    BACKDROPS[place](pen, tones, dice)
    if place == "sea":
        _ridge(pen, tones.dark, 0.9, 0.012, dice)
    layer = drawn.finished()
    back.paste(layer.getchannel("L"), (0, 0), layer.getchannel("A"))
    return ImageChops.add(back, _daylight(size, unit, place, night=night))


def _daylight(size: tuple[int, int], unit: float, place: str, *, night: bool) -> Image.Image:
    """Light that falls in: a beam from the window, a spot on the stage, a haze over the ground."""
    middle, strength = size[0] / 2, 46 if night else 30
    if place == "room":
        beam = [(-0.5, 0.1), (0.5, 0.1), (0.36, 1.05), (-0.36, 1.05)]
    elif place == "stage":
        beam = [(-0.06, -0.3), (0.06, -0.3), (0.5, 1.05), (-0.5, 1.05)]
    else:
        beam = [(-2.0, 0.5), (2.0, 0.5), (2.0, 0.72), (-2.0, 0.72)]
    top = scene_top(size[1], unit)
    return veil(size, [(middle + x * unit, top + y * unit) for x, y in beam], strength, unit * 0.09)


def foreground(size: tuple[int, int], unit: float, frame_width: int, place: str, seed: int) -> Image.Image:
    """What passes close to the lens, out of the light: as a mask, since all of it is one tone."""
    dice = random.Random(seed + 1)
    drawn = sheet(size, unit)
    pen, half = drawn.stage, frame_width / unit / 2
    bottom = (size[1] - scene_top(size[1], unit)) / unit
    for side in (-1, 1):
        edge = pen.at(side * half, bottom, mirrored=side > 0)
        FRAMES.get(place, _grass)(edge, dice)
    return drawn.finished().getchannel("A")


def _grass(pen: Pen, dice: random.Random) -> None:
    pen.disc(0, -0.1, 0.05, 0.6, 0.14)
    for _ in range(46):
        x = dice.uniform(-0.1, 0.55)
        height, lean = dice.uniform(0.06, 0.2) * (1.1 - x), dice.uniform(-0.05, 0.09)
        pen.shape(0, (x, 0.05), (x + 0.012, 0.05), (x + lean, -height))


def _boughs(pen: Pen, dice: random.Random) -> None:
    pen.shape(0, (-0.9, 0.05), (-0.9, -1.9), (0.07, -1.9), (0.05, -0.5), (0.1, 0.05))
    for _ in range(40):
        pen.disc(0, dice.uniform(-0.1, 0.42), -1.02 + dice.uniform(-0.1, 0.1), dice.uniform(0.02, 0.05))
    _grass(pen, dice)


def _curtain(pen: Pen, dice: random.Random) -> None:
    """Drawn aside and tied: full above, narrow at the cord, falling open to the floor."""
    width = dice.uniform(0.1, 0.13)
    steps = [index / 24 for index in range(25)]
    drape = [
        (
            width * (1 - 0.62 * math.sin(math.pi * step**1.6) ** 2) + 0.07 * (1 - step) ** 3,
            (step * 1.15 - 1.1) * 1.4,
        )
        for step in steps
    ]
    pen.shape(0, (-0.9, -1.54), *drape, (-0.9, 0.05))


def _post(pen: Pen, dice: random.Random) -> None:
    width = dice.uniform(0.05, 0.08)
    pen.box(0, -0.9, -1.9, width, 0.1)
    pen.box(0, -0.1, -0.07, 0.34, 0.1)
    for bar in range(4):
        pen.box(0, 0.1 + bar * 0.07, -0.15, 0.112 + bar * 0.07, 0)
    pen.box(0, -0.1, -0.16, 0.34, -0.148)


FRAMES: dict[str, Callable[[Pen, random.Random], None]] = {
    "room": _curtain,
    "stage": _curtain,
    "forest": _boughs,
    "city": _post,
}
