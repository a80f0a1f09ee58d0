"""A vendor's answer that the database could not take: kept in a file beside it until it can.

While anything is in the file, nothing more is sent from this folder.
"""

import fcntl
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

import anyio.to_thread

from tools.providers.base import Ambiguous, Refused, Submission, Submitted

OUTCOMES = {"submitted": Submitted, "refused": Refused, "ambiguous": Ambiguous}


@dataclass(frozen=True, slots=True)
class Spilled:
    """An answer, and the claim under which it was asked for."""

    job_id: str
    fence: int
    outcome: Submission


@dataclass(frozen=True, slots=True)
class Spill:
    """One file for every process on a data folder."""

    path: Path

    def is_empty(self) -> bool:
        return not self.path.exists() or self.path.stat().st_size == 0

    async def keep(self, spilled: Spilled) -> None:
        """On disk when it returns; raises `OSError` if the disk does not take it either."""
        await anyio.to_thread.run_sync(self._append, _to_line(spilled))

    def _append(self, line: str) -> None:
        with self.path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.truncate(_whole(self.path.read_bytes()))
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())

    async def bring_in(self, record: Callable[[Spilled], Awaitable[object]]) -> None:
        """Hand every answer to the database, and empty the file once all are in. Safe to repeat.

        The file is nobody's meanwhile: whoever stops here keeps no other process from its work.
        """
        if self.is_empty():
            return
        found = await anyio.to_thread.run_sync(self.path.read_bytes)
        for line in found[: _whole(found)].decode().splitlines():
            await record(_from_line(line))
        await anyio.to_thread.run_sync(self._empty, found)

    def _empty(self, brought: bytes) -> None:
        """If there is more by now, all of it stays, and is brought in once more."""
        with self.path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if file.read() == brought:
                file.truncate(0)


def _whole(content: bytes) -> int:
    """Up to where it is whole: a last line that a crash cut short was never promised to anybody."""
    return content.rfind(b"\n") + 1


def _to_line(spilled: Spilled) -> str:
    match spilled.outcome:
        case Submitted(provider_job_id):
            word, detail = "submitted", provider_job_id
        case Refused(reason):
            word, detail = "refused", reason
        case Ambiguous(reason):
            word, detail = "ambiguous", reason
        case _:
            assert_never(spilled.outcome)
    return json.dumps({"job": spilled.job_id, "fence": spilled.fence, "outcome": word, "detail": detail})


def _from_line(line: str) -> Spilled:
    row: dict[str, Any] = json.loads(line)
    return Spilled(row["job"], row["fence"], OUTCOMES[row["outcome"]](row["detail"]))
