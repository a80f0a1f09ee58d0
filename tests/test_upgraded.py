"""In the chat without a model, chosen shots are rendered anew by words that a newcomer would use."""

import time
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
from agent.offline.told import NO, SOME
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
        ("render shot 2 hd", "render", {"only": [2], "resolution": "720p"}),
        ("use 1080p for shot 2", "render", {"only": [2], "resolution": "1080p"}),
        ("upgrade shots 1 and 2 to 720", "render", {"only": [1, 2], "resolution": "720p"}),
        ("render shot 2 with rehearsal premium and sound", "render", {"only": [2], "audio": True} | PREMIUM),
        ("upgrade shot 2 with bytedance seedance-1-pro", "render", {"only": [2], "provider": "bytedance", "model": "seedance-1-pro"}),
        ("upgrade shot 2 to premium tier", "cost", {"only": [2]}),
        ("render shots 1 to 3 at 1080p", "render", {"only": [1, 2, 3], "resolution": "1080p"}),
        ("render shots 2-3", "render", {"only": [2, 3]}),
        ("render shot 1 + 3", "render", {"only": [1, 3]}),
        ("render #2", "render", {"only": [2]}),
        ("render shot no. 2", "render", {"only": [2]}),
        ("render 2", "render", {"only": [2]}),
        ("render the second one", "render", {"only": [2]}),
        ("render the opening shot", "render", {"only": [1]}),
        ("render shot 2 of the film for now", "render", {"only": [2]}),
        ("render shot 2 to see how it looks", "render", {"only": [2]}),
        ("render shot 2 on its own as a test", "render", {"only": [2]}),
        ("test shot 2", "render", {"only": [2]}),
        ("render shot 2 without sound", "render", {"only": [2], "audio": False}),
        ("upgrade shot 2 with rehearsal-premium", "render", {"only": [2]} | PREMIUM),
        ("render shot 2 with rehearsal premium, keep the others as they are", "render", {"only": [2]} | PREMIUM),
        ("render all but shot 2", "render", {"only": [1, 3]}),
        ("render everything except shots 1 and 2 with runway", "render", {"only": [3], "provider": "runway"}),
        ("what would it cost to render all but shot 1?", "cost", {"only": [2, 3]}),
        ("how much does shot 2 cost?", "cost", {"only": [2]}),
        ("how much is shot 2 in 4k?", "cost", {"only": [2], "resolution": "4k"}),
        ("what would shots 1 and 2 cost with runway", "cost", {"only": [1, 2], "provider": "runway"}),
        ("Render shots 1, 3 with fal minimax-h3 in 720p with sound: the last offer ran out, make me a new one.", "render", {"only": [1, 3], "provider": "fal", "model": "minimax-h3", "resolution": "720p", "audio": True}),
        ("Render shot 2 with acme own as stills in 1K: the last offer ran out, make me a new one.", "render", {"only": [2], "stills": True, "provider": "acme", "model": "own", "resolution": "1K"}),
        ("Render shots 1, 3 with openrouter google/veo-3.1 in 720p: the last offer ran out, make me a new one.", "render", {"only": [1, 3], "provider": "openrouter", "model": "google/veo-3.1", "resolution": "720p"}),
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
        "make shot 2 with google maps",
        "use a radio with sound in shot 2",
        "shot 2 by google street view",
    ],
)
def test_what_a_shot_shows_is_no_way_to_render_it(text: str) -> None:
    intent = understand(text, has_plan=True, lengths=[3, 3, 3])

    assert "only" not in intent.args


@pytest.mark.parametrize(
    "text",
    [
        "render shot 2 for $1",
        "render shot 2 under $1 with runway",
        "render it without shot 2",
        "render shot 2, then the rest",
        "render shot 2 and the rest in 480p",
        "render shot 2 with rehearsal premium and shot 3 with rehearsal draft",
        "render shots 1, 2 but not 3",
        "render two shots",
        "render the middle shot",
        "render only what changed",
        "render shot 2 with the same model",
        "render shot 2 later",
        "render shots 3-2 and 1",
        "render all but shots 3-1",
        "render all but shots 1 to 3",
        "render the first",
        "render the 1st",
        "render the 2nd and 3rd",
        "render first two",
        "please render, but only two",
        "render the intro",
        "render only the close-ups",
        "render nothing",
        "use runway for all but shot 2",
        "use runway for shot 2 and fal for shot 3",
        "how much for all but shot 2",
        "skip shot 2 and render the rest",
        "render both",
        "render them",
        "render those shots",
        "render half the film",
        "render only the first 10 seconds",
    ],
)
def test_which_shots_is_asked_where_it_is_not_understood(text: str) -> None:
    """And the whole film is not offered instead."""
    assert stepped(PLANNED, text) == SOME


