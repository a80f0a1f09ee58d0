"""What the studio holds of a vendor that is asked over a wire: the line is opened beside the start.

Loading a client takes a tenth of a second, and reaching its vendor may take longer. Neither stops
the studio: what is asked before the line is open waits for it.
"""

from abc import abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path

import anyio
import anyio.to_thread

from tools.prices import Answer as PriceList
from tools.prices import PriceRow
from tools.providers.base import (
    Missing,
    Nudge,
    Refused,
    RenderRequest,
    Silent,
    Status,
    Submission,
    VendorJob,
    VideoProvider,
)

UP_SECONDS_MAX = 10.0
NOT_UP = "the vendor is not up, so nothing was sent"


OpenLine = Callable[[], AbstractAsyncContextManager[VideoProvider]]


class Plug(VideoProvider):
    """Hands every question to the line, as soon as it is open."""

    def __init__(self) -> None:
        self._line: VideoProvider | None = None
        self._up = anyio.Event()

    @abstractmethod
    def load(self) -> OpenLine:
        """Import the client, which must not stop the loop, and say how the line is opened."""

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        open_line = await anyio.to_thread.run_sync(self.load)
        async with open_line() as line:
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
        why = self.objection(request)
        if why is not None:
            return Refused(why)
        line = await self._asked()
        return Refused(NOT_UP) if line is None else await line.submit(request)

    async def poll(self, provider_job_id: str) -> Status:
        line = await self._asked()
        return Silent() if line is None else await line.poll(provider_job_id)

    async def poll_many(self, provider_job_ids: Sequence[str]) -> Mapping[str, Status]:
        line = await self._asked()
        return {} if line is None else await line.poll_many(provider_job_ids)

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        line = await self._asked()
        if line is None:
            raise ConnectionError(NOT_UP)
        await line.fetch(provider_job_id, to)

    async def kept(self, provider_job_id: str) -> None:
        line = await self._asked()
        if line is not None:
            await line.kept(provider_job_id)

    async def balance(self) -> str | None:
        line = await self._asked()
        return None if line is None else await line.balance()

    async def find(self, take_id: str) -> str | Missing | Silent:
        line = await self._asked()
        return Silent() if line is None else await line.find(take_id)

    async def listing(self, since: datetime) -> Sequence[VendorJob] | None:
        line = await self._asked()
        return None if line is None else await line.listing(since)

    async def price_list(self, at: datetime, known: Sequence[PriceRow]) -> PriceList | Silent | None:
        line = await self._asked()
        return Silent() if line is None else await line.price_list(at, known)

    async def cancel(self, provider_job_id: str) -> bool:
        line = await self._asked()
        return line is not None and await line.cancel(provider_job_id)

    def nudge(self, headers: Mapping[str, str], body: bytes) -> Nudge | None:
        return None if self._line is None else self._line.nudge(headers, body)
