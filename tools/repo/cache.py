"""What a reading found, kept for the next one: as long as nothing in the folder has changed, nothing is read.

One private file for each folder, so no tree has a word in what is known of another. It holds the
finished profile, which is blanked, the paths of what the walk looked at, and a mark for each: inode,
size, times of change. A file whose bytes change gets a new time of change from the system, whatever
anybody sets. What is broken, foreign or of another version of the reader is passed over and replaced.
"""

import json
import os
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as once
from itertools import chain
from pathlib import Path
from typing import Any

from tools.repo.profile import RepoProfile, read_profile
from tools.repo.secrets import blank_strictly
from tools.repo.walk import Limits, Mark

ENTRIES_MAX = 100
BYTES_MAX = 8_000_000
QUIET_NS = 2_000_000_000  # a clock of files may tick this slowly: what is younger may change unseen

_DIGEST_BYTES = 32
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of ours for what was found. Fresh, it is not asked, and learns all the same."""

    folder: Path
    fresh: bool = False
    now: Callable[[], int] = time.time_ns


def recall(cache: Cache, root: Path, limits: Limits) -> RepoProfile | None:
    """The profile of a folder in which nothing has changed, or None."""
    entry = cache.folder / _name(root, limits)
    try:
        with entry.open("rb") as file:
            kept = file.read(BYTES_MAX)
        found = _opened(kept)
    except (OSError, ValueError, KeyError, TypeError):  # not there, not ours, or broken
        return None
    if found is None:
        return None
    profile, paths, marks = found
    if _marks(root, paths) != marks:
        return None
    with suppress(OSError):  # who was asked last goes last; where we may not write, nobody goes
        os.utime(entry)
    return profile


def remember(
    cache: Cache, root: Path, limits: Limits, looked: Mapping[str, Mark], profile: RepoProfile
) -> None:
    """Keep what was found, where it can be known again and no path holds a secret."""
    newest = max((max(mark[2:]) for mark in looked.values()), default=0)
    if newest > cache.now() - QUIET_NS or _tells_a_secret(looked):
        return
    try:
        packed = array("q", chain.from_iterable(looked.values())).tobytes()
    except OverflowError:  # an inode or a time like no other
        return
    head = json.dumps({"paths": list(looked), "profile": profile.to_json()}).encode()
    if len(head) + len(packed) < BYTES_MAX // 2:
        with suppress(OSError):  # no room or no permission: the next reading costs what this one did
            _write(cache.folder, _name(root, limits), _sealed(head, packed))


def _name(root: Path, limits: Limits) -> str:
    said = f"{_reader()}\0{os.fsencode(root)!r}\0{limits}"
    return _digest(said.encode()).hex()


@once
def _reader() -> str:
    """This version of the reader: its own text, its Python, and when its grammars came."""
    from importlib.util import find_spec

    here = Path(__file__).parent
    own = [sys.version.encode()]
    own += [path.read_bytes() for path in sorted((*here.glob("*.py"), *here.glob("*.toml")))]
    library = find_spec("tree_sitter")
    if library is not None and library.origin is not None:
        own.append(str(Path(library.origin).parent.parent.stat().st_mtime_ns).encode())
    return _digest(b"".join(own)).hex()


def _digest(content: bytes) -> bytes:
    from hashlib import blake2b  # which brings a library of ciphers: not for a reading that keeps nothing

    return blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _sealed(head: bytes, packed: bytes) -> bytes:
    body = len(head).to_bytes(8) + head + packed
    return _digest(body) + body


def _opened(kept: bytes) -> tuple[RepoProfile, list[str], bytes] | None:
    seal, body = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
    if _digest(body) != seal:
        return None
    end = 8 + int.from_bytes(body[:8])
    head: Any = json.loads(body[8:end])
    return read_profile(head["profile"]), head["paths"], body[end:]


def _marks(root: Path, paths: Sequence[str]) -> bytes | None:
    """What marks them now; None where one of them is gone."""
    marks: list[int] = []
    stat = os.stat
    try:
        handle = os.open(root, _FOLDER)
        try:
            for path in paths:
                now = stat(path, dir_fd=handle, follow_symlinks=False)
                marks += (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
        finally:
            os.close(handle)
        return array("q", marks).tobytes()
    except (OSError, OverflowError, TypeError, ValueError):
        return None


def _tells_a_secret(paths: Iterable[str]) -> bool:
    names = {name for path in paths for name in path.split("/")}
    return blank_strictly("\n".join(sorted(names)))[1] > 0


def _write(folder: Path, name: str, content: bytes) -> None:
    """Whole or not at all, whoever else writes at the same time; the oldest make room."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = folder / f"{name}.{os.urandom(8).hex()}"
    handle = os.open(new, _NEW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        new.replace(folder / name)
    finally:
        new.unlink(missing_ok=True)
    _make_room(folder)


def _make_room(folder: Path) -> None:
    entries = list(folder.iterdir())
    if len(entries) > ENTRIES_MAX:
        entries.sort(key=lambda entry: entry.stat().st_mtime_ns)
        for entry in entries[: len(entries) - ENTRIES_MAX]:
            entry.unlink(missing_ok=True)
