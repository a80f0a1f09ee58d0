"""From a card to a clip: draw once, then look at it through the camera for as long as it lasts."""

# Pillow's annotations name numpy, which is not here, so pyright sees holes in them.
# pyright: reportUnknownMemberType=false

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from tools.cards.camera import Camera, camera_before, move_for, paper_for
from tools.cards.card import Card, frame_size
from tools.cards.ink import GRADIENT_EDGE, noise
from tools.cards.lettering import Overlay, caption, corner, intertitle
from tools.cards.palette import Press, press
from tools.cards.picture import draw
from tools.cards.score import tone_for
from tools.cards.words import Scene, read, words_of
from tools.media import DRAWN, Planes, write_clip

TITLE_SHARE = 0.4
TITLE_SECONDS_MAX = 3.5
CROSSFADE_SECONDS = 0.5
IRIS_SECONDS = 0.7
LIGHTS = 6  # how many strengths the light breathes through
Progress = Callable[[float], None]


def render(card: Card, to: Path, *, fps: int = 24, on_progress: Progress | None = None) -> None:
    """Draw the card as a clip of its own length. `on_progress` hears the share that is done, 0 to 1."""
    size = frame_size(card.resolution, card.aspect_ratio)
    words = words_of(card.mood, *card.styles) or words_of(card.prompt)
    frames = _frames(card, size, fps, on_progress)
    write_clip(frames, to, fps=fps, size=size, tone=tone_for(words), coding=DRAWN)


def _frames(card: Card, size: tuple[int, int], fps: int, on_progress: Progress | None) -> Iterator[Planes]:
    """Every frame, printed. Old film is drawn on every second one, as it was cranked more slowly."""
    scene = read(card)
    count = card.seconds * fps
    show = _prepared(card, scene, size, fps)
    inks = press(scene.inks)
    step = 2 if scene.inks.old else 1
    printed: Planes | None = None
    for index in range(count):
        if printed is None or index % step == 0:
            printed = _printed(show, index, inks)
        yield printed
        if on_progress is not None:
            on_progress((index + 1) / count)


@dataclass(frozen=True, slots=True)
class _Show:
    """Everything a frame is put together from."""

    scene: Scene
    size: tuple[int, int]
    fps: int
    frames: int
    title: Image.Image | None
    title_frames: int
    camera: Camera
    lights: tuple[Image.Image, ...]
    grain: Image.Image | None
    weather: Image.Image | None
    over_picture: tuple[Overlay, ...]
    over_all: tuple[Overlay, ...]


def _prepared(card: Card, scene: Scene, size: tuple[int, int], fps: int) -> _Show:
    move = move_for(card.camera)
    picture = draw(scene, paper_for(size, move), size)
    seconds = min(card.seconds * TITLE_SHARE, TITLE_SECONDS_MAX) if card.title_card else 0
    return _Show(
        scene=scene,
        size=size,
        fps=fps,
        frames=card.seconds * fps,
        title=intertitle(size, card.title_card, scene.seed) if card.title_card else None,
        title_frames=round(seconds * fps),
        camera=camera_before(picture, size, move),
        lights=_lights(size, old=scene.inks.old),
        grain=_grain(size, scene) if scene.inks.old else None,
        weather=_weather(size, scene),
        over_picture=(caption(size, card.caption),) if card.caption else (),
        over_all=tuple(_corners(card, size)),
    )


def _corners(card: Card, size: tuple[int, int]) -> Iterator[Overlay]:
    yield corner(size, str(card.number), right=False, boxed=False)
    if card.stamp:
        yield corner(size, card.stamp, right=True, boxed=True)


