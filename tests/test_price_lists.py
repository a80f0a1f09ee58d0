"""Vendors are asked for their own prices once a day, over real sockets, and nothing waits for them."""

import json
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import anyio
import pytest
from click.testing import CliRunner

from api.cli import main
from tests.conftest import Clock
from tests.vendors import Fake, Heard, Reply, listening, priced, told
from tests.vendors import fal as at_fal
from tests.vendors import openrouter as at_openrouter
from tests.vendors.every import ROWS
from tests.vendors.openrouter import OpenRouter
from tests.vendors.row import PICTURE, REQUEST, Meeting, Row, meeting
from tools.clock import system_clock
from tools.errors import NoPrice
from tools.prices import Ask, answers, keep, load_book, openrouter, packaged, with_live
from tools.providers.animatic import Animatic
from tools.providers.base import Silent, VideoProvider
from tools.providers.lists import ask_due
from tools.studio import Config, open_studio
from tools.trouble import PRICE_LIST

[OPENROUTER], [FAL] = at_openrouter.ROWS, at_fal.ROWS
VEO: dict[str, Any] = {
    "id": "google/veo-3.1",
    "supported_resolutions": ["720p", "1080p"],
    "supported_durations": [4, 6, 8],
    "supported_aspect_ratios": ["16:9", "9:16"],
    "supported_frame_images": ["first_frame"],
    "generate_audio": True,
    "pricing_skus": {"duration_seconds_with_audio": "0.38", "duration_seconds_without_audio": "0.19"},
}
ASK = Ask("openrouter", "google/veo-3.1", "video", 4, "720p", "16:9", audio=False)
LISTS = {"openrouter": OPENROUTER, "fal": FAL}
every_lister = pytest.mark.parametrize("row", LISTS.values(), ids=LISTS)


@dataclass
class Desk:
    """One vendor, the folder of answers, and what the log has said already."""

    met: Meeting
    folder: Path
    silent: set[str] = field(default_factory=set[str])

    async def ask(self) -> None:
        providers: dict[str, VideoProvider] = {self.met.row.provider: self.met.adapter}
        await ask_due(self.folder, providers, load_book().rows, self.met.clock(), self.silent)

    @property
    def questions(self) -> list[Heard]:
        return self.met.vendor.heard


@asynccontextmanager
async def desk(row: Row, folder: Path) -> AsyncGenerator[Desk]:
    async with meeting(row) as met:
        if isinstance(met.vendor, OpenRouter):
            met.vendor.listed = [VEO]
        yield Desk(met, folder / "prices")


@every_lister
async def test_a_vendor_is_asked_once_a_day_and_never_by_a_post(row: Row, tmp_path: Path) -> None:
    async with desk(row, tmp_path) as at:
        await at.ask()
        first = len(at.questions)
        at.met.clock.move(hours=24)
        await at.ask()
        on_the_day = len(at.questions)
        at.met.clock.move(seconds=1)
        await at.ask()

    assert first == on_the_day > 0
    assert len(at.questions) == 2 * first
    assert {each.method for each in at.questions} == {"GET"}
    [kept] = answers(at.folder)
    assert (kept.provider, kept.at) == (row.provider, at.met.clock())


@every_lister
async def test_an_answer_from_the_future_is_asked_for_again(row: Row, tmp_path: Path) -> None:
    async with desk(row, tmp_path) as at:
        at.met.clock.move(days=2)
        await at.ask()
        at.met.clock.move(days=-2)
        await at.ask()

    [kept] = answers(at.folder)
    assert kept.at == at.met.clock()


async def test_what_openrouter_lists_comes_before_the_packaged_price(tmp_path: Path, clock: Clock) -> None:
    async with desk(OPENROUTER, tmp_path) as at:
        await at.ask()

    book = with_live(load_book(), packaged(), answers(at.folder), clock())
    row = book.find(ASK, clock().date())
    assert (row.usd, row.pictures) == ("0.19", 1)
    assert row.source == "openrouter.ai/api/v1/videos/models, duration_seconds_without_audio"


async def test_a_price_that_nobody_can_read_is_none_and_never_an_older_one(
    tmp_path: Path, clock: Clock
) -> None:
    async with desk(OPENROUTER, tmp_path) as at:
        spoken = at.met.vendor
        assert isinstance(spoken, OpenRouter)
        spoken.listed = [VEO | {"pricing_skus": {"duration_moons": "0.01"}}]
        await at.ask()

    with pytest.raises(NoPrice, match="duration_moons"):
        with_live(load_book(), packaged(), answers(at.folder), clock()).find(ASK, clock().date())


async def test_fal_is_asked_about_the_endpoints_of_the_book_fifty_at_a_time(tmp_path: Path) -> None:
    async with desk(FAL, tmp_path) as at:
        known = [row for row in packaged() if row.provider == "fal"]
        many = [
            *known,
            *(known[0].model_copy(update={"model": f"acme/{n}/text-to-video"}) for n in range(80)),
        ]
        told = await at.met.adapter.price_list(at.met.clock(), many)

    asked = [each.path.partition("endpoint_id=")[2].split(",") for each in at.questions]
    assert not isinstance(told, Silent)
    assert [unquote(name) for names in asked for name in names] == list(dict.fromkeys(r.model for r in many))
    assert max(map(len, asked)) == 50


