"""A vendor that does what the test says, and writes down what it was asked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import anyio.to_thread

from tests.vendor import clip_for
from tools.money import Money
from tools.providers.base import (
    Capabilities,
    Missing,
    Nudge,
    RenderRequest,
    Running,
    Silent,
    Status,
    Submission,
    Submitted,
    Succeeded,
    VendorJob,
    VideoProvider,
)
from tools.providers.rehearsal import Rehearsal

DONE = Succeeded(Money.usd("0.04"))


@dataclass
class Puppet(VideoProvider):
    """`answers` are given to requests in turn, and `DONE` jobs are what it says about the ones it has."""

    capabilities: Capabilities
    answers: list[Submission] = field(default_factory=list[Submission])
    has: dict[str, Status] = field(default_factory=dict[str, Status])
    listed: Sequence[VendorJob] | None = None
    found: dict[str, str | Silent] = field(default_factory=dict[str, str | Silent])
    balances: list[str] = field(default_factory=list[str])  # as they are told, one after another
    asked: list[RenderRequest] = field(default_factory=list[RenderRequest])
    name: str = "rehearsal"
    models = Rehearsal.models

    async def submit(self, request: RenderRequest) -> Submission:
        self.asked.append(request)
        if self.answers:
            return self.answers.pop(0)
        self.has[f"job-{len(self.asked)}"] = Running()
        return Submitted(f"job-{len(self.asked)}")

    async def poll(self, provider_job_id: str) -> Status:
        return self.has.get(provider_job_id, Missing())

    async def find(self, take_id: str) -> str | Missing | Silent:
        return self.found.get(take_id, Missing())

    async def listing(self, since: datetime) -> Sequence[VendorJob] | None:  # noqa: ARG002 -- the test lists
        return self.listed

    async def balance(self) -> str | None:
        return self.balances.pop(0) if self.balances else None

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        await anyio.to_thread.run_sync(to.write_bytes, clip_for(provider_job_id))

    def nudge(self, headers: Mapping[str, str], body: bytes) -> Nudge | None:
        """Signed with a word that everybody knows."""
        said = json.loads(body)
        return Nudge(said["event"], said.get("job")) if headers.get("signature") == "genuine" else None
