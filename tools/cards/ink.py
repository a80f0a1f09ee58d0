"""Paper and pen: shapes in shades of grey, drawn at twice the size so that edges are smooth.

Everything is drawn in grey and printed in colour at the very end (`palette.py`), as a poster
is: the light decides the colour, one ramp of inks holds a film together, and the camera has
one channel to move instead of three.
"""

# Pillow's annotations name numpy, which is not here, so pyright sees holes in them.
# pyright: reportUnknownMemberType=false

import random
from dataclasses import dataclass, replace

from PIL import Image, ImageChops, ImageDraw, ImageFilter

OVERSAMPLE = 2
GROUND = 0.8  # where people stand, as a share of the scene's height
GRADIENT_EDGE = 178  # what Pillow's radial gradient has reached at the middle of a side
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws in its own small coordinates: `x` to the right, `y` down, `unit` pixels to one."""

    draw: ImageDraw.ImageDraw
    x: float
    y: float
    unit: float

    def at(self, x: float, y: float, scale: float = 1.0, *, mirrored: bool = False) -> "Pen":
        """A pen whose origin is here and whose unit is `scale` of ours."""
        flip = -1 if mirrored else 1
        return replace(
            self, x=self.x + x * self.unit, y=self.y + y * abs(self.unit), unit=self.unit * scale * flip
        )

    def _place(self, point: Point) -> Point:
        return self.x + point[0] * self.unit, self.y + point[1] * abs(self.unit)

    def _corners(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        (a, b), (c, d) = self._place((x0, y0)), self._place((x1, y1))
        return min(a, c), min(b, d), max(a, c), max(b, d)

    def shape(self, tone: int, *points: Point) -> None:
        self.draw.polygon([self._place(point) for point in points], fill=(tone, 255))

    def box(self, tone: int, x0: float, y0: float, x1: float, y1: float, *, round: float = 0) -> None:  # noqa: A002
        corners = self._corners(x0, y0, x1, y1)
        self.draw.rounded_rectangle(corners, radius=round * abs(self.unit), fill=(tone, 255))

    def disc(self, tone: int, x: float, y: float, across: float, down: float | None = None) -> None:
        down = across if down is None else down
        self.draw.ellipse(self._corners(x - across, y - down, x + across, y + down), fill=(tone, 255))

    def line(self, tone: int, width: float, *points: Point) -> None:
        pixels = max(1, round(width * abs(self.unit)))
        self.draw.line([self._place(p) for p in points], fill=(tone, 255), width=pixels, joint="curve")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A transparent sheet being drawn on. `stage` has its origin in the middle, at the top of the scene."""

    image: Image.Image
    stage: Pen

    def finished(self) -> Image.Image:
        return self.image.reduce(OVERSAMPLE)


def sheet(size: tuple[int, int], unit: float, tone: int = 0) -> Sheet:
    """A sheet of `size`; where nothing is drawn it is clear, and its edges melt into `tone`."""
    width, height = size[0] * OVERSAMPLE, size[1] * OVERSAMPLE
    image = Image.new("LA", (width, height), (tone, 0))
    top = scene_top(size[1], unit) * OVERSAMPLE
    return Sheet(image, Pen(ImageDraw.Draw(image), width / 2, top, unit * OVERSAMPLE))


def scene_top(height: int, unit: float) -> float:
    """Where the scene begins on a sheet that is higher than it: the ground stays as low as ever."""
    return GROUND * (height - unit)


def gradient(size: tuple[int, int], top: int, bottom: int) -> Image.Image:
    ramp = Image.linear_gradient("L").point([top + (bottom - top) * step // 255 for step in range(256)])
    return ramp.resize(size, Image.Resampling.BILINEAR)


def glow(image: Image.Image, x: float, y: float, radius: float, strength: float) -> None:
    """Add light around a point, in place."""
    side = max(2, round(radius * 2))
    curve = [round(255 * strength * max(0.0, 1 - step / GRADIENT_EDGE) ** 2) for step in range(256)]
    light = Image.radial_gradient("L").point(curve).resize((side, side), Image.Resampling.BILINEAR)
    left, top = round(x - side / 2), round(y - side / 2)
    box = (left, top, left + side, top + side)
    image.paste(ImageChops.add(image.crop(box), light), (left, top))


def veil(size: tuple[int, int], points: list[Point], strength: int, softness: float) -> Image.Image:
    """A soft patch of light in the shape of a polygon, drawn small because it is blurred anyway."""
    small = (max(2, size[0] // 4), max(2, size[1] // 4))
    image = Image.new("L", small, 0)
    ImageDraw.Draw(image).polygon([(x / 4, y / 4) for x, y in points], fill=strength)
    blurred = image.filter(ImageFilter.GaussianBlur(softness / 4))
    return blurred.resize(size, Image.Resampling.BILINEAR)


def noise(size: tuple[int, int], seed: int, amplitude: float) -> Image.Image:
    """Grain around the middle grey: the sum of two dice, so that most of it is faint."""
    dice = random.Random(seed)
    area = size[0] * size[1]
    one, two = (Image.frombytes("L", size, dice.randbytes(area)) for _ in range(2))
    curve = [round(128 + (step - 127.5) * amplitude) for step in range(256)]
    return Image.blend(one, two, 0.5).point(curve)


def textured(image: Image.Image, seed: int, amplitude: float) -> Image.Image:
    """The image on uneven paper: slow clouds of light and dark."""
    clouds = noise((24, 14), seed, amplitude).resize(image.size, Image.Resampling.BICUBIC)
    return ImageChops.add(image, clouds, 1, -128)
