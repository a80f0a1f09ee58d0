"""What every request passes first: its size, its origin, and the headers that every answer carries.

A service without tokens trusts whoever reaches it, so only this machine's own pages may: a
foreign Host is a rebound name, a foreign Origin is another site's script.
"""

from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import LOOPBACK
from api.problems import Problem, Refused, answer
from tools import repo
from tools.pictures import BYTES_MAX as PICTURE_BYTES_MAX

BODY_BYTES_MAX = 4 * 1024 * 1024


class Files(NamedTuple):
    """What a path takes beside JSON: how its content type begins, in words, and how many bytes."""

    kind: str
    told: str
    bytes_max: int


FILES = {
    "/api/uploads": Files("image/", "image/png, image/jpeg or image/webp", PICTURE_BYTES_MAX),
    "/api/repos/archive": Files(repo.MEDIA_TYPE, repo.MEDIA_TYPE, repo.PACKED_BYTES_MAX),
}
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
SECURITY = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, *, local_only: bool) -> None:
        self.app = app
        self.local_only = local_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = self._refusal(scope)
        if refused is not None:
            await answer(refused)(scope, receive, guarded_send)
        else:
            await self.app(scope, _counted(receive, _bytes_max(scope)), guarded_send)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        called_back = scope["path"].startswith("/webhooks/")  # by a vendor, through whatever name leads here
        if self.local_only and not called_back and _name(f"//{host}") not in LOOPBACK:
            return Problem(
                "invalid", 421, "Foreign host", f"this service answers to 127.0.0.1 only, not {host[:100]!r}"
            )
        if "\0" in scope["path"] or b"\0" in unquote_to_bytes(scope["query_string"]):
            return Problem("invalid", 422, "Invalid", "an address has no NUL in it")
        origin = headers.get("origin")
        if origin is not None and scope["method"] in CHANGING and _place(origin) != host:
            return Problem("forbidden", 403, "Foreign origin", "another site's page may not do this")
        if int(headers.get("content-length") or 0) > _bytes_max(scope):
            return _too_large(_bytes_max(scope))
        if scope["method"] in CHANGING and _has_body(headers) and not (_is_json(headers) or _is_file(scope)):
            return Problem("invalid", 415, "Content type", f"send content-type: {_taken(scope)}")
        return None


def _is_file(scope: Scope) -> bool:
    """Is the body a file of the kind that its path takes?"""
    taken = FILES.get(scope["path"])
    return taken is not None and _kind(Headers(scope=scope)).startswith(taken.kind)


def _taken(scope: Scope) -> str:
    taken = FILES.get(scope["path"])
    return "application/json" if taken is None else f"{taken.told}, or application/json"


def _bytes_max(scope: Scope) -> int:
    return FILES[scope["path"]].bytes_max if _is_file(scope) else BODY_BYTES_MAX


def _too_large(bytes_max: int) -> Problem:
    return Problem("too-large", 413, "Too large", f"a request has at most {bytes_max:,} bytes")


def _place(address: str) -> str | None:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _is_json(headers: Headers) -> bool:
    return _kind(headers) == "application/json"


def _kind(headers: Headers) -> str:
    return headers.get("content-type", "").split(";")[0].strip().casefold()


def _counted(receive: Receive, bytes_max: int) -> Receive:
    """A body without a length is counted as it comes."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > bytes_max:
            raise Refused(_too_large(bytes_max))
        return message

    return counted
