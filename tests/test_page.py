"""The page in a real browser, before a scripted server that speaks its wire: canned turns, and news on demand."""

import io
import json
import os
import re
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Request as Asked
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tools.clock import system_clock
from web import STATIC

Part = dict[str, Any]
PATIENCE_SECONDS = 30  # with a browser that shares its machine

CSP = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
BUDGET = {
    "period": "2026-11", "limit_usd": "50.00", "spent_usd": "11.20", "held_usd": "5.04", "headroom_usd": "33.76",
    "play": {"limit_usd": "100.00", "spent_usd": "0.00", "held_usd": "0.00", "headroom_usd": "100.00"},
}  # fmt: skip
SHOTS = [
    ("The postman knocks on a door that opens on a wall.", 6, "_transports/default.py", 85),
    ("He waits beside a clock that runs out of hands.", 6, "_exceptions.py", 128),
    ("A hundred redirect signs point at each other.", 8, "_client.py", 981),
    ("A cookie jar larger than the kitchen.", 6, "_models.py", 1093),
    ("Card: “200 OK”", 4, "_status_codes.py", 41),
]
AMOUNTS = ["0.51", "0.50", "0.68", "0.51", "0.00"]
HOSTILE = (
    "<img src=x onerror=alert(1)> \u202e$0.01 at most\u202c **bold** [x](javascript:alert(1))"
    + "\n" * 10_000
    + "end"
)


def stamp(seconds: float = 0) -> str:
    return (system_clock() + timedelta(seconds=seconds)).astimezone(UTC).isoformat()


def text(words: str) -> Part:
    return {"type": "text", "text": words, "state": "done"}


def tool(name: str, call: str, summary: str) -> Part:
    return {"type": f"tool-{name}", "toolCallId": call, "state": "output-available",
            "input": {"path": "./httpx"}, "output": {"summary": summary, "files": 61}}  # fmt: skip


def shots() -> Part:
    listed = [
        {"shot_id": f"shot_{n}", "shot_number": n, "enhanced_prompt": said, "caption": said, "duration": seconds,
         "title_card": None, "evidence": [{"path": path, "line": line}]}
        for n, (said, seconds, path, line) in enumerate(SHOTS, 1)
    ]  # fmt: skip
    return {"type": "data-shots", "id": "plan", "data": {
        "version": 1, "title": "httpx, the silent film", "seconds": 30, "style": "silent film", "mood": "comedy",
        "tone": "dry", "aspect_ratio": "16:9", "shots": listed}}  # fmt: skip


def clip(identity: str, title: str, seconds: int) -> dict[str, Any]:
    return {"id": identity, "clip_url": f"/api/clips/{identity}.mp4", "poster_url": f"/api/clips/{identity}.jpg",
            "title": title, "seconds": seconds, "width": 640, "height": 360}  # fmt: skip


def previews() -> list[Part]:
    return [
        {"type": "data-clip", "id": f"clip_{n}", "data": {
            "shot_id": f"shot_{n}", "n": n, "clip": clip(f"clip_{n}", said, seconds)}}
        for n, (said, seconds, *_) in enumerate(SHOTS, 1)
    ]  # fmt: skip


def estimate() -> Part:
    def row(
        model: str, vendor: str, expected: str, ceiling: str, *differs: str, **facts: bool
    ) -> dict[str, Any]:
        return {"provider": vendor, "model": model, "resolution": "720p", "audio": False, "seconds": 30,
                "expected_usd": expected, "ceiling_usd": ceiling, "play_money": False, "ready": True,
                "differs": differs,
                "price_as_of": "2026-11-20", "price_source": "the price page"} | facts  # fmt: skip

    rows = [
        row("rehearsal-1", "rehearsal", "1.50", "1.58", play_money=True),
        row("minimax-h3", "openrouter", "2.08", "2.20", "$0.58 more", "with sound"),
        row(
            "veo-4",
            "google",
            "11.40",
            "12.00",
            "sells shots of 4/6/8 s, so the film is 2 s longer",
            ready=False,
        ),
    ]
    refused = [{"provider": "runway", "model": "gen-5", "why": "renders 5 or 10 seconds, not 6"}]
    return {"type": "data-estimate", "data": {"rows": rows, "refused": refused}}


