"""What was tried against the service, and must go on failing."""

import time
from pathlib import Path
from typing import Any

import pytest
from live import Service, one, running, words

from agent.intents import understand
from tools import repo
from tools.story.wishes import parse

QUICK_SECONDS = 2.0
HALF = "\ud800"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running(tmp_path_factory.mktemp("attacks")) as live:
        yield live


def words_of(text: str, **changes: Any) -> dict[str, Any]:
    return {"id": "u-1", "role": "user", "parts": [{"type": "text", "text": text}]} | changes


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/chat", {"id": "chat-half", "messages": [words_of(f"a fox {HALF}")]}),
        ("/api/films", {"clips": [HALF]}),
        ("/api/films", {"clips": ["../../etc/passwd"]}),
        ("/api/quotes", {"shots": [{"shot_id": HALF, "enhanced_prompt": "a fox"}], "provider": "rehearsal"}),
        ("/api/plans", {"brief": f"a fox {HALF} sails"}),
    ],
)
def test_half_a_character_is_refused_and_poisons_nothing(
    service: Service, path: str, body: dict[str, Any]
) -> None:
    service.say("help", "chat-half")
    answer = service.http.post(path, content=_json(body), headers={"content-type": "application/json"})

    assert 200 <= answer.status_code < 500
    assert service.http.get("/api/chat/chat-half").status_code == 200


def _json(body: dict[str, Any]) -> bytes:
    import json

    return json.dumps(body).encode()


@pytest.mark.parametrize("origin", ["http://[", "null", "http://127.0.0.1:1", "//"])
def test_an_origin_that_is_none_reaches_nothing(service: Service, origin: str) -> None:
    answer = service.http.post("/api/plans", json={"brief": "a fox"}, headers={"origin": origin})

    assert answer.status_code == 403
    assert "content-security-policy" in answer.headers


def test_a_body_without_a_length_is_counted_as_it_comes(service: Service) -> None:
    endless = (b"x" * 65_536 for _ in range(100))
    answer = service.http.post("/api/plans", content=endless, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["type"]) == (413, "too-large")


@pytest.mark.parametrize(
    "path", ["/web/__init__.py", "/web/../api/app.py", "/web/%2e%2e/pyproject.toml", "/web/"]
)
def test_only_the_pages_own_files_are_served(service: Service, path: str) -> None:
    assert service.http.get(path).status_code == 404
    assert service.http.get("/web/app.js").status_code == 200


def test_one_offer_is_answered_once_in_a_message(service: Service) -> None:
    service.say("A seal counts to three, 6 seconds in 2 shots", "chat-both")
    offered = service.say("render it", "chat-both")
    quote_id = one(offered, "data-quote")["id"]
    part = {"type": "tool-generate_video", "toolCallId": "x", "state": "approval-responded"}
    both = [part | {"approval": {"id": quote_id, "approved": yes}} for yes in (True, False)]
    message = {"id": "m", "role": "assistant", "parts": both}

    answer = service.http.post("/api/chat", json={"id": "chat-both", "messages": [message]})

    assert answer.status_code == 422
    assert service.get(f"/api/quotes/{quote_id}")["state"] == "issued"


def test_a_person_cannot_write_over_the_assistants_message(service: Service) -> None:
    told = service.say("help", "chat-over")
    theirs = one(told, "start")["messageId"]

    answer = service.http.post(
        "/api/chat", json={"id": "chat-over", "messages": [words_of("mine", id=theirs)]}
    )

    assert answer.status_code == 422
    kept = service.get("/api/chat/chat-over")["messages"]
    assert [message["role"] for message in kept] == ["user", "assistant"]
    assert "offline director" in words(service.say("help", "chat-over"))


def test_a_film_is_not_made_of_films(service: Service) -> None:
    service.say("A crab plays chess, 6 seconds in 2 shots", "chat-films")
    service.say("preview", "chat-films")
    chat = service.get("/api/chat/chat-films")["messages"]
    film = next(part for message in chat for part in message["parts"] if part["type"] == "data-film")["data"]

    answer = service.http.post("/api/films", json={"clips": [film["id"], film["id"]]})

    assert (answer.status_code, answer.json()["type"]) == (422, "invalid")


def test_a_strangers_conversation_neither_shows_nor_blocks(tmp_path: Path) -> None:
    tokens = "ann:approver:token-a,bob:member:token-b,eve:viewer:token-e"
    with running(tmp_path, GREENLIGHT_TOKENS=tokens) as live:
        refused = live.http.get("/api/budget")
        live.http.headers["authorization"] = "Bearer token-b"
        live.say("A heron waits, 6 seconds in 2 shots", "chat-bob")
        offered = live.say("render it", "chat-bob")
        quote = one(offered, "data-quote")["data"]
        own = live.http.post(f"/api/quotes/{quote['id']}/approve", json={"digest": quote["digest"]})

        live.http.headers["authorization"] = "Bearer token-e"
        said = live.http.post("/api/chat", json={"id": "chat-bob", "messages": [words_of("mine")]})
        seen = [
            live.http.get(f"/api/{path}").status_code for path in (f"quotes/{quote['id']}", "chat/chat-bob")
        ]
        scanned = live.http.post("/api/repos/scan", json={"path": "."})

        live.http.headers["authorization"] = "Bearer token-a"
        stranger = live.http.post("/api/chat", json={"id": "chat-bob", "messages": [words_of("mine")]})
        approved = live.http.post(f"/api/quotes/{quote['id']}/approve", json={"digest": quote["digest"]})

        live.http.headers["authorization"] = "Bearer token-b"
        told = live.answer(offered, chat="chat-bob", approved=True)

    assert (refused.status_code, own.status_code, approved.status_code) == (401, 403, 200)
    assert (said.status_code, scanned.status_code, seen) == (403, 403, [404, 404])
    assert stranger.status_code == 404
    assert "You approved at most" in words(told)


@pytest.mark.parametrize(
    "text",
    ["(" * 19_990 + "@", "what do " * 2_500, "how much have i " * 1_250, ", " * 9_000, "make " * 4_000],
)
def test_no_message_holds_the_service_up(text: str) -> None:
    began = time.process_time()
    understand(text, has_plan=True)
    parse(text)

    assert time.process_time() - began < QUICK_SECONDS


def test_a_manifest_with_an_endless_key_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(".".join(["a"] * 60_000) + " = 1")
    (tmp_path / "a.py").write_text("class Fox: ...")
    began = time.process_time()

    assert repo.scan(tmp_path).counts.classes == 1
    assert time.process_time() - began < QUICK_SECONDS
