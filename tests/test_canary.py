"""No key anywhere: vendors and a language model that repeat the key they were shown, and every place it could land in.

The studio runs as it does for a person, with a key for each vendor. It is refused, fails, renders,
and is asked wrongly; then its logs, answers, files, tables and commands are searched.
"""

import json
import sqlite3
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from live import PATIENCE_SECONDS, Service, one, running

from tests.conftest import film_of
from tests.forked import environment, run_greenlight
from tests.vendor import clip_for
from tests.vendors import KEY, Fake, Heard, Loopback, Reply, listening, priced, told
from tests.vendors.every import ROWS
from tests.vendors.row import Row

SECRETS = {
    "GREENLIGHT_VIDEOS_API_KEY": KEY,
    "OPENROUTER_API_KEY": KEY,
    "FAL_KEY": KEY,
    "RUNWAYML_API_SECRET": KEY,
    "GEMINI_API_KEY": KEY,
    "OPENROUTER_WEBHOOK_SECRET": "canary-of-the-workspace",
    "GREENLIGHT_IMAGES_API_KEY": "canary-of-pictures",
    "GREENLIGHT_SPEECH_API_KEY": "canary-of-voices",
    "ELEVENLABS_API_KEY": "canary-of-elevenlabs",
    "OPENAI_API_KEY": "canary-of-the-model",
    "GREENLIGHT_TOKENS": "ann:admin:canary-of-ann",
}
CANARIES = [secret.rpartition(":")[2] for secret in dict.fromkeys(SECRETS.values())]
ADDRESSES = {
    "openai_videos": "GREENLIGHT_VIDEOS_BASE_URL",
    "openrouter": "OPENROUTER_BASE_URL",
    "fal": "FAL_BASE_URL",
    "runway": "RUNWAYML_BASE_URL",
    "google": "GEMINI_BASE_URL",
}
ONE_EACH = {row.provider: row for row in ROWS if row.name not in ("sglang", "vllm-omni", "litellm")}
SAID = f"the key {KEY} is no good"


@dataclass
class Parrot(Loopback):
    """A language model's maker who refuses with what it was sent, in each way there is."""

    ways: list[int] = field(default_factory=lambda: [401, 200, 400])

    def answer(self, heard: Heard) -> Reply | None:
        words = f"{heard.headers.get('authorization')} is no good"
        status = self.ways.pop(0) if self.ways else 403
        if status == 200:
            return Reply(200, words.encode(), ("content-type: application/json",))
        return told({"error": {"message": words}}, status)


@dataclass
class Stage:
    """The vendors, the model, and what the studio is told of them."""

    vendors: Mapping[str, Fake]
    settings: Mapping[str, str]
    heard: list[str] = field(default_factory=list[str])  # all that anybody was told

    def environment(self) -> dict[str, str]:
        return environment(**self.settings)

    def command(self, here: Path, *args: str, **more: str) -> int:
        env = self.environment() | more
        done = run_greenlight(*args, env=env, cwd=here, timeout=PATIENCE_SECONDS)
        self.heard += [done.stdout, done.stderr]
        return done.returncode


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with AsyncExitStack() as stack:
        vendors = {
            name: await stack.enter_async_context(listening(row.fake())) for name, row in ONE_EACH.items()
        }
        model = await stack.enter_async_context(listening(Parrot()))
        settings = {ADDRESSES[name]: fake.address for name, fake in vendors.items()}
        settings["OPENROUTER_BASE_URL"] += ONE_EACH["openrouter"].base
        for name in ("GREENLIGHT_IMAGES_BASE_URL", "GREENLIGHT_SPEECH_BASE_URL", "ELEVENLABS_BASE_URL"):
            settings[name] = model.address
        settings |= SECRETS | {
            "OPENAI_BASE_URL": f"{model.address}/v1",
            "GREENLIGHT_MODEL": "openai-chat:gpt-5.2",
            "GREENLIGHT_PRICES": str(priced(tmp_path, "".join(row.prices for row in ONE_EACH.values()))),
            "GREENLIGHT_BUDGET_USD": "1000",
            "GREENLIGHT_PROJECT_BUDGET_USD": "1000",
            "GREENLIGHT_DATA_DIR": str(tmp_path / "data"),
        }
        yield Stage(vendors, settings)


def render(live: Service, row: Row) -> str:
    """An approved offer of one shot; its id."""
    shots = film_of(1, seconds=row.request.seconds).model_dump(mode="json", exclude_none=True)
    asked = {"shots": shots, "provider": row.provider, "model": row.request.model}
    offer = live.http.post("/api/quotes", json=asked)
    assert offer.is_success, offer.text
    quote = offer.json()
    yes = live.http.post(f"/api/quotes/{quote['id']}/approve", json={"digest": quote["digest"]})
    assert yes.is_success, yes.text
    return quote["id"]


