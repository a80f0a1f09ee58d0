"""Calling back: the vendor tells an order's own address what happened. Best effort, never twice the truth."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest

import anyio

from tools.providers.base import Nudge
from tools.providers.rehearsal.meter import Accepted
from tools.providers.rehearsal.shop import Shop
from tools.providers.wire import Patience, open_client, post_once

SIGNATURE = "rehearsal-signature"
LOOK_SECONDS = 0.1
PATIENCE = Patience(connect=2, write=2, read=2, total=5)


@dataclass(frozen=True, slots=True)
class _Promise:
    job: Accepted
    address: str


class Bell:
    """Remembers whom to call, and calls: about the beginning at once, about the end when it has come."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._open: list[_Promise] = []
        self._fresh: list[_Promise] = []
        self._more = anyio.Event()

    def promise(self, job: Accepted, address: str) -> None:
        promise = _Promise(job, address)
        self._open.append(promise)
        self._fresh.append(promise)
        self._more.set()

    async def ring(self) -> None:
        while True:
            await self._more.wait()
            await self._begun()
            await self._ended()
            if not self._open:
                self._more = anyio.Event()
            await anyio.sleep(LOOK_SECONDS)

    async def _begun(self) -> None:
        while self._fresh:
            promise = self._fresh.pop(0)
            if "shuffle-webhook" not in self._shop.faults.of(promise.job.number):
                await self._call(promise, "begun")

    async def _ended(self) -> None:
        for promise in list(self._open):
            job = self._shop.meter.jobs[promise.job.provider_job_id]
            if not self._shop.has_ended(job):
                continue
            self._open.remove(promise)
            await self._call(promise, "ended")
            if "shuffle-webhook" in self._shop.faults.of(job.number):
                await self._call(promise, "begun")

    async def _call(self, promise: _Promise, event: str) -> None:
        name = promise.job.provider_job_id
        body = json.dumps({"event_id": f"{name}:{event}", "event": event, "id": name}).encode()
        headers = {SIGNATURE: self._shop.sign(body), "content-type": "application/json"}
        times = 3 if "repeat-webhook" in self._shop.faults.of(promise.job.number) else 1
        async with open_client(promise.address, patience=PATIENCE) as client:
            for _ in range(times):  # what comes of it is not this vendor's worry
                await post_once(
                    client, promise.address, content=body, headers=headers, creates_nothing=frozenset()
                )


def read_nudge(shop: Shop, headers: Mapping[str, str], body: bytes) -> Nudge | None:
    """What a call claims, if it is ours."""
    if not compare_digest(shop.sign(body).encode(), headers.get(SIGNATURE, "").encode()):
        return None
    said = json.loads(body)
    return Nudge(said["event_id"], said["id"])
