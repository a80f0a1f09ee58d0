"""The changes a model may make to a plan, as arguments it can fill in, and what each one does."""

from typing import Any, Literal, TypeVar, assert_never

from pydantic import BaseModel, Field

from tools import story
from tools.errors import Invalid
from tools.estimate import Plan
from tools.shots import AspectRatio, ShotList
from tools.story import edit

T = TypeVar("T")


class Edit(BaseModel):
    """One change to the plan."""

    action: Literal["change", "insert", "remove", "swap", "move", "retime", "restyle", "resize"]
    shot: int | None = Field(default=None, description="Which shot, from 1.")
    other: int | None = Field(
        default=None, description="The other shot of a swap, or the new place of a move."
    )
    text: str | None = Field(default=None, description="What is seen, for change and insert.")
    seconds: int | None = Field(default=None, description="The shot's length, or the film's for resize.")
    style: str | None = None
    mood: str | None = None
    tone: str | None = None
    aspect_ratio: AspectRatio | None = None


def edited(shots: ShotList, each: Edit) -> ShotList:
    match each.action:
        case "change":
            return edit.change(shots, _needed(each.shot, "shot"), _needed(each.text, "text"))
        case "insert":
            return edit.insert(shots, _needed(each.shot, "shot"), _needed(each.text, "text"))
        case "remove":
            return edit.remove(shots, _needed(each.shot, "shot"))
        case "swap":
            return edit.swap(shots, _needed(each.shot, "shot"), _needed(each.other, "other"))
        case "move":
            return edit.move(shots, _needed(each.shot, "shot"), _needed(each.other, "other"))
        case "retime":
            return edit.retime(shots, _needed(each.shot, "shot"), _needed(each.seconds, "seconds"))
        case "restyle":
            return edit.restyle(
                shots, style=each.style, mood=each.mood, tone=each.tone, aspect_ratio=each.aspect_ratio
            )
        case "resize":
            return edit.resize(shots, _needed(each.seconds, "seconds"), story.OFFERED)
        case _:
            assert_never(each.action)


def edits_to(shots: ShotList, plan: Plan) -> list[dict[str, Any]]:
    """What makes a plan of the list it was made from: lengths first, then the shots that go, from the end."""
    kept = [shot for shot in shots.shots if shot.shot_number not in plan.left_out]
    lengths = [
        {"action": "retime", "shot": before.shot_number, "seconds": after.duration}
        for before, after in zip(kept, plan.shots.shots, strict=True)
        if before.duration != after.duration
    ]
    return lengths + [{"action": "remove", "shot": number} for number in reversed(plan.left_out)]


def _needed(value: T | None, name: str) -> T:
    if value is None:
        raise Invalid(name, "is needed for this edit")
    return value
