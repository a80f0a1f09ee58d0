"""Which metaphors a repository earns, with the line that earned them.

A name matches a metaphor word by word. The score is how much the name matters to the repository
times how much of the name the metaphor explains; words that every program has count half. Each
metaphor is used once and each name is used once, best first.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tools.repo.profile import ConceptKind, Place, RepoProfile
from tools.shots import Evidence
from tools.story.library import Fallback, Metaphor
from tools.story.words import clean, split_name, stem

EVIDENCE_MAX = 2
NAME_CHARACTERS_MAX = 48
PLACES_ASIDE = re.compile(
    r"(?:^|/)(?:tests?|testing|docs?|examples?|samples?|benchmarks?|vendor|contrib|js_tests)/|(?:^|/)(?:test_|conftest)"
)
NOISE = frozenset({"error", "exception"})
BUILT_IN = frozenset(
    "Exception BaseException ValueError TypeError KeyError AttributeError IndexError RuntimeError AssertionError StopIteration OSError NotImplementedError ImportError LookupError SyntaxError UnicodeDecodeError UnicodeError RecursionError MemoryError".split()  # noqa: SIM905 -- a list of words reads better
)


@dataclass(frozen=True)
class Gag:
    """A metaphor with the real name it stands for. Without evidence it stands for the project as a whole."""

    metaphor: Metaphor
    name: str
    kind: Fallback
    evidence: tuple[Evidence, ...] = ()
    score: float = 0.0


@dataclass(frozen=True)
class _Named:
    kind: ConceptKind
    name: str
    weight: float
    evidence: tuple[Evidence, ...]


def find_gags(profile: RepoProfile, metaphors: tuple[Metaphor, ...], brief: str = "") -> tuple[Gag, ...]:
    """Every approved metaphor that this repository can carry, best first, fallbacks last.

    What a person thought of themselves comes before all of it.
    """
    approved = tuple(metaphor for metaphor in metaphors if metaphor.approved)
    named = tuple(_names(profile))
    wanted = frozenset(word for part in clean(brief).split() for word in split_name(part)) - {"a", "the"}
    found = _best(_matches(named, approved, wanted, _theme_words(profile)))
    gags = (*found, *_fallbacks(profile, approved, named, found))
    return tuple(sorted(gags, key=lambda gag: not gag.metaphor.own))


def _names(profile: RepoProfile) -> Iterator[_Named]:
    """The profile's names with their weights; an error is worth more when it is the project's own."""
    own = {concept.name for concept in profile.concepts if concept.kind in {"class", "error"}}
    for concept in profile.concepts:
        if concept.kind != "error" or concept.name not in {use.name for use in profile.errors}:
            place = Place(concept.path, concept.line)
            yield _Named(concept.kind, concept.name, concept.weight * _aside(place), (_evidence(place),))
    most = max((use.raised + use.caught for use in profile.errors), default=0)
    for use in profile.errors:
        if use.evidence:
            share = math.log1p(use.raised + use.caught) / math.log1p(max(most, 1))
            factor = 1.0 if use.name in own else 0.6 if use.name in BUILT_IN else 0.8
            places = sorted(use.evidence, key=lambda place: -_aside(place))[:EVIDENCE_MAX]
            weight = (0.5 + 0.5 * share) * factor * _aside(places[0])
            yield _Named("error", use.name, weight, tuple(_evidence(place) for place in places))


def _matches(
    named: Iterable[_Named], metaphors: tuple[Metaphor, ...], wanted: frozenset[str], themes: frozenset[str]
) -> Iterator[Gag]:
    index = _index(metaphors)
    for one in named:
        words = split_name(one.name)
        spoken = max(1, len([word for word in words if word not in NOISE]))
        for start, word in enumerate(words):
            for term, metaphor in index.get(word, ()):
                if words[start : start + len(term)] == term and _allowed(metaphor, one.kind):
                    asked = bool(wanted & set(term)) or (bool(words) and set(words) <= wanted)
                    score = _score(one, metaphor, term, spoken, asked=asked, theme=bool(themes & set(term)))
                    yield Gag(metaphor, _shown(one.name), one.kind, one.evidence, score)


def _score(
    one: _Named, metaphor: Metaphor, term: tuple[str, ...], spoken: int, *, asked: bool, theme: bool
) -> float:
    meaning = len([word for word in term if word not in NOISE]) or 0.5
    specific = 0.25 + 0.75 * min(1.0, meaning / spoken)
    rich = 1.0 + 0.2 * min(2, len(term) - 1)  # two words that fit say more than one
    said = 20.0 if metaphor.own else 4.0 if asked else 1.2 if theme else 1.0
    private = 0.6 if one.name.startswith("_") else 0.3 if one.name.lower().startswith("test") else 1.0
    return max(one.weight, 0.05) * specific * rich * said * private * (0.5 if metaphor.common else 1.0)


def _best(gags: Iterable[Gag]) -> tuple[Gag, ...]:
    """Greedily: each metaphor once, each name once; names that say the same again wait until the end."""
    chosen: list[Gag] = []
    ranked = sorted(gags, key=lambda gag: (-gag.score, gag.name, gag.metaphor.id))
    for closely in (True, False):
        metaphors = {gag.metaphor.id for gag in chosen}
        names = [gag.name for gag in chosen]
        for gag in ranked:
            taken = any(_akin(gag.name, name) for name in names) if closely else gag.name in names
            if gag.metaphor.id not in metaphors and not taken:
                chosen.append(gag)
                metaphors.add(gag.metaphor.id)
                names.append(gag.name)
    return tuple(chosen)


def _akin(one: str, other: str) -> bool:
    """`URL` and `InvalidURL`: the one says nothing that the other does not."""
    ours, theirs = set(split_name(one)) - NOISE - {"base"}, set(split_name(other)) - NOISE - {"base"}
    return ours <= theirs or theirs <= ours


def _fallbacks(
    profile: RepoProfile, metaphors: tuple[Metaphor, ...], named: tuple[_Named, ...], found: tuple[Gag, ...]
) -> Iterator[Gag]:
    """Metaphors that may stand for any name of a kind, and in the end for the project itself."""
    used_names, used = {gag.name for gag in found}, {gag.metaphor.id for gag in found}
    left = sorted(named, key=lambda one: (-one.weight, one.name))
    for metaphor in metaphors:
        if metaphor.id in used or not metaphor.fallback:
            continue
        one = next(
            (one for one in left if one.kind in metaphor.fallback and _shown(one.name) not in used_names),
            None,
        )
        if one:
            used_names.add(_shown(one.name))
            yield Gag(metaphor, _shown(one.name), one.kind, one.evidence, one.weight * 0.1)
        elif "project" in metaphor.fallback:
            yield Gag(metaphor, _shown(profile.name) or "the project", "project")


def _index(metaphors: tuple[Metaphor, ...]) -> dict[str, list[tuple[tuple[str, ...], Metaphor]]]:
    """Terms by their first word, so that a thousand names cost a thousand look-ups."""
    index: dict[str, list[tuple[tuple[str, ...], Metaphor]]] = {}
    for metaphor in metaphors:
        for text in metaphor.terms:
            term = tuple(stem(word) for word in text.split())
            index.setdefault(term[0], []).append((term, metaphor))
    return index


def _allowed(metaphor: Metaphor, kind: ConceptKind) -> bool:
    return not metaphor.kinds or kind in metaphor.kinds


def _theme_words(profile: RepoProfile) -> frozenset[str]:
    return frozenset(word for theme in profile.themes for word in split_name(theme))


def _aside(place: Place) -> float:
    """What stands in tests and examples says less about the project."""
    return 0.3 if PLACES_ASIDE.search(place.path) else 1.0


def _evidence(place: Place) -> Evidence:
    return Evidence(path=place.path, line=place.line)


def _shown(name: str) -> str:
    """The name as it is written in the code; only a monster is shortened."""
    name = clean(name)
    return name if len(name) <= NAME_CHARACTERS_MAX else name[: NAME_CHARACTERS_MAX - 1] + "…"
