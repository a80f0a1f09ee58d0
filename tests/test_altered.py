"""A picture stays and something in it is otherwise: the hour, the weather, what else is there, what stands for what."""

from typing import Any

import pytest

from agent.edits import Edit, edited_all
from agent.offline.intents import understand
from tools.cards.card import Card
from tools.cards.words import read
from tools.errors import Invalid
from tools.shots import Evidence, ShotList
from tools.story import Wishes, check, copy, describe, differences, lock, plan
from tools.story.edit import restyle, retime
from tools.story.prompts import seen_in
from tools.story.swapping import swap_of

FILM = plan(Wishes("A lighthouse keeper finds a letter at noon, 9 seconds in 3 shots"), None)


def edits(text: str) -> tuple[dict[str, Any], ...]:
    return understand(text, has_plan=True, lengths=(3, 3, 3)).edits


def after(text: str, film: ShotList = FILM) -> ShotList:
    made = edits(text)
    assert made, text
    return edited_all(film, [Edit.model_validate(each) for each in made])


def seen(film: ShotList) -> list[str]:
    return [seen_in(shot.enhanced_prompt) for shot in film.shots]


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("make it at night", {"action": "when", "text": "at night"}),
        ("it should all happen at dawn", {"action": "when", "text": "at dawn"}),
        ("make it rain", {"action": "when", "text": "rain"}),
        ("let it snow please", {"action": "when", "text": "snow"}),
        ("make shot 2 at night", {"action": "when", "text": "at night", "shot": 2}),
        ("change the second shot to night", {"action": "when", "text": "night", "shot": 2}),
        ("shot 1 in the rain", {"action": "when", "text": "in the rain", "shot": 1}),
        ("add a dog to shot 2", {"action": "add", "text": "a dog", "shot": 2}),
        ("in shot 2 add a red balloon", {"action": "add", "text": "a red balloon", "shot": 2}),
        ("shot 2 should have a dog", {"action": "add", "text": "a dog", "shot": 2}),
        ("add a dog to every shot", {"action": "add", "text": "a dog"}),
        ("no faces", {"action": "avoid", "text": "faces"}),
        ("don't show any logos in shot 2", {"action": "avoid", "text": "logos", "shot": 2}),
        ("replace the fox with a cat", {"action": "replace", "old": "fox", "text": "a cat"}),
        ("use an owl instead of the fox", {"action": "replace", "old": "fox", "text": "an owl"}),
        ("make the fox a wolf in shot 2", {"action": "replace", "old": "fox", "text": "a wolf", "shot": 2}),
        ("the keeper is now a woman", {"action": "describe", "text": "the keeper is a woman"}),
        ("yes, make it rain", {"action": "when", "text": "rain"}),
        ("render it at night", {"action": "when", "text": "at night"}),
        ("make the keeper a woman", {"action": "describe", "text": "the keeper is a woman"}),
        ("make the fox old", {"action": "describe", "text": "the fox is an old fox"}),
        ("call the keeper Emma", {"action": "replace", "old": "keeper", "text": "Emma"}),
        ("give the keeper a red hat", {"action": "describe", "text": "the keeper wears a red hat"}),
        ("shot 2 in slow motion", {"action": "add", "text": "in slow motion", "shot": 2}),
        ("change the style to noir", {"action": "restyle", "style": "noir"}),
        ("add some humour to shot 2", {"action": "refine", "text": "more humour", "shot": 2}),
    ],
)
def test_what_is_otherwise_in_a_picture_is_told_from_another_picture(text: str, edit: dict[str, Any]) -> None:
    assert edits(text) == (edit,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("remove the dog from shot 2", "cannot take one thing out"),
        ("add a dog", "and where"),
        ("too dark", "make it brighter"),
        ("change the style", "What styles are there?"),
        ("set it in Paris", "Say what is seen there"),
        ("add our website at the end", "A title card can say it"),
        ("make him say hello", "words can be read"),
        ("what did you change?", "Every change is a version"),
        ("make 3 shots out of shot 2", "split shot 2"),
        ("less noir", "What styles are there?"),
        ("make it less noir", "What styles are there?"),
        ("undo noir", "back to version 2"),
        ("redo", "back to version 2"),
        ("replace him with a woman", "Name what is seen"),
        ("make shot 1 say Hello", "As a caption or as a card"),
        ("remove the keeper", "cannot take one thing out"),
        ("replace rehearsal with fal", "Name what is seen"),
    ],
)
def test_what_cannot_be_done_or_is_not_clear_gets_the_nearest_that_can(text: str, says: str) -> None:
    intent = understand(text, has_plan=True)

    assert (intent.kind, says in intent.note) == ("told", True)


