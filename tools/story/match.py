"""Which metaphors a repository earns, with the line that earned them.

A name matches a metaphor word by word. The score is how much the name matters to this repository,
times how much of the name the metaphor explains, times how rare its concept is among repositories;
other names that say the same make it stronger. A word that means several things counts only where
the repository says which. Each metaphor is used once and each name is used once, best first.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tools.repo.profile import ConceptKind, Place, RepoProfile
from tools.shots import Evidence
from tools.story.library import Fallback, Metaphor
from tools.story.rarity import Term, as_term, rarity
from tools.story.words import clean, split_name

EVIDENCE_MAX = 2
NAME_CHARACTERS_MAX = 48
PLACES_ASIDE = re.compile(
    r"(?:^|/)(?:tests?|testing|docs?|examples?|samples?|benchmarks?|vendor|contrib|js_tests)/|(?:^|/)(?:test_|conftest)"
)
NOISE = frozenset({"error", "exception"})
BUILT_IN = frozenset(
    "Exception BaseException ValueError TypeError KeyError AttributeError IndexError RuntimeError AssertionError StopIteration OSError NotImplementedError ImportError LookupError SyntaxError UnicodeDecodeError UnicodeError RecursionError MemoryError".split()  # noqa: SIM905 -- a list of words reads better
)
SHELLS = NOISE | {"base", "mixin", "abstract", "interface", "impl"}  # what stands around the word that counts
HEAD_MISSED = {"error": 0.5, "class": 0.8}  # of `TemplateSyntaxError` only the syntax is at fault
COMMON = 0.25  # what a concept counts that every package has
BACKERS_MAX = 3


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


@dataclass(frozen=True)
class _Meaning:
    """What a term stands for, how rare that is, and the words that it needs beside it where it has other meanings."""

    term: Term
    metaphor: Metaphor
    rare: float
    beside: tuple[Term, ...] = ()


@dataclass(frozen=True)
class _Context:
    """Words around the names: what the brief asks for, what the repository is about, all that is said in it."""

    asked: frozenset[str]
    themes: frozenset[str]
    said: frozenset[str]


def find_gags(profile: RepoProfile, metaphors: tuple[Metaphor, ...], brief: str = "") -> tuple[Gag, ...]:
    """Every approved metaphor that this repository can carry, best first, fallbacks last.

    What a person thought of themselves comes before all of it.
    """
    approved = tuple(metaphor for metaphor in metaphors if metaphor.approved)
    named = tuple(_names(profile))
    found = _best(_backed(_matches(named, approved, _context(profile, named, brief))))
    last = sorted(_fallbacks(profile, approved, named, found), key=lambda gag: not gag.evidence)
    return tuple(sorted((*found, *last), key=lambda gag: not gag.metaphor.own))


def _context(profile: RepoProfile, named: Iterable[_Named], brief: str) -> _Context:
    themes = frozenset(word for theme in profile.themes for word in split_name(theme))
    asked = frozenset(as_term(clean(brief))) - {"a", "the"}
    said = frozenset(word for one in named for word in split_name(one.name))
    return _Context(asked, themes, said | themes | asked | frozenset(as_term(profile.purpose)))


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


def _matches(named: Iterable[_Named], metaphors: tuple[Metaphor, ...], context: _Context) -> Iterator[Gag]:
    index = _index(metaphors)
    for one in named:
        words = split_name(one.name)
        for start, meaning in _longest(list(_meant(one, words, index, context))):
            factor = 4.0 if _is_asked(words, meaning.term, context) else 1.0
            score = factor * _score(one, words, start, meaning, context)
            yield Gag(meaning.metaphor, _shown(one.name), one.kind, one.evidence, score)


def _meant(
    one: _Named, words: Term, index: Mapping[str, list[_Meaning]], context: _Context
) -> Iterator[tuple[int, _Meaning]]:
    """Where the name says a term in the sense of its metaphor."""
    for start, word in enumerate(words):
        for meaning in index.get(word, ()):
            said = words[start : start + len(meaning.term)] == meaning.term
            if said and _allowed(meaning.metaphor, one.kind):
                certain = not meaning.beside or any(set(each) <= context.said for each in meaning.beside)
                if certain or _is_asked(words, meaning.term, context):
                    yield start, meaning


def _longest(found: list[tuple[int, _Meaning]]) -> Iterator[tuple[int, _Meaning]]:
    """`TemplateSyntaxError` says "syntax error", and no longer "error"."""
    spans = [(start, start + len(meaning.term)) for start, meaning in found]
    for (start, end), one in zip(spans, found, strict=True):
        inside = any(a <= start and end <= b and b - a > end - start for a, b in spans)
        if one[1].metaphor.own or not inside:
            yield one


def _is_asked(words: Term, term: Term, context: _Context) -> bool:
    return bool(context.asked & set(term)) or (bool(words) and set(words) <= context.asked)


def _score(one: _Named, words: Term, start: int, meaning: _Meaning, context: _Context) -> float:
    term = meaning.term
    spoken = max(1, len([word for word in words if word not in NOISE]))
    told = len([word for word in term if word not in NOISE])
    specific = 0.25 + 0.75 * min(1.0, (told or 0.5) / spoken)
    rich = 1.0 + 0.2 * max(0, min(2, told - 1))  # two words that fit say more than one
    said = 20.0 if meaning.metaphor.own else 1.2 if context.themes & set(term) else 1.0
    private = 0.6 if one.name.startswith("_") else 0.3 if one.name.lower().startswith("test") else 1.0
    head = 1.0 if set(words[start + len(term) :]) <= SHELLS else HEAD_MISSED.get(one.kind, 1.0)
    rare = COMMON + (1 - COMMON) * meaning.rare
    return max(one.weight, 0.05) * specific * rich * said * private * head * rare


def _backed(gags: Iterable[Gag]) -> Iterator[Gag]:
    """A concept that several names speak of is the stronger for it."""
    made = tuple(gags)
    names: dict[str, set[str]] = {}
    for gag in made:
        names.setdefault(gag.metaphor.id, set()).add(gag.name)
    for gag in made:
        others = min(BACKERS_MAX, len(names[gag.metaphor.id]) - 1)
        yield replace(gag, score=gag.score * (1 + 0.15 * others))


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


def _index(metaphors: tuple[Metaphor, ...]) -> dict[str, list[_Meaning]]:
    """Meanings by their first word, so that a thousand names cost a thousand look-ups."""
    index: dict[str, list[_Meaning]] = {}
    for metaphor in metaphors:
        terms = {text: as_term(text) for text in metaphor.terms}
        single = {term for term in terms.values() if len(term) == 1}
        for text, term in terms.items():
            beside = tuple(as_term(word) for word in metaphor.beside.get(text, ()))
            meaning = _Meaning(term, metaphor, _rare(term, single), beside)
            index.setdefault(term[0], []).append(meaning)
    return index


def _rare(term: Term, single: set[Term]) -> float:
    """`http request` is as rare as it is, and half as common as any request."""
    own = rarity().of(term)
    return (own + min((rarity().of((word,)) for word in term if (word,) in single), default=own)) / 2


def _allowed(metaphor: Metaphor, kind: ConceptKind) -> bool:
    return not metaphor.kinds or kind in metaphor.kinds


def _aside(place: Place) -> float:
    """What stands in tests and examples says less about the project."""
    return 0.3 if PLACES_ASIDE.search(place.path) else 1.0


def _evidence(place: Place) -> Evidence:
    return Evidence(path=place.path, line=place.line)


def _shown(name: str) -> str:
    """The name as it is written in the code; only a monster is shortened."""
    name = clean(name)
    return name if len(name) <= NAME_CHARACTERS_MAX else name[: NAME_CHARACTERS_MAX - 1] + "…"
