"""Clips are written, read and joined as real files."""

# PyAV's stubs leave pictures, packets and keyword arguments without a type.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import hashlib
from array import array
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from PIL import Image

from tools.errors import Invalid
from tools.media import Facts, Planes, Tone, join, poster, probe, tone_of, write_clip

WIDE = (160, 90)
UPRIGHT = (90, 160)
TONE = Tone(array("h", [0, 0, 9000, 9000, 0, 0, -9000, -9000] * 400).tobytes())


def pictures(count: int, size: tuple[int, int], shade: int) -> Iterator[Image.Image]:
    for index in range(count):
        picture = Image.new("RGB", size, (shade, 90, 60))
        picture.paste((240, 230, 200), (index * 2, 20, index * 2 + 24, 60))
        yield picture


def clip(
    to: Path, count: int = 24, size: tuple[int, int] = WIDE, shade: int = 40, tone: Tone | None = TONE
) -> Path:
    write_clip(pictures(count, size, shade), to, fps=24, size=size, tone=tone)
    return to


def decoded(path: Path) -> list[bytes]:
    with av.open(path) as container:
        return [frame.to_image().tobytes() for frame in container.decode(video=0)]


def loudness(path: Path) -> list[int]:
    """The loudest sample of each tenth of a second."""
    samples = array("h")
    with av.open(path) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                samples.frombytes(bytes(piece.planes[0])[: piece.samples * 2])
    return [max(abs(s) for s in samples[start : start + 4800]) for start in range(0, len(samples), 4800)]


def test_a_clip_is_what_browsers_play(tmp_path: Path) -> None:
    facts = probe(clip(tmp_path / "a.mp4", 36))

    assert facts == Facts(
        seconds=1.5,
        width=160,
        height=90,
        fps=24.0,
        video_codec="h264",
        pixel_format="yuv420p",
        audio_codec="aac",
        has_audio=True,
        faststart=True,
    )


def test_the_sound_never_outlasts_the_picture(tmp_path: Path) -> None:
    with av.open(clip(tmp_path / "a.mp4", 31)) as container:
        sound, picture = container.streams.audio[0], container.streams.video[0]
        assert sound.duration is not None
        assert container.duration is not None

        assert picture.frames == 31
        assert container.duration == round(31 / 24 * av.time_base)
        assert 0 <= 31 / 24 - sound.duration / 48_000 < 0.03


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = clip(tmp_path / "a.mp4"), clip(tmp_path / "b.mp4")

    assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(two.read_bytes()).digest()


