"""A film of stills: one picture a shot, offered, approved, paid and shelved like clips."""

import io
import json
import subprocess
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from live import PATIENCE_SECONDS, Service, one, running, words
from PIL import Image

from tests.conftest import BOTH, Clock, Floor, check_books, film_of
from tests.forked import environment, run_greenlight
from tests.vendors import KEY, listening, open_with, priced
from tests.vendors.at_once import ImagesServer
from tools import clips, media, quotes
from tools.errors import CannotRender, Invalid, NoPrice
from tools.estimate import Offer
from tools.ids import TakeId
from tools.money import Money
from tools.prices import load_book
from tools.providers.account import Host
from tools.render import request_of
from tools.studio import Config

DATABASES = BOTH
NAME = "openai_images"
PRICE = """
[[price]]
provider = "openai_images"
model = "flux-own"
kind = "image"
unit = "image"
usd = "0.03"
source = "our own machine's bill"
as_of = 2026-11-21
"""


def picture(size: tuple[int, int] = (321, 181), kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 120, 40)).save(file, kind)
    return file.getvalue()


@asynccontextmanager
async def selling(
    config: Callable[..., Config], clock: Clock, folder: Path, work: bytes
) -> AsyncGenerator[tuple[ImagesServer, Floor]]:
    async with listening(ImagesServer(work=work)) as vendor:
        set_up = config(prices=priced(folder, PRICE), images=Host(vendor.address, KEY))
        async with open_with(set_up, clock, NAME) as floor:
            yield vendor, floor


def stills(floor: Floor) -> Offer:
    return floor.studio.offer(NAME, kind="image")


