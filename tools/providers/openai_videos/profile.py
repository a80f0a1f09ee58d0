"""What is said of a server of `/v1/videos` before it is asked: where it is, its habits, its models."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from tools.prices import PriceBook, PriceRow
from tools.providers.base import VideoModel
from tools.providers.offered import offered as by_price
from tools.shots import ASPECT_RATIOS

NAME = "openai_videos"
BLOCK = 16  # models draw in blocks of so many pixels
ProfileName = Literal["generic", "sglang", "vllm-omni", "litellm"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is, how it is spoken to, and what proves who asks."""

    address: str
    profile: ProfileName = "generic"
    key: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"} if self.key else {}

    @property
    def base(self) -> str:
        """Below which `/videos` is: a bare host means its `/v1`, as the servers themselves print it."""
        return self.address if urlsplit(self.address).path.strip("/") else f"{self.address.rstrip('/')}/v1"


@dataclass(frozen=True, slots=True)
class Profile:
    """How servers of the protocol differ.

    `own`: it runs on one's own machine, so that nobody bills what was not delivered. `negative`: it
    takes a negative prompt. `stops`: its DELETE ends the work; those of others forget a job that
    goes on, or the clip, and are never sent. `stores`: it may keep clips elsewhere and names the place.
    `pictures`: how many it takes, in a form whatever its bodies are else. LiteLLM hands one on to vendors
    of which some cannot take it so, and does not say which.
    """

    body: Literal["json", "multipart"]
    seconds: type[int] | type[str] = str
    own: bool = False
    negative: bool = False
    stops: bool = False
    stores: bool = False
    sound: str | None = None  # the field that asks for it
    pictures: int = 1


PROFILES: Mapping[ProfileName, Profile] = {
    "generic": Profile("multipart"),
    "sglang": Profile("json", seconds=int, own=True, negative=True, stores=True),
    "vllm-omni": Profile("multipart", own=True, negative=True, stops=True, sound="generate_sound"),
    "litellm": Profile("json", pictures=0),
}


def offered(book: PriceBook, profile: ProfileName = "generic") -> tuple[VideoModel, ...]:
    """The models that somebody has written a price for, with the limits of their rows."""
    return by_price(book, NAME, partial(_pictures, PROFILES[profile]))


def _pictures(profile: Profile, _model: str, rows: Sequence[PriceRow]) -> int:
    """A model that has no price from a picture is not known to begin with one."""
    return profile.pictures if any(row.input == "image" for row in rows) else 0


def size_of(resolution: str, aspect_ratio: str) -> str | None:
    """`720p` at 16:9 is 1280x720; the longer side is one that models draw. None for a word nobody knows."""
    known = re.fullmatch(r"(\d{3,4})p", resolution)
    if known is None or aspect_ratio not in ASPECT_RATIOS:
        return None
    short = int(known[1])
    across, down = map(int, aspect_ratio.split(":"))
    long = round(short * max(across, down) / min(across, down) / BLOCK) * BLOCK if across != down else short
    return f"{long}x{short}" if across >= down else f"{short}x{long}"
