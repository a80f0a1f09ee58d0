"""What the studio holds of the vendor. The rest is loaded and opened beside the start, which waits for nothing."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import anyio.to_thread

from tools.clock import Clock
from tools.providers.base import (
    Capabilities,
    Nudge,
    Refused,
    RenderRequest,
    Running,
    Status,
    Submission,
    VendorJob,
    VideoProvider,
)
from tools.providers.rehearsal.faults import read_faults
from tools.providers.rehearsal.shop import MODELS, TOGETHER, Shop, Terms, draw_card

ANSWER_SECONDS = 15.0
UP_SECONDS_MAX = 10.0
NOT_UP = "the vendor is not up, so nothing was sent"

OpenLine = Callable[[Shop, Capabilities, float], AbstractAsyncContextManager[VideoProvider]]


class Rehearsal(VideoProvider):
    """Renders what the animatic draws, for play money."""

    name = "rehearsal"
    capabilities = Capabilities(
        play_money=True,
        cancel=True,
        key_life=timedelta.max,
        search_window=timedelta(0),
        concurrent=3,
        poll_seconds=0.25,
        together=TOGETHER,
    )
    models = MODELS
    draw = staticmethod(draw_card)

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        faults: str = "",
        terms: Terms | None = None,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._shop = Shop(folder, clock, read_faults(faults), terms or Terms(), self.draw)
        self._answer_seconds = answer_seconds
        self._line: VideoProvider | None = None
        self._up = anyio.Event()
        if terms is not None:
            self.capabilities = _capabilities(terms)

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        open_line = await anyio.to_thread.run_sync(_load)
        async with open_line(self._shop, self.capabilities, self._answer_seconds) as line:
            self._line = line
            self._up.set()
            try:
                yield
            finally:
                self._line, self._up = None, anyio.Event()

    async def _asked(self) -> VideoProvider | None:
        """Who asks the vendor, as soon as it is up; None if it does not come up."""
        with anyio.move_on_after(UP_SECONDS_MAX):
            await self._up.wait()
        return self._line

    async def submit(self, request: RenderRequest) -> Submission:
        line = await self._asked()
        return Refused(NOT_UP) if line is None else await line.submit(request)

    async def poll(self, provider_job_id: str) -> Status:
        line = await self._asked()
        return Running() if line is None else await line.poll(provider_job_id)

    async def poll_many(self, provider_job_ids: Sequence[str]) -> Mapping[str, Status]:
        line = await self._asked()
        return {} if line is None else await line.poll_many(provider_job_ids)

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        line = await self._asked()
        if line is None:
            raise ConnectionError(NOT_UP)
        await line.fetch(provider_job_id, to)

    async def find(self, take_id: str) -> str | None:
        line = await self._asked()
        return None if line is None else await line.find(take_id)

    async def listing(self, since: datetime) -> Sequence[VendorJob] | None:
        line = await self._asked()
        return None if line is None else await line.listing(since)

    async def cancel(self, provider_job_id: str) -> bool:
        line = await self._asked()
        return line is not None and await line.cancel(provider_job_id)

    def nudge(self, headers: Mapping[str, str], body: bytes) -> Nudge | None:
        return None if self._line is None else self._line.nudge(headers, body)


def _load() -> OpenLine:
    """The client takes a tenth of a second to import, which must not stop the loop."""
    from tools.providers.rehearsal.adapter import open_line

    return open_line


def _capabilities(terms: Terms) -> Capabilities:
    plain = Rehearsal.capabilities
    return replace(
        plain,
        key_life=plain.key_life if terms.keys else None,
        search_window=plain.search_window if terms.search else None,
        webhook=terms.webhooks,
    )
