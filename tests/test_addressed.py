"""Pictures that a person's own words use by their address: which are meant, who fetches them, and what is left of them."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import anyio
import anyio.from_thread
import httpx
import pytest
from click.testing import CliRunner
from inline_snapshot import snapshot
from pydantic_ai.messages import ModelMessage, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from test_pictures import OVER_HTTP, Web, picture, showing, this_machine

from agent.addressed import addresses_in, with_names
from agent.offline.intents import understand
from agent.pictured import names_in
from agent.stage import AgentStage
from api.app import create_app
from api.auth import Principal
from api.cli import main
from api.cli.sent import sent
from api.sent import brought
from api.settings import Settings
from tests.conftest import Clock, open_floor
from tests.test_away import Staged
from tests.vendors import Reply, listening
from tools.errors import Invalid
from tools.pictures import Album, clean, fetch
from tools.studio import Config

EMMA, TOM = "https://host.example/emma.png", "https://host.example/tom.jpg"
FOX, OWL = "sha256:" + "a" * 64, "sha256:" + "b" * 64
NAMES = {EMMA: FOX, TOM: OWL}

# --- which are meant -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"use {EMMA} for shot 2", f"use this picture for shot 2 [picture {FOX}]"),
        (f"Please use <{EMMA}> for emma.", f"Please use this picture for emma [picture {FOX}]."),
        (f"attach {EMMA}", f"attach this picture [picture {FOX}]"),
        (f"can you use {EMMA} for the film?", f"can you use this picture for the film [picture {FOX}]?"),
        (
            f"take the photo at {EMMA} as a reference for the old man",
            f"take this picture as a reference for the old man [picture {FOX}]",
        ),
        (
            f"Make it noir and use {EMMA} for emma and {TOM} for tom, please",
            f"Make it noir and use this picture for emma [picture {FOX}] and use this picture for tom [picture {OWL}], please",
        ),
        (
            f"use {EMMA} and {TOM} for shots 1 and 3 and make it shorter",
            f"use these pictures for shots 1 and 3 [picture {FOX}] [picture {OWL}] and make it shorter",
        ),
        (
            f"A fox learns to sail. Use {EMMA} for the film.\nIt rains.",
            f"A fox learns to sail. Use this picture for the film [picture {FOX}].\nIt rains.",
        ),
    ],
)
def test_an_address_that_is_used_as_a_picture_is_said_like_one_that_was_sent(text: str, told: str) -> None:
    assert with_names(text, NAMES) == told
    assert addresses_in(told) == []


@pytest.mark.parametrize(
    "text",
    [
        "use https://host.example/photo-4711?w=800 for shot 2",
        "use the picture https://host.example/4711 for emma",
        "use https://host.example/4711 as a reference picture for the film",
        "add https://host.example/a.WEBP?size=2 to shot 1",
        "use http://host.example/a.png for shot 2",  # whoever means it is told that it has to be https
    ],
)
def test_a_picture_is_known_by_its_ending_by_its_name_or_by_the_shot_that_it_is_for(text: str) -> None:
    [found] = addresses_in(text)

    assert found in text


@pytest.mark.parametrize(
    "text",
    [
        "make a film about https://github.com/x/y",
        "use https://github.com/x/y for the film",
        "use https://github.com/x/y for shot 2",
        "use https://git.host.example/x/y.git for shot 2",
        "use https://host.example for shot 2",
        "use https://host.example/brand for the film",
        "end with the words https://example.com",
        "put https://example.com/start on shot 2",
        f'end with the words "use {EMMA} for emma"',
        f"a film about {EMMA}",
        EMMA,
        f"don't use {EMMA} for shot 2",
        f"don't, use {EMMA} for emma",
        f"never attach, take {EMMA}",
        f"a film in which nobody may\nuse {EMMA} for shot 2",
        f"[picture {FOX}] use it for shot 2",
        "use this picture for shot 2",
    ],
)
def test_every_other_address_stays_what_it_is(text: str) -> None:
    assert addresses_in(text) == []
    assert with_names(text, {}) == text


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 20_000,
        "and " * 5_000,
        "please " * 2_800,
        f"use {EMMA} for " + "a " * 9_900,
        f"use {EMMA} and " * 400,
        "use https://h" + "." * 19_900,
        f"use {EMMA}" + " " * 19_900 + "x",
    ],
)
def test_a_long_message_is_read_in_no_time(text: str) -> None:
    done = Event()
    Thread(target=lambda: (addresses_in(text), done.set()), daemon=True).start()

    assert done.wait(10)


# --- what the director makes of them ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        (
            f"use {EMMA} for emma and {TOM} for shot 2",
            [{"picture": FOX, "character": "emma"}, {"picture": OWL, "shot": 2}],
        ),
        (
            f"use {EMMA} and {TOM} for shot 1",
            [{"picture": FOX, "shot": 1}, {"picture": OWL, "shot": 1}],
        ),
        (
            f"make it shorter and use {EMMA} for emma, please",
            [{"action": "shorter"}, {"picture": FOX, "character": "emma"}],
        ),
        (f"can you use {EMMA} for shot 2?", [{"picture": FOX, "shot": 2}]),
        (f"use {EMMA} as the reference picture for emma", [{"picture": FOX, "character": "emma"}]),
    ],
)
def test_each_picture_is_for_what_its_own_sentence_says(text: str, edits: list[dict[str, Any]]) -> None:
    meant = understand(with_names(text, NAMES), has_plan=True)

    assert meant.kind == "edit"
    assert list(meant.edits) == [{"action": "attach"} | each for each in edits]


def test_the_sentence_about_a_picture_is_no_part_of_the_story() -> None:
    text = with_names(f"A fox learns to sail. Use {EMMA} for shot 2. It rains.", NAMES)

    meant = understand(text, has_plan=False)

    assert (meant.kind, meant.args["brief"]) == ("plan", "A fox learns to sail. It rains.")
    assert meant.edits == ({"action": "attach", "picture": FOX, "shot": 2},)


ANN = Principal("ann", "member")

# --- in the chat -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """A service, as a browser speaks to it, and a web that has pictures."""

    house: Staged
    http: httpx.AsyncClient
    web: Web

    async def post(self, *messages: dict[str, Any], chat: str = "chat-1") -> httpx.Response:
        body = {"id": chat, "messages": messages, "trigger": "submit-message"}
        with anyio.fail_after(60):
            return await self.http.post("/api/chat", json=body)

    async def say(self, text: str, chat: str = "chat-1") -> httpx.Response:
        return await self.post(mine(text), chat=chat)

    async def kept(self, chat: str = "chat-1") -> list[dict[str, Any]]:
        told = await self.http.get(f"/api/chat/{chat}")
        return told.json()["messages"] if told.status_code == 200 else []

    @property
    def asked(self) -> list[str]:
        return [each.path for each in self.web.heard]


def mine(text: str, identity: str = "") -> dict[str, Any]:
    return {"id": identity or f"u-{text[:40]}", "role": "user", "parts": [{"type": "text", "text": text}]}


def shots_in(answer: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: {")]
    plans = [chunk for chunk in map(json.loads, lines) if chunk["type"] == "data-shots"]
    return plans[-1]["data"]["shots"]


@pytest.fixture
async def scene(config: Callable[..., Config], clock: Clock) -> AsyncGenerator[Scene]:
    says = {
        "/emma.png": showing(picture()),
        "/tom.png": showing(picture((80, 80))),
        "/page.png?key=secret": showing(b"<html>", kind="text/html"),
        "/broken.png?key=secret": showing(b"no picture"),
        "/gone.png?key=secret": Reply(404),
    }
    near = partial(fetch, wanted=OVER_HTTP, may_reach=this_machine)
    async with (
        listening(Web(says=says)) as web,
        open_floor(config(), clock) as floor,
        anyio.create_task_group() as tasks,
    ):
        settings = Settings(data_dir=config().data_dir)
        app = create_app(settings)
        house = app.state.house = Staged(settings, floor.studio, tasks, fetch=near)
        line = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=line, base_url="http://127.0.0.1") as http:
            yield Scene(house, http, web)
        tasks.cancel_scope.cancel()


NAME = f"sha256:{clean(picture()).sha256}"
OTHER = f"sha256:{clean(picture((80, 80))).sha256}"


async def test_a_picture_is_used_from_its_address_as_if_it_had_been_sent(scene: Scene) -> None:
    await scene.say("A fox finds a letter, 2 shots, 6 seconds")
    answer = await scene.say(f"use {scene.web.address}/emma.png for shot 2")
    said = [each["parts"][0]["text"] for each in await scene.kept() if each["role"] == "user"]

    assert [shot["reference_images"] for shot in shots_in(answer)] == [[], [NAME]]
    assert said[-1] == f"use this picture for shot 2 [picture {NAME}]"
    assert (await scene.http.get(f"/api/uploads/{NAME}")).status_code == 200
    assert scene.asked == ["/emma.png"]


async def test_several_pictures_are_each_for_what_they_were_said_for(scene: Scene) -> None:
    at = scene.web.address
    answer = await scene.say(
        f"A fox finds a letter, 2 shots, 6 seconds. Use {at}/emma.png for shot 1 and {at}/tom.png for the film."
    )

    assert [shot["reference_images"] for shot in shots_in(answer)] == [[NAME, OTHER], [OTHER]]


async def test_a_message_that_is_answered_again_is_not_fetched_again(scene: Scene) -> None:
    await scene.say("A fox finds a letter, 2 shots, 6 seconds")
    said = mine(f"use {scene.web.address}/emma.png for shot 2")
    await scene.post(said)
    body = {"id": "chat-1", "messages": [said], "trigger": "regenerate-message"}
    again = await scene.http.post("/api/chat", json=body)

    assert [shot["reference_images"] for shot in shots_in(again)] == [[], [NAME]]
    assert scene.asked == ["/emma.png"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("page.png", "what its server sent is not a picture"),
        ("gone.png", "its server answered 404 for the picture"),
        ("broken.png", "is no PNG, JPEG or WebP"),
    ],
)
async def test_who_uses_what_is_no_picture_is_told_why_and_nothing_else_is_done(
    scene: Scene, path: str, why: str
) -> None:
    await scene.say("A fox finds a letter, 2 shots, 6 seconds")
    await scene.say("render it")
    before = await scene.kept()
    at = scene.web.address
    guarded = at.replace("//", "//ann:secret@")
    answer = await scene.say(f"use {guarded}/{path}?key=secret for shot 2 and make it shorter")
    offers = (await scene.http.get("/api/quotes")).json()["quotes"]

    assert (answer.status_code, answer.json()["field"]) == (422, "picture")
    assert answer.json()["detail"].startswith(f"picture: {at}/{path}: {why}")
    assert "secret" not in answer.text
    assert await scene.kept() == before
    assert [each["state"] for each in offers] == ["issued"]
    assert shots_in(await scene.say("make it noir")) != []  # and the conversation goes on


async def test_the_guard_of_the_service_lets_nobody_into_its_own_network(scene: Scene) -> None:
    scene.house.fetch = fetch
    told = [
        (await scene.say(f"use {address} for the film")).json()["detail"]
        for address in (
            f"{scene.web.address}/emma.png",
            f"https://127.0.0.1:{scene.web.port}/emma.png",
            "https://169.254.169.254/emma.png",
        )
    ]

    assert [each.partition(".png: ")[2] for each in told] == snapshot(
        [
            "the picture's address is not one of https",
            "the picture's address leads into a private network",
            "the picture's address leads into a private network",
        ]
    )
    assert scene.asked == []
    assert await scene.kept() == []


class Silent(Web):
    """A web that takes every question and answers none."""

    async def pause(self) -> None:
        await anyio.sleep_forever()


async def test_a_picture_that_does_not_come_is_not_waited_for_and_leaves_nothing_behind(
    scene: Scene,
) -> None:
    async with listening(Silent()) as web:
        with pytest.raises(Invalid, match=r"emma\.png: it did not come in time"):
            await brought(scene.house, ANN, f"use {web.address}/emma.png for shot 2", seconds=0.3)

    assert [each.path for each in web.heard] == ["/emma.png"]
    assert list((scene.house.studio.kit.album.folder / "drafts").iterdir()) == []


async def test_one_message_brings_in_a_few_pictures_and_no_more(scene: Scene) -> None:
    many = " and ".join(f"{scene.web.address}/{n}.png" for n in range(5))
    answer = await scene.say(f"use {many} for shot 1")

    assert (answer.status_code, scene.asked) == (422, [])
    assert answer.json()["detail"] == snapshot(
        "picture: at most 4 are fetched for one message; send the others after it"
    )


async def test_pictures_from_addresses_count_as_pictures_that_are_sent(scene: Scene) -> None:
    scene.house.sending.burst = 1
    scene.house.sending.per_second = 0.001
    at = scene.web.address
    first, second = [await scene.say(f"use {at}/{name}.png for the film") for name in ("emma", "tom")]

    assert (first.status_code, second.status_code, scene.asked) == (200, 429, ["/emma.png"])


async def test_what_a_client_says_of_earlier_messages_is_not_fetched(scene: Scene) -> None:
    tempting = f"use {scene.web.address}/emma.png for the film"
    reply = {"id": "m-1", "role": "assistant", "parts": [{"type": "text", "text": tempting}]}
    answer = await scene.post(mine(tempting, "u-1"), reply, mine("A fox finds a letter", "u-2"))

    assert answer.status_code == 200
    assert scene.asked == []


@dataclass
class Tempted:
    """A model that remembers what it was told, and asks for pictures wherever it can."""

    address: str
    heard: list[str] = field(default_factory=list[str])

    async def __call__(
        self, messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        parts = [part for message in messages for part in message.parts]
        self.heard = [str(part.content) for part in parts if isinstance(part, UserPromptPart)]
        tempting = f"use {self.address}/tom.png for the film"
        if isinstance(parts[-1], UserPromptPart):
            yield {
                0: DeltaToolCall("plan_shots", json.dumps({"brief": f"A fox. {tempting}"}), tool_call_id="c")
            }
        else:
            yield tempting


async def test_a_model_is_told_names_and_nothing_that_it_says_is_fetched(scene: Scene) -> None:
    tempted = Tempted(scene.web.address)
    stage = scene.house.real
    assert isinstance(stage, AgentStage)
    with stage.director.override(model=FunctionModel(stream_function=tempted)):
        await scene.say(f"use {scene.web.address}/emma.png for shot 2")
        await scene.say("and now?")

    assert tempted.heard == [f"use this picture for shot 2 [picture {NAME}]", "and now?"]
    assert scene.asked == ["/emma.png"]


# --- in the terminal -------------------------------------------------------------------------------


@contextmanager
def web_beside(says: dict[str, Reply]) -> Generator[Web]:
    """A web that a command can ask which has an event loop of its own."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Web]:
        async with listening(Web(says=says)) as web:
            yield web

    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(opened()) as web,
    ):
        yield web


