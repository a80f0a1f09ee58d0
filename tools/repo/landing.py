"""Reading what is no folder yet: an archive or a tree from elsewhere lands in a private one first."""

import os
import stat
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from tools.errors import Invalid
from tools.repo.address import Address
from tools.repo.archive import alone, unpack_archive
from tools.repo.history import read_history
from tools.repo.intake import Intake
from tools.repo.kinds import stem
from tools.repo.profile import RepoProfile
from tools.repo.reach import Reach
from tools.repo.remote import HERE, fetch, unpack
from tools.repo.scan import scan
from tools.repo.secrets import blank
from tools.repo.text import plain
from tools.repo.walk import Limits

UNPACKING_SHARE = 0.6  # of the time for a reading, at most

OnFile = Callable[[int], None]


def read_archive(path: Path, name: str, *, limits: Limits, on_file: OnFile | None) -> RepoProfile:
    with _opened(path) as file, _private() as room:
        intake = _intake(room / (stem(name) or name), limits)
        unpack_archive(file, intake)
        return _landed(intake, alone(intake.root), name, limits, on_file)


def read_remote(address: Address, *, limits: Limits, reach: Reach, on_file: OnFile | None) -> RepoProfile:
    with _private() as room:
        git_dir = room / "git"
        git_dir.mkdir()
        fetch(address, git_dir, reach=reach)
        intake = _intake(room / "tree" / address.name, limits)
        unpack(git_dir, intake)
        profile = _landed(intake, intake.root, str(address), limits, on_file)
        return replace(profile, history=read_history(git_dir, HERE))


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
