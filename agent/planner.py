"""A film drafted by a language model, and made like every other: one assembler, the same checks.

The model says what happens and how it is seen, in a small form. It writes no prompt, names no file and no
line, and decides no length: what a shot is evidence of is looked up by the name it gives, or refused.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints
from pydantic_ai import RunContext

from agent.desk import Desk
from agent.edits import Edit, edited
from agent.meter import metered
from agent.writer import Byline, Faults, Task, write
from tools import story
from tools.errors import Invalid
from tools.repo.profile import RepoProfile
from tools.shots import SHOTS_MAX, Evidence, ShotList
from tools.story import Draft, Order
from tools.story.edit import told_text, unlocked
from tools.story.library import Camera
from tools.story.prompts import seen_in
from tools.story.words import clean
from tools.story.written import bare, faults, known

NAMES_TOLD_MAX = 60
TOKENS_FIXED, TOKENS_A_SHOT = 4_000, 400  # written: thoughts and braces, and one shot in any script

By = Literal["model", "rules"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)]
Few = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]


class Frame(BaseModel):
    """One moment and how it is seen."""

    who: Few = Field(
        default="", description='Who or what is seen: "an old lighthouse keeper". Empty if nobody.'
    )
    action: Words = Field(min_length=2, description='What happens: "climbs the stairs with a letter".')
    where: Few = Field(default="", description='The place: "in a narrow tower".')
    detail: Few = Field(default="", description="What makes it particular, or the turn it takes.")
    size: Literal["wide", "medium", "close-up", "insert"]
    camera: Camera = Field(description="The one thing the camera does.")
    light: Few = ""
    lens: Few = ""
    caption: Words = Field(min_length=1, description="One short sentence, in the language of the brief.")


class ShotDraft(Frame):
    """A shot of a film."""

    seconds: int = Field(ge=1, le=60, description="How long it needs, beside the others.")
    concept: Few | None = Field(
        default=None, description="The exact name from the code that this shot is about; null if none."
    )
    scene: int = Field(default=1, ge=1, description="The number of its scene.")


class FilmDraft(BaseModel):
    """A short film, shot by shot."""

    title: Few = Field(min_length=1)
    shots: list[ShotDraft] = Field(min_length=1, max_length=SHOTS_MAX)


@dataclass(frozen=True)
class Written:
    """A plan, and who wrote how much of it. Without a byline it was made here, for nothing."""

    shots: ShotList
    bylines: tuple[Byline, ...] = ()

    def signed(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The tool's answer with who wrote it and what that cost."""
        if not self.bylines:
            return answer
        summary = " · ".join((answer["summary"], *map(str, self.bylines)))
        return answer | {"summary": summary, "writing": [each.to_json() for each in self.bylines]}


async def plan(ctx: RunContext[Desk], ordered: Order, by: By = "model") -> Written:
    """The film that the model drafts; the one that the rules make where there is none, or it fails."""
    rules = story.by_rules(ordered)  # first, so that a wish that cannot be costs nothing
    meter = metered(ctx.model)
    if meter is None or by == "rules" or ordered.template.is_told:
        return Written(rules)
    room = TOKENS_FIXED + TOKENS_A_SHOT * ordered.shots
    film, byline = await write(ctx, meter, Task(FilmDraft, _wanted(ordered), room, _judge(ordered)))
    return Written(film or rules, (byline,))


def _judge(ordered: Order) -> Callable[[FilmDraft], ShotList | Faults]:
    """What becomes of a draft of a film."""

    def judge(draft: FilmDraft) -> ShotList | Faults:
        names = known(ordered.profile) if ordered.profile else {}
        strange = [
            f"shot {n}, concept: {each.concept!r} is not in the list of names; take one from it, or none"
            for n, each in enumerate(draft.shots, 1)
            if each.concept and clean(each.concept) not in names
        ]
        drafts = [_drafted(each, ordered, names) for each in draft.shots]
        said = strange or faults(ordered, drafts)
        return Faults(tuple(said)) if said else story.shoot(ordered, drafts, clean(draft.title))

    return judge


def _drafted(shot: ShotDraft, ordered: Order, names: Mapping[str, tuple[Evidence, ...]]) -> Draft:
    """A shot in the story department's own terms. Where and when it is, the brief has said."""
    at = min(shot.scene, len(ordered.scenes)) - 1
    scene = ordered.scenes[at] if ordered.scenes else None
    return replace(
        _framed(shot),
        weight=float(shot.seconds),
        places=scene.landscapes if scene else (),
        time_of_day=scene.time_of_day if scene else "",
        evidence=names.get(clean(shot.concept or ""), ()),
        scene=shot.scene if ordered.in_scenes else 0,
    )


