"""How Runway is asked."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tools.money import Money
from tools.providers.account import Account
from tools.providers.answers import UNSAID, as_object, count, part, share, submitted, told
from tools.providers.base import (
    Capabilities,
    Failed,
    Missing,
    Refused,
    RenderRequest,
    Running,
    Silent,
    Status,
    Submission,
    Succeeded,
    VideoProvider,
)
from tools.providers.download import download
from tools.providers.runway.bodies import NAME, body_of, objection, route_of
from tools.providers.wire import (
    PATIENCE,
    TOOK_NOTHING,
    Answer,
    Client,
    Patience,
    get_json,
    open_client,
    post_once,
    said,
)

ADDRESS = "https://api.dev.runwayml.com"
VERSION = {"x-runway-version": "2024-11-06"}
CREDIT = Money.usd("0.01")


@asynccontextmanager
async def open_line(
    account: Account, capabilities: Capabilities, patience: Patience = PATIENCE
) -> AsyncGenerator[VideoProvider]:
    key = {"authorization": f"Bearer {account.key}", **VERSION}
    async with open_client(account.address or ADDRESS, key, patience) as client:
        yield Line(client, capabilities)


class Line(VideoProvider):
    """Runway, and who asks it."""

    name = NAME

    def __init__(self, client: Client, capabilities: Capabilities) -> None:
        self._client = client
        self._stopped: set[str] = set()  # by us: its DELETE makes it forget the task
        self.models = ()
        self.capabilities = capabilities

    async def submit(self, request: RenderRequest) -> Submission:
        why = objection(request)
        if why is not None:
            return Refused(why)
        heard = await post_once(
            self._client, route_of(request), creates_nothing=TOOK_NOTHING, json=body_of(request)
        )
        return submitted(heard.body.get("id")) if isinstance(heard, Answer) else heard

    async def poll(self, provider_job_id: str) -> Status:
        task = told(await get_json(self._client, _path(provider_job_id)))
        if isinstance(task, Missing) and provider_job_id in self._stopped:
            return Failed("canceled", None, canceled=True)
        return task if isinstance(task, Missing | Silent) else self._status(task)

    def _status(self, task: Mapping[str, Any]) -> Status:
        """THROTTLED is taken, and waits for another task to end."""
        match task.get("status"):
            case "SUCCEEDED":
                return Succeeded(_charged(task))
            case "FAILED":
                words = said(self._client, {"message": task.get("failure")})
                return Failed(words or UNSAID, _charged(task))
            case "CANCELLED":
                return Failed("canceled", _charged(task), canceled=True)
            case _:
                return Running(share(task.get("progress")))

    async def cancel(self, provider_job_id: str) -> bool:
        """Only what is under way: of a task that has ended, DELETE would take the clip."""
        if not isinstance(await self.poll(provider_job_id), Running):
            return False
        heard = await get_json(self._client, _path(provider_job_id), method="DELETE")
        if heard is None or heard.status >= 400:
            return False
        self._stopped.add(provider_job_id)
        return True

    async def balance(self) -> str | None:
        """`GET /v1/organization`: Runway's documentation, 2026-11-21."""
        account = told(await get_json(self._client, "v1/organization"))
        if isinstance(account, Missing | Silent):
            return None
        left = count(account.get("creditBalance"))
        return None if left is None else f"{left} credits"

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        """Its addresses live for a day or two; asked again, it gives fresh ones."""
        heard = await get_json(self._client, _path(provider_job_id))
        match None if heard is None else heard.body.get("output"):
            case [str(where), *_]:
                await download(self._client, where, to)
            case _:
                raise ConnectionError("the vendor gives no address of the clip")


def _charged(task: Mapping[str, Any]) -> Money | None:
    """What the task cost in the end, moderation as much as a clip; None where it does not say."""
    credits_charged = count(as_object(task.get("cost")).get("credits"))
    return None if credits_charged is None else CREDIT.times(credits_charged)


def _path(provider_job_id: str) -> str:
    return f"v1/tasks/{part(provider_job_id)}"
