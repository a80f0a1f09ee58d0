"""What a job at fal is called on record: its endpoint, and the addresses that fal gave for it.

The addresses are to be used as they are given. They drop a part of the endpoint's name, and may
change; so they travel in the job's name, where a restart finds them, in as few characters as they
take: `endpoint|beginning|status|response|cancel`, the last three without the beginning they share.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any

from tools.providers.answers import UNNAMED, part, submitted
from tools.providers.base import Ambiguous, Submitted
from tools.providers.wire import Client

ADDRESSES = ("status_url", "response_url", "cancel_url")
MARK = "|"  # never stands in an address


@dataclass(frozen=True, slots=True)
class Job:
    """Where a job is asked about. `endpoint` is None where only its webhook named it."""

    endpoint: str | None
    status: str
    response: str
    cancel: str


def named(client: Client, endpoint: str, body: Mapping[str, Any]) -> Submitted | Ambiguous:
    """The job's name. Addresses that are not the vendor's own name nothing: they would be asked with its key."""
    paths = [_own(client, body.get(field)) for field in ADDRESSES]
    known = [path for path in paths if path is not None]
    if len(known) < len(ADDRESSES) or not _is_plain(body.get("request_id")):
        return UNNAMED
    beginning = commonprefix(known)  # noqa: RUF071 -- characters are what a name may have too many of
    return submitted(MARK.join([endpoint, beginning, *(path[len(beginning) :] for path in known)]))


def job_of(name: str) -> Job | None:
    """The job by its name; None for a bare request id, which is all that a webhook says."""
    match name.split(MARK):
        case [endpoint, beginning, status, response, cancel]:
            return Job(endpoint, beginning + status, beginning + response, beginning + cancel)
        case _:
            return None


def guessed(app: str, request_id: str) -> Job:
    """Where a job of this app is by fal's own client, for one whose addresses never arrived."""
    base = f"{app}/requests/{part(request_id)}"
    return Job(None, f"{base}/status", base, f"{base}/cancel")


def _own(client: Client, address: Any) -> str | None:
    url = client.url(address) if isinstance(address, str) and address else None
    if url is None or not client.is_own(url):
        return None
    path = url.raw_path.decode()
    return None if MARK in path else path


def _is_plain(request_id: Any) -> bool:
    return isinstance(submitted(request_id), Submitted)
