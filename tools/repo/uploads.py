"""Archives that a person sent: kept a while, for that person alone, so that a film can be planned from one.

An owner's folder holds the newest few, each under a name by which it may be asked for: `upload:ID`.
"""

import hashlib
import os
import re
import time
from pathlib import Path

from tools.errors import Invalid, NotFound
from tools.repo.kinds import KINDS, stem

KEPT_MAX = 5
DRAFT_SECONDS_MAX = 3_600  # older ones were left behind by a process that died
PREFIX = "upload:"
NAME_CHARACTERS_MAX = 80

_ID = re.compile(r"[0-9a-f]{20}")
_DRAFT = ".draft"


def folder_of(data_dir: Path, owner: str) -> Path:
    """Owners choose their names, so a folder is not called after one."""
    return data_dir / "archives" / hashlib.sha256(owner.encode()).hexdigest()[:20]


def draft(folder: Path) -> Path:
    """A place to write an archive before it has its name."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"*{_DRAFT}"):
        if time.time() - _written(old) > DRAFT_SECONDS_MAX:
            old.unlink(missing_ok=True)
    return folder / f"{os.urandom(8).hex()}{_DRAFT}"


def checked_name(name: str) -> str:
    """What a person calls an archive, as far as a file may be called so."""
    plain = re.sub(r"[^\w.+-]+", "-", name.rpartition("/")[2], flags=re.ASCII).lstrip(".-")
    plain = plain[-NAME_CHARACTERS_MAX:]
    if stem(plain) is None:
        raise Invalid("name", f"an archive's name ends with {KINDS}")
    return plain


def keep(written: Path, name: str) -> str:
    """Give a draft its name, and let the oldest go; the answer is what to ask for it by."""
    with written.open("rb") as file:
        known_by = hashlib.file_digest(file, "sha256").hexdigest()[:20]
    for same in written.parent.glob(f"{known_by}.*"):  # the same bytes, perhaps under another name
        same.unlink(missing_ok=True)
    newest = written.replace(written.parent / f"{known_by}.{name}")
    older = [path for path in newest.parent.iterdir() if path.suffix != _DRAFT and path != newest]
    for path in sorted(older, key=_written, reverse=True)[KEPT_MAX - 1 :]:
        path.unlink(missing_ok=True)
    return PREFIX + known_by


def _written(path: Path) -> float:
    """When; long ago for one that another request has just let go."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def find(folder: Path | None, said: str) -> tuple[Path, str]:
    """The archive that is asked for, and what it was called; `NotFound` where its owner has none such."""
    known_by = said.removeprefix(PREFIX)
    if folder is not None and _ID.fullmatch(known_by):
        for path in folder.glob(f"{known_by}.*"):
            return path, path.name.removeprefix(f"{known_by}.")
    raise NotFound("upload", known_by[:40])
