"""From wishes and, perhaps, a repository to a shot list: by rules, the same for the same input.

A film about a repository is a sequence of gags: each takes a real name from the code and plays
it out with props. A film of a brief looks at each idea as often as there is time.
"""

from dataclasses import dataclass, replace

from tools.errors import Invalid
from tools.repo.profile import RepoProfile
from tools.shots import ASPECT_RATIOS, BRIEF_CHARACTERS_MAX, SHOTS_MAX, Shot, ShotList
from tools.story.brief import Story, read_story
from tools.story.drafts import Draft
from tools.story.film import draft_film
from tools.story.library import Library, Pattern, Template, extend, library
from tools.story.look import Look, look_of
from tools.story.own import metaphors_from
from tools.story.prompts import Fragments, assemble
from tools.story.prompts import caption as short_caption
from tools.story.scene import draft_scene
from tools.story.timing import USUAL_SECONDS, nearest_total, shots_for, split, usable
from tools.story.told import draft_told
from tools.story.variables import values_of
from tools.story.wishes import Wishes, completed
from tools.story.words import LETTER, capital, clean, clip, first_words

OFFERED = tuple(range(3, 13))
IDEAS_SHOTS_MIN, IDEAS_SHOTS_MAX = 5, 12
TITLE_CARD_CHARACTERS_MAX = 140


@dataclass(frozen=True)
class _Order:
    """Everything decided before the first shot is drawn."""

    wishes: Wishes
    template: Template
    look: Look
    style: str
    mood: str
    tone: str
    shots: int
    seconds: int
    offered: tuple[int, ...]


def plan(
    wishes: Wishes,
    profile: RepoProfile | None,
    *,
    offered: tuple[int, ...] = OFFERED,
    books: Library | None = None,
) -> ShotList:
    """Plan a film; `offered` are the durations in seconds that the chosen video model can render."""
    books = extend(books or library(), metaphors_from(wishes.metaphors))
    _check(wishes)
    wishes, text = completed(wishes)
    template = books.template(wishes.template or ("silent-film" if profile else "scene"))
    values = values_of(template.name, template.variable, wishes.variables, wishes.brief)
    story = _story(text or wishes.brief, template, profile, books)
    order = _order(wishes, template, story, usable(offered), books)
    if template.is_told:
        drafts = draft_told(template, values, order.shots)
    elif profile and not story:
        drafts = draft_film(profile, template, books, order.shots, clean(text))
    elif story:
        drafts = draft_scene(story, books.template("scene"), order.shots)
    else:
        raise _no_story()
    drafts = _patterned(drafts, books.pattern(wishes.pattern)) if wishes.pattern else drafts
    durations = split(order.seconds, [draft.weight for draft in drafts], order.offered)
    return ShotList(
        title=_title(profile, story, template),
        brief=wishes.brief,
        repo=profile.name if profile else None,
        template=template.name,
        style=order.style,
        mood=order.mood,
        tone=order.tone,
        aspect_ratio=wishes.aspect_ratio or "16:9",
        shots=_shoot(drafts, durations, order),
    )


def _check(wishes: Wishes) -> None:
    if len(wishes.brief) > BRIEF_CHARACTERS_MAX:
        raise Invalid(
            "brief", f"a brief has at most {BRIEF_CHARACTERS_MAX:,} characters, not {len(wishes.brief):,}"
        )
    if any("\ud800" <= ch <= "\udfff" for ch in wishes.brief):
        raise Invalid("brief", "half a character is no text; send whole ones")
    if wishes.aspect_ratio not in {None, *ASPECT_RATIOS}:
        raise Invalid("aspect_ratio", f"a film is {', '.join(ASPECT_RATIOS)}, not {wishes.aspect_ratio}")
    for name in ("style", "mood", "tone"):
        if len(getattr(wishes, name) or "") > 120:
            raise Invalid(name, "at most 120 characters")


def _story(text: str, template: Template, profile: RepoProfile | None, books: Library) -> Story | None:
    """The story of a brief; None when the repository is the story."""
    if template.is_told or (profile and any(beat.role == "gag" for beat in template.beat)):
        return None
    if profile is None and not LETTER.search(text):
        raise _no_story()
    told = text if LETTER.search(text) else f"{profile.purpose or profile.name}" if profile else text
    return read_story(told, books)


def _no_story() -> Invalid:
    return Invalid("brief", "say in words what the film shows, or name a repository")


