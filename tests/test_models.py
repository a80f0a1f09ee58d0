"""Any model of pydantic-ai gets the same tools and the same walls: here one that speaks OpenAI's wire."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner
from live import SMALL, one, running, words

from agent.models import LISTED_ON, MAKERS
from agent.rates import SOURCE, dearest
from api.cli import main
from api.settings import Settings
from tools.errors import Invalid
from tools.money import ZERO, Money

Script = list[dict[str, Any]]


USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
NOTHING = dict.fromkeys(USAGE, 0)


class FakeModel(BaseHTTPRequestHandler):
    """Answers each question with the next line of a script, streamed as each maker does.

    A line is what it says. Beside that: `usage` in place of the usual, None where it leaves that out;
    `status` of a refusal; `breaks`, where the stream ends in the middle of a word.
    """

    script: ClassVar[Script] = []
    seen: ClassVar[list[dict[str, Any]]] = []
    keys: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.seen.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        names = ("authorization", "x-goog-api-key")
        self.keys.append(next((self.headers[name] for name in names if name in self.headers), ""))
        line: dict[str, Any] = (
            dict(self.script.pop(0)) if self.script else {"content": "I have nothing to add."}
        )
        status: int = line.pop("status", 200)
        self.send_response(status)
        if status != 200:
            self._refuse(line)
            return
        breaks = line.pop("breaks", False)
        self.send_header("content-type", "text/event-stream")
        if breaks:
            self.send_header("content-length", "1000000")
        self.end_headers()
        for kind, chunk in self._chunks(line):
            named = f"event: {kind}\n" if kind else ""
            self.wfile.write(f"{named}data: {json.dumps(chunk)}\n\n".encode())
            if breaks:
                self.wfile.write(b'data: {"id": "c", "cho')
                return

    def _refuse(self, line: dict[str, Any]) -> None:
        body = json.dumps({"error": {"message": line["content"], "type": "invalid_request_error"}}).encode()
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _chunks(self, line: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        usage = line.pop("usage", USAGE)
        if "GenerateContent" in self.path:
            return [("", each) for each in google(line["content"])]
        if self.path.startswith("/v1/messages"):
            return [(each["type"], each) for each in anthropic(line["content"])]
        name = self.seen[-1]["model"]
        return [("", each) for each in openai(name, line, usage)]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class names it
        pass


def openai(name: str, delta: dict[str, Any], usage: dict[str, int] | None) -> Script:
    finish = "tool_calls" if "tool_calls" in delta else "stop"
    chunks: Script = [
        {"choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
    ]
    if usage is not None:
        chunks.append({"choices": [], "usage": usage})
    return [
        {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": name, **each} for each in chunks
    ]


def anthropic(text: str) -> Script:
    begun: dict[str, Any] = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [],
    }
    usage = {"input_tokens": 1000, "output_tokens": 1}
    return [
        {
            "type": "message_start",
            "message": begun | {"stop_reason": None, "stop_sequence": None, "usage": usage},
        },
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 100},
        },
        {"type": "message_stop"},
    ]


def google(text: str) -> Script:
    usage = {"promptTokenCount": 1000, "candidatesTokenCount": 100, "totalTokenCount": 1100}
    said = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP", "index": 0}
    return [{"candidates": [said], "usageMetadata": usage, "modelVersion": "gemini-2.5-flash"}]


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
    FakeModel.keys.clear()
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
            call("plan_shots", brief=f"A fox, {SMALL}", shots=2, seconds=6, by="rules"),
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


# --- every maker, with its own key ---------------------------------------------------------------

EVERY = [
    ("openai-chat:gpt-5.2", "OPENAI", "/v1", "Bearer sk-made-up", "0.00315"),
    ("openrouter:openai/gpt-5-mini", "OPENROUTER", "/v1", "Bearer sk-made-up", "0.00045"),
    ("ollama:qwen3", "OLLAMA", "/v1", "Bearer sk-made-up", "0.00"),
    ("anthropic:claude-haiku-4-5", "ANTHROPIC", "", "Bearer sk-made-up", "0.0015"),
    ("google:gemini-2.5-flash", "GEMINI", "", "sk-made-up", "0.00055"),
]


@pytest.mark.parametrize(("model_string", "maker", "path", "key", "cost"), EVERY)
def test_every_maker_is_asked_with_its_own_key_and_counted_at_its_own_price(
    model_string: str,
    maker: str,
    path: str,
    key: str,
    cost: str,
    model: tuple[str, Script, list[dict[str, Any]]],
    tmp_path: Path,
) -> None:
    address, script, seen = model
    script += [{"content": "Hello."}]
    settings = {f"{maker}_BASE_URL": address.removesuffix("/v1") + path, f"{maker}_API_KEY": "sk-made-up"}
    with running(tmp_path, GREENLIGHT_MODEL=model_string, **settings) as live:
        told = live.say("hello")
        spent = live.get("/api/budget")["model"]["spent_usd"]

    assert words(told) == "Hello."
    assert (len(seen), FakeModel.keys) == (1, [key])
    assert one(told, "message-metadata")["messageMetadata"] == {
        "model": model_string,
        "input_tokens": 1000,
        "output_tokens": 100,
        "cost_usd": cost,
        "cost_note": None,
    }
    assert spent == cost


# --- what nobody counted ---------------------------------------------------------------------------


@pytest.mark.parametrize("usage", [None, NOTHING], ids=["left out", "zero"])
def test_an_answer_without_its_usage_is_estimated_from_the_text_and_counted(
    usage: dict[str, int] | None, model: tuple[str, Script, list[dict[str, Any]]], tmp_path: Path
) -> None:
    address, script, seen = model
    script += [{"content": "word " * 300, "usage": usage}]
    with running(tmp_path, **speaking_to(address)) as live:
        used = one(live.say("hello"), "message-metadata")["messageMetadata"]
        spent = live.get("/api/budget")["model"]["spent_usd"]

    asked = len(json.dumps([seen[0]["messages"], seen[0]["tools"]]))
    assert used["output_tokens"] == pytest.approx(500, rel=0.2)  # 1500 bytes
    assert asked / 5 < used["input_tokens"] < asked / 2
    assert used["cost_note"] == "tokens estimated from the text, since no count came"
    assert Money.usd(spent) == Money.usd(used["cost_usd"]) > Money.usd("0.005")


def test_a_turn_that_breaks_off_is_counted_for_what_it_asked_and_heard(
    model: tuple[str, Script, list[dict[str, Any]]], tmp_path: Path
) -> None:
    address, script, _ = model
    script += [call("check_budget"), {"content": "Once upon a ti", "breaks": True}]
    with running(tmp_path, **speaking_to(address)) as live:
        told = live.say("hello")
        spent = live.get("/api/budget")["model"]["spent_usd"]

    used = one(told, "message-metadata")["messageMetadata"]
    assert "what the model used is counted" in one(told, "error")["errorText"]
    assert used["input_tokens"] > 2000  # a thousand that were told, and the second question
    assert Money.usd(spent) == Money.usd(used["cost_usd"]) > Money.usd("0.00315")


def test_a_refusal_costs_nothing_and_shows_no_key(
    model: tuple[str, Script, list[dict[str, Any]]], tmp_path: Path
) -> None:
    address, script, _ = model
    script += [{"content": "Incorrect API key provided: sk-made-up", "status": 401}]
    with running(tmp_path, **speaking_to(address)) as live:
        told = live.say("hello")
        spent = live.get("/api/budget")["model"]["spent_usd"]
        kept = live.get("/api/chat/chat-1")

    assert "ModelAuthenticationError" in one(told, "error")["errorText"]
    assert spent == "0.00"
    assert "sk-made-up" not in json.dumps([told, kept])


def test_a_model_without_a_price_is_counted_at_the_dearest_rate_and_says_so(
    model: tuple[str, Script, list[dict[str, Any]]], tmp_path: Path
) -> None:
    address, script, _ = model
    script += [{"content": "Hello."}]
    nameless = speaking_to(address) | {"GREENLIGHT_MODEL": "openai-chat:nobody-knows"}
    with running(tmp_path, **nameless) as live:
        used = one(live.say("hello"), "message-metadata")["messageMetadata"]
        spent = live.get("/api/budget")["model"]["spent_usd"]

    most = dearest("openai")
    assert most.input >= Money.usd("150")
    assert most.output >= Money.usd("600")
    assert Money.usd(spent) == most.cost(1000, 100)
    assert used["cost_note"].startswith("counted at the dearest rate")


def test_what_a_model_costs_can_be_said_by_who_runs_it(
    model: tuple[str, Script, list[dict[str, Any]]], tmp_path: Path
) -> None:
    address, script, _ = model
    script += [{"content": "Hello."}]
    own = {"GREENLIGHT_MODEL": "openai-chat:nobody-knows", "GREENLIGHT_MODEL_RATES": "2/10"}
    with running(tmp_path, **(speaking_to(address) | own)) as live:
        used = one(live.say("hello"), "message-metadata")["messageMetadata"]

    assert (used["cost_usd"], used["cost_note"]) == ("0.003", None)


# --- a choice that cannot be ------------------------------------------------------------------------

NAMES = [maker.key for maker in MAKERS.values()] + [maker.address for maker in MAKERS.values()]


@pytest.mark.parametrize(
    ("chosen", "line"),
    [
        (
            "anthropic:claude-haiku-4-5",
            "ANTHROPIC_API_KEY: is not set, and anthropic:claude-haiku-4-5 needs it",
        ),
        ("google:gemini-2.5-pro", "GEMINI_API_KEY: is not set, and google:gemini-2.5-pro needs it"),
        ("openrouter:a/b", "OPENROUTER_API_KEY: is not set, and openrouter:a/b needs it"),
        (
            "openai-chat:gpt-5.2",
            "OPENAI_API_KEY: is not set, and openai-chat:gpt-5.2 needs it, or OPENAI_BASE_URL for a server of your own",
        ),
        ("openrouter:gpt", "names no vendor; write it like openrouter:openai/gpt-5-mini"),
        ("anthropic:", "names no model; write it like anthropic:claude-haiku-4-5"),
        (
            "acme:large",
            "there are offline, openai-chat:NAME, openai-responses:NAME, openai:NAME, openrouter:NAME",
        ),
        ("offlin", "'offlin' cannot be used"),
    ],
)
def test_a_model_that_cannot_be_asked_is_told_in_a_line_before_the_start(
    chosen: str, line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    env = {"GREENLIGHT_MODEL": chosen, "GREENLIGHT_DATA_DIR": str(tmp_path)}
    done = CliRunner().invoke(main, ["serve", "--port", "0"], env=env)

    assert done.exit_code == 1
    assert line in done.output
    assert len(done.output.splitlines()) == 1


@pytest.mark.parametrize("rates", ["cheap", "1", "1/2/3", "-1/2", "nan/1"])
def test_rates_that_are_none_are_refused(rates: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENLIGHT_MODEL_RATES", rates)

    with pytest.raises(Invalid) as wrong:
        Settings.read()

    assert wrong.value.what == "GREENLIGHT_MODEL_RATES"


def test_the_list_of_models_has_every_tier_with_prices_and_their_date(tmp_path: Path) -> None:
    env = {"GREENLIGHT_MODEL": "openai-chat:nobody-knows", "GREENLIGHT_DATA_DIR": str(tmp_path)}
    done = CliRunner().invoke(main, ["models", "--json"], env=env)
    listed = {each["model"]: each for each in json.loads(done.stdout)}
    shown = CliRunner().invoke(main, ["models"], env=env).stdout

    assert [each["tier"] for each in listed.values() if each["tier"]] == sorted(
        (each["tier"] for each in listed.values() if each["tier"]),
        key=["offline", "local", "small", "large"].index,
    )
    assert listed["openai-chat:gpt-5-mini"] == {
        "model": "openai-chat:gpt-5-mini",
        "tier": "small",
        "input_usd_per_million_tokens": "0.25",
        "output_usd_per_million_tokens": "2.00",
        "source": SOURCE,
        "as_of": LISTED_ON.isoformat(),
        "needs": "OPENAI_API_KEY",
        "chosen": False,
    }
    assert listed["offline"]["input_usd_per_million_tokens"] == "0.00"
    assert listed["openai-chat:nobody-knows"]["output_usd_per_million_tokens"] is None
    assert [model for model, each in listed.items() if each["chosen"]] == ["openai-chat:nobody-knows"]
    assert [model for model, each in listed.items() if each["input_usd_per_million_tokens"] is None] == [
        "openai-chat:nobody-knows"
    ]
    assert "the dearest known" in " ".join(shown.split())
    assert LISTED_ON.isoformat() in shown


def test_the_list_names_the_prices_that_are_installed() -> None:
    """Who takes in a newer price list looks at the list again, and at its date."""
    assert SOURCE == "genai-prices 0.2.3"
    assert date(2026, 11, 21) == LISTED_ON
