"""What can stand in a picture. Each is drawn on the ground at 0, upwards, one being a grown person."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from tools.cards.ink import Pen, Point


@dataclass(frozen=True, slots=True)
class Tones:
    """The greys of one light: `dark` is a shape, `side` its lit side, `bright` what shines."""

    sky: tuple[int, int]
    far: int
    mid: int
    wall: tuple[int, int]
    floor: tuple[int, int]
    dark: int
    side: int
    bright: int
    near: int


DAY = Tones((138, 228), 176, 132, (128, 186), (116, 70), 40, 92, 240, 14)
NIGHT = Tones((16, 92), 64, 42, (34, 82), (52, 20), 15, 66, 244, 4)

Thing = Callable[[Pen, Tones], None]


def door(pen: Pen, tones: Tones) -> None:
    pen.box(tones.dark, -0.42, -1.5, 0.42, 0)
    pen.box(tones.side, -0.35, -1.43, 0.35, 0)
    for left in (-0.28, 0.04):
        pen.box(tones.dark, left, -1.33, left + 0.24, -0.78)
        pen.box(tones.dark, left, -0.66, left + 0.24, -0.12)
        pen.box(tones.side, left + 0.025, -1.305, left + 0.24, -0.78)
        pen.box(tones.side, left + 0.025, -0.635, left + 0.24, -0.12)
    pen.disc(tones.bright, 0.3, -0.72, 0.03)
    pen.box(tones.dark, -0.5, -0.03, 0.5, 0.03)


def clock(pen: Pen, tones: Tones) -> None:
    """A tall case clock; its hands stand at ten past ten, as in every shop window."""
    pen.box(tones.dark, -0.3, -1.22, 0.3, 0)
    pen.shape(tones.dark, (-0.38, -1.2), (0, -1.98), (0.38, -1.2))
    pen.disc(tones.dark, 0, -1.4, 0.43)
    pen.disc(tones.bright, 0, -1.4, 0.35)
    for hour in range(12):
        turn = hour * math.pi / 6
        rim = [(length * math.sin(turn), -1.4 - length * math.cos(turn)) for length in (0.27, 0.32)]
        pen.line(tones.dark, 0.022, *rim)
    pen.line(tones.dark, 0.04, (0, -1.4), (-0.15, -1.52))
    pen.line(tones.dark, 0.028, (0, -1.4), (0.2, -1.55))
    pen.disc(tones.dark, 0, -1.4, 0.035)
    pen.box(tones.side, -0.17, -0.9, 0.17, -0.14, round=0.04)
    pen.line(tones.bright, 0.02, (0, -0.9), (0.07, -0.4))
    pen.disc(tones.bright, 0.08, -0.36, 0.07)


def signpost(pen: Pen, tones: Tones) -> None:
    pen.box(tones.dark, -0.04, -1.85, 0.04, 0)
    arrows = ((-1.72, 1, 0.74, tones.bright), (-1.42, -1, 0.66, tones.side), (-1.12, 1, 0.58, tones.bright))
    for top, way, length, tone in (*arrows, (-0.82, -1, 0.7, tones.bright)):
        for grown, ink in ((0.025, tones.dark), (0.0, tone)):
            pen.shape(
                ink,
                (-0.14 * way - grown * way, top - grown),
                (length * way, top - grown),
                ((length + 0.13 + grown) * way, top + 0.1),
                (length * way, top + 0.2 + grown),
                (-0.14 * way - grown * way, top + 0.2 + grown),
            )
        pen.box(tones.dark, min(0, length * 0.8 * way), top + 0.09, max(0, length * 0.8 * way), top + 0.115)


def jar(pen: Pen, tones: Tones) -> None:
    pen.box(tones.dark, -0.5, -1.15, 0.5, 0, round=0.2)
    pen.box(tones.side, -0.45, -1.1, 0.45, -0.05, round=0.17)
    for row, (y, xs) in enumerate(
        ((-0.2, (-0.26, 0.02, 0.29)), (-0.44, (-0.14, 0.16)), (-0.66, (-0.26, 0.05)))
    ):
        for x in xs:
            pen.disc(tones.dark, x, y, 0.15)
            pen.disc(tones.bright, x, y, 0.13)
            for chip in range(4):
                turn = chip * 1.7 + row
                pen.disc(tones.dark, x + 0.07 * math.cos(turn), y + 0.07 * math.sin(turn), 0.02)
    pen.box(tones.dark, -0.4, -1.27, 0.4, -1.1, round=0.04)
    pen.disc(tones.dark, 0, -1.32, 0.08)
    pen.box(tones.bright, -0.37, -0.95, -0.33, -0.4, round=0.02)


def boxes(pen: Pen, tones: Tones) -> None:
    rows = (
        (-0.55, 0.0, 0.62, 0.5),
        (0.1, 0.0, 0.5, 0.42),
        (-0.4, -0.5, 0.48, 0.38),
        (0.06, -0.42, 0.4, 0.34),
    )
    for x, y, width, height in (*rows, (-0.26, -0.88, 0.4, 0.3)):
        pen.box(tones.dark, x - 0.02, y - height - 0.02, x + width + 0.02, y)
        pen.box(tones.side, x, y - height, x + width, y - 0.02)
        pen.box(tones.bright, x + width * 0.48, y - height, x + width * 0.52, y - 0.02)
        pen.box(tones.bright, x, y - height * 0.54, x + width, y - height * 0.5)
        pen.disc(tones.bright, x + width / 2, y - height * 0.52, 0.03)


def letters(pen: Pen, tones: Tones) -> None:
    """Envelopes in the air, as if the door had just been opened."""
    places = (
        (-0.7, -1.5, 0.3),
        (0.1, -1.8, -0.25),
        (0.65, -1.35, 0.15),
        (-0.2, -1.12, -0.4),
        (0.5, -0.75, 0.5),
    )
    for x, y, turn in (*places, (-0.75, -0.6, -0.15), (0.0, -0.4, 0.2)):
        for size, tone in ((1.12, tones.dark), (1.0, tones.bright)):
            pen.shape(tone, *(_turned(x, y, turn, size, corner) for corner in ENVELOPE))
        flap = [_turned(x, y, turn, 1.0, corner) for corner in ((-0.17, -0.11), (0, 0.03), (0.17, -0.11))]
        pen.line(tones.dark, 0.018, *flap)


ENVELOPE = ((-0.17, -0.11), (0.17, -0.11), (0.17, 0.11), (-0.17, 0.11))


def _turned(x: float, y: float, turn: float, size: float, corner: Point) -> Point:
    across, down = corner[0] * size, corner[1] * size
    return x + across * math.cos(turn) - down * math.sin(turn), y + across * math.sin(turn) + down * math.cos(
        turn
    )


def rack(pen: Pen, tones: Tones) -> None:
    for left, height in ((-0.75, 1.65), (-0.1, 1.9), (0.55, 1.5)):
        pen.box(tones.dark, left, -height, left + 0.58, 0, round=0.02)
        for unit in range(int(height / 0.19) - 1):
            y = -height + 0.1 + unit * 0.19
            pen.box(tones.side, left + 0.06, y, left + 0.52, y + 0.13)
            for lamp in range(3):
                lit = (unit * 3 + lamp * 5 + int(left * 10)) % 4 == 0
                pen.disc(tones.bright if lit else tones.dark, left + 0.12 + lamp * 0.07, y + 0.065, 0.022)
            pen.box(tones.dark, left + 0.34, y + 0.05, left + 0.48, y + 0.08)


def safe(pen: Pen, tones: Tones) -> None:
    pen.box(tones.dark, -0.6, -1.2, 0.6, -0.08, round=0.06)
    pen.box(tones.side, -0.5, -1.1, 0.5, -0.18, round=0.03)
    pen.box(tones.dark, -0.44, -1.04, 0.44, -0.24, round=0.03)
    pen.box(tones.side, -0.425, -1.025, 0.44, -0.24, round=0.03)
    pen.disc(tones.dark, -0.05, -0.65, 0.26)
    pen.disc(tones.bright, -0.05, -0.65, 0.22)
    pen.disc(tones.dark, -0.05, -0.65, 0.08)
    for spoke in range(5):
        turn = spoke * math.tau / 5
        pen.line(
            tones.dark, 0.03, (-0.05, -0.65), (-0.05 + 0.3 * math.cos(turn), -0.65 + 0.3 * math.sin(turn))
        )
    for x in (-0.5, 0.36):
        pen.box(tones.dark, x, -0.08, x + 0.14, 0)


def stairs(pen: Pen, tones: Tones) -> None:
    for step in range(8):
        left, top = -0.9 + step * 0.23, -0.2 * (step + 1)
        pen.box(tones.dark, left, top, 0.95, 0)
        pen.box(tones.side, left, top, 0.95, top + 0.035)
        pen.box(tones.dark, left + 0.1, top - 0.5, left + 0.125, top)
    pen.line(tones.dark, 0.045, (-0.85, -0.7), (0.75, -2.1))


def books(pen: Pen, tones: Tones) -> None:
    pen.box(tones.dark, -0.75, -1.9, 0.75, 0)
    for shelf in range(4):
        base = -0.1 - shelf * 0.45
        pen.box(tones.mid, -0.68, base - 0.38, 0.68, base)
        x, book = -0.66, shelf * 3
        while x < 0.56:
            width, height = 0.06 + (book * 7 % 5) * 0.012, 0.26 + (book * 5 % 4) * 0.03
            tone = (tones.side, tones.dark, tones.bright, tones.side)[book * 3 % 4]
            pen.box(tone, x, base - height, x + width - 0.012, base)
            x, book = x + width, book + 1


def tree(pen: Pen, tones: Tones) -> None:
    pen.shape(tones.dark, (-0.1, 0), (-0.05, -0.9), (0.05, -0.9), (0.12, 0))
    pen.line(tones.dark, 0.06, (0, -0.7), (0.34, -1.2))
    pen.line(tones.dark, 0.05, (0, -0.8), (-0.32, -1.15))
    crown = ((-0.36, -1.3, 0.36), (0.34, -1.36, 0.38), (0, -1.68, 0.44), (-0.02, -1.24, 0.34))
    for x, y, radius in crown:
        pen.disc(tones.dark, x, y, radius)
    for x, y, radius in crown:
        pen.disc(tones.side, x - 0.07, y - 0.1, radius * 0.66)


def ship(pen: Pen, tones: Tones) -> None:
    pen.shape(tones.dark, (-0.85, -0.3), (0.95, -0.36), (0.66, 0.06), (-0.62, 0.06))
    for x, height in ((-0.25, 1.5), (0.3, 1.25)):
        pen.box(tones.dark, x - 0.015, -height, x + 0.015, -0.3)
        pen.shape(tones.bright, (x + 0.03, -height + 0.05), (x + 0.46, -0.45), (x + 0.03, -0.42))
        pen.shape(tones.side, (x - 0.03, -height + 0.15), (x - 0.32, -0.45), (x - 0.03, -0.42))


def table(pen: Pen, tones: Tones) -> None:
    pen.box(tones.dark, -0.8, -0.52, 0.8, -0.45)
    pen.box(tones.side, -0.8, -0.535, 0.8, -0.515)
    for x in (-0.72, 0.66):
        pen.box(tones.dark, x, -0.45, x + 0.06, 0)
    pen.box(tones.dark, 0.36, -0.56, 0.6, -0.53)
    pen.box(tones.dark, 0.47, -0.85, 0.49, -0.53)
    pen.shape(tones.bright, (0.32, -0.8), (0.4, -0.98), (0.56, -0.98), (0.64, -0.8))
    for sheet in range(3):
        pen.box(
            tones.bright,
            -0.5 + sheet * 0.05,
            -0.55 - sheet * 0.02,
            -0.2 + sheet * 0.04,
            -0.535 - sheet * 0.02,
        )


def lamp(pen: Pen, tones: Tones) -> None:
    pen.shape(tones.dark, (-0.12, 0), (-0.05, -0.2), (0.05, -0.2), (0.12, 0))
    pen.box(tones.dark, -0.028, -1.75, 0.028, -0.1)
    pen.shape(tones.bright, (-0.09, -1.76), (-0.14, -2.06), (0.14, -2.06), (0.09, -1.76))
    pen.shape(tones.dark, (-0.17, -2.06), (0, -2.2), (0.17, -2.06))
    pen.box(tones.dark, -0.1, -1.78, 0.1, -1.74)


def lighthouse(pen: Pen, tones: Tones) -> None:
    pen.shape(tones.mid, (-1.0, 0.06), (-0.55, -0.28), (0.5, -0.3), (1.1, 0.06))
    pen.shape(tones.bright, (-0.3, -0.26), (-0.19, -2.0), (0.19, -2.0), (0.3, -0.26))
    for low in (0.26, 0.96, 1.66):
        wide, narrow = (0.3 - 0.11 * (height - 0.26) / 1.74 for height in (low, low + 0.34))
        pen.shape(tones.dark, (-wide, -low), (-narrow, -low - 0.34), (narrow, -low - 0.34), (wide, -low))
    pen.box(tones.dark, -0.27, -2.06, 0.27, -1.99)
    pen.box(tones.bright, -0.14, -2.28, 0.14, -2.06)
    pen.shape(tones.dark, (-0.19, -2.27), (0, -2.48), (0.19, -2.27))


ALL: dict[str, Thing] = {
    "door": door,
    "clock": clock,
    "signpost": signpost,
    "jar": jar,
    "boxes": boxes,
    "letters": letters,
    "rack": rack,
    "safe": safe,
    "stairs": stairs,
    "books": books,
    "tree": tree,
    "ship": ship,
    "table": table,
    "lamp": lamp,
    "lighthouse": lighthouse,
}

# How large a thing is drawn, so that the tall ones stay in the picture.
SIZES: dict[str, float] = {
    "clock": 0.84,
    "signpost": 0.86,
    "lighthouse": 0.66,
    "lamp": 0.74,
    "rack": 0.84,
    "stairs": 0.8,
    "books": 0.86,
    "tree": 0.86,
    "door": 0.94,
}

# Where a thing shines, from its own ground, and how far its light reaches.
LIGHTS: dict[str, tuple[float, float, float]] = {
    "lamp": (0.0, -1.9, 0.9),
    "lighthouse": (0.0, -2.15, 1.3),
    "table": (0.48, -0.85, 0.7),
    "clock": (0.0, -1.4, 0.5),
}


def figure(pen: Pen, tones: Tones, *, hat: bool, skirt: bool, bag: bool) -> None:
    """Somebody in a long coat, seen from behind or against the light: anybody may be meant."""
    hem = 0.25 if skirt else 0.16
    for side in (-1, 1):
        pen.shape(
            tones.dark, (side * 0.11, -0.01), (side * 0.09, -0.4), (side * 0.005, -0.4), (side * 0.03, -0.01)
        )
        pen.box(tones.dark, side * 0.025, -0.03, side * 0.14, 0, round=0.015)
        pen.line(tones.dark, 0.062, (side * 0.1, -0.76), (side * 0.15, -0.58), (side * 0.15, -0.42))
        pen.disc(tones.dark, side * 0.15, -0.41, 0.031)
    pen.shape(
        tones.dark,
        (-hem, -0.22),
        (-0.095, -0.56),
        (-0.12, -0.76),
        (0.12, -0.76),
        (0.095, -0.56),
        (hem, -0.22),
    )
    pen.disc(tones.dark, 0, -0.75, 0.128, 0.06)
    pen.box(tones.dark, -0.034, -0.85, 0.034, -0.76)
    pen.disc(tones.dark, 0, -0.89, 0.062, 0.078)
    pen.line(tones.side, 0.012, (-0.105, -0.74), (-0.085, -0.56), (-hem + 0.02, -0.24))
    if hat:
        pen.disc(tones.dark, 0, -0.935, 0.12, 0.02)
        pen.box(tones.dark, -0.066, -1.03, 0.066, -0.93, round=0.025)
        pen.line(tones.side, 0.012, (-0.064, -0.955), (0.064, -0.955))
    elif skirt:
        pen.disc(tones.dark, 0, -0.975, 0.04)
    if bag:
        pen.box(tones.dark, 0.1, -0.4, 0.33, -0.2, round=0.02)
        pen.line(tones.side, 0.018, (0.11, -0.37), (0.215, -0.3), (0.32, -0.37))
