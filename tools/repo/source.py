"""What a person may mean by a repository: a folder, or a git address. One function decides, one reads."""

import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tools.errors import Invalid
from tools.repo.intake import Intake
from tools.repo.paths import resolve
from tools.repo.profile import RepoProfile
from tools.repo.reach import REACH, Reach
from tools.repo.remote import Address, fetch, is_address, read_address, unpack
from tools.repo.scan import scan
from tools.repo.secrets import blank
from tools.repo.text import plain
from tools.repo.walk import LIMITS, Limits

UNPACKING_SHARE = 0.5  # of the time for a reading


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path


Source = Folder | Address
OnFile = Callable[[int], None]


def source_of(said: str, roots: Sequence[Path], base: Path, reach: Reach = REACH) -> Source:
    """Where to read what somebody typed: an address, or a folder under one of `roots`."""
    if is_address(said):
        return read_address(said, reach)
    return Folder(resolve(said, roots, base))


def read_source(
    source: Source, *, limits: Limits = LIMITS, reach: Reach = REACH, on_file: OnFile | None = None
) -> RepoProfile:
    """Read a repository wherever it is. Blocks: run it in a thread. `Invalid` where there is nothing to read."""
    match source:
        case Folder(path):
            return scan(path, limits=limits, on_file=on_file)
        case Address():
            with _private() as room:
                git_dir = room / "git"
                git_dir.mkdir()
                fetch(source, git_dir, reach=reach)
                intake = _intake(room / source.name, limits)
                unpack(git_dir, intake)
                return _landed(intake, str(source), limits, on_file)


@contextmanager
def _private() -> Generator[Path]:
    """A folder that nobody else can enter, and that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="greenlight-", ignore_cleanup_errors=True) as room:
        yield Path(room).resolve()


def _intake(root: Path, limits: Limits) -> Intake:
    root.mkdir()
    return Intake(root, limits, time.monotonic() + limits.seconds * UNPACKING_SHARE)


def _landed(intake: Intake, shown: str, limits: Limits, on_file: OnFile | None) -> RepoProfile:
    """The profile of what has landed, under the name by which a person knows it."""
    shown, _ = blank(plain(shown))
    if not intake.files:
        why = "; ".join(intake.reasons()) or "it is empty"
        raise Invalid("path", f"there is nothing to read in {shown}: {why}")
    rest = replace(limits, seconds=limits.seconds * (1 - UNPACKING_SHARE))
    profile = scan(intake.root, limits=rest, on_file=on_file)
    partial = "; ".join(filter(None, (*intake.reasons(), profile.partial)))
    return replace(profile, root=shown, partial=partial or None)
