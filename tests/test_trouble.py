"""Whoever meets trouble with the network is told which it is, and where it says what to do."""

import re
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from ssl import SSLWantReadError

import anyio
import anyio.to_thread
import pytest
from anyio.abc import SocketAttribute, SocketStream
from click.testing import CliRunner

from agent.director import direct
from agent.models import Access, Choice
from agent.stage import AgentStage, Limits
from agent.turn import Stage
from agent.words import answered
from api import talk
from api.auth import Principal
from api.cli import main
from api.house import House
from api.settings import Settings
from api.talk import Words
from tests.conftest import Clock, open_floor
from tests.test_house import PACKAGES, ROOT, tracked
from tools.db import open_database
from tools.errors import Invalid
from tools.pictures.album import Album
from tools.pictures.fetch import PICTURE
from tools.pictures.fetch import fetch as fetch_picture
from tools.providers.base import Ambiguous, Refused
from tools.providers.download import download
from tools.providers.wire import TOOK_NOTHING, Patience, open_client, post_once
from tools.repo.address import read_address
from tools.repo.git import Bounds
from tools.repo.reach import Reach
from tools.repo.remote import fetch as fetch_repository
from tools.studio import Config
from tools.trouble import FAILED, NO_NAME, TURNED_AWAY, trouble

PAGE = ROOT / "docs" / "troubleshooting.md"
NAMED = re.compile(r"troubleshooting\.md#([\w-]+)")
HASTE = Patience(connect=0.5, write=1, read=0.3, total=9)
ANYWHERE = Reach(frozenset({"http", "https"}), lambda _: True)


# --- the page -------------------------------------------------------------------------------------


def anchors() -> list[str]:
    headings = re.findall(r"^#+ (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-") for each in headings]


def test_every_section_that_is_named_anywhere_is_on_the_page() -> None:
    code = {name for path in tracked(*(f"{each}/*" for each in PACKAGES)) for name in _named(path)}
    docs = {name for path in tracked("*.md") for name in _named(path)}

    assert len(code) >= 10
    assert code | docs <= set(anchors())
    assert len(anchors()) == len(set(anchors()))


def _named(path: Path) -> list[str]:
    return NAMED.findall(path.read_text("utf-8", "ignore"))


def test_the_readme_and_the_runbook_lead_to_the_page() -> None:
    assert "(docs/troubleshooting.md)" in (ROOT / "README.md").read_text("utf-8")
    assert "(troubleshooting.md)" in (ROOT / "docs" / "runbook.md").read_text("utf-8")


# --- four places where nobody answers as they should ------------------------------------------------


@asynccontextmanager
async def nobody_listens() -> AsyncGenerator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@asynccontextmanager
async def nobody_has_the_name() -> AsyncGenerator[str]:
    yield "http://nobody.invalid:80"


async def say_nothing(stream: SocketStream) -> None:
    async with stream:
        await anyio.sleep_forever()


async def speak_plainly(stream: SocketStream) -> None:
    async with stream:
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            await stream.receive()
            await stream.send(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")


async def hang_up(stream: SocketStream) -> None:
    async with stream:
        await stream.receive()


@asynccontextmanager
async def _listening(scheme: str, behave: Callable[..., object]) -> AsyncGenerator[str]:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, behave)
        yield f"{scheme}://127.0.0.1:{listener.extra(SocketAttribute.local_port)}"
        group.cancel_scope.cancel()


PLACES = {
    "no-connection": nobody_listens,
    "name-not-found": nobody_has_the_name,
    "no-safe-connection": lambda: _listening("https", speak_plainly),
    "no-answer-in-time": lambda: _listening("http", say_nothing),
}
every_place = pytest.mark.parametrize("section", PLACES)


def says(section: str, words: str) -> bool:
    return NAMED.findall(words) == [section]


@every_place
async def test_a_vendors_job_says_why_it_could_not_be_sent(section: str) -> None:
    async with PLACES[section]() as address, open_client(address, patience=HASTE) as client:
        outcome = await post_once(client, "jobs", json={}, creates_nothing=TOOK_NOTHING)

    if (
        section == "no-answer-in-time"
    ):  # it may have arrived, so the job is unknown, and its advice names the page
        assert outcome == Ambiguous("no answer came in time")
    else:
        assert isinstance(outcome, Refused)
        assert outcome.reason.startswith("the vendor cannot be reached: ")
        assert says(section, outcome.reason)


async def test_a_vendor_that_hangs_up_before_it_proves_itself_is_no_safe_connection() -> None:
    async with _listening("https", hang_up) as address, open_client(address, patience=HASTE) as client:
        outcome = await post_once(client, "jobs", json={}, creates_nothing=TOOK_NOTHING)

    assert isinstance(outcome, Refused)
    assert says("no-safe-connection", outcome.reason)


async def test_a_vendor_whose_safe_connection_does_not_come_about_in_time_is_late() -> None:
    async with _listening("https", say_nothing) as address, open_client(address, patience=HASTE) as client:
        outcome = await post_once(client, "jobs", json={}, creates_nothing=TOOK_NOTHING)

    assert isinstance(outcome, Refused)
    assert says("no-answer-in-time", outcome.reason)


@pytest.mark.parametrize("section", ["no-connection", "name-not-found", "no-safe-connection"])
async def test_a_clip_that_cannot_be_fetched_says_why(section: str, tmp_path: Path) -> None:
    async with PLACES[section]() as address, open_client(address, patience=HASTE) as client:
        with pytest.raises(ConnectionError, match="the clip could not be fetched: ") as failed:
            await download(client, "clip.mp4", tmp_path / "clip.mp4")

    assert says(section, str(failed.value))


