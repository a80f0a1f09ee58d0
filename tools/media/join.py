"""One film from clips, in order.

Clips of one make keep their pictures to the bit: packets are copied and their stamps counted
anew in whole frames. Otherwise every picture is scaled, letterboxed and encoded again. The
sound is encoded anew in both cases, as one unbroken track cut to the picture's frames: copied
packets would carry each clip's encoder delay into the film, and twelve clips would drift.
"""

# PyAV's stubs leave the stream a packet belongs to, and keyword arguments, without a type.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from tools.errors import Invalid
from tools.media.look import exact, opened, picture_seconds, picture_track
from tools.media.reel import (
    BLACK,
    BT709,
    LIMITED_RANGE,
    SAMPLE_BYTES,
    SOUND_RATE,
    Planes,
    copying,
    encoding,
    to_video_frame,
)
from tools.media.write import samples_at

Progress = Callable[[float], None]
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Make:
    """What clips must share for their packets to stand in one track.

    `delay` is how many frames decoding runs ahead of showing; where it is equal, stamps that
    rise in each clip rise through the whole film.
    """

    size: Size
    setup: bytes
    delay: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A clip and the frames of the film it fills: from `start` up to `end`."""

    clip: Path
    start: int
    end: int
    make: _Make | None


def join(
    clips: Sequence[Path], to: Path, *, size: Size, fps: int, on_progress: Progress | None = None
) -> None:
    """Write the film. `on_progress` hears what share of it is done, from 0 to 1."""
    if not clips:
        raise Invalid("clips", "a film has at least one")
    parts = _plan(clips, size, fps)
    make = parts[0].make
    if make is not None and all(part.make == make for part in parts):
        _join_packets(parts, to, fps, on_progress)
    else:
        _join_pictures(parts, to, size, fps, on_progress)


def _plan(clips: Sequence[Path], size: Size, fps: int) -> list[_Part]:
    """Each clip's place, rounded from the film's start, so that roundings do not add up."""
    parts: list[_Part] = []
    ends = Fraction(0)
    for clip in clips:
        with opened(clip) as container:
            starts, ends = ends, ends + picture_seconds(container)
            make = _copyable_make(container, size, fps)
        parts.append(_Part(clip, round(starts * fps), round(ends * fps), make))
    return parts


def _copyable_make(container: InputContainer, size: Size, fps: int) -> _Make | None:
    """The clip's make if its packets may be copied: H.264 of this size, one picture in each frame."""
    context = picture_track(container).codec_context
    kind = ((context.width, context.height), context.codec.canonical_name, context.pix_fmt)
    if kind != (size, "h264", "yuv420p") or not context.extradata:
        return None
    packets = list(_packets(container, fps))
    frames = len(packets)
    shown = sorted(packet.shown for packet in packets)
    decoded = [packet.decoded for packet in packets]
    regular = (
        frames == picture_seconds(container) * fps
        and packets[0].packet.is_keyframe
        and shown == list(range(frames))
        and decoded == [decoded[0] + index for index in range(frames)]
        and decoded[0].denominator == 1
    )
    return _Make(size, context.extradata, int(decoded[0])) if regular else None


@dataclass(frozen=True, slots=True)
class _Stamped:
    """A packet, and when it is shown and decoded, in frames since its clip began."""

    packet: "Packet[VideoStream]"
    shown: Fraction
    decoded: Fraction


def _packets(container: InputContainer, fps: int) -> Iterator[_Stamped]:
    video = picture_track(container)
    frame = exact(video.time_base) * fps
    first = video.start_time or 0
    for packet in container.demux(video):
        if packet.pts is not None and packet.dts is not None:  # the last one only says that it is the end
            yield _Stamped(packet, (packet.pts - first) * frame, (packet.dts - first) * frame)


def _join_packets(parts: Sequence[_Part], to: Path, fps: int, on_progress: Progress | None) -> None:
    with opened(parts[0].clip) as first, copying(to, fps=fps, template=picture_track(first)) as reel:
        for part in parts:
            with opened(part.clip) as container, closing(_sound(part, fps)) as sound:
                for stamped in _packets(container, fps):
                    stamped.packet.pts = part.start + int(stamped.shown)
                    stamped.packet.dts = part.start + int(stamped.decoded)
                    reel.copy(stamped.packet)
                    reel.sound(next(sound))
            _tell(on_progress, part.end / parts[-1].end)


