"""From what a person or a model typed to a real folder that may be read."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from tools.errors import Invalid, UnsafePath
from tools.repo.text import plain_path, shorten

PATH_CHARACTERS_MAX = 4_096


def resolve(path: str, roots: Sequence[Path], base: Path) -> Path:
    """The real folder behind `path`, which must lie under one of `roots` once every link is followed."""
    found, mode = locate(path, roots, base)
    if not stat.S_ISDIR(mode):
        raise Invalid("path", f"{_shown(path)} is a file; give the folder of the repository")
    return found


def locate(path: str, roots: Sequence[Path], base: Path) -> tuple[Path, int]:
    """What lies behind `path` under one of `roots`, and which kind of thing it is."""
    _must_be_sane(path)
    folder = _real(path, base)
    allowed = [_real(str(root), base) for root in roots]
    if not any(folder.is_relative_to(root) for root in allowed):
        raise UnsafePath("path", _outside(path, allowed))
    # Asked only now: outside the roots nobody learns what exists and what does not.
    try:
        return folder, folder.stat().st_mode
    except OSError:
        raise Invalid("path", f"there is no folder {_shown(path)}; give a folder that exists") from None


def _must_be_sane(path: str) -> None:
    if not path.strip():
        raise Invalid("path", "the path is empty; give the folder of a repository")
    if "\0" in path:
        raise Invalid("path", "the path has a NUL byte; give a plain folder path")
    if len(path) > PATH_CHARACTERS_MAX:
        raise Invalid("path", f"the path is longer than {PATH_CHARACTERS_MAX:,} characters")


def _real(path: str, base: Path) -> Path:
    try:
        return (base / Path(path).expanduser()).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, an unknown ~user, lone surrogates
        raise Invalid(
            "path", f"{_shown(path)} leads to no folder; give a path that can be followed"
        ) from None


def _outside(path: str, allowed: Sequence[Path]) -> str:
    if not allowed:
        return "no folder may be read yet; name some in GREENLIGHT_REPO_ROOTS"
    folders = os.pathsep.join(plain_path(str(root)) for root in allowed)
    return (
        f"{_shown(path)} is outside the folders that may be read ({folders}); "
        "choose one inside, or add its folder to GREENLIGHT_REPO_ROOTS"
    )


def _shown(path: str) -> str:
    return repr(shorten(plain_path(path), 200))
