"""A picture in, a clip out that stands still."""

# Pillow's own types leave a parameter of `resize` open.
# pyright: reportUnknownMemberType=false

from itertools import repeat
from pathlib import Path

from PIL import Image

from tools.errors import Invalid
from tools.media.write import write_clip

FORMATS = ("PNG", "JPEG", "WEBP")
FPS = 24
SIDE_MAX = 1_920
PIXELS_MAX = 40_000_000


def hold(picture: Path, to: Path, *, seconds: int) -> None:
    """Show a picture for so long, silently; it may be replaced by its clip. `Invalid` where it is none."""
    shown = _read(picture)
    write_clip(repeat(shown, seconds * FPS), to, fps=FPS, size=shown.size, tone=None)


def _read(path: Path) -> Image.Image:
    """A stranger's picture: its size is looked at before it is unpacked."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            if picture.width * picture.height > PIXELS_MAX:
                raise Invalid("picture", f"{picture.width} x {picture.height} is too large")
            return _fitted(picture.convert("RGB"))
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise Invalid("picture", "cannot be read") from error


def _fitted(picture: Image.Image) -> Image.Image:
    """As large as a film is, each side even, as films need them."""
    scale = max(1.0, max(picture.size) / SIDE_MAX)
    wide, high = (max(2, int(side / scale) // 2 * 2) for side in picture.size)
    return picture.resize((wide, high))
