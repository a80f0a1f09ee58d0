"""The changes a model may make to a plan, as arguments it can fill in, and what each one does."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar, assert_never

from pydantic import BaseModel, Field

from tools import story
from tools.errors import Invalid
from tools.estimate import Plan
from tools.shots import AspectRatio, ShotList
from tools.story import cut, edit

T = TypeVar("T")
Lengths = tuple[int, ...]  # seconds, ascending

OfShot = Literal["change", "insert", "remove", "swap", "move", "split", "merge", "lock", "unlock", "copy"]
OfFilm = Literal["restyle", "resize", "shorter", "longer", "trim"]
OfSeen = Literal["describe", "refine", "attach", "detach"]
OfPicture = Literal["when", "add", "avoid", "replace"]
Letters = Literal["title", "caption", "card"]


class Edit(BaseModel):
    """One change to the plan."""

    action: OfShot | OfFilm | OfSeen | OfPicture | Letters | Literal["retime", "undo"]
    shot: int | None = Field(
        default=None,
        description="Which shot, from 1. Left out for refine: the last; for when, add, avoid, replace, caption,"
        " card and retime: all that are not locked.",
    )
    other: int | None = Field(
        default=None, description="The other shot of a swap or merge, or the new place of a move."
    )
    text: str | None = Field(
        default=None,
        description="What is seen, for change and insert; in the second half, for split. For describe, who"
        " somebody is: 'Emma is a tired developer in a green raincoat'. For refine the wish itself, in the"
        " person's words: 'more tension', 'another ending'. For title, caption (under a shot) and card (a title"
        " card that opens a shot) the words to be read; a caption or card without text takes it away, from the"
        " shot or from all of them. For when a time of day or weather ('at night', 'in the rain'), for add what"
        " else is seen ('a dog'), for avoid what is kept out ('faces'), for replace what takes the place of `old`.",
    )
    version: int | None = Field(
        default=None,
        description="For undo: the version of the plan to go back to, from 1; without it, one step.",
    )
    old: str | None = Field(default=None, description="For replace: the thing or person that is shown now.")
    seconds: int | None = Field(
        default=None,
        description="The shot's length, or the film's for resize; for that also left out, where only"
        " the lengths of shots shall be those of `model`.",
    )
    token_budget: str | None = Field(
        default=None, description="ULTRA_LOW, LOW, MEDIUM or HIGH: how long prompts may be, for trim."
    )
    provider: str | None = Field(
        default=None,
        description="For resize, shorter and longer: the vendor that was chosen, so that shots are as long as it sells them.",
    )
    model: str | None = Field(default=None, description="For the same: the model that was chosen.")
    style: str | None = None
    mood: str | None = None
    tone: str | None = None
    aspect_ratio: AspectRatio | None = None
    picture: str | None = Field(
        default=None, description="sha256:... of a picture, for attach; without it, detach takes every one."
    )
    character: str | None = Field(
        default=None, description="Whose shots, for attach and detach; without it and shot, the whole film."
    )


def usual_lengths(_provider: str | None, _model: str | None) -> Lengths:
    """Those that suit a film, whoever makes it."""
    return story.OFFERED


def edited_all(
    shots: ShotList,
    edits: Sequence[Edit],
    lengths: Callable[[str | None, str | None], Lengths] = usual_lengths,
) -> ShotList:
    """Every edit in turn, all of them or none. `lengths` says how long a vendor's model sells shots."""
    for each in edits:
        shots = edited(shots, each, lengths(each.provider, each.model))
    return shots


def edited(shots: ShotList, each: Edit, offered: Lengths = story.OFFERED) -> ShotList:
    """The list with one edit made; shots that get other lengths get `offered` ones, in seconds."""
    match each.action:
        case "undo":
            raise Invalid("edits", "undo stands alone, in a conversation: it keeps the earlier versions")
        case "restyle" | "resize" | "shorter" | "longer" | "trim" as action:
            return _film_edited(shots, each, action, offered)
        case "describe" | "refine" | "attach" | "detach" as action:
            return _seen_otherwise(shots, each, action)
        case "when" | "add" | "avoid" | "replace" as action:
            return _altered(shots, each, action, _needed(each.text, "text"))
        case "title" | "caption" | "card" as action:
            return _lettered(shots, each, action)
        case "retime":
            return edit.retime(shots, each.shot, _needed(each.seconds, "seconds"))
        case action:
            return _shot_edited(shots, each, action, _needed(each.shot, "shot"))


def _film_edited(shots: ShotList, each: Edit, action: OfFilm, offered: Lengths) -> ShotList:
    match action:
        case "restyle":
            return edit.restyle(
                shots, style=each.style, mood=each.mood, tone=each.tone, aspect_ratio=each.aspect_ratio
            )
        case "resize":
            return edit.resize(shots, _total(shots, each), offered)
        case "shorter" | "longer":
            return cut.rescale(shots, offered, longer=action == "longer")
        case "trim":
            return story.thrifty(shots, story.read_level(_needed(each.token_budget, "token_budget")))[0]
        case _:
            assert_never(action)


def _total(shots: ShotList, each: Edit) -> int:
    """How long the film becomes: as long as it is, where only its shots shall be as somebody sells them."""
    if each.seconds is None and (each.provider or each.model):
        return shots.seconds
    return _needed(each.seconds, "seconds")


def _seen_otherwise(shots: ShotList, each: Edit, action: OfSeen) -> ShotList:
    """What may be about one shot, several of them, or all."""
    match action:
        case "describe":
            return story.describe(shots, _needed(each.text, "text"))
        case "refine":
            return story.refine(shots, each.shot, _needed(each.text, "text"))
        case "attach":
            return story.attach(shots, _needed(each.picture, "picture"), each.shot, each.character)
        case "detach":
            return story.detach(shots, each.picture, each.shot, each.character)
        case _:
            assert_never(action)


def _altered(shots: ShotList, each: Edit, action: OfPicture, text: str) -> ShotList:
    match action:
        case "when":
            return story.when(shots, each.shot, text)
        case "add":
            return story.add(shots, each.shot, text)
        case "avoid":
            return story.avoid(shots, each.shot, text)
        case "replace":
            return story.replace_thing(shots, each.shot, _needed(each.old, "old"), text)
        case _:
            assert_never(action)


def _lettered(shots: ShotList, each: Edit, action: Letters) -> ShotList:
    match action:
        case "title":
            return story.entitle(shots, _needed(each.text, "text"))
        case "caption":
            return story.captioned(shots, each.shot, each.text)
        case "card":
            return story.carded(shots, each.shot, each.text)
        case _:
            assert_never(action)


def _shot_edited(shots: ShotList, each: Edit, action: OfShot, n: int) -> ShotList:
    match action:
        case "change":
            return edit.change(shots, n, _needed(each.text, "text"))
        case "insert":
            return story.keep_pictures(shots, edit.insert(shots, n, _needed(each.text, "text")))
        case "remove":
            return edit.remove(shots, n)
        case "swap":
            return edit.swap(shots, n, _needed(each.other, "other"))
        case "move":
            return edit.move(shots, n, _needed(each.other, "other"))
        case "copy":
            return story.copy(shots, n)
        case "split":
            return cut.split(shots, n, each.text)
        case "merge":
            return cut.merge(shots, n, n + 1 if each.other is None else each.other)
        case "lock" | "unlock":
            return cut.lock(shots, n, locked=action == "lock")
        case _:
            assert_never(action)


def is_undo(edits: Sequence[Edit]) -> bool:
    return [each.action for each in edits] == ["undo"]


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
