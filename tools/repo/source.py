"""What a person may mean by a repository: a folder, an archive or a git address. One function decides, one reads."""

import stat
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tools.errors import Busy
from tools.repo.address import Address, is_address, read_address
from tools.repo.cache import Cache
from tools.repo.history import history_of
from tools.repo.kinds import stem
from tools.repo.paths import locate, resolve
from tools.repo.profile import RepoProfile
from tools.repo.reach import REACH, Reach
from tools.repo.scan import scan
from tools.repo.uploads import PREFIX, find
from tools.repo.walk import LIMITS, Limits

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
            from tools.repo.landing import read_archive

            return read_archive(path, name, limits=limits, on_file=on_file)
        case Address():
            from tools.repo.landing import read_remote

            with one_of_few():
                return read_remote(source, limits=limits, reach=reach, on_file=on_file)


@contextmanager
def one_of_few() -> Generator[None]:
    """Nobody waits for a turn: who waits holds a thread that others need."""
    if not _fetching.acquire(blocking=False):
        raise Busy("the reading of git addresses", BUSY_SECONDS)
    try:
        yield
    finally:
        _fetching.release()