def test_the_terminal_takes_a_picture_from_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENLIGHT_DATA_DIR", str(tmp_path))
    near = partial(fetch, wanted=OVER_HTTP, may_reach=this_machine)
    with web_beside({"/emma.png": showing(picture()), "/gone.png": Reply(404)}) as web:
        name = sent(f"{web.address}/emma.png", near)
        with pytest.raises(Invalid, match="its server answered 404 for the picture") as refused:
            sent(f"{web.address}/gone.png", near)

    assert name == NAME
    assert refused.value.what == "--picture"
    assert Album(tmp_path / "uploads").read(name.removeprefix("sha256:")) is not None


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://127.0.0.1/emma.png", "leads into a private network"),
        ("https://localhost:1/emma.png", "leads into a private network"),
        ("http://host.example/emma.png", "is not one of https"),
        ("file:///etc/passwd", "address is none"),
    ],
)
@pytest.mark.parametrize("command", [("plan", "A fox"), ("edit", "FILE", "use this picture for shot 1")])
def test_every_command_that_takes_a_picture_has_the_guard_before_its_address(
    address: str, why: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    def run(*args: str) -> tuple[int, str]:
        env = {"GREENLIGHT_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"}
        done = CliRunner().invoke(main, args, env=env)
        return done.exit_code, done.output

    file, out = str(tmp_path / "film.json"), tmp_path / "new.json"
    run("plan", "A fox", "-o", file)
    words = [file if each == "FILE" else each for each in command]
    code, told = run(*words, "--picture", address, "-o", str(out))

    assert (code, out.exists()) == (1, False)
    assert f"--picture: the picture's address {why.removeprefix('address ')}" in " ".join(told.split())


def test_the_chat_in_the_terminal_says_why_a_picture_cannot_be_had(tmp_path: Path) -> None:
    env = {"GREENLIGHT_DATA_DIR": str(tmp_path)}
    done = CliRunner().invoke(main, ["chat"], input="use https://127.0.0.1/emma.png for emma\n", env=env)

    assert done.exit_code == 1
    assert (
        "picture: https://127.0.0.1/emma.png: the picture's address leads into a private network"
        in " ".join(done.output.split())
    )
    assert names_in(done.output) == []
