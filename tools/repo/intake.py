"""A private folder for the files of a tree that comes from elsewhere.

They land as plain bytes under names that stay inside: no link, no device, no version control, nothing
that can be run. What nobody here would read is left where it was.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from tools.repo.places import language
from tools.repo.walk import PATH_CHARACTERS_MAX, Limits

MEMBERS_MAX = 200_000  # looked at; a tree of folders alone would never fill the limit of files
TOP_LEVELS = 1  # archives hold their project in one folder, so what is at its top is one further down
NAMES = frozenset({".gitignore"})


@dataclass(slots=True)
class Intake:
    """What has landed so far, and in numbers what has not."""

    root: Path
    limits: Limits
    deadline: float
    seen: int = 0
    files: int = 0
    bytes_kept: int = 0
    unsafe: int = 0
    deep: int = 0
    locked: int = 0
    strange: int = 0
    lost: int = 0
    modules: int = 0
    stopped: str = ""

    def reasons(self) -> list[str]:
        told = (
            (self.unsafe, "left out {} with a name that leads outside"),
            (self.deep, f"left out {{}} below level {self.limits.depth}"),
            (self.locked, "left out {} under a password"),
            (self.strange, "left out {} packed in a way that is not read"),
            (self.lost, "could not keep {}"),
        )
        words = [words.format(_files(count)) for count, words in told if count]
        if self.modules:
            words.append(f"did not follow {self.modules:,} submodule{'s' * (self.modules > 1)}")
        return [self.stopped, *words] if self.stopped else words


def must_stop(intake: Intake) -> bool:
    """Counts one more member, and says whether it is one too many."""
    intake.seen += 1
    limits = intake.limits
    if time.monotonic() >= intake.deadline:
        intake.stopped = "stopped unpacking, for the time it took"
    elif intake.seen > MEMBERS_MAX:
        intake.stopped = f"stopped after {MEMBERS_MAX:,} entries"
    elif intake.files >= limits.files:
        intake.stopped = f"stopped after {limits.files:,} files"
    elif intake.bytes_kept > limits.bytes_total:
        intake.stopped = f"stopped after {limits.bytes_total:,} bytes"
    return bool(intake.stopped)


def wanted(intake: Intake, path: str) -> bool:
    """Whether a regular file of this name is to land; names that lead outside are counted."""
    parts = path.split("/")
    if "\0" in path or not {"", ".", ".."}.isdisjoint(parts):
        intake.unsafe += 1
        return False
    if ".git" in map(str.casefold, parts) or len(path) > PATH_CHARACTERS_MAX:
        return False
    if len(parts) - 1 > intake.limits.depth:
        intake.deep += 1
        return False
    return language(path) is not None or len(parts) - 1 <= TOP_LEVELS or parts[-1] in NAMES


def take(intake: Intake, path: str, size: int, content: bytes) -> None:
    """Let a file land: its beginning, and its length as far as it decides whether it is read."""
    target = intake.root / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(content)
            file.truncate(max(len(content), min(size, intake.limits.bytes_per_file + 1)))
    except (OSError, ValueError):  # a name for which there is no place here, or which is there already
        intake.lost += 1
        return
    intake.files += 1
    intake.bytes_kept += len(content)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
