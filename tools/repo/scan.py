"""The reading itself: walk, read, count, rank, and blank what must not travel."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tools.repo.about import with_about
from tools.repo.cache import Cache, recall, remember
from tools.repo.facts import Module, UnreadableSourceError
from tools.repo.manifest import BYTES_MAX, read_manifest
from tools.repo.places import GRAMMARS, LOOSE, packages, prominence
from tools.repo.profile import Counts, RepoProfile
from tools.repo.python import read_python
from tools.repo.rank import SourceFile, are_enough, concepts, errors, names_written
from tools.repo.readme import purpose, purpose_in_html
from tools.repo.secrets import Cleaner
from tools.repo.text import plain_path, shorten
from tools.repo.themes import themes
from tools.repo.walk import LIMITS, Found, Limits, Mark, read, walk

NAME_CHARACTERS_MAX = 100
PURPOSE_CHARACTERS_MAX = 300
PYTHON = "python"
WORTH_SHARE = 0.1  # a page's few scripts say little about a library
UNPARSED_SHARE_MAX = 0.2  # a few files for another Python are normal; a fifth of them is worth a word
_READMES = ("readme.md", "readme.rst", "readme.txt", "readme", "readme.markdown")


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    root: Path
    limits: Limits
    deadline: float
    languages: frozenset[str]
    files: list[SourceFile] = field(default_factory=list[SourceFile])
    briefly: bool = False  # for the tests and examples of a repository that says enough without them
    bytes_read: int = 0
    large: int = 0
    lost: int = 0
    unparsed: int = 0
    stopped: str = ""

    def reasons(self) -> list[str]:
        limits = self.limits
        words = [self.stopped] if self.stopped else []
        if self.large:
            words.append(f"left out {self._sources(self.large)} over {limits.bytes_per_file:,} bytes")
        if self.lost:
            words.append(f"could not open {self._sources(self.lost)}")
        tried = len(self.files) + self.unparsed
        if self.unparsed > 1 and self.unparsed > UNPARSED_SHARE_MAX * tried:
            words.append(f"could not parse {self.unparsed:,} of {self._sources(tried)}")
        return words

    def _sources(self, count: int) -> str:
        kind = "Python" if self.languages == frozenset({PYTHON}) else "source"
        return f"1 {kind} file" if count == 1 else f"{count:,} {kind} files"


def scan(
    root: Path,
    *,
    limits: Limits = LIMITS,
    on_file: Callable[[int], None] | None = None,
    cache: Cache | None = None,
) -> RepoProfile:
    """Read the repository at `root` within `limits`; `on_file` hears how many sources have been read.

    With a cache, a folder that has not changed is not read again. Blocks: run it in a thread.
    `Invalid` where there is nothing to read.
    """
    deadline = time.monotonic() + limits.seconds
    root = root.absolute()
    known = None if cache is None or cache.fresh else recall(cache, root, limits)
    if known is not None:
        return known
    with _collector_paused():
        profile, looked = _read(root, limits, deadline, on_file)
    if cache is not None and time.monotonic() < deadline and looked:
        remember(cache, root, limits, looked, profile)
    return profile


def _read(
    root: Path, limits: Limits, deadline: float, on_file: Callable[[int], None] | None
) -> tuple[RepoProfile, Mapping[str, Mark]]:
    """The profile, and what marks all that was looked at: nothing, where something could not be opened."""
    found = walk(root, limits, deadline)
    top = {file.path: file for file in found.files if "/" not in file.path}
    manifest = read_manifest(lambda name: _top_text(root, top, name), root.name)
    readme = _top_text(root, top, _readme_name(top))
    reading = _Reading(root, limits, deadline, _worth_reading(found.files))
    _read_sources(reading, found.files, on_file)
    languages = Counter(file.language for file in found.files if file.language)
    profile = RepoProfile(
        root=plain_path(str(root)),
        name=manifest.name,
        purpose=purpose(readme) or manifest.description or purpose_in_html(readme),
        languages=dict(languages.most_common()),
        partial="; ".join([*found.reasons(), *reading.reasons()]) or None,
        counts=_counts(reading),
        concepts=concepts(reading.files, readme),
        errors=errors(reading.files),
        themes=themes(reading.files, readme, manifest.keywords, manifest.name),
    )
    marks = found.looked | {file.path: file.mark for file in found.files}
    paths = [*(file.path for file in found.files), *found.passed]
    profile = with_about(_fit_to_carry(profile), lambda name: _top_text(root, top, name), paths)
    return profile, {} if found.closed or reading.lost else marks


def _source(file: Found) -> str | None:
    return file.language if file.language != PYTHON or file.path.endswith(".py") else None


def _worth_reading(found: Sequence[Found]) -> frozenset[str]:
    """Python, and each language with a grammar that is not a mere tenth of what there is of another."""
    counts = Counter(filter(None, map(_source, found)))
    least = max((counts[name] for name in (PYTHON, *GRAMMARS)), default=0) * WORTH_SHARE
    others = {name for name in GRAMMARS if counts[name] > least}
    if others:  # so that a reading of Python alone need not wait
        from tools.repo.grammars import grammar

        others = {name for name in others if grammar(name) is not None}
    return frozenset({PYTHON, *others})


def _read_sources(reading: _Reading, found: Sequence[Found], on_file: Callable[[int], None] | None) -> None:
    """Read the package before its tests, so that what a limit cuts off matters least."""
    roots = packages(file.path for file in found)
    ranked = sorted(
        ((prominence(file.path, roots), file) for file in found if _source(file) in reading.languages),
        key=lambda pair: (-pair[0], pair[1].path),
    )
    own = sum(weight >= LOOSE for weight, _ in ranked)
    for number, (weight, file) in enumerate(ranked, 1):
        if _must_stop(reading, file):
            return
        if number == own + 1:
            reading.briefly = are_enough(reading.files)
        _read_source(reading, file, weight)
        if on_file is not None:
            on_file(number)


def _must_stop(reading: _Reading, file: Found) -> bool:
    limits = reading.limits
    if time.monotonic() >= reading.deadline:
        reading.stopped = f"stopped after {limits.seconds:g} seconds"
    elif file.size <= limits.bytes_per_file and reading.bytes_read + file.size > limits.bytes_total:
        reading.stopped = f"stopped after {reading.bytes_read:,} bytes"
    return bool(reading.stopped)


def _read_source(reading: _Reading, file: Found, weight: float) -> None:
    if file.size > reading.limits.bytes_per_file:
        reading.large += 1
        return
    try:
        source = read(reading.root, file, reading.limits.bytes_per_file)
    except OSError:
        reading.lost += 1
        return
    reading.bytes_read += len(source)
    try:
        module = _facts(file, source, briefly=reading.briefly)
    except UnreadableSourceError:
        reading.unparsed += 1
        return
    names = names_written(source) if weight >= LOOSE else frozenset[bytes]()
    reading.files.append(SourceFile(file.path, weight, module, names))


def _facts(file: Found, source: bytes, *, briefly: bool) -> Module:
    if file.language == PYTHON:
        return read_python(source, briefly=briefly)
    from tools.repo.grammars import read_in

    return read_in(file.language or "", source)


@contextmanager
def _collector_paused() -> Generator[None]:
    """Neither facts nor syntax trees hold cycles, and the collector would walk each of them several times."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _readme_name(top: Mapping[str, Found]) -> str:
    by_lower = {name.lower(): name for name in sorted(top, reverse=True)}
    return next((by_lower[name] for name in _READMES if name in by_lower), "")


