"""A vendor that sells nothing but what it answers with."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from tools.clock import Clock
from tools.providers.at_once.desk import Desk
from tools.providers.at_once.way import WORK_SECONDS, Counter
from tools.providers.base import (
    Capabilities,
    Refused,
    RenderRequest,
    Silent,
    Status,
    Submission,
    VideoProvider,
)
from tools.providers.wire import PATIENCE, Client, open_client


@asynccontextmanager
async def open_line(
    counter: Counter, capabilities: Capabilities, folder: Path, clock: Clock
) -> AsyncGenerator[VideoProvider]:
    async with open_client(counter.address, counter.key) as client:
        yield Line(patient(client), counter, capabilities, folder, clock)


def patient(client: Client) -> Client:
    """The same line, waiting as long as the work takes."""
    return replace(client, patience=replace(PATIENCE, read=WORK_SECONDS, total=WORK_SECONDS))


class Line(VideoProvider):
    def __init__(
        self, client: Client, counter: Counter, capabilities: Capabilities, folder: Path, clock: Clock
    ) -> None:
        self.name = counter.name
        self.capabilities = capabilities
        self.models = ()
        self._ways = counter.ways
        self._desk = Desk(client, folder, clock)

    async def submit(self, request: RenderRequest) -> Submission:
        way = self._ways.get(request.kind)
        if way is None:
            return Refused(f"{self.name} makes no {request.kind}")
        return await self._desk.buy(request, way)

    async def poll(self, provider_job_id: str) -> Status:
        return await self._desk.poll(provider_job_id)

    async def find(self, take_id: str) -> str | Silent:
        return await self._desk.find(take_id)

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        await self._desk.fetch(provider_job_id, to)

    async def kept(self, provider_job_id: str) -> None:
        await self._desk.clear(provider_job_id)
