"""What was tried against the service, and must go on failing."""

import json
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from live import Service, one, running, words

from agent.offline.intents import understand
from api.serve import HEAD_BYTES_MAX
from tests.conftest import BOTH, fresh_url
from tools import repo
from tools.story.wishes import parse

QUICK_SECONDS = 2.0
HALF = "\ud800"
JSON = {"content-type": "application/json"}
SHOT = {"shot_id": "a", "enhanced_prompt": "a fox", "duration": 4}


DATABASES = BOTH


@pytest.fixture(scope="module")
def service(
    database_kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Any:
    folder = tmp_path_factory.mktemp("attacks")
    with (
        fresh_url(database_kind, folder, request) as url,
        running(folder, GREENLIGHT_DATABASE_URL=url) as live,
    ):
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

    assert answer.status_code == 422
    assert service.http.get("/api/chat/chat-half").status_code == 200


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


NUL = "a\0b"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/chat", {"id": "chat-nul", "messages": [words_of(NUL)]}),
        ("/api/chat", {"id": "chat-nul", "messages": [words_of("a fox", id=NUL)]}),
        ("/api/chat", {"id": NUL, "messages": [words_of("a fox")]}),
        ("/api/films", {"quote": NUL}),
        ("/api/films", {"clips": [NUL]}),
        ("/api/films", {"clips": ["clip_x"], "title": NUL}),
        ("/api/quotes", {"shots": [SHOT | {"enhanced_prompt": NUL}], "provider": "rehearsal"}),
        ("/api/quotes", {"shots": {"title": NUL, "shots": [SHOT]}, "provider": "rehearsal"}),
        ("/api/quotes", {"shots": [SHOT], "provider": "rehearsal", "project": NUL}),
        ("/api/quotes", {"shots": [SHOT | {NUL: 1}], "provider": "rehearsal"}),
        ("/api/quotes/quote_x/decline", {"reason": NUL}),
        ("/api/plans", {"brief": NUL}),
        ("/api/repos/scan", {"path": NUL}),
        ("/api/jobs/job_x/resolve", {"charged_usd": NUL}),
        ("/api/jobs/job%00/cancel", {}),
        ("/api/quotes/%00/approve", {"digest": "x"}),
    ],
)
def test_a_nul_that_postgres_cannot_hold_is_refused_everywhere(
    service: Service, path: str, body: dict[str, Any]
) -> None:
    is_problem(service.http.post(path, json=body), 422)


@pytest.mark.parametrize(
    "path",
    [
        "/api/quotes/%00",
        "/api/jobs?quote=%00",
        "/api/films?quote=a%00",
        "/api/clips/%00.mp4",
        "/api/chat/%00",
    ],
)
def test_no_address_has_a_nul_in_it(service: Service, path: str) -> None:
    is_problem(service.http.get(path), 422)