def _top_text(root: Path, top: Mapping[str, Found], name: str) -> str:
    file = top.get(name)
    if file is None:
        return ""
    try:
        return read(root, file, BYTES_MAX).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:  # gone since the walk, or not ours to open: as if it were not there
        return ""


def _counts(reading: _Reading) -> Counts:
    modules = [file.module for file in reading.files]
    return Counts(
        files=len(modules) + reading.unparsed,
        classes=sum(module.classes for module in modules),
        functions=sum(module.functions for module in modules),
        raises=sum(module.raises for module in modules),
        excepts=sum(module.excepts for module in modules),
    )


def _fit_to_carry(profile: RepoProfile) -> RepoProfile:
    """Every text made plain and without secrets: the one gate before a profile leaves."""
    clean = Cleaner()
    cleaned = replace(
        profile,
        root=clean(profile.root),
        name=shorten(clean(profile.name), NAME_CHARACTERS_MAX),
        purpose=shorten(clean(profile.purpose), PURPOSE_CHARACTERS_MAX),
        concepts=tuple(replace(one, name=clean(one.name), path=clean(one.path)) for one in profile.concepts),
        errors=tuple(
            replace(
                one,
                name=clean(one.name),
                evidence=tuple(replace(place, path=clean(place.path)) for place in one.evidence),
            )
            for one in profile.errors
        ),
        themes=tuple(map(clean, profile.themes)),
    )
    return replace(cleaned, redacted=clean.blanked)
