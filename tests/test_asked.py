"""Who asks what there is, or what the plan is, gets an answer and no film about the question."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agent.choices import choices_of
from agent.offline.intents import understand
from agent.offline.replies import reply
from tests.conftest import Floor
from tests.talks import SHOTS_FILE
from tools.errors import Invalid, UnsafePath
from tools.shots import FILE_BYTES_MAX
from tools.story import choices, library
from tools.studio.plans import read_plan


@pytest.mark.parametrize("has_plan", [False, True])
@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("what templates are there?", "templates"),
        ("templates", "templates"),
        ("Which styles do you have", "styles"),
        ("show me all moods please", "moods"),
        ("what tones are there", "tones"),
        ("can you list the patterns?", "patterns"),
        ("list metaphors", "metaphors"),
        ("what prompt budgets are there?", "token budgets"),
        ("which vendors are there?", "vendors"),
        ("what models can I use?", "vendors"),
    ],
)
def test_a_question_about_what_there_is_lists_it(text: str, what: str, *, has_plan: bool) -> None:
    intent = understand(text, has_plan=has_plan)

    assert (intent.kind, intent.args) == ("listed", {"what": what})


@pytest.mark.parametrize(
    "text", ["A film with many styles", "Moods of a lighthouse keeper", "A fox reads film.json and cries"]
)
def test_a_story_with_these_words_in_it_is_still_a_story(text: str) -> None:
    assert understand(text, has_plan=False).kind == "plan"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("load film.json", "film.json"),
        ("Please open the plan in plans/film.json.", "plans/film.json"),
        ("import 'my film.shots.json'", "film.shots.json"),
        ("what does film.json cost?", "film.json"),
        ("./film.json", "./film.json"),
    ],
)
def test_a_shots_file_is_opened_by_its_name(text: str, path: str) -> None:
    intent = understand(text, has_plan=True)

    assert (intent.kind, intent.args) == ("opened", {"path": path})


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("show me the plan", {"prompts": False}),
        ("what is the prompt of shot 2?", {"prompts": True, "shot": 2}),
        ("list the shots", {"prompts": False}),
        ("how long is it?", {"prompts": False}),
        ("what's in shot 2?", {"prompts": False, "shot": 2}),
        ("what happens in the second shot", {"prompts": False, "shot": 2}),
        ("tell me about shot 2", {"prompts": False, "shot": 2}),
        ("what is in it?", {"prompts": False}),
        ("where does shot 2 come from?", {"prompts": False, "source": True, "shot": 2}),
        ("which file is shot 3 about?", {"prompts": False, "source": True, "shot": 3}),
        ("which code is shot 2 based on?", {"prompts": False, "source": True, "shot": 2}),
        ("why did you choose this?", {"prompts": False, "source": True}),
    ],
)
def test_the_plan_is_read_out(text: str, part: dict[str, object]) -> None:
    intent = understand(text, has_plan=True)

    assert (intent.kind, intent.args) == ("shown", part)


def test_where_a_shot_comes_from_is_its_file_and_line_or_that_there_is_none() -> None:
    shots: list[dict[str, Any]] = [
        {"n": 1, "caption": "A fox.", "from": ["box/fox.py:4"]},
        {"n": 2, "caption": "A moon.", "from": []},
    ]
    facts = {"title": "Fox", "seconds": 6, "shots": shots}
    said = reply(understand("where do the shots come from?", has_plan=True), {"show_plan": facts})

    assert said.splitlines()[:2] == [
        "Shot 1 comes from box/fox.py:4: A fox.",
        "Shot 2 comes from no file; the words of the brief, a template or an edit made it: A moon.",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("faster cuts", "make all shots 3 seconds"),
        ("more close-ups", "shot 2 as a close-up"),
        ("for instagram", "make it vertical"),
        ("I don't like shot 2", "remove shot 2"),
        ("give me another version", "another ending"),
        ("something completely different", "another ending"),
        ("try again", "another ending"),
        ("where is my plan saved?", "GREENLIGHT_DATA_DIR"),
        ("what music is in it", "no words for music"),
        ("save the plan to film.json", "cannot write files from here"),
    ],
)
def test_what_is_not_clear_or_cannot_be_done_gets_the_nearest_that_can(text: str, says: str) -> None:
    intent = understand(text, has_plan=True)

    assert (intent.kind, says in intent.note) == ("told", True)


def test_spending_is_told_by_month_and_that_it_is() -> None:
    for text in ("spending by vendor", "how much did I spend on openrouter"):
        intent = understand(text, has_plan=True)

        assert (intent.kind, "not by vendor" in intent.note) == ("budget", True)
    assert understand("how much have I spent", has_plan=True).note == ""


def test_clips_are_looked_for_by_what_they_show() -> None:
    assert understand("clips at night", has_plan=True).args == {"words": "night"}


def test_every_shelf_of_the_library_can_be_listed_in_short_lines() -> None:
    books = library()
    for shelf in ("templates", "styles", "moods", "tones", "patterns", "metaphors", "token budgets"):
        found = choices(books, shelf)

        assert found
        assert all(each.name and each.about and len(each.about) < 300 for each in found)
    told = {each.name: each.about for each in choices(books, "templates")}
    assert "needs utilization_pct" in told["credit-utilization"]


async def test_vendors_that_are_set_up_come_first_and_the_others_say_that_they_are_not(floor: Floor) -> None:
    told = {each.name: each.about for each in choices_of(floor.studio, "vendors")}

    assert list(told)[:2] == ["animatic", "rehearsal"]
    assert "play money" in told["rehearsal"]
    assert told["fal"].startswith("not set up here")


def test_a_bare_list_and_a_whole_plan_are_both_opened(tmp_path: Path) -> None:
    (tmp_path / "bare.shots.json").write_text(json.dumps(SHOTS_FILE))
    (tmp_path / "whole.json").write_text(json.dumps({"title": "Two", "shots": SHOTS_FILE}))

    assert read_plan("bare.shots.json", [tmp_path], tmp_path).title == "bare"
    assert read_plan("./whole.json", [tmp_path], tmp_path).title == "Two"


def test_nothing_but_a_plain_file_in_a_folder_that_may_be_read_is_opened(tmp_path: Path) -> None:
    room = tmp_path / "room"
    (room / "folder.json").mkdir(parents=True)
    (tmp_path / "outside.json").write_text(json.dumps(SHOTS_FILE))
    (room / "link.json").symlink_to(tmp_path / "outside.json")
    os.mkfifo(room / "pipe.json")
    (room / "long.json").write_bytes(b" " * (FILE_BYTES_MAX + 1))

    for said in ("../outside.json", "link.json"):
        with pytest.raises(UnsafePath):
            read_plan(said, [room], room)
    for said in ("folder.json", "pipe.json", "nowhere.json", "long.json", "a\0.json"):
        with pytest.raises(Invalid):
            read_plan(said, [room], room)


def test_what_looks_like_a_secret_in_a_shots_file_does_not_come_in(tmp_path: Path) -> None:
    key = "sk-ant-api03-" + "aB3dE5gH7jK9mN1p" * 3
    shots = [{"shot_id": "a", "enhanced_prompt": f"A card reads {key}", "duration": 4}]
    (tmp_path / "film.json").write_text(json.dumps(shots))

    assert key not in read_plan("film.json", [tmp_path], tmp_path).model_dump_json()
