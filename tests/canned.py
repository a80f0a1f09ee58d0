"""What a scripted crew says and has: canned parts of messages, an offer, its jobs and its receipt."""

from datetime import UTC, timedelta
from typing import Any

from tools.clock import system_clock

Part = dict[str, Any]

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


def shots(pictures: list[str], locked: list[int], version: int) -> Part:
    """A plan; its first shot looks like some pictures, and some shots are locked."""
    listed = [
        {"shot_id": f"shot_{n}", "shot_number": n, "enhanced_prompt": said, "caption": said, "duration": seconds,
         "title_card": None, "evidence": [{"path": path, "line": line}],
         "reference_images": pictures if n == 1 else []} | ({"locked": True} if n in locked else {})
        for n, (said, seconds, path, line) in enumerate(SHOTS, 1)
    ]  # fmt: skip
    return {"type": "data-shots", "id": "plan", "data": {
        "version": version, "title": "httpx, the silent film", "seconds": 30, "style": "silent film", "mood": "comedy",
        "tone": "dry", "aspect_ratio": "16:9", "shots": listed}}  # fmt: skip


def planning(call: str) -> Part:
    """What a language model's draft may cost, for the call that asks for one."""
    return {"type": "data-planning", "id": f"planning-{call}",
            "data": {"model": "openai-chat:gpt-5.2", "most_usd": "0.0315"}}  # fmt: skip


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
         "model": "minimax-h3", "resolution": "720p", "aspect_ratio": "16:9", "audio": False, "unit_usd": "0.08", "expected_usd": amount,
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
        "released_usd": "0.12", "late_usd": "0.00", "open": [] if closed else ["job_1"], "balanced": True,
    }  # fmt: skip
