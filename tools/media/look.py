"""What a file really is: its facts, its first good picture.

Files come from vendors, so they are untrusted. The container is recognised by its first bytes
and then named to the reader: left to guess, it would also open playlists, which name other
files and addresses.
"""

# PyAV's stubs leave the stream a packet belongs to, and keyword arguments, without a type.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import io
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream
from PIL import Image, ImageStat

from tools.errors import Invalid

POSTER_AT = Fraction(7, 10)
POSTER_WIDTH_MAX = 1280
POSTER_CONTRAST_MIN = 12.0
ATOMS_MAX = 64


@dataclass(frozen=True, slots=True)
class Facts:
    """`faststart`: the index stands before the pictures, so a browser plays while it loads."""

    seconds: float
    width: int
    height: int
    fps: float
    video_codec: str
    pixel_format: str
    audio_codec: str | None
    has_audio: bool
    faststart: bool


def probe(path: Path) -> Facts:
    """The facts of a video file; `Invalid` says why it is none."""
    with opened(path) as container:
        video = picture_track(container)
        context = video.codec_context
        audio = next(iter(container.streams.audio), None)
        return Facts(
            seconds=float(picture_seconds(container)),
            width=context.width,
            height=context.height,
            fps=float(video.average_rate or 0),
            video_codec=context.codec.canonical_name,
            pixel_format=context.pix_fmt or "",
            audio_codec=audio.codec_context.codec.canonical_name if audio else None,
            has_audio=audio is not None,
            faststart=_index_comes_first(path),
        )


@contextmanager
def opened(path: Path) -> Generator[InputContainer]:
    """The file as a container with at least one picture; whatever is broken in it is `Invalid`."""
    try:
        with av.open(path, "r", format=_container_format(path)) as container:
            picture_track(container)
            yield container
    except FFmpegError as error:
        raise Invalid("video", f"cannot be read: {error.strerror}") from error


def _container_format(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return "mp4"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    raise Invalid("video", "neither an MP4 nor a WebM file")


def picture_track(container: InputContainer) -> VideoStream:
    video = next(iter(container.streams.video), None)
    if video is None or not video.codec_context.width:
        raise Invalid("video", "there is no picture in it")
    return video


def picture_seconds(container: InputContainer) -> Fraction:
    """How long the picture lasts; the container's word where the track does not say."""
    video = picture_track(container)
    if video.duration is not None and video.time_base is not None:
        return video.duration * exact(video.time_base)
    if container.duration is None:
        raise Invalid("video", "it does not say how long it is")
    return Fraction(container.duration, av.time_base)


def exact(ratio: Fraction | None) -> Fraction:
    """A stream's time base as a real `Fraction`: the library's own kind of ratio turns into floats."""
    return Fraction(ratio.numerator, ratio.denominator) if ratio else Fraction(1, av.time_base)


def _index_comes_first(path: Path) -> bool:
    with path.open("rb") as file:
        for _ in range(ATOMS_MAX):
            head = file.read(16)
            size, kind = int.from_bytes(head[:4]), head[4:8]
            if kind in {b"moov", b"mdat", b""}:
                return kind == b"moov"
            size = int.from_bytes(head[8:16]) if size == 1 else size
            if size < 8:
                return False
            file.seek(size - len(head), io.SEEK_CUR)
    return False


def poster(path: Path) -> bytes:
    """A JPEG of the picture past the middle, where a title card has gone and the shot is in full view."""
    with opened(path) as container:
        track = picture_track(container)
        wanted = picture_seconds(container) * POSTER_AT
        container.seek(int(wanted * av.time_base))
        pictures = (frame.to_image() for frame in container.decode(track) if frame.time >= wanted)
        first: Image.Image | None = None
        for picture in pictures:
            first = first or picture
            if _shows_something(picture):
                return _jpeg(picture)
        if first is None:
            raise Invalid("video", "there is no picture in it")
        return _jpeg(first)


def _shows_something(picture: Image.Image) -> bool:
    return ImageStat.Stat(picture.convert("L").reduce(4)).stddev[0] >= POSTER_CONTRAST_MIN


def _jpeg(picture: Image.Image) -> bytes:
    picture.thumbnail((POSTER_WIDTH_MAX, POSTER_WIDTH_MAX))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=84, optimize=True, progressive=True)
    return buffer.getvalue()