@pytest.mark.parametrize(
    "text",
    [
        "no stop",
        "no music",
        "make the ending a kiss",
        "pictures instead of video",
        "make the keeper a bit older",
    ],
)
def test_other_words_change_no_picture(text: str) -> None:
    assert edits(text) == ()


def test_another_hour_is_said_in_every_prompt_and_takes_the_place_of_the_one_before() -> None:
    film = after("make it at night")

    assert all("at night" in each for each in seen(film))
    assert "noon" not in film.model_dump_json(include={"shots"})
    assert {shot.time_of_day for shot in film.shots} == {"night"}
    assert check(film) == check(FILM)


def test_a_preview_shows_the_night_and_the_rain() -> None:
    def drawn(film: ShotList) -> tuple[bool, str]:
        shot = film.shots[1]
        scene = read(
            Card(
                title_card=None,
                caption=shot.caption,
                prompt=shot.enhanced_prompt,
                seconds=3,
                aspect_ratio="16:9",
                resolution="360p",
                camera=shot.camera,
                styles=tuple(shot.styles),
                mood=shot.mood,
                number=2,
            )
        )
        return scene.night, scene.weather

    assert drawn(FILM) == (False, "")
    assert drawn(after("make shot 2 at night in the rain")) == (True, "rain")


def test_a_weather_takes_the_place_of_the_one_before() -> None:
    film = after("let it snow", after("make it rain"))

    assert all("in the snow" in each and "rain" not in each for each in seen(film))


def test_a_shot_that_is_about_an_hour_is_a_persons_to_change() -> None:
    with pytest.raises(Invalid, match='shot 1 is about "midnight"'):
        after("make it at noon", after("change shot 1 to the midnight train"))


def test_a_breakfast_may_be_had_at_night() -> None:
    assert "breakfast at night" in seen(after("make it night", after("change shot 1 to his breakfast")))[0]


def test_another_ending_is_about_who_the_film_is_about_now() -> None:
    repo = FILM.model_copy(update={"repo": "box", "template": "silent-film"})
    film = edited_all(
        after("change the hero to a robot", repo), [Edit(action="refine", text="another ending")]
    )

    assert seen(film)[-1].startswith("A robot")


def test_a_thing_is_added_once_and_the_rest_stays() -> None:
    film = after("add a dog to shot 2", after("add a dog to shot 2"))

    assert seen(film)[1].count("with a dog") == 1
    assert (seen(film)[0], seen(film)[2]) == (seen(FILM)[0], seen(FILM)[2])
    assert differences(FILM, film) == [f"shot 2: {seen(film)[1]}"]


def test_a_prompt_without_room_says_so() -> None:
    film = after("change shot 2 to " + "a keeper of a very old lamp " * 6)

    with pytest.raises(Invalid, match="shot 2 has no room"):
        after("add a tall grey dog with a red tail to shot 2", film)


def test_a_thing_is_replaced_in_prompt_caption_title_and_brief() -> None:
    film = after("replace the letter with an owl")

    assert "letter" not in film.model_dump_json()
    assert seen(film)[0] == "A lighthouse keeper finds an owl at noon."
    assert (film.title, film.brief[:31]) == (
        "A lighthouse keeper finds an owl at noon",
        "A lighthouse keeper finds an ow",
    )