def quote(identity: str, chat: str, **facts: Any) -> dict[str, Any]:
    lines = [
        {"n": n, "shot_id": f"shot_{n}", "kind": "video", "prompt": said, "caption": said, "seconds": seconds,
         "resolution": "720p", "aspect_ratio": "16:9", "audio": False, "unit_usd": "0.08", "expected_usd": amount,
         "ceiling_usd": amount, "reused_clip_id": "clip_5" if n == 5 else None}
        for n, ((said, seconds, *_), amount) in enumerate(zip(SHOTS, AMOUNTS, strict=True), 1)
    ]  # fmt: skip
    return {
        "id": identity, "state": "issued", "digest": "sha256:" + "ab12" * 16, "conversation_id": chat,
        "project": "default", "title": "httpx, the silent film", "provider": "openrouter", "model": "minimax-h3",
        "resolution": "720p", "aspect_ratio": "16:9", "play_money": False, "lines": lines, "expected_usd": "2.08",
        "ceiling_usd": "2.20", "headroom_before_usd": "33.76", "headroom_after_usd": "31.56",
        "price_source": "openrouter.ai/models", "price_as_of": "2026-11-20", "issued_at": stamp(),
        "expires_at": stamp(872), "reason": None, "superseded_by": None,
        "past_error": {"words": "the 6 bills so far were 1.4 % above expected"},
        "price_warning": "the price was read 61 days ago, on 2026-09-21",
        "notes": ["what its moderation stops is charged in full"],
    } | facts  # fmt: skip


def job(quote_id: str, n: int, **facts: Any) -> dict[str, Any]:
    return {
        "id": f"job_{n}", "quote_id": quote_id, "n": n, "shot_id": f"shot_{n}", "provider": "openrouter",
        "model": "minimax-h3", "play_money": False, "state": "running", "provider_job_id": "v1", "progress": None,
        "expected_usd": AMOUNTS[n - 1], "ceiling_usd": AMOUNTS[n - 1], "charged_usd": None, "charge_source": None,
        "error": None, "clip_id": None, "clip_url": None, "takes": 1, "created_at": stamp(-70),
        "submitted_at": stamp(-70), "finished_at": None,
    } | facts  # fmt: skip


def receipt(offer: dict[str, Any], *, closed: bool) -> dict[str, Any]:
    charged = ["0.48", "0.48", "0.64", "0.48", "0.00"]
    lines = [
        {**{k: line[k] for k in ("n", "shot_id", "seconds", "expected_usd", "ceiling_usd")}, "charged_usd": amount,
         "charge_source": "reported", "state": "reused" if line["reused_clip_id"] else "succeeded"}
        for line, amount in zip(offer["lines"], charged, strict=True)
    ]  # fmt: skip
    return {
        "quote_id": offer["id"], "title": offer["title"], "provider": offer["provider"], "model": offer["model"],
        "play_money": offer["play_money"], "approved_by": "local", "approved_at": stamp(), "lines": lines,
        "expected_usd": "2.08", "ceiling_usd": "2.20", "held_usd": "2.20", "charged_usd": "2.08",
        "released_usd": "0.12", "open": [] if closed else ["job_1"], "balanced": True,
    }  # fmt: skip


def frames(parts: list[Part], head: Part, tail: list[Part]) -> Iterator[str]:
    """The stream that a message's parts would have come by."""
    chunks = [head, {"type": "start-step"}, *(chunk for part in parts for chunk in chunks_of(part)), *tail]
    for n, chunk in enumerate([*chunks, {"type": "finish-step"}, {"type": "finish"}]):
        yield f": ping\r\nid: {n}\r\ndata: {json.dumps(chunk)}\r\n\r\n"
    yield "data: [DONE]\r\n\r\n"


