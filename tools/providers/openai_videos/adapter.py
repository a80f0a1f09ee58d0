"""How a server of `/v1/videos` is asked."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tools.money import ZERO, Money
from tools.providers.answers import UNSAID, part, share, size_of, submitted, told
from tools.providers.base import (
    Capabilities,
    Failed,
    Missing,
    Picture,
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
from tools.providers.openai_videos.profile import NAME, PROFILES, Profile, Server
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


@asynccontextmanager
async def open_line(
    server: Server, capabilities: Capabilities, patience: Patience = PATIENCE
) -> AsyncGenerator[VideoProvider]:
    async with open_client(server.base, server.headers, patience) as client:
        yield Line(client, PROFILES[server.profile], capabilities)


class Line(VideoProvider):
    """One server of `/v1/videos`, and who asks it."""

    name = NAME

    def __init__(self, client: Client, profile: Profile, capabilities: Capabilities) -> None:
        self._client = client
        self._profile = profile
        self._stopped: set[str] = set()  # by us: its DELETE makes the server forget the job
        self.models = ()
        self.capabilities = capabilities

    async def submit(self, request: RenderRequest) -> Submission:
        size = size_of(request.resolution, request.aspect_ratio)
        if size is None:
            return Refused(f"nobody knows how large {request.resolution} is")
        if len(request.pictures) > self._profile.pictures:
            return Refused(f"this server takes {self._profile.pictures or 'no'} reference pictures")
        fields = _fields(self._profile, request, size)
        as_form = self._profile.body == "multipart" or bool(request.pictures)
        content, headers = _multipart(fields, request.pictures) if as_form else (b"", {})
        heard = await post_once(
            self._client,
            "videos",
            creates_nothing=TOOK_NOTHING,
            json=None if as_form else fields,
            content=content,
            headers=headers,
        )
        return submitted(heard.body.get("id")) if isinstance(heard, Answer) else heard

    async def poll(self, provider_job_id: str) -> Status:
        body = told(await get_json(self._client, _path(provider_job_id)))
        if isinstance(body, Missing) and provider_job_id in self._stopped:
            return Failed("canceled", self._unpaid, canceled=True)
        return body if isinstance(body, Missing | Silent) else self._status(body)

    def _status(self, body: Mapping[str, Any]) -> Status:
        match body.get("status"):
            case "completed":
                return Succeeded(None)
            case "failed":
                return Failed(said(self._client, body) or UNSAID, self._unpaid)
            case "cancelled" | "canceled":
                return Failed("canceled", self._unpaid, canceled=True)
            case _:
                return Running(share(body.get("progress"), whole=100))

    @property
    def _unpaid(self) -> Money | None:
        """For what was not delivered: nobody bills one's own machine, and a gateway's vendor may."""
        return ZERO if self._profile.own else None

    async def cancel(self, provider_job_id: str) -> bool:
        """Only what is under way: of a job that has ended, DELETE would take the clip."""
        if not self._profile.stops or not isinstance(await self.poll(provider_job_id), Running):
            return False
        heard = await get_json(self._client, _path(provider_job_id), method="DELETE")
        if heard is None or heard.status >= 400:
            return False
        self._stopped.add(provider_job_id)
        return True

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        where = await self._stored(provider_job_id) if self._profile.stores else None
        content = f"{_path(provider_job_id)}/content"
        await download(self._client, where or content, to)

    async def _stored(self, provider_job_id: str) -> str | None:
        """Where the server put the clip, if that is not at its own content route."""
        heard = await get_json(self._client, _path(provider_job_id))
        where = None if heard is None else heard.body.get("url")
        return where if isinstance(where, str) and where.startswith(("http://", "https://")) else None


def _fields(profile: Profile, request: RenderRequest, size: str) -> dict[str, Any]:
    """A negative prompt goes to those who take one: the protocol has no place for it, and others refuse it."""
    fields: dict[str, Any] = {
        "model": request.model,
        "prompt": request.prompt,
        "seconds": profile.seconds(request.seconds),
        "size": size,
    }
    if profile.negative and request.negative_prompt:
        fields["negative_prompt"] = request.negative_prompt
    if profile.sound is not None and request.audio:
        fields[profile.sound] = "true"
    return fields


def _multipart(fields: Mapping[str, Any], pictures: Sequence[Picture]) -> tuple[bytes, dict[str, str]]:
    """The form as httpx writes it, in bytes: what is sent once is known before it is sent."""
    parts: dict[str, Any] = {name: (None, str(value)) for name, value in fields.items()}
    for each in pictures:
        parts["input_reference"] = (
            f"picture.{each.media_type.rpartition('/')[2]}",
            each.content,
            each.media_type,
        )
    form = httpx.Request("POST", "http://form.invalid", files=parts)
    return form.read(), {"content-type": form.headers["content-type"]}


def _path(provider_job_id: str) -> str:
    return f"videos/{part(provider_job_id)}"
