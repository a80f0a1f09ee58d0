"""Metaphors of one's own, from a sentence and from a file."""

import json
from pathlib import Path

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

from agent.offline.steps import Call, next_step, scene_of
from api.cli import main
from api.settings import Settings
from tools.errors import Invalid
from tools.repo.profile import Concept, RepoProfile
from tools.story import Wishes, is_metaphor, plan
from tools.story.own import metaphor_from, metaphors_from

DOG = "show retries as a dog that keeps bringing the stick back"
PROFILE = RepoProfile(
    root="/src/small",
    name="small",
    purpose="A small thing.",
    concepts=(
        Concept("class", "QuerySet", "small/query.py", 2, 1.0),
        Concept("class", "RetryPolicy", "small/retry.py", 5, 0.1),
    ),
)  # fmt: skip


def test_a_sentence_becomes_a_metaphor_that_the_next_plan_uses() -> None:
    film = plan(Wishes(metaphors=(DOG,), shots=3), PROFILE)

    shot = film.shots[1]
    assert shot.enhanced_prompt.startswith("A dog keeps bringing the stick back.")
    assert shot.title_card == "RetryPolicy: a dog."
    assert [(place.path, place.line) for place in shot.evidence] == [("small/retry.py", 5)]


def test_what_the_code_has_no_name_for_is_shown_all_the_same() -> None:
    film = plan(
        Wishes(metaphors=("Show the blockchain as two geese who count each other.",), shots=3), PROFILE
    )

    assert film.shots[1].enhanced_prompt.startswith("Two geese count each other.")


def test_the_second_word_on_one_thing_is_the_one_that_counts() -> None:
    found = metaphors_from([DOG, "show retry as a cat who forgets"])

    assert [(each.subject, each.action) for each in found] == [("a cat", "forgets")]


@pytest.mark.parametrize(
    "text",
    [DOG, "Please show the event loop as one waiter who serves nine tables", "film Timeouts as a clock without hands"],
)  # fmt: skip
def test_a_sentence_about_how_to_show_something_is_told_from_a_brief(text: str) -> None:
    assert is_metaphor(text)
    assert metaphor_from(text).approved


@pytest.mark.parametrize(
    "text",
    ["a dog keeps bringing the stick back", "show me my clips", "show it as stills", "show a man as a king who waits", "show x as " + "a " * 500,
     "film this repository as a trailer", "shoot the project as a silent film.", "film ./box as a tutorial", "film it as a montage"],
)  # fmt: skip
def test_anything_else_is_no_metaphor(text: str) -> None:
    assert not is_metaphor(text)
    with pytest.raises(Invalid, match="say it like 'show retries as a dog"):
        metaphor_from(text)


def said(text: str) -> ModelMessage:
    return ModelRequest([UserPromptPart(text)])


def test_the_offline_director_plans_anew_with_what_was_said() -> None:
    planned: list[ModelMessage] = [
        said("a film about ./small, 3 shots"),
        ModelResponse(
            [ToolCallPart("plan_shots", {"brief": "a film", "repo_path": "./small", "shots": 3}, "c1")]
        ),
        ModelRequest([ToolReturnPart("plan_shots", {"shots": []}, "c1")]),
    ]

    step = next_step(scene_of([*planned, said(DOG)]))

    assert step == Call("scan_repo", {"path": "./small"})
    assert "that way in the next film" in str(next_step(scene_of([said(DOG)])))
    later = scene_of([said(DOG), said("a film about ./other")])
    assert later.metaphors == (DOG,)


def test_metaphors_of_a_file_are_used_or_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "retry.py").write_text("class RetryPolicy:\n    def wait(self): ...\n")
    mine, bad = tmp_path / "mine.toml", tmp_path / "bad.toml"
    entry = '[[metaphor]]\nid = "dog"\nconcept = "retry"\nterms = ["retry policy"]\naction = "a dog returns"\ntitle_card = "{name}: again."\napproved = true\n'
    mine.write_text(entry)
    bad.write_text(entry.replace("{name}", "it"))
    command = ["plan", "--repo", str(tmp_path / "small"), "--shots", "3", "--json", "--metaphors"]

    used = CliRunner().invoke(main, [*command, str(mine)])
    refused = CliRunner().invoke(main, [*command, str(bad)])

    assert "RetryPolicy: again." in [shot["title_card"] for shot in json.loads(used.stdout)["shots"]]
    assert refused.exit_code == 1
    assert "bad.toml" in refused.stderr


ENTRY = '[[metaphor]]\nid = "dog"\nconcept = "retry"\nterms = ["retry policy"]\naction = "a dog returns"\ntitle_card = "{name}: again."\napproved = true\n'


def test_a_file_that_is_set_is_used_by_every_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "retry.py").write_text("class RetryPolicy:\n    def wait(self): ...\n")
    (tmp_path / "mine.toml").write_text(ENTRY)
    monkeypatch.setenv("GREENLIGHT_METAPHORS", str(tmp_path / "mine.toml"))

    used = CliRunner().invoke(main, ["plan", "--repo", str(tmp_path), "--shots", "3", "--json"])

    assert "RetryPolicy: again." in [shot["title_card"] for shot in json.loads(used.stdout)["shots"]]
    assert [each.id for each in Settings.read().config().metaphors] == ["dog"]


@pytest.mark.parametrize(
    ("text", "what", "why"),
    [
        (b"\xff", "GREENLIGHT_METAPHORS", "mine.toml is not UTF-8 text"),
        (None, "GREENLIGHT_METAPHORS", "mine.toml cannot be read: No such file or directory"),
        (b"[[metaphor]", "GREENLIGHT_METAPHORS (mine.toml)", "not valid TOML"),
        (ENTRY.replace("{name}", "it").encode(), "GREENLIGHT_METAPHORS (mine.toml): 0 (dog)", "needs {name}"),
    ],
)
def test_a_file_with_a_mistake_refuses_to_start_by_the_name_of_the_setting(
    text: bytes | None, what: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        (tmp_path / "mine.toml").write_bytes(text)
    monkeypatch.setenv("GREENLIGHT_METAPHORS", str(tmp_path / "mine.toml"))

    with pytest.raises(Invalid) as refused:
        Settings.read().config()

    assert refused.value.what == what
    assert why in refused.value.why
