"""What a language model is told of a repository: the most telling first, within a budget of tokens.

The profile itself stays whole, on the disk and in `greenlight scan --json`.
"""

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from tools.repo.profile import Concept, ErrorUse, RepoProfile

TOKENS = 1_500
TOKENS_MIN, TOKENS_MAX = 1_000, 8_000  # a purpose in any script fits
BYTES_PER_TOKEN = 3  # as few as models make of code and of most scripts
AROUND = 4  # bytes of a list that hold a line in it

# What is told, a helping of each in turn: what fails and what it is made of before what it stands on.
_HELPINGS: tuple[tuple[str, int], ...] = (
    *(("errors", 6), ("concepts", 10), ("entry_points", 3), ("themes", 8), ("languages", 4)),
    *(("dependencies", 8), ("history", 3), ("tests", 3), ("errors", 9), ("concepts", 10)),
    *(("dependencies", 12), ("history", 7), ("entry_points", 7), ("errors", 25), ("concepts", 20)),
    ("dependencies", 40),
)


def tell(profile: RepoProfile, tokens: int = TOKENS) -> dict[str, Any]:
    """Facts as lines under their names; `left_out` counts those for which there was no room."""
    counts = profile.counts
    told: dict[str, Any] = {
        "summary": f"Read {profile.name} · {counts.files} files, {counts.classes} classes, {counts.functions} functions"
        + (f" · in part: {profile.partial}" if profile.partial else ""),
        "name": profile.name,
        "purpose": profile.purpose,
        "licence": profile.licence,
    }
    lines = _lines(profile)
    told |= {name: list[str]() for name in lines}
    left = min(max(tokens, TOKENS_MIN), TOKENS_MAX) * BYTES_PER_TOKEN - _size(told)
    waiting = {name: iter(each) for name, each in lines.items()}
    for name, most in _HELPINGS:
        for line in islice(waiting[name], most):
            left -= _size(line) + AROUND
            if left < 0:
                return told | {"left_out": _untold(told, lines)}
            told[name].append(line)
    return told | {"left_out": _untold(told, lines)}


def _untold(told: dict[str, Any], lines: dict[str, Sequence[str]]) -> int:
    return sum(len(each) - len(told[name]) for name, each in lines.items())


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def _lines(profile: RepoProfile) -> dict[str, Sequence[str]]:
    tests = profile.tests
    return {
        "errors": [*map(_error, profile.errors)],
        "concepts": [*map(_concept, profile.concepts)],
        "entry_points": [f"{one.name} ({one.path})" for one in profile.entry_points],
        "themes": list(profile.themes),
        "languages": [f"{name}: {count} files" for name, count in profile.languages.items()],
        "tests": [f"{tests.files} files in {', '.join(tests.folders)}"] if tests.files else [],
        "dependencies": list(profile.dependencies),
        "history": [f"{change.day} {change.subject}" for change in profile.history],
    }


def _concept(one: Concept) -> str:
    return f"{one.kind} {one.name} ({one.path}:{one.line})"


def _error(one: ErrorUse) -> str:
    where = "".join(f" ({place.path}:{place.line})" for place in one.evidence[:1])
    return f"{one.name}: raised {one.raised}, caught {one.caught}{where}"
