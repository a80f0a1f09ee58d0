"""Shots change their places, are shown again, and get their lengths and sizes in the words that people use."""

from typing import Any

import pytest

from agent.edits import Edit, edited_all
from agent.intents import understand
from tools.shots import ShotList, is_locked
from tools.story import Wishes, describe, lock, plan

FILM = plan(Wishes("A lighthouse keeper finds a letter, 12 seconds in 4 shots"), None)


def edits(text: str) -> tuple[dict[str, Any], ...]:
    return understand(text, has_plan=True, lengths=(3, 3, 3, 3)).edits


def after(text: str, film: ShotList = FILM) -> ShotList:
    return edited_all(film, [Edit.model_validate(each) for each in edits(text)])


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("put shot 3 first", "3124"),
        ("shot 1 last", "2341"),
        ("put the second shot at the end", "1342"),
        ("start with shot 2", "2134"),
        ("move shot 3 before shot 1", "3124"),
        ("move shot 3 after 1", "1324"),
        ("move shot 1 after shot 3", "2314"),
        ("move shot 1 before 3", "2134"),
        ("move shot 4 to 2", "1423"),
        ("move shot 1 to the end", "2341"),
    ],
)
def test_a_shot_stands_where_it_was_put(text: str, order: str) -> None:
    assert "".join(shot.shot_id[-1] for shot in after(text).shots) == order


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("remove shot 2 and 3", "14"),
        ("delete the first two shots", "34"),
        ("keep only shot 2", "2"),
        ("remove all shots except 1 and 4", "14"),
        ("without shot 2", "134"),
        ("reverse the order", "4321"),
    ],
)
def test_several_shots_go_or_stay_at_once(text: str, left: str) -> None:
    assert "".join(shot.shot_id[-1] for shot in after(text).shots) == left


def test_everything_is_locked_and_free_again() -> None:
    locked = after("lock everything")

    assert all(is_locked(shot) for shot in locked.shots)
    assert after("unlock all", locked) == FILM


@pytest.mark.parametrize(
    "text", ["make shot 2 noir", "shot 2 in black and white", "make it noir except shot 2"]
)
def test_a_look_for_one_shot_does_not_become_the_look_of_all(text: str) -> None:
    intent = understand(text, has_plan=True, lengths=(3, 3, 3, 3))

    assert (intent.kind, "for the whole film" in intent.note) == ("told", True)


@pytest.mark.parametrize(
    "text",
    [
        "The keeper says hello to the moon",
        "A keeper in Paris adds a dog to shot glasses",
        "Make the fox say hello in Paris",
    ],
)
def test_a_story_without_a_plan_is_a_brief_whatever_words_are_in_it(text: str) -> None:
    assert understand(text, has_plan=False).kind == "plan"


@pytest.mark.parametrize(
    ("text", "places"),
    [("duplicate shot 2", (1, 2)), ("show shot 2 twice", (1, 2)), ("repeat shot 2 at the end", (1, 4))],
)
def test_a_shot_is_shown_once_more(text: str, places: tuple[int, int]) -> None:
    film = after(text)

    one, other = (film.shots[n].enhanced_prompt for n in places)
    assert one == other == FILM.shots[1].enhanced_prompt
    assert len(film.shots) == 5


@pytest.mark.parametrize(
    "text",
    [
        "make all shots 5 seconds",
        "every shot 5 seconds",
        "5 seconds per shot",
        "make the shots five seconds each",
    ],
)
def test_all_shots_get_a_length_and_locked_ones_keep_theirs(text: str) -> None:
    assert [shot.duration for shot in after(text, lock(FILM, 2)).shots] == [5, 3, 5, 5]


@pytest.mark.parametrize(
    ("text", "n", "size"),
    [
        ("start with a medium shot", 1, "medium"),
        ("end on a close-up", 4, "close-up"),
        ("begin with an establishing shot", 1, "wide"),
        ("shot 2 as a wide shot", 2, "wide"),
        ("make shot 2 a close-up", 2, "close-up"),
    ],
)
def test_a_size_changes_how_a_shot_is_seen_and_not_what_happens(text: str, n: int, size: str) -> None:
    shot, before = after(text).shots[n - 1], FILM.shots[n - 1]

    assert (shot.shot_type, shot.caption) == (size, before.caption)
    assert f"{size} shot".removesuffix("-up shot") in shot.enhanced_prompt


def test_a_new_film_and_a_new_picture_are_no_order() -> None:
    assert understand("Make a film about a fox, every shot 3 seconds", has_plan=True).kind == "plan"
    assert edits("make shot 2 a close-up of the letter") == (
        {"action": "change", "shot": 2, "text": "a close-up of the letter"},
    )


def test_the_keeper_is_the_lighthouse_keeper_where_there_is_no_other() -> None:
    film = describe(FILM, "the keeper is a nurse in a red coat")

    assert [sheet.name for sheet in film.sheets] == ["lighthouse keeper"]
    assert film.shots[0].enhanced_prompt.startswith("A lighthouse keeper, a nurse in a red coat, seen")
