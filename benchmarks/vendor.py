"""A vendor on loopback whose jobs hardly move, served by a process of its own, and its adapters.

.venv/bin/python benchmarks/vendor.py    # prints its address, and serves until it is stopped
"""

import asyncio
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx

from tools.providers.base import (
    Capabilities,
    Refused,
    RenderRequest,
    Running,
    Status,
    Submission,
    VideoModel,
    VideoProvider,
)

JOB_SECONDS = 600  # a job moves by a percent every six seconds
PAGE = 100  # jobs that one question may name


class OneByOne(VideoProvider):
    """Asks about each job with a request of its own, as most vendors want it."""

    name = "one by one"
    capabilities = Capabilities(poll_seconds=5.0, concurrent=1_000)
    models: tuple[VideoModel, ...] = ()

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def submit(self, request: RenderRequest) -> Submission:
        return Refused(f"{request.take_id}: this vendor takes no work")

    async def poll(self, provider_job_id: str) -> Status:
        answer = await self._client.get(f"/videos/{provider_job_id}")
        return Running(answer.json()["progress"] / 100)

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        raise FileNotFoundError(f"{provider_job_id} has no clip for {to}")


class Together(OneByOne):
    """Asks about many jobs at once."""

    name = "together"
    capabilities = Capabilities(poll_seconds=5.0, concurrent=1_000, together=PAGE)

    async def poll_many(self, provider_job_ids: Sequence[str]) -> Mapping[str, Status]:
        told: dict[str, Status] = {}
        for start in range(0, len(provider_job_ids), PAGE):
            page = provider_job_ids[start : start + PAGE]
            answer = await self._client.get("/videos", params={"ids": ",".join(page)})
            told |= {job["id"]: Running(job["progress"] / 100) for job in answer.json()["data"]}
        return told


class Desk(asyncio.Protocol):
    """One connection to the vendor. `asked` counts the jobs that it was asked about, by all."""

    asked = 0
    _began = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            body = json.dumps(self._answer(head.split()[1].decode())).encode()
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                + body
            )

    def _answer(self, target: str) -> dict[str, Any]:
        address = urlsplit(target)
        if address.path == "/asked":
            return {"asked": Desk.asked}
        if address.path == "/videos":
            return {"data": self._look(parse_qs(address.query)["ids"][0].split(","))}
        return self._look([address.path.rpartition("/")[2]])[0]

    def _look(self, jobs: Iterable[str]) -> list[dict[str, Any]]:
        now = time.monotonic() - self._began
        looks = [{"id": each, "progress": int((now + hash(each) % 6) / JOB_SECONDS * 100)} for each in jobs]
        Desk.asked += len(looks)
        return looks


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Desk, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
