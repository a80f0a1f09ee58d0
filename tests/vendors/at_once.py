"""Vendors that answer with the work itself, as each is on the wire."""

import json
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from tests.conftest import Clock
from tests.vendors import KEY, Fake, Heard, Reply, listening, room, told
from tests.vendors.row import HASTE, REQUEST, Meeting, Row
from tools.prices import PriceBook
from tools.providers.account import Account, Host
from tools.providers.at_once import AtOnce, Counter
from tools.providers.at_once.line import Line
from tools.providers.base import RenderRequest, VideoProvider
from tools.providers.elevenlabs import counter as elevenlabs
from tools.providers.openai_images import counter as openai_images
from tools.providers.openai_speech import counter as openai_speech
from tools.providers.openrouter import Openrouter, Workspace
from tools.providers.openrouter.adapter import Line as OpenrouterLine
from tools.providers.wire import Client, open_client

PNG = b"\x89PNG\r\n\x1a\n\r\n--\x00 a fox \xff\r\n" * 9
MP3 = b"\xff\xfb\x90\x00 a fox speaks \xff\r\n" * 9
STILL = replace(REQUEST, kind="image", seconds=0)
VOICE = replace(REQUEST, kind="speech", seconds=0, resolution="", voice="alloy", prompt="a fox, äöü ❄")


@dataclass
class AtOnceFake(Fake):
    """`work` is what it makes; `headers` go with it, where they say something."""

    path: ClassVar[str] = ""
    work: bytes = PNG
    headers: tuple[str, ...] = ()

    def answer(self, heard: Heard) -> Reply | None:
        if not self.knows(heard.headers):
            return self.complaint("no such key", 401)
        if heard.method != "POST" or heard.path != self.path:
            return self.complaint("Not Found", 404)
        if self.on_submit is not None:
            return self.on_submit
        self.jobs[f"work-{len(self.jobs) + 1}"] = json.loads(heard.body)
        return None if self.loses_answers else self.hand_over()

    def knows(self, headers: Mapping[str, str]) -> bool:
        return headers.get("authorization") == f"Bearer {KEY}"

    def hand_over(self) -> Reply:
        return Reply(200, self.work, ("content-type: audio/mpeg", *self.headers))


@dataclass
class ImagesServer(AtOnceFake):
    path = "/v1/images/generations"

    def hand_over(self) -> Reply:
        picture = {"b64_json": b64encode(self.work).decode()}
        usage = {"input_tokens": 9, "output_tokens": 1_120, "total_tokens": 1_129}
        return told({"created": 1, "data": [picture], "output_format": "png", "usage": usage})


@dataclass
class SpeechServer(AtOnceFake):
    path = "/v1/audio/speech"
    work: bytes = MP3


@dataclass
class ElevenLabs(AtOnceFake):
    path = "/v1/text-to-speech/alloy?output_format=mp3_44100_128"
    work: bytes = MP3
    headers: tuple[str, ...] = ("character-cost: 12", "request-id: made-up")

    def knows(self, headers: Mapping[str, str]) -> bool:
        return headers.get("xi-api-key") == KEY

    def complaint(self, words: str, status: int) -> Reply:
        return told({"detail": {"status": "no", "message": words}}, status, "retry-after: 30")


@dataclass
class OpenRouterStills(AtOnceFake):
    path = "/api/v1/images"
    is_byok: bool = False

    def hand_over(self) -> Reply:
        said: dict[str, Any] = {"created": 1, "data": [{"b64_json": b64encode(self.work).decode()}]}
        if self.bill is not None:
            said["usage"] = {"total_tokens": 4_175, "cost": "<bill>", "is_byok": self.is_byok}
        raw = json.dumps(said).replace('"<bill>"', str(self.bill)).encode()
        return Reply(200, raw, ("content-type: application/json",))


