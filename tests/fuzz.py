"""Every route with every kind of body, over a live server that has real things to hit.

What is asked for and what is not come from our own OpenAPI description; ids, digests, shots and
messages are then often real ones, so that a request gets past the first look. A request that
is refused, or that only reads, changes no row. Nothing else changes rows meanwhile: the vendor's
places are all taken by jobs that nobody asks about.
"""

import io
import json
import re
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote_plus, urlencode

import anyio
import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from live import PATIENCE_SECONDS, Service, running
from PIL import Image
from schemathesis import GenerationMode
from schemathesis.core import NotSet
from sqlalchemy import Engine, create_engine

from tests.conftest import Clock, Floor, config_in, film_of, open_floor
from tools import quotes, render
from tools.clock import system_clock
from tools.shots import Shot, ShotList
from tools.tables import metadata

CASES = 500
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Sent:
    """A request, as bytes."""

    method: str
    path: str
    headers: list[tuple[bytes, bytes]]
    body: bytes | None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.headers} {self.body!r}"


@dataclass
class Ground:
    """A live server, a look at its books, and the names of what is there."""

    live: Service
    engine: Engine
    folder: Path
    digests: dict[str, str]  # by quote
    jobs: list[str]
    clips: list[str]
    picture: str
    schema: Any
    operations: list[Any]
    statuses: dict[int, int] = field(default_factory=dict[int, int])
    _books: Rows | None = None

    def fields(self, operation: Any) -> list[str]:
        """What its body may say, by the description."""
        content = operation.definition.raw.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return []
        told = content["application/json"]["schema"]
        if "$ref" in told:
            told = self.schema.raw_schema["components"]["schemas"][told["$ref"].rpartition("/")[2]]
        return list(told["properties"])

    # --- sending ---

    def check(self, sent: Sent) -> None:
        """Send it, and look whether the answer and the books are as they must be."""
        before = self._books or self._read()
        status, problem = self._answer(sent)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status >= 400:
            assert status < 500 or (status, problem.get("type")) == (503, "frozen"), (
                f"{sent}: {status} {problem}"
            )
            assert _is_problem(problem, status), f"{sent}: {status} {problem}"
        if status >= 400 or sent.method == "GET":
            self._books = self._read()
            assert self._books == before, f"{sent}: {status} changed {changes(before, self._books)}"
        else:
            self.settle()
            self._books = None

    def _answer(self, sent: Sent) -> tuple[int, dict[str, Any]]:
        """The status, and what was said of a refusal. News never ends, so it is only begun."""
        url = httpx.URL(str(self.live.http.base_url).rstrip("/") + sent.path)
        request = self.live.http.build_request(sent.method, url, headers=sent.headers, content=sent.body)
        answer = self.live.http.send(request, stream=True)
        try:
            if sent.path.startswith("/api/events") and answer.status_code == 200:
                return 200, {}
            said = answer.read()
        finally:
            answer.close()
        if answer.status_code < 400:
            return answer.status_code, {}
        assert answer.headers["content-type"] == "application/problem+json", f"{sent}: {said!r}"
        return answer.status_code, json.loads(said)

    # --- the books ---

    def _read(self) -> Rows:
        with self.engine.connect() as connection:
            return {
                table.name: [
                    tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')
                ]
                for table in metadata.sorted_tables
            }

    def settle(self) -> None:
        """Wait until what an accepted request has set off is over."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._busy():
            assert time.monotonic() < deadline, "the work did not end"
            time.sleep(0.02)

    def _busy(self) -> bool:
        with self.engine.connect() as connection:
            return connection.exec_driver_sql(UNDER_WAY).first() is not None


FAR = "9999-01-01T00:00:00.000000Z"
UNDER_WAY = f"""
    SELECT 1 FROM job WHERE state = 'submitting' OR (state = 'running' AND next_poll_at < '{FAR}')
        OR (state = 'succeeded' AND clip_id IS NULL)
    UNION ALL
    SELECT 1 FROM quote AS q WHERE state = 'approved'
        AND NOT EXISTS (SELECT 1 FROM film WHERE film.quote_id = q.id)
        AND NOT EXISTS (SELECT 1 FROM job WHERE job.quote_id = q.id AND job.finished_at IS NULL)
        AND (EXISTS (SELECT 1 FROM job WHERE job.quote_id = q.id AND job.clip_id IS NOT NULL)
          OR EXISTS (SELECT 1 FROM quote_line AS l WHERE l.quote_id = q.id AND l.reused_clip_id IS NOT NULL))
