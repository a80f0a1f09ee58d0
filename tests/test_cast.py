"""Who somebody is, said once and worded alike in every shot; places likewise."""

import json

import pytest
from click.testing import CliRunner
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from agent.edits import Edit, edited_all
from agent.offline.steps import Call, next_step, scene_of
from api.cli import main
from tools.errors import Invalid
from tools.repo.profile import Concept, RepoProfile
from tools.shots import Sheet, Shot, ShotList, read_shots
from tools.story import (
    OFFERED,
    Wishes,
    change,
    check,
    describe,
    differences,
    insert,
    is_sheet,
    lock,
    plan,
    split,
    thrifty,
)
from tools.story.sheets import dressed, sheet_from, sheets_from

EMMA = "emma is a tired developer in a green raincoat"
LOOKS = "a tired developer in a green raincoat"
BRIEF = "Emma finds a bug in the bakery. She fixes it. She goes home."
PROFILE = RepoProfile(
    root="/src/small", name="small", purpose="A small thing.", concepts=(Concept("class", "RetryPolicy", "a.py", 5, 1.0),)
)  # fmt: skip


def prompts(film: ShotList) -> list[str]:
    return [shot.enhanced_prompt for shot in film.shots]


def with_emma(film: ShotList) -> list[Shot]:
    return [shot for shot in film.shots if "Emma" in shot.enhanced_prompt]


def test_a_character_looks_the_same_in_every_shot_that_names_her() -> None:
    film = plan(Wishes(BRIEF, characters=(EMMA,), shots=6), None)

    assert len(with_emma(film)) == 6
    assert all(shot.enhanced_prompt.count(LOOKS) == 1 for shot in with_emma(film))
    assert film.sheets == [Sheet(name="emma", looks=LOOKS)]
    assert check(film, OFFERED) == []


def test_a_film_of_a_repository_is_about_the_character_who_was_described() -> None:
    film = plan(Wishes(characters=(EMMA,)), PROFILE)

    assert all(prompt.startswith(f"Emma, {LOOKS}, ") for prompt in prompts(film))
    assert {who for shot in film.shots for who in shot.characters} == {"Emma"}
    hero = plan(Wishes(characters=("the hero is a tall gardener with a wooden ladder",)), PROFILE)
    assert all("tall gardener with a wooden ladder" in prompt for prompt in prompts(hero))


def test_a_place_is_described_where_a_shot_is_there() -> None:
    film = plan(Wishes(BRIEF, characters=("the bakery is a narrow shop with blue shutters",), shots=3), None)

    assert film.sheets[0].kind == "place"
    assert "bakery, a narrow shop with blue shutters" in prompts(film)[0]
    assert all("a narrow shop with blue shutters" in prompt for prompt in prompts(film))


def test_a_keeper_of_a_lighthouse_is_no_lighthouse() -> None:
    place = Sheet(name="lighthouse", looks="a white tower", kind="place")

    assert (
        dressed("The lighthouse keeper sleeps", [place], ["lighthouse keeper"])
        == "The lighthouse keeper sleeps"
    )
    assert dressed("He sleeps in the lighthouse", [place]) == "He sleeps in the lighthouse, a white tower"


def test_being_described_anew_changes_the_words_and_nothing_else() -> None:
    film = plan(Wishes(BRIEF, characters=(EMMA,), shots=4), None)
    again = describe(lock(film, 4), "Emma is an old captain with a wooden leg")

    assert [sheet.looks for sheet in again.sheets] == ["an old captain with a wooden leg"]
    assert all(
        "an old captain with a wooden leg" in prompt and LOOKS not in prompt for prompt in prompts(again)[:3]
    )
    assert prompts(again)[3] == prompts(film)[3]
    assert describe(film, EMMA) == film
    assert [shot.caption for shot in again.shots] == [shot.caption for shot in film.shots]


def test_edits_keep_the_cast() -> None:
    film = plan(Wishes(BRIEF, characters=(EMMA,), shots=3), None)

    edited = split(insert(change(film, 1, "emma drops the laptop"), 2, "Emma laughs at the rain"), 1)

    assert all(prompt.count(LOOKS) == 1 for prompt in prompts(edited))
    assert edited.shots[2].characters == ["Emma"]
    assert edited.sheets == film.sheets


def test_a_shot_that_says_otherwise_is_objected_to() -> None:
    film = plan(Wishes(BRIEF, characters=(EMMA,), shots=3), None)
    first = film.shots[0].enhanced_prompt
    red = film.shots[0].model_copy(
        update={"enhanced_prompt": first.replace("green raincoat", "red raincoat")}
    )
    bare = film.shots[1].model_copy(
        update={"enhanced_prompt": film.shots[1].enhanced_prompt.replace(f", {LOOKS},", "")}
    )

    said = [str(each) for each in check(film.with_shots([red, bare, film.shots[2]])) if each.rule == "sheet"]

    assert said == [
        "shot 1: emma's raincoat is green elsewhere, and red here",
        f"shot 2: emma is not described as everywhere else: {LOOKS}",
    ]


def test_fewer_tokens_keep_who_does_what() -> None:
    film, _ = thrifty(plan(Wishes(BRIEF, characters=(EMMA,), shots=3), None), "ULTRA_LOW")

    assert all(f"Emma, {LOOKS}, " in prompt for prompt in prompts(film))
    assert "finds a bug" in prompts(film)[0]


