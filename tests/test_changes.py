"""A plan is changed in the words that people use: by place, in any order, several at once, with slips and in German."""

from typing import Any

import pytest

from agent.edits import Edit, edited_all
from agent.offline.intents import understand
from agent.offline.plainly import mended
from tools import story

LENGTHS = (3, 4, 5)
NOIR, GONE = {"action": "restyle", "style": "noir"}, {"action": "remove", "shot": 2}


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("delete the second shot", GONE),
        ("get rid of shot 2", GONE),
        ("shot 2 please remove", GONE),
        ("den zweiten Shot bitte löschen", GONE),
        ("lösche Szene 2", GONE),
        ("reomve shot 2", GONE),
        ("remove the last shot", {"action": "remove", "shot": 3}),
        ("make shot 2 a clock", {"action": "change", "shot": 2, "text": "a clock"}),
        ("shot 2 should be a clock", {"action": "change", "shot": 2, "text": "a clock"}),
        ("chnage shot 2 to a clock", {"action": "change", "shot": 2, "text": "a clock"}),
        ("in shot 2 the fox falls", {"action": "change", "shot": 2, "text": "the fox falls"}),
        ("the last shot should show a red door", {"action": "change", "shot": 3, "text": "a red door"}),
        ("make the first shot longer", {"action": "retime", "shot": 1, "seconds": 5}),
        ("shot 3 a bit shorter", {"action": "retime", "shot": 3, "seconds": 3}),
        ("shorter please", {"action": "shorter"}),
        ("it is too short", {"action": "longer"}),
        ("let the film be longer", {"action": "longer"}),
        ("mach es kürzer", {"action": "shorter"}),
        ("make it shoter", {"action": "shorter"}),
        ("go back", {"action": "undo"}),
        ("shot 3 is too long", {"action": "retime", "shot": 3, "seconds": 3}),
        ("shorten the last shot", {"action": "retime", "shot": 3, "seconds": 3}),
        ("make the beginning more exciting", {"action": "refine", "shot": 1, "text": "more exciting"}),
        ("make the ending funnier", {"action": "refine", "text": "funnier"}),
        ("swap the first and the last shot", {"action": "swap", "shot": 1, "other": 3}),
        ("combine the first two shots", {"action": "merge", "shot": 1, "other": 2}),
        ("add a shot between 1 and 2: a dog", {"action": "insert", "shot": 2, "text": "a dog"}),
        ("make it scarier", {"action": "restyle", "mood": "scary"}),
        ("make it portrait", {"action": "restyle", "aspect_ratio": "9:16"}),
        ("undo that last change", {"action": "undo"}),
        ("go back to the first version", {"action": "undo", "version": 1}),
        ("undo everything", {"action": "undo", "version": 1}),
        ("back to version two", {"action": "undo", "version": 2}),
        ("use warmer colours", {"action": "restyle", "mood": "warm"}),
        ("make it for tiktok", {"action": "restyle", "aspect_ratio": "9:16"}),
        ("make it feel like a Wes Anderson film", {"action": "restyle", "style": "Wes Anderson"}),
        ("Mach das rückgängig!", {"action": "undo"}),
        ("add a shot after 1: the moon", {"action": "insert", "shot": 2, "text": "the moon"}),
        ("add a shot before 2: the moon", {"action": "insert", "shot": 2, "text": "the moon"}),
        ("add a shot at the beginning: the moon", {"action": "insert", "shot": 1, "text": "the moon"}),
        ("add a shot of the moon", {"action": "insert", "shot": 4, "text": "the moon"}),
        ("move the last shot to the beginning", {"action": "move", "shot": 3, "other": 1}),
        ("cut shot 2 in half", {"action": "split", "shot": 2}),
        ("in shot 2 more tension", {"action": "refine", "shot": 2, "text": "more tension"}),
        ("make the ending better", {"action": "refine", "text": "a better ending"}),
        ("mach es hochkant", {"action": "restyle", "aspect_ratio": "9:16"}),
        ("chnage shot 2 too a clock", {"action": "change", "shot": 2, "text": "a clock"}),
        ("no, make it longer", {"action": "longer"}),
        ("make it a bit darker", {"action": "restyle", "mood": "dark"}),
        ("I'd like the film to be in black and white", {"action": "restyle", "style": "black and white"}),
        ("make it scary", {"action": "restyle", "mood": "scary"}),
        ("in the style of a woodcut", {"action": "restyle", "style": "woodcut"}),
    ],
)
def test_one_change_is_understood_however_it_is_said(text: str, edit: dict[str, Any]) -> None:
    intent = understand(text, has_plan=True, lengths=LENGTHS)

    assert (intent.kind, intent.edits, intent.note) == ("edit", (edit,), "")


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        ("make it noir and remove shot 2", (NOIR, GONE)),
        ("remove shot 2, then make it noir", (GONE, NOIR)),
        ("make it noir, 10 seconds", (NOIR, {"action": "resize", "seconds": 10})),
        (
            "can you make it shorter and also more dramatic?",
            ({"action": "shorter"}, {"action": "restyle", "tone": "drama"}),
        ),
        ("make it shorter and funnier", ({"action": "shorter"}, {"action": "restyle", "tone": "comedy"})),
        (
            "change shot 2 to a cat and a dog, and make it noir",
            ({"action": "change", "shot": 2, "text": "a cat and a dog"}, NOIR),
        ),
        ("swap 1 and 2, more tension in 2", (
            {"action": "swap", "shot": 1, "other": 2}, {"action": "refine", "shot": 2, "text": "more tension"},
        )),
    ],
)  # fmt: skip
def test_several_wishes_are_all_granted(text: str, edits: tuple[dict[str, Any], ...]) -> None:
    assert understand(text, has_plan=True, lengths=LENGTHS).edits == edits


