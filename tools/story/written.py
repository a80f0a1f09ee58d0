"""Shots that somebody else drafted, held against the order that they were drafted to.

Nothing is repaired here: each fault names its shot and says what should be there, for whoever wrote it.
"""

import re
from collections.abc import Iterator, Sequence

from tools.errors import Invalid
from tools.repo.profile import RepoProfile
from tools.shots import SHOTS_MAX, Evidence
from tools.story.brief import DETERMINER
from tools.story.checks import CUT, check
from tools.story.drafts import Draft
from tools.story.order import Order
from tools.story.planner import shoot
from tools.story.words import LETTER, clean, count, first_words, is_spaced

EVIDENCE_MAX = 2
NAME_CHARACTERS_MAX = 80
MOVES = re.compile(
    r"\b(?:the camera|camera (?:moves|pans|zooms|follows)|zoom(?:s|ing)? (?:in|out)|doll(?:y|ies) (?:in|out)"
    r"|tracking shot|push(?:es|ing)?[- ]in|pan(?:s|ning)? (?:left|right|across|over|up|down))\b",
    re.IGNORECASE,
)
CODE_NAME = re.compile(r"\b(?:[A-Za-z]\w*(?:Error|Exception)|[A-Za-z]\w*_\w+)\b")
SCRIPTS = {
    "Latin": re.compile(r"[A-Za-z\u00c0-\u024f]"),
    "Greek": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
    "Cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "Hebrew": re.compile(r"[\u0590-\u05ff]"),
    "Arabic": re.compile(r"[\u0600-\u06ff]"),
    "Devanagari": re.compile(r"[\u0900-\u097f]"),
    "Thai": re.compile(r"[\u0e00-\u0e7f]"),
    "Hangul": re.compile(r"[\uac00-\ud7af]"),
    "Chinese or Japanese": re.compile(r"[\u3040-\u30ff\u3400-\u9fff]"),
}


def known(profile: RepoProfile) -> dict[str, tuple[Evidence, ...]]:
    """The names of a repository that a shot may be about, and where each of them stands: heaviest first."""
    errors = {
        use.name: tuple(Evidence(path=at.path, line=at.line) for at in use.evidence[:EVIDENCE_MAX])
        for use in profile.errors
        if use.evidence
    }
    concepts = sorted(profile.concepts, key=lambda each: -each.weight)
    places = {each.name: (Evidence(path=each.path, line=each.line),) for each in reversed(concepts)}
    names = dict.fromkeys([*(each.name for each in concepts), *errors])
    found = {clean(name): places.get(name) or errors[name] for name in names}
    return {name: at for name, at in found.items() if name and len(name) <= NAME_CHARACTERS_MAX}


def bare(who: str) -> str:
    """ "A lighthouse keeper" is known as "lighthouse keeper"."""
    return re.sub(rf"^{DETERMINER}\s+", "", first_words(clean(who), 10), flags=re.IGNORECASE)


def script_of(text: str) -> str:
    """What most of its letters are written in; empty where nobody can tell."""
    counts = {name: len(letters.findall(text)) for name, letters in SCRIPTS.items()}
    name = max(counts, key=lambda each: counts[each])
    return name if counts[name] else ""


def faults(ordered: Order, drafts: Sequence[Draft]) -> list[str]:
    """All that is wrong with these drafts; none, and they can be shot."""
    said = [*_counted(ordered, drafts), *_in_scenes(ordered, drafts), *_founded(ordered, drafts)]
    for n, draft in enumerate(drafts, 1):
        said += [f"shot {n}, {fault}" for fault in _alone(draft, ordered)]
    return said or _of_film(ordered, drafts)


def _counted(ordered: Order, drafts: Sequence[Draft]) -> Iterator[str]:
    wanted = ordered.wishes.shots
    if wanted is not None and len(drafts) != wanted:
        yield f"shots: there are {len(drafts)}, and exactly {wanted} are wanted"
    if not 1 <= len(drafts) <= SHOTS_MAX:
        yield f"shots: a film has 1 to {SHOTS_MAX}"


def _in_scenes(ordered: Order, drafts: Sequence[Draft]) -> Iterator[str]:
    if not ordered.in_scenes:
        return
    numbers = [draft.scene for draft in drafts]
    if numbers != sorted(numbers) or set(numbers) != set(range(1, len(ordered.scenes) + 1)):
        yield f"scene: every scene from 1 to {len(ordered.scenes)} has its shots, one after another"


def _founded(ordered: Order, drafts: Sequence[Draft]) -> Iterator[str]:
    """A film about code shows what is in it."""
    if ordered.profile is None or ordered.scenes:
        return
    needed = min(len(known(ordered.profile)), len(drafts) // 2)
    found = sum(bool(draft.evidence) for draft in drafts)
    if found < needed:
        yield f"concept: {found} of {len(drafts)} shots are about a name from the code; at least {needed} are wanted"


def _alone(draft: Draft, ordered: Order) -> Iterator[str]:
    told = f"{draft.subject} {draft.action} {draft.setting} {draft.twist}"
    if not LETTER.search(draft.action) or (is_spaced(told) and count(f"{draft.subject} {draft.action}") < 3):
        yield "action: say what happens, in 3 to 14 words"
    if MOVES.search(told):
        yield "action: it moves the camera; what the camera does is said in camera, once"
    if CUT.search(told):
        yield "action: there is no cut inside a shot"
    spoken, wanted = script_of(draft.caption), script_of(ordered.text)
    if wanted and spoken != wanted:
        yield f"caption: write it in the language of the brief, which is in {wanted} letters"
    for name in _invented(draft.caption, ordered.profile):
        yield f"caption: nothing in the code is called {name}"


def _invented(caption: str, profile: RepoProfile | None) -> list[str]:
    """Names that look like code and are not in this one."""
    if profile is None:
        return []
    there = {profile.name, *known(profile)}
    return [name for name in CODE_NAME.findall(caption) if name not in there]


def _of_film(ordered: Order, drafts: Sequence[Draft]) -> list[str]:
    """What can only be seen once it is shot."""
    try:
        film = shoot(ordered, drafts)
    except Invalid as error:
        return [f"{error.what}: {error.why}"]
    return [str(each) for each in check(film, ordered.offered)]
