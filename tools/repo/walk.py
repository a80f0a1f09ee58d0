"""A bounded walk over a folder: regular files only, no link followed, in the same order every time."""

import os
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from tools.repo.ignore import BYTES_MAX, Ignore, ignored, left_out, never, read_ignore
from tools.repo.places import language

PATH_CHARACTERS_MAX = 500  # what a place in a shot list can hold
FOLDER_ENTRIES_MAX = 100_000

_NAME = attrgetter("name")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a repository is read before the reading says that it stopped."""

    files: int = 20_000
    bytes_per_file: int = 512_000
    bytes_total: int = 100_000_000
    depth: int = 24
    seconds: float = 8.0  # ranking and blanking what was read takes its time, too


LIMITS = Limits()


Mark = tuple[int, int, int, int]  # inode, size, when its content changed, when anything of it did


class Found(NamedTuple):
    """A regular file: its path from the root, its language, and which file that was when the walk passed."""

    path: str
    language: str | None
    size: int
    device: int
    inode: int
    mark: Mark


@dataclass(slots=True)
class Walk:
    """What a walk found, and in words what it did not look at."""

    limits: Limits
    deadline: float
    files: list[Found] = field(default_factory=list[Found])
    looked: dict[str, Mark] = field(default_factory=dict[str, Mark])  # folders, and files of rules
    passed: list[str] = field(default_factory=list[str])  # deeper down, and in no language
    stopped: str = ""
    deep: int = 0
    wide: int = 0
    closed: int = 0

    def reasons(self) -> list[str]:
        words = [self.stopped] if self.stopped else []
        if self.deep:
            words.append(f"left out {_folders(self.deep)} below level {self.limits.depth}")
        if self.wide:
            words.append(f"read only part of {_folders(self.wide)} with over {FOLDER_ENTRIES_MAX:,} entries")
        if self.closed:
            words.append(f"could not open {_folders(self.closed)}")
        return words


def walk(root: Path, limits: Limits, deadline: float) -> Walk:
    """List the regular files under `root` that say something, without those that nobody wrote.

    `Invalid` where there is no such file, and nothing was left out.
    """
    found = Walk(limits, deadline)
    try:
        handle = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
    except OSError:
        raise _refused("the folder cannot be opened; give one that may be read") from None
    try:
        _folder(found, handle, "", ())
    finally:
        os.close(handle)
    if not (found.files or found.passed or found.reasons()):
        raise _refused("the folder has no file to read; give the folder of a repository")
    return found


def _refused(why: str) -> Exception:
    from tools.errors import Invalid  # its whole family comes with it, and hardly a folder is refused

    return Invalid("path", why)


def read(root: Path, file: Found, bytes_max: int) -> bytes:
    """The bytes of a file the walk found; `OSError` if another file stands there now.

    One that was found empty is not opened: many do nothing but make a package of their folder.
    """
    if not file.size:
        return b""
    handle = os.open(f"{root}/{file.path}", _FILE)
    try:
        now = os.fstat(handle)
        # A folder on the way may have become a link since; the same inode is the same file.
        if (now.st_dev, now.st_ino) != (file.device, file.inode):
            raise FileNotFoundError(file.path)
        return _bytes(handle, min(bytes_max, now.st_size))
    finally:
        os.close(handle)


def _folder(found: Walk, handle: int, prefix: str, chain: Sequence[Ignore]) -> None:
    found.looked[prefix[:-1] or "."] = _mark(os.fstat(handle))
    with os.scandir(handle) as listing:
        entries = sorted(islice(listing, FOLDER_ENTRIES_MAX), key=_NAME)
        found.wide += next(listing, None) is not None
    names = frozenset([entry.name for entry in entries])
    if prefix and left_out(prefix[:-1].rpartition("/")[2], names):
        return
    if ".gitignore" in names:
        with suppress(OSError):  # gone again: then the folder is not as it was, either
            rules = os.stat(".gitignore", dir_fd=handle, follow_symlinks=False)
            found.looked[f"{prefix}.gitignore"] = _mark(rules)
        chain = (*chain, read_ignore(_text(handle, ".gitignore"), prefix))
    folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    if len(entries) > len(folders):
        _files(found, entries, prefix, chain)
    for name in folders:
        path = f"{prefix}{name}/"
        if found.stopped or _late(found):
            return
        if not never(name) and not ignored(chain, path):
            _enter(found, handle, name, path, chain)


def _enter(found: Walk, parent: int, name: str, path: str, chain: Sequence[Ignore]) -> None:
    if path.count("/") > found.limits.depth:
        found.deep += 1
        return
    try:
        handle = os.open(name, _FOLDER, dir_fd=parent)
    except OSError:  # no permission, or no folder any more
        found.closed += 1
        return
    try:
        _folder(found, handle, path, chain)
    finally:
        os.close(handle)


def _files(found: Walk, entries: Sequence[os.DirEntry[str]], prefix: str, chain: Sequence[Ignore]) -> None:
    files, passed, files_max = found.files, found.passed, found.limits.files
    for entry in entries:
        if _late(found):
            return
        path = prefix + entry.name
        if not entry.is_file(follow_symlinks=False) or (chain and ignored(chain, path)):
            continue
        if len(files) + len(passed) >= files_max:
            found.stopped = f"stopped after {files_max:,} files"
            return
        name = language(entry.name)
        if prefix and name is None:
            passed.append(path)
            continue
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(status.st_mode) and len(path) <= PATH_CHARACTERS_MAX:
            files.append(Found(path, name, status.st_size, status.st_dev, status.st_ino, _mark(status)))


def _mark(status: os.stat_result) -> Mark:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _late(found: Walk) -> bool:
    if time.monotonic() >= found.deadline:
        found.stopped = f"stopped after {found.limits.seconds:g} seconds"
        return True
    return False


def _text(parent: int, name: str) -> str:
    try:
        handle = os.open(name, _FILE, dir_fd=parent)
    except OSError:  # a link or unreadable: as if it were not there
        return ""
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return ""
        return _bytes(handle, BYTES_MAX).decode("utf-8", "replace")
    finally:
        os.close(handle)


def _bytes(handle: int, bytes_max: int) -> bytes:
    parts: list[bytes] = []
    while bytes_max > 0 and (part := os.read(handle, bytes_max)):
        parts.append(part)
        bytes_max -= len(part)
    return b"".join(parts)


def _folders(count: int) -> str:
    return "1 folder" if count == 1 else f"{count:,} folders"
