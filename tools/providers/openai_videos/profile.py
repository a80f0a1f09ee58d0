"""What is said of a server of `/v1/videos` before it is asked: where it is, its habits, its models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from tools.prices import PriceBook, PriceRow
from tools.providers.account import Host
from tools.providers.base import VideoModel
from tools.providers.offered import offered as by_price

NAME = "openai_videos"
ProfileName = Literal["generic", "sglang", "vllm-omni", "litellm"]


@dataclass(frozen=True, slots=True)
class Server(Host):
    """A server of `/v1/videos`, and how it is spoken to."""

    profile: ProfileName = "generic"


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
