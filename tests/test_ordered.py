"""Shots change their places, are shown again, and get their lengths and sizes in the words that people use."""

from typing import Any

import pytest

from agent.edits import Edit, edited_all
from agent.offline.intents import understand
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


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("make shots 1 and 3 5 seconds", [5, 3, 5, 3]),
        ("make it 8 seconds longer", [5, 5, 5, 5]),
        ("twice as long", [6, 6, 6, 6]),
        ("make shot 2 two seconds longer", [3, 5, 3, 3]),
        ("cut 1 second from shot 2", [3, 2, 3, 3]),
    ],
)
def test_seconds_are_counted_from_what_there_is(text: str, lengths: list[int]) -> None:
    assert [shot.duration for shot in after(text).shots] == lengths


def test_one_wish_for_several_shots_is_a_change_to_each() -> None:
    intent = understand("shots 1 and 2 at night", has_plan=True, lengths=(3, 3, 3, 3))

    assert intent.note == ""
    assert intent.edits == tuple({"action": "when", "text": "at night", "shot": n} for n in (1, 2))


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("delete 3", {"action": "remove", "shot": 3}),
        ("change the second one to a dog", {"action": "change", "shot": 2, "text": "a dog"}),
        ("make it a cartoon", {"action": "restyle", "style": "animation"}),
        ("brighter please", {"action": "restyle", "mood": "bright"}),
        ("I want it darker", {"action": "restyle", "mood": "dark"}),
        ("without colour", {"action": "restyle", "style": "black and white"}),
        ("caption 2: Hello", {"action": "caption", "shot": 2, "text": "Hello"}),
        ('replace "fox" with "owl"', {"action": "replace", "old": "fox", "text": "owl"}),
        ("add people to shot 2", {"action": "add", "text": "people", "shot": 2}),
    ],
)
def test_few_words_are_enough(text: str, edit: dict[str, Any]) -> None:
    assert edits(text) == (edit,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("make a poster", "I make films"),
        ("more about the cache", "Name it with a new brief"),
        ("improve the story", "no taste"),
        ("write Hello on shot 1", "As a caption or as a card"),
        ("no rain", "make it brighter"),
        ("can the keeper be a woman?", "Say it as a wish"),
        ("shuffle the shots", "put shot 3 first"),
    ],
)
def test_what_rules_cannot_do_is_said_with_the_nearest_that_they_can(text: str, says: str) -> None:
    intent = understand(text, has_plan=True, lengths=(3, 3, 3, 3))

    assert (intent.kind, says in intent.note) == ("told", True)


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