def _join_pictures(
    parts: Sequence[_Part], to: Path, size: Size, fps: int, on_progress: Progress | None
) -> None:
    with encoding(to, fps=fps, size=size) as reel:
        for part in parts:
            with opened(part.clip) as container, closing(_sound(part, fps)) as sound:
                for frame in _at_rate(container, part.end - part.start, fps, size):
                    reel.show(to_video_frame(frame))
                    reel.sound(next(sound))
                    _tell(on_progress, reel.frames / parts[-1].end)


def _tell(on_progress: Progress | None, share: float) -> None:
    if on_progress is not None:
        on_progress(share)


def _at_rate(container: InputContainer, count: int, fps: int, size: Size) -> Iterator[Planes]:
    """Exactly `count` pictures: at each tick the one that is on screen, the last one to the end."""
    video = picture_track(container)
    tick = 1 / (exact(video.time_base) * fps)
    first = video.start_time or 0
    shown: Planes | None = None
    ticks = 0
    for frame in container.decode(video):
        until = ((frame.pts or 0) - first) / tick - Fraction(1, 2)
        while shown is not None and ticks < min(until, count):
            yield shown
            ticks += 1
        if until < count:
            shown = _letterboxed(frame, size)
    if shown is None:
        raise Invalid("video", "there is no picture in it")
    for _ in range(ticks, count):
        yield shown


def _letterboxed(frame: VideoFrame, size: Size) -> Planes:
    width, height = _inside(frame, size)
    scaled = frame.reformat(
        width=width,
        height=height,
        format="yuv420p",
        dst_colorspace=BT709,
        dst_color_range=LIMITED_RANGE,
    )
    left, top = (size[0] - width) // 4 * 2, (size[1] - height) // 4 * 2
    planes: list[Image.Image] = []
    for index, (plane, black) in enumerate(zip(scaled.planes, BLACK, strict=True)):
        share = 1 if index == 0 else 2
        canvas = Image.new("L", (size[0] // share, size[1] // share), black)
        picture = Image.frombytes(
            "L", (plane.width, plane.height), bytes(plane), "raw", "L", plane.line_size, 1
        )
        canvas.paste(picture, (left // share, top // share))
        planes.append(canvas)
    return Planes(*planes)


def _inside(frame: VideoFrame, size: Size) -> Size:
    """The largest even size with the frame's own proportions that fits."""
    scale = min(Fraction(size[0], frame.width), Fraction(size[1], frame.height))
    width, height = (max(2, round(side * scale / 2) * 2) for side in (frame.width, frame.height))
    return min(width, size[0]), min(height, size[1])


def _sound(part: _Part, fps: int) -> Generator[bytes]:
    """The part's sound as 16-bit stereo, frame by frame of the film; silence where there is none."""
    heard = bytearray()
    with opened(part.clip) as container:
        source = _samples(container)
        for frame in range(part.start, part.end):
            due = (samples_at(frame + 1, fps) - samples_at(frame, fps)) * SAMPLE_BYTES
            while len(heard) < due:
                heard += next(source, bytes(due))
            yield bytes(heard[:due])
            del heard[:due]


def _samples(container: InputContainer) -> Iterator[bytes]:
    audio = next(iter(container.streams.audio), None)
    if audio is None:
        return
    late = (audio.start_time or 0) * exact(audio.time_base)
    yield bytes(max(0, round(late * SOUND_RATE)) * SAMPLE_BYTES)
    resampler = AudioResampler(format="s16", layout="stereo", rate=SOUND_RATE)
    for frame in container.decode(audio):
        for piece in resampler.resample(frame):
            yield bytes(piece.planes[0])[: piece.samples * SAMPLE_BYTES]
    for piece in resampler.resample(None):
        yield bytes(piece.planes[0])[: piece.samples * SAMPLE_BYTES]
