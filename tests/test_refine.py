"""More tension in one shot, another ending: only what was asked for changes."""

import pytest

from agent.edits import Edit, edited
from tools.errors import Invalid
from tools.repo.profile import Concept, RepoProfile
from tools.shots import ShotList, read_shots
from tools.story import Wishes, check, differences, lock, plan, refine
from tools.story.prompts import seen_in
from tools.story.refine import Direction, directions

FILM = plan(Wishes("A lighthouse keeper finds a letter. He reads it twice."), None)
CODE = RepoProfile(
    root="/code", name="oven", purpose="Bakes.", concepts=(Concept("class", "Retry", "oven.py", 3, 0.9),)
)
REPO = plan(Wishes(seconds=20), CODE)


def others(film: ShotList, n: int) -> list[str]:
    """Every shot but one, to the byte."""
    return [shot.model_dump_json() for shot in film.shots if shot.shot_number != n]


@pytest.mark.parametrize("direction", directions(), ids=lambda each: each.name)
def test_more_of_something_changes_how_one_shot_is_seen_and_nothing_else(direction: Direction) -> None:
    film = refine(FILM, 3, f"more {direction.name}")
    before, after = FILM.shots[2], film.shots[2]

    assert others(film, 3) == others(FILM, 3)
    assert seen_in(after.enhanced_prompt) == seen_in(before.enhanced_prompt)
    assert direction.words in after.enhanced_prompt
    assert (after.duration, after.shot_id, after.caption) == (
        before.duration,
        before.shot_id,
        before.caption,
    )
    assert check(film) == []


def test_less_of_something_is_more_of_its_opposite() -> None:
    assert refine(FILM, 2, "less tension") == refine(FILM, 2, "calmer")
    assert {each.opposite for each in directions()} <= {each.name for each in directions()}


def test_another_ending_is_another_each_time_and_leaves_the_rest() -> None:
    films = [FILM]
    for _ in range(2):
        films.append(refine(films[-1], None, "another ending"))

    assert len({seen_in(film.shots[-1].enhanced_prompt) for film in films}) == 3
    assert all(others(film, len(FILM.shots)) == others(FILM, len(FILM.shots)) for film in films)
    assert all(film.seconds == FILM.seconds and check(film) == [] for film in films)
    assert differences(films[0], films[1])[0].startswith("shot 5: ")


def test_a_film_about_code_ends_and_begins_as_its_template_can() -> None:
    ended, begun = refine(REPO, None, "a different ending"), refine(REPO, 1, "another opening")

    assert others(ended, len(REPO.shots)) == others(REPO, len(REPO.shots))
    assert "oven" in str(ended.shots[-1].caption)
    assert ended.shots[-1].enhanced_prompt != REPO.shots[-1].enhanced_prompt
    assert others(begun, 1) == others(REPO, 1)
    assert begun.shots[0].enhanced_prompt != REPO.shots[0].enhanced_prompt


@pytest.mark.parametrize(("n", "wish"), [(3, "more tension"), (None, "another ending")])
def test_a_locked_shot_is_not_refined(n: int | None, wish: str) -> None:
    with pytest.raises(Invalid, match="locked"):
        refine(lock(FILM, n or len(FILM.shots)), n, wish)


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ("more blue", "more or less tension, calm"),
        ("", "say what should change"),
    ],
)
def test_what_the_rules_do_not_know_is_said_with_what_they_do(wish: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        refine(FILM, 2, wish)


def test_a_shots_file_without_a_brief_has_no_other_ending() -> None:
    film = read_shots([{"shot_id": "a", "enhanced_prompt": "A door."}])

    with pytest.raises(Invalid, match="say what is seen"):
        refine(film, None, "another ending")


def test_an_edit_refines_the_last_shot_where_none_is_named() -> None:
    film = edited(FILM, Edit(action="refine", text="more calm"))

    assert others(film, 5) == others(FILM, 5)
    assert film.shots[4].camera == "static"
    with pytest.raises(Invalid, match="text"):
        edited(FILM, Edit(action="refine", shot=2))