@every_place
async def test_a_picture_that_cannot_be_fetched_says_why(section: str, tmp_path: Path) -> None:
    wanted = replace(PICTURE, schemes=("http", "https"), seconds=1.0)
    async with PLACES[section]() as address:
        with pytest.raises(Invalid, match="the picture could not be fetched: ") as failed:
            await fetch_picture(
                Album(tmp_path),
                f"{address}/a.png",
                wanted=wanted,
                may_reach=lambda found: found == ip_address("127.0.0.1"),
            )

    assert says(section, failed.value.why)


@every_place
async def test_a_repository_that_cannot_be_fetched_says_why(section: str, tmp_path: Path) -> None:
    def bring(address: str) -> None:
        git_address = read_address(f"{address}/ann/shop", ANYWHERE)
        fetch_repository(git_address, tmp_path, reach=ANYWHERE, bounds=Bounds(1, 1_000_000))

    async with PLACES[section]() as address:
        with pytest.raises(Invalid) as failed:
            await anyio.to_thread.run_sync(bring, address)

    assert says(section, failed.value.why)


# --- the language model -----------------------------------------------------------------------------


@dataclass
class Staged(House):
    """A service with a director of our own choice."""

    real: Stage = field(kw_only=True)

    async def stage(self) -> Stage:
        return self.real


async def what_a_turn_says(config: Config, address: str) -> str:
    """How a turn ends whose model is at that address."""
    told: list[str] = []
    choice = Choice("openai-chat:gpt-5-mini", Access("sk-made-up", f"{address}/v1"))
    stage = AgentStage(direct(choice), choice.model, Limits(seconds=4))
    async with open_floor(config, Clock()) as floor, anyio.create_task_group() as tasks:
        house = Staged(Settings(data_dir=config.data_dir), floor.studio, tasks, real=stage)
        turn = await talk.say(house, Principal("ann", "admin"), "chat-1", Words("u-1", "hello"))
        told.extend([chunk.get("errorText", "") async for chunk in turn.chunks()])
        tasks.cancel_scope.cancel()
    return "".join(told)


@every_place
async def test_a_turn_whose_model_cannot_be_reached_says_why(
    section: str, config: Callable[..., Config]
) -> None:
    async with PLACES[section]() as address:
        told = await what_a_turn_says(config(), address)

    assert says(section, told)
    assert "could not be reached" in told or "longer than one turn may" in told


@pytest.mark.parametrize(("status", "section"), [(429, "rate-limited"), (401, "language-model")])
def test_what_a_models_maker_refuses_names_its_section(status: int, section: str) -> None:
    assert says(section, answered(status))


@asynccontextmanager
async def _proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[list[bytes]]:
    """What a proxy of the environment is asked for; it hangs up on everybody."""
    asked: list[bytes] = []

    async def note(stream: SocketStream) -> None:
        async with stream:
            asked.append(await stream.receive())

    async with _listening("http", note) as address:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, address)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield asked


async def test_a_model_is_asked_through_the_proxy_of_the_environment(
    config: Callable[..., Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _proxy(monkeypatch) as asked:
        await what_a_turn_says(config(), "http://model.invalid")

    assert asked[0].startswith(b"POST http://model.invalid/v1/chat/completions ")


async def test_a_vendor_is_asked_directly_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with _proxy(monkeypatch) as asked, open_client("http://nobody.invalid", patience=HASTE) as client:
        outcome = await post_once(client, "jobs", json={}, creates_nothing=TOOK_NOTHING)

    assert outcome == Refused(f"the vendor cannot be reached: {NO_NAME}")
    assert asked == []


# --- at home ------------------------------------------------------------------------------------------


def test_a_port_that_is_taken_says_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        env = {"GREENLIGHT_DATA_DIR": str(tmp_path)}
        done = CliRunner().invoke(main, ["serve", "--port", port], env=env)

    assert done.exit_code == 1
    assert f"127.0.0.1:{port} cannot be used (Address already in use); try --port 0" in done.output
    assert says("port-in-use", done.output)


async def test_a_database_server_that_does_not_listen_says_so() -> None:
    async with nobody_listens() as address:
        place = address.partition("//")[2]
        with pytest.raises(Invalid, match="the database cannot be opened") as failed:
            async with open_database(f"postgresql+psycopg://ann@{place}/greenlight"):
                pass

    assert says("database-away", failed.value.why)


# --- telling them apart -------------------------------------------------------------------------------


def test_of_several_addresses_that_were_tried_one_that_can_be_told_apart_counts() -> None:
    tried = ExceptionGroup("tried", [OSError("no way there"), ConnectionRefusedError()])
    error = RuntimeError("wrapped")
    error.__cause__ = OSError("all failed")
    error.__cause__.__cause__ = tried

    assert trouble(error) == TURNED_AWAY


def test_what_has_no_fault_of_the_network_beneath_it_is_no_such_trouble() -> None:
    assert trouble(ValueError("no answer in the form that was asked for")) is None
    assert trouble(ConnectionResetError()) == FAILED


def test_a_safe_connection_that_breaks_off_was_safe() -> None:
    error = ConnectionResetError()
    error.__context__ = SSLWantReadError()

    assert trouble(error) == FAILED