def _framed(frame: Frame) -> Draft:
    return Draft(
        subject=frame.who,
        action=frame.action,
        setting=frame.where,
        twist=frame.detail,
        shot_types=(frame.size,),
        cameras=(frame.camera,),
        light=frame.light,
        lens=frame.lens,
        caption=frame.caption,
        characters=(bare(frame.who),) if bare(frame.who) else (),
    )


def _wanted(ordered: Order) -> str:
    exactly = ordered.wishes.shots is not None
    many = f"exactly {ordered.shots}" if exactly else f"about {ordered.shots}"
    facts: dict[str, Any] = {
        "brief": ordered.wishes.brief,
        "shots": many,
        "seconds": ordered.seconds,
        "seconds_of_a_shot": list(ordered.offered),
        "style": ordered.style,
        "mood": ordered.mood,
        "tone": ordered.tone,
        "show_it_like_this": list(ordered.wishes.metaphors),
    }
    if ordered.in_scenes:
        told = enumerate(ordered.scenes, 1)
        facts["scenes"] = {n: " ".join(idea.text for idea in scene.ideas) for n, scene in told}
    if ordered.profile is not None:
        facts["repository"] = _told(ordered.profile)
    return f"Draft this film.\n{_material(facts)}"


def _told(profile: RepoProfile) -> dict[str, Any]:
    """What a model is told of a repository: names, never the files they stand in."""
    return {
        "name": profile.name,
        "purpose": profile.purpose,
        "themes": list(profile.themes),
        "names": list(known(profile))[:NAMES_TOLD_MAX],
        "errors": {each.name: [each.raised, each.caught] for each in profile.errors[:15]},
    }


def _material(facts: dict[str, Any]) -> str:
    """Nothing in it can close the tag that it stands in."""
    text = json.dumps(facts, ensure_ascii=False, indent=1).replace("<", "\\u003c")
    return f"<material>\n{text}\n</material>"


# --- one shot otherwise ---------------------------------------------------------------------------


async def edited_all(ctx: RunContext[Desk], before: ShotList, edits: Sequence[Edit]) -> Written:
    """Every edit in turn, all of them or none; a wish for a shot is the model's to fulfil, where there is one."""
    written, lengths = Written(before), ctx.deps.studio.lengths
    for each in edits:
        if each.action == "refine" and metered(ctx.model) is not None:
            refined = await _refined(ctx, written.shots, each)
            written = Written(refined.shots, (*written.bylines, *refined.bylines))
        else:
            offered = lengths.of(each.provider, each.model)
            written = replace(written, shots=edited(written.shots, each, offered))
    return written


async def _refined(ctx: RunContext[Desk], shots: ShotList, each: Edit) -> Written:
    n, wish = each.shot or len(shots.shots), told_text(each.text or "")
    unlocked(shots, n)
    meter = metered(ctx.model)
    assert meter is not None  # noqa: S101 -- the caller has looked
    task = Task(Frame, _otherwise(shots, n, wish), TOKENS_FIXED + TOKENS_A_SHOT, _judge_one(shots, n))
    film, byline = await write(ctx, meter, task)
    if film is not None:
        return Written(film, (byline,))
    try:
        return Written(edited(shots, each), (byline,))
    except Invalid as error:
        raise Invalid("text", f"{byline.refused} And {error.why}") from None


def _judge_one(shots: ShotList, n: int) -> Callable[[Frame], ShotList | Faults]:
    """What becomes of a shot that was drafted anew: no more objections than the film had."""

    def judge(frame: Frame) -> ShotList | Faults:
        film = story.redrawn(shots, n, _framed(frame))
        had = set(story.check(shots))
        said = [str(each) for each in story.check(film) if each not in had]
        return Faults(tuple(said)) if said else film

    return judge


def _otherwise(shots: ShotList, n: int, wish: str) -> str:
    facts = {
        "film": {"title": shots.title, "brief": shots.brief, "style": shots.style, "mood": shots.mood},
        "shots": [
            {"n": shot.shot_number, "size": shot.shot_type, "seen": seen_in(shot.enhanced_prompt)}
            for shot in shots.shots
        ],
        "shot": n,
        "camera": shots.shots[n - 1].camera,
        "caption": shots.shots[n - 1].caption,
        "wish": wish,
    }
    return f"Draft shot {n} anew, as it is wished, and no other.\n{_material(facts)}"