def is_problem(answer: httpx.Response, *statuses: int) -> None:
    """Refused, and told so as a problem in one line."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert all(isinstance(told[name], str) and told[name] for name in ("type", "title", "detail"))
    assert "\n" not in told["detail"]


AMOUNTS = [
    "NaN",
    "sNaN",
    "-0.01",
    "Infinity",
    "1e999",
    "1e-999",
    "9223372036854775808",
    "8; DROP",
    "",
    "0.0000001",
]


@pytest.mark.parametrize("amount", [*AMOUNTS, 1, 0.5, None, True, [], {"usd": "1"}])
def test_what_is_no_amount_in_dollars_is_refused(service: Service, amount: Any) -> None:
    is_problem(service.http.post("/api/jobs/job_x/resolve", json={"charged_usd": amount}), 422)


@pytest.mark.parametrize(
    "body",
    [
        b'{"charged_usd": NaN}',
        b'{"charged_usd": "1", "x": Infinity}',
        b'{"charged_usd": "1", "x": -1e999}',
        b'{"charged_usd": "1", "charged_usd": "0"}',
        b'{"charged_usd": "1", "x": {"y": 1, "y": 2}}',
        b'{"charged_usd": "1", "x": ' + b"9" * 5_000 + b"}",
        b'{"charged_usd": ' + b"[" * 100_000,
        b'{"charged_usd": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"charged_usd": "1", "x": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
        '{"charged_usd": "1"}'.encode("utf-16"),
        b'{"charged_usd": "\xed\xa0\x80"}',
        b'"charged_usd"',
        b"null",
        b"",
    ],
)
def test_a_body_that_has_no_one_meaning_is_refused(service: Service, body: bytes) -> None:
    answer = service.http.post("/api/jobs/job_x/resolve", content=body, headers=JSON)

    is_problem(answer, 422)


@pytest.mark.parametrize("number", [2**31, 2**63, 10**4_000, -1])
@pytest.mark.parametrize("field", ["shots", "seconds"])
def test_a_number_that_no_column_holds_is_refused(service: Service, field: str, number: int) -> None:
    is_problem(service.http.post("/api/plans", json={"brief": "a fox", field: number}), 422)


@pytest.mark.parametrize("size", [1_000, 60_000])
@pytest.mark.parametrize(
    "path", ["/api/quotes/{}", "/api/jobs/{}", "/api/jobs?quote={}", "/api/chat/{}", "/{}"]
)
def test_a_very_long_name_is_nobodys(service: Service, path: str, size: int) -> None:
    is_problem(service.http.get(path.format("x" * size)), 404)


def test_an_address_without_end_is_refused(service: Service) -> None:
    is_problem(raw(service, f"GET /{'x' * HEAD_BYTES_MAX}"), 400)


def raw(service: Service, request: str) -> httpx.Response:
    """Send bytes that no client would make, and read until the server closes."""
    address = service.http.base_url
    with socket.create_connection((address.host, address.port or 80), timeout=10) as line:
        line.sendall(request.encode())
        said = b"".join(iter(lambda: line.recv(65_536), b""))
    head, _, body = said.partition(b"\r\n\r\n")
    first, *fields = head.decode().split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (field.partition(":") for field in fields)]
    return httpx.Response(int(first.split()[1]), headers=headers, content=body)


@pytest.mark.parametrize(
    "sent", ["\x16\x03\x01\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"]
)
def test_what_is_no_http_is_told_so(service: Service, sent: str) -> None:
    is_problem(raw(service, sent), 400)


@pytest.mark.parametrize(
    "kind_of_body", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "json", ""]
)
@pytest.mark.parametrize("path", ["/api/plans", "/api/quotes/quote_x/approve", "/api/jobs/job_x/cancel"])
def test_only_json_is_read(service: Service, path: str, kind_of_body: str) -> None:
    is_problem(service.http.post(path, content=b"{}", headers={"content-type": kind_of_body}), 415)


def test_a_body_of_100_megabytes_is_not_read(service: Service) -> None:
    answer = service.http.post("/api/plans", content=bytes(100_000_000), headers=JSON)

    is_problem(answer, 413)


def test_a_method_that_a_route_lacks_is_told_which_it_has(service: Service) -> None:
    answer = service.http.delete("/api/budget")

    is_problem(answer, 405)
    assert answer.headers["allow"] == "GET"


@pytest.fixture(scope="module")
def clip(service: Service) -> str:
    """The address of a film."""
    service.say("A crab plays chess, 6 seconds in 2 shots", "chat-clip")
    service.say("preview", "chat-clip")
    chat = service.get("/api/chat/chat-clip")["messages"]
    return next(part for said in chat for part in said["parts"] if part["type"] == "data-film")["data"][
        "clip_url"
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=" + ",".join(f"{n}-{n}" for n in range(1_000)),
        "bytes=" + "0-," * 1_000 + "0-",
        "bytes=",
        "bytes=5-3",
        "bytes=-0",
        "bytes=a-b",
        "bytes=٣-٤",
        "bytes=99999999999-",
        "bytes=" + "9" * 5_000 + "-",
        "frames=1-2",
        "0-1",
    ],
)
def test_a_range_that_no_player_asks_for_is_refused(service: Service, clip: str, wanted: str) -> None:
    answer = service.http.get(clip, headers=[(b"range", wanted.encode())])

    is_problem(answer, 416)
    assert answer.headers["content-range"].startswith("bytes */")


@pytest.mark.parametrize(("wanted", "count"), [("bytes=0-99", 100), ("bytes=-7", 7), ("bytes=10-10", 1)])
def test_a_range_that_players_ask_for_is_given(service: Service, clip: str, wanted: str, count: int) -> None:
    answer = service.http.get(clip, headers={"range": wanted})

    assert (answer.status_code, len(answer.content)) == (206, count)


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
