"""A server of `/v1/videos` renders through the real studio, at the price that somebody wrote down."""

import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import anyio
import anyio.to_thread
import pytest

from api.settings import Settings
from tests.conftest import Clock, Floor, check_books, dump, film_of
from tests.forked import environment, run_greenlight
from tests.vendor import clip_for
from tests.vendors import KEY, Elsewhere, listening, open_with, priced, told
from tests.vendors.openai_videos import PRICE, ROWS, VideosServer
from tests.vendors.row import CLIP, REQUEST, anywhere, meeting
from tools import media
from tools.errors import CannotRender, Invalid, NoPrice
from tools.money import Money
from tools.prices import load_book
from tools.providers.base import Failed, Picture, Refused, RenderRequest, Submitted
from tools.providers.openai_videos import NAME, PROFILES, Server, offered, size_of
from tools.studio import Config

DATABASES = ("sqlite", "postgres")
PATIENCE_SECONDS = 60
GENERIC, SGLANG, VLLM_OMNI, LITELLM = ROWS


@pytest.fixture
async def vendor() -> AsyncGenerator[VideosServer]:
    async with listening(VideosServer(clip=clip_for("a lighthouse"))) as server:
        yield server


async def test_a_film_is_rendered_and_charged_by_the_price_row(
    config: Callable[..., Config], clock: Clock, vendor: VideosServer, tmp_path: Path
) -> None:
    set_up = config(prices=priced(tmp_path, PRICE), videos=Server(vendor.address, key=KEY))
    async with open_with(set_up, clock, NAME) as floor:
        offer = await floor.studio.quote(
            film_of(2, seconds=3), floor.studio.offer("openai_videos"), owner="ann"
        )
        await floor.approve(offer)
        made = await floor.finish(offer)
        film = await floor.film(offer)
        rows = str(await dump(floor.database))
        await check_books(floor.database)

    assert offer.expected == Money.usd("0.80")  # it sells 4 seconds where 3 were planned
    assert [(job.state, job.charged, job.charge_source) for job in made] == [
        ("succeeded", Money.usd("0.40"), "computed"),
        ("succeeded", Money.usd("0.40"), "computed"),
    ]
    assert all(job.clip_id for job in made)
    assert film is not None
    assert vendor.posts == 2
    assert [(job["seconds"], job["size"]) for job in vendor.jobs.values()] == [("4", "1280x720")] * 2
    assert KEY not in rows


async def test_a_lost_answer_keeps_its_hold_and_is_not_sent_again(
    config: Callable[..., Config], clock: Clock, vendor: VideosServer, tmp_path: Path
) -> None:
    vendor.loses_answers = True
    set_up = config(prices=priced(tmp_path, PRICE), videos=Server(vendor.address, key=KEY))
    async with open_with(set_up, clock, NAME) as floor:
        offer = await floor.studio.quote(film_of(1), floor.studio.offer("openai_videos"), owner="ann")
        await floor.approve(offer)
        for _ in range(5):
            await floor.tick(minutes=10)
        (job,) = await floor.jobs(offer)
        budget = (await floor.studio.budgets())["month"]

    assert (job.state, vendor.posts) == ("unknown", 1)
    assert budget.held == offer.ceiling


async def test_without_a_price_there_is_no_offer(
    config: Callable[..., Config], clock: Clock, vendor: VideosServer, tmp_path: Path
) -> None:
    unpriced = config(videos=Server(vendor.address, key=KEY))
    async with open_with(unpriced, clock, NAME) as floor:
        with pytest.raises(NoPrice, match="no model of it has a price"):
            floor.studio.offer("openai_videos")
    other = config(prices=priced(tmp_path, PRICE), videos=Server(vendor.address, key=KEY))
    async with open_with(other, clock, NAME) as floor:
        with pytest.raises(NoPrice, match="there are wan-test"):
            floor.studio.offer("openai_videos", "wan-other")
        with pytest.raises(CannotRender, match="4/8 s, not 9 s"):
            await floor.studio.quote(film_of(1, seconds=9), floor.studio.offer("openai_videos"), owner="ann")

    assert vendor.heard == []


