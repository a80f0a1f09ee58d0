"""Asking once for work that comes as the answer, and keeping it."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import anyio
from anyio import to_thread

from tools.clock import Clock
from tools.money import ZERO
from tools.providers.at_once.tray import Bought, Tray
from tools.providers.at_once.way import Way
from tools.providers.base import (
    Ambiguous,
    Failed,
    Missing,
    Refused,
    RenderRequest,
    Running,
    Silent,
    Status,
    Submission,
    Submitted,
    Succeeded,
)
from tools.providers.wire import Answer, Client, post_for_file

NO_ROOM = "there is no room to keep what would come, so nothing was sent"
NOT_KEPT = Ambiguous("what came could not be kept here")
NOT_IT = Ambiguous("the vendor's answer is not what was asked for")


class Desk:
    """Who asks, and the tray of answers. `client` has the patience that the work takes."""

    def __init__(self, client: Client, folder: Path, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._tray = Tray(folder)
        self._asked: set[str] = set()  # takes that the vendor has not answered yet

    async def buy(self, request: RenderRequest, way: Way) -> Submission:
        """The one paid request. Before its answer is passed on, what came of it is on disk."""
        why = way.objection(request)
        if why is not None:
            return Refused(why)
        try:
            draft = await to_thread.run_sync(self._tray.draft, request.take_id)
            into = await anyio.open_file(draft, "wb")
        except OSError:
            return Refused(NO_ROOM)
        self._asked.add(request.take_id)
        try:
            return await self._received(request, way, draft, into)
        except OSError:
            return NOT_KEPT
        finally:
            self._asked.discard(request.take_id)

    async def _received(
        self, request: RenderRequest, way: Way, draft: Path, into: anyio.AsyncFile[bytes]
    ) -> Submission:
        async with into:
            heard = await post_for_file(
                self._client,
                way.where(request),
                creates_nothing=way.creates_nothing,
                json=way.order(request),
                into=into,
            )
        match heard:
            case Answer(headers=headers):
                return await to_thread.run_sync(self._keep, request.take_id, way, headers, draft)
            case Refused():
                await to_thread.run_sync(self._tray.refuse, request.take_id, heard)
                return heard
            case Ambiguous():
                return heard

    def _keep(self, take_id: str, way: Way, headers: Mapping[str, str], draft: Path) -> Submission:
        work = way.read(headers, draft.read_bytes())
        if work is None:
            return NOT_IT
        self._tray.keep(take_id, work, self._clock())
        return Submitted(take_id)

    async def look(self, name: str) -> Bought | Status:
        """What came of a take; `Missing` for one that was not asked for here, or whose answer was lost."""
        try:
            found = await to_thread.run_sync(self._tray.look, name)
        except OSError:
            return Silent()
        match found:
            case Bought() as bought:
                return bought
            case Refused(reason):
                return Failed(reason, ZERO)
            case None:
                return Running() if name in self._asked else Missing()

    async def poll(self, name: str) -> Status:
        found = await self.look(name)
        return Succeeded(found.charged) if isinstance(found, Bought) else found

    async def find(self, take_id: str) -> str | Silent:
        """A take that was answered, or is being, has its own name; of another the vendor says nothing."""
        return Silent() if isinstance(await self.look(take_id), Missing | Silent) else take_id

    async def fetch(self, name: str, to: Path) -> None:
        await to_thread.run_sync(shutil.copyfile, self._tray.work(name), to)

    async def clear(self, name: str) -> None:
        await to_thread.run_sync(self._tray.clear, name)
