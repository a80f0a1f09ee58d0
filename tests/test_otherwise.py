"""The same film is planned otherwise in a few words, from the same brief and the same reading."""

from typing import Any

import pytest
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from agent.edits import Edit, edited
from agent.offline.intents import understand
from agent.offline.planned import planned
from agent.offline.steps import Call, next_step, scene_of
from tools import story

FOX: dict[str, Any] = {"brief": "A fox learns to sail", "shots": 2}
BOX: dict[str, Any] = {"brief": "Film ./box", "repo_path": "./box"}
CARD: dict[str, Any] = {"brief": "credit utilization with 35 percent", "template": "credit-utilization"}


class Past:
    """What was said and done before, told call by call."""

    def __init__(self) -> None:
        self.messages: list[ModelMessage] = []

    def did(
        self, tool: str, outcome: Any = "success", lengths: tuple[int, ...] = (3, 3), **args: Any
    ) -> "Past":
        n = f"call_{len(self.messages)}"
        facts = {"shots": [{"seconds": each} for each in lengths]}
        self.messages += [
            ModelRequest(parts=[UserPromptPart("...")]),
            ModelResponse(parts=[ToolCallPart(tool, args, tool_call_id=n)]),
            ModelRequest(parts=[ToolReturnPart(tool, facts, tool_call_id=n, outcome=outcome)]),
            ModelResponse(parts=[TextPart("Done.")]),
        ]
        return self

    def edited(self, **edit: Any) -> "Past":
        return self.did("edit_shots", edits=[edit])

    def then(self, text: str) -> Call | str:
        """What is done first about these words."""
        return next_step(scene_of([*self.messages, ModelRequest(parts=[UserPromptPart(text)])]))


def asked(step: Call | str) -> dict[str, Any]:
    assert isinstance(step, Call)
    assert step.tool == "plan_shots"
    return step.args


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("make it a drama", {"tone": "drama"}),
        ("and as a comedy", {"tone": "comedy"}),
        ("make the film funnier", {"tone": "comedy"}),
        ("make it a dialogue", {"pattern": "dialogue"}),
        ("can you make a dialogue out of it?", {"pattern": "dialogue"}),
        ("now as a montage", {"tone": "montage", "pattern": "montage"}),
        ("as a trailer please", {"template": "trailer"}),
        ("make it a product launch", {"template": "product-launch"}),
        ("make it 4 shots", {"shots": 4}),
        ("in three shots please", {"shots": 3}),
        ("make it 50 percent", {"facts": {"from": "50"}}),
        ("from 80% to 20%", {"facts": {"from": "80", "to": "20"}}),
        ("target_pct = 10", {"facts": {"target_pct": "10"}}),
    ],
)
def test_what_shall_be_otherwise_is_told_from_a_new_film(text: str, wanted: dict[str, Any]) -> None:
    intent = understand(text, has_plan=True)

    assert (intent.kind, intent.args) == ("replan", wanted)


def test_a_story_that_is_a_drama_is_a_new_film() -> None:
    for text in (
        "Make a drama about a fox",
        "A comedy film about two cats",
        "Make another film, a drama of the sea",
    ):
        assert understand(text, has_plan=True).kind == "plan"


def test_a_film_of_a_repository_is_not_read_again_for_another_tone() -> None:
    past = Past().did("scan_repo", path="./box").did("plan_shots", **BOX)

    assert asked(past.then("make it a drama")) == BOX | {"tone": "drama"}


def test_the_look_and_the_length_that_were_asked_for_since_go_on() -> None:
    past = (
        Past()
        .did("plan_shots", **FOX)
        .edited(action="restyle", style="noir")
        .edited(action="resize", seconds=9)
    )

    assert asked(past.then("make it a drama")) == FOX | {"style": "noir", "seconds": 9, "tone": "drama"}


def test_what_was_taken_back_or_could_not_be_done_does_not_go_on() -> None:
    past = Past().did("plan_shots", **FOX).edited(action="restyle", style="noir").edited(action="undo")
    past.did("plan_shots", "failed", brief="Film ./nowhere")

    assert asked(past.then("make it a drama")) == FOX | {"tone": "drama"}


def test_a_version_that_counts_again_goes_on_and_can_be_undone() -> None:
    past = (
        Past()
        .did("plan_shots", **FOX)
        .edited(action="restyle", style="noir")
        .edited(action="undo", version=1)
    )

    assert asked(past.then("make it a drama")) == FOX | {"tone": "drama"}
    assert asked(past.edited(action="undo").then("make it a drama")) == FOX | {
        "style": "noir",
        "tone": "drama",
    }


def test_more_shots_are_as_long_as_those_before() -> None:
    past = Past().did("plan_shots", lengths=(3, 5), **FOX)

    assert asked(past.then("5 shots")) == FOX | {"shots": 5, "seconds": 20}


def test_shots_that_were_changed_by_hand_are_known_to_be() -> None:
    past = Past().did("plan_shots", **FOX)
    untouched = planned(past.messages)
    past.edited(action="change", shot=1, text="rain")
    touched = planned(past.messages)

    assert untouched is not None
    assert not untouched.touched
    assert touched is not None
    assert touched.touched


def test_a_plan_from_a_file_has_no_brief_and_only_its_look_is_changed() -> None:
    past = Past().did("plan_shots", **FOX).did("open_plan", path="film.json")

    assert past.then("make it a drama") == Call(
        "edit_shots", {"edits": ({"action": "restyle", "tone": "drama"},)}
    )
    assert "came from a file" in str(past.then("make it a dialogue"))


def test_a_fact_fills_the_template_that_is_there_or_that_lacked_it() -> None:
    there, lacked = Past().did("plan_shots", **CARD), Past().did("plan_shots", "failed", **CARD)

    for past in (there, lacked):
        assert asked(past.then("50 percent")) == CARD | {"variables": {"utilization_pct": "50"}}
    assert isinstance(Past().did("plan_shots", **FOX).then("50 percent"), str)


def test_a_template_with_its_own_story_needs_no_more_than_its_name() -> None:
    for has_plan in (False, True):
        intent = understand("credit utilization with 35 percent", has_plan=has_plan)

        assert (intent.kind, intent.args["template"]) == ("plan", "credit-utilization")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("use a low token budget", "LOW"),
        ("ultra low prompts please", "ULTRA_LOW"),
        ("token budget: high", "HIGH"),
        ("set the token budget to medium", "MEDIUM"),
        ("make the prompts shorter", "LOW"),
    ],
)
def test_prompts_are_made_to_fit_a_token_budget(text: str, level: str) -> None:
    assert understand(text, has_plan=True).edits == ({"action": "trim", "token_budget": level},)


def test_a_token_budget_that_comes_with_a_brief_is_no_part_of_its_story() -> None:
    intent = understand("A fox learns to sail, low token budget", has_plan=False)

    assert intent.args == {"brief": "A fox learns to sail", "token_budget": "LOW"}


def test_a_trimmed_film_has_fewer_words_and_the_same_story() -> None:
    film = story.plan(story.Wishes("A very old fox learns to sail, 6 seconds in 2 shots"), None)
    trimmed = edited(film, Edit(action="trim", token_budget="ULTRA_LOW"))

    counts = story.spent(film, trimmed, "ULTRA_LOW")
    assert counts.after < counts.before
    assert "fox learns to sail" in trimmed.shots[0].enhanced_prompt
