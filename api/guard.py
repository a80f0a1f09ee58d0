"""What every request passes first: its size, its origin, and the headers that every answer carries.

A service without tokens trusts whoever reaches it, so only this machine's own pages may: a
foreign Host is a rebound name, a foreign Origin is another site's script.
"""

from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import LOOPBACK
from api.problems import Problem, answer

BODY_BYTES_MAX = 4 * 1024 * 1024
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
            await self.app(scope, _counted(receive), guarded_send)

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
        if int(headers.get("content-length") or 0) > BODY_BYTES_MAX:
            return _too_large()
        if scope["method"] in CHANGING and _has_body(headers) and not _is_json(headers):
            return Problem("invalid", 415, "Not JSON", "send content-type: application/json")
        return None


def _too_large() -> Problem:
    return Problem("too-large", 413, "Too large", f"a request has at most {BODY_BYTES_MAX:,} bytes")


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
    return headers.get("content-type", "").split(";")[0].strip().casefold() == "application/json"


def _counted(receive: Receive) -> Receive:
    """A body without a length is counted as it comes."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_BYTES_MAX:
            raise HTTPException(413, _too_large().detail)
        return message

    return counted
