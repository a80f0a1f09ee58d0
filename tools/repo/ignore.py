"""What a walk leaves out: version control, caches, build outputs, and whatever .gitignore names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BYTES_MAX = 64_000
LINES_MAX = 1_000
LINE_CHARACTERS_MAX = 200
STARS_MAX = 6
SEGMENT_STARS_MAX = 3

_NEVER_NAMES = """
.git .hg .svn .bzr .jj CVS node_modules bower_components site-packages __pycache__ .tox .nox .venv .eggs
.mypy_cache .pytest_cache .ruff_cache .hypothesis .ipynb_checkpoints .cache .parcel-cache .next .nuxt
.svelte-kit .turbo .gradle .terraform .idea .vscode .vs .direnv htmlcov
"""
_NEVER = frozenset(_NEVER_NAMES.split())
_OUTPUTS = frozenset({"build", "dist", "target", "out", "_build", "coverage"})


def never(name: str) -> bool:
    """Whether no folder of this name holds anything that people wrote."""
    return name in _NEVER or name.endswith(".egg-info")


def left_out(name: str, children: frozenset[str]) -> bool:
    """The same of one that must be looked into first; `children` are the names in it."""
    if "pyvenv.cfg" in children:
        return True
    return name in _OUTPUTS and "__init__.py" not in children  # a package may well be called `build`


@dataclass(frozen=True, slots=True)
class Ignore:
    """The rules of one .gitignore, for paths below `prefix` (empty, or ending with a slash)."""

    prefix: str
    spec: Any  # pathspec's; imported with the first .gitignore


def read_ignore(text: str, prefix: str) -> Ignore:
    from pathspec import GitIgnoreSpec

    lines = text.splitlines()[:LINES_MAX]
    return Ignore(prefix, GitIgnoreSpec([rule for line in lines for rule in _rules(line)]))


def ignored(chain: Sequence[Ignore], path: str) -> bool:
    """As git decides: the nearest .gitignore with an opinion wins. Folders end with a slash."""
    for rules in reversed(chain):
        verdict: bool | None = rules.spec.check_file(path[len(rules.prefix) :]).include
        if verdict is not None:
            return verdict
    return False


def _rules(line: str) -> list[Any]:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    if not line.strip() or line.startswith("#") or not _tame(line):
        return []
    try:
        return [GitIgnoreSpecPattern(line)]
    except (ValueError, re.error):  # not a pattern; git passes over such a line too
        return []


def _tame(line: str) -> bool:
    """Patterns become backtracking expressions: many stars and a long name would stop the machine."""
    if len(line) > LINE_CHARACTERS_MAX or line.count("*") > STARS_MAX:
        return False
    if "[" in line and any(sign in line for sign in ("[[", "--", "&&", "~~", "||")):
        return False  # `re` warns that these will mean something else one day
    return max(segment.count("*") for segment in line.split("/")) <= SEGMENT_STARS_MAX
