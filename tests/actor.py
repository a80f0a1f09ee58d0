"""A language model on OpenAI's wire that does what the person's message says, line by line.

A line is `tool NAME {arguments}`, or words that it says one by one. `gate 20 20` counts to twenty, waits
until somebody asks for `/open`, and counts on; `recall` says all that it was told by people.
"""

import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

GATE_SECONDS = 60
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
Chunk = dict[str, Any]


class Actor(BaseHTTPRequestHandler):
    gate: ClassVar[threading.Event] = threading.Event()
    seen: ClassVar[list[dict[str, Any]]] = []

    def do_GET(self) -> None:
        self.gate.set()
        self.send_response(204)
        self.end_headers()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.seen.append(asked)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        try:
            for chunk in self._chunks(line_for(asked["messages"]), asked["messages"]):
                self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return  # the turn was stopped

    def _chunks(self, line: str, messages: list[dict[str, Any]]) -> Iterator[Chunk]:
        kind, _, rest = line.partition(" ")
        if kind == "tool":
            name, _, arguments = rest.partition(" ")
            yield delta(tool_calls=[call(0, f"call_{len(messages)}", name, arguments)])
            yield delta("tool_calls")
        elif kind == "gate":
            before, after = (int(each) for each in rest.split())
            self.gate.clear()
            yield from counted(range(before))
            assert self.gate.wait(GATE_SECONDS)
            yield from counted(range(before, before + after))
            yield delta("stop")
        else:
            said = " / ".join(told_by_people(messages)) if kind == "recall" else line
            for word in said.split():
                yield delta(content=f"{word} ")
            yield delta("stop")
        yield {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "actor",
            "choices": [],
            "usage": USAGE,
        }

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class names it
        pass


def told_by_people(messages: list[dict[str, Any]]) -> list[str]:
    said = [each["content"] for each in messages if each["role"] == "user"]
    return [each if isinstance(each, str) else " ".join(part["text"] for part in each) for each in said]


def line_for(messages: list[dict[str, Any]]) -> str:
    """The line of the person's last message that is next: each answer so far was one."""
    last = max(n for n, each in enumerate(messages) if each["role"] == "user")
    lines = told_by_people(messages)[-1].split("\n")
    done = sum(each["role"] == "assistant" for each in messages[last:])
    return lines[done] if done < len(lines) else "Done."


def counted(numbers: range) -> Iterator[Chunk]:
    for n in numbers:
        yield delta(content=f"{n} ")


def call(index: int, identity: str, name: str, arguments: str) -> Chunk:
    return {
        "index": index,
        "id": identity,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def delta(finish: str | None = None, **said: Any) -> Chunk:
    choice = {"index": 0, "delta": {"role": "assistant", **said}, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "actor", "choices": [choice]}


@contextmanager
def acting() -> Generator[str]:
    """The actor's address, for as long as it plays."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Actor)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Actor.seen.clear()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        Actor.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


def directed_by(address: str) -> dict[str, str]:
    """The settings of a service that thinks with it."""
    return {
        "GREENLIGHT_MODEL": "openai-chat:gpt-5.2",
        "OPENAI_BASE_URL": f"{address}/v1",
        "OPENAI_API_KEY": "sk-made-up",
    }
