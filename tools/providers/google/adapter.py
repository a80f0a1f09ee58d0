"""How Google's Interactions are asked."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tools.providers.account import Account
from tools.providers.answers import UNSAID, as_objects, part, submitted, told
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
from tools.providers.google.bodies import NAME, body_of, objection
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

ADDRESS = "https://generativelanguage.googleapis.com"
WAITS = "the vendor waits for a second request, which nobody approved"
EARLY = "the vendor stopped before the clip was done"


@asynccontextmanager
async def open_line(
    account: Account, capabilities: Capabilities, patience: Patience = PATIENCE
) -> AsyncGenerator[VideoProvider]:
    async with open_client(account.address or ADDRESS, {"x-goog-api-key": account.key}, patience) as client:
        yield Line(client, capabilities)


class Line(VideoProvider):
    """The Gemini API, and who asks it."""

    name = NAME

    def __init__(self, client: Client, capabilities: Capabilities) -> None:
        self._client = client
        self.models = ()
        self.capabilities = capabilities

    async def submit(self, request: RenderRequest) -> Submission:
        why = objection(request)
        if why is not None:
            return Refused(why)
        heard = await post_once(
            self._client, "v1/interactions", creates_nothing=TOOK_NOTHING, json=body_of(request)
        )
        return submitted(heard.body.get("id")) if isinstance(heard, Answer) else heard

    async def poll(self, provider_job_id: str) -> Status:
        body = told(await self._ask(provider_job_id))
        return body if isinstance(body, Missing | Silent) else self._status(body)

    def _status(self, body: Mapping[str, Any]) -> Status:
        match body.get("status"):
            case "completed":
                return self._completed(body)
            case "failed":
                return Failed(self._words(body) or UNSAID, None)
            case "cancelled":
                return Failed("canceled", None, canceled=True)
            case "requires_action" | "requires_continuation":
                return Failed(WAITS, None)
            case "incomplete" | "budget_exceeded":
                return Failed(self._words(body) or EARLY, None)
            case _:
                return Running()

    def _completed(self, body: Mapping[str, Any]) -> Status:
        """One that shows no output yet is not over: the vendor has been seen to say so too early."""
        if any(_videos(body)):
            return Succeeded(None)
        told = " ".join(str(each.get("text", "")) for each in _content(body) if each.get("type") == "text")
        if any(_outputs(body)):
            return Failed(said(self._client, {"message": told}) or "it left no clip", None)
        return Running()

    def _words(self, body: Mapping[str, Any]) -> str:
        """The vendor's words for a fault: of the interaction, or of a step."""
        faults = [
            *as_objects(body.get("errors")),
            *as_objects([each.get("error") for each in _outputs(body)]),
        ]
        return next(filter(None, (said(self._client, each) for each in faults)), "")

    async def cancel(self, provider_job_id: str) -> bool:
        if not isinstance(await self.poll(provider_job_id), Running):
            return False
        path = f"v1/interactions/{part(provider_job_id)}/cancel"
        heard = await get_json(self._client, path, method="POST")
        return heard is not None and heard.status < 400

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        heard = await self._ask(provider_job_id)
        match [] if heard is None else list(_videos(heard.body)):
            case [{"uri": str(where)}, *_]:
                await download(self._client, where, to)
            case _:
                raise ConnectionError("the vendor gives no address of the clip")

    async def _ask(self, provider_job_id: str) -> Answer | None:
        """Without what we put in: a picture in the answer would make it too long to be read."""
        path = f"v1/interactions/{part(provider_job_id)}?include_input=false&stream=false"
        return await get_json(self._client, path)


def _outputs(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each for each in as_objects(body.get("steps")) if each.get("type") == "model_output"]


def _content(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everything the model put out, the last first."""
    return [each for step in _outputs(body) for each in as_objects(step.get("content"))][::-1]


def _videos(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (each for each in _content(body) if each.get("type") == "video")
