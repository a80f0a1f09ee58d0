"""A plan that lies in a file: read where repositories may be read, and as carefully."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from tools.errors import Invalid, UnsafePath
from tools.repo.paths import locate
from tools.repo.secrets import blank
from tools.shots import FILE_BYTES_MAX, ShotList, read_shots


def read_plan(said: str, roots: Sequence[Path], base: Path) -> ShotList:
    """The shots file that somebody named, without what looks like a secret in it. Blocks: run it in a thread."""
    try:
        path, mode = locate(said, roots, base)
    except UnsafePath:
        raise
    except Invalid:
        raise _none(said) from None
    if not stat.S_ISREG(mode):
        raise _none(said)
    raw = _bytes(path, said)
    if len(raw) > FILE_BYTES_MAX:
        return read_shots(raw)  # which says so
    plan = read_shots(blank(raw.decode("utf-8-sig", errors="replace"))[0])
    bare = plan.title == ShotList.model_fields["title"].default
    return plan.model_copy(update={"title": path.name.split(".")[0][:80]}) if bare else plan


def _bytes(path: Path, said: str) -> bytes:
    """What stands in a plain file; who put a link or a pipe in its place since then is not followed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise _none(said) from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _none(said)
        return file.read(FILE_BYTES_MAX + 1)


def _none(said: str) -> Invalid:
    return Invalid(
        "path", f"there is no shots file {said[:200]!r} that can be read; name one, such as film.json"
    )
