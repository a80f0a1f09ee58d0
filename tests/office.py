"""A vendor that outlives every process: its books are a file.

Between its accepting a job and its answer lie 50 to 250 ms, so that a kill often comes between
the two. It comes in three classes: one honours keys, one can be searched, one can do neither.
"""

import fcntl
import json
import os
import random
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import anyio
import anyio.to_thread
from PIL import Image

from tools import media
from tools.clock import Clock, read_stamp, stamp
from tools.money import Money
from tools.providers.base import (
    Capabilities,
    Missing,
    RenderRequest,
    Running,
    Silent,
    Status,
    Submission,
    Submitted,
    Succeeded,
    VideoModel,
    VideoProvider,
)
from tools.shots import ASPECT_RATIOS

KINDS = ("keyed", "searched", "blind")
MODEL = "plain"
RATE = Money.usd("0.04")

CAPABILITIES = {
    "keyed": Capabilities(key_life=timedelta(hours=1), concurrent=8, poll_seconds=0.2),
    "searched": Capabilities(search_window=timedelta(0), concurrent=8, poll_seconds=0.2),
    "blind": Capabilities(concurrent=24, poll_seconds=0.2),  # what is unknown there keeps its place
}


@dataclass(frozen=True)
class Pace:
    """How quick the vendor is, in seconds; it is read anew with every request."""

    answer: tuple[float, float] = (0.05, 0.25)
    work: float = 0.3
    places: int | None = None  # at each vendor; else its class says


class Office(VideoProvider):
    """A vendor of one class. Whoever speaks to it writes into the same file, under a lock."""

    models = (VideoModel(MODEL, tuple(range(1, 31)), ("480p",), ASPECT_RATIOS),)

    def __init__(self, folder: Path, kind: str, clock: Clock) -> None:
        self.name = kind
        self._folder = folder
        self._clock = clock
        own = CAPABILITIES[kind]
        self.capabilities = replace(own, concurrent=self._pace.places or own.concurrent)

    async def submit(self, request: RenderRequest) -> Submission:
        await self._wait_at("sending")
        made = await anyio.to_thread.run_sync(self._accept, request)
        await self._wait_at("accepted")
        await anyio.sleep(random.uniform(*self._pace.answer))
        return Submitted(made)

    async def find(self, take_id: str) -> str | Missing | Silent:
        if self.name != "searched":
            return Silent()
        known = meter(self._folder, self.name)
        return next((str(line["id"]) for line in known if line["take"] == take_id), Missing())

    async def poll(self, provider_job_id: str) -> Status:
        with (self._folder / "looks").open("a", encoding="utf-8") as looks:
            looks.write(f"{provider_job_id}\n")
        for line in meter(self._folder, self.name):
            if line["id"] == provider_job_id:
                over = self._clock() - read_stamp(line["at"]) >= timedelta(seconds=self._pace.work)
                return Succeeded(Money(line["billed_micros"])) if over else Running()
        return Missing()

    async def fetch(self, provider_job_id: str, to: Path) -> None:  # noqa: ARG002 -- they all look alike
        await anyio.to_thread.run_sync(copyfile, self._folder / "clip.mp4", to)

    @property
    def _pace(self) -> Pace:
        said = json.loads((self._folder / "pace").read_text("utf-8"))
        return Pace(tuple(said["answer"]), said["work"], said["places"])

    async def _wait_at(self, place: str) -> None:
        """Keep a request on the line for as long as the test wants it there."""
        while (self._folder / f"stop-{place}").exists():
            (self._folder / f"at-{place}").touch()
            await anyio.sleep(0.02)

    def _accept(self, request: RenderRequest) -> str:
        with (self._folder / f"{self.name}.jsonl").open("a+", encoding="utf-8") as book:
            fcntl.flock(book, fcntl.LOCK_EX)
            book.seek(0)
            known = [json.loads(line) for line in book]
            if self.name == "keyed":
                for line in known:
                    if line["take"] == request.take_id:
                        return line["id"]
            made = f"{self.name}-{len(known) + 1}"
            billed = RATE.times(request.seconds).micros
            line = {"id": made, "take": request.take_id, "at": stamp(self._clock()), "billed_micros": billed}
            book.write(json.dumps(line) + "\n")
            book.flush()
            os.fsync(book.fileno())
            return made


def meter(folder: Path, *kinds: str) -> list[dict[str, Any]]:
    """What vendors accepted: the ground truth."""
    books = [folder / f"{kind}.jsonl" for kind in kinds or KINDS]
    text_of = "".join(book.read_text("utf-8") for book in books if book.exists())
    return [json.loads(line) for line in text_of.splitlines()]


def offices(folder: Path, clock: Clock) -> dict[str, VideoProvider]:
    return {kind: Office(folder, kind, clock) for kind in KINDS}


def set_up(folder: Path, pace: Pace) -> None:
    """The vendors' prices, their one clip, and their pace."""
    row = """[[price]]
provider = "{}"\nmodel = "{}"\nkind = "video"\nunit = "second"\nusd = "{}"\nresolution = "480p"
source = "made up"\nas_of = {}\n"""
    today = date(2026, 11, 21)
    (folder / "prices.toml").write_text(
        "".join(row.format(kind, MODEL, RATE, today) for kind in KINDS), "utf-8"
    )
    frames = [Image.new("RGB", (64, 36), "navy")] * 24
    media.write_clip(frames, folder / "clip.mp4", fps=24, size=(64, 36), tone=None)
    be(folder, pace)


def be(folder: Path, pace: Pace) -> None:
    said = folder / "pace-next"
    said.write_text(json.dumps(asdict(pace)), "utf-8")
    said.rename(folder / "pace")