"""


def _is_problem(problem: dict[str, Any], status: int) -> bool:
    words = [problem.get(name) for name in ("type", "title", "detail")]
    return problem.get("status") == status and all(isinstance(each, str) and each for each in words)


def changes(before: Rows, after: Rows) -> dict[str, Any]:
    return {
        name: {"gone": set(before[name]) - set(after[name]), "new": set(after[name]) - set(before[name])}
        for name in before
        if before[name] != after[name]
    }


# --- what is there ---------------------------------------------------------------------------


@contextmanager
def open_ground(folder: Path, url: str) -> Generator[Ground]:
    """A server with a conversation, offers in every state, and jobs in most."""
    anyio.run(_furnish, folder, url)
    (folder / "boxes.py").write_text('class Box:\n    """Holds one thing."""\n')
    environment = {
        "GREENLIGHT_DATABASE_URL": url,
        "GREENLIGHT_REPO_ROOTS": str(folder),
        "GREENLIGHT_QUOTE_MINUTES": "1440",
        "GREENLIGHT_PLAY_BUDGET_USD": "5",
    }
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with running(folder, **environment) as live:
            live.say("A keeper finds a letter, 6 seconds in 2 shots", "chat-1")
            live.say("render it", "chat-1")
            ground = _survey(live, engine, folder)
            ground.settle()  # a start takes up what was at work before; now nothing is
            with engine.connect() as connection:
                for statement in PARK:
                    connection.exec_driver_sql(statement)
            yield ground
    finally:
        engine.dispose()


def _survey(live: Service, engine: Engine, folder: Path) -> Ground:
    with engine.connect() as connection:

        def column(query: str) -> list[Any]:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

        schema: Any = schemathesis.openapi.from_dict(live.get("/openapi.json"))
        return Ground(
            live,
            engine,
            folder,
            digests=dict(column("SELECT id, digest FROM quote ORDER BY issued_at, id")),
            jobs=[row[0] for row in column("SELECT id FROM job ORDER BY created_at, n")],
            clips=[row[0] for row in column("SELECT id FROM clip ORDER BY at, id")],
            picture=_uploaded(live),
            schema=schema,
            operations=[each.ok() for each in schema.get_all_operations()],
        )


def _uploaded(live: Service) -> str:
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")
    kept = live.http.post("/api/uploads", content=file.getvalue(), headers={"content-type": "image/png"})
    name: str = kept.raise_for_status().json()["picture"]
    return name


async def _furnish(folder: Path, url: str) -> None:
    clock = Clock(system_clock() - timedelta(hours=1))
    config = config_in(folder, database_url=url, quote_life=timedelta(days=1))
    async with open_floor(config, clock) as floor:
        made = await floor.quote(film_of(2, subject="A film"), owner="local")
        await floor.approve(made, by="local")
        await floor.finish(made)
        for state in ("unknown", "running", "quarantined"):
            await _leave(floor, state)
            await floor.edit("UPDATE job SET state = 'quarantined' WHERE state = 'running'")
        dropped = await floor.quote(film_of(1, subject="Dropped"), owner="local")
        given = await floor.approve(dropped, by="local")
        await render.cancel(floor.kit, given.jobs[0].id, owner=None)
        for n in range(8):
            await floor.quote(film_of(2, subject=f"Offer {n}"), owner="local")
        refused = await floor.quote(film_of(1, subject="No"), owner="local")
        async with floor.database.transaction() as connection:
            await quotes.decline(connection, refused.id, by="local", reason=None, at=clock())
        await _leave(floor, "at work")


async def _leave(floor: Floor, state: str) -> None:
    """Three jobs that the vendor has."""
    offer = await floor.quote(film_of(3, subject=f"Left {state}"), owner="local")
    await floor.approve(offer, by="local")
    await floor.work()


_LEFT = "WHERE state = 'quarantined' AND quote_id IN (SELECT id FROM quote WHERE title = 'Left"
_LOST = f"state = 'unknown', error = 'no answer came', provider_job_id = NULL, next_poll_at = '{FAR}'"
_APART = "error = 'what would be sent is not what was approved'"
PARK = (
    f"UPDATE job SET {_LOST} {_LEFT} unknown in 3 shots')",
    f"UPDATE job SET state = 'running', next_poll_at = '{FAR}' {_LEFT} running in 3 shots')",
    f"UPDATE job SET {_APART} {_LEFT} quarantined in 3 shots')",
)


# --- what is sent ----------------------------------------------------------------------------

SPITE: list[Any] = [
    None, True, False, 0, -1, 2**31, 2**63, 10**400, 1e308, 0.1, "", " ", "\0", "\ud800", "\u202e", "x" * 5_000,
    "8; DROP", "NaN", "1e999", [], {}, [[]], {"a": {"a": 1}}, ["\0"], {"\0": 1}, {"\ud800": "\0"},
]  # fmt: skip
AMOUNTS = [
    "0",
    "0",
    "0.01",
    "0.02",
    "99",
    "-1",
    "NaN",
    "Infinity",
    "1e999",
    "9223372036854775808",
    "0.0000001",
]
WORDS = ["help", "yes", "Approved ✅ $0", "what does it cost", "how much have I spent", "render it", "stop"]
SHOT = {"shot_id": "a", "enhanced_prompt": "a fox", "duration": 4}
ORIGINS = [None] * 8 + ["own", "own", "https://evil.example", "null"]


def storm(ground: Ground, cases: int, number: int) -> None:
    """So many requests, which a number makes the same again.

    Half are as the description has them, or as it has them not; half are as if meant, but for one field.
    """
    _described(ground, cases // 2, number)
    rng = Random(number)
    for _ in range(cases - cases // 2):
        ground.check(meant(ground, rng))


def _described(ground: Ground, cases: int, number: int) -> None:
    described = st.one_of(*(ground.schema.as_strategy(generation_mode=mode) for mode in MODES))

    @seed(number)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # what a request does depends on those before it: a smaller one tells less
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(described, st.randoms(use_true_random=False))
    def try_it(case: Any, rng: Random) -> None:
        path, query = (_aimed(ground, rng, found or {}) for found in (case.path_parameters, case.query))
        ground.check(sent(ground, case, path, query, case.body, rng.choice(ORIGINS)))

    try_it()


def _aimed(ground: Ground, rng: Random, given: dict[str, Any]) -> dict[str, Any]:
    """With real ids for most that were made up."""
    return {
        name: real(ground, rng, name) if name in REAL and rng.random() < 0.6 else value
        for name, value in given.items()
    }


def meant(ground: Ground, rng: Random) -> Sent:
    """What somebody sends who means it, with one thing wrong more often than not."""
    changing = [each for each in ground.operations if ground.fields(each)]
    operation = rng.choice(changing if rng.random() < 0.7 else ground.operations)
    case = operation.Case(media_type="application/json")
    path = {name: real(ground, rng, name) for name in re.findall(r"\{(\w+)\}", case.path)}
    query = {"quote": real(ground, rng, "quote")} if case.path in ("/api/jobs", "/api/films") else {}
    body: Any = case.body
    if names := ground.fields(operation):
        body = {name: real(ground, rng, name) for name in names if name in REAL}
        if "digest" in names and rng.random() < 0.7:
            body["digest"] = ground.digests[path["quote_id"]]
        if case.path == "/api/plans":
            body |= {"shots": rng.randint(1, 3)}
        if rng.random() < 0.4:
            body[rng.choice(names)] = rng.choice(SPITE)
    return sent(ground, case, path, query, body, rng.choice(ORIGINS))


def real(ground: Ground, rng: Random, name: str) -> Any:
    """What a field or a path of that name is given by somebody who means it."""
    return REAL[name](ground, rng) if name in REAL else rng.choice(["", "x", "\u202e", "x" * 5_000])


def _one_of(*values: Any) -> Callable[[Ground, Random], Any]:
    return lambda _ground, rng: rng.choice(values)


def _quote(ground: Ground, rng: Random) -> str:
    return rng.choice(list(ground.digests))


def _bent(rng: Random, whole: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    """The whole as it should be, or with one field that is something else."""
    return whole | {rng.choice(fields): rng.choice(SPITE)} if rng.random() < 0.2 else whole


def _shots(_ground: Ground, rng: Random) -> Any:
    shots = [_bent(rng, SHOT, list(Shot.model_fields))]
    return shots if rng.random() < 0.6 else _bent(rng, {"shots": shots}, list(ShotList.model_fields))


def _messages(ground: Ground, rng: Random) -> list[Any]:
    """A person's words, or an answer to an offer."""
    approval = _bent(
        rng, {"id": _quote(ground, rng), "approved": rng.random() < 0.5}, ["id", "approved", "reason"]
    )
    answer = {"type": "tool-generate_video", "state": "approval-responded", "approval": approval}
    told = rng.choice([{"type": "text", "text": rng.choice(WORDS)}, answer])
    part = _bent(rng, told, list(told))
    role = "assistant" if told is answer else "user"
    return [
        _bent(rng, {"id": rng.choice(["m", None]), "role": role, "parts": [part]}, ["id", "role", "parts"])
    ]


