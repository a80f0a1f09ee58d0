"""A repository behind an https address, read without a working tree.

git brings the newest commits into a private folder that has no hooks; then its files are asked for one by
one and land as plain bytes. Nothing is checked out, so no filter, link or submodule ever comes to life.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from tools.errors import Invalid
from tools.repo.address import Address
from tools.repo.git import BOUNDS, Bounds, listening, run
from tools.repo.intake import Intake, must_stop, take, wanted
from tools.repo.reach import REACH, Reach, where
from tools.trouble import FAILED, NO_NAME, NOT_SAFE, TOO_LATE

DEPTH = 20  # commits, for what happened lately
HERE = "refs/read/here"
RECORD_BYTES_MAX = 64_000
PART_BYTES = 64_000


def fetch(address: Address, git_dir: Path, *, reach: Reach = REACH, bounds: Bounds = BOUNDS) -> None:
    """Bring the newest commits into `git_dir`, an empty private folder; `Invalid` says why it cannot be."""
    told = where(address.host, address.port, reach)
    shown = f"[{told}]" if told.version == 6 else str(told)
    settings = {"http.curloptResolve": f"{address.host}:{address.port}:{shown}"}
    code, said = _run(git_dir, "init", "-q", "--bare", "--template=", bounds=bounds)
    if code == 0:
        code, said = _run(
            git_dir,
            *("fetch", "-q", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"),
            *(f"--depth={DEPTH}", address.url, f"+{address.ref or 'HEAD'}:{HERE}"),
            settings=settings,
            schemes=tuple(reach.schemes),
            bounds=bounds,
        )
    if code != 0:
        raise Invalid("path", _why(address, said))


def _run(
    git_dir: Path,
    *words: str,
    settings: dict[str, str] | None = None,
    schemes: tuple[str, ...] = (),
    bounds: Bounds,
) -> tuple[int, str]:
    return run(git_dir, *words, settings=settings or {}, schemes=schemes, bounds=bounds)


# A server's own words are a stranger's: they decide which of our sentences is told, and go no further.
_WHYS = (
    (
        r"could not read Username|Authentication failed|error: 40[13]|terminal prompts disabled",
        "asks for a password; clone it yourself, and give the folder",
    ),
    (r"couldn't find remote ref|not our ref|unadvertised object", "has no such branch, tag or commit"),
    (r"error: 30\d|redirect", "leads on to another address; give that one, often it ends with .git"),
    (r"not found|error: 404", "is not there, or not for everybody"),
    (r"Could not resolve", f"cannot be reached: {NO_NAME}"),
    (r"timed out|too slow", f"cannot be reached: {TOO_LATE}"),
    (r"Failed to connect|Connection refused", f"cannot be reached: {FAILED}"),
    (r"(?i)SSL|gnutls|certificate", f"cannot be reached: {NOT_SAFE}"),
)


def _why(address: Address, said: str) -> str:
    if not address.ref and "remote ref" in said:
        return f"{address} does not answer as a git server does, or has nothing in it"
    known = (words for pattern, words in _WHYS if re.search(pattern, said))
    return f"{address} {next(known, 'does not answer as a git server does')}"


@dataclass(frozen=True, slots=True)
class _Blob:
    id: str
    size: int
    path: str


def unpack(git_dir: Path, intake: Intake) -> None:
    """Let the files of the fetched commit land; links and what is too large to be read stay behind."""
    large = intake.limits.bytes_per_file
    blobs = list(islice(_blobs(git_dir, intake), intake.limits.files + 1))
    asked = git_dir / "asked"
    asked.write_text("".join(f"{blob.id}\n" for blob in blobs if blob.size <= large), "ascii")
    with (
        asked.open("rb") as ids,
        listening(git_dir, "cat-file", "--batch", "--buffer", seconds=_left(intake), asked=ids) as said,
    ):
        intake.seen = 0
        for blob in blobs:
            if must_stop(intake) or not _land(intake, blob, said):
                return


def _land(intake: Intake, blob: _Blob, said: IO[bytes]) -> bool:
    if blob.size > intake.limits.bytes_per_file:
        take(intake, blob.path, blob.size, b"")
        return True
    head = said.readline(RECORD_BYTES_MAX).split()
    if head != [blob.id.encode(), b"blob", str(blob.size).encode()]:
        intake.stopped = "stopped unpacking, for the time it took"
        return False
    content = said.read(blob.size + 1)[:-1]
    take(intake, blob.path, blob.size, content)
    return True


def _blobs(git_dir: Path, intake: Intake) -> Iterator[_Blob]:
    listed = ("ls-tree", "-r", "-z", "-l", "--full-tree", HERE)
    with listening(git_dir, *listed, seconds=_left(intake)) as said:
        for record in _records(said):
            if must_stop(intake):
                return
            facts, _, name = record.partition(b"\t")
            mode, _, blob_id, size = facts.split()
            path = name.decode("utf-8", "surrogateescape")
            intake.modules += mode == b"160000"
            if mode.startswith(b"100") and size.isdigit() and wanted(intake, path):
                yield _Blob(blob_id.decode("ascii"), int(size), path)


def _records(said: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while len(rest) <= RECORD_BYTES_MAX and (part := said.read(PART_BYTES)):
        *whole, rest = (rest + part).split(b"\0")
        yield from whole


def _left(intake: Intake) -> float:
    return intake.deadline - time.monotonic()
