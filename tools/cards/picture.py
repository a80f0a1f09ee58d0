"""One shot as layers: what is behind, and what passes in front."""

# Pillow's annotations name numpy, which is not here, so pyright sees holes in them.
# pyright: reportUnknownMemberType=false

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from tools.cards.ink import GROUND, OVERSAMPLE, Pen, glow, noise, scene_top, sheet, textured
from tools.cards.places import backdrop, foreground
from tools.cards.things import ALL, DAY, LIGHTS, NIGHT, SIZES, Tones, figure
from tools.cards.words import Scene

PERSON = 0.46  # a person's height, as a share of the picture's
SLOTS = (
    (0.27, 1.0),
    (-0.78, 0.94),
    (0.8, 0.86),
)  # where the first, second, third thing stands, and how large

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """`back` is opaque; `front` is the mask of a dark shape in the tone `near`."""

    back: Image.Image
    front: Image.Image
    near: int


@dataclass(frozen=True, slots=True)
class _Staging:
    """The measures of a composition, in pixels of the paper; `spread` draws things together in a narrow frame."""

    scene: Scene
    tones: Tones
    unit: float
    spread: float

    @property
    def person(self) -> float:
        return PERSON * (0.62 + 0.38 * self.spread)

    @property
    def side(self) -> int:
        return -1 if self.scene.mirrored else 1

    @property
    def outdoors(self) -> bool:
        return self.scene.place not in {"room", "stage"}


def draw(scene: Scene, size: Size, frame: Size) -> Picture:
    """Draw the scene on paper of `size`, composed for the middle `frame` of it."""
    tones = NIGHT if scene.night else DAY
    unit = (
        min(float(frame[1]), frame[0] * 1.35) * size[1] / frame[1]
    )  # little more than an upright frame's width
    staging = _Staging(scene, tones, unit, min(1.0, frame[0] / unit / 1.5))
    back = backdrop(size, unit, scene.place, tones, night=scene.night, seed=scene.seed)
    back = textured(back, scene.seed, 0.07)
    back = ImageChops.add(back, noise(size, scene.seed, scene.inks.grain), 1, -128)
    cast = sheet(size, unit, tones.dark)
    ground = cast.stage.at(0, GROUND + 0.09 * (scene.near - 1))
    placed = _place_things(staging, ground)
    _place_people(staging, ground)
    _set_before(back, cast.finished(), unit)
    _light_up(staging, back, placed)
    front = foreground(size, unit, frame[0], scene.place, scene.seed)
    return Picture(back, front.filter(ImageFilter.GaussianBlur(size[1] / 300)), tones.near)


def _place_things(staging: _Staging, ground: Pen) -> list[tuple[str, Pen]]:
    """Draw the things, the last one first; gives each one's pen, for its light."""
    scene = staging.scene
    standing = [name for name in scene.things if name != "letters"]
    slots = list(zip(standing, SLOTS, strict=False))
    if len(standing) == 1 and not scene.people:
        slots = [(standing[0], (0.0, 1.0))]
    if "letters" in scene.things:
        slots.insert(0, ("letters", (-0.12, 1.0)))
    placed: list[tuple[str, Pen]] = []
    for name, (x, share) in reversed(slots):
        # A closer shot brings people forward; things follow less, or the tall ones would leave it.
        height = staging.person * (1 + (scene.near - 1) * 0.25) * share * SIZES.get(name, 1.0)
        pen = ground.at(x * staging.spread * staging.side, 0, height)
        ALL[name](pen, staging.tones)
        placed.append((name, pen))
    return placed


def _place_people(staging: _Staging, ground: Pen) -> None:
    scene = staging.scene
    for index in range(scene.people):
        odd = bool(index % 2)
        x = (-0.26 - 0.17 * index * (1 if odd else -1.6)) * staging.spread * staging.side
        height = staging.person * scene.near * (1 - 0.05 * (index % 3))
        pen = ground.at(x, 0.035 + 0.012 * (index % 2), height, mirrored=scene.mirrored)
        skirt = scene.skirt or (scene.people > 1 and odd)
        figure(pen, staging.tones, hat=scene.hat and not odd, skirt=skirt, bag=scene.bag)


def _set_before(back: Image.Image, cast: Image.Image, unit: float) -> None:
    """Put what stands there before the backdrop, in place, with its shadow."""
    mask = cast.getchannel("A")
    back.paste(ImageChops.subtract(back, _shadow(mask, unit * PERSON)))
    back.paste(cast.getchannel("L"), (0, 0), mask)


def _light_up(staging: _Staging, back: Image.Image, placed: list[tuple[str, Pen]]) -> None:
    night, unit = staging.scene.night, staging.unit
    for name, pen in placed:
        if name in LIGHTS:
            x, y, reach = LIGHTS[name]
            at_x, at_y = pen.x + x * pen.unit, pen.y + y * pen.unit
            glow(back, at_x / OVERSAMPLE, at_y / OVERSAMPLE, reach * pen.unit, 0.7 if night else 0.35)
    if staging.outdoors and staging.scene.place != "space":
        top = scene_top(back.height, unit)
        glow(back, back.width / 2 - 0.36 * unit, top + 0.26 * unit, unit * 0.55, 0.45)


def _shadow(mask: Image.Image, unit: float) -> Image.Image:
    """What stands on the ground darkens it a little to the right and around its feet."""
    small = mask.reduce(4)
    moved = ImageChops.offset(small, round(unit * 0.02), round(unit * 0.012))
    soft = moved.filter(ImageFilter.GaussianBlur(unit * 0.012))
    return soft.resize(mask.size, Image.Resampling.BILINEAR).point([step * 60 // 255 for step in range(256)])
