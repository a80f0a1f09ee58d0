"""Which names make a repository itself: pure counting over what was read."""

import re
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log1p
from typing import NamedTuple

from tools.repo.facts import Definition, Module
from tools.repo.places import LOOSE
from tools.repo.profile import Concept, ConceptKind, ErrorUse, Place

CONCEPTS_MAX = 40
ERRORS_MAX = 40
EVIDENCE_MAX = 5
SAME_FILE = 0.93
NAME_CHARACTERS_MAX = 80

# What is missing makes the best story, so these keep their place in the list however rare they are.
TELLING = frozenset({"FileNotFoundError", "ImportError", "ModuleNotFoundError"})

_KINDS: dict[ConceptKind, float] = {"class": 1.0, "function": 0.6, "error": 0.45, "method": 0.2}
_ERRORS = ("Error", "Exception", "Warning", "Exit", "Interrupt")
# A search for a set of signs is quicker than one for a word's edge, and a set that is spelled out than `\w`.
_IDENTIFIER = re.compile(rb"[A-Z](?<![A-Za-z0-9_][A-Z])[A-Za-z0-9_]{2,}+")


class SourceFile(NamedTuple):
    """A file that parsed, how much its place says about the repository, and the names written in it."""

    path: str
    prominence: float
    module: Module
    written: frozenset[bytes] = frozenset()


def names_written(source: bytes) -> frozenset[bytes]:
    """Whatever could be the name of a class."""
    return frozenset(_IDENTIFIER.findall(source))


@dataclass(frozen=True, slots=True)
class _Mentions:
    """How widely a name is used: in how many files it is written, imported, taken as a base class.

    Imports and base classes weigh by the place of the file: a framework is subclassed in its own tests
    a thousand times over, which says more about the tests.
    """

    written: Mapping[bytes, int]
    defined: Mapping[str, int]
    imported: Mapping[str, float]
    subclassed: Mapping[str, float]
    exported: frozenset[str]
    readme: frozenset[str]


def are_enough(files: Sequence[SourceFile]) -> bool:
    """Whether these name enough by themselves: then nobody asks what else is defined beside them."""
    names = {one.name for file in files for one in file.module.definitions}
    return sum(len(name) <= NAME_CHARACTERS_MAX for name in names) >= CONCEPTS_MAX


def concepts(files: Sequence[SourceFile], readme: str) -> tuple[Concept, ...]:
    """The most telling definitions, one for each name, heaviest first."""
    own = [file for file in files if file.prominence >= LOOSE]
    ranked = _spread(_best(own if are_enough(own) else files, _mentions(files, own, readme)))
    return tuple(
        Concept(_kind(one), one.name, file.path, one.line, round(weight / ranked[0].weight, 3))
        for weight, one, file in ranked
    )


def _mentions(files: Sequence[SourceFile], own: Sequence[SourceFile], readme: str) -> _Mentions:
    told = [file.module.exported for file in own]
    told += [file.module.imported for file in own if file.path.endswith("__init__.py")]
    return _Mentions(
        written=Counter(chain.from_iterable([file.written for file in own])),
        defined=Counter(chain.from_iterable([{one.name for one in file.module.definitions} for file in own])),
        imported=_weights((file.prominence, file.module.imported) for file in files),
        subclassed=_weights((file.prominence, _bases(file.module)) for file in files),
        exported=frozenset(chain.from_iterable(told)),
        readme=frozenset(re.findall(r"\w+", readme)),
    )


def _bases(module: Module) -> set[str]:
    return {base for one in module.definitions for base in one.bases}


def _weights(named: Iterable[tuple[float, Iterable[str]]]) -> Mapping[str, float]:
    by_place: defaultdict[float, list[str]] = defaultdict(list)
    for place, names in named:
        by_place[place] += names
    weights: defaultdict[str, float] = defaultdict(float)
    for place, names in by_place.items():
        for name, count in Counter(names).items():
            weights[name] += count * place**2
    return weights


class _Weighed(NamedTuple):
    weight: float
    one: Definition
    file: SourceFile


def _best(files: Sequence[SourceFile], mentions: _Mentions) -> list[_Weighed]:
    """For each name the definition that weighs most, heaviest first."""
    best: dict[str, _Weighed] = {}
    for file in files:
        for one in file.module.definitions:
            weight = file.prominence * _score(one, mentions)
            rival = best.get(one.name)
            if (rival is None or weight > rival.weight) and len(one.name) <= NAME_CHARACTERS_MAX:
                best[one.name] = _Weighed(weight, one, file)
    return sorted(best.values(), key=_heaviest_first)


def _spread(ranked: Sequence[_Weighed]) -> list[_Weighed]:
    """Let other files speak: each further concept of the same file weighs a little less."""
    seen: Counter[str] = Counter()
    spread: list[_Weighed] = []
    weights: list[float] = []  # of those in `spread`, the lightest first
    for weight, one, file in ranked:
        if len(weights) >= CONCEPTS_MAX and weight < weights[-CONCEPTS_MAX]:
            break  # the others weigh no more, and would only lose
        spread.append(_Weighed(weight * SAME_FILE ** seen[file.path], one, file))
        insort(weights, spread[-1].weight)
        seen[file.path] += 1
    return sorted(spread, key=_heaviest_first)[:CONCEPTS_MAX]


def _heaviest_first(weighed: _Weighed) -> tuple[float, str]:
    return -weighed.weight, weighed.one.name


def _kind(one: Definition) -> ConceptKind:
    if one.kind == "class" and any(name.endswith(_ERRORS) for name in (one.name, *one.bases)):
        return "error"
    return one.kind


def _score(one: Definition, mentions: _Mentions) -> float:
    name = one.name
    score = 1.0 + 0.6 * log1p(one.lines) + log1p(mentions.imported.get(name, 0.0))
    if one.kind == "class":
        written = mentions.written.get(name.encode(), 0) / max(1, mentions.defined.get(name, 0))
        score += log1p(written) + log1p(mentions.subclassed.get(name, 0.0))
    score += 2.0 * (name in mentions.exported) + 2.0 * (name in mentions.readme)
    if name.startswith("_"):
        score *= 0.3
    if one.owner:
        score *= 0.5
    return score * _KINDS[_kind(one)]


def errors(files: Sequence[SourceFile]) -> tuple[ErrorUse, ...]:
    """Exception types by use, the package's own first, with places that show it; files come foremost first."""
    raised: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    weights: Counter[str] = Counter()
    places: dict[str, list[Place]] = {}
    for file in files:
        weight = round(100 * file.prominence)
        for tally, uses in ((raised, file.module.raised), (caught, file.module.caught)):
            for name, line in uses:
                tally[name] += 1
                weights[name] += weight
                shown = places.setdefault(name, [])
                if len(shown) < EVIDENCE_MAX:
                    shown.append(Place(file.path, line))
    defined = {one.name for file in files for one in file.module.definitions if one.kind == "class"}
    names = [name for name in weights if name in defined or _looks_like_a_type(name)]
    names.sort(key=lambda name: (name not in TELLING, -weights[name], name))
    kept = sorted(names[:ERRORS_MAX], key=lambda name: (-weights[name], name))
    return tuple(ErrorUse(name, raised[name], caught[name], tuple(places[name])) for name in kept)


def _looks_like_a_type(name: str) -> bool:
    """`raise error` and `except RETRIED` name a variable and a tuple, not a type."""
    letters = name.lstrip("_")
    return letters[:1].isupper() and not letters.isupper() and len(name) <= NAME_CHARACTERS_MAX
