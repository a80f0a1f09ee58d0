"""Animatics move as the shot says, and are lettered in every script we can set."""

# Pillow's annotations name numpy, which is not here, so pyright sees holes in them.
# pyright: reportUnknownMemberType=false

from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from tools.cards import Card, frame_size, render
from tools.cards.camera import BY_NAME, move_for
from tools.cards.lettering import SUBSTITUTE, caption, corner, face, fitted, has_glyph, intertitle, settable
from tools.cards.words import read
from tools.errors import Invalid
from tools.media import probe

CARD = Card(
    number=1,
    seconds=1,
    caption=None,
    title_card=None,
    prompt="A traveller at a crossroad of redirect signs",
    camera="static",
    styles=(),
    mood="sunny",
    aspect_ratio="16:9",
    resolution="360p",
)


def frames(card: Card, folder: Path, fps: int = 8) -> list[Image.Image]:
    render(card, folder / "clip.mp4", fps=fps)
    with av.open(folder / "clip.mp4") as container:
        return [frame.to_image() for frame in container.decode(video=0)]


def difference(one: Image.Image, two: Image.Image, box: tuple[int, int, int, int]) -> float:
    return ImageStat.Stat(ImageChops.difference(one.crop(box), two.crop(box)).convert("L")).mean[0]


CORNER = (0, 320, 40, 360)
WHOLE = (0, 0, 640, 360)


@pytest.mark.parametrize(
    ("resolution", "ratio", "size"),
    [
        ("360p", "16:9", (640, 360)),
        ("480p", "16:9", (854, 480)),
        ("720p", "9:16", (720, 1280)),
        ("1080p", "16:9", (1920, 1080)),
        ("720p", "1:1", (720, 720)),
    ],
)
def test_a_resolution_names_the_shorter_side(resolution: str, ratio: str, size: tuple[int, int]) -> None:
    assert frame_size(resolution, ratio) == size


def test_an_unknown_resolution_is_refused() -> None:
    with pytest.raises(Invalid, match="360p, 480p, 720p, 1080p"):
        frame_size("8k", "16:9")
    with pytest.raises(Invalid, match="16:9"):
        frame_size("720p", "21:9")


def test_a_card_lasts_as_long_as_its_shot(tmp_path: Path) -> None:
    render(replace(CARD, seconds=2), tmp_path / "a.mp4")

    facts = probe(tmp_path / "a.mp4")
    assert (facts.seconds, facts.width, facts.height, facts.fps) == (2.0, 640, 360, 24.0)
    assert facts.has_audio
    assert facts.faststart


def test_the_same_card_gives_the_same_bytes(tmp_path: Path) -> None:
    card = replace(CARD, styles=("silent film",), title_card="Meanwhile", caption="Nothing happens.")
    for name in ("a.mp4", "b.mp4"):
        render(card, tmp_path / name, fps=8)

    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_another_number_gives_another_picture(tmp_path: Path) -> None:
    one = frames(CARD, tmp_path)[0]
    two = frames(replace(CARD, number=2), tmp_path)[0]

    assert difference(one, two, WHOLE) > 3


def test_a_static_camera_leaves_the_corners_alone(tmp_path: Path) -> None:
    seen = frames(CARD, tmp_path)

    assert difference(seen[0], seen[-1], CORNER) < 1.5


@pytest.mark.parametrize("camera", ["slow push-in", "glide", "slow pan", "tilt up", "pull out"])
def test_a_camera_move_happens(tmp_path: Path, camera: str) -> None:
    seen = frames(replace(CARD, camera=camera), tmp_path)

    assert difference(seen[0], seen[-1], WHOLE) > 4


def test_a_push_in_makes_the_middle_larger(tmp_path: Path) -> None:
    first, *_, last = frames(replace(CARD, camera="push-in", prompt="a clock", mood=""), tmp_path)
    middle = (last.width / 2 - 270, last.height / 2 - 151, last.width / 2 + 270, last.height / 2 + 151)
    grown = first.resize(first.size, box=middle)

    assert difference(grown, last, (160, 80, 480, 280)) < difference(first, last, (160, 80, 480, 280))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("slow push-in", "push"),
        ("Dolly in", "push"),
        ("pull_out", "pull"),
        ("tracking shot", "glide"),
        ("slow pan", "pan"),
        ("crane up", "tilt"),
        ("static wide", "static"),
        ("", "static"),
    ],
)
def test_the_camera_is_read_from_its_words(words: str, name: str) -> None:
    assert move_for(words) is BY_NAME[name]


