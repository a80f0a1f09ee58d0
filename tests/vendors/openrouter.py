"""OpenRouter as its documentation and its own client have it on the wire."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.conftest import Clock
from tests.vendors import KEY, Call, Fake, Heard, Reply, Word, room, told
from tests.vendors.row import Row
from tools.prices import PriceBook
from tools.providers.base import Picture
from tools.providers.openrouter import Openrouter, Workspace
from tools.providers.openrouter.adapter import Line
from tools.providers.openrouter.webhooks import sign
from tools.providers.wire import Client

SECRET = "made-up-workspace-secret"
PRICE = """
[[price]]
provider = "openrouter"
model = "wan-test"
kind = "video"
unit = "second"
usd = "0.10"
resolution = "720p"
seconds = [4, 8]
aspect_ratios = ["16:9", "9:16"]
pictures = 1
source = "made up"
as_of = 2026-11-21
"""
WORDS: dict[Word, str] = {
    "queued": "pending",
    "running": "in_progress",
    "done": "completed",
    "failed": "failed",
    "canceled": "cancelled",
    "strange": "pondering",
}
OVER = ("done", "failed", "canceled")


@dataclass
class OpenRouter(Fake):
    """`place` is where it wants to be asked about a job, `%s`; relative, as its documentation has it."""

    place: str = "/api/v1/videos/%s"
    is_byok: bool = False
    stored: str | None = None  # the signed address of a copy
    on_list: Reply | None = None
    listed: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])  # its video models

    def answer(self, heard: Heard) -> Reply | None:
        path = heard.path.removeprefix("/api/v1/videos").strip("/")
        if path == "models" and heard.method == "GET":
            return self.on_list or told({"data": self.listed})  # for everybody
        if heard.headers.get("authorization") != f"Bearer {KEY}":
            return self.complaint("No auth credentials found", 401)
        match heard.method:
            case "POST":
                return self._take(heard)
            case "GET" if path.endswith("/content?index=0"):
                return self.on_fetch or self._content(path.removesuffix("/content?index=0"))
            case "GET":
                return self.on_poll or self._tell(path)
            case _:
                return self.complaint("Method Not Allowed", 405)

    def complaint(self, words: str, status: int) -> Reply:
        return told({"error": {"code": status, "message": words}}, status, "retry-after: 30")

    def _take(self, heard: Heard) -> Reply | None:
        if heard.path != "/api/v1/videos":
            return self.complaint("Not Found", 404)
        if self.on_submit is not None:
            return self.on_submit
        order = json.loads(heard.body)
        self.pictures += [_picture(each) for each in order.pop("frame_images", ())]
        if "callback_url" in order:
            self.addresses.append(order.pop("callback_url"))
        name = f"gen-vid-{len(self.jobs) + 1}"
        self.jobs[name] = order
        if self.loses_answers:
            return None
        return told({"id": name, "polling_url": self.place % name, "status": "pending"}, 202)

    def _tell(self, name: str) -> Reply:
        if name not in self.jobs:
            return self.complaint("Job not found", 404)
        return Reply(200, self._job(name, self.word), ("content-type: application/json",))

    def _job(self, name: str, word: Word) -> bytes:
        """A job as it is told and called about: its cost is a number, with every digit that it has."""
        said: dict[str, Any] = {"id": name, "polling_url": self.place % name, "status": WORDS[word]}
        if word == "done":
            said["unsigned_urls"] = [f"{self.address}/api/v1/videos/{name}/content?index=0"]
        if word == "done" and self.stored is not None:
            said["urls"] = [self.stored]
        if word == "failed" and self.why is not None:
            said["error"] = self.why
        if word in OVER and self.bill is not None:
            said["usage"] = {"cost": "<bill>", "is_byok": self.is_byok}
        return json.dumps(said).replace('"<bill>"', str(self.bill)).encode()

    def _content(self, name: str) -> Reply:
        if name not in self.jobs or self.word != "done":
            return self.complaint("Video not ready", 404)
        return Reply(200, self.clip, ("content-type: video/mp4",))

    def call(self, name: str, word: Word, at: datetime) -> Call:
        body = b'{"type": "video.generation.%s", "data": %s}' % (WORDS[word].encode(), self._job(name, word))
        moment = str(int(at.timestamp()))
        return Call({"x-openrouter-signature": f"t={moment},v1={sign(SECRET, moment, body)}"}, body)


def _picture(frame: dict[str, Any]) -> Picture:
    """The picture of a data: address."""
    kind, _, content = frame["image_url"]["url"].removeprefix("data:").partition(";base64,")
    assert (frame["type"], frame["frame_type"]) == ("image_url", "first_frame")
    return Picture(kind, base64.b64decode(content, validate=True))


# --- the row of the suite that holds for every vendor -------------------------------------------


def workspace(fake: Fake) -> Workspace:
    return Workspace(KEY, f"{fake.address}/api/v1", SECRET)


def line(client: Client, clock: Clock) -> Line:
    folder = room()
    plug = Openrouter(Workspace(KEY, secret=SECRET), lambda: PriceBook(()), folder, clock)
    return Line(client, plug.capabilities, folder, clock, SECRET)


SENT: dict[str, Any] = {
    "model": "wan-test",
    "prompt": "a fox, äöü ❄",
    "duration": 4,
    "resolution": "720p",
    "aspect_ratio": "16:9",
    "generate_audio": False,
}
ROWS = [
    Row(
        name="openrouter",
        provider="openrouter",
        fake=OpenRouter,
        base="/api/v1",
        key=Workspace(KEY).headers,
        line=line,
        settings=lambda fake: {"openrouter": workspace(fake)},
        prices=PRICE,
        sent=SENT,
        took_nothing=frozenset({400, 401, 402, 403, 404, 413, 429}),
        bills=True,
        shares=False,
        calls=True,
        pictures=1,
    )
]
