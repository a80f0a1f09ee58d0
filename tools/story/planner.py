"""From wishes and, perhaps, a repository to a shot list: by rules, the same for the same input.

A film about a repository is a sequence of gags: each takes a real name from the code and plays
it out with props. A film of a brief looks at each idea as often as there is time. Whoever drafts
it, the shots are made here: one size, one camera movement, one wording, seconds that add up.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from tools.repo.profile import RepoProfile
from tools.shots import Sheet, Shot, ShotList
from tools.story.drafts import Draft
from tools.story.film import draft_film
from tools.story.letters import CARD_CHARACTERS_MAX
from tools.story.library import Library, Pattern
from tools.story.order import OFFERED, Order, no_story, order
from tools.story.prompts import Fragments, assemble
from tools.story.prompts import caption as short_caption
from tools.story.scene import draft_scene
from tools.story.scenes import draft_scenes, whole
from tools.story.sheets import names
from tools.story.timing import split
from tools.story.told import draft_told
from tools.story.wishes import Wishes
from tools.story.words import capital, clean, clip, first_words


def plan(
    wishes: Wishes,
    profile: RepoProfile | None,
    *,
    offered: tuple[int, ...] = OFFERED,
    books: Library | None = None,
) -> ShotList:
    """Plan a film; `offered` are the durations in seconds that the chosen video model can render."""
    return by_rules(order(wishes, profile, offered=offered, books=books))


def by_rules(ordered: Order) -> ShotList:
    """The film that the rules make of an order."""
    return shoot(ordered, _drafts(ordered))


def _drafts(ordered: Order) -> list[Draft]:
    books, shots = ordered.books, ordered.shots
    if ordered.template.is_told:
        drafts = draft_told(ordered.template, ordered.values, shots)
    elif ordered.in_scenes:
        drafts = draft_scenes(ordered.scenes, ordered.spans, books.template("scene"), shots)
    elif ordered.scenes:
        drafts = draft_scene(whole(ordered.scenes), books.template("scene"), shots)
    elif ordered.profile:
        drafts = draft_film(ordered.profile, ordered.template, books, shots, clean(ordered.text))
    else:
        raise no_story()
    return [_as_wished(draft, ordered) for draft in drafts]


def _as_wished(draft: Draft, ordered: Order) -> Draft:
    """A look or a product that a person named comes before what the library would like."""
    wishes = ordered.wishes
    return replace(
        draft,
        cameras=(ordered.look.cameras if wishes.tone else ()) or draft.cameras,
        light="" if wishes.style or wishes.mood else draft.light,
        product=_used(ordered.values.get("product", "")) or draft.product,
    )


def _used(product: str) -> str:
    """A named product does what it does while something happens: "lights the way home" is no person's doing."""
    subject = "the product " if re.match(r"[a-z]+[^s\W]s\b", product) else ""
    return f"while {subject}{product}" if product else ""


def shoot(ordered: Order, drafts: Sequence[Draft], title: str = "") -> ShotList:
    """The film that these drafts make; `Invalid` if its seconds cannot be divided among them."""
    pattern = ordered.wishes.pattern
    patterned = _patterned(drafts, ordered.books.pattern(pattern)) if pattern else drafts
    return ShotList(
        title=title or _title(ordered),
        brief=ordered.wishes.brief,
        repo=ordered.profile.name if ordered.profile else None,
        template=ordered.template.name,
        style=ordered.style,
        mood=ordered.mood,
        tone=ordered.tone,
        aspect_ratio=ordered.wishes.aspect_ratio or "16:9",
        sheets=list(ordered.sheets),
        shots=_shots(patterned, _durations(drafts, ordered), ordered),
    )


def _durations(drafts: Sequence[Draft], ordered: Order) -> list[int]:
    """By weight; where a brief says how long each scene is, each on its own."""
    if not ordered.spans:
        return split(ordered.seconds, [draft.weight for draft in drafts], ordered.offered)
    weights = [
        [draft.weight for draft in drafts if draft.scene == n] for n in range(1, len(ordered.spans) + 1)
    ]
    spans = zip(ordered.spans, weights, strict=True)
    return [part for span, parts in spans for part in split(span, parts, ordered.offered)]


