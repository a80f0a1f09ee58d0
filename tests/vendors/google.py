"""Google's Interactions, as they are on the wire."""

import json
from base64 import b64decode
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import Clock
from tests.vendors import KEY, Fake, Heard, Reply, Word, told
from tests.vendors.row import REQUEST, Row
from tools.providers.account import Account
from tools.providers.base import Picture
from tools.providers.google import NAME, Google
from tools.providers.google.adapter import Line
from tools.providers.wire import Client

MODEL = "gemini-omni-1.2-flash"
PRICE = f"""
[[price]]
provider = "google"
model = "{MODEL}"
kind = "video"
unit = "second"
usd = "0.10"
resolution = "720p"
sound = "always"
seconds = [4, 8]
aspect_ratios = ["16:9", "9:16"]
source = "the vendor's own list"
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
class Interactions(Fake):
    """What came stays in its answers, unless it is asked to leave that out."""

    status: str | None = None  # in place of the word's
    output: list[dict[str, Any]] | None = None  # in place of a clip

    def answer(self, heard: Heard) -> Reply | None:
        where = urlsplit(heard.path)
        if heard.headers.get("x-goog-api-key") != KEY:
            return self.complaint("API key not valid.", 400)
        if where.path.startswith("/v1beta/files/"):
            return self.on_fetch or Reply(200, self.clip, ("content-type: video/mp4",))
        if (heard.method, where.path) == ("POST", "/v1/interactions"):
            return self._take(heard)
        name = where.path.removeprefix("/v1/interactions/")
        if name.removesuffix("/cancel") not in self.jobs:
            return self.complaint("Interaction not found.", 404)
        if heard.method == "POST":
            self.word = "canceled"
            return self._tell(name.removesuffix("/cancel"), shows_input=False)
        return self.on_poll or self._tell(name, shows_input="include_input=false" not in where.query)

    def _take(self, heard: Heard) -> Reply | None:
        if self.on_submit is not None:
            return self.on_submit
        job = json.loads(heard.body)
        if job.get("generation_config") == {"video_config": {"task": "image_to_video"}}:
            [step] = job["input"]
            [shown, words] = step["content"]
            self.pictures.append(Picture(shown["mime_type"], b64decode(shown["data"])))
            job["input"] = words["text"]
            del job["generation_config"]
        name = f"v1_Chdp{len(self.jobs) + 1}"
        self.jobs[name] = job
        return None if self.loses_answers else self.acceptance(name)

    def acceptance(self, name: Any) -> Reply:
        return told({"id": name, "object": "interaction", "status": "in_progress", "steps": []})

    def complaint(self, words: str, status: int) -> Reply:
        error = {"code": status, "message": words, "status": "SAID"}
        return told({"error": error}, status, "retry-after: 30")

    def _tell(self, name: str, *, shows_input: bool) -> Reply:
        interaction: dict[str, Any] = {"id": name, "object": "interaction", "model": MODEL}
        interaction["status"] = self.status or ON_THE_WIRE[self.word]
        interaction["usage"] = {"total_tokens": 57_920}
        came = [{"type": "text", "text": "x" * 2_000_000}]  # pictures in it would be as long
        steps = [{"type": "user_input", "content": came}] if shows_input else []
        if self.word == "done":
            video = {"type": "video", "mime_type": "video/mp4", "uri": f"{self.address}/v1beta/files/{name}"}
            content = [{"type": "text", "text": "Here it is."}, video]
            steps += [{"type": "model_output", "content": content}] if self.output is None else self.output
        errors = [{"code": "blocked", "message": self.why}] if self.word == "failed" and self.why else []
        return told(interaction | {"steps": steps, "errors": errors})


def line(client: Client, _clock: Clock) -> Line:
    return Line(client, Google.capabilities)


ROWS = [
    Row(
        name=NAME,
        provider=NAME,
        fake=Interactions,
        base="",
        key={"x-goog-api-key": KEY},
        line=line,
        settings=lambda fake: {"google": Account(KEY, fake.address)},
        prices=PRICE,
        request=replace(REQUEST, model=MODEL),
        sent={
            "model": MODEL,
            "background": True,
            "store": True,
            "input": "a fox, äöü ❄",
            "response_format": {
                "type": "video",
                "resolution": "720p",
                "duration": "4s",
                "aspect_ratio": "16:9",
                "delivery": "uri",
            },
        },
        bills_moderated=True,
        shares=False,
        stops=True,
        pictures=1,
    )
]
