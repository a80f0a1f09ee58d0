"""A server of `/v1/videos`, as each profile's own is on the wire."""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.conftest import Clock
from tests.vendors import KEY, Fake, Heard, Reply, Word, told
from tests.vendors.row import Row
from tools.money import ZERO
from tools.providers.base import Picture
from tools.providers.openai_videos import PROFILES, OpenaiVideos, ProfileName, Server
from tools.providers.openai_videos.adapter import Line
from tools.providers.wire import Client

PRICE = """
[[price]]
provider = "openai_videos"
model = "wan-test"
kind = "video"
unit = "second"
usd = "0.10"
resolution = "720p"
seconds = [4, 8]
aspect_ratios = ["16:9", "9:16"]
source = "our own machine's bill"
as_of = 2026-11-21
"""

ON_THE_WIRE: dict[Word, str] = {
    "queued": "queued",
    "running": "in_progress",
    "done": "completed",
    "failed": "failed",
    "canceled": "cancelled",
    "strange": "pondering",
}


@dataclass
class VideosServer(Fake):
    """Speaks `/v1/videos` as its profile's server does: that one's bodies, words and habits."""

    profile: ProfileName = "generic"

    def answer(self, heard: Heard) -> Reply | None:
        if heard.headers.get("authorization") != f"Bearer {KEY}":
            return told({"error": {"message": "no such key", "code": "invalid_api_key"}}, 401)
        job = heard.path.removeprefix("/v1/videos").strip("/")
        match heard.method:
            case "POST":
                return self._take(heard)
            case "GET" if job.endswith("/content"):
                return self.on_fetch or self._content(job.removesuffix("/content"))
            case "GET":
                return self.on_poll or self._tell(job)
            case "DELETE":
                return self._delete(job)
            case _:
                return told({"detail": "Method Not Allowed"}, 405)

    def _take(self, heard: Heard) -> Reply | None:
        if heard.path != "/v1/videos":
            return told({"detail": "Not Found"}, 404)
        if self.on_submit is not None:
            return self.on_submit
        fields = self._read(heard)
        if fields is None:
            return told({"detail": [{"loc": ["body", "prompt"], "msg": "Field required"}]}, 422)
        name = f"video_{len(self.jobs) + 1}"
        self.jobs[name] = fields
        if self.loses_answers:
            return None
        return told({"id": name, "object": "video", "status": "queued", "progress": 0} | fields)

    def _read(self, heard: Heard) -> dict[str, Any] | None:
        """The fields of a body that this server can read."""
        kind = heard.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            fields = _form(heard.body, kind.partition("boundary=")[2].encode())
            if "input_reference" in fields:
                self.pictures.append(fields.pop("input_reference"))
            return fields
        if kind == "application/json" and self.profile != "vllm-omni":
            return json.loads(heard.body)
        return None

    def _tell(self, name: str) -> Reply:
        if name not in self.jobs:
            return told({"detail": "Video not found"}, 404)
        error = self.why and {"code": "failed", "message": self.why}
        said = {"status": ON_THE_WIRE[self.word], "progress": self.progress, "error": error}
        return told({"id": name, "object": "video"} | self.jobs[name] | said)

    def _content(self, name: str) -> Reply:
        if name not in self.jobs or self.word != "done":
            return told({"detail": "Generation is still in-progress"}, 404)
        return Reply(200, self.clip, ("content-type: video/mp4",))

    def _delete(self, name: str) -> Reply:
        if self.jobs.pop(name, None) is None:
            return told({"detail": "Video not found"}, 404)
        return told({"id": name, "object": "video.deleted", "deleted": True})


def _form(body: bytes, boundary: bytes) -> dict[str, Any]:
    """The fields of a multipart form; a file is a picture."""
    fields: dict[str, Any] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = head.partition(b' name="')[2].partition(b'"')[0].decode()
        kind = head.partition(b"Content-Type: ")[2].partition(b"\r\n")[0].decode()
        content = value.removesuffix(b"\r\n")
        fields[name] = Picture(kind, content) if b"filename=" in head else content.decode()
    return fields


# --- the rows of the suite that holds for every vendor ------------------------------------------


def line(client: Client, _clock: Clock, *, profile: ProfileName) -> Line:
    return Line(client, PROFILES[profile], OpenaiVideos(Server("", profile=profile), ()).capabilities)


def row(profile: ProfileName, sent: dict[str, Any], **facts: Any) -> Row:
    return Row(
        name=profile,
        provider="openai_videos",
        fake=partial(VideosServer, profile=profile),
        base="/v1",
        key={"authorization": f"Bearer {KEY}"},
        line=partial(line, profile=profile),
        settings=lambda fake: {"videos": Server(fake.address, KEY, profile)},
        prices=PRICE,
        sent=PLAIN | sent,
        **facts,
    )


PLAIN: dict[str, Any] = {"model": "wan-test", "prompt": "a fox, äöü ❄", "seconds": "4", "size": "1280x720"}
ROWS = [
    row("generic", {}, pictures=1, bills_moderated=True),
    row("sglang", {"seconds": 4, "negative_prompt": "rain"}, pictures=1, unpaid=ZERO, bills_moderated=False),
    row(
        "vllm-omni",
        {"negative_prompt": "rain"},
        pictures=1,
        unpaid=ZERO,
        bills_moderated=False,
        stops=True,
    ),
    row("litellm", {}, bills_moderated=True),
]
