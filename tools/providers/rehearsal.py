"""A pretended vendor with prices in play money: the whole way can be tried without an account.

It behaves like a vendor that honours idempotency keys and can be searched by our reference.
What it accepted and billed stands in its own meter, a file of JSON lines that the rest of the
studio never reads: the ground truth that tests compare the ledger with.

Faults on demand, separated by commas, each for every shot or, with `@N`, for shot N alone:
`refuse` (a 4xx that creates nothing), `lose-answer` (accepts, and the answer never arrives),
`fail` (takes the job and bills nothing for it), `no-cost` (ends without a bill), `overrun`
(bills twice the price), `slow` (takes ten times as long).
"""

import fcntl
import json
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

import anyio.to_thread

from tools.cards import render
from tools.clock import Clock, read_stamp, stamp
from tools.errors import Invalid
from tools.money import ZERO, Money
from tools.providers.base import (
    Ambiguous,
    Capabilities,
    Failed,
    Missing,
    Refused,
    RenderRequest,
    Running,
    Status,
    Submission,
    Submitted,
    Succeeded,
    VideoModel,
    VideoProvider,
)
from tools.providers.drawn import card_of, keep, objection, recall
from tools.shots import ASPECT_RATIOS

STAMP = "PLAY MONEY REHEARSAL"
FAULTS = ("refuse", "lose-answer", "fail", "no-cost", "overrun", "slow")
WORK = timedelta(seconds=1)

# What this vendor bills, in play dollars a second. The price book repeats it; a test compares.
RATES = {
    ("rehearsal-draft", "480p"): Money.usd("0.04"),
    ("rehearsal-draft", "720p"): Money.usd("0.06"),
    ("rehearsal-premium", "720p"): Money.usd("0.30"),
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """One line of the meter."""

    provider_job_id: str  # our take's own name
    at: datetime
    billed: Money | None
    work: timedelta
    failed: bool = False
    canceled: bool = False


class Rehearsal(VideoProvider):
    """Renders what the animatic draws, for play money."""

    name = "rehearsal"
    capabilities = Capabilities(
        play_money=True,
        cancel=True,
        key_life=timedelta.max,
        search_window=timedelta(0),
        concurrent=3,
        poll_seconds=0.25,
    )
    models = (
        VideoModel(
            "rehearsal-draft", tuple(range(1, 31)), ("480p", "720p"), ASPECT_RATIOS, note="play money"
        ),
        VideoModel("rehearsal-premium", tuple(range(2, 16)), ("720p",), ASPECT_RATIOS, note="play money"),
    )

    def __init__(self, folder: Path, clock: Clock, faults: str = "") -> None:
        self._folder = folder
        self._meter = folder / "meter.jsonl"
        self._clock = clock
        self._faults = _read_faults(faults)
        self._known: dict[str, Accepted] = {}
        self._read_bytes = 0
        self._reading = Lock()  # requests are accepted in threads
        folder.mkdir(parents=True, exist_ok=True)
        self._meter.touch()

    async def submit(self, request: RenderRequest) -> Submission:
        faults = self._faults_of(request.number)
        reason = "refused on purpose" if "refuse" in faults else objection(request, self.models)
        if reason is not None:
            return Refused(reason)
        if request.take_id not in self._jobs:
            await anyio.to_thread.run_sync(self._accept, request, faults)
        if "lose-answer" in faults:
            return Ambiguous("the connection was lost before an answer came")
        return Submitted(request.take_id)

    async def find(self, take_id: str) -> str | None:
        return take_id if take_id in self._jobs else None

    async def poll(self, provider_job_id: str) -> Status:
        job = self._jobs.get(provider_job_id)
        if job is None:
            return Missing()
        if job.canceled:
            return Failed("canceled", ZERO, canceled=True)
        share = (self._clock() - job.at) / job.work
        if share < 1:
            return Running(max(share, 0.0))
        return Failed("failed on purpose", ZERO) if job.failed else Succeeded(job.billed)

    async def cancel(self, provider_job_id: str) -> bool:
        job = self._jobs.get(provider_job_id)
        if job is None or (self._clock() - job.at) >= job.work:
            return False
        await anyio.to_thread.run_sync(self._write, replace(job, billed=ZERO, canceled=True))
        return True

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        await anyio.to_thread.run_sync(self._draw, provider_job_id, to)

    def _draw(self, provider_job_id: str, to: Path) -> None:
        render(card_of(recall(self._folder, provider_job_id), STAMP), to)

    def _faults_of(self, number: int) -> tuple[str, ...]:
        return tuple(name for name, only in self._faults if only in (None, number))

    def _accept(self, request: RenderRequest, faults: tuple[str, ...]) -> None:
        price = RATES[request.model, request.resolution].times(
            request.seconds * (2 if "overrun" in faults else 1)
        )
        work = WORK * (10 if "slow" in faults else 1) * (1 + 0.1 * request.number)
        billed = ZERO if "fail" in faults else None if "no-cost" in faults else price
        keep(self._folder, request)
        accepted = Accepted(request.take_id, self._clock(), billed, work, failed="fail" in faults)
        self._write(accepted, once=True)

    def _write(self, accepted: Accepted, *, once: bool = False) -> None:
        """Add a line; `once` makes none for a key that was honoured before, by whichever process."""
        with self._meter.open("a", encoding="utf-8") as meter:
            fcntl.flock(meter, fcntl.LOCK_EX)
            if once and accepted.provider_job_id in self._jobs:
                return
            meter.write(_to_line(accepted) + "\n")
            meter.flush()
            os.fsync(meter.fileno())

    @property
    def _jobs(self) -> dict[str, Accepted]:
        """What every process has had accepted: one vendor, however many speak to it."""
        with self._reading:
            if self._meter.stat().st_size > self._read_bytes:
                self._read_on()
        return self._known

    def _read_on(self) -> None:
        with self._meter.open("rb") as meter:
            meter.seek(self._read_bytes)
            whole, end, _ = meter.read().rpartition(b"\n")  # the last line may be half written
        for line in whole.splitlines():
            row = _from_line(line.decode())
            self._known[row.provider_job_id] = row
        self._read_bytes += len(whole) + len(end)


def _read_faults(text: str) -> list[tuple[str, int | None]]:
    faults: list[tuple[str, int | None]] = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        name, at, number = word.partition("@")
        if name not in FAULTS or bool(at) != number.isdecimal():
            raise Invalid(
                "GREENLIGHT_REHEARSAL_FAULTS", f"{word!r} is none of {', '.join(FAULTS)} (or one @N)"
            )
        faults.append((name, int(number) if number else None))
    return faults


def _to_line(accepted: Accepted) -> str:
    return json.dumps(
        {
            "id": accepted.provider_job_id,
            "at": stamp(accepted.at),
            "billed_micros": None if accepted.billed is None else accepted.billed.micros,
            "work_ms": accepted.work // timedelta(milliseconds=1),
            "failed": accepted.failed,
            "canceled": accepted.canceled,
        }
    )


def _from_line(line: str) -> Accepted:
    row = json.loads(line)
    billed = None if row["billed_micros"] is None else Money(row["billed_micros"])
    work = timedelta(milliseconds=row["work_ms"])
    return Accepted(row["id"], read_stamp(row["at"]), billed, work, row["failed"], row["canceled"])