@pytest.mark.parametrize("text", ["don't render it", "do not render shot 2", "Please never render the film."])
def test_no_is_no(text: str) -> None:
    intent = understand(text, has_plan=True, lengths=[3, 3, 3])

    assert (intent.kind, intent.note) == ("told", NO)


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("just render it", {}),
        ("render all three", {}),
        ("render the 3 shots", {}),
        ("render the shot list", {}),
        ("render it but in 480p", {"resolution": "480p"}),
        ("render the film, but with rehearsal premium", PREMIUM),
        ("shot 2 is great, render it", {}),
        ("love the last shot, render it", {}),
        ("that's what I want, render it", {}),
        ("render it and keep the captions", {}),
        ("render what we have", {}),
        ("render all 3 shots", {}),
        ("render every shot in 1080p", {"resolution": "1080p"}),
        ("render the shots as stills", {"stills": True}),
        ("render it as clips", {"stills": False}),
        ("ok render the film", {}),
        ("render it with runway to see how it looks", {"provider": "runway"}),
        (
            "Render it with fal x in 720p: the last offer ran out, make me a new one.",
            {"provider": "fal", "model": "x", "resolution": "720p"},
        ),
    ],
)
def test_all_is_all(text: str, args: dict[str, Any]) -> None:
    assert stepped(PLANNED, text) == Call("generate_video", args)


@pytest.mark.parametrize(
    ("text", "kind", "args"),
    [
        ("render the rest", "render", {}),
        ("now render the others", "render", {}),
        ("the rest", "render", {}),
        ("render the remaining shots", "render", {}),
        ("render what is missing", "render", {}),
        ("render the other shots with runway", "render", {"provider": "runway"}),
        ("Render the rest of it in 1080p.", "render", {"resolution": "1080p"}),
        ("how much is the rest?", "cost", {}),
        ("use runway for the rest", "render", {"provider": "runway"}),
    ],
)
def test_the_rest_is_rendered_when_one_shot_was_tried(text: str, kind: str, args: dict[str, Any]) -> None:
    intent = understand(text, has_plan=True, lengths=[3, 3, 3])

    assert (intent.kind, intent.args) == (kind, {"only": "rest"} | args)


@pytest.mark.parametrize(
    ("before", "text", "args"),
    [
        ([], "render the rest", {}),
        ([({"only": [2]} | PREMIUM, True)], "render the rest", PREMIUM),
        ([({"only": [2]} | PREMIUM, False)], "render the rest", {}),
        ([({"only": [2]} | PREMIUM, True)], "render the rest with runway", {"provider": "runway"}),
        ([({"provider": "fal"}, True), ({"only": [2]} | PREMIUM, True)], "render the rest", PREMIUM),
        (
            [({"only": [2]} | PREMIUM, True), ({"provider": "fal"}, True)],
            "render the rest",
            {"provider": "fal"},
        ),
        (
            [({"provider": "fal"}, True), ({"only": [2], "stills": True}, True)],
            "render the rest",
            {"provider": "fal"},
        ),
        ([({"only": [2]} | PREMIUM, True)], "render the rest in 1080p", PREMIUM | {"resolution": "1080p"}),
    ],
)
def test_the_rest_is_rendered_like_the_shots_that_were_tried(
    before: list[tuple[dict[str, Any], bool]], text: str, args: dict[str, Any]
) -> None:
    """Each offer before: what it was asked for with, and whether it was approved."""
    history = [*PLANNED]
    for n, (said, yes) in enumerate(before):
        answer = {"jobs": 1} if yes else "No person approved this offer."
        history += asked("render", "generate_video", said, answer, f"call_{n}")

    assert stepped(history, text) == Call("generate_video", {"only": "rest"} | args)


