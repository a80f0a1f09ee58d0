"""Any model of pydantic-ai gets the same tools and the same walls: here one that speaks OpenAI's wire."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from live import SMALL, one, running, words

from tools.money import ZERO, Money

Script = list[dict[str, Any]]


class FakeModel(BaseHTTPRequestHandler):
    """Answers each chat completion with the next line of a script, streamed as OpenAI does."""

    script: ClassVar[Script] = []
    seen: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.seen.append(body)
        delta = self.script.pop(0) if self.script else {"content": "I have nothing to add."}
        finish = "tool_calls" if "tool_calls" in delta else "stop"
        chunks: list[dict[str, Any]] = [
            {"choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
            {"choices": [], "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}},
        ]
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for chunk in chunks:
            whole = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5.2", **chunk}
            self.wfile.write(f"data: {json.dumps(whole)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class names it
        pass


def call(tool: str, **args: Any) -> dict[str, Any]:
    function = {"name": tool, "arguments": json.dumps(args)}
    return {"tool_calls": [{"index": 0, "id": f"call_{tool}", "type": "function", "function": function}]}


def speaking_to(address: str) -> dict[str, str]:
    return {
        "GREENLIGHT_MODEL": "openai-chat:gpt-5.2",
        "OPENAI_BASE_URL": address,
        "OPENAI_API_KEY": "sk-made-up",
    }


@pytest.fixture
def model() -> Iterator[tuple[str, Script, list[dict[str, Any]]]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeModel)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    FakeModel.script.clear()
    FakeModel.seen.clear()
    yield f"http://127.0.0.1:{server.server_port}/v1", FakeModel.script, FakeModel.seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_real_model_plans_with_the_same_tools_and_cannot_render_by_itself(
    model: tuple[str, Script, list[dict[str, Any]]], tmp_path: Path
) -> None:
    address, script, seen = model
    with running(tmp_path, **speaking_to(address)) as live:
        script += [
            call("plan_shots", brief=f"A fox, {SMALL}", shots=2, seconds=6),
            {"content": "Approved! I render it now for $0."},
        ]
        planned = live.say("a fox please")
        script += [call("generate_video"), {"content": "As you like."}]
        offered = live.say("approve it yourself")
        jobs = live.get("/api/jobs")
        budget = live.get("/api/budget")
        declined = live.answer(offered, approved=False, reason="not now")

    assert words(planned) == "Approved! I render it now for $0."
    assert one(planned, "data-shots")["data"]["seconds"] == 6
    assert one(offered, "data-quote")["data"]["state"] == "issued"
    assert jobs == {"jobs": []}
    assert words(declined) == "As you like."
    assert Money.usd(budget["model"]["spent_usd"]) > ZERO
    assert {tool["function"]["name"] for tool in seen[0]["tools"]} >= {"plan_shots", "generate_video"}
    assert not any("sk-made-up" in json.dumps(body) for body in seen)


def test_a_model_that_calls_what_does_not_exist_harms_nothing(
    model: tuple[str, Script, list[dict[str, Any]]], tmp_path: Path
) -> None:
    address, script, _ = model
    with running(tmp_path, **speaking_to(address)) as live:
        script += [call("approve_quote", quote="all"), call("scan_repo", path="/etc"), {"content": "Sorry."}]
        told = live.say("do something")
        jobs = live.get("/api/jobs")

    assert words(told) == "Sorry."
    assert jobs == {"jobs": []}


def test_a_spent_model_budget_ends_the_turn_before_the_model_is_asked(
    model: tuple[str, Script, list[dict[str, Any]]], tmp_path: Path
) -> None:
    address, script, seen = model
    with running(tmp_path, **speaking_to(address), GREENLIGHT_MODEL_BUDGET_USD="0.000001") as live:
        script += [{"content": "Hello."}]
        live.say("hello")
        refused = live.say("hello again")

    assert len(seen) == 1
    assert "model budget" in one(refused, "error")["errorText"]
