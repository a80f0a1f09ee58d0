"""What rendering needs, and a stored line as a vendor's adapter takes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tools.clips import Shelf
from tools.clock import Clock
from tools.db import Database
from tools.engine import Engine
from tools.ids import TakeId
from tools.providers.base import RenderRequest, VideoProvider
from tools.quotes import QuoteLine

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Kit:
    """What rendering needs, and no more."""

    database: Database
    engine: Engine
    clock: Clock
    providers: Mapping[str, VideoProvider]
    shelf: Shelf
    worker: str  # this process, by a name that no other has had
    lease: timedelta = LEASE  # how long a claimed job is this worker's alone


def request_of(line: QuoteLine, take_id: TakeId) -> RenderRequest:
    """A stored line as a vendor's adapter takes it."""
    return request_from(line.body, take_id, line.n)


def request_from(body: Mapping[str, Any], take_id: TakeId, number: int) -> RenderRequest:
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
    )
