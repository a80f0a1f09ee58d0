"""What happened lately: the subjects of the newest commits with their days, and nobody's name.

git reads the commits from a folder of ours that borrows the repository's objects, so nothing that the
repository says of itself is obeyed: no setting, hook, pager or helper of it is ever seen.
"""

import os
import re
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from tools.errors import Invalid
from tools.repo.profile import Change
from tools.repo.secrets import blank_strictly
from tools.repo.text import plain, shorten

CHANGES_MAX = 10
SUBJECT_CHARACTERS_MAX = 100
SECONDS_MAX = 5.0
SAID_BYTES_MAX = 200_000
REFS_BYTES_MAX = 1_000_000

_HEAD = re.compile(r"ref: (refs/[A-Za-z0-9._/+-]{1,200})")
_ID = re.compile(r"[0-9a-f]{40}")
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_SOMEBODY = re.compile(r"\S{1,100}@\S{1,100}|(?<!\w)@[\w-]+")


def history_of(root: Path) -> tuple[Change, ...]:
    """Of a folder with a repository of its own; nothing where there is none, or git is not here."""
    inside = root / ".git"
    commit = _newest(inside) if _is_plain(inside) else None
    return () if commit is None else _borrowed(str(inside / "objects"), commit)


def read_history(git_dir: Path, commit: str) -> tuple[Change, ...]:
    from tools.repo.git import listening

    words = ("log", f"-{CHANGES_MAX}", "--no-merges", "--no-color", "--no-decorate", "--no-notes")
    try:
        with listening(git_dir, *words, "--format=%cs%x00%s", commit, "--", seconds=SECONDS_MAX) as said:
            text = said.read(SAID_BYTES_MAX).decode("utf-8", "replace")
    except Invalid:  # no git, or too old a one: a reading without history is one, too
        return ()
    return tuple(_changes(text))


def _changes(text: str) -> Iterator[Change]:
    for line in text.splitlines():
        day, _, subject = line.partition("\0")
        subject = _SOMEBODY.sub("somebody", blank_strictly(plain(subject))[0])
        if subject and re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            yield Change(day, shorten(subject, SUBJECT_CHARACTERS_MAX))


@lru_cache(maxsize=64)  # what came before a commit never changes
def _borrowed(objects: str, commit: str) -> tuple[Change, ...]:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="greenlight-", ignore_cleanup_errors=True) as room:
        git_dir = Path(room)
        (git_dir / "refs").mkdir()
        (git_dir / "objects" / "info").mkdir(parents=True)
        (git_dir / "objects" / "info" / "alternates").write_text(f"{objects}\n", "utf-8", "surrogateescape")
        (git_dir / "HEAD").write_text("ref: refs/heads/none\n", "ascii")
        return read_history(git_dir, commit)


def _is_plain(inside: Path) -> bool:
    """Folders of its own all the way, lending from nobody: a link could lead to somebody else's commits."""
    objects = inside / "objects"
    if "\n" in str(objects) or (objects / "info" / "alternates").exists():
        return False
    try:
        return all(stat.S_ISDIR(path.lstat().st_mode) for path in (inside, objects, objects / "pack"))
    except OSError:
        return False


def _newest(inside: Path) -> str | None:
    head = _text(inside / "HEAD").strip()
    found = _HEAD.fullmatch(head)
    if found is None:
        return head if _ID.fullmatch(head) else None
    if ".." in found[1]:
        return None
    loose = _text(inside / found[1]).strip()
    if _ID.fullmatch(loose):
        return loose
    packed = re.search(rf"(?m)^([0-9a-f]{{40}}) {re.escape(found[1])}$", _text(inside / "packed-refs"))
    return packed[1] if packed else None


def _text(path: Path) -> str:
    try:
        handle = os.open(path, _FILE)
    except OSError:
        return ""
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return ""
        return file.read(REFS_BYTES_MAX).decode("utf-8", "replace")
