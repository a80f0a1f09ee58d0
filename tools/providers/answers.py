"""What every adapter reads from its vendor's answers in the same way, and writes into its requests."""

import re
from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast
from urllib.parse import quote

from tools.providers.base import Ambiguous, Missing, Picture, Silent, Submitted
from tools.providers.wire import Answer
from tools.shots import ASPECT_RATIOS

NOT_FOUND = 404
GONE = 410
UNNAMED = Ambiguous("the vendor's answer does not name the job")
UNSAID = "the vendor does not say why"
COUNT = re.compile(r"\d{1,7}(\.\d{1,12})?", re.ASCII)
COUNT_MAX = 1_000_000
BLOCK = 16  # models draw in blocks of so many pixels
# As long as there is room for on record, of characters that neither a line nor a list breaks at.
JOB_NAME = re.compile(r"[!-~]{1,200}")


def submitted(name: Any) -> Submitted | Ambiguous:
    """Taken, if the job has a name that an address can hold. A job without one was made all the same."""
    if not isinstance(name, str) or JOB_NAME.fullmatch(name) is None or not name.strip("."):
        return UNNAMED
    return Submitted(name)


def told(heard: Answer | None) -> Mapping[str, Any] | Missing | Silent:
    """What came of a question about a job: its body, or that there is none, or nothing about it.

    A key that is not taken, say, or a server that is out of order, says nothing about the job.
    """
    if heard is None:
        return Silent()
    if heard.status in (NOT_FOUND, GONE):
        return Missing()
    return Silent() if heard.status >= 400 else heard.body


def part(name: str) -> str:
    """A name as one part of an address, which cannot lead anywhere else."""
    return quote(name, safe="")


def share(progress: Any, *, whole: int = 1) -> float | None:
    """How much is done, from 0 to 1, of what the vendor counts up to `whole`."""
    if isinstance(progress, bool) or not isinstance(progress, int | Decimal):
        return None
    return float(min(max(Decimal(progress) / whole, Decimal(0)), Decimal(1)))


def count(value: Any) -> Decimal | None:
    """A number that a bill counts with, from 0 to a million; None for anything else."""
    if isinstance(value, str) and COUNT.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value < COUNT_MAX:
        return None
    return Decimal(value)


def as_object(value: Any) -> dict[str, Any]:
    """The object that an answer holds there; an empty one where it holds something else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_objects(value: Any) -> list[dict[str, Any]]:
    """Every object of the list that an answer holds there."""
    return [as_object(each) for each in cast("list[Any]", value)] if isinstance(value, list) else []


def encoded(picture: Picture) -> str:
    return b64encode(picture.content).decode()


def inline(picture: Picture) -> str:
    """A picture as an address that holds it whole, for vendors that want an address."""
    return f"data:{picture.media_type};base64,{encoded(picture)}"


def size_of(resolution: str, aspect_ratio: str) -> str | None:
    """`720p` at 16:9 is 1280x720; the longer side is one that models draw. None for a word nobody knows."""
    known = re.fullmatch(r"(\d{3,4})p", resolution)
    if known is None or aspect_ratio not in ASPECT_RATIOS:
        return None
    short = int(known[1])
    across, down = map(int, aspect_ratio.split(":"))
    long = round(short * max(across, down) / min(across, down) / BLOCK) * BLOCK if across != down else short
    return f"{long}x{short}" if across >= down else f"{short}x{long}"
