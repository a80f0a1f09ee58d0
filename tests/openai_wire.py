"""OpenAI's wire, for models that are made up: what one says as events, and a server that says it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

FRAME = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5.2"}
REFUSAL = b'{"error": {"message": "no", "type": "invalid_request_error"}}'
REQUEST_BYTES_MAX = 2**20


def events(
    deltas: Sequence[dict[str, Any]], finish: str, usage: tuple[int, int] | None = (1_000, 100)
) -> bytes:
    """A whole answer: what it says piece by piece, why it ends, and how many tokens went in and came out."""
    said: list[dict[str, Any]] = [{"delta": {"role": "assistant", **each}} for each in deltas]
    said.append({"delta": {}, "finish_reason": finish})
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "finish_reason": None, **each}]} for each in said
    ]
    if usage is not None:
        told = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        chunks.append({"choices": [], "usage": told})
    return (
        b"".join(b"data: %s\n\n" % json.dumps(FRAME | each).encode() for each in chunks) + b"data: [DONE]\n\n"
    )


def called(name: str, arguments: str, identity: str, index: int = 0) -> dict[str, Any]:
    """A call of a tool, as one of a delta's `tool_calls`."""
    function = {"name": name, "arguments": arguments}
    return {"index": index, "id": identity, "type": "function", "function": function}


@dataclass
class Line:
    """The way back to who asked."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, body: bytes, *, promised_bytes: int | None = None) -> None:
        """The beginning of an answer, or all of it; with a length that may be a lie."""
        size = b"" if promised_bytes is None else b"content-length: %d\r\n" % promised_bytes
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n%sconnection: close\r\n\r\n"
        self.writer.write(head % size + body)
        await self.writer.drain()

    async def refuse(self, status: int) -> None:
        head = b"HTTP/1.1 %d No\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.writer.write(head % (status, len(REFUSAL)) + REFUSAL)
        await self.writer.drain()

    async def wait(self) -> None:
        """Say nothing until the other end hangs up."""
        await self.reader.read()


@asynccontextmanager
async def listening(answer: Callable[[dict[str, Any], Line], Awaitable[None]]) -> AsyncGenerator[str]:
    """The address of a model, over a real socket."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await answer(json.loads(await reader.readexactly(size)), Line(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the turn was ended at the other end
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=REQUEST_BYTES_MAX)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
