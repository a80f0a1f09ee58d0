"""A vendor of the suite that holds for every vendor: how it is met, and what it does in its own way."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.conftest import Clock
from tests.vendor import clip_for
from tests.vendors import Fake, listening
from tools.money import Money
from tools.providers.base import Picture, RenderRequest, Submitted, VideoProvider
from tools.providers.wire import Address, Client, Patience, open_client

HASTE = Patience(connect=1, write=1, read=1, total=2)
CLIP = clip_for("a fox")
PICTURE = Picture("image/png", b"\x89PNG\r\n\x1a\n\r\n--\x00 a fox \xff\r\n")
REQUEST = RenderRequest(
    take_id="take_1",
    model="wan-test",
    prompt="a fox, äöü ❄",
    negative_prompt="rain",
    seconds=4,
    resolution="720p",
    aspect_ratio="16:9",
    audio=False,
)


@dataclass(frozen=True)
class Row:
    """`sent` is the vendor's request for `request`, field by field.

    `provider` is its name in the studio, `settings` how it is set up there, and `prices` its rows.
    `took_nothing` are the statuses by which it says so. `unpaid` is what it charges for a job that
    failed where it reports nothing about that, None where nobody knows.
    """

    name: str
    provider: str
    fake: Callable[[], Fake]
    base: str  # below which its paths are
    key: Mapping[str, str] = field(repr=False)
    line: Callable[[Client, Clock], VideoProvider]
    settings: Callable[[Fake], dict[str, Any]]
    prices: str
    sent: dict[str, Any]
    request: RenderRequest = REQUEST
    stranger: str = "video_of_somebody_else"
    took_nothing: frozenset[int] = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 429})
    unpaid: Money | None = None
    bills: bool = False  # it reports what a job costs
    bills_moderated: bool | None = None  # in full; None where that is as its bill says
    shares: bool = True  # it says how far it is
    stops: bool = False
    calls: bool = False
    bills_by_name: bool = True  # also for a job of which only the name in its call is known
    named_in_calls: Callable[[str], str] = str  # what its calls name a job that is on record by this name
    pictures: int = 0  # that it takes with one request

    def __str__(self) -> str:
        return self.name


@dataclass
class Meeting:
    """An adapter, the vendor that it speaks to, and the line between them."""

    row: Row
    vendor: Fake
    adapter: VideoProvider
    client: Client
    clock: Clock

    async def take(self) -> str:
        """Have a job accepted."""
        outcome = await self.adapter.submit(self.row.request)
        assert isinstance(outcome, Submitted), outcome
        return outcome.provider_job_id


@asynccontextmanager
async def meeting(row: Row) -> AsyncGenerator[Meeting]:
    clock = Clock()
    fake = row.fake()
    fake.clip = CLIP
    async with listening(fake) as vendor, open_client(vendor.address + row.base, row.key, HASTE) as client:
        yield Meeting(row, vendor, row.line(client, clock), client, clock)


def anywhere(_address: Address) -> bool:
    """A clip may be on this machine too: for tests in which a vendor keeps it elsewhere."""
    return True
