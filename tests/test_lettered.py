"""Words that are read in a film are taken as they were said: its title, captions, cards."""

from typing import Any

import pytest

from agent.edits import Edit, edited_all
from agent.offline.intents import understand
from agent.offline.replies import reply
from tools.errors import Invalid
from tools.shots import ShotList
from tools.story import Wishes, differences, lock, plan

FILM = plan(Wishes("A lighthouse keeper finds a letter, 9 seconds in 3 shots"), None)
LENGTHS = (3, 3, 3)


def edits(text: str) -> tuple[dict[str, Any], ...]:
    return understand(text, has_plan=True, lengths=LENGTHS).edits


def after(text: str, film: ShotList = FILM) -> ShotList:
    return edited_all(film, [Edit.model_validate(each) for each in edits(text)])


@pytest.mark.parametrize(
    ("text", "shot", "words"),
    [
        ('make shot 2 a title card saying "The end"', 2, "The end"),
        ("turn the second shot into a title card that says The end", 2, "The end"),
        ("add a title card at the beginning: Hello world", 1, "Hello world"),
        ('add a title card "Hello" to shot 2', 2, "Hello"),
        (
            'Add a title card at the end that says "Good night, and good luck."',
            3,
            "Good night, and good luck.",
        ),
        ('put "Once upon a time" at the beginning', 1, "Once upon a time"),
        ('end with the words "pip install httpx"', 3, "pip install httpx"),
        ("start with the words Salt and Pepper", 1, "Salt and Pepper"),
    ],
)
def test_a_card_opens_the_shot_that_was_meant_with_the_words_that_were_said(
    text: str, shot: int, words: str
) -> None:
    film = after(text)

    assert edits(text) == ({"action": "card", "shot": shot, "text": words},)
    assert [each.title_card for each in film.shots] == [words if n == shot else None for n in (1, 2, 3)]
    assert differences(FILM, film) == [f'shot {shot}: opens with the card "{words}"']


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("change the caption of shot 1 to Hello", "Hello"),
        ("make the caption of the first shot say Hello, and goodbye", "Hello, and goodbye"),
        ("caption of shot 1: A dog. It barks.", "A dog. It barks."),
        ('add a caption to shot 1: "Woof"', "Woof"),
        ('caption shot 1 "Woof"', "Woof"),
    ],
)
def test_a_caption_says_what_it_was_told_and_the_picture_stays(text: str, words: str) -> None:
    film = after(text)

    assert film.shots[0].caption == words
    assert film.shots[0].enhanced_prompt == FILM.shots[0].enhanced_prompt


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("rename the film to My story", "My story"),
        ('call it "The long night"', "The long night"),
        ("change the title to Salt and Pepper", "Salt and Pepper"),
        ('the title should be "Hello, World"', "Hello, World"),
    ],
)
def test_a_film_is_called_what_somebody_calls_it(text: str, title: str) -> None:
    assert after(text).title == title
    assert differences(FILM, after(text)) == [f"the film is called {title} now"]


def test_words_are_taken_away_from_every_shot_that_is_not_locked() -> None:
    film = lock(after("end with the words The end"), 2)

    assert [each.caption for each in after("no captions", film).shots] == [None, film.shots[1].caption, None]
    assert [each.title_card for each in after("remove the title cards", film).shots] == [None, None, None]
    bare = after("no text on screen", film)
    assert (bare.shots[2].caption, bare.shots[2].title_card) == (None, None)
    assert after("remove the caption from shot 1", film).shots[2].caption == film.shots[2].caption


def test_a_locked_shot_keeps_its_words() -> None:
    with pytest.raises(Invalid, match="shot 2 is locked"):
        after("caption of shot 2: Hello", lock(FILM, 2))


@pytest.mark.parametrize(
    "text",
    [
        "add a title card",
        "make shot 2 a title card",
        "change the title",
        "change the captions",
        "add captions",
    ],
)
def test_words_that_nobody_said_are_asked_for(text: str) -> None:
    intent = understand(text, has_plan=True, lengths=LENGTHS)

    assert intent.kind == "told"
    assert intent.note.startswith(("Say", "Every shot has its caption"))


@pytest.mark.parametrize("text", ["call it a day", "make the title bigger", "Make a film about a title card"])
def test_other_words_are_no_title_and_no_card(text: str) -> None:
    assert edits(text) == ()


def test_the_answer_says_who_shows_the_words_and_what_was_locked() -> None:
    facts = {"seconds": 9, "changed": [], "shots": [{"n": 1}, {"n": 2, "locked": True}]}
    written = reply(understand("caption of shot 1: Hello", has_plan=True), {"edit_shots": facts})
    gone = reply(understand("no captions", has_plan=True), {"edit_shots": facts})

    assert "a vendor's clips have none" in written
    assert gone.startswith("Nothing is otherwise: 2 shots")
    assert "Shot 2 is locked and as before." in gone
