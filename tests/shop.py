"""A vendor of each class that behaves as its script says, and keeps a meter of its own.

It lives as long as the story: processes die, the vendor goes on. Nothing here looks into our
database; what it accepted and billed is the truth that the books are compared with.
"""

import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.scripts import Script, VendorClass
from tests.vendor import RATE, clip_for
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
    Silent,
    Status,
    Submission,
    Submitted,
    Succeeded,
    VideoProvider,
)
from tools.providers.rehearsal import Rehearsal

KEY_LIFE = timedelta(hours=24)
WINDOW = timedelta(minutes=2)  # for so long a new job may be missing from the vendor's list ...
LAG = timedelta(seconds=90)  # ... and it is, for this long
SIGNATURE = "from the shop"


@dataclass
class Made:
    """One accepted job: a line of the meter."""

    provider_job_id: str
    request: RenderRequest
    at: datetime
    bill: Money
    canceled: bool = False
    looks: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook: the address of one take, and what it says."""

    token: str
    body: bytes


@dataclass
class Shop(VideoProvider):
    """The vendor. `posts` is everything that reached it; `made` is what it will bill."""

    kind: VendorClass
    script: Script
    clock: Clock
    name: str = "rehearsal"
    touched: int = 0
    on_the_line: bool = False  # a worker stops with its request, and nobody can call that back
    posts: list[RenderRequest] = field(default_factory=list[RenderRequest])
    made: dict[str, Made] = field(default_factory=dict[str, Made])
    said: list[Call] = field(default_factory=list[Call])
    calls: deque[Call] = field(default_factory=deque[Call])  # said, and not heard yet
    early: Callable[[Call], Awaitable[None]] | None = None  # takes a call while the answer is on its way

    models = Rehearsal.models

    def __post_init__(self) -> None:
        self.capabilities = Capabilities(
            cancel=True,
            key_life=KEY_LIFE if self.kind == "key" else None,
            search_window=WINDOW if self.kind == "search" else None,
            webhook=self.kind == "webhook",
            reports_cost=self.script.reports_cost,
            concurrent=1,
        )
        self.broken_fetches = self.script.broken_fetches

    # --- what it sells ---

    async def submit(self, request: RenderRequest) -> Submission:
        self.touched += 1
        first = not self.posts
        self.posts.append(request)
        if self.script.answer == "refused" or request.number == self.script.refused_shot:
            return Refused("refused on purpose")
        accepted = self._of_key(request) or self._accept(request)
        await self._call_about(accepted)
        if first and self.script.answer == "lost":
            return Ambiguous("the answer was lost")
        return Submitted(accepted.provider_job_id)

    def _of_key(self, request: RenderRequest) -> Made | None:
        """The job that the same key made before, where keys are honoured."""
        if self.kind != "key":
            return None
        made = (each for each in self.of_take(request.take_id) if self.clock() - each.at < KEY_LIFE)
        return next(made, None)

    def _accept(self, request: RenderRequest) -> Made:
        price = RATE.times(request.seconds)
        bill = {"its price": price, "above the ceiling": price.times(3), "nothing": ZERO}[self.script.bill]
        accepted = Made(f"made_{len(self.made) + 1}", request, self.clock(), bill)
        self.made[accepted.provider_job_id] = accepted
        return accepted

    async def _call_about(self, accepted: Made) -> None:
        if accepted.request.webhook is None or self.kind != "webhook":
            return
        token = accepted.request.webhook.rpartition("/")[2]
        call = Call(token, json.dumps({"event": "taken", "job": accepted.provider_job_id}).encode())
        self.said.append(call)
        self.calls.extend([call] * self.script.calls)
        if self.script.calls_early and self.early is not None:
            await self.early(call)

    # --- what it can be asked ---

    def of_take(self, take_id: str) -> list[Made]:
        return [each for each in self.made.values() if each.request.take_id == take_id]

    async def find(self, take_id: str) -> str | Missing | Silent:
        if self.kind != "search":
            return Silent()
        made = self.of_take(take_id)
        for each in made:
            each.looks += 1
        listed = [each for each in made if self._is_listed(each)]
        return listed[0].provider_job_id if len(listed) == 1 else Missing()

    async def balance(self) -> str:
        return f"{1_000 - len(self.made)} credits"

    def _is_listed(self, job: Made) -> bool:
        return self.clock() - job.at >= LAG and job.looks >= self.script.unknown_looks

    async def poll(self, provider_job_id: str) -> Status:
        job = self.made.get(provider_job_id)
        if job is None:
            return Missing()
        job.looks += 1
        self.touched += 1
        if job.looks <= self.script.unknown_looks:
            return Missing()
        if job.canceled:
            return Failed("canceled", ZERO, canceled=True)
        if self.clock() - job.at < self.script.work:
            return Running(0.5)
        return (
            Failed("failed on purpose", self._report(job))
            if self.script.fails
            else Succeeded(self._report(job))
        )

    def _report(self, job: Made) -> Money | None:
        said = {"the bill": job.bill, "no cost": None, "zero": ZERO, "a negative cost": Money(-1)}
        return said[self.script.report]

    async def cancel(self, provider_job_id: str) -> bool:
        job = self.made[provider_job_id]
        if self.clock() - job.at >= self.script.work:
            return False
        self.touched += 1
        job.canceled, job.bill = True, ZERO
        return True

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        self.touched += 1
        if self.broken_fetches:
            self.broken_fetches -= 1
            raise OSError("the link is no good any more")
        clip = clip_for(self.made[provider_job_id].request.prompt)
        to.write_bytes(clip)  # noqa: ASYNC240 -- a story has one thread

    def nudge(self, headers: Mapping[str, str], body: bytes) -> Nudge | None:
        if headers.get("signature") != SIGNATURE:
            return None
        said = json.loads(body)
        return Nudge(said["event"], said["job"])
