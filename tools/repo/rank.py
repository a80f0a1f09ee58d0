"""Which names make a repository itself: pure counting over what was read."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import log1p

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
_ERROR = re.compile(r"(?:Error|Exception|Warning|Exit|Interrupt)$")
_IDENTIFIER = re.compile(rb"\b[A-Z]\w{2,}")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that parsed, and how much its place says about the repository."""

    path: str
    prominence: float
    module: Module


@dataclass(slots=True)
class Mentions:
    """How widely a name is used: written in the package's text, imported, taken as a base class.

    Imports and base classes count by the place of the file: a framework is subclassed in its own
    tests a thousand times over, which says more about the tests.
    """

    written: Counter[str] = field(default_factory=Counter[str])
    imported: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    subclassed: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    defined: Counter[str] = field(default_factory=Counter[str])
    exported: set[str] = field(default_factory=set[str])
    readme: frozenset[str] = frozenset()

    def add(self, file: SourceFile, source: bytes) -> None:
        module = file.module
        for name in module.imported:
            self.imported[name] += file.prominence**2
        for base in {base for one in module.definitions for base in one.bases}:
            self.subclassed[base] += file.prominence**2
        if file.prominence < LOOSE:
            return
        self.written.update({name.decode() for name in _IDENTIFIER.findall(source)})
        self.defined.update({one.name for one in module.definitions})
        self.exported.update(module.exported)
        if file.path.endswith("__init__.py"):
            self.exported.update(module.imported)


def concepts(files: Sequence[SourceFile], mentions: Mentions) -> tuple[Concept, ...]:
    """The most telling definitions, one for each name, heaviest first."""
    own = [file for file in files if file.prominence >= LOOSE]
    best = _best(own, mentions)
    if len(best) < CONCEPTS_MAX:
        best = _best(files, mentions)
    ranked = _spread(sorted(best.values(), key=_heaviest_first))[:CONCEPTS_MAX]
    return tuple(replace(one, weight=round(one.weight / ranked[0].weight, 3)) for one in ranked)


def _best(files: Sequence[SourceFile], mentions: Mentions) -> dict[str, Concept]:
    """For each name the definition that weighs most."""
    best: dict[str, Concept] = {}
    for file in files:
        for one in file.module.definitions:
            weight = file.prominence * _score(one, mentions)
            rival = best.get(one.name)
            if len(one.name) <= NAME_CHARACTERS_MAX and (rival is None or weight > rival.weight):
                best[one.name] = Concept(_kind(one), one.name, file.path, one.line, weight)
    return best


def _spread(ranked: Sequence[Concept]) -> list[Concept]:
    """Let other files speak: each further concept of the same file weighs a little less."""
    seen: Counter[str] = Counter()
    spread: list[Concept] = []
    for one in ranked:
        spread.append(replace(one, weight=one.weight * SAME_FILE ** seen[one.path]))
        seen[one.path] += 1
    return sorted(spread, key=_heaviest_first)


def _heaviest_first(one: Concept) -> tuple[float, str]:
    return -one.weight, one.name


def _kind(one: Definition) -> ConceptKind:
    if one.kind == "class" and (_ERROR.search(one.name) or any(map(_ERROR.search, one.bases))):
        return "error"
    return one.kind


def _score(one: Definition, mentions: Mentions) -> float:
    name = one.name
    score = 1.0 + 0.6 * log1p(one.lines)
    score += log1p(mentions.imported.get(name, 0.0))
    if one.kind == "class":
        score += log1p(mentions.written[name] / max(1, mentions.defined[name])) + log1p(
            mentions.subclassed.get(name, 0.0)
        )
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
        for tally, uses in ((raised, file.module.raised), (caught, file.module.caught)):
            for name, line in uses:
                tally[name] += 1
                weights[name] += round(100 * file.prominence)
                places.setdefault(name, []).append(Place(file.path, line))
    defined = {one.name for file in files for one in file.module.definitions if one.kind == "class"}
    names = [name for name in weights if name in defined or _looks_like_a_type(name)]
    names.sort(key=lambda name: (name not in TELLING, -weights[name], name))
    kept = sorted(names[:ERRORS_MAX], key=lambda name: (-weights[name], name))
    return tuple(
        ErrorUse(name, raised[name], caught[name], tuple(places[name][:EVIDENCE_MAX])) for name in kept
    )


def _looks_like_a_type(name: str) -> bool:
    """`raise error` and `except RETRIED` name a variable and a tuple, not a type."""
    letters = name.lstrip("_")
    return letters[:1].isupper() and not letters.isupper() and len(name) <= NAME_CHARACTERS_MAX