def ended(live: Service, quotes: list[str]) -> list[dict[str, Any]]:
    """Their jobs, once they are over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    jobs: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        jobs = [job for each in quotes for job in live.get(f"/api/jobs?quote={each}")["jobs"]]
        if all(job["finished_at"] for job in jobs):
            return jobs
        time.sleep(0.2)
    raise AssertionError(jobs)


def until_asked(stage: Stage) -> None:
    """Until each vendor was asked about a job, and refused to say."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    waiting = list(stage.vendors.values())
    while waiting:
        assert time.monotonic() < deadline, [each.heard[-1] for each in waiting]
        time.sleep(0.1)
        waiting = [each for each in waiting if not (each.jobs and each.heard[-1].method == "GET")]


def work(stage: Stage, data: Path) -> None:
    """Everything that a service does with a key: asked in every way, and answered in every way."""
    with running(data, **stage.settings) as live:
        stage.heard += [live.http.get("/api/budget").text, live.http.get("/api/jobs").text]  # nobody yet
        live.http.headers["authorization"] = f"Bearer {CANARIES[-1]}"
        turns = [live.say("hello"), live.say("hello"), live.say("hello")]
        for fake in stage.vendors.values():
            fake.on_submit = fake.complaint(SAID, 400)
        refused = ended(live, [render(live, row) for row in ONE_EACH.values()])
        for fake in stage.vendors.values():
            fake.on_submit, fake.on_poll = None, fake.complaint(SAID, 401)
            fake.word, fake.why = "failed", SAID
        asked = [render(live, row) for row in ONE_EACH.values()]
        until_asked(stage)
        for fake in stage.vendors.values():
            fake.on_poll = None
        failed = ended(live, asked)
        videos = stage.vendors["openai_videos"]
        videos.word, videos.why, videos.clip = "done", None, clip_for("a fox")
        rendered = ended(live, [render(live, ONE_EACH["openai_videos"])])
        paths = ("jobs", "quotes", "budget", "chats", "chat/chat-1", "orphans")
        stage.heard += [live.http.get(f"/api/{path}").text for path in paths]
        stage.heard += [live.http.get("/metrics").text, live.http.get("/readyz").text]
        stage.heard += [live.http.post("/api/quotes", json={"shots": [], "provider": KEY[:4]}).text]
    stage.heard += [live.told, json.dumps(turns)]

    assert [one(turn, "error")["errorText"].count("the language model") for turn in turns] == [1, 1, 1]
    assert {job["state"] for job in [*refused, *failed]} == {"failed"}
    assert [job["error"] for job in refused if "is no good" not in job["error"]] == []
    assert any("is no good" in job["error"] for job in failed)
    assert [job["state"] for job in rendered] == ["succeeded"]


def commands(stage: Stage, here: Path) -> None:
    """What a person may type, with vendors that refuse."""
    videos = stage.vendors["openai_videos"]
    videos.on_submit = videos.complaint(SAID, 401)
    (here / "README.md").write_text("# boxes\n\nBoxes that open when you are kind to them.\n")
    demo = ("demo", str(here), "--approve-up-to", "5", "--seconds", "4")
    assert stage.command(here, *demo, GREENLIGHT_TOKENS="") == 1
    for read in ("jobs", "quotes", "budget", "prices", "models"):
        assert stage.command(here, read, "--json") == 0
    assert stage.command(here, "jobs") == 0
    assert stage.command(here, "ledger", "verify") == 0
    assert stage.command(here, "prices", FAL_KEY=f"{KEY}\t") == 1  # no header can hold it
    assert (
        stage.command(here, "serve", "--host", "0.0.0.0", "--port", "0", GREENLIGHT_TOKENS=f"ann:{KEY}") == 1
    )


def kept(data: Path) -> Iterator[tuple[str, bytes]]:
    """Every file in the data folder, and every row of the database as text."""
    for path in data.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
    with closing(sqlite3.connect(data / "greenlight.db")) as database:
        yield "the database", "\n".join(database.iterdump()).encode()


async def test_no_key_is_in_any_log_answer_file_table_or_command(stage: Stage, tmp_path: Path) -> None:
    data, here = tmp_path / "data", tmp_path / "here"
    here.mkdir()
    await anyio.to_thread.run_sync(partial(work, stage, data))
    await anyio.to_thread.run_sync(partial(commands, stage, here))

    whole = [*((f"answer {n}", each.encode()) for n, each in enumerate(stage.heard)), *kept(data)]
    assert any(b"is no good" in content for _, content in whole)
    assert [(where, key) for where, content in whole for key in CANARIES if key.encode() in content] == []
    assert all(fake.posts > 1 and KEY in str(fake.heard) for fake in stage.vendors.values())
