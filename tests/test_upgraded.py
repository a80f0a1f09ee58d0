"""In the chat without a model, chosen shots are rendered anew by words that a newcomer would use."""

from typing import Any

import pytest
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from agent.offline.intents import understand
from agent.offline.steps import Call, next_step, scene_of
from agent.offline.wanted import wanted

PREMIUM = {"provider": "rehearsal", "model": "rehearsal-premium"}


@pytest.mark.parametrize(
    ("text", "kind", "args"),
    [
        ("upgrade shot 2 with rehearsal rehearsal-premium", "render", {"only": [2]} | PREMIUM),
        ("upgrade shot 2 to rehearsal premium", "render", {"only": [2]} | PREMIUM),
        ("Please upgrade shots 1 and 3 to 1080p", "render", {"only": [1, 3], "resolution": "1080p"}),
        ("render shots 1, 2 and 3 with runway", "render", {"only": [1, 2, 3], "provider": "runway"}),
        ("render only shot 2", "render", {"only": [2]}),
        ("only render shot 2", "render", {"only": [2]}),
        ("just render shot two, please", "render", {"only": [2]}),
        ("render shot 2 only", "render", {"only": [2]}),
        ("render the last shot with runway", "render", {"only": [3], "provider": "runway"}),
        ("shoot the first two shots in 4k", "render", {"only": [1, 2], "resolution": "4k"}),
        ("re-render scene 2 with openrouter google/veo-3.1", "render", {"only": [2], "provider": "openrouter", "model": "google/veo-3.1"}),
        ("redo shot 2 in 1080p", "render", {"only": [2], "resolution": "1080p"}),
        ("render shot 2 as a still", "render", {"only": [2], "stills": True}),
        ("render shot 1 as stills", "render", {"only": [1], "stills": True}),
        ("upgrade shot 2", "cost", {"only": [2]}),
        ("upgrade shot 2 with a better model", "cost", {"only": [2]}),
        ("upgrade shot 2 to premium", "cost", {"only": [2]}),
        ("what would it cost to upgrade shot 2?", "cost", {"only": [2]}),
        ("how much to upgrade shots 2 and 3 with sound", "cost", {"only": [2, 3], "audio": True}),
        ("how much is it to render shot 2 in 1080p?", "cost", {"only": [2], "resolution": "1080p"}),
        ("what does it cost to re-render shot 2 with rehearsal premium", "cost", {"only": [2]} | PREMIUM),
        ("shot 2 in 1080p", "render", {"only": [2], "resolution": "1080p"}),
        ("make shot 2 in 4k", "render", {"only": [2], "resolution": "4k"}),
        ("use runway for shot 2", "render", {"only": [2], "provider": "runway"}),
        ("use rehearsal premium for shots 1 and 2", "render", {"only": [1, 2]} | PREMIUM),
    ],
)  # fmt: skip
def test_chosen_shots_are_rendered_anew(text: str, kind: str, args: dict[str, Any]) -> None:
    intent = understand(text, has_plan=True, lengths=[3, 3, 3])

    assert (intent.kind, intent.args) == (kind, args)


@pytest.mark.parametrize(
    "text",
    [
        "render shot 2 at night",
        "make shot 2 in a forest",
        "remove shot 2",
        "redo shot 2 as a close-up",
        "generate shot 2 with a dog",
    ],
)
def test_what_a_shot_shows_is_no_way_to_render_it(text: str) -> None:
    intent = understand(text, has_plan=True, lengths=[3, 3, 3])

    assert "only" not in intent.args


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("render the rest", {}),
        ("now render the others", {}),
        ("render the other shots with runway", {"provider": "runway"}),
        ("Render the rest of it in 1080p.", {"resolution": "1080p"}),
    ],
)
def test_the_rest_is_rendered_when_one_shot_was_tried(text: str, args: dict[str, Any]) -> None:
    intent = understand(text, has_plan=True, lengths=[3, 3, 3])

    assert (intent.kind, intent.args) == ("rest", args)


@pytest.mark.parametrize(
    ("before", "only"),
    [
        ([], None),
        ([([2], True)], [1, 3]),
        ([([2], False)], None),
        ([([2], True), ([3], True)], [1]),
        ([([2], True), (None, True)], None),
        ([([1, 2, 3], True)], None),
    ],
)
def test_the_rest_is_what_nobody_approved_on_its_own(
    before: list[tuple[list[int] | None, bool]], only: list[int] | None
) -> None:
    """Each offer before: the shots it was for, and whether it was approved."""
    history = [*asked("A fox, 9 s", "plan_shots", {"brief": "A fox"}, {"shots": [{"seconds": 3}] * 3})]
    for n, (shots, yes) in enumerate(before):
        args = {"only": shots} if shots else {}
        answer = {"jobs": 1} if yes else "No person approved this offer."
        history += asked("render", "generate_video", args, answer, f"call_{n}")
    step = next_step(scene_of([*history, ModelRequest(parts=[UserPromptPart("render the rest")])]))

    assert isinstance(step, Call)
    assert (step.tool, step.args.get("only")) == ("generate_video", only)


def asked(
    text: str, tool: str, args: dict[str, Any], answer: dict[str, Any] | str, call_id: str = "call_plan"
) -> list[ModelMessage]:
    """What a person said, what was called for it, and what came back."""
    failed: dict[str, Any] = {"outcome": "failed"} if isinstance(answer, str) else {}
    return [
        ModelRequest(parts=[UserPromptPart(text)]),
        ModelResponse(parts=[ToolCallPart(tool, args, tool_call_id=call_id)]),
        ModelRequest(parts=[ToolReturnPart(tool, answer, tool_call_id=call_id, **failed)]),
    ]


def test_a_story_about_shots_is_a_story() -> None:
    assert understand("upgrade shot 2", has_plan=False).kind != "cost"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("render it with openrouter google/veo-3.1", {"provider": "openrouter", "model": "google/veo-3.1"}),
        ("with fal fal-ai/flux/dev", {"provider": "fal", "model": "fal-ai/flux/dev"}),
        ("on fal:minimax/hailuo.", {"provider": "fal", "model": "minimax/hailuo"}),
        ("with rehearsal/premium", PREMIUM),
    ],
)
def test_a_model_is_named_with_all_of_its_name(text: str, named: dict[str, Any]) -> None:
    assert wanted(text) == named