async def test_more_pictures_than_the_model_takes_are_refused_before_anything_is_sent(
    config: Callable[..., Config], clock: Clock, vendor: VideosServer, tmp_path: Path
) -> None:
    from_one = PRICE.replace("wan-test", "wan-animate").replace("resolution", "input = 'image'\nresolution")
    set_up = config(prices=priced(tmp_path, PRICE + from_one), videos=Server(vendor.address, key=KEY))
    async with open_with(set_up, clock, NAME) as floor:
        ask = floor.kit.providers[NAME].submit
        refused = await ask(of_pictures("wan-test", 1))
        too_many = await ask(of_pictures("wan-animate", 2))
        taken = await ask(of_pictures("wan-animate", 1))

    assert refused == Refused("wan-test takes no reference pictures, not 1")
    assert too_many == Refused("wan-animate takes 1 reference picture, not 2")
    assert taken == Submitted("video_1")
    assert vendor.posts == 1


async def test_who_draws_here_draws_from_no_picture_and_a_rehearsal_says_nothing_about_it(
    floor: Floor,
) -> None:
    refused = await floor.kit.providers["animatic"].submit(of_pictures("animatic", 1))
    taken = await floor.kit.providers["rehearsal"].submit(of_pictures("rehearsal-draft", 8))
    too_many = await floor.kit.providers["rehearsal"].submit(of_pictures("rehearsal-draft", 9))

    assert refused == Refused("animatic takes no reference pictures, not 1")
    assert isinstance(taken, Submitted)
    assert too_many == Refused("rehearsal-draft takes 8 reference pictures, not 9")


def of_pictures(model: str, count: int) -> RenderRequest:
    pictures = (Picture("image/jpeg", b"a fox"),) * count
    return RenderRequest("take_1", model, "a fox", "", 4, "720p", "16:9", audio=False, pictures=pictures)


async def test_a_vendor_that_is_not_set_up_is_not_there(floor: Floor) -> None:
    with pytest.raises(Invalid, match="has no prices"):
        floor.studio.offer("openai_videos")


# --- the command, with nothing but a server, a key and three lines of prices --------------------