def test_a_plan_without_sheets_is_written_as_before() -> None:
    bare, cast = plan(Wishes(BRIEF), None), plan(Wishes(BRIEF, characters=(EMMA,)), None)

    assert "sheets" not in json.loads(bare.model_dump_json())
    assert read_shots(cast.model_dump_json()) == cast
    assert cast.with_shots(cast.shots[:2]).sheets == cast.sheets
    with pytest.raises(Invalid, match="two sheets have the same name"):
        read_shots(
            {
                "shots": [{"shot_id": "a", "enhanced_prompt": "x"}],
                "sheets": [{"name": n, "looks": "x"} for n in ("Emma", "emma")],
            }
        )


@pytest.mark.parametrize(
    ("said", "name", "looks"),
    [
        ("Emma: a tired developer", "Emma", "a tired developer"),
        ("Emma wears a green raincoat.", "Emma", "wearing a green raincoat"),
        ("describe the captain as an old man", "captain", "an old man"),
        ("エマは緑のレインコートを着た開発者です。", "エマ", "緑のレインコートを着た開発者"),
        ("Έμμα: μια κουρασμένη προγραμματίστρια", "Έμμα", "μια κουρασμένη προγραμματίστρια"),
        ("إيما: مطورة متعبة", "إيما", "مطورة متعبة"),
        ("the old captain is a man with a wooden leg.", "old captain", "a man with a wooden leg"),
    ],
)
def test_a_sheet_is_read_from_a_sentence_in_any_language(said: str, name: str, looks: str) -> None:
    sheet = sheet_from(said)

    assert (sheet.name, sheet.looks) == (name, looks)
    assert dressed(f"{name} waits", [sheet]).startswith(name)
    assert looks in dressed(f"{name} waits", [sheet])


def test_the_hands_of_somebody_are_hers() -> None:
    sheet = sheet_from(EMMA)

    assert dressed("Rain falls on Emma's hands", [sheet]) == f"Rain falls on Emma's hands, Emma as {LOOKS}"
    assert dressed("Emma's cat follows Emma home", [sheet]) == f"Emma's cat follows Emma, {LOOKS}, home"
    assert dressed("Emmanuel waits", [sheet]) == "Emmanuel waits"


def test_a_brief_may_say_who_somebody_is() -> None:
    film = plan(Wishes(f"Emma is {LOOKS}. She finds a bug in a cellar. She laughs.", shots=4), None)

    assert [sheet.looks for sheet in film.sheets] == [LOOKS]
    assert not any("Emma is" in prompt for prompt in prompts(film))
    alone = plan(Wishes(f"Emma is {LOOKS}."), None)
    assert alone.sheets == []


def said(text: str) -> ModelMessage:
    return ModelRequest([UserPromptPart(text)])


def test_the_offline_director_casts_the_plan_that_is_there_and_every_later_one() -> None:
    planned: list[ModelMessage] = [
        said("a film about a baker, 3 shots"),
        ModelResponse([ToolCallPart("plan_shots", {"brief": "a film about a baker"}, "c1")]),
        ModelRequest([ToolReturnPart("plan_shots", {"shots": []}, "c1")]),
    ]

    assert next_step(scene_of([*planned, said(EMMA)])) == Call(
        "edit_shots", {"edits": ({"action": "describe", "text": EMMA},)}
    )
    assert "next film" in str(next_step(scene_of([said(EMMA)])))
    later = next_step(scene_of([said(EMMA), said("a film about two bakers who argue")]))
    assert isinstance(later, Call)
    assert later.args["characters"] == [EMMA]


def test_a_shots_file_is_cast_by_an_edit_and_a_plan_by_the_command_line() -> None:
    film = plan(Wishes(BRIEF, shots=2), None)

    edited = edited_all(film, [Edit(action="describe", text=EMMA)])
    told = CliRunner().invoke(main, ["plan", BRIEF, "--shots", "2", "--json", "--character", EMMA])

    assert all(LOOKS in prompt for prompt in prompts(edited))
    assert prompts(read_shots(told.stdout)) == prompts(edited)
    assert differences(film, edited)
    with pytest.raises(Invalid, match="text"):
        edited_all(film, [Edit(action="describe")])


@pytest.mark.parametrize(
    "text",
    [
        EMMA,
        "The baker looks like a stout man with flour in his beard",
        "Emma is a tired developer",
        "Emma wears a green raincoat",
        "describe Emma as an old captain",
    ],
)
def test_a_message_that_says_who_somebody_is_is_told_from_a_brief(text: str) -> None:
    assert is_sheet(text)


@pytest.mark.parametrize(
    "text",
    ["A lighthouse keeper is a tired man with a letter", "this is a film about a bakery", "it is a tired developer",
     "Emma climbs the stairs", "the film is a comedy about two bakers", "what is a clip of a film", "Emma is tired"],
)  # fmt: skip
def test_anything_else_is_none(text: str) -> None:
    assert not is_sheet(text)


def test_what_cannot_be_a_sheet_says_what_one_is_like() -> None:
    with pytest.raises(Invalid, match="Emma is a tired developer in a green raincoat"):
        sheet_from("make it noir")
    with pytest.raises(Invalid, match="at most 12 words, these have 15"):
        sheet_from("Emma is a " + "very " * 13 + "developer")
    with pytest.raises(Invalid, match="at most 20"):
        sheets_from(f"Name{n} is a baker" for n in range(21))
    assert [each.looks for each in sheets_from(["Emma is a baker", "emma is a spy"])] == ["a spy"]