PRICE: dict[str, Any] = {
    "only": [2],
    "stills": False,
    "rows": [
        {"provider": "rehearsal", "model": "rehearsal-draft", "resolution": "480p", "ready": True},
        PREMIUM | {"resolution": "720p", "ready": True},
        {"provider": "runway", "model": "gen4", "resolution": "720p", "ready": False},
    ],
}


SUGGESTED = {"only": [2], "resolution": "720p", "stills": False, "audio": False} | PREMIUM


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("yes, do it", SUGGESTED),
        ("render it", SUGGESTED),
        ("ok thanks, render it", SUGGESTED),
        ("render them", SUGGESTED),
        ("render it in 1080p", SUGGESTED | {"resolution": "1080p"}),
        ("render it with runway", {"only": [2], "provider": "runway"}),
        ("render the film", {}),
    ],
)
def test_yes_to_the_price_of_a_shot_is_no_offer_of_the_film(text: str, args: dict[str, Any]) -> None:
    history = [*PLANNED, *asked("upgrade shot 2", "estimate_cost", {"only": [2]}, PRICE, "call_price")]

    assert stepped(history, text) == Call("generate_video", args)


@pytest.mark.parametrize("tool", ["edit_shots", "check_budget", "cancel_job"])
def test_a_price_is_forgotten_once_something_else_was_done(tool: str) -> None:
    history = [*PLANNED, *asked("upgrade shot 2", "estimate_cost", {"only": [2]}, PRICE, "call_price")]
    other = asked("something else", tool, {"edits": []}, {"shots": [{"seconds": 3}] * 3}, "call_other")

    assert stepped([*history, *other], "yes") == Call("generate_video")


def test_yes_to_the_price_of_all_shots_is_with_the_vendor_that_was_priced() -> None:
    said = {"only": [1, 2, 3], "provider": "rehearsal", "model": "rehearsal-premium"}
    history = [*PLANNED, *asked("how much", "estimate_cost", said, PRICE | {"only": None}, "call_price")]

    assert stepped(history, "yes") == Call(
        "generate_video", {k: v for k, v in SUGGESTED.items() if k != "only"}
    )


def test_a_clip_of_a_shot_is_no_still_because_the_film_is_of_stills() -> None:
    stills = asked(
        "as stills", "generate_video", {"provider": "fal", "stills": True}, {"jobs": 3}, "call_stills"
    )
    price = asked("upgrade shot 2", "estimate_cost", {"only": [2]}, PRICE, "call_price")

    assert stepped([*PLANNED, *stills, *price], "yes") == Call("generate_video", SUGGESTED)


def stepped(history: list[ModelMessage], text: str) -> Call | str:
    """What follows when this is said."""
    return next_step(scene_of([*history, ModelRequest(parts=[UserPromptPart(text)])]))


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


PLANNED = asked("A fox, 9 s", "plan_shots", {"brief": "A fox"}, {"shots": [{"seconds": 3}] * 3})


LONG = (
    ("remove the captions", " please"),
    ("render shot 2", ", 2"),
    ("render shot 2 with ", " " * 20),
    ("render shot 2", " and 3"),
    ("render shot 2", " now"),
    ("render shot 2", " for now"),
    ("render the rest", " to see"),
    ("render shot 2", " just to see how it looks"),
    ("render shot 2", " keep the rest"),
    ("how much is shot 2", " keep the others as they are"),
    ("how much is it to render shot 1", " with a"),
)


@pytest.mark.parametrize("ends", [" !x", " .x", ", - ok?x. thanks"])
@pytest.mark.parametrize(("begins", "goes_on"), LONG)
def test_who_says_it_many_times_is_answered_as_fast(begins: str, goes_on: str, ends: str) -> None:
    """Rules that try every way to read a message take twice as long for each word more."""

    def seconds(times: int) -> float:
        tries: list[float] = []
        for _ in range(3):
            began = time.process_time()
            understand(f"{begins}{goes_on * times}{ends}", has_plan=True, lengths=[3, 3, 3])
            tries.append(time.process_time() - began)
        return min(tries)

    seconds(2)
    assert seconds(22) < 40 * max(seconds(11), 0.001)


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