THREE_LINES = """price = [
    { provider = "openai_videos", model = "wan-test", kind = "video", unit = "second", usd = "0.10", source = "our own bill", as_of = 2026-11-21 },
]
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "boxes"
    folder.mkdir()
    (folder / "README.md").write_text("# boxes\n\nBoxes that open when you are kind to them.\n")
    return folder


async def greenlight(server: str, tmp_path: Path, *args: str) -> CompletedProcess[str]:
    """The real command; what is set in its environment is the server, its key and the price file."""
    here = tmp_path / "here"
    here.mkdir(exist_ok=True)
    settings = {
        "GREENLIGHT_VIDEOS_BASE_URL": server,
        "GREENLIGHT_VIDEOS_API_KEY": KEY,
        "GREENLIGHT_PRICES": str(priced(tmp_path, THREE_LINES)),
        "GREENLIGHT_DATA_DIR": str(tmp_path / "data"),
    }
    run = partial(run_greenlight, *args, env=environment(**settings), cwd=here, timeout=PATIENCE_SECONDS)
    return await anyio.to_thread.run_sync(run)


async def test_the_demo_renders_through_a_server_of_ones_own(
    vendor: VideosServer, repository: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    yes = ("--approve-up-to", "1.00", "--seconds", "6", "--out", str(film))
    done = await greenlight(vendor.address, tmp_path, "demo", str(repository), *yes)
    books = await greenlight(vendor.address, tmp_path, "budget", "--json")

    assert done.returncode == 0, done.stderr
    assert media.probe(film).seconds > 0
    assert vendor.posts == len(vendor.jobs) > 0
    assert sum(int(job["seconds"]) for job in vendor.jobs.values()) == 6
    assert json.loads(books.stdout)["spent_usd"] == "0.60"
    assert KEY not in done.stdout + done.stderr


async def test_the_demo_sends_nothing_to_a_server_of_ones_own_until_somebody_said_how_much(
    vendor: VideosServer, repository: Path, tmp_path: Path
) -> None:
    unasked = await greenlight(vendor.address, tmp_path, "demo", str(repository), "--yes", "--seconds", "6")

    assert unasked.returncode == 3
    assert vendor.heard == []


# --- values ----------------------------------------------------------------------------------


def test_a_model_offers_what_its_price_rows_allow(tmp_path: Path) -> None:
    open_row = PRICE.replace("wan-test", "wan-open").replace('resolution = "720p"\n', "sound = 'always'\n")
    book = load_book(priced(tmp_path, PRICE + open_row))
    plain, anything = offered(book)

    assert (plain.name, plain.seconds, plain.resolutions) == ("wan-test", (4, 8), ("720p",))
    assert (plain.aspect_ratios, plain.audio) == (("16:9", "9:16"), False)
    assert (anything.name, anything.resolutions, anything.audio) == (
        "wan-open",
        ("480p", "720p", "1080p"),
        True,
    )


def test_a_model_begins_with_a_picture_where_it_has_a_price_for_that_and_its_server_takes_one(
    tmp_path: Path,
) -> None:
    book = load_book(priced(tmp_path, PRICE.replace("resolution", "input = 'image'\nresolution")))

    assert [model.pictures for model in offered(book)] == [1]
    assert [model.pictures for model in offered(book, "litellm")] == [0]
    assert [model.pictures for model in offered(load_book(priced(tmp_path, PRICE)))] == [0]


@pytest.mark.parametrize(
    ("resolution", "aspect_ratio", "size"),
    [
        ("720p", "16:9", "1280x720"),
        ("720p", "9:16", "720x1280"),
        ("720p", "1:1", "720x720"),
        ("480p", "16:9", "848x480"),
        ("1080p", "16:9", "1920x1080"),
        ("4K", "16:9", None),
        ("720p", "21:9", None),
    ],
)
def test_a_resolution_is_a_size(resolution: str, aspect_ratio: str, size: str | None) -> None:
    assert size_of(resolution, aspect_ratio) == size


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("http://localhost:30000", "http://localhost:30000/v1"),
        ("http://localhost:30000/", "http://localhost:30000/v1"),
        ("https://gateway.example/openai/v1", "https://gateway.example/openai/v1"),
    ],
)
def test_a_bare_host_means_its_first_version(address: str, base: str) -> None:
    assert Server(address).base == base


def test_the_settings_name_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    settings: dict[str, Any] = {"BASE_URL": "http://localhost:30000/v1", "API_KEY": KEY, "PROFILE": "sglang"}
    for name, value in settings.items():
        monkeypatch.setenv(f"GREENLIGHT_VIDEOS_{name}", value)
    config = Settings.read().config()

    assert config.videos == Server("http://localhost:30000/v1", KEY, "sglang")
    assert KEY not in repr(config)


@pytest.mark.parametrize(
    "address",
    ["localhost:30000", "ftp://host/v1", "http://", "http://me:secret@host/v1", "http://host/v1?k=1"],
)
def test_an_address_that_is_none_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENLIGHT_VIDEOS_BASE_URL", address)

    with pytest.raises(Invalid) as wrong:
        Settings.read()

    assert wrong.value.what == "GREENLIGHT_VIDEOS_BASE_URL"
    assert "secret" not in str(wrong.value)


# --- what only some servers do -----------------------------------------------------------------


async def test_a_clip_that_sglang_keeps_elsewhere_is_fetched_there(tmp_path: Path) -> None:
    async with meeting(SGLANG) as met, listening(Elsewhere(clip=CLIP)) as other:
        name = await met.take()
        met.vendor.jobs[name]["url"] = f"http://localhost:{other.port}/bucket/clip.mp4"
        met.vendor.on_fetch = told({"detail": "Video has been uploaded to cloud storage."}, 400)
        freely = replace(met.client, may_reach=anywhere)
        await SGLANG.line(freely, met.clock).fetch(name, tmp_path / "clip.mp4")

    assert (tmp_path / "clip.mp4").read_bytes() == CLIP
    assert "authorization" not in other.heard[0].headers


async def test_a_server_on_vllm_omni_is_asked_for_sound() -> None:
    async with meeting(VLLM_OMNI) as met:
        await met.adapter.submit(replace(REQUEST, audio=True))

    assert met.vendor.jobs["video_1"]["generate_sound"] == "true"


async def test_a_size_that_nobody_knows_is_refused_before_anything_is_sent() -> None:
    async with meeting(GENERIC) as met:
        assert isinstance(await met.adapter.submit(replace(REQUEST, resolution="huge")), Refused)

    assert met.vendor.heard == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [({"code": "moderation", "message": "not allowed"}, "not allowed"), ("out of memory", "out of memory")],
)
async def test_an_error_is_an_object_or_a_word(error: Any, reason: str) -> None:
    async with meeting(GENERIC) as met:
        name = await met.take()
        met.vendor.on_poll = told({"id": name, "status": "failed", "error": error})

        assert await met.adapter.poll(name) == Failed(reason, None)


def test_every_profile_is_a_row() -> None:
    assert [row.name for row in (GENERIC, SGLANG, VLLM_OMNI, LITELLM)] == list(PROFILES)
