"""Running git on what strangers made: it obeys us alone, for so long and so much, and never the person's setup.

No configuration but ours is read, no hook, helper, pager or filter runs, nobody is asked for a password,
and our own environment stays here. What runs too long or grows too large is killed with all it started.
"""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, BinaryIO

from tools.errors import Invalid
from tools.trouble import TOO_LATE

WATCH_SECONDS = 0.1
SAID_BYTES_MAX = 20_000
OLDEST = (2, 37)  # the first that can be told where a name leads

_MEMORY_KILOBYTES = 900_000
_PROCESSOR_SECONDS = 60
# `ulimit` binds what git starts, too, from its first instruction on.
_BOUND = 'ulimit -c 0; ulimit -t "$1"; ulimit -f "$2"; ulimit -v "$3" 2>/dev/null; shift 3; exec "$@"'
_BLOCK = 512

_SETTINGS: Mapping[str, str] = {
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.askPass": "",
    "core.bigFileThreshold": "1m",  # larger blobs go to the disk in pieces
    "core.deltaBaseCacheLimit": "16m",
    "core.packedGitLimit": "128m",
    "core.packedGitWindowSize": "16m",
    "credential.helper": "",
    "fetch.recurseSubmodules": "no",
    "fetch.showForcedUpdates": "false",
    "gc.auto": "0",
    "http.emptyAuth": "false",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "200",
    "http.lowSpeedTime": "15",
    "http.sslVerify": "true",
    "log.mailmap": "false",
    "log.showSignature": "false",
    "maintenance.auto": "false",
    "pack.threads": "1",
    "protocol.allow": "never",
    "submodule.recurse": "false",
    "transfer.bundleURI": "false",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    seconds: float = 60.0
    bytes: int = 250_000_000  # on the disk


BOUNDS = Bounds()


@cache
def program() -> str:
    """Where git is; `Invalid` where it is not, or is too old to be kept in hand."""
    found = shutil.which("git")
    if found is None:
        raise Invalid("path", "git is not installed here, so no git address can be read; give a folder")
    said = subprocess.run(  # noqa: S603 -- nothing of it is a stranger's
        [found, "version"], capture_output=True, text=True, check=False, timeout=10
    ).stdout
    version = tuple(map(int, re.findall(r"\d+", said)[:2]))
    if version < OLDEST:
        raise Invalid("path", f"git {'.'.join(map(str, OLDEST))} or newer is needed for a git address")
    return found


def run(
    folder: Path, *words: str, settings: Mapping[str, str], schemes: Sequence[str], bounds: Bounds
) -> tuple[int, str]:
    """How git ended and what it said; `Invalid` where it had to be stopped. `folder` is watched as it grows."""
    said = folder / "said"
    allowed = {f"protocol.{scheme}.allow": "always" for scheme in schemes}
    with said.open("wb") as file:
        process = _start(
            folder,
            words,
            settings={**settings, **allowed},
            schemes=schemes,
            bytes_max=bounds.bytes,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=file,
        )
        with process:
            try:
                _watch(process, folder, bounds)
            finally:
                _end(process)
    with said.open("rb") as file:
        return process.returncode, file.read(SAID_BYTES_MAX).decode("utf-8", "replace")


@contextmanager
def listening(
    git_dir: Path, *words: str, seconds: float, asked: BinaryIO | None = None
) -> Generator[IO[bytes]]:
    """What git says on its output, which ends after `seconds` at the latest; `asked` is its input."""
    process = _start(
        git_dir,
        words,
        settings={},
        schemes=(),
        bytes_max=0,
        stdin=subprocess.DEVNULL if asked is None else asked,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    late = threading.Timer(max(seconds, 0.01), _end, (process,))
    late.start()
    with process:
        try:
            assert process.stdout is not None  # noqa: S101 -- a pipe was asked for
            yield process.stdout
        finally:
            late.cancel()
            _end(process)


def _start(
    git_dir: Path,
    words: Sequence[str],
    *,
    settings: Mapping[str, str],
    schemes: Sequence[str],
    bytes_max: int,
    stdin: int | BinaryIO,
    stdout: int,
    stderr: int | BinaryIO,
) -> subprocess.Popen[bytes]:
    given = [part for name, value in {**_SETTINGS, **settings}.items() for part in ("-c", f"{name}={value}")]
    bounds = (str(_PROCESSOR_SECONDS), str(bytes_max // _BLOCK), str(_MEMORY_KILOBYTES))
    return subprocess.Popen(  # noqa: S603 -- a stranger's words stand where git takes no option
        ["/bin/sh", "-c", _BOUND, "sh", *bounds, program(), *given, "--no-pager", *words],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=git_dir,
        env=_environment(git_dir, schemes),
        start_new_session=True,
    )


def _environment(git_dir: Path, schemes: Sequence[str]) -> dict[str, str]:
    """All that git learns of this machine: its own home has no settings and no passwords."""
    return {
        "PATH": os.defpath,
        "HOME": str(git_dir),
        "XDG_CONFIG_HOME": str(git_dir),
        "LC_ALL": "C",
        "GIT_DIR": str(git_dir),
        "GIT_ALLOW_PROTOCOL": ":".join(schemes) or "none",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
    }


def _watch(process: subprocess.Popen[bytes], folder: Path, bounds: Bounds) -> None:
    deadline = time.monotonic() + bounds.seconds
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(WATCH_SECONDS)
            return
        if time.monotonic() > deadline:
            late = (
                f"it takes longer than {bounds.seconds:g} seconds to fetch; give a folder ({TOO_LATE.page})"
            )
            raise Invalid("path", late)
        if _size(folder) > bounds.bytes:
            raise Invalid("path", f"it is larger than {bounds.bytes // 1_000_000:,} MB; give a folder")


def _size(folder: Path) -> int:
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # git has just renamed it
                size += (Path(parent) / name).lstat().st_size
    return size


def _end(process: subprocess.Popen[bytes]) -> None:
    """It, and all that it has started: even where it is gone itself, a helper may be left."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
