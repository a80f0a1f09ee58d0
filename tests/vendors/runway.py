"""Runway's tasks, as they are on the wire."""

import json
from base64 import b64decode
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from tests.conftest import Clock
from tests.vendors import KEY, Fake, Heard, Reply, Word, told
from tests.vendors.row import REQUEST, Row
from tools.providers.account import Account
from tools.providers.base import Picture
from tools.providers.runway import NAME, Runway
from tools.providers.runway.adapter import VERSION, Line
from tools.providers.wire import Client

MODEL = "veo3.1_fast"
CENT = Decimal("0.01")
PRICE = f"""
[[price]]
provider = "runway"
model = "{MODEL}"
kind = "video"
unit = "second"
usd = "0.10"
resolution = "720p"
audio = false
seconds = [4, 6, 8]
aspect_ratios = ["16:9", "9:16"]
source = "10 credits a second"
as_of = 2026-11-21
"""
ON_THE_WIRE: dict[Word, str] = {
    "queued": "PENDING",
    "running": "RUNNING",
    "done": "SUCCEEDED",
    "failed": "FAILED",
    "canceled": "CANCELLED",
    "strange": "PONDERING",
}


@dataclass
class Tasks(Fake):
    """Stopped or deleted, a task is forgotten: with an answer that has no body."""

    throttled: bool = False
    credits_left: Any = 1240
    failure_code: str = "SAFETY.INPUT.TEXT"

    def answer(self, heard: Heard) -> Reply | None:
        if heard.path.startswith("/files/"):
            return self.on_fetch or Reply(200, self.clip, ("content-type: video/mp4",))
        if heard.headers.get("authorization") != f"Bearer {KEY}":
            return told({"error": "You did not provide an API key"}, 401)
        if heard.headers.get("x-runway-version") != VERSION["x-runway-version"]:
            return told({"error": "no such version"}, 400)
        if heard.path == "/v1/organization":
            return self.on_poll or told({"creditBalance": self.credits_left, "tier": {}})
        name = heard.path.removeprefix("/v1/tasks/")
        match heard.method:
            case "POST":
                return self._take(heard)
            case "DELETE":
                return Reply(204) if self.jobs.pop(name, None) else told({"error": "Not found"}, 404)
            case _:
                return self.on_poll or self._tell(name)

    def _take(self, heard: Heard) -> Reply | None:
        if self.on_submit is not None:
            return self.on_submit
        job = json.loads(heard.body)
        for each in job.pop("promptImage", []):
            media_type, _, content = each["uri"].removeprefix("data:").partition(";base64,")
            self.pictures.append(Picture(media_type, b64decode(content)))
        if heard.path != ("/v1/image_to_video" if self.pictures else "/v1/text_to_video"):
            return told({"error": "no such route"}, 404)
        name = f"17f20503-{len(self.jobs) + 1}"
        self.jobs[name] = job
        return None if self.loses_answers else self.acceptance(name)

    def acceptance(self, name: Any) -> Reply:
        return told({"id": name, "estimatedCost": {"credits": 40}})

    def complaint(self, words: str, status: int) -> Reply:
        return told({"error": words, "docUrl": "https://docs.dev.runwayml.com"}, status, "retry-after: 30")

    def _tell(self, name: str) -> Reply:
        if name not in self.jobs:
            return told({"error": "An task with that ID was not found."}, 404)
        task: dict[str, Any] = {"id": name, "createdAt": "2026-11-21T12:00:00Z"}
        task["status"] = "THROTTLED" if self.throttled else ON_THE_WIRE[self.word]
        match self.word:
            case "running" | "strange":
                task |= {"progress": self.progress / 100, "estimatedCost": {"credits": 40}}
            case "queued":
                task |= {"estimatedCost": {"credits": 40}}
            case "done":
                task |= {"output": [f"{self.address}/files/{name}.mp4?signed=1"]} | self._cost()
            case "failed":
                task |= {"failureCode": self.failure_code, "failure": self.why} | self._cost()
            case "canceled":
                task |= self._cost()
        return told(task)

    def _cost(self) -> dict[str, Any]:
        if self.bill is None:
            return {}
        count = Decimal(self.bill) / CENT
        return {"cost": {"credits": int(count) if count == int(count) else float(count)}}


def line(client: Client, _clock: Clock) -> Line:
    return Line(client, Runway.capabilities)


ROWS = [
    Row(
        name=NAME,
        provider=NAME,
        fake=Tasks,
        base="",
        key={"authorization": f"Bearer {KEY}", **VERSION},
        line=line,
        settings=lambda fake: {"runway": Account(KEY, fake.address)},
        prices=PRICE,
        request=replace(REQUEST, model=MODEL),
        sent={
            "model": MODEL,
            "promptText": "a fox, äöü ❄",
            "negativePrompt": "rain",
            "duration": 4,
            "ratio": "1280:720",
            "audio": False,
        },
        bills=True,
        bills_moderated=True,
        stops=True,
        pictures=1,
    )
]
