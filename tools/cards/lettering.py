"""Type: captions, intertitles, the small words in the corners.

One face, Old Standard Bold, which has Latin with its accents, Greek and Cyrillic. A character
it lacks (Japanese, an emoji) is set as a middle dot, so that a sentence keeps its length and
never fails.
"""

# Pillow's annotations name numpy, which is not here, so pyright sees holes in them.
# pyright: reportUnknownMemberType=false

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from tools.cards.ink import textured

FACE = Path(__file__).parent.parent / "fonts" / "OldStandard-Bold.ttf"
SUBSTITUTE = "·"
ELLIPSIS = "…"
CREAM = 244
LINE_HEIGHT = 1.32

Face = ImageFont.FreeTypeFont
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Something laid over each frame: its greys, how much of them, and where its corner is."""

    tone: Image.Image
    mask: Image.Image
    corner: tuple[int, int]

    def lay(self, frame: Image.Image) -> None:
        frame.paste(self.tone, self.corner, self.mask)


@lru_cache(maxsize=64)
def face(size: int) -> Face:
    # Plain layout, since the fancier one differs between machines and clips are named by their bytes.
    return ImageFont.truetype(FACE, max(6, size), layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def has_glyph(character: str) -> bool:
    """Whether the face can draw it: what it lacks is drawn as the box that no character is."""
    return _drawn(character) != _drawn("\uffff")


def _drawn(character: str) -> bytes:
    image = Image.new("L", (48, 48))
    ImageDraw.Draw(image).text((8, 8), character, font=face(24), fill=255)
    return image.tobytes()


def settable(text: str) -> str:
    """The text as the face can set it, on one line."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(_settable(letter) for letter in composed)


def _settable(letter: str) -> str:
    if letter == " ":
        return letter
    kind = unicodedata.category(letter)
    if kind[0] != "C" and has_glyph(letter):
        return letter
    return "" if kind[0] in "CM" else SUBSTITUTE  # joiners and stray marks take no room


