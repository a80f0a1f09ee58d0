"""What the studio asks of a vendor, and what a vendor may answer.

A vendor is a small object with these methods. The two that matter for money: `submit` sends
exactly one paid request and says honestly what came of it, and `poll` is the only word that
settles anything.

How a lost answer is found again is a matter of the vendor's class:

    key       the same request under the same key makes no second job, so it may be asked again
    search    the vendor can be asked for the job by our own reference
    webhook   the vendor calls an address that only this take has, and so gives the job's name
    blind     none of these: a person decides
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from anyio import CapacityLimiter, create_task_group

from tools.money import Money
from tools.prices import Answer as PriceList
from tools.prices import Kind, PriceRow

AT_ONCE = 16  # questions to one vendor at a time, where it takes one job a question


@dataclass(frozen=True, slots=True)
class Picture:
    """A reference picture, as it was quoted: the vendor gets these bytes and no others."""

    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One take, exactly as it was quoted.

    `take_id` is our own name for this attempt: idempotency key and client reference at once.
    `webhook` is the address that this take alone has, for vendors that call back. The film
    begins with the first of `pictures`; the model's `VideoModel` says how many it takes.
    A `kind` other than a film leaves out what only films have: `prompt` is what a picture shows, or
    the words that `voice` says.
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
    webhook: str | None = None
    pictures: tuple[Picture, ...] = ()
    kind: Kind = "video"
    voice: str = ""


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
    """Still at work, by the vendor's own word. `progress` is 0 to 1 when the vendor says so, else None."""

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


@dataclass(frozen=True, slots=True)
class Missing:
    """The vendor says that it does not know the job. Once is no proof: lists lag, and copies disagree."""


@dataclass(frozen=True, slots=True)
class Silent:
    """The vendor cannot be asked now, or does not answer the question: that says nothing about the job."""


Status = Running | Succeeded | Failed | Missing | Silent


@dataclass(frozen=True, slots=True)
class VendorJob:
    """A job as the vendor lists it. `take_id` is our reference, where the vendor gives it back."""

    provider_job_id: str
    take_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Nudge:
    """What a webhook claims. `event_key` is the same for the same event; nothing else in it is believed."""

    event_key: str
    provider_job_id: str | None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a vendor can do beside rendering.

    `key_life`: for how long the same key never makes a second job; None where keys are not honoured.
    `search_window`: after how long a job that was made can surely be found by our reference; None
    where it cannot be searched. `webhook`: it calls the address that a request carries.
    `reports_cost`: its terminal answer is due to have a bill. `bills_moderated`: what its moderation
    stops after the work began is charged in full; None where its bill alone says what that costs.
    `concurrent` jobs at a time.
    `together`: how many jobs one question of `poll_many` asks about. `answer_seconds`: for how long
    it may be at work before it answers a paid request, where it answers with the work itself.
    """

    play_money: bool = False
    free: bool = False
    cancel: bool = False
    key_life: timedelta | None = None
    search_window: timedelta | None = None
    webhook: bool = False
    reports_cost: bool = True
    bills_moderated: bool | None = None
    concurrent: int = 3
    poll_seconds: float = 5.0
    together: int = 1
    answer_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class VideoModel:
    """What a vendor's model offers. `seconds` is the sorted list of durations it can render.

    `pictures` is how many reference pictures it takes with one request.
    """

    name: str
    seconds: tuple[int, ...]
    resolutions: tuple[str, ...]
    aspect_ratios: tuple[str, ...]
    audio: bool = False
    note: str = ""
    pictures: int = 0
    kind: Kind = "video"


def misfit(request: RenderRequest, models: Sequence[VideoModel]) -> str | None:
    """What the model would not make, or not look at: without a picture of it, it is another film."""
    named = [model for model in models if model.name == request.model]
    if request.kind not in ({model.kind for model in named} or {"video"}):
        return f"{request.model} makes no {request.kind}"
    return unseen(request.model, request.kind, len(request.pictures), models)


def unseen(name: str, kind: Kind, count: int, models: Sequence[VideoModel]) -> str | None:
    """Why so many pictures are too many for the model of that name; None if it looks at them all."""
    takes = next((model.pictures for model in models if (model.name, model.kind) == (name, kind)), 0)
    if count <= takes:
        return None
    pictures = "1 reference picture" if takes == 1 else f"{takes or 'no'} reference pictures"
    return f"{name} takes {pictures}, not {count}"


class VideoProvider(Protocol):
    """A plug for one vendor. Every method may be called again after a crash except `submit`.

    An adapter derives from this class, and answers what its vendor can be asked; what it leaves
    out, its vendor cannot do. It translates every failure of the network at its own edge: no
    method raises but `fetch`, which may with `OSError`, and is tried again.
    """

    name: str
    capabilities: Capabilities
    models: tuple[VideoModel, ...]

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        """Keep open what the adapter needs, as long as the studio is. What is asked before that waits."""
        yield

    def objection(self, request: RenderRequest) -> str | None:
        """Why the vendor cannot make this, as far as that is known without asking it; None if it may."""
        return misfit(request, self.models)

    async def submit(self, request: RenderRequest) -> Submission:
        """Send the one paid request for this take: no retry, no redirect, no second host."""
        ...

    async def poll(self, provider_job_id: str) -> Status:
        """The vendor's word on a job. A word that nobody knows is `Running`; no word at all is `Silent`."""
        ...

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        """Write the finished clip to `to`, replacing what is there."""
        ...

    async def kept(self, provider_job_id: str) -> None:
        """Its clip is on our shelf: what the adapter itself holds of it may go. May be said again."""

    async def poll_many(self, provider_job_ids: Sequence[str]) -> Mapping[str, Status]:
        """The vendor's word on many jobs: one question each, unless it takes them together."""
        told: dict[str, Status] = {}
        places = CapacityLimiter(AT_ONCE)

        async def ask(provider_job_id: str) -> None:
            async with places:
                told[provider_job_id] = await self.poll(provider_job_id)

        async with create_task_group() as group:
            for each in provider_job_ids:
                group.start_soon(ask, each)
        return told

    async def find(self, take_id: str) -> str | Missing | Silent:  # noqa: ARG002 -- most cannot be searched
        """The vendor's name for our take, or its word that it has none."""
        return Silent()

    async def listing(self, since: datetime) -> Sequence[VendorJob] | None:  # noqa: ARG002 -- nor listed
        """Every job that the vendor made for us since then; None where it cannot be asked, or not now."""
        return None

    async def balance(self) -> str | None:
        """What our account there has left, in 40 characters: `1240 credits`. None where it is not said, or not now."""
        return None

    async def price_list(self, at: datetime, known: Sequence[PriceRow]) -> PriceList | Silent | None:  # noqa: ARG002
        """Its own prices as they are at this time, beside rows that are `known`; None where it has no list."""
        return None

    async def cancel(self, provider_job_id: str) -> bool:  # noqa: ARG002 -- nor stopped
        """Ask the vendor to stop; True if it agreed. Only `poll` says what was billed."""
        return False

    def nudge(self, headers: Mapping[str, str], body: bytes) -> Nudge | None:  # noqa: ARG002 -- nor call back
        """A webhook as the vendor sends it, names of headers in lower case; None if it is not genuine."""
        return None
