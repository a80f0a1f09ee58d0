"""What a reading of a repository leaves: facts with file and line, nothing else.

`to_json` gives the shape that `greenlight scan --json` prints and `POST /api/repos/scan` answers.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

ConceptKind = Literal["class", "function", "method", "error", "theme"]


@dataclass(frozen=True, slots=True)
class Place:
    """A line in a file of the repository: path from the root with `/`, line from 1."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Concept:
    """A named thing in the code, with how much it matters to this repository (0 to 1)."""

    kind: ConceptKind
    name: str
    path: str
    line: int
    weight: float


@dataclass(frozen=True, slots=True)
class ErrorUse:
    """An exception type by name: how often it is raised and caught, and where first."""

    name: str
    raised: int
    caught: int
    evidence: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    files: int = 0
    classes: int = 0
    functions: int = 0
    raises: int = 0
    excepts: int = 0


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """What can be started: by which name, and in which file it begins or is named."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Suite:
    """How many files of tests there are, and the folders that hold most of them."""

    files: int = 0
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One commit: its day, and the first line of what was said about it."""

    day: str
    subject: str


@dataclass(frozen=True, slots=True)
class RepoProfile:
    """A repository as the story department sees it.

    `partial` is None for a complete reading, else the reason in words why it stopped early.
    `languages` counts files by language. `redacted` counts secrets that were blanked. `licence` is an
    SPDX name, `dependencies` are names without versions, `history` is newest first and names nobody.
    """

    root: str
    name: str
    purpose: str
    languages: dict[str, int] = field(default_factory=dict[str, int])
    partial: str | None = None
    counts: Counts = Counts()
    concepts: tuple[Concept, ...] = ()
    errors: tuple[ErrorUse, ...] = ()
    themes: tuple[str, ...] = ()
    redacted: int = 0
    licence: str | None = None
    entry_points: tuple[EntryPoint, ...] = ()
    tests: Suite = Suite()
    dependencies: tuple[str, ...] = ()
    history: tuple[Change, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def read_profile(kept: Mapping[str, Any]) -> RepoProfile:
    """What `to_json` gave; `KeyError` or `TypeError` where it did not."""
    read: dict[str, Any] = {
        "counts": Counts(**kept["counts"]),
        "concepts": tuple(Concept(**one) for one in kept["concepts"]),
        "errors": tuple(
            ErrorUse(**one | {"evidence": tuple(Place(**place) for place in one["evidence"])})
            for one in kept["errors"]
        ),
        "themes": tuple(kept["themes"]),
        "entry_points": tuple(EntryPoint(**one) for one in kept["entry_points"]),
        "tests": Suite(kept["tests"]["files"], tuple(kept["tests"]["folders"])),
        "dependencies": tuple(kept["dependencies"]),
        "history": tuple(Change(**one) for one in kept["history"]),
    }
    return RepoProfile(**{**kept, **read})
