"""What the studio asks of a vendor, and what a vendor may answer.

A vendor is a small object with these methods. The two that matter for money: `submit` sends
exactly one paid request and says honestly what came of it, and `poll` is the only word that
settles anything.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tools.money import Money


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One take, exactly as it was quoted. `body` is what the digest covers.

    `take_id` is our own name for this attempt: idempotency key and client reference at once.
    """

    take_id: str
    model: str
    prompt: str
    negative_prompt: str
    seconds: int
    resolution: str
    aspect_ratio: str
    audio: bool
    caption: str | None = None
    title_card: str | None = None
    camera: str = "static"
    number: int = 1
    styles: tuple[str, ...] = ()
    mood: str = ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The vendor took the job and gave it a name."""

    provider_job_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Proof that nothing was created: the hold may go back."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The request may have arrived. The hold stays, nothing is sent again."""

    reason: str


Submission = Submitted | Refused | Ambiguous


@dataclass(frozen=True, slots=True)
class Running:
    """Still at work. `progress` is 0 to 1 when the vendor says so, else None."""

    progress: float | None = None


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Done. `charged` is what the vendor reports; None where its report is missing."""

    charged: Money | None


@dataclass(frozen=True, slots=True)
class Failed:
    """Ended without a clip. `charged` is what the vendor bills for it; None where it does not say."""

    reason: str
    charged: Money | None
    canceled: bool = False


Status = Running | Succeeded | Failed


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`idempotent`: the same key never creates a second job. `reports_cost`: the terminal answer has a bill."""

    play_money: bool = False
    free: bool = False
    cancel: bool = False
    idempotent: bool = False
    reports_cost: bool = True
    concurrent: int = 3
    poll_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class VideoModel:
    """What a vendor's model offers. `seconds` is the sorted list of durations it can render."""

    name: str
    seconds: tuple[int, ...]
    resolutions: tuple[str, ...]
    aspect_ratios: tuple[str, ...]
    audio: bool = False
    note: str = ""


class VideoProvider(Protocol):
    """A plug for one vendor. Every method may be called again after a crash except `submit`.

    An adapter translates every failure of the network at its own edge: none of `submit`, `find`,
    `poll` and `cancel` raises. Only `fetch` may, with `OSError`; it is tried again.
    """

    name: str
    capabilities: Capabilities
    models: tuple[VideoModel, ...]

    async def submit(self, request: RenderRequest) -> Submission:
        """Send the one paid request for this take: no retry, no redirect, no second host."""
        ...

    async def find(self, take_id: str) -> str | None:
        """The vendor's name for our take, where the vendor can be asked; else None."""
        ...

    async def poll(self, provider_job_id: str) -> Status:
        """The vendor's word on a job. One that cannot be asked now, or says a word nobody knows, is `Running`."""
        ...

    async def cancel(self, provider_job_id: str) -> bool:
        """Ask the vendor to stop; True if it agreed. Only `poll` says what was billed."""
        ...

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        """Write the finished clip to `to`, replacing what is there."""
        ...