def _printed(show: _Show, index: int, inks: Press) -> Planes:
    grey = _composed(show, index)
    seconds = index / show.fps
    grey = ImageChops.multiply(grey, show.lights[_light(show, seconds)])
    if show.grain is not None:
        grey = ImageChops.add(grey, _moved(show.grain, show.size, index // 2), 1, -128)
    for overlay in show.over_all:
        overlay.lay(grey)
    if show.scene.inks.old:
        grey = _through_iris(show, grey, index)
    return inks.print(grey)


def _composed(show: _Show, index: int) -> Image.Image:
    """The intertitle, then the picture, and both while one dissolves into the other."""
    into = index - show.title_frames
    if show.title is None:
        return _picture(show, index)
    fading = round(CROSSFADE_SECONDS * show.fps)
    if into < 0:
        return ImageChops.offset(show.title, *_weave(show, index)) if show.scene.inks.old else show.title
    if into >= fading:
        return _picture(show, index)
    return Image.blend(show.title, _picture(show, index), (into + 1) / (fading + 1))


def _picture(show: _Show, index: int) -> Image.Image:
    share = (index - show.title_frames) / max(1, show.frames - show.title_frames - 1)
    grey = show.camera.see(share, _weave(show, index))
    if show.weather is not None:
        grey = ImageChops.add(grey, _falling(show.weather, show, index))
    for overlay in show.over_picture:
        overlay.lay(grey)
    return grey


def _weave(show: _Show, index: int) -> tuple[int, int]:
    """How the film stands in the gate: still today, never quite still a hundred years ago."""
    if not show.scene.inks.old:
        return 0, 0
    reach = max(show.size) / 700
    return round(reach * math.sin(index * 0.9) * 0.6), round(reach * math.sin(index * 0.53 + 1))


def _light(show: _Show, seconds: float) -> int:
    """Which light: a slow breath, or the flicker of a hand-cranked shutter."""
    if show.scene.inks.old:
        return random.Random(int(seconds * show.fps)).randrange(LIGHTS)
    return round((LIGHTS - 1) * (0.5 - 0.5 * math.cos(seconds * 1.4)))


def _lights(size: tuple[int, int], *, old: bool) -> tuple[Image.Image, ...]:
    """The lens's vignette, in a few strengths; where only the light breathes the corners stay as they are."""
    corner_tone, depth = (96, 26) if old else (150, 14)
    lights: list[Image.Image] = []
    for strength in range(LIGHTS):
        middle = 255 - depth * (LIGHTS - 1 - strength) // (LIGHTS - 1)
        curve = [round(middle - (middle - corner_tone) * (step / 255) ** 2.6) for step in range(256)]
        lights.append(Image.radial_gradient("L").point(curve).resize(size, Image.Resampling.BICUBIC))
    return tuple(lights)


def _grain(size: tuple[int, int], scene: Scene) -> Image.Image:
    """A sheet of grain, larger than the frame, so that each frame may look at another part of it.

    Only old film is alive in this way; elsewhere the grain is the paper's and travels with it,
    which costs the encoder next to nothing.
    """
    coarse = 2 if min(size) >= 480 else 1
    speckles = noise((size[0] // coarse + 64, size[1] // coarse + 64), scene.seed, scene.inks.grain * 2)
    return speckles.resize((speckles.width * coarse, speckles.height * coarse), Image.Resampling.BILINEAR)


def _moved(grain: Image.Image, size: tuple[int, int], beat: int) -> Image.Image:
    dice = random.Random(beat)
    x, y = (dice.randrange(64) for _ in range(2))
    return grain.crop((x, y, x + size[0], y + size[1]))


def _weather(size: tuple[int, int], scene: Scene) -> Image.Image | None:
    """Rain or snow on a sheet two frames high, the second like the first, so that it falls for ever."""
    if not scene.weather or scene.place in {"room", "stage"}:
        return None
    once = Image.new("L", size, 0)
    pen, dice = ImageDraw.Draw(once), random.Random(scene.seed)
    for _ in range(110):
        x, y = dice.uniform(0, size[0]), dice.uniform(0, size[1])
        if scene.weather == "rain":
            _streak(pen, (x, y), size[1], dice)
        else:
            across = size[1] / 360 * dice.uniform(0.8, 2.6)
            pen.ellipse((x, y, x + across, y + across), fill=dice.randrange(90, 200))
    twice = Image.new("L", (size[0], size[1] * 2))
    for top in (0, size[1]):
        twice.paste(once, (0, top))
    return twice


def _streak(pen: ImageDraw.ImageDraw, start: tuple[float, float], height: int, dice: random.Random) -> None:
    """A drop's way; what runs out at the foot comes in again at the top."""
    unit = height / 360
    long, tone = unit * dice.uniform(9, 24), dice.randrange(26, 70)
    for turn in (0, height):
        foot = (start[0] - long * 0.16, start[1] + long - turn)
        pen.line(((start[0], start[1] - turn), foot), fill=tone, width=max(1, round(unit)))


def _falling(weather: Image.Image, show: _Show, index: int) -> Image.Image:
    height = show.size[1]
    speed = 1.9 if show.scene.weather == "rain" else 0.14
    top = height - round(index / show.fps * speed * height) % height
    return weather.crop((0, top, show.size[0], top + height))


def _through_iris(show: _Show, grey: Image.Image, index: int) -> Image.Image:
    """Silent films open and close like an eye."""
    reach = IRIS_SECONDS * show.fps
    open_ = min((index + 1) / reach, (show.frames - index) / reach)
    if open_ >= 1:
        return grey
    side = max(show.size)
    left, top = (side - show.size[0]) // 2, (side - show.size[1]) // 2
    edge = GRADIENT_EDGE * 1.2 * open_
    curve = [max(0, min(255, round((edge - step) * 24))) for step in range(256)]
    eye = Image.radial_gradient("L").resize((side, side), Image.Resampling.BILINEAR)
    round_eye = eye.crop((left, top, left + show.size[0], top + show.size[1])).point(curve)
    return ImageChops.multiply(grey, round_eye)