async def test_a_still_of_each_shot_is_paid_by_the_picture_and_shown_as_long_as_its_shot(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with selling(config, clock, tmp_path, picture()) as (vendor, floor):
        offer = await floor.studio.quote(film_of(2, seconds=3), stills(floor), owner="ann")
        await floor.approve(offer)
        made = await floor.finish(offer)
        await floor.work()
        film = await floor.film(offer)
        async with floor.database.reading() as connection:
            shelved = [await clips.get(connection, str(job.clip_id)) for job in made]
            stored = await quotes.get(connection, offer.id)
        await check_books(floor.database)

    assert [(line.kind, str(line.expected), str(line.ceiling)) for line in offer.lines] == [
        ("image", "0.03", "0.04")
    ] * 2
    assert [(job.state, str(job.charged), job.charge_source) for job in made] == [
        ("succeeded", "0.03", "computed")
    ] * 2
    assert [(clip.seconds, clip.width, clip.height) for clip in shelved] == [(3.0, 320, 180)] * 2
    assert [job["prompt"] for job in vendor.jobs.values()] == [
        "A lighthouse, picture 1",
        "A lighthouse, picture 2",
    ]
    assert vendor.posts == 2
    assert film is not None
    assert quotes.verify(stored)
    assert (stored.offer, stored.digest) == (offer.offer, offer.digest)


async def test_a_still_that_is_owned_costs_nothing_and_is_no_clip_of_that_model(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with selling(config, clock, tmp_path, picture()) as (_, floor):
        offer = await floor.studio.quote(film_of(1), stills(floor), owner="ann")
        await floor.approve(offer)
        await floor.finish(offer)
        await floor.work()
        again = await floor.studio.estimate(film_of(1), stills(floor), "ann")

    assert again.expected == Money(0)
    assert "kind" not in quotes.request_body(film_of(1).shots[0], Offer(NAME, "flux-own"), "16:9")
    assert request_of(offer.lines[0], TakeId("take_1")).kind == "image"


async def test_a_still_that_was_refused_is_drawn_in_the_film_and_costs_nothing(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with selling(config, clock, tmp_path, picture()) as (vendor, floor):
        offer = await floor.studio.quote(film_of(2), stills(floor), owner="ann")
        await floor.approve(offer)
        refusing = vendor.complaint("against the rules", 400)
        vendor.on_submit = refusing
        [(_, first), *_] = await floor.due()
        await floor.work()
        made = await floor.jobs(offer)
        await check_books(floor.database)

    assert first in {job.id for job in made}
    assert {(job.state, str(job.charged)) for job in made} == {("failed", "0.00")}
    assert vendor.posts == 2


async def test_what_cannot_be_made_is_no_offer(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with selling(config, clock, tmp_path, picture()) as (vendor, floor):
        huge = floor.studio.offer(NAME, resolution="huge", kind="image")
        with pytest.raises(CannotRender, match="how large huge is"):
            await floor.studio.quote(film_of(1), huge, owner="ann")
        with pytest.raises(NoPrice):  # it makes no clips
            floor.studio.offer(NAME)
        with pytest.raises(NoPrice):
            floor.studio.offer("rehearsal", kind="image")
        with pytest.raises(Invalid, match="openai_images"):
            floor.studio.offer("nobody", kind="image")
        with pytest.raises(Invalid, match="sets up who speaks"):
            floor.studio.default_offer("speech")
        assert floor.studio.default_offer("image").provider == NAME  # though rehearsal is who renders clips

    assert vendor.heard == []


# --- a picture as a clip -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_held_as_a_silent_clip_that_plays(kind: str, tmp_path: Path) -> None:
    (tmp_path / "still").write_bytes(picture((2_561, 1_441), kind))
    media.hold(tmp_path / "still", tmp_path / "still", seconds=2)

    facts = media.probe(tmp_path / "still")
    assert (facts.seconds, facts.width, facts.height, facts.video_codec) == (2.0, 1_920, 1_080, "h264")


def bomb(width: int, height: int) -> bytes:
    """A small picture that says that it is a large one."""
    small = picture((1, 1))
    return small[:16] + width.to_bytes(4) + height.to_bytes(4) + small[24:]


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", picture()[:100], picture(kind="GIF"), bomb(9_000, 9_000), bomb(60_000, 60_000)],
    ids=["nothing", "a page", "half", "of another kind", "too large", "far too large"],
)
def test_what_is_no_picture_is_not_held(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "still").write_bytes(content)

    with pytest.raises(Invalid, match="picture"):
        media.hold(tmp_path / "still", tmp_path / "clip.mp4", seconds=1)
    assert not (tmp_path / "clip.mp4").exists()


# --- over HTTP -----------------------------------------------------------------------------------


class Painter(BaseHTTPRequestHandler):
    """A server of `/v1/images` in a process that is not the studio's."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"data": [{"b64_json": b64encode(picture()).decode()}]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
        """Nobody reads it."""


@contextmanager
def painting() -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Painter) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[Service]:
    folder = tmp_path_factory.mktemp("stills")
    with painting() as address, running(folder / "data", **by_hand(address, folder)) as service:
        yield service


def by_hand(address: str, folder: Path) -> dict[str, str]:
    return {
        "GREENLIGHT_IMAGES_BASE_URL": address,
        "GREENLIGHT_PRICES": str(priced(folder, PRICE)),
    }


def test_a_person_is_offered_stills_approves_them_and_gets_their_film(service: Service) -> None:
    shots = [{"shot_id": "one", "enhanced_prompt": "a fox", "duration": 2}]
    order = {"shots": shots, "kind": "image"}
    estimate = service.http.post("/api/estimates", json=order | {"provider": NAME}).raise_for_status().json()
    table = service.http.post("/api/estimates", json=order).json()
    limited = service.http.post("/api/estimates", json=order | {"limit_usd": "1"})
    quote = service.http.post("/api/quotes", json=order).raise_for_status().json()
    approve = f"/api/quotes/{quote['id']}/approve"
    service.http.post(approve, json={"digest": quote["digest"]}).raise_for_status()
    [film] = service.until(f"/api/films?quote={quote['id']}", "films")
    [job] = service.get(f"/api/jobs?quote={quote['id']}")["jobs"]

    assert (estimate["expected_usd"], estimate["ready"], estimate["sound"]) == ("0.03", True, False)
    assert (NAME, True) in {(row["provider"], row["ready"]) for row in table["rows"]}
    assert limited.status_code == 422
    assert (quote["provider"], [line["kind"] for line in quote["lines"]]) == (NAME, ["image"])
    assert (job["state"], job["charged_usd"]) == ("succeeded", "0.03")
    assert (film["receipt"]["charged_usd"], film["receipt"]["balanced"]) == ("0.03", True)
    assert film["clip"]["seconds"] == 2.0


def test_stills_are_asked_for_in_the_chat_and_clips_again(service: Service) -> None:
    service.say("A fox finds a letter, 2 shots, 6 seconds")
    asked = service.say("as stills, please")
    offered = service.say("render it")
    limited = service.say("make it as stills under $2")
    again = service.say("render it as clips")

    stills, clips_again = (one(each, "data-quote")["data"] for each in (offered, again))
    assert f"As stills, one picture a shot, with {NAME} (flux-own) I expect **$0.06**" in words(asked)
    assert (stills["provider"], stills["expected_usd"]) == (NAME, "0.06")
    assert [line["kind"] for line in stills["lines"]] == ["image", "image"]
    assert "Plans within a limit are made for clips" in words(limited)
    assert (clips_again["provider"], [line["kind"] for line in clips_again["lines"]]) == (
        "rehearsal",
        ["video", "video"],
    )


# --- in a terminal -------------------------------------------------------------------------------


def greenlight(data: Path, *args: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = environment(GREENLIGHT_DATA_DIR=str(data), COLUMNS="120", **settings)
    return run_greenlight(*args, env=env, cwd=data.parent, timeout=PATIENCE_SECONDS)


def test_the_whole_job_is_done_with_stills_at_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "fox").mkdir()
    (tmp_path / "fox" / "fox.py").write_text('"""A fox."""\n\n\nclass Fox:\n    """Jumps."""\n')
    with painting() as address:
        done = greenlight(
            tmp_path / "data",
            *("demo", "fox", "--stills", "--seconds", "3", "--approve-up-to", "1"),
            **by_hand(address, tmp_path),
        )

    assert done.returncode == 0, done.stderr
    assert "a still picture of each shot" in done.stdout
    assert "REAL MONEY" in done.stdout
    assert "computed" in done.stdout


async def test_where_nobody_makes_stills_it_is_said_who_could(floor: Floor) -> None:
    with pytest.raises(Invalid, match="GREENLIGHT_IMAGES_BASE_URL with a price row of your own"):
        floor.studio.default_offer("image")


def test_the_book_prices_no_pictures_of_a_server_that_may_be_anybodys() -> None:
    assert load_book().models(NAME, "image") == []