def wrapped(text: str, type_: Face, width: int) -> list[str]:
    """Lines no wider than `width`; a word that is wider by itself is cut."""
    lines = [""]
    for word in text.split(" "):
        for piece in _cut(word, type_, width):
            longer = f"{lines[-1]} {piece}".strip()
            if type_.getlength(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(piece)
    return [line for line in lines if line]


def _cut(word: str, type_: Face, width: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and type_.getlength(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def fitted(text: str, box: Size, largest: int, smallest: int) -> tuple[Face, list[str]]:
    """The largest type in which the text fills the box; what does not fit at the smallest is cut off."""
    size = largest
    while size > smallest and not _fits(wrapped(text, face(size), box[0]), size, box[1]):
        size -= max(1, size // 12)
    size = max(size, smallest)
    lines = wrapped(text, face(size), box[0])
    room = max(1, int(box[1] / (size * LINE_HEIGHT)))
    if len(lines) > room:
        lines = [*lines[: room - 1], _shortened(lines[room - 1], face(size), box[0])]
    return face(size), lines


def _fits(lines: list[str], size: int, height: int) -> bool:
    return len(lines) * size * LINE_HEIGHT <= height


def _shortened(line: str, type_: Face, width: int) -> str:
    while line and type_.getlength(line + ELLIPSIS) > width:
        line = line[:-1]
    return line.rstrip() + ELLIPSIS


def _set(
    draw: ImageDraw.ImageDraw, lines: list[str], type_: Face, *, middle: float, top: float, tone: int
) -> None:
    for index, line in enumerate(lines):
        place = (middle, top + (index + 0.5) * type_.size * LINE_HEIGHT)
        draw.text(place, line, font=type_, fill=tone, anchor="mm")


def caption(frame: Size, text: str) -> Overlay:
    """The lower third: centred lines over a shade that grows from the picture's own dark."""
    short = min(frame)
    type_, lines = fitted(
        settable(text),
        (round(frame[0] * 0.84), round(short * 0.26)),
        round(short * 0.058),
        round(short * 0.034),
    )
    height = round(len(lines) * type_.size * LINE_HEIGHT)
    foot = round(frame[1] * 0.055)
    strip = (frame[0], min(frame[1], height + foot + round(short * 0.16)))
    letters = Image.new("L", strip, 0)
    _set(ImageDraw.Draw(letters), lines, type_, middle=strip[0] / 2, top=strip[1] - foot - height, tone=255)
    halo = letters.filter(ImageFilter.GaussianBlur(short / 130)).point(
        [min(220, step * 3) for step in range(256)]
    )
    curve = [round(205 * (step / 255) ** 0.8) for step in range(256)]
    shade = Image.linear_gradient("L").point(curve).resize(strip, Image.Resampling.BILINEAR)
    mask = ImageChops.lighter(ImageChops.lighter(shade, halo), letters)
    return Overlay(
        letters.point([6 + step * (CREAM - 6) // 255 for step in range(256)]), mask, (0, frame[1] - strip[1])
    )


def corner(frame: Size, text: str, *, right: bool, boxed: bool) -> Overlay:
    """Small words at the top: the shot's number on the left, a stamp on the right."""
    short = min(frame)
    type_ = face(round(short * (0.026 if boxed else 0.034)))
    words = settable(text)
    pad = round(type_.size * 0.55)
    size = (min(round(type_.getlength(words)) + pad * 2, frame[0]), round(type_.size * 1.25) + pad)
    tone, mask = Image.new("L", size, 8), Image.new("L", size, 118)
    for image, ink in ((tone, CREAM), (mask, 225)):
        draw = ImageDraw.Draw(image)
        draw.text((size[0] / 2, size[1] / 2), words, font=type_, fill=ink, anchor="mm")
        if boxed:
            draw.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=ink, width=max(1, short // 480))
    margin = round(short * 0.035)
    return Overlay(tone, mask, (frame[0] - size[0] - margin if right else margin, margin))


def intertitle(frame: Size, text: str, seed: int) -> Image.Image:
    """A title card of the silent era: black card, double rule, corners turned in, words in the middle."""
    width, height = frame
    short = min(frame)
    image = Image.new("L", frame, 17)
    draw = ImageDraw.Draw(image)
    _ornament(draw, frame)
    box = (round(width - short * 0.36), round(height * 0.48))
    type_, lines = fitted(settable(text), box, round(short * 0.105), round(short * 0.04))
    tall = len(lines) * type_.size * LINE_HEIGHT
    top = (height - tall) / 2 - short * 0.02
    _set(draw, lines, type_, middle=width / 2, top=top, tone=CREAM)
    _flourish(draw, width / 2, min(top + tall + short * 0.075, height - short * 0.2), short * 0.15)
    soft = image.filter(ImageFilter.GaussianBlur(short / 110)).point([step // 4 for step in range(256)])
    return textured(ImageChops.add(image, soft), seed, 0.1)


def _ornament(draw: ImageDraw.ImageDraw, frame: Size) -> None:
    width, height = frame
    short = min(frame)
    thin, thick = max(1, short // 420), max(2, short // 180)
    for inset, line, tone, notch in ((0.1, thick, 214, 0.055), (0.118, thin, 168, 0.055)):
        a, turn = short * inset, short * notch
        x, y, right, bottom = a, a, width - a, height - a
        outline = [
            (x + turn, y), (right - turn, y), (right - turn, y + turn), (right, y + turn),
            (right, bottom - turn), (right - turn, bottom - turn), (right - turn, bottom), (x + turn, bottom),
            (x + turn, bottom - turn), (x, bottom - turn), (x, y + turn), (x + turn, y + turn), (x + turn, y),
        ]  # fmt: skip
        draw.line(outline, fill=tone, width=line, joint="curve")
    a, r = short * 0.126, short * 0.013
    for x in (a, width - a):
        for y in (a, height - a):
            draw.polygon([(x - r, y), (x, y - r), (x + r, y), (x, y + r)], fill=200)


def _flourish(draw: ImageDraw.ImageDraw, x: float, y: float, reach: float) -> None:
    small = reach * 0.09
    draw.polygon([(x - small, y), (x, y - small), (x + small, y), (x, y + small)], fill=206)
    for side in (-1, 1):
        near, far = x + side * small * 2, x + side * reach
        draw.polygon([(near, y - small * 0.22), (far, y), (near, y + small * 0.22)], fill=206)
        dot = x + side * reach * 0.62
        draw.ellipse((dot - small * 0.3, y - small * 1.1, dot + small * 0.3, y - small * 0.5), fill=206)
