"""What stands around the code: licence, where it starts, its tests, and what it needs."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tools.repo.licence import NAMES, spdx
from tools.repo.needs import Needs, read_needs
from tools.repo.places import LOOSE, language, packages, prominence
from tools.repo.profile import EntryPoint, RepoProfile, Suite
from tools.repo.secrets import Cleaner

DEPENDENCIES_MAX = 60
ENTRY_POINTS_MAX = 20
FOLDERS_MAX = 5
FILES_LOOKED_AT = 20_000

_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "spec"})
_TEST_STEM = re.compile(r"test_\w+|\w+(?:_test|_tests|_spec|\.test|\.spec)|\w+[a-z](?:Test|Tests|Spec)")
_STARTS = re.compile(
    r"(?P<python>(?:src/)?[\w/-]+)/__main__\.py|(?:cmd/(?P<go>[\w-]+)/)?main\.go|src/main\.rs"
)
_START_ENDS = ("/__main__.py", "main.go", "src/main.rs")


def with_about(profile: RepoProfile, text_of: Callable[[str], str], paths: Sequence[str]) -> RepoProfile:
    """The profile with what the repository says of itself; every text plain and without secrets.

    `text_of` gives the text of a file at the top, "" for no such file.
    """
    clean = Cleaner()
    needs = read_needs(text_of, clean)
    found = [
        EntryPoint(clean(one.name), clean(one.path)) for one in _entry_points(needs, paths, profile.name)
    ]
    needed = dict.fromkeys(name for each in needs.values() for name in each.dependencies)
    licence = _licence(needs, text_of, paths)
    tests = _tests(paths)
    return replace(
        profile,
        licence=licence and clean(licence),
        entry_points=tuple(found[:ENTRY_POINTS_MAX]),
        tests=Suite(tests.files, tuple(map(clean, tests.folders))),
        dependencies=tuple(needed)[:DEPENDENCIES_MAX],
        redacted=profile.redacted + clean.blanked,
    )


def _licence(needs: Mapping[str, Needs], text_of: Callable[[str], str], paths: Sequence[str]) -> str | None:
    files = (path for path in paths if "/" not in path and path.casefold().startswith(NAMES))
    text = text_of(min(files, key=len, default=""))
    said = next((each.licence for each in needs.values() if each.licence), "")
    return spdx(said, text)


def _entry_points(needs: Mapping[str, Needs], paths: Sequence[str], name: str) -> list[EntryPoint]:
    """What the manifests name first, then what starts by where it lies; each place once."""
    there = frozenset(paths)
    found = [
        EntryPoint(script, _file_of(target, there) or manifest)
        for manifest, each in needs.items()
        for script, target in each.scripts
    ]
    known, roots = {one.path for one in found}, packages(paths)
    for path in paths:
        match = _STARTS.fullmatch(path) if path.endswith(_START_ENDS) else None
        if match is not None and path not in known and prominence(path, roots) >= LOOSE:
            inner = (match["python"] or "").removeprefix("src/").replace("/", ".")
            found.append(EntryPoint(f"python -m {inner}" if inner else match["go"] or name, path))
    return found


def _file_of(target: str, there: frozenset[str]) -> str | None:
    """`shop.till:main` is in shop/till.py, or in the package's own file; `./bin/shop.js` is itself."""
    plain = target.removeprefix("./")
    module = plain.partition(":")[0].strip().replace(".", "/")
    places = (f"{start}{module}{end}" for start in ("", "src/") for end in (".py", "/__init__.py"))
    return next((path for path in (plain, *places) if path in there), None)


def _tests(paths: Sequence[str]) -> Suite:
    folders: Counter[str] = Counter()
    for path in paths[:FILES_LOOKED_AT]:
        folder, _, name = path.rpartition("/")
        if not _is_test(folder, name.rpartition(".")[0]) or language(name) is None:
            continue
        parts = folder.split("/") if folder else []
        depth = next((n for n, part in enumerate(parts, 1) if part in _TEST_FOLDERS), len(parts))
        folders["/".join(parts[:depth]) or "."] += 1
    return Suite(folders.total(), tuple(folder for folder, _ in folders.most_common(FOLDERS_MAX)))


def _is_test(folder: str, stem: str) -> bool:
    # Each of these names has one of these letters: quicker than the pattern for those that are none.
    if ("est" in stem or "pec" in stem) and _TEST_STEM.fullmatch(stem):
        return True
    # Python says by a file's name which are tests; elsewhere the folder does.
    return "__tests__" in folder and "__tests__" in folder.split("/") and stem not in {"__init__", "conftest"}