@dataclass
class OpenRouterVoices(AtOnceFake):
    path = "/api/v1/audio/speech"
    work: bytes = MP3
    headers: tuple[str, ...] = ("x-generation-id: gen-tts-1-x",)
    is_byok: bool = False

    def answer(self, heard: Heard) -> Reply | None:
        if heard.method == "GET" and heard.path == "/api/v1/generation?id=gen-tts-1-x":
            return self.on_poll or self._bill()
        return super().answer(heard)

    def _bill(self) -> Reply:
        """Some seconds later than the work."""
        if self.bill is None:
            return self.complaint("Generation gen-tts-1-x not found", 404)
        data = json.dumps({"data": {"id": "gen-tts-1-x", "total_cost": "<bill>", "is_byok": self.is_byok}})
        return Reply(200, data.replace('"<bill>"', self.bill).encode(), ("content-type: application/json",))


# --- the rows ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class AtOnceRow(Row):
    """`at` is the adapter with a folder that is known: another one on the same is the next process."""

    work: bytes = PNG
    at: Callable[[Client, Clock, Path], VideoProvider] = field(kw_only=True)


@asynccontextmanager
async def meeting_at(row: AtOnceRow, folder: Path) -> AsyncGenerator[Meeting]:
    clock = Clock()
    async with (
        listening(row.fake()) as vendor,
        open_client(vendor.address + row.base, row.key, HASTE) as client,
    ):
        yield Meeting(row, vendor, row.at(client, clock, folder), client, clock)


def of_one_kind(counter: Counter, client: Client, clock: Clock, folder: Path) -> VideoProvider:
    return Line(client, counter, AtOnce.capabilities, folder, clock)


def of_openrouter(client: Client, clock: Clock, folder: Path) -> VideoProvider:
    plug = Openrouter(Workspace(KEY), lambda: PriceBook(()), folder, clock)
    return OpenrouterLine(client, plug.capabilities, folder, clock)


def nowhere(_fake: Fake) -> dict[str, Any]:
    """No studio is opened with it."""
    return {}


def at_once(
    name: str,
    fake: Callable[[], Fake],
    at: Callable[[Client, Clock, Path], VideoProvider],
    request: RenderRequest,
    sent: dict[str, Any],
    **facts: Any,
) -> AtOnceRow:
    usual: dict[str, Any] = {
        "provider": name,
        "base": "/v1",
        "key": {"authorization": f"Bearer {KEY}"},
        "settings": nowhere,
        "prices": "",
        "stranger": "take_of_somebody_else",
        "work": PNG if request.kind == "image" else MP3,
    }
    return AtOnceRow(
        name=name,
        fake=fake,
        line=lambda client, clock: at(client, clock, room()),
        at=at,
        request=request,
        sent=sent,
        **usual | facts,
    )


OPENROUTER = frozenset({400, 401, 402, 403, 404, 413, 429})
SPOKEN = {"model": "wan-test", "input": "a fox, äöü ❄", "voice": "alloy", "response_format": "mp3"}
ROWS = [
    at_once(
        "openai_images",
        ImagesServer,
        partial(of_one_kind, openai_images(Host("http://one.invalid"))),
        STILL,
        {"model": "wan-test", "prompt": "a fox, äöü ❄", "n": 1, "size": "1280x720"},
    ),
    at_once(
        "openai_speech",
        SpeechServer,
        partial(of_one_kind, openai_speech(Host("http://one.invalid"))),
        VOICE,
        SPOKEN,
    ),
    at_once(
        "elevenlabs",
        ElevenLabs,
        partial(of_one_kind, elevenlabs(Account(KEY))),
        VOICE,
        {"text": "a fox, äöü ❄", "model_id": "wan-test"},
        base="",
        key={"xi-api-key": KEY},
        took_nothing=frozenset({400, 401, 402, 403, 404, 422, 429}),
    ),
    at_once(
        "openrouter-stills",
        OpenRouterStills,
        of_openrouter,
        replace(STILL, resolution="2K"),
        {"model": "wan-test", "prompt": "a fox, äöü ❄", "n": 1, "aspect_ratio": "16:9", "resolution": "2K"},
        provider="openrouter",
        base="/api/v1",
        took_nothing=OPENROUTER,
        bills=True,
    ),
    at_once(
        "openrouter-voices",
        OpenRouterVoices,
        of_openrouter,
        VOICE,
        SPOKEN,
        provider="openrouter",
        base="/api/v1",
        took_nothing=OPENROUTER,
        bills=True,
    ),
]
