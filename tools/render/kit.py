"""What rendering needs, and a stored line as a vendor's adapter takes it.

After a crash every job is running, ended or unknown within thirty seconds. A request that has
no answer after `SEND_SECONDS` is ambiguous. The lease outlives it by five, in which a living
worker writes down what came of it; and the next sweep, at most five seconds later, finds what
a dead one left. A worker that lives and is late all the same does no harm: who takes over
looks first and never just sends, and the late answer is adopted or writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tools.clips import Shelf
from tools.clock import Clock
from tools.db import Database
from tools.engine import Engine
from tools.ids import TakeId
from tools.pictures import Album
from tools.providers.absent import Absent
from tools.providers.base import Picture, RenderRequest, VideoProvider
from tools.quotes import QuoteLine
from tools.render.spill import Spill

SEND_SECONDS = 15
LEASE = timedelta(seconds=SEND_SECONDS + 5)

Pictures = Mapping[str, Picture]
NO_PICTURES: Pictures = {}


@dataclass(frozen=True, slots=True)
class Kit:
    """What rendering needs, and no more."""

    database: Database
    engine: Engine
    clock: Clock
    providers: Mapping[str, VideoProvider]
    shelf: Shelf
    worker: str  # this process, by a name that no other has had
    folder: Path  # on this machine, for what the database cannot or must not keep
    answer_seconds: float = SEND_SECONDS  # how long a vendor's answer is waited for
    lease: timedelta = LEASE  # how long a claimed job is this worker's alone
    public_url: str | None = None  # where vendors reach us, if they do

    @property
    def spill(self) -> Spill:
        return Spill(self.folder / "spill.jsonl")

    @property
    def album(self) -> Album:
        return Album(self.folder / "uploads")

    @property
    def mark(self) -> Path:
        return self.folder / "last-sent.json"

    @property
    def paid(self) -> list[str]:
        """The vendors that bill."""
        return [name for name, each in self.providers.items() if not each.capabilities.free]

    def vendor(self, name: str) -> VideoProvider:
        """The vendor of a job. Its settings may be gone by now, and what it makes goes on all the same."""
        return self.providers.get(name) or Absent(name)

    def address(self, provider: str, token: str | None) -> str | None:
        """Where this vendor may call about this take, if it calls and can reach us."""
        calls = self.vendor(provider).capabilities.webhook
        if not calls or token is None or self.public_url is None:
            return None
        return f"{self.public_url}/webhooks/{provider}/{token}"


def request_of(
    line: QuoteLine, take_id: TakeId, webhook: str | None = None, pictures: Pictures = NO_PICTURES
) -> RenderRequest:
    """A stored line as a vendor's adapter takes it."""
    return replace(request_from(line.body, take_id, line.n, pictures), webhook=webhook)


def request_from(
    body: Mapping[str, Any], take_id: TakeId, number: int, pictures: Pictures = NO_PICTURES
) -> RenderRequest:
    """Of the pictures that it names, it holds those that are given."""
    return RenderRequest(
        take_id=take_id,
        model=body["model"],
        prompt=body["prompt"],
        negative_prompt=body["negative_prompt"],
        seconds=body["seconds"],
        resolution=body["resolution"],
        aspect_ratio=body["aspect_ratio"],
        audio=body["audio"],
        caption=body["caption"],
        title_card=body["title_card"],
        camera=body["camera"],
        number=number,
        styles=tuple(body["styles"]),
        mood=body["mood"],
        pictures=tuple(pictures[name] for name in named_in(body) if name in pictures),
        kind=body.get("kind", "video"),
    )


def named_in(body: Mapping[str, Any]) -> Sequence[str]:
    """The reference pictures that a request names."""
    return body.get("pictures", ())
