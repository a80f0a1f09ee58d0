"""How common a concept is among repositories: a rare one says more about the one that has it.

The table is counted, not judged; `benchmarks/concepts.py` says over what, and counts anew.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import log1p
from pathlib import Path

from tools.story.words import split_name

Term = tuple[str, ...]
TABLE = Path(__file__).parent / "rarity.toml"


@dataclass(frozen=True)
class Rarity:
    """In how many of so many packages a term names a class or an error."""

    packages: int
    seen: Mapping[Term, int]

    def of(self, term: Term) -> float:
        """1 for what none of them has, 0 for what all have."""
        return 1 - log1p(self.seen.get(term, 0)) / log1p(self.packages)


def as_term(text: str) -> Term:
    return tuple(word for part in text.split() for word in split_name(part))


@cache
def rarity() -> Rarity:
    table = tomllib.loads(TABLE.read_text("utf-8"))
    return Rarity(table["packages"], {as_term(term): count for term, count in table["seen"].items()})
