"""How OpenRouter is asked."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tools.clock import Clock
from tools.errors import Invalid
from tools.money import Money
from tools.prices import Answer as PriceList
from tools.prices import PriceRow
from tools.prices import openrouter as read_prices
from tools.providers.answers import UNSAID, as_object, inline, part, submitted, told
from tools.providers.at_once.desk import Desk
from tools.providers.at_once.line import patient
from tools.providers.at_once.tray import Bought
from tools.providers.base import (
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
from tools.providers.download import download
from tools.providers.openrouter.at_once import TOOK_NOTHING, WAYS, bill
from tools.providers.openrouter.webhooks import read_call
from tools.providers.openrouter.workspace import NAME, PICTURES, Workspace
from tools.providers.wire import PATIENCE, Answer, Client, Patience, get_json, open_client, post_once, said

BILLED = timedelta(minutes=10)  # by then a bill that is due is there, or is missing
EXPIRED = "the job expired at the vendor"


@asynccontextmanager
async def open_line(
    workspace: Workspace,
    capabilities: Capabilities,
    folder: Path,
    clock: Clock,
    patience: Patience = PATIENCE,
) -> AsyncGenerator[VideoProvider]:
    async with open_client(workspace.base, workspace.headers, patience) as client:
        yield Line(client, capabilities, folder, clock, workspace.secret)


class Line(VideoProvider):
    """OpenRouter, and who asks it."""

    name = NAME

    def __init__(
        self,
        client: Client,
        capabilities: Capabilities,
        folder: Path,
        clock: Clock,
        secret: str | None = None,
    ) -> None:
        self._client = client
        self._desk = Desk(patient(client), folder, clock)
        self._clock = clock
        self._secret = secret
        self._places: dict[str, str] = {}  # of jobs that it wants to be asked about elsewhere
        self.models = ()
        self.capabilities = capabilities

    async def submit(self, request: RenderRequest) -> Submission:
        way = WAYS.get(request.kind)
        if way is not None:
            return await self._desk.buy(request, way)
        if len(request.pictures) > PICTURES:
            return Refused(f"OpenRouter begins a film with {PICTURES} picture, not {len(request.pictures)}")
        order = _order(request, calls=self.capabilities.webhook)
        heard = await post_once(self._client, "videos", json=order, creates_nothing=TOOK_NOTHING)
        if not isinstance(heard, Answer):
            return heard
        taken = submitted(heard.body.get("id"))
        if isinstance(taken, Submitted):
            self._note(taken.provider_job_id, heard.body.get("polling_url"))
        return taken

    def _note(self, name: str, place: Any) -> None:
        """Where it wants to be asked about a job, if that is not where its documentation says.

        Only below its own origin: what another one says about a job settles nothing.
        """
        asked = self._client.url(place) if isinstance(place, str) else None
        if asked is not None and self._client.is_own(asked) and asked != self._client.url(_path(name)):
            self._places[name] = str(asked)

    async def poll(self, provider_job_id: str) -> Status:
        here = await self._desk.look(provider_job_id)
        if isinstance(here, Bought):
            return await self._billed(here)
        return await self._told(provider_job_id) if isinstance(here, Missing) else here

    async def _billed(self, bought: Bought) -> Status:
        """What is here, once it is known what it cost. A bill that stays away is one that is missing."""
        if bought.charged is not None or bought.name is None:
            return Succeeded(bought.charged)
        body = told(await get_json(self._client, f"generation?id={part(bought.name)}"))
        if isinstance(body, Missing):
            return Running() if self._clock() - bought.at < BILLED else Succeeded(None)
        if isinstance(body, Silent):
            return body
        return Succeeded(bill(as_object(body.get("data")), "total_cost"))

    async def find(self, take_id: str) -> str | Silent:
        return await self._desk.find(take_id)

    async def _told(self, provider_job_id: str) -> Status:
        body = told(await self._heard(provider_job_id))
        return body if isinstance(body, Missing | Silent) else self._status(body)

    async def _heard(self, name: str) -> Answer | None:
        """What it says about a job: where it wanted to be asked, else where its documentation says.

        A gateway with a path of its own makes wrong addresses of relative ones.
        """
        place = self._places.get(name)
        heard = None if place is None else await get_json(self._client, place)
        if heard is not None and heard.status < 400:
            return heard
        return await get_json(self._client, _path(name))

    def _status(self, body: Mapping[str, Any]) -> Status:
        match body.get("status"):
            case "completed":
                return Succeeded(_bill(body))
            case "failed":
                return Failed(said(self._client, body) or UNSAID, _bill(body))
            case "cancelled" | "canceled":
                return Failed("canceled", _bill(body), canceled=True)
            case "expired":
                return Failed(said(self._client, body) or EXPIRED, _bill(body))
            case str():
                return Running()
            case _:
                return Silent()  # an error of its own comes with status 200 too

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        """From its own route, with our key; where that has no clip, from the storage that it names."""
        if isinstance(await self._desk.look(provider_job_id), Bought):
            return await self._desk.fetch(provider_job_id, to)
        try:
            await download(self._client, f"{_path(provider_job_id)}/content?index=0", to)
        except ConnectionError:
            where = await self._stored(provider_job_id)
            if where is None:
                raise
            await download(self._client, where, to)

    async def kept(self, provider_job_id: str) -> None:
        await self._desk.clear(provider_job_id)

    async def _stored(self, name: str) -> str | None:
        heard = await self._heard(name)
        match None if heard is None else heard.body.get("urls"):
            case [str(where), *_]:
                return where
            case _:
                return None

    async def price_list(self, at: datetime, known: Sequence[PriceRow]) -> PriceList | Silent:  # noqa: ARG002
        heard = await get_json(self._client, "videos/models")
        if heard is None or heard.status >= 400:
            return Silent()
        try:
            return read_prices(heard.body, at)
        except Invalid:
            return Silent()

    def nudge(self, headers: Mapping[str, str], body: bytes) -> Nudge | None:
        return None if self._secret is None else read_call(self._secret, self._clock(), headers, body)


def _order(request: RenderRequest, *, calls: bool) -> dict[str, Any]:
    """Sound is always said: where it is not, models that can make it do, and bill it."""
    order: dict[str, Any] = {
        "model": request.model,
        "prompt": request.prompt,
        "duration": request.seconds,
        "resolution": request.resolution,
        "aspect_ratio": request.aspect_ratio,
        "generate_audio": request.audio,
    }
    if request.pictures:
        order["frame_images"] = [
            {"type": "image_url", "image_url": {"url": inline(each)}, "frame_type": "first_frame"}
            for each in request.pictures
        ]
    if calls and request.webhook is not None and request.webhook.startswith("https://"):
        order["callback_url"] = request.webhook
    return order


def _bill(body: Mapping[str, Any]) -> Money | None:
    return bill(as_object(body.get("usage")), "cost")


def _path(provider_job_id: str) -> str:
    return f"videos/{part(provider_job_id)}"