def _shots(drafts: Sequence[Draft], durations: Sequence[int], ordered: Order) -> list[Shot]:
    """Give each draft its size, its one camera movement and its words."""
    shots: list[Shot] = []
    previous = ""
    for n, (draft, seconds) in enumerate(zip(drafts, durations, strict=True)):
        size = _size(draft, previous, n)
        camera = draft.cameras[(n + draft.offset) % len(draft.cameras)]
        shot = _shot(draft, ordered, number=n + 1, seconds=seconds, size=size, camera=camera)
        shots.append(shot.model_copy(update={"scene": draft.scene}) if draft.scene else shot)
        previous = size
    return shots


def _size(draft: Draft, previous: str, n: int) -> str:
    """The first size this draft likes that differs from the shot before."""
    sizes = (*draft.shot_types[:1], *draft.shot_types[n % len(draft.shot_types) :], *draft.shot_types)
    others = ("medium", "wide", "close-up")
    return next(size for size in (*sizes, *others) if size != previous)


def _patterned(drafts: Sequence[Draft], pattern: Pattern) -> list[Draft]:
    """What happens stays; how it is seen goes step by step through the pattern."""
    steps = [pattern.step[n % len(pattern.step)] for n in range(len(drafts))]
    return [
        replace(draft, shot_types=(step.shot_type,), cameras=(step.camera,), frame=step.frame)
        for draft, step in zip(drafts, steps, strict=True)
    ]


def _shot(draft: Draft, ordered: Order, *, number: int, seconds: int, size: str, camera: str) -> Shot:
    look = ordered.look
    time = draft.time_of_day or ordered.template.time_of_day
    frame = look.fragments(action=draft.action, camera=camera, shot_type=size, light=draft.light, time=time)
    frame = replace(frame, sheets=ordered.sheets, where=_where(draft, ordered.sheets))
    return Shot(
        shot_id=f"shot_{number:03}",
        shot_number=number,
        shot_type=size,
        enhanced_prompt=assemble(with_draft(frame, draft)),
        negative_prompt=", ".join(dict.fromkeys(filter(None, (look.negative, *ordered.template.negative)))),
        duration=seconds,
        characters=list(draft.characters),
        landscapes=list(draft.places),
        styles=[ordered.style] if ordered.style else ["cinematic"],
        mood=ordered.mood,
        time_of_day=time,
        camera=camera,
        evidence=list(draft.evidence),
        title_card=clip(clean(draft.title_card), CARD_CHARACTERS_MAX) or None,
        caption=short_caption(draft.caption),
    )


def _where(draft: Draft, sheets: Sequence[Sheet]) -> str:
    """A place that was described and is nowhere named in the draft."""
    said = f"{draft.subject} {draft.action} {draft.setting}"
    unsaid = (each for each in sheets if each.kind == "place" and not names(said, each, draft.characters))
    here = [place.casefold() for place in draft.places]
    return next((f"in the {each.name}" for each in unsaid if each.name.casefold() in here), "")


def with_draft(frame: Fragments, draft: Draft) -> Fragments:
    """The look's fragments with what the draft says in them."""
    return replace(
        frame,
        subject=draft.subject,
        setting=draft.setting,
        product=draft.product,
        twist=draft.twist,
        frame=draft.frame,
        lens=draft.lens or frame.lens,
        others=draft.characters,
    )


def _title(ordered: Order) -> str:
    profile = ordered.profile
    if profile and not ordered.scenes and not ordered.template.is_told:
        return clip(
            f"{clean(profile.name) or 'The project'}, a {ordered.template.name.replace('-', ' ')}", 80
        )
    name = ordered.template.name.replace("-", " ")
    first = ordered.scenes[0].ideas[0].text if ordered.scenes else name
    return capital(clip(first_words(first, 10), 80))
