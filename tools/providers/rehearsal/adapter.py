"""How the pretended vendor is asked: an adapter like any other, over HTTP."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from tools.clock import read_stamp, stamp
from tools.money import ZERO, Money
from tools.providers.base import (
    Ambiguous,
    Capabilities,
    Failed,
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
from tools.providers.download import download
from tools.providers.rehearsal.server import serving
from tools.providers.rehearsal.shop import MODELS, TOGETHER, Shop
from tools.providers.rehearsal.webhooks import read_nudge
from tools.providers.wire import Answer, Client, Patience, get_json, open_client, post_once

TOOK_NOTHING = frozenset({400, 401, 422, 429})
NOT_FOUND = 404
LINKS_MAX = 2  # one may have expired


class Job(BaseModel):
    """A job as the vendor tells it."""

    id: str
    status: str
    client_ref: str | None = None
    created_at: str = ""
    progress: float | None = None
    cost_usd: str | None = None
    content_url: str | None = None
    error: str | None = None

    def charged(self) -> Money | None:
        try:
            return None if self.cost_usd is None else Money.usd(self.cost_usd)
        except ValueError:
            return None

    def as_status(self) -> Status:
        match self.status:
            case "succeeded":
                return Succeeded(self.charged())
            case "failed":
                return Failed(self.error or "failed", self.charged())
            case "canceled":
                return Failed("canceled", self.charged() or ZERO, canceled=True)
            case _:
                return Running(self.progress)


class Jobs(BaseModel):
    jobs: list[Job]


@asynccontextmanager
async def open_line(
    shop: Shop, capabilities: Capabilities, answer_seconds: float
) -> AsyncGenerator[VideoProvider]:
    """The vendor, up and listening, and somebody to ask it."""
    patience = Patience(read=answer_seconds, total=answer_seconds * 7 / 6)
    key = {"authorization": f"Bearer {shop.secret}"}
    async with serving(shop) as address, open_client(f"{address}/v1", key, patience) as client:
        yield Line(client, shop, capabilities)


class Line(VideoProvider):
    name = "rehearsal"
    models = MODELS

    def __init__(self, client: Client, shop: Shop, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self._client = client
        self._shop = shop

    async def submit(self, request: RenderRequest) -> Submission:
        order = asdict(replace(request, pictures=()))  # nobody there would look at them
        order |= {"client_ref": order.pop("take_id"), "webhook_url": order.pop("webhook")}
        headers = {"idempotency-key": request.take_id, "shot": str(request.number)}
        said = await post_once(
            self._client, "jobs", json=order, headers=headers, creates_nothing=TOOK_NOTHING
        )
        if not isinstance(said, Answer):
            return said
        match said.body.get("id"):
            case str(name) if name:
                return Submitted(name)
            case _:
                return Ambiguous("the vendor's answer does not name the job")

    async def poll(self, provider_job_id: str) -> Status:
        said = await get_json(self._client, _path(provider_job_id))
        if said is not None and said.status == NOT_FOUND:
            return Missing()
        job = _job(said)
        return Silent() if job is None else job.as_status()

    async def poll_many(self, provider_job_ids: Sequence[str]) -> Mapping[str, Status]:
        told: dict[str, Status] = {}
        for start in range(0, len(provider_job_ids), TOGETHER):
            asked = provider_job_ids[start : start + TOGETHER]
            found = await self._list(f"ids={','.join(map(_plain, asked))}")
            if found is not None:
                told |= dict.fromkeys(asked, Missing()) | {job.id: job.as_status() for job in found}
        return told

    async def find(self, take_id: str) -> str | Missing | Silent:
        match await self._list(f"client_ref={_plain(take_id)}"):
            case [only]:
                return only.id
            case []:
                return Missing()
            case _:
                return Silent()

    async def listing(self, since: datetime) -> Sequence[VendorJob] | None:
        found = await self._list(f"since={_plain(stamp(since))}")
        if found is None:
            return None
        return [VendorJob(job.id, job.client_ref, read_stamp(job.created_at)) for job in found]

    async def cancel(self, provider_job_id: str) -> bool:
        said = await get_json(self._client, f"{_path(provider_job_id)}/cancel", method="POST")
        return said is not None and said.status < NOT_FOUND and _job(said) is not None

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        for n in range(LINKS_MAX):
            try:
                await download(self._client, await self._link(provider_job_id), to)
            except OSError:
                if n + 1 == LINKS_MAX:
                    raise
            else:
                return

    def nudge(self, headers: Mapping[str, str], body: bytes) -> Nudge | None:
        return read_nudge(self._shop, headers, body)

    async def _link(self, provider_job_id: str) -> str:
        job = _job(await get_json(self._client, _path(provider_job_id)))
        if job is None or job.content_url is None:
            raise ConnectionError("the vendor gives no link to the clip")
        return job.content_url

    async def _list(self, question: str) -> list[Job] | None:
        said = await get_json(self._client, f"jobs?{question}")
        try:
            return None if said is None else Jobs.model_validate(said.body).jobs
        except ValidationError:
            return None


def _job(said: Answer | None) -> Job | None:
    try:
        return None if said is None else Job.model_validate(said.body)
    except ValidationError:
        return None


def _path(provider_job_id: str) -> str:
    return f"jobs/{_plain(provider_job_id)}"


def _plain(text: str) -> str:
    """As a part of an address that cannot lead anywhere else."""
    return quote(text, safe="")
