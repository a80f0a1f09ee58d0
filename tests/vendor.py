"""The vendor of the stories: of any class, in any mood, with a meter that is the truth.

It lives in the tests' own process, so that a story costs no sockets, and outlives every process
that the story starts or kills.
"""

import asyncio
import json
import struct
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from PIL import Image

from tests.fate import Fate
from tests.inline import Turns
from tools import media
from tools.clock import Clock
from tools.money import ZERO, Money
from tools.providers.base import (
    Ambiguous,
    Capabilities,
    Failed,
    Missing,
    Nudge,
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
from tools.shots import ASPECT_RATIOS

# One honours idempotency keys, one can be searched by our reference, one only calls back, one does nothing.
VendorClass = Literal["keyed", "searched", "calling", "blind"]
Witness = Callable[[RenderRequest], None]

RATE = Money.usd("0.04")  # a second of "rehearsal-draft" at 480p
WORK = timedelta(seconds=1)
SIGNED = {"signature": "the vendor's own"}
UNSEEN = timedelta(minutes=3)  # how long a search may overlook what was accepted
FORGETFUL = timedelta(minutes=8)  # how long a vendor may not know what it has accepted
MOODS = ("refuse", "lose-answer", "hide", "forget", "fail", "no-cost", "overrun", "slow")
CLASSES: dict[VendorClass, Capabilities] = {
    "keyed": Capabilities(key_life=timedelta.max, search_window=UNSEEN),
    "searched": Capabilities(search_window=UNSEEN),
    "calling": Capabilities(webhook=True),
    "blind": Capabilities(),
}


@dataclass
class Gate:
    """Where a request is kept on the line until somebody lets it go."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        self.reached.set()
        await self.open.wait()


@dataclass(frozen=True)
class Accepted:
    """One job, as it stands on the vendor's meter."""

    id: str
    take_id: str
    prompt: str
    at: datetime
    billed_micros: int | None
    work: timedelta
    found_from: datetime  # by who searches for it
    known_from: datetime  # to who asks about it
    failed: bool = False
    canceled: bool = False


@dataclass
class Vendor(VideoProvider):
    """It bills by the second, does what its mood for a shot says, and counts what is sent to it."""

    clock: Clock
    fate: Fate
    kind: VendorClass
    turns: Turns
    witness: Witness = lambda _request: None
    moods: dict[int, str] = field(default_factory=dict[int, str])
    meter: dict[str, Accepted] = field(default_factory=dict[str, Accepted])
    posts: Counter[str] = field(default_factory=Counter[str])
    refused: set[str] = field(default_factory=set[str])
    addresses: dict[str, str] = field(default_factory=dict[str, str])  # to call about a job, by its name
    gate: Gate | None = None

    name = "rehearsal"
    models = (VideoModel("rehearsal-draft", tuple(range(1, 31)), ("480p",), ASPECT_RATIOS),)

    def __post_init__(self) -> None:
        self.capabilities = replace(CLASSES[self.kind], cancel=True, concurrent=2, poll_seconds=0.25)

    async def submit(self, request: RenderRequest) -> Submission:
        self.witness(request)
        self.posts[request.take_id] += 1
        self.fate.meets("before the vendor hears")
        if self.gate is not None:
            gate, self.gate = self.gate, None
            await gate.wait()
        await self.turns.pass_on()
        answer = self._answer(request, self.moods.get(request.number))
        self.fate.meets("after the vendor accepted")
        await self.turns.pass_on()
        return answer

    def _answer(self, request: RenderRequest, mood: str | None) -> Submission:
        if mood == "refuse":
            self.refused.add(request.take_id)
            return Refused("refused on purpose")
        known = self.job_of(request.take_id) if self.kind == "keyed" else None
        job = known or self._accept(request, mood)
        if mood in ("lose-answer", "hide"):
            return Ambiguous("the connection was lost before an answer came")
        return Submitted(job.id)

    def job_of(self, take_id: str) -> Accepted | None:
        return next((job for job in self.meter.values() if job.take_id == take_id), None)

    def _accept(self, request: RenderRequest, mood: str | None) -> Accepted:
        now = self.clock()
        job = Accepted(
            id=f"work-{len(self.meter) + 1}",
            take_id=request.take_id,
            prompt=request.prompt,
            at=now,
            billed_micros=_bill(request, mood),
            work=WORK * (10 if mood == "slow" else 1) * (1 + 0.1 * request.number),
            found_from=now + UNSEEN if mood == "hide" else now,
            known_from=now + FORGETFUL if mood == "forget" else now,
            failed=mood == "fail",
        )
        self.meter[job.id] = job
        if request.webhook is not None:
            self.addresses[job.id] = request.webhook
        return job

    async def find(self, take_id: str) -> str | Missing:
        await self.turns.pass_on()
        self.fate.meets("before the search is answered")
        job = self.job_of(take_id)
        searched = self.capabilities.search_window is not None
        seen = searched and job is not None and job.found_from <= self.clock()
        return job.id if seen and job is not None else Missing()

    async def balance(self) -> str:
        await self.turns.pass_on()
        return f"{1_000 - len(self.meter)} credits"

    async def poll(self, provider_job_id: str) -> Status:
        await self.turns.pass_on()
        status = self._status(self.meter.get(provider_job_id))
        self.fate.meets("before settling")
        return status

    def _status(self, job: Accepted | None) -> Status:
        now = self.clock()
        if job is None or now < job.known_from:
            return Missing()
        if job.canceled:
            return Failed("canceled", ZERO, canceled=True)
        share = (now - job.at) / job.work
        if share < 1:
            return Running(max(share, 0.0))
        charged = None if job.billed_micros is None else Money(job.billed_micros)
        return Failed("failed on purpose", charged) if job.failed else Succeeded(charged)

    async def cancel(self, provider_job_id: str) -> bool:
        await self.turns.pass_on()
        self.fate.meets("before the vendor stops")
        job = self.meter.get(provider_job_id)
        if job is None or job.canceled or self.clock() - job.at >= job.work:
            return False
        self.meter[job.id] = replace(job, billed_micros=0, canceled=True)
        self.fate.meets("after the vendor stopped")
        return True

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        self.fate.meets("before fetching")
        to.write_bytes(clip_for(self.meter[provider_job_id].prompt))  # noqa: ASYNC240 -- a story has one thread

    def nudge(self, headers: Mapping[str, str], body: bytes) -> Nudge | None:
        claim = json.loads(body)
        return Nudge(claim["event"], claim["job"]) if headers == SIGNED else None


def _bill(request: RenderRequest, mood: str | None) -> int | None:
    match mood:
        case "fail":
            return 0
        case "no-cost":
            return None
        case "overrun":
            return 2 * RATE.micros * request.seconds
        case _:
            return RATE.micros * request.seconds


@cache
def _a_clip(seconds: int) -> bytes:
    with TemporaryDirectory() as name:
        path = Path(name) / "clip.mp4"
        frames: Any = [Image.new("RGB", (64, 36))] * (24 * seconds)
        media.write_clip(frames, path, fps=24, size=(64, 36), tone=None)
        return path.read_bytes()


def clip_for(prompt: str, seconds: int = 1) -> bytes:
    """A ready-made clip; a box that players skip makes its bytes those of one prompt."""
    mark = sha256(prompt.encode()).digest()
    return _a_clip(seconds) + struct.pack(">I4s", 8 + len(mark), b"free") + mark
