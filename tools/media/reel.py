"""A film being written: one H.264 picture track and one AAC sound track that never drift apart.

The file appears under its own name only when it is complete. Everything that could differ
between two runs is pinned (two threads, no dates, no library versions in the container), so
the same pictures give the same bytes and clips can be named after their content.
"""

# PyAV's stubs leave the stream a packet belongs to, and keyword arguments, without a type.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import os
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream
from PIL import Image

SOUND_RATE = 48_000
SAMPLE_BYTES = 4  # 16-bit stereo
BLOCK_SAMPLES = 1024  # what AAC encodes at a time
BLOCK_BYTES = BLOCK_SAMPLES * SAMPLE_BYTES
BT709 = 1
Coding = Mapping[str, str]
TAKEN = {"preset": "superfast", "crf": "25"}  # pictures from elsewhere; half the work of veryfast
DRAWN = {"preset": "ultrafast", "crf": "26"}  # flat tones: as near and as small as TAKEN, for half its work
LIMITED_RANGE = 1
BLACK = (16, 128, 128)


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture as the encoder wants it: BT.709 luma 16-235, and colour at half the size."""

    luma: Image.Image
    blue: Image.Image
    red: Image.Image


Frame = Image.Image | Planes


@dataclass(frozen=True, slots=True)
class Tone:
    """A passage of 48 kHz stereo 16-bit sound, repeated for as long as the picture lasts."""

    loop: bytes


def tone_of(samples: bytes, rate: int) -> Tone:
    """A passage of one 16-bit channel at a lower rate, as a tone that repeats without a seam.

    It is played twice and the second round is kept: the first one fills the filter's memory.
    """
    frame = av.AudioFrame("s16", "mono", len(samples))
    frame.planes[0].update(samples * 2)
    frame.sample_rate = rate
    resampler = AudioResampler(format="s16", layout="stereo", rate=SOUND_RATE)
    played = b"".join(
        bytes(piece.planes[0])[: piece.samples * SAMPLE_BYTES]
        for source in (frame, None)
        for piece in resampler.resample(source)
    )
    length = len(samples) // 2 * SOUND_RATE // rate * SAMPLE_BYTES
    return Tone(played[length : 2 * length])


def to_video_frame(frame: Frame) -> VideoFrame:
    if isinstance(frame, Image.Image):
        whole = VideoFrame.from_image(frame.convert("RGB"))
        return whole.reformat(format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED_RANGE)
    result = VideoFrame(frame.luma.width, frame.luma.height, "yuv420p")
    for plane, image in zip(result.planes, (frame.luma, frame.blue, frame.red), strict=True):
        # The encoder's rows are padded to a multiple of its own; a wider crop pads ours alike.
        plane.update(image.crop((0, 0, plane.line_size, plane.height)).tobytes())
    return result


class Reel:
    """Takes pictures (to encode, or as packets to copy) and sound, in the order they are seen."""

    def __init__(self, container: OutputContainer, video: VideoStream, fps: int) -> None:
        self.frames = 0
        self._container = container
        self._video = video
        self._audio = _sound_track(container)
        self._frame_time = Fraction(1, fps)
        self._unsounded = bytearray()
        self._blocks = 0

    def show(self, frame: VideoFrame) -> None:
        """Encode one more picture."""
        frame.pts = self.frames
        frame.time_base = self._frame_time
        frame.pict_type = PictureType.NONE  # where a decoded picture was a key frame ours need not be
        self.frames += 1
        self._container.mux(self._video.encode(frame))

    def copy(self, packet: "Packet[VideoStream]") -> None:
        """Take one encoded picture as it is; its stamps already count this film's frames."""
        packet.stream = self._video
        packet.time_base = self._frame_time
        packet.duration = 1
        self.frames += 1
        self._container.mux_one(packet)

    def sound(self, samples: bytes) -> None:
        """Append 16-bit stereo samples; they are encoded in whole blocks.

        What is left at the end, under a fortieth of a second, is dropped: padding it would make
        the sound outlast the picture and the film longer than its frames.
        """
        self._unsounded += samples
        whole = len(self._unsounded) // BLOCK_BYTES * BLOCK_BYTES
        for start in range(0, whole, BLOCK_BYTES):
            self._encode_block(bytes(self._unsounded[start : start + BLOCK_BYTES]))
        del self._unsounded[:whole]

    def _encode_block(self, block: bytes) -> None:
        frame = av.AudioFrame("s16", "stereo", BLOCK_SAMPLES)
        frame.planes[0].update(block)
        frame.sample_rate = SOUND_RATE
        frame.time_base = Fraction(1, SOUND_RATE)
        frame.pts = self._blocks * BLOCK_SAMPLES
        self._blocks += 1
        self._container.mux(self._audio.encode(frame))

    def flush(self, *, pictures: bool) -> None:
        if pictures:
            self._container.mux(self._video.encode(None))
        self._container.mux(self._audio.encode(None))


def _sound_track(container: OutputContainer) -> AudioStream:
    audio = container.add_stream("aac", rate=SOUND_RATE, options={"aac_coder": "fast"}, layout="stereo")
    audio.bit_rate = 96_000
    audio.codec_context.flags |= Flags.bitexact
    return audio


def _picture_track(
    container: OutputContainer, fps: int, size: tuple[int, int], coding: Coding
) -> VideoStream:
    video = container.add_stream("libx264", rate=fps, options=dict(coding))
    video.width, video.height = size
    video.pix_fmt = "yuv420p"
    video.thread_count = 2
    video.colorspace = video.color_primaries = video.color_trc = BT709
    video.color_range = LIMITED_RANGE
    video.codec_context.flags |= Flags.bitexact
    return video


@contextmanager
def encoding(to: Path, *, fps: int, size: tuple[int, int], coding: Coding = TAKEN) -> Generator[Reel]:
    """A reel whose pictures are encoded here."""
    with _complete_or_absent(to) as container:
        reel = Reel(container, _picture_track(container, fps, size, coding), fps)
        yield reel
        reel.flush(pictures=True)


@contextmanager
def copying(to: Path, *, fps: int, template: VideoStream) -> Generator[Reel]:
    """A reel whose pictures come as packets of a stream like `template`."""
    with _complete_or_absent(to) as container:
        reel = Reel(container, container.add_stream_from_template(template), fps)
        yield reel
        reel.flush(pictures=False)


@contextmanager
def _complete_or_absent(to: Path) -> Generator[OutputContainer]:
    handle, name = tempfile.mkstemp(prefix=f".{to.name}.", suffix=".part", dir=to.parent)
    os.close(handle)
    part = Path(name)
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    try:
        with av.open(name, "w", format="mp4", options=options) as container:
            yield container
        _to_disk(part)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
