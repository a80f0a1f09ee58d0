"""Many turns at once through one server, alone in its process: what the model says, and who listens, are others.

Three processes: `greenlight serve`, a model on OpenAI's wire that keeps its pace whatever happens, and
readers over HTTP. The model waits until it has been asked by everybody, and begins with each within a
second: it says the time, and then its words one by one. The readers note when the last one has arrived.

.venv/bin/python benchmarks/streams.py [STREAMS]
"""

import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import psutil

from tests.live import started

PACE_SECONDS = 0.02  # 50 words a second
WORDS = 500
STREAMS = 200
PEOPLE = 20  # one person has at most 16 turns at once
SLICES = 10  # of a word's time, over which the streams are spread
BEGIN_SECONDS = 1.0  # in which all of them begin
BEGAN, LAST = re.compile(rb"began=([\d.]+) "), b"that-is-all"


# --- the model -------------------------------------------------------------------------------


def event(delta: dict[str, str] | None, finish: str | None = None) -> bytes:
    choices = (
        [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
    )
    usage = {"prompt_tokens": 900, "completion_tokens": WORDS, "total_tokens": 900 + WORDS}
    said = {
        "id": "chatcmpl-9b2f4c1de0", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "gpt-5.2-2026-01-01",
        "service_tier": "default", "system_fingerprint": None, "choices": choices, "usage": usage if delta is None else None,
    }  # fmt: skip
    data = f"data: {json.dumps(said)}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


WORD = event({"content": "word "})
DONE = b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"
END = event({"content": LAST.decode()}) + event({}, "stop") + event(None) + DONE
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass
class Talker:
    """Talks to as many as it was asked to wait for, all at once and each at the same pace."""

    asked: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])
    begun: set[int] = field(default_factory=set[int])  # crowds, by how many they wait for

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length[1]) if length else 0)
                wanted = int(re.findall(rb"wait for (\d+)", body)[-1])
                self.asked.append(writer)
                if len(self.asked) >= wanted or wanted in self.begun:  # asked again, it does not wait again
                    self.begun.add(wanted)
                    crowd, self.asked = self.asked, []
                    await talk(crowd)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def talk(crowd: list[asyncio.StreamWriter]) -> None:
    """One clock for all of them, in slices of a word's time; each has its own slice and its own beginning."""
    slices = int(BEGIN_SECONDS / PACE_SECONDS) * SLICES
    begins = {writer: n * slices // len(crowd) for n, writer in enumerate(crowd)}
    by_slice: list[list[asyncio.StreamWriter]] = [[] for _ in range(SLICES)]
    for writer, begin in begins.items():
        by_slice[begin % SLICES].append(writer)
    began = time.monotonic()
    for now in range(slices + (WORDS + 1) * SLICES):
        await asyncio.sleep(max(0.0, began + now * PACE_SECONDS / SLICES - time.monotonic()))
        for writer in by_slice[now % SLICES]:
            writer.write(said((now - begins[writer]) // SLICES))


def said(n: int) -> bytes:
    """What is said at a stream's nth moment: nothing before it begins and after it ends."""
    if n == 0:
        first = event({"role": "assistant", "content": ""})
        return HEAD + first + event({"content": f"began={time.monotonic():.4f} "})
    if 0 < n < WORDS:
        return WORD
    return END if n == WORDS else b""


async def model() -> None:
    server = await asyncio.start_server(Talker().hear, "127.0.0.1", 0, backlog=1_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# --- the readers ------------------------------------------------------------------------------


async def asked(
    port: int, person: int, what: str, body: bytes = b""
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection of its own, on which somebody has asked for something."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    head = f"{what} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer token-{person}\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    return reader, writer


def words_for(chat: str, crowd: int) -> bytes:
    said = {"role": "user", "id": "u", "parts": [{"type": "text", "text": f"wait for {crowd}"}]}
    return json.dumps({"id": chat, "messages": [said]}).encode()


async def read(port: int, n: int, crowd: int) -> tuple[float, float]:
    """How long the first and the last word took to get here, from when the model began."""
    body = words_for(f"chat-{time.time_ns()}-{n}", crowd)
    reader, writer = await asked(port, n % PEOPLE, "POST /api/chat", body)
    kept, began, first = b"", 0.0, 0.0
    while LAST not in kept:
        piece = await reader.read(2**16)
        if not piece:
            raise ConnectionError(kept[-2_000:].decode())
        kept = kept[-200:] + piece
        if not began and (found := BEGAN.search(kept)):
            began, first = float(found[1]), time.monotonic()
    last = time.monotonic()
    await reader.read()
    writer.close()
    return first - began, last - began


async def readers(port: int, crowd: int) -> None:
    async with asyncio.timeout(300):
        took = await asyncio.gather(*(read(port, n, crowd) for n in range(crowd)))
    print(json.dumps(took), flush=True)


async def followers(port: int, count: int) -> None:
    """A turn, and so many more who read it. It tells when the turn has begun, and when all of them hear it."""
    chat = f"chat-{time.time_ns()}"
    talking, line = await asked(port, 0, "POST /api/chat", words_for(chat, 1))
    await talking.readuntil(b"began=")
    print("begun", flush=True)
    await asyncio.sleep(0.5)  # in which its room is measured
    lines = [await asked(port, 0, f"GET /api/chat/{chat}/stream") for _ in range(count)]
    for reader, _ in lines:
        await reader.readuntil(b"began=")
    print("read", flush=True)
    while await talking.read(2**16):
        continue
    line.close()


# --- all together -----------------------------------------------------------------------------


@contextmanager
def role(*words: str) -> Generator[subprocess.Popen[str]]:
    """This file in a process of its own, as one of the others."""
    process = subprocess.Popen([sys.executable, __file__, *words], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@dataclass
class Found:
    """`stretch`: the time of each stream against the ideal. `share`: of one core, by the server alone."""

    first_ms: list[float]
    stretch: list[float]
    share: float
    turn_kb: float
    reader_kb: float = 0.0


def crowd_of(server: psutil.Process, port: str, count: int) -> Found:
    before = peak = server.memory_info().rss
    with role("readers", port, str(count)) as process:
        samples: list[tuple[float, float]] = []
        while process.poll() is None:
            spent = server.cpu_times()
            samples.append((time.monotonic(), spent.user + spent.system))
            peak = max(peak, server.memory_info().rss)
            time.sleep(0.1)
        assert process.stdout is not None
        took: list[tuple[float, float]] = json.loads(process.stdout.read())
    ideal = WORDS * PACE_SECONDS
    middle = [
        each
        for each in samples
        if 0.2 * ideal < each[0] - (samples[-1][0] - max(t for _, t in took)) < 0.9 * ideal
    ]
    (begun, used), (over, spent) = middle[0], middle[-1]
    return Found(
        [first * 1e3 for first, _ in took],
        [last / ideal for _, last in took],
        (spent - used) / (over - begun),
        (peak - before) / count / 1024,
    )


def reader_kb(server: psutil.Process, port: str, count: int = STREAMS) -> float:
    """By how much the server grows with each of those who read a turn that runs anyway."""
    with role("followers", port, str(count)) as process:
        assert process.stdout is not None
        grown: list[int] = []
        for _ in ("begun", "read"):
            process.stdout.readline()
            grown.append(server.memory_info().rss)
        process.wait()
        return (grown[1] - grown[0]) / count / 1024


def measure(count: int = STREAMS) -> Found:
    """Of so many turns at once, and of as many readers of one turn, each in a service of its own."""
    with served() as (server, port):
        alone = reader_kb(server, port)
    with served() as (server, port):
        return replace(crowd_of(server, port, count), reader_kb=alone)


@contextmanager
def served() -> Generator[tuple[psutil.Process, str]]:
    """A service with its model, and its port. What is built at first use is there."""
    people = ",".join(f"p{n}:member:token-{n}" for n in range(PEOPLE))
    with role("model") as process, tempfile.TemporaryDirectory(prefix="greenlight-") as folder:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        settings = {
            "GREENLIGHT_MODEL": "openai-chat:gpt-5.2",
            "OPENAI_API_KEY": "none",
            "OPENAI_BASE_URL": address,
        }
        with started(Path(folder), GREENLIGHT_TOKENS=people, **settings) as live:
            port, server = str(live.http.base_url.port), psutil.Process(live.process.pid)
            crowd_of(server, port, 2)
            yield server, port


def main() -> None:
    match sys.argv[1:]:
        case ["model"]:
            asyncio.run(model())
        case ["readers", port, count]:
            asyncio.run(readers(int(port), int(count)))
        case ["followers", port, count]:
            asyncio.run(followers(int(port), int(count)))
        case given:
            found = measure(*map(int, given))
            print(
                f"stretch {statistics.median(found.stretch):.3f} (most {max(found.stretch):.3f}), "
                f"first word after {statistics.median(found.first_ms):.1f} ms (most {max(found.first_ms):.1f}), "
                f"{found.share:.2f} of a core, {found.turn_kb:.0f} KB a turn, {found.reader_kb:.0f} KB a reader"
            )


if __name__ == "__main__":
    main()
