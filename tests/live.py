"""A greenlight process of the test's own, and a person who talks to it."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import DATABASE, lay_out
from tests.forked import Process, environment, fork, greenlight

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 240  # many times what it takes: others may need the machine, too
SMALL = "3 seconds in 1 shot"


@dataclass
class Service:
    """A greenlight process of our own, and a person who talks to it."""

    process: Process
    http: httpx.Client
    said: int = 0
    told: str = ""  # all that it wrote, once it has ended

    def say(self, text: str, chat: str = "chat-1") -> list[dict[str, Any]]:
        self.said += 1
        message = {"id": f"u-{self.said}", "role": "user", "parts": [{"type": "text", "text": text}]}
        return self.post({"id": chat, "messages": [message], "trigger": "submit-message", "messageId": None})

    def post(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        with self.http.stream("POST", "/api/chat", json=body) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["x-vercel-ai-ui-message-stream"] == "v1"
            data = list(self._data(answer))
        assert data[-1] == "[DONE]"
        return [json.loads(each) for each in data[:-1]]

    @staticmethod
    def _data(answer: httpx.Response) -> Iterator[str]:
        """The data of each event; a stream that only pings is given up, not waited for."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        for line in answer.iter_lines():
            assert time.monotonic() < deadline, "the turn did not end"
            if line.startswith("data: "):
                yield line.removeprefix("data: ")

    def answer(
        self, offer: list[dict[str, Any]], *, chat: str = "chat-1", **approval: Any
    ) -> list[dict[str, Any]]:
        """Send what the AI SDK's client sends when a person answers an approval request."""
        return self.post(decision(offer, chat, **approval))

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def until(self, path: str, ready: str) -> Any:
        """Ask until the answer has something under `ready`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = self.get(path)
            if answer[ready]:
                return answer[ready]
            time.sleep(0.1)
        raise AssertionError(f"{path} had no {ready} in {PATIENCE_SECONDS} s")


def decision(offer: list[dict[str, Any]], chat: str, **approval: Any) -> dict[str, Any]:
    request = one(offer, "tool-approval-request")
    part = {
        "type": "tool-generate_video",
        "toolCallId": request["toolCallId"],
        "state": "approval-responded",
        "input": {"whatever": "the client says here"},
        "approval": {"id": request["approvalId"], **approval},
    }
    message = {"id": one(offer, "start")["messageId"], "role": "assistant", "parts": [part]}
    return {"id": chat, "messages": [message], "trigger": "submit-message"}


def one(chunks: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    found = [chunk for chunk in chunks if chunk["type"] == kind]
    assert len(found) == 1, [chunk["type"] for chunk in chunks]
    return found[0]


def words(chunks: list[dict[str, Any]]) -> str:
    return "".join(chunk["delta"] for chunk in chunks if chunk["type"] == "text-delta")


def kinds(chunks: list[dict[str, Any]]) -> list[str]:
    """The chunk types in order, runs of text folded into one."""
    folded: list[str] = []
    for chunk in chunks:
        if not (folded and folded[-1] == chunk["type"] == "text-delta"):
            folded.append(chunk["type"])
    return folded


def settings_of(data: Path) -> dict[str, str]:
    return {"GREENLIGHT_DATA_DIR": str(data), "GREENLIGHT_REPO_ROOTS": str(ROOT)}


@contextmanager
def running(data: Path, port: int = 0, /, **settings: str) -> Generator[Service]:
    """A service of our own until the end of the block, as it is from its second start on."""
    data.mkdir(exist_ok=True)
    lay_out(data / DATABASE)
    serve = ("serve", "--port", str(port))
    forked = fork(greenlight, *serve, env=environment(**settings_of(data) | settings), both=True)
    with _served(forked) as service:
        yield service


@contextmanager
def started(data: Path, port: int = 0, /, **settings: str) -> Generator[Service]:
    """The same, but started as people start it, also for the first time."""
    command = [sys.executable, "-m", "api", "serve", "--port", str(port)]
    env = environment(**settings_of(data) | settings, PYTHONUNBUFFERED="1")
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with _served(subprocess.Popen[str](command, cwd=ROOT, env=env, **pipes)) as service:
        yield service


@contextmanager
def _served(process: Process) -> Generator[Service]:
    patience = threading.Timer(PATIENCE_SECONDS, process.kill)
    patience.start()
    service: Service | None = None
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        patience.cancel()
        assert address is not None
        with httpx.Client(base_url=address[0], timeout=PATIENCE_SECONDS) as http:
            service = Service(process, http)
            yield service
    finally:
        process.send_signal(signal.SIGINT)
        try:
            told, _ = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        assert "Traceback" not in told, told
        if service is not None:
            service.told = told
