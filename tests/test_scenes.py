"""A long brief becomes scenes: each with its share of the time, and what was there before goes on."""

import timeit
from functools import partial
from itertools import groupby

import pytest

from tools.shots import Shot, ShotList
from tools.story import Wishes, check, plan
from tools.story.scenes import scenes_of

THREE = (
    "Make a 45 second noir film in 3 scenes. "
    "Scene 1: A lighthouse keeper finds a letter on the stairs at night. He reads it. "
    "Scene 2: he rows across the sea. "
    "Scene 3: A gull lands on the letter and sleeps."
)
PARAGRAPHS = """A film about two sisters, 40 seconds.

Two sisters open an old bakery in a quiet street. The oven will not start.

They carry wood from the forest through the rain. The younger sister finds a match in her coat.

At dawn the whole street smells of bread and the neighbours come running."""


def scene_of(shot: Shot) -> int | None:
    return (shot.model_extra or {}).get("scene")


def spans(film: ShotList) -> list[tuple[int | None, int, int]]:
    """Each scene, with how many shots and seconds it has."""
    parts = [(number, list(shots)) for number, shots in groupby(film.shots, scene_of)]
    return [(number, len(shots), sum(shot.duration for shot in shots)) for number, shots in parts]


def test_scenes_that_are_counted_out_are_told_in_their_order_and_share_the_time() -> None:
    film = plan(Wishes(THREE), None)

    assert spans(film) == [(1, 5, 22), (2, 2, 12), (3, 2, 11)]
    assert film.style == "noir"
    assert check(film) == []


def test_who_was_told_of_goes_on_into_the_next_scene_until_somebody_else_comes() -> None:
    film = plan(Wishes(THREE), None)
    firsts = {scene_of(shot): shot.enhanced_prompt for shot in reversed(film.shots)}

    assert firsts[2].startswith("A lighthouse keeper rows across the sea.")
    assert firsts[3].startswith("A gull lands on the letter and sleeps.")
    assert {shot.time_of_day for shot in film.shots} == {"night"}


def test_every_scene_begins_with_a_wide_shot() -> None:
    film = plan(Wishes(PARAGRAPHS), None)
    firsts = {scene_of(shot): shot.shot_type for shot in reversed(film.shots)}

    assert firsts == {1: "wide", 2: "wide", 3: "wide"}


def test_a_brief_in_paragraphs_has_a_scene_for_each_and_its_first_line_is_a_wish() -> None:
    film = plan(Wishes(PARAGRAPHS), None)

    assert spans(film) == [(1, 3, 15), (2, 3, 17), (3, 2, 8)]
    assert film.title == "Two sisters open an old bakery in a quiet street"


def test_scenes_whose_seconds_are_said_have_exactly_those() -> None:
    film = plan(
        Wishes("Scene 1 (9 s): A keeper finds a letter. Scene 2 (21 seconds): He rows out. He sings."), None
    )

    assert spans(film) == [(1, 2, 9), (2, 4, 21)]


@pytest.mark.parametrize(
    "brief",
    [
        "Szene 1: Der Wärter findet einen Brief. Szene 2: Der Wärter rudert hinaus.",
        "Сцена 1: Смотритель находит письмо. Сцена 2: Смотритель гребёт в море.",
        "シーン1: 灯台守が手紙を見つける。シーン2: 灯台守が海へ漕ぎ出す。",
        "المشهد 1: حارس يجد رسالة. المشهد 2: حارس يعبر البحر.",
    ],
    ids=["German", "Russian", "Japanese", "Arabic"],
)
def test_scenes_are_counted_in_other_languages_too(brief: str) -> None:
    assert len(scenes_of(brief).scenes) == 2
    assert {number for number, _, _ in spans(plan(Wishes(brief), None))} == {1, 2}


@pytest.mark.parametrize(
    "brief",
    [
        "A lighthouse keeper finds a letter.",
        "Make a film.\n\nA fox sails.",
        "The crime scene 7: nobody comes. Scene 9: somebody does.",
        "A short line.\n\nAnother short line.",
        "Scene 1: the only one",
        "Scene 1: ... Scene 2: !!!",
    ],
)
def test_what_is_no_brief_in_scenes_stays_one_story(brief: str) -> None:
    assert scenes_of(brief).scenes == ()


def test_fewer_shots_than_scenes_are_one_story() -> None:
    assert spans(plan(Wishes(THREE, shots=2, seconds=12), None)) == [(None, 2, 12)]


def test_more_scenes_than_a_film_has_are_told_in_the_last() -> None:
    brief = " ".join(f"Scene {n}: The keeper climbs stair {n}." for n in range(1, 40))

    assert len(scenes_of(brief).scenes) == 20


@pytest.mark.parametrize("unit", ["\n", " ", "scene ", "Scene 1: ", "Scene one\n"])
def test_a_text_eight_times_as_long_does_not_take_sixty_four_times_as_long(unit: str) -> None:
    def seconds(units: int) -> float:
        brief = f"A keeper waits for us{unit * units}end"
        return min(timeit.repeat(partial(scenes_of, brief), number=1, repeat=5))

    assert seconds(8_000) < 32 * seconds(1_000)
