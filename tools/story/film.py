"""The drafts of a film about a repository: an opening, gags that the code has earned, an end."""

import re
import zlib
from dataclasses import replace

from tools.repo.profile import RepoProfile
from tools.story.drafts import Draft, apportion
from tools.story.library import Beat, Library, Line, Template
from tools.story.match import Gag, find_gags
from tools.story.words import SENTENCE_END, capital, clean, clip, finish

PLACES = ("kitchen", "parlour", "hallway", "stairs", "shop", "street", "office", "station", "theatre")
PURPOSE_CHARACTERS_MAX = 90


def draft_film(
    profile: RepoProfile, template: Template, books: Library, shots: int, brief: str
) -> list[Draft]:
    """As many drafts as shots, beat by beat. The project's name decides which hero, which morning, which end."""
    gags = list(find_gags(profile, books.metaphors, brief))
    hero = template.heroes[_turn(profile, "hero", len(template.heroes))]
    counts = apportion(shots, [beat.share for beat in template.beat])
    chosen = _choose(template, counts, gags)
    drafts: list[Draft] = []
    for beat, count, picked in zip(template.beat, counts, chosen, strict=True):
        made = [_gag_draft(gag, beat, hero) for gag in picked]
        made += _line_drafts(profile, beat, books.interludes, count - len(made), hero=hero, at=len(drafts))
        drafts += _weighed(made, beat.share)
    return drafts


def _choose(template: Template, counts: list[int], gags: list[Gag]) -> list[list[Gag]]:
    """The best gags for each beat that wants some, those of the wanted kinds first, walked in the order of the house."""
    left = list(gags)
    chosen: list[list[Gag]] = []
    for beat, count in zip(template.beat, counts, strict=True):
        if beat.role != "gag":
            chosen.append([])
            continue
        wanted = [gag for gag in left if not beat.kinds or gag.kind in beat.kinds]
        picked = (wanted + [gag for gag in left if gag not in wanted])[:count]
        left = [gag for gag in left if gag not in picked]
        chosen.append(sorted(picked, key=_walk))
    return chosen


def _walk(gag: Gag) -> tuple[int, float]:
    place = gag.metaphor.place
    return (PLACES.index(place) if place in PLACES else len(PLACES), -gag.score)


def _gag_draft(gag: Gag, beat: Beat, hero: str) -> Draft:
    metaphor = gag.metaphor
    liked = (metaphor.shot_type,) if metaphor.shot_type else ()
    return Draft(
        subject=metaphor.subject or hero,
        action=metaphor.action,
        setting=metaphor.setting,
        twist=metaphor.twist,
        light=metaphor.light,
        shot_types=(*liked, *beat.shot_types),
        cameras=beat.cameras,
        caption=_filled(metaphor.caption or metaphor.title_card, name=gag.name),
        title_card=_filled(metaphor.title_card, name=gag.name),
        weight=metaphor.seconds,
        characters=(_bare(metaphor.subject or hero),),
        places=(metaphor.place,),
        evidence=gag.evidence,
    )


def _line_drafts(
    profile: RepoProfile, beat: Beat, interludes: tuple[Line, ...], count: int, *, hero: str, at: int
) -> list[Draft]:
    """The beat's own line, then pauses: the cat, the kettle, the clock."""
    made: list[Draft] = []
    for n in range(count):
        own = beat.line and n == 0
        turn = _turn(profile, beat.role, len(beat.line) if own else len(interludes))
        line = beat.line[turn] if own else interludes[(turn + at + n) % len(interludes)]
        sizes = beat.shot_types if own else (*beat.shot_types, "wide", "insert", "medium")
        made.append(line_draft(line, profile, hero, sizes, beat.cameras))
    return made


def line_draft(
    line: Line, profile: RepoProfile, hero: str, sizes: tuple[str, ...], cameras: tuple[str, ...]
) -> Draft:
    """A fixed picture of a template, with the project's name and purpose in it."""
    facts = {
        "project": clip(clean(profile.name), 40) or "the project",
        "purpose": _purpose(profile),
    }
    return Draft(
        subject=line.subject or hero,
        action=line.action,
        setting=line.setting,
        product=line.product,
        twist=line.twist,
        light=line.light,
        shot_types=sizes,
        cameras=cameras,
        caption=_filled(line.caption, **facts),
        title_card=_filled(line.title_card or "", **facts),
        characters=(_bare(line.subject or hero),),
        places=(line.place,) if line.place else (),
    )


def _weighed(drafts: list[Draft], share: float) -> list[Draft]:
    """Divide the beat's share of the time by how long each gag needs."""
    total = sum(draft.weight for draft in drafts)
    return [replace(draft, weight=share * draft.weight / total) for draft in drafts]


def _turn(profile: RepoProfile, salt: str, choices: int) -> int:
    """A choice that is always the same for one project and differs between projects."""
    return zlib.crc32(f"{salt}:{profile.name}:{profile.purpose}".encode("utf-8", "replace")) % choices


def _purpose(profile: RepoProfile) -> str:
    """The first sentence of what the project says of itself, without its name before it again."""
    words = SENTENCE_END.split(clean(profile.purpose))[0].strip()
    name = clean(profile.name)
    again = re.match(rf"{re.escape(name)}\s+(?:is|are)\s+", words, re.IGNORECASE)
    told = words[again.end() :] if again else words
    return finish(clip(capital(told), PURPOSE_CHARACTERS_MAX))


def _filled(text: str, **facts: str) -> str:
    for key, fact in facts.items():
        text = text.replace("{" + key + "}", fact)
    return text.strip()


def _bare(hero: str) -> str:
    return hero.removeprefix("a ").removeprefix("an ").removeprefix("the ")