def _order(
    wishes: Wishes, template: Template, story: Story | None, offered: tuple[int, ...], books: Library
) -> _Order:
    style, mood, tone = (
        clean(wishes.style or template.style),
        clean(wishes.mood or template.mood),
        clean(wishes.tone or template.tone),
    )
    look = look_of(style, mood, tone, books)
    typical = (look.seconds if wishes.tone else None) or template.shot_seconds or USUAL_SECONDS
    if story:
        usual_shots = min(IDEAS_SHOTS_MAX, max(IDEAS_SHOTS_MIN, len(story.ideas)))
        usual_seconds = usual_shots * typical
    else:
        usual_seconds = template.seconds
    shots, seconds = _length(wishes, typical, usual_seconds, offered)
    return _Order(wishes, template, look, style, mood, tone, shots, seconds, offered)


def _length(wishes: Wishes, typical: int, usual_seconds: int, offered: tuple[int, ...]) -> tuple[int, int]:
    """How many shots in how many seconds. What was wished holds exactly; what was not bends to fit."""
    if wishes.shots is not None and not 1 <= wishes.shots <= SHOTS_MAX:
        raise Invalid("shots", f"a film has 1 to {SHOTS_MAX} shots, not {wishes.shots:,}")
    if wishes.shots is not None:
        fitting = nearest_total(wishes.shots * typical, wishes.shots, offered)
        return wishes.shots, fitting if wishes.seconds is None else wishes.seconds
    seconds = wishes.seconds if wishes.seconds is not None else nearest_total(usual_seconds, None, offered)
    return shots_for(seconds, typical, offered), seconds


def _shoot(drafts: list[Draft], durations: list[int], order: _Order) -> list[Shot]:
    """Give each draft its size, its one camera movement and its words."""
    shots: list[Shot] = []
    previous = ""
    for n, (draft, seconds) in enumerate(zip(drafts, durations, strict=True)):
        size = _size(draft, previous, n)
        camera = _camera(draft, order, n)
        shots.append(_shot(draft, order, number=n + 1, seconds=seconds, size=size, camera=camera))
        previous = size
    return shots


def _size(draft: Draft, previous: str, n: int) -> str:
    """The first size this draft likes that differs from the shot before."""
    sizes = (*draft.shot_types[:1], *draft.shot_types[n % len(draft.shot_types) :], *draft.shot_types)
    others = ("medium", "wide", "close-up")
    return next(size for size in (*sizes, *others) if size != previous)


def _patterned(drafts: list[Draft], pattern: Pattern) -> list[Draft]:
    """What happens stays; how it is seen goes step by step through the pattern."""
    steps = [pattern.step[n % len(pattern.step)] for n in range(len(drafts))]
    return [
        replace(draft, shot_types=(step.shot_type,), cameras=(step.camera,), frame=step.frame)
        for draft, step in zip(drafts, steps, strict=True)
    ]


def _camera(draft: Draft, order: _Order, n: int) -> str:
    by_tone = order.look.cameras and order.wishes.tone and not order.wishes.pattern
    cameras = order.look.cameras if by_tone else draft.cameras
    return cameras[(n + draft.offset) % len(cameras)]


def _shot(draft: Draft, order: _Order, *, number: int, seconds: int, size: str, camera: str) -> Shot:
    look = order.look
    own_light = "" if order.wishes.style or order.wishes.mood else draft.light
    time = draft.time_of_day or order.template.time_of_day
    frame = look.fragments(action=draft.action, camera=camera, shot_type=size, light=own_light, time=time)
    return Shot(
        shot_id=f"shot_{number:03}",
        shot_number=number,
        shot_type=size,
        enhanced_prompt=assemble(_with_draft(frame, draft)),
        negative_prompt=", ".join(dict.fromkeys(filter(None, (look.negative, *order.template.negative)))),
        duration=seconds,
        characters=list(draft.characters),
        landscapes=list(draft.places),
        styles=[order.style] if order.style else ["cinematic"],
        mood=order.mood,
        time_of_day=time,
        camera=camera,
        evidence=list(draft.evidence),
        title_card=clip(clean(draft.title_card), TITLE_CARD_CHARACTERS_MAX) or None,
        caption=short_caption(draft.caption),
    )


def _with_draft(frame: Fragments, draft: Draft) -> Fragments:
    return replace(frame, subject=draft.subject, setting=draft.setting, twist=draft.twist, frame=draft.frame)


def _title(profile: RepoProfile | None, story: Story | None, template: Template) -> str:
    if profile and not story and not template.is_told:
        return clip(f"{clean(profile.name) or 'The project'}, a {template.name.replace('-', ' ')}", 80)
    first = story.ideas[0].text if story else template.name.replace("-", " ")
    return capital(clip(first_words(first, 10), 80))
