"""A stranger's picture made ours: looked at before it is unpacked, turned upright, and written anew.

Writing it anew leaves behind whatever else its file held: where and by whom it was taken, thumbnails,
comments, a second file after its end. Its colours are those of its profile, in sRGB.
"""

# Pillow's own types leave a parameter of some methods open, and what a profile is made of.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import hashlib
import io
import struct
from dataclasses import dataclass, field

from PIL import Image, ImageCms, UnidentifiedImageError

from tools.errors import Invalid

BYTES_MAX = 20_000_000
SIDE_MIN, SIDE_MAX = 64, 8_192
PIXELS_MAX = 40_000_000
KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
BROKEN = (  # what Pillow says of files that are not what they say
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    SyntaxError,
    ValueError,
    struct.error,
    EOFError,
)


@dataclass(frozen=True, slots=True)
class Clean:
    """A picture as it is kept and sent."""

    media_type: str
    content: bytes = field(repr=False)
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def clean(content: bytes) -> Clean:
    """The picture in these bytes and nothing else of them; `Invalid` says what it should be."""
    if len(content) > BYTES_MAX:
        raise Invalid("picture", f"has at most {BYTES_MAX:,} bytes, not {len(content):,}")
    try:
        with Image.open(io.BytesIO(content), formats=tuple(KINDS)) as opened:
            _check_size(opened.width, opened.height)
            kind = opened.format if opened.format in KINDS else "JPEG"  # a camera's may hold several
            return _written(_plain(_upright(opened), has_alpha=kind != "JPEG"), kind)
    except UnidentifiedImageError:
        raise Invalid("picture", "is no PNG, JPEG or WebP") from None
    except BROKEN as error:
        raise Invalid("picture", "cannot be read to its end") from error


def _check_size(width: int, height: int) -> None:
    if min(width, height) < SIDE_MIN or max(width, height) > SIDE_MAX:
        raise Invalid("picture", f"has {SIDE_MIN} to {SIDE_MAX:,} pixels a side, not {width} x {height}")
    if width * height > PIXELS_MAX:
        raise Invalid("picture", f"has at most {PIXELS_MAX:,} pixels, not {width} x {height}")


def _upright(opened: Image.Image) -> Image.Image:
    opened.load()
    turn = TURNS.get(_orientation(opened))
    return opened if turn is None else opened.transpose(turn)


def _orientation(opened: Image.Image) -> int:
    try:
        return int(opened.getexif().get(ORIENTATION, 1))
    except (*BROKEN, TypeError, KeyError):
        return 1  # facts about the picture that nobody can read turn nothing


def _plain(upright: Image.Image, *, has_alpha: bool) -> Image.Image:
    """In sRGB, see-through only where it was and may be."""
    mode = "RGBA" if has_alpha and upright.has_transparency_data else "RGB"
    if upright.mode.startswith("I;16"):  # a depth that no film has
        upright = upright.point(lambda level: level / 256).convert("L")
    return _in_srgb(upright).convert(mode)


def _in_srgb(upright: Image.Image) -> Image.Image:
    profile = upright.info.get("icc_profile")
    if not profile or upright.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return upright
    to = "RGBA" if upright.mode == "RGBA" else "RGB"
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return (
            ImageCms.profileToProfile(upright, own, ImageCms.createProfile("sRGB"), outputMode=to) or upright
        )
    except (ImageCms.PyCMSError, OSError):
        return upright  # a profile of another kind of picture, or none


def _written(plain: Image.Image, kind: str) -> Clean:
    plain.info.clear()  # else some formats write down again what was read
    file = io.BytesIO()
    plain.save(file, kind, **({} if kind == "PNG" else {"quality": 95}))
    if file.tell() > BYTES_MAX:
        raise Invalid("picture", f"takes more than {BYTES_MAX:,} bytes as {kind}; send a smaller one")
    return Clean(KINDS[kind], file.getvalue(), plain.width, plain.height)
