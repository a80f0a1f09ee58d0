"""What a person may mean by a repository: a folder, an archive or a git address. One function decides, one reads."""

import os
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from tools.errors import Busy, Invalid
from tools.repo.archive import alone, stem, unpack_archive
from tools.repo.cache import Cache
from tools.repo.history import history_of, read_history
from tools.repo.intake import Intake
from tools.repo.paths import locate, resolve
from tools.repo.profile import RepoProfile
from tools.repo.reach import REACH, Reach
from tools.repo.remote import HERE, Address, fetch, is_address, read_address, unpack
from tools.repo.scan import scan
from tools.repo.secrets import blank
from tools.repo.text import plain
from tools.repo.uploads import PREFIX, find
from tools.repo.walk import LIMITS, Limits

UNPACKING_SHARE = 0.6  # of the time for a reading, at most
FETCHES_AT_ONCE = 4  # each may take its share of the disk
BUSY_SECONDS = 20

_fetching = threading.BoundedSemaphore(FETCHES_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path


@dataclass(frozen=True, slots=True)
class Archive:
    """A file, and by what name a person knows it."""

    path: Path
    name: str


Source = Folder | Archive | Address
OnFile = Callable[[int], None]


def source_of(
    said: str, roots: Sequence[Path], base: Path, *, reach: Reach = REACH, uploads: Path | None = None
) -> Source:
    """Where to read what somebody typed: an address, an upload, or a folder or archive under one of `roots`."""
    if said.startswith(PREFIX):
        return Archive(*find(uploads, said))
    if is_address(said):
        return read_address(said, reach)
    found, mode = locate(said, roots, base)
    if stat.S_ISREG(mode) and stem(found.name) is not None:
        return Archive(found, found.name)
    return Folder(resolve(said, roots, base))


def read_source(
    source: Source,
    *,
    limits: Limits = LIMITS,
    reach: Reach = REACH,
    on_file: OnFile | None = None,
    cache: Cache | None = None,
) -> RepoProfile:
    """Read a repository wherever it is. Blocks: run it in a thread. `Invalid` where there is nothing to read."""
    match source:
        case Folder(path):
            return replace(scan(path, limits=limits, on_file=on_file, cache=cache), history=history_of(path))
        case Archive(path, name):
            with _opened(path) as file, _private() as room:
                intake = _intake(room / (stem(name) or name), limits)
                unpack_archive(file, intake)
                return _landed(intake, alone(intake.root), name, limits, on_file)
        case Address():
            with one_of_few(), _private() as room:
                git_dir = room / "git"
                git_dir.mkdir()
                fetch(source, git_dir, reach=reach)
                intake = _intake(room / "tree" / source.name, limits)
                unpack(git_dir, intake)
                profile = _landed(intake, intake.root, str(source), limits, on_file)
                return replace(profile, history=read_history(git_dir, HERE))


@contextmanager
def one_of_few() -> Generator[None]:
    """Nobody waits for a turn: who waits holds a thread that others need."""
    if not _fetching.acquire(blocking=False):
        raise Busy("the reading of git addresses", BUSY_SECONDS)
    try:
        yield
    finally:
        _fetching.release()


@contextmanager
def _opened(path: Path) -> Generator[IO[bytes]]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise Invalid("path", "the archive cannot be opened; give one that may be read") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):  # another thing stands there now
            raise Invalid("path", "the archive cannot be opened; give one that may be read")
        yield file


@contextmanager
def _private() -> Generator[Path]:
    """A folder that nobody else can enter, and that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="greenlight-", ignore_cleanup_errors=True) as room:
        yield Path(room).resolve()


def _intake(root: Path, limits: Limits) -> Intake:
    root.mkdir(parents=True)
    return Intake(root, limits, time.monotonic() + limits.seconds * UNPACKING_SHARE)


def _landed(intake: Intake, root: Path, shown: str, limits: Limits, on_file: OnFile | None) -> RepoProfile:
    """The profile of what has landed, under the name by which a person knows it."""
    shown, _ = blank(plain(shown))
    if not intake.files:
        why = "; ".join(intake.reasons()) or "it is empty"
        raise Invalid("path", f"there is nothing to read in {shown}: {why}")
    end = intake.deadline + limits.seconds * (1 - UNPACKING_SHARE)
    rest = replace(limits, seconds=round(end - time.monotonic(), 1))
    profile = scan(root, limits=rest, on_file=on_file)
    partial = "; ".join(filter(None, (*intake.reasons(), profile.partial)))
    return replace(profile, root=shown, partial=partial or None)