@pytest.mark.parametrize(
    "text", ["change shot 2 to a night sea, calm", "change shot 2 to a fox in black and white", "in shot 2 a fox, then rain"]
)  # fmt: skip
def test_what_is_seen_in_a_shot_is_not_taken_apart(text: str) -> None:
    (edit,) = understand(text, has_plan=True, lengths=LENGTHS).edits

    assert edit["action"] == "change"
    assert edit["text"].endswith(text[-4:])


def test_what_was_not_understood_beside_a_change_is_said() -> None:
    intent = understand("remove shot 2, the owl is sadly out of focus", has_plan=True, lengths=LENGTHS)

    assert (intent.edits, intent.note) == ((GONE,), "the owl is sadly out of focus")


def test_a_question_about_a_change_makes_none() -> None:
    for text in ("how do I remove shot 2?", "what happens if I remove shot 2?", "why is shot 2 shorter?"):
        assert understand(text, has_plan=True, lengths=LENGTHS).edits == ()


def test_a_change_and_an_offer_come_in_this_order() -> None:
    intent = understand("make it 10 seconds and render it with rehearsal", has_plan=True, lengths=LENGTHS)

    assert (intent.kind, intent.args) == ("render", {"provider": "rehearsal"})
    assert intent.edits == ({"action": "resize", "seconds": 10},)


def test_a_new_shot_before_an_offer_keeps_no_comma() -> None:
    intent = understand("add a shot at the end: the moon, and render it", has_plan=True, lengths=LENGTHS)

    assert (intent.kind, intent.edits) == ("render", ({"action": "insert", "shot": 4, "text": "the moon"},))


def test_only_slips_in_commands_are_mended() -> None:
    assert mended("mkae a flim about a clock in a black sea") == "make a film about a clock in a black sea"
    assert mended("show me the sots") == "show me the shots"


def test_a_request_in_another_language_is_no_part_of_the_story() -> None:
    for text in ("Mach einen Film über ein Haus", "Ich möchte ein Video über ein Haus"):
        assert story.plan(story.Wishes(text), None).title == "Ein Haus"


@pytest.mark.parametrize(
    ("text", "shot"),
    [("push in on shot 2", {"camera": "push-in"}), ("use a wide shot in shot 2", {"shot_type": "wide"})],
)
def test_how_a_shot_is_seen_is_ordered_without_words_about_it(text: str, shot: dict[str, str]) -> None:
    film = story.plan(story.Wishes("A fox learns to sail", shots=2), None)
    edits = understand(text, has_plan=True, lengths=[each.duration for each in film.shots]).edits
    after = edited_all(film, [Edit.model_validate(each) for each in edits])

    assert shot.items() <= after.shots[1].model_dump().items()
    assert after.shots[1].caption == film.shots[1].caption


def test_scenes_are_a_new_film_and_no_change_of_shots() -> None:
    assert understand("Scene 1: a fox. Scene 2: a crab.", has_plan=True, lengths=LENGTHS).kind == "plan"


@pytest.mark.parametrize(
    ("brief", "title", "characters"),
    [
        ("Slow pan 灯台守が手紙を見つける", "灯台守が手紙を見つける", ["灯台守"]),
        ("灯台守 slow pan, close-up, finds a letter", "灯台守 finds a letter", ["灯台守"]),
        (
            "Static camera. Смотритель маяка находит письмо",
            "Смотритель маяка находит письмо",
            ["Смотритель маяка"],
        ),
        ("Slow pan: a fox reads", "A fox reads", ["fox"]),
        ("a dialogue between two foxes about a map", "Two foxes talk about a map", []),
        ("Ein Fuchs lernt segeln, 6 Sekunden", "Ein Fuchs lernt segeln", []),
        ("A documentary of a heron", "A heron", []),
    ],
)
def test_orders_and_requests_are_nobodys_name(brief: str, title: str, characters: list[str]) -> None:
    film = story.plan(story.Wishes(brief, shots=2), None)

    assert (film.title, film.shots[0].characters) == (title, characters)


def test_an_article_alone_is_nobody() -> None:
    film = story.plan(story.Wishes("A chase over the roofs", shots=4), None)

    assert not any(shot.enhanced_prompt.startswith(("A seen", "A,")) for shot in film.shots)