def chunks_of(part: Part) -> Iterator[Part]:
    if part["type"] == "text":
        yield {"type": "text-start", "id": "t"}
        for n in range(0, len(part["text"]), 3_000):
            yield {"type": "text-delta", "id": "t", "delta": part["text"][n : n + 3_000]}
        yield {"type": "text-end", "id": "t"}
    elif "toolCallId" in part:
        call = {"toolCallId": part["toolCallId"]}
        name = part["type"].removeprefix("tool-")
        yield {"type": "tool-input-start", **call, "toolName": name}
        yield {"type": "tool-input-available", **call, "toolName": name, "input": part["input"]}
        if "approval" in part:
            yield {"type": "tool-approval-request", **call, "approvalId": part["approval"]["id"]}
        else:
            yield {"type": "tool-output-available", **call, "output": part["output"]}
    else:
        yield part


@dataclass
class Crew:
    """What the scripted server knows. `gate` holds a slow turn; `asked` is every body it was sent."""

    chats: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    quotes: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    films: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    playing: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    news: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    gate: threading.Event = field(default_factory=threading.Event)
    closing: bool = False
    refused: bool = False

    def tell(self, kind: str, body: dict[str, Any]) -> None:
        if kind == "job":
            self.jobs[body["id"]] = body
        if kind == "film":
            self.films[body["quote_id"]] = body
        self.news.append((kind, body))

    def parts(self, chat: str, said: str) -> list[Part]:
        """The reply to some words, by a word in them."""
        if "hostile" in said:
            return [text(HOSTILE), *self.offer(chat, title=HOSTILE, model=HOSTILE), text(HOSTILE)]
        if "expiring" in said:
            return [text("Quickly now."), *self.offer(chat, expires_at=stamp(1))]
        if "play" in said:
            return self.offer(chat, play_money=True, provider="rehearsal", model="rehearsal-draft")
        if "film" in said or "Render" in said:
            words = "Here is the plan with a free preview of each shot. It would cost between **$2.10** and **$12.00**."
            return [
                tool("scan_repo", "c1", "Read the repository · 61 files, 214 classes and functions · 0.08 s"),
                tool("plan_shots", "c2", "Planned 5 shots, 30 s · silent film, comedy, 16:9"),
                shots(), *previews(), estimate(), text(words), *self.offer(chat),
            ]  # fmt: skip
        return [text("One moment. " + "Words come in pieces. " * 20)]

    def offer(self, chat: str, **facts: Any) -> list[Part]:
        identity = f"quote_{len(self.quotes) + 1}"
        self.quotes[identity] = quote(identity, chat, **facts)
        asks = {"type": "tool-generate_video", "toolCallId": f"call_{identity}", "state": "approval-requested",
                "input": {"model": "minimax-h3"}, "approval": {"id": identity}}  # fmt: skip
        return [asks, {"type": "data-quote", "id": identity, "data": self.quotes[identity]}]

    async def chat(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        message = body["messages"][-1]
        if message["role"] == "assistant":
            return self._decided(body["id"], message)
        said = message["parts"][0]["text"]
        if "refuse" in said and not self.refused:
            self.refused = True
            problem = {
                "type": "budget-exceeded",
                "title": "Over",
                "status": 402,
                "detail": "the month has $1.00 left",
            }
            return JSONResponse(problem, 402, media_type="application/problem+json")
        kept = self.chats.setdefault(body["id"], [])
        kept.append(message)
        parts = self.parts(body["id"], said)
        reply = {"id": f"msg_{len(kept)}", "role": "assistant", "parts": parts}
        return self._stream(body["id"], reply, parts, slow="slow" in said)

    def _decided(self, chat: str, message: dict[str, Any]) -> Response:
        [part] = message["parts"]
        answer = part["approval"]
        known = self.quotes[answer["id"]]
        known |= {"state": "approved" if answer["approved"] else "declined", "reason": answer.get("reason")}
        kept = next(each for each in self.chats[chat] if each["id"] == message["id"])
        asks = next(each for each in kept["parts"] if each.get("toolCallId") == part["toolCallId"])
        asks |= {"state": "approval-responded", "approval": answer}
        added: list[Part] = [text("Rendering." if answer["approved"] else "Nothing was spent.")]
        if answer["approved"]:
            self.jobs |= {f"job_{n}": job(known["id"], n) for n in range(1, 5)}
            added += [{"type": "data-job", "id": key, "data": each} for key, each in self.jobs.items()]
        changed = {"type": "data-quote", "id": known["id"], "data": known}
        kept["parts"] += added
        return self._stream(chat, kept, [changed, *added], slow=False)

    def _stream(self, chat: str, message: dict[str, Any], parts: list[Part], *, slow: bool) -> Response:
        head = {"type": "start", "messageId": message["id"]}
        used = {"model": "test:director", "input_tokens": 1203, "output_tokens": 210, "cost_usd": "0.0012"}
        message["metadata"] = used
        listed = list(frames(parts, head, [{"type": "message-metadata", "messageMetadata": used}]))
        if slow:
            self.playing[chat] = listed
        return StreamingResponse(self._frames(chat, message, listed), media_type="text/event-stream")

    async def _frames(self, chat: str, message: dict[str, Any], listed: list[str]) -> AsyncIterator[str]:
        """All of a turn; a slow one stops after some words until the gate opens."""
        for n, frame in enumerate(listed):
            if n == 4 and chat in self.playing:
                await anyio.to_thread.run_sync(self.gate.wait, 10, abandon_on_cancel=True)
            yield frame
        self.playing.pop(chat, None)
        if message not in self.chats[chat]:
            self.chats[chat].append(message)

    async def resume(self, request: Request) -> Response:
        chat = request.path_params["id"]
        if chat not in self.playing:
            return Response(status_code=204)
        message = {"id": "msg_1", "role": "assistant", "parts": [text("as it was kept")]}
        return StreamingResponse(
            self._frames(chat, message, self.playing[chat]), media_type="text/event-stream"
        )

    async def stop(self, _request: Request) -> Response:
        self.gate.set()
        return Response(status_code=202)

    async def history(self, request: Request) -> Response:
        kept = self.chats.get(request.path_params["id"])
        if kept is None:
            return JSONResponse({"title": "Not found", "status": 404, "detail": "no such conversation"}, 404)
        return JSONResponse({"messages": kept, "running": request.path_params["id"] in self.playing})

    async def listed(self, _request: Request) -> Response:
        chats = [{"id": key, "title": kept[0]["parts"][0]["text"][:60], "updated_at": stamp(), "state": "idle"}
                 for key, kept in self.chats.items()]  # fmt: skip
        return JSONResponse({"chats": chats})

    async def events(self, _request: Request) -> Response:
        return StreamingResponse(self._news(), media_type="text/event-stream")

    async def _news(self) -> AsyncIterator[str]:
        told = len(self.news)
        yield ": here\n\n"
        while not self.closing:
            for seq, (kind, body) in enumerate(self.news[told:], told):
                yield f"event: {kind}\nid: {seq}\ndata: {json.dumps(body)}\n\n"
            told = len(self.news)
            await anyio.sleep(0.02)

    async def of_quote(self, request: Request) -> Response:
        wanted = request.query_params["quote"]
        if request.url.path == "/api/jobs":
            return JSONResponse({"jobs": [each for each in self.jobs.values() if each["quote_id"] == wanted]})
        return JSONResponse({"films": [each for key, each in self.films.items() if key == wanted]})

    async def resolve(self, request: Request) -> Response:
        known = self.jobs[request.path_params["id"]]
        self.asked.append(await request.json())
        self.tell("job", known | {"state": "released", "error": "you said so", "finished_at": stamp()})
        return JSONResponse(self.jobs[known["id"]])

    async def receipt(self, request: Request) -> Response:
        offer = self.quotes[request.path_params["id"]]
        return JSONResponse(receipt(offer, closed=offer["id"] in self.films))


async def budget(_request: Request) -> Response:
    return JSONResponse(BUDGET)


async def picture(request: Request) -> Response:
    """A still of its own colour for every clip; the films themselves are not needed to test the page."""
    shade = 40 * (int(request.path_params["id"][-1:], 36) % 5)
    paper = io.BytesIO()
    Image.new("RGB", (320, 180), (60 + shade // 2, 70, 160 - shade)).save(paper, "JPEG")
    return Response(paper.getvalue(), media_type="image/jpeg")


async def film(_request: Request) -> Response:
    return Response(status_code=204)


async def static(request: Request) -> Response:
    name = request.path_params.get("name", "index.html")
    return FileResponse(STATIC / name, headers={"content-security-policy": CSP})


def app(crew: Crew) -> Starlette:
    return Starlette(routes=[
        Route("/", static), Route("/web/{name}", static), Route("/api/chat", crew.chat, methods=["POST"]),
        Route("/api/chats", crew.listed), Route("/api/chat/{id}", crew.history),
        Route("/api/chat/{id}/stop", crew.stop, methods=["POST"]), Route("/api/chat/{id}/stream", crew.resume), Route("/api/events", crew.events),
        Route("/api/jobs", crew.of_quote), Route("/api/films", crew.of_quote),
        Route("/api/jobs/{id}/resolve", crew.resolve, methods=["POST"]),
        Route("/api/quotes/{id}/receipt", crew.receipt), Route("/api/budget", budget),
        Route("/api/clips/{id}.jpg", picture), Route("/api/clips/{id}.mp4", film),
    ])  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None and os.environ.get("CI") == "true":
        pytest.fail("no chromium, and CI is true")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium) as launched:
        yield launched


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, list[Crew]]]:
    """The server's address, and the crew that answers there: each test puts a new one in."""
    crews = [Crew()]

    async def current(scope: Any, receive: Any, send: Any) -> None:
        await app(crews[-1])(scope, receive, send)

    config = uvicorn.Config(
        current, port=0, log_level="error", ws="none", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with anyio.from_thread.start_blocking_portal() as portal:
        serving = portal.start_task_soon(server.serve)
        portal.call(until_started, server)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/", crews
        server.should_exit = True
        serving.result(10)


async def until_started(server: uvicorn.Server) -> None:
    with anyio.fail_after(10):
        while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
            await anyio.sleep(0.01)


@pytest.fixture
def crew(address: tuple[str, list[Crew]]) -> Iterator[Crew]:
    address[1].append(Crew())
    yield address[1][-1]
    address[1][-1].gate.set()
    address[1][-1].closing = True


@pytest.fixture(scope="module")
def context(browser: Browser, address: tuple[str, list[Crew]]) -> Iterator[BrowserContext]:
    with browser.new_context(reduced_motion="reduce", base_url=address[0]) as shared:
        shared.set_default_timeout(PATIENCE_SECONDS * 1_000)
        expect.set_options(timeout=PATIENCE_SECONDS * 1_000)
        yield shared


@pytest.fixture
def page(context: BrowserContext, address: tuple[str, list[Crew]], crew: Crew) -> Iterator[Page]:
    """The page at the scripted server. Whatever happens on it, it complains of nothing and asks nobody else."""
    faults: list[str] = []

    def watch(request: Asked) -> None:
        if not request.url.startswith((address[0], "data:")):
            faults.append(request.url)

    with context.new_page() as opened:
        opened.on("request", watch)
        opened.on("pageerror", lambda error: faults.append(str(error)))
        opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        opened.goto("/", wait_until="commit")
        opened.locator(".brief").first.wait_for()
        yield opened
        crew.closing = True
    assert not [each for each in faults if "402 (Payment Required)" not in each]


def say(page: Page, words: str) -> None:
    page.locator("#brief").fill(words)
    page.keyboard.press("Enter")


def widest(page: Page) -> dict[int, int]:
    """The document's width in windows from a phone's to a desk's."""
    found: dict[int, int] = {}
    for width in (1280, 760, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        found[width] = page.evaluate("document.documentElement.scrollWidth")
    return found


def test_an_empty_page_offers_four_things_to_try(page: Page, crew: Crew) -> None:
    expect(page.locator(".brief")).to_have_count(4)

    page.get_by_role("button", name="Make a silent film about this repository").click()

    expect(page.locator(".slate")).to_be_visible()
    assert crew.asked[0]["messages"][0]["parts"] == [
        {"type": "text", "text": "Make a silent film about this repository"}
    ]


def test_text_streams_in_and_the_turn_can_be_stopped(page: Page, crew: Crew) -> None:
    say(page, "slow words")

    expect(page.locator(".prose")).to_contain_text("One moment.")
    expect(page.locator("#log")).to_have_attribute("aria-busy", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert crew.gate.is_set()


def test_a_reload_in_the_middle_of_a_turn_shows_every_word_once(page: Page, crew: Crew) -> None:
    say(page, "slow words")
    expect(page.locator(".prose")).to_contain_text("One moment.")

    page.reload(wait_until="commit")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    crew.gate.set()

    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert page.locator("#log").inner_text().count("One moment.") == 1


def test_a_tool_card_is_one_line_that_opens_to_input_and_output(page: Page) -> None:
    say(page, "a film please")
    card = page.locator(".tool").first

    expect(card.locator("summary")).to_have_text(
        "Read the repository · 61 files, 214 classes and functions · 0.08 s"
    )
    expect(card.locator("pre").first).to_be_hidden()
    card.locator("summary").click()
    expect(card.locator("pre")).to_have_text([re.compile("./httpx"), re.compile('"files": 61')])


def test_the_storyboard_plays_a_free_preview_and_names_file_and_line(page: Page) -> None:
    say(page, "a film please")

    expect(page.locator(".frame")).to_have_count(5)
    expect(page.locator(".frame").nth(1)).to_contain_text("_exceptions.py:128")
    page.locator(".frame").nth(1).click()
    expect(page.locator("#preview video")).to_have_attribute("src", "/api/clips/clip_2.mp4")
    page.keyboard.press("Escape")
    expect(page.locator("#preview")).to_be_hidden()


def test_the_estimate_is_a_table_that_says_who_is_not_set_up(page: Page) -> None:
    say(page, "a film please")

    rows = page.locator(".estimate tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("play money")
    expect(rows.nth(1)).to_contain_text("with sound")
    expect(rows.nth(2)).to_contain_text("so the film is 2 s longer · not set up here")
    expect(rows.nth(2).locator(".figure").last).to_have_text("$12.00")


def test_the_button_carries_the_amount_and_the_decision_names_the_quote(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    expect(page.locator(".slate .amount")).to_have_text("$2.20")
    expect(page.locator(".slate .sum")).to_contain_text(
        "expected $2.08 · the 6 bills so far were 1.4 % above"
    )
    expect(page.locator(".slate .sum")).to_contain_text("what its moderation stops is charged in full")
    expect(page.locator(".slate .sum")).to_contain_text("the price was read 61 days ago")
    page.get_by_role("button", name="Approve up to $2.20", exact=True).click()
    expect(page.locator(".job")).to_have_count(4)

    decision = crew.asked[-1]["messages"][0]
    assert decision == {
        "id": "msg_1",
        "role": "assistant",
        "parts": [
            {
                "type": "tool-generate_video",
                "toolCallId": "call_quote_1",
                "state": "approval-responded",
                "input": {"model": "minimax-h3"},
                "approval": {"id": "quote_1", "approved": True},
            }
        ],
    }
    expect(page.locator(".slate")).to_have_attribute("data-state", "approved")
    expect(page.locator(".slate .kicker")).to_contain_text("Approved by you")
    expect(page.locator(".slate button")).to_have_count(0)
    expect(page.locator("article.assistant")).to_have_count(1)


def test_play_money_is_named_on_the_button_and_has_a_purse_of_its_own(page: Page) -> None:
    say(page, "play with it")

    expect(page.get_by_role("button", name="Approve up to $2.20 of play money", exact=True)).to_be_visible()
    expect(page.locator(".purse.toy")).to_contain_text("$100.00 left")


def test_declining_sends_the_reason(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    page.get_by_role("button", name="Decline…").click()
    page.keyboard.type("too dear")
    page.keyboard.press("Enter")

    expect(page.locator(".slate")).to_have_attribute("data-state", "declined")
    expect(page.locator(".slate .kicker")).to_contain_text("too dear")
    approval = crew.asked[-1]["messages"][0]["parts"][0]["approval"]
    assert approval == {"id": "quote_1", "approved": False, "reason": "too dear"}


def test_an_expired_offer_loses_its_buttons_and_can_be_asked_for_again(page: Page, crew: Crew) -> None:
    say(page, "an expiring offer")
    expect(page.locator(".slate")).to_have_attribute("data-state", "expired")

    expect(page.locator(".approve")).to_have_count(0)
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".approve")).to_have_count(1)
    assert len(crew.asked) == 2


def test_a_superseded_offer_leads_to_the_new_one(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    expect(page.locator(".approve")).to_have_count(1)
    say(page, "another film please")
    expect(page.locator(".approve")).to_have_count(2)

    crew.tell("quote", crew.quotes["quote_1"] | {"state": "superseded", "superseded_by": "quote_2"})
    page.get_by_role("button", name="See the new offer").click()

    expect(page.locator("#slate-quote_2")).to_be_focused()
    expect(page.locator(".approve")).to_have_count(1)


def test_hostile_text_stays_text_and_never_hides_the_amount(page: Page) -> None:
    say(page, "something hostile")
    amount = page.locator(".slate .amount")

    expect(page.locator(".approve")).to_be_focused()
    expect(amount).to_have_text("$2.20")
    expect(amount).to_be_in_viewport()
    expect(page.locator(".approve")).to_have_text("Approve up to $2.20")
    expect(page.locator(".prose").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#log img, #log a").count() == 0
    assert page.locator("#scroll").evaluate("box => box.scrollHeight") < 4_000


def test_an_offer_out_of_sight_keeps_its_amount_in_sight(page: Page) -> None:
    say(page, "a film please")
    expect(page.locator(".approve")).to_be_focused()
    page.locator("#scroll").evaluate("box => { box.scrollTop = 0; }")

    strip = page.locator("#waiting")
    expect(strip).to_contain_text("at most $2.20")
    strip.click()
    expect(page.locator(".approve")).to_be_focused()
    expect(strip).to_be_hidden()


def test_a_reload_brings_the_card_back(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    expect(page.locator(".approve")).to_be_visible()

    page.reload(wait_until="commit")

    expect(page.get_by_role("button", name="Approve up to $2.20", exact=True)).to_be_visible()
    expect(page.locator(".frame img")).to_have_count(5)
    expect(page.locator("#chats")).to_contain_text("a film please")
    assert len(crew.asked) == 1


def test_the_keyboard_alone_reaches_the_approval(page: Page, crew: Crew) -> None:
    page.keyboard.press("/")
    page.keyboard.type("a film please")
    page.keyboard.press("Enter")
    expect(page.locator(".approve")).to_be_focused()

    page.keyboard.press("Enter")
    assert len(crew.asked) == 1, "a key on its way to the brief approved something"
    expect(page.locator(".approve")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(page.locator("#brief")).to_be_focused()
    page.locator(".approve").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".slate")).to_have_attribute("data-state", "approved")


def test_jobs_tell_their_stage_then_come_the_film_and_a_receipt_that_adds_up(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    page.locator(".approve").click()
    expect(page.locator(".job")).to_have_count(4)
    expect(page.locator("progress")).to_have_count(0)

    crew.tell("job", job("quote_1", 2, progress=0.4))
    expect(page.locator(".job").nth(1)).to_contain_text("rendering 40 % · 1:1")
    for n in range(1, 5):
        crew.tell("job", job("quote_1", n, state="succeeded", finished_at=stamp()))
    crew.tell("film", {"id": "film_1", "quote_id": "quote_1", "clip": clip("clip_9", "httpx", 30)})

    expect(page.locator(".film video")).to_have_attribute("src", "/api/clips/clip_9.mp4")
    expect(page.get_by_role("link", name="Download")).to_have_attribute("download", "film.mp4")
    expect(page.locator(".receipt tfoot .figure")).to_have_text(["$2.20", "$2.08"])
    expect(page.locator(".receipt")).to_contain_text(
        "$2.20 was held: $2.08 spent, $0.12 given back. ✓ It adds up."
    )
    charged = page.locator(".receipt tbody .figure:last-child").all_inner_texts()
    assert sum(int(each.replace("$", "").replace(".", "")) for each in charged) == 208
    page.reload(wait_until="commit")
    expect(page.locator(".film video")).to_be_visible()


def test_a_lost_answer_is_shown_with_its_hold_and_a_person_can_say_what_it_cost(
    page: Page, crew: Crew
) -> None:
    say(page, "a film please")
    page.locator(".approve").click()
    crew.tell("job", job("quote_1", 2, state="unknown", error="no answer within 20 seconds"))
    lost = page.locator(".job").nth(1)

    expect(lost).to_contain_text("no word from the vendor: asking, never sending twice")
    expect(lost).to_contain_text("$0.50 stays held. What does the vendor's own page say?")
    expect(lost.get_by_role("button")).to_have_text(["It was not charged", "It charged $0.50"])
    lost.get_by_role("button", name="It was not charged").click()
    expect(lost).to_contain_text("the money is back")
    assert crew.asked[-1] == {"charged_usd": "0"}


def test_a_refusal_is_told_in_its_own_words_and_can_be_tried_again(page: Page, crew: Crew) -> None:
    say(page, "refuse me once")
    expect(page.get_by_role("alert")).to_contain_text("the month has $1.00 left")

    page.get_by_role("button", name="Try again").click()

    expect(page.locator(".prose")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert crew.asked[0] == crew.asked[1]


def test_the_title_tells_that_an_offer_waits(page: Page) -> None:
    say(page, "a film please")

    expect(page).to_have_title(re.compile(r"^● Approve up to \$2\.20"))


def test_nothing_overflows_from_320_px_up(page: Page, crew: Crew) -> None:
    fitting = {1280: 1280, 760: 760, 390: 390, 320: 320}
    assert widest(page) == fitting
    say(page, "play with it")
    expect(page.locator(".purse.toy")).to_be_visible()
    assert widest(page) == fitting
    say(page, "a film please")
    expect(page.locator(".approve")).to_have_count(2)
    page.locator(".approve").last.click()
    expect(page.locator(".job")).to_have_count(4)
    assert widest(page) == fitting
    crew.tell("film", {"id": "film_1", "quote_id": "quote_2", "clip": clip("clip_9", "httpx", 30)})
    expect(page.locator(".receipt")).to_be_visible()
    assert widest(page) == fitting