# --- what goes wrong -------------------------------------------------------------------------

FAULTS = {
    "away": told({"error": "not now"}, 503),
    "no such list": told({"error": {"message": "not here"}}, 404),
    "no list": told({"data": 7, "prices": "none"}),
    "a page": Reply(200, b"<html>", ("content-type: text/html",)),
    "broken off": Reply(200, b'{"data": [', length=1_000),
}


@every_lister
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_vendor_that_does_not_answer_changes_nothing_and_the_log_says_it_once(
    row: Row, fault: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(row, tmp_path) as at:
        _breaks(at.met.vendor, FAULTS[fault])
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                await at.ask()

    words = f"the prices of {row.provider} stay as they are: no list came that can be read ({PRICE_LIST})"
    assert [each.getMessage() for each in caplog.records] == [words]
    assert answers(at.folder) == []


async def test_a_vendor_that_answers_again_may_be_named_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(OPENROUTER, tmp_path) as at:
        for fault in (FAULTS["away"], None, FAULTS["away"]):
            _breaks(at.met.vendor, fault)
            await at.ask()
            at.met.clock.move(days=2)

    assert len(caplog.records) == 2


@every_lister
async def test_what_cannot_be_kept_is_said_and_is_no_fault(
    row: Row, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "prices").write_text("in the way", "utf-8")
    async with desk(row, tmp_path) as at:
        await at.ask()

    assert [each.getMessage() for each in caplog.records] == [
        f"the prices of {row.provider} stay as they are: they cannot be kept: File exists"
    ]


def _breaks(vendor: Fake, reply: Reply | None) -> None:
    if isinstance(vendor, OpenRouter):
        vendor.on_list = reply
    else:
        assert isinstance(vendor, at_fal.Queue)
        vendor.on_price = reply


async def test_who_has_no_list_is_not_missed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    await ask_due(tmp_path / "prices", {"animatic": Animatic(tmp_path)}, (), clock(), set())
    for row in ROWS:
        if row.provider not in LISTS:
            async with meeting(row) as met:
                assert await met.adapter.price_list(clock(), ()) is None

    assert caplog.records == []
    assert not (tmp_path / "prices").exists()


# --- in the studio ---------------------------------------------------------------------------


async def test_prices_come_in_beside_the_start_and_the_models_with_them(
    config: Callable[..., Config],
) -> None:
    vendor = OpenRouter(listed=[VEO, VEO | {"id": "acme/newest"}])
    async with listening(vendor), open_studio(config(**OPENROUTER.settings(vendor))) as studio:
        with anyio.fail_after(30):
            while ("openrouter", "acme/newest") not in studio.prices.models():  # noqa: ASYNC110 -- a file rings no bell
                await anyio.sleep(0.05)
        chosen = studio.offer("openrouter", "acme/newest")
        await studio.kit.providers["openrouter"].submit(
            replace(REQUEST, model="acme/newest", pictures=(PICTURE,))
        )

    assert chosen.resolution == "720p"
    assert [(each.method, each.path) for each in vendor.heard] == [
        ("GET", "/api/v1/videos/models"),
        ("POST", "/api/v1/videos"),
    ]
    assert len(vendor.pictures) == 1


async def test_without_a_vendor_that_is_set_up_nobody_is_asked(config: Callable[..., Config]) -> None:
    """No key, no network: not even for a list that is free to read."""
    async with open_studio(config()) as studio:
        await studio.kit.engine.started.wait()

        assert answers(studio.config.data_dir / "prices") == []


def test_the_command_says_where_each_price_came_from(tmp_path: Path) -> None:
    own = at_openrouter.PRICE.replace("wan-test", "acme/mine")
    keep(tmp_path / "prices", openrouter({"data": [VEO]}, system_clock()))
    env = {
        "GREENLIGHT_DATA_DIR": str(tmp_path),
        "GREENLIGHT_PRICES": str(priced(tmp_path, own)),
        "COLUMNS": "250",
    }

    shown = CliRunner().invoke(main, ["prices", "list"], env=env)
    as_json = CliRunner().invoke(main, ["prices", "list", "--json"], env=env)

    assert "as the vendor says now: openrouter.ai/api/v1/videos/models\n" in shown.output
    assert "your own file: made up\n" in shown.output
    assert "the packaged book: " in shown.output
    origins = {
        (row["model"], row["origin"]) for row in json.loads(as_json.output) if row["provider"] == "openrouter"
    }
    assert {("google/veo-3.1", "vendor"), ("acme/mine", "file"), ("alibaba/wan-2.6", "packaged")} <= origins
    assert ("google/veo-3.1", "packaged") not in origins
