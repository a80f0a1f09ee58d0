"""A scripted server that speaks the page's wire: canned turns, and news on demand."""

import hashlib
import io
import json
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.canned import (
    BUDGET,
    HOSTILE,
    Part,
    clip,
    estimate,
    job,
    planning,
    previews,
    quote,
    receipt,
    shots,
    stamp,
    text,
    tool,
)
from web import STATIC

CSP = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

TOKEN = "a-token"
UPLOAD = f"upload:{'5f' * 10}"
UNKNOWN = JSONResponse({"type": "unauthenticated", "title": "Who are you?", "status": 401}, 401)


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
    """What the scripted server knows. `asked` is every body it was sent.

    `gate` holds a slow turn; without `prompt`, what is known of jobs is sent late.
    """

    chats: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    quotes: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    films: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    playing: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    news: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    gate: threading.Event = field(default_factory=threading.Event)
    prompt: threading.Event = field(default_factory=threading.Event)
    pictures: dict[str, bytes] = field(default_factory=dict[str, bytes])
    archives: list[tuple[str, str, bytes]] = field(default_factory=list[tuple[str, str, bytes]])
    steady: list[str] = field(default_factory=list[str])  # the first shot's reference pictures
    locked: list[int] = field(default_factory=list[int])  # shots that nothing changes
    plans: int = 0  # made so far
    before: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])  # jobs of other days
    token: str | None = None  # what a person must have signed in with
    known: bool = False  # somebody has
    closing: bool = False
    refused: bool = False

    def __post_init__(self) -> None:
        self.prompt.set()
        self.doors = app(self)

    def leave(self) -> None:
        """Nobody waits for this crew any more."""
        self.gate.set()
        self.prompt.set()
        self.closing = True

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
            lines = quote("", chat)["lines"]
            kept = {"unit_usd": "0.00", "reused_clip_id": "clip_8"}
            stays = [line | kept | {"audio": True} for line in lines[:3]]
            some = {"lines": [*stays, *lines[3:]]} if "some" in said else {}
            return [text("Quickly now."), *self.offer(chat, expires_at=stamp(1), **some)]
        if "play" in said:
            return self.offer(chat, play_money=True, provider="rehearsal", model="rehearsal-draft")
        if "upgrade" in said:
            drawn = {
                "model": "animatic",
                "unit_usd": "0.00",
                "reused_clip_id": "clip_8",
                "ceiling_usd": "0.00",
            }
            lines = [line | (drawn if line["n"] < 4 else {}) for line in quote("", chat)["lines"]]
            return self.offer(chat, lines=lines, ceiling_usd="0.50")
        if "drafted" in said:
            told = "Planned 5 shots, 30 s · written by openai-chat:gpt-5.2 for $0.02, at most $0.0315 a try"
            return [planning("c2"), tool("plan_shots", "c2", told), shots([], [], 1)]
        if "animatic" in said:
            return [
                {"type": "data-film", "id": "film-clip_8", "data": clip("clip_8", "All of it, drawn", 30)}
            ]
        if "film" in said or "Render" in said:
            self.plans += 1
            words = "Here is the plan with a free preview of each shot. It would cost between **$2.10** and **$12.00**."
            return [
                tool("scan_repo", "c1", "Read the repository · 61 files, 214 classes and functions · 0.08 s"),
                tool("plan_shots", "c2", "Planned 5 shots, 30 s · silent film, comedy, 16:9"),
                shots(self.steady, self.locked, self.plans), *previews(), estimate(), text(words), *self.offer(chat),
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
        said = "\n".join(part["text"] for part in message["parts"])
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
        kept.append(message | {"parts": [text(said)]})  # as the service keeps it: one text
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

    async def session(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"name": "ann", "role": "approver", "signed_in": self.known})
        if request.method == "DELETE":
            self.token, self.known = TOKEN, False
            return Response(status_code=204)
        if (await request.json())["token"] != self.token:
            return UNKNOWN
        self.token, self.known = None, True
        return Response(status_code=204)

    async def upload(self, request: Request) -> Response:
        """As the service answers: a picture is kept by what is in it, and nothing else is."""
        content = await request.body()
        if not content.startswith(b"\x89PNG"):
            return JSONResponse({"title": "Invalid", "status": 422, "detail": "picture: is no PNG"}, 422)
        name = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.pictures[name] = content
        told = {"picture": name, "url": f"/api/uploads/{name}", "type": "image/png", "bytes": len(content)}
        return JSONResponse(told, 201)

    async def archive(self, request: Request) -> Response:
        kind = request.headers["content-type"]
        self.archives.append((request.query_params["name"], kind, await request.body()))
        return JSONResponse({"upload": UPLOAD}, 201)

    async def uploaded(self, request: Request) -> Response:
        return Response(self.pictures[request.path_params["name"]], media_type="image/png")

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
        wanted = request.query_params.get("quote")
        if wanted is None:
            return JSONResponse({"jobs": self.before})
        if request.url.path == "/api/jobs":
            answer = JSONResponse({"jobs": [job for job in self.jobs.values() if job["quote_id"] == wanted]})
            await anyio.to_thread.run_sync(self.prompt.wait, 10, abandon_on_cancel=True)
            return answer
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
    return Response(still("JPEG", (60 + shade // 2, 70, 160 - shade)), media_type="image/jpeg")


def still(kind: str, colour: tuple[int, int, int], width: int = 320, height: int = 180) -> bytes:
    paper = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(paper, kind)
    return paper.getvalue()


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
        Route("/api/session", crew.session, methods=["GET", "POST", "DELETE"]),
        Route("/api/repos/archive", crew.archive, methods=["POST"]),
        Route("/api/uploads", crew.upload, methods=["POST"]), Route("/api/uploads/{name}", crew.uploaded),
        Route("/api/quotes/{id}/receipt", crew.receipt), Route("/api/budget", budget),
        Route("/api/clips/{id}.jpg", picture), Route("/api/clips/{id}.mp4", film),
    ])  # fmt: skip


@contextmanager
def serving() -> Generator[tuple[str, list[Crew]]]:
    """The server's address, and the crew that answers there: each test puts a new one in."""
    crews = [Crew()]

    async def current(scope: Any, receive: Any, send: Any) -> None:
        locked = crews[-1].token is not None and scope["path"].startswith("/api/")
        door = UNKNOWN if locked and scope["path"] != "/api/session" else crews[-1].doors
        await door(scope, receive, send)

    config = uvicorn.Config(
        current, port=0, log_level="error", ws="none", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with anyio.from_thread.start_blocking_portal() as portal:
        task = portal.start_task_soon(server.serve)
        portal.call(until_started, server)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/", crews
        server.should_exit = True
        task.result(10)


async def until_started(server: uvicorn.Server) -> None:
    with anyio.fail_after(10):
        while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
            await anyio.sleep(0.01)
