"""What the vendor took and billed: a file of JSON lines, of which the last for a job counts.

Several processes may write it. A line is whole and on disk before its order is answered; what a
process that died left half written was never answered, and is cut off by the next that writes.
"""

import fcntl
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import IO

from tools.clock import read_stamp, stamp
from tools.money import Money

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """One line of the meter: a job as it stands. `ref` is the buyer's own name for it."""

    provider_job_id: str
    at: datetime
    billed: Money | None
    work: timedelta
    failed: bool = False
    canceled: bool = False
    ref: str | None = None
    number: int = 1


class Meter:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self._path = path
        self._known: dict[str, Accepted] = {}
        self._read_bytes = 0
        self._reading = Lock()  # orders are taken in threads

    @property
    def jobs(self) -> Mapping[str, Accepted]:
        """What every process has taken: one vendor, however many speak for it."""
        with self._reading:
            if self._path.stat().st_size > self._read_bytes:
                self._read_on()
        return self._known

    def write(self, decide: Callable[[Mapping[str, Accepted]], Accepted | None]) -> bool:
        """Add the line that `decide` makes while nobody else writes; False if it makes none.

        The lock is held for as long as it takes to decide: waiting for the disk is done without it,
        so that a process that is stopped here stops nobody else.
        """
        with self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            job = decide(self.jobs)
            if job is not None:
                _cut_torn(file)
                file.write(_to_line(job).encode() + b"\n")
                file.flush()
            fcntl.flock(file, fcntl.LOCK_UN)
            os.fsync(file.fileno())  # what another process wrote is answered for here, too
        return job is not None

    def _read_on(self) -> None:
        with self._path.open("rb") as file:
            file.seek(self._read_bytes)
            whole, end, _ = file.read().rpartition(b"\n")  # the last line may be half written
        for line in whole.splitlines():
            self._learn(line)
        self._read_bytes += len(whole) + len(end)

    def _learn(self, line: bytes) -> None:
        try:
            job = _from_line(line)
        except (ValueError, KeyError, TypeError):
            logger.warning("a line of %s cannot be read, and is left out", self._path)
            return
        self._known[job.provider_job_id] = job


def _cut_torn(file: IO[bytes]) -> None:
    size = file.seek(0, os.SEEK_END)
    while size:
        start = max(size - 4096, 0)
        file.seek(start)
        end = file.read(size - start).rfind(b"\n")
        if end >= 0:
            size = start + end + 1
            break
        size = start
    file.truncate(size)


def _to_line(job: Accepted) -> str:
    return json.dumps(
        {
            "id": job.provider_job_id,
            "ref": job.ref,
            "n": job.number,
            "at": stamp(job.at),
            "billed_micros": None if job.billed is None else job.billed.micros,
            "work_ms": job.work // timedelta(milliseconds=1),
            "failed": job.failed,
            "canceled": job.canceled,
        }
    )


def _from_line(line: bytes) -> Accepted:
    row = json.loads(line)
    billed = None if row["billed_micros"] is None else Money(row["billed_micros"])
    return Accepted(
        provider_job_id=row["id"],
        at=read_stamp(row["at"]),
        billed=billed,
        work=timedelta(milliseconds=row["work_ms"]),
        failed=row["failed"],
        canceled=row["canceled"],
        ref=row.get("ref", row["id"]),
        number=row.get("n", 1),
    )