def test_a_shot_is_read_from_its_words() -> None:
    card = replace(
        CARD, prompt="A detective waits under a street lamp in the rain", styles=("noir",), mood=""
    )
    scene = read(card)

    assert scene.place == "city"
    assert "lamp" in scene.things
    assert (scene.people, scene.hat, scene.night, scene.weather) == (1, True, True, "rain")


def test_a_prompt_in_another_language_is_still_a_picture(tmp_path: Path) -> None:
    seen = frames(replace(CARD, prompt="Почтальон ждёт", caption="郵便屋さん 🍪"), tmp_path)

    assert ImageStat.Stat(seen[0].convert("L")).stddev[0] > 10


def test_silent_film_is_black_and_white(tmp_path: Path) -> None:
    seen = frames(replace(CARD, styles=("silent film",)), tmp_path)
    _, blue, red = seen[4].convert("YCbCr").split()

    assert abs(ImageStat.Stat(blue).mean[0] - 128) < 8
    assert abs(ImageStat.Stat(red).mean[0] - 128) < 8


def test_a_title_card_comes_first_and_gives_way_to_the_picture(tmp_path: Path) -> None:
    seen = frames(replace(CARD, seconds=3, title_card="Meanwhile"), tmp_path)
    light = [ImageStat.Stat(frame.convert("L")).mean[0] for frame in seen]

    assert max(light[:9]) < 60
    assert min(light[14:]) > 90


def test_a_stamp_stands_in_its_corner(tmp_path: Path) -> None:
    stamped = frames(replace(CARD, stamp="PLAY MONEY REHEARSAL"), tmp_path)[0]
    plain = frames(CARD, tmp_path)[0]

    assert difference(stamped, plain, (480, 8, 640, 40)) > 8
    assert difference(stamped, plain, (0, 60, 480, 360)) < 1.5


@pytest.mark.parametrize("letter", ["é", "ł", "ß", "Ж", "ё", "ї", "Ω", "“", "—", "…"])
def test_accents_and_cyrillic_are_drawn(letter: str) -> None:
    assert has_glyph(letter)
    assert settable(letter) == letter


@pytest.mark.parametrize(
    ("text", "set_"), [("日本", SUBSTITUTE * 2), ("🍪", SUBSTITUTE), ("a\u200db\ufe0f", "ab")]
)
def test_what_the_face_lacks_is_a_dot_or_nothing(text: str, set_: str) -> None:
    assert settable(text) == set_


def test_letters_made_of_two_are_set_as_one() -> None:
    assert settable("cafe\u0301") == "café"


@pytest.mark.parametrize("text", ["word " * 90, "x" * 400, "Почтальон ждёт ответа. " * 20, ""])
def test_long_text_stays_inside_its_box(text: str) -> None:
    type_, lines = fitted(settable(text), (300, 90), 24, 12)

    assert all(type_.getlength(line) <= 300 for line in lines)
    assert len(lines) * type_.size <= 90


def test_a_long_caption_leaves_the_edges_of_the_frame_free() -> None:
    overlay = caption((360, 640), "The postman waits for an answer that never comes. " * 9)
    letters = overlay.tone.point([0 if step < 128 else 255 for step in range(256)]).getbbox()

    assert letters is not None
    assert letters[0] > 10
    assert letters[2] < 350
    assert overlay.corner[1] + overlay.tone.height == 640
    assert letters[3] < overlay.tone.height - 8


def test_a_stamp_wider_than_the_frame_does_not_fail() -> None:
    assert corner((360, 640), "STAMP " * 60, right=True, boxed=True).tone.width == 360


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (360, 360)])
def test_an_intertitle_is_framed_and_centred(size: tuple[int, int]) -> None:
    card = intertitle(size, "« Déjà vu » — Ответа пришлось ждать очень долго", 1)
    bright = card.point([0 if step < 190 else 255 for step in range(256)])
    left, top, right, bottom = bright.getbbox() or (0, 0, 0, 0)

    assert abs(left - (size[0] - right)) <= 3
    assert 5 < top < size[1] * 0.12
    assert size[1] * 0.88 < bottom < size[1] - 5


def test_one_face_serves_every_size() -> None:
    assert face(20).getname() == ("Old Standard TT", "Bold")
