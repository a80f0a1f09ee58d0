"""Server-sent events: one way to send frames, for turns and for news alike."""

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent

PING_SECONDS = 15
SEND_SECONDS = 30  # a reader that takes nothing for so long is gone


def stream(
    frames: AsyncIterator[ServerSentEvent | bytes], headers: dict[str, str] | None = None
) -> EventSourceResponse:
    return EventSourceResponse(
        frames,
        headers={"cache-control": "no-store", "x-accel-buffering": "no", **(headers or {})},
        ping=PING_SECONDS,
        send_timeout=SEND_SECONDS,
        sep="\n",
    )
