"""What a repository is about, in a handful of words taken from its own names."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import sqrt

from tools.repo.places import LOOSE
from tools.repo.rank import SourceFile
from tools.repo.secrets import blank_strictly

THEMES_MAX = 8
WORD_CHARACTERS_MIN = 3
WORD_CHARACTERS_MAX = 24

_SAID_SO = 3.0  # a word of the README or the manifest counts this much more

_SUSPECT = re.compile(r"(?=\D*\d).{12,}", re.DOTALL)  # every key has a digit, and few names that long do
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Words of the trade, which every repository uses.
_TRADE_WORDS = """
about abstract adapter add additional all and any api app application args async backend base basic build
builtin call cls code common compat conf config const constant context contrib core create custom data def
default development dynamic error exception extra factory file for frame framework from function general
generic get global handler has helper impl index info init inner interface internal internet into item kind
lib library list load local main make manager meta method mixin mode module more name new node none not
object operation option other package parse parser private process project property proxy public python read
reader registry result run sansio self service set setup shared simple software source src standard static
status str string sub support system task test text the tool top type typing use user util utility value
version view with wrapper write writer
"""
_TRADE = frozenset(_TRADE_WORDS.split())


def themes(files: Sequence[SourceFile], readme: str, keywords: Iterable[str], name: str) -> tuple[str, ...]:
    """Words of module and class names, those that README and manifest use as well before the others."""
    scores: defaultdict[str, float] = defaultdict(float)
    spelled: defaultdict[str, int] = defaultdict(int)
    for word, score in _named(files):
        scores[_stem(word)] += score
        spelled[word] += round(10 * score)
    topics = {word for keyword in keywords if _innocent(keyword) for word in _words(keyword)}
    for word in topics:  # a project without code of ours to read still has these
        scores[_stem(word)] += 1
        spelled[word] += 1
    for stem in {_stem(word) for word in (*_words(readme), *topics)} & scores.keys():
        scores[stem] *= _SAID_SO
    for word in [*_words(name), *_TRADE]:
        scores.pop(_stem(word), None)
    ranked = sorted(scores, key=lambda stem: (-scores[stem], stem))
    words = sorted(spelled, key=lambda word: -spelled[word])
    return tuple(next(word for word in words if _stem(word) == stem) for stem in ranked[:THEMES_MAX])


def _named(files: Sequence[SourceFile]) -> Iterator[tuple[str, float]]:
    for file in files:
        if file.prominence < LOOSE:
            continue
        weight = sqrt(len(file.module.definitions))
        if _innocent(file.path):
            for word in _words(file.path.rpartition(".")[0]):
                yield word, weight
        for one in file.module.definitions:
            if one.kind == "class" and not one.owner and _innocent(one.name):
                for word in _words(one.name):
                    yield word, 0.3


def _innocent(text: str) -> bool:
    """Whether its words may be told: a key is not hidden by being taken apart."""
    return not _SUSPECT.match(text) or blank_strictly(text)[1] == 0


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if WORD_CHARACTERS_MIN <= len(word) <= WORD_CHARACTERS_MAX:
            yield word.lower()


def _stem(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