@pytest.mark.parametrize(
    ("old", "new", "text", "made"),
    [
        ("the fox", "an owl", "A fox meets the fox of foxes.", "An owl meets the owl of owls."),
        ("fox", "two dogs", "He feeds a fox.", "He feeds two dogs."),
        ("his fox", "her owl", "He feeds a fox.", "He feeds her owl."),
        ("Emma", "a fox", "Emma sails in Emma's boat.", "A fox sails in a fox's boat."),
        ("Emma", "Bob", "Emma sails.", "Bob sails."),
        ("fox", "owl", "In ./fox/fox.py a foxglove, fox-red", "In ./fox/fox.py a foxglove, fox-red"),
    ],
)
def test_a_replaced_thing_keeps_the_grammar_around_it(old: str, new: str, text: str, made: str) -> None:
    assert swap_of(old, new).made(text) == made


@pytest.mark.parametrize(
    ("text", "seen_first"),
    [
        ("call the keeper Emma", "Emma finds a letter at noon."),
        ("replace the keeper with an owl", "An owl finds a letter at noon."),
        ("change the hero to a robot", "A robot finds a letter at noon."),
    ],
)
def test_the_keeper_and_the_hero_are_who_the_film_is_about(text: str, seen_first: str) -> None:
    film = after(text)

    assert seen(film)[0] == seen_first
    assert "keeper" not in film.model_dump_json(include={"shots"})


def test_what_no_shot_tells_of_cannot_be_replaced() -> None:
    with pytest.raises(Invalid, match='no shot tells of "dog"'):
        after("replace the dog with a cat")
    with pytest.raises(Invalid, match="only locked shots"):
        after("replace the hands with a cat", lock(FILM, 2))


def test_a_card_and_a_caption_with_a_name_from_the_code_keep_it() -> None:
    shot = FILM.shots[0].model_copy(
        update={
            "title_card": "letter: again.",
            "caption": "Letter finds a letter.",
            "evidence": [Evidence(path="letter.py", line=1)],
        }
    )
    film = after("replace the letter with an owl", FILM.with_shots([shot, *FILM.shots[1:]]))

    assert (film.shots[0].title_card, film.shots[0].evidence) == ("letter: again.", shot.evidence)
    assert film.shots[0].caption == "Letter finds an owl."


def test_who_is_replaced_takes_the_description_along() -> None:
    film = after("replace the keeper with a nurse", describe(FILM, "the keeper is a tall man in a coat"))

    kept = after(
        "replace the lighthouse with a windmill", describe(FILM, "the keeper is a tall man in a coat")
    )

    assert film.sheets == []
    assert [sheet.name for sheet in kept.sheets] == ["windmill keeper"]
    assert "coat" not in film.model_dump_json(include={"shots"})


@pytest.mark.parametrize("text", ["make it at night", "add a dog to every shot", "no faces", "make it rain"])
def test_a_locked_shot_stays_as_it_is(text: str) -> None:
    film = lock(FILM, 2)

    changed = after(text, film)

    assert changed.shots[1] == film.shots[1]
    assert changed.shots[0] != film.shots[0]


def test_what_is_kept_out_stays_out_in_another_look() -> None:
    film = restyle(restyle(after("no faces"), style="noir"), style="anime")

    words = film.shots[0].negative_prompt.split(", ")
    assert "faces" in words
    assert "cartoon" not in words  # noir kept that out, and it is gone
    with pytest.raises(Invalid, match="shot 2 shows it"):
        after("no hands")


def test_a_shot_is_shown_once_more_and_every_shot_gets_a_length() -> None:
    film = copy(lock(FILM, 2), 2)

    assert [seen(film)[n] for n in (1, 2)] == [seen(FILM)[1]] * 2
    assert len({shot.shot_id for shot in film.shots}) == 4
    assert [shot.duration for shot in retime(film, None, 5).shots] == [5, 3, 5, 5]