REAL: dict[str, Callable[[Ground, Random], Any]] = {
    "quote_id": _quote,
    "quote": _quote,
    "job_id": lambda ground, rng: rng.choice(ground.jobs),
    "clip_id": lambda ground, rng: rng.choice(ground.clips),
    "clips": lambda ground, rng: rng.choices(ground.clips, k=2),
    "picture": lambda ground, _rng: ground.picture,
    "url": _one_of("https://127.0.0.1/a.png", "https://[::1]/a.png", "http://127.0.0.1/a.png"),
    "chat_id": _one_of("chat-1"),
    "id": _one_of("chat-1", "chat-1", "chat-2"),
    "messages": _messages,
    "shots": _shots,
    "digest": lambda ground, rng: ground.digests[_quote(ground, rng)],
    "charged_usd": _one_of(*AMOUNTS),
    "provider": _one_of("rehearsal"),
    "model": _one_of(None, "rehearsal-draft"),
    "resolution": _one_of(None, "480p"),
    "aspect_ratio": _one_of("16:9", "9:16"),
    "path": lambda ground, rng: rng.choice([str(ground.folder), "..", "/etc"]),
    "repo": lambda ground, rng: rng.choice([None, str(ground.folder)]),
    "brief": _one_of("A fox sails"),
    "reason": _one_of(None, "too dear"),
    "project": _one_of("default", "other"),
    "title": _one_of("A film"),
    "audio": lambda _ground, _rng: False,
}