def test_a_clip_without_a_tone_is_silent_and_still_has_a_sound_track(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", tone=None)

    assert probe(path).audio_codec == "aac"
    assert max(loudness(path)) == 0


def test_a_tone_fades_in_and_out(tmp_path: Path) -> None:
    heard = loudness(clip(tmp_path / "a.mp4", 48))

    assert heard[0] < heard[8]
    assert heard[-1] < heard[12] / 3


def test_a_tone_of_a_lower_rate_lasts_as_long_as_its_samples() -> None:
    assert len(tone_of(bytes(2 * 8000), 8000).loop) == 48_000 * 4


def test_planes_are_shown_as_they_are_given(tmp_path: Path) -> None:
    grey = Planes(Image.new("L", (90, 160), 126), *(Image.new("L", (45, 80), 128) for _ in range(2)))
    write_clip([grey] * 4, tmp_path / "a.mp4", fps=24, size=UPRIGHT, tone=None)

    with Image.open(_saved(tmp_path, poster(tmp_path / "a.mp4"))) as picture:
        assert picture.size == UPRIGHT
        assert all(abs(channel - 128) <= 3 for channel in picture.convert("RGB").resize((1, 1)).tobytes())


def _saved(folder: Path, jpeg: bytes) -> Path:
    path = folder / "poster.jpg"
    path.write_bytes(jpeg)
    return path


def test_a_failed_drawing_leaves_no_file(tmp_path: Path) -> None:
    def torn() -> Iterator[Image.Image]:
        yield Image.new("RGB", WIDE)
        raise RuntimeError("out of ink")

    with pytest.raises(RuntimeError, match="out of ink"):
        write_clip(torn(), tmp_path / "a.mp4", fps=24, size=WIDE, tone=None)

    assert list(tmp_path.iterdir()) == []


def test_a_clip_has_at_least_one_frame(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        write_clip([], tmp_path / "a.mp4", fps=24, size=WIDE, tone=None)

    assert list(tmp_path.iterdir()) == []


def test_clips_of_one_make_are_joined_without_touching_their_pictures(tmp_path: Path) -> None:
    clips = [clip(tmp_path / f"{n}.mp4", 22 + n % 3, shade=20 * n) for n in range(12)]
    join(clips, tmp_path / "film.mp4", size=WIDE, fps=24)

    assert decoded(tmp_path / "film.mp4") == [frame for path in clips for frame in decoded(path)]
    assert probe(tmp_path / "film.mp4").seconds == 12 * 23 / 24
    assert probe(tmp_path / "film.mp4").faststart


def test_twelve_clips_do_not_drift(tmp_path: Path) -> None:
    loud, still = clip(tmp_path / "loud.mp4", 24), clip(tmp_path / "still.mp4", 24, tone=None)
    join([loud, still] * 6, tmp_path / "film.mp4", size=WIDE, fps=24)

    heard = loudness(tmp_path / "film.mp4")
    assert all(max(heard[second * 10 + 2 : second * 10 + 9]) < 400 for second in range(1, 12, 2))
    assert all(max(heard[second * 10 + 1 : second * 10 + 4]) > 3000 for second in range(0, 12, 2))


def test_stamps_rise_through_the_whole_film(tmp_path: Path) -> None:
    clips = [clip(tmp_path / f"{n}.mp4", 20) for n in range(4)]
    join(clips, tmp_path / "film.mp4", size=WIDE, fps=24)

    with av.open(tmp_path / "film.mp4") as container:
        stamps = [packet.dts for packet in container.demux(video=0) if packet.dts is not None]
    assert stamps == sorted(set(stamps))
    assert len(stamps) == 80


def test_clips_of_different_shapes_make_one_film_with_letterboxes(tmp_path: Path) -> None:
    clips = [clip(tmp_path / "a.mp4", 20), clip(tmp_path / "b.mp4", 15, UPRIGHT, shade=220)]
    told: list[float] = []
    join(clips, tmp_path / "film.mp4", size=WIDE, fps=24, on_progress=told.append)

    facts = probe(tmp_path / "film.mp4")
    assert (facts.width, facts.height, facts.seconds) == (160, 90, 35 / 24)
    with av.open(tmp_path / "film.mp4") as container:
        last = list(container.decode(video=0))[-1].to_image()
    assert max(last.getpixel((8, 45))) < 20
    assert last.getpixel((80, 85))[0] > 150
    assert told == sorted(told)
    assert told[-1] == 1


def test_another_frame_rate_keeps_its_length(tmp_path: Path) -> None:
    write_clip(pictures(30, WIDE, 40), tmp_path / "a.mp4", fps=30, size=WIDE, tone=TONE)
    join([tmp_path / "a.mp4", clip(tmp_path / "b.mp4", 12)], tmp_path / "film.mp4", size=WIDE, fps=24)

    assert probe(tmp_path / "film.mp4").seconds == 1.5


def test_a_clip_without_a_sound_track_is_silent_in_the_film(tmp_path: Path) -> None:
    with av.open(clip(tmp_path / "a.mp4", 24)) as source, av.open(tmp_path / "mute.mp4", "w") as target:
        track = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = track
                target.mux(packet)
    assert not probe(tmp_path / "mute.mp4").has_audio
    join([tmp_path / "mute.mp4", tmp_path / "a.mp4"], tmp_path / "film.mp4", size=WIDE, fps=24)

    heard = loudness(tmp_path / "film.mp4")
    assert max(heard[:9]) < 400
    assert max(heard[10:15]) > 3000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a video at all, but long enough to have a head",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"\x00\x00\x00\x20ftypisom" + bytes(400),
        b"\x1a\x45\xdf\xa3" + bytes(400),
    ],
)
def test_what_is_not_a_video_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)

    with pytest.raises(Invalid):
        probe(path)
    with pytest.raises(Invalid):
        poster(path)
    with pytest.raises(Invalid):
        join([path], tmp_path / "film.mp4", size=WIDE, fps=24)
    assert not (tmp_path / "film.mp4").exists()


def test_half_a_clip_is_refused(tmp_path: Path) -> None:
    whole = clip(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "half.mp4").write_bytes(whole[:600])

    with pytest.raises(Invalid):
        probe(tmp_path / "half.mp4")


def test_a_film_has_at_least_one_clip(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        join([], tmp_path / "film.mp4", size=WIDE, fps=24)


def test_a_poster_shows_what_comes_after_a_title(tmp_path: Path) -> None:
    title, scene = [Image.new("RGB", WIDE, "white")] * 12, pictures(24, WIDE, 40)
    write_clip([*title, *scene], tmp_path / "a.mp4", fps=24, size=WIDE, tone=None)

    with Image.open(_saved(tmp_path, poster(tmp_path / "a.mp4"))) as picture:
        assert min(picture.convert("L").tobytes()) < 100


def test_a_poster_shows_a_frame_that_shows_something(tmp_path: Path) -> None:
    black = [Image.new("RGB", WIDE)] * 5
    write_clip([*black, *pictures(5, WIDE, 40)], tmp_path / "a.mp4", fps=24, size=WIDE, tone=None)

    jpeg = poster(tmp_path / "a.mp4")

    assert jpeg.startswith(b"\xff\xd8\xff")
    with Image.open(_saved(tmp_path, jpeg)) as picture:
        assert max(picture.convert("L").tobytes()) > 200