def edges(ground: Ground) -> Iterator[Sent]:
    """Every field of every route at each edge of what it may be, and past it."""
    for operation in ground.operations:
        config = ground.schema.config.generation_for(operation=operation)
        found = ground.schema.iter_coverage_cases(operation, generation_modes=MODES, generation_config=config)
        for case in found:
            if case.method.upper() == operation.method.upper():
                yield sent(ground, case, case.path_parameters or {}, case.query or {}, case.body, None)


def sent(
    ground: Ground, case: Any, path: dict[str, Any], query: dict[str, Any], body: Any, origin: str | None
) -> Sent:
    named: dict[str, Any] = dict(case.headers or {})
    headers = [(name.lower().encode(), _field(value)) for name, value in named.items()]
    if origin is not None:
        own = str(ground.live.http.base_url).rstrip("/")
        headers.append((b"origin", (own if origin == "own" else origin).encode()))
    content = None if isinstance(body, NotSet) else _bytes(body)
    if content is not None and b"content-type" not in dict(headers):
        headers.append((b"content-type", str(case.media_type).encode()))
    where = re.sub(r"\{(\w+)\}", lambda match: _quoted(path.get(match[1], "")), case.path)
    asked = urlencode(query, doseq=True, quote_via=_quoted)
    return Sent(case.method.upper(), f"{where}?{asked}" if asked else where, headers, content)


def _field(value: Any) -> bytes:
    """A header's value has no control characters and no space around it; a client would not send it."""
    return re.sub(rb"[\0-\x1f\x7f]", b"", str(value).encode("utf-8", "replace")).strip()


def _quoted(value: Any, *_how: Any) -> str:
    given = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
    return quote_plus(given)


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()
