"""What OpenRouter does in its own way, and how it is set up."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from tests.conftest import Clock, film_of
from tests.vendors import KEY, Elsewhere, listening, open_with, priced, room, told
from tests.vendors.openrouter import PRICE, ROWS, SECRET, OpenRouter
from tests.vendors.row import CLIP, PICTURE, REQUEST, anywhere, meeting
from tools.errors import CannotRender
from tools.money import Money
from tools.prices import load_book
from tools.providers.base import Failed, Refused, Running, Silent, Succeeded
from tools.providers.openrouter import NAME, Openrouter, Workspace, offered
from tools.providers.openrouter.adapter import Line
from tools.studio import Config

[ROW] = ROWS


def spoken(vendor: Any) -> OpenRouter:
    assert isinstance(vendor, OpenRouter)
    return vendor


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("/api/v1/videos/%s", "/api/v1/videos/gen-vid-1"),
        ("/api/v1/jobs/%s?as=video", "/api/v1/jobs/gen-vid-1?as=video"),
        ("https://elsewhere.example/videos/%s", "/api/v1/videos/gen-vid-1"),
        ("http://[broken/%s", "/api/v1/videos/gen-vid-1"),
        ("http://xn--a/%s", "/api/v1/videos/gen-vid-1"),
        ("\ud800/%s", "/api/v1/videos/gen-vid-1"),
    ],
)
async def test_a_job_is_asked_about_where_the_vendor_says_on_its_own_origin(place: str, asked: str) -> None:
    async with meeting(ROW) as met:
        spoken(met.vendor).place = place
        name = await met.take()
        met.vendor.on_poll = told({"id": name, "status": "in_progress"})

        assert await met.adapter.poll(name) == Running()
        assert met.vendor.heard[-1].path == asked


async def test_a_whole_address_of_its_own_is_followed_and_one_that_is_wrong_is_not_the_last_word() -> None:
    async with meeting(ROW) as met:
        spoken(met.vendor).place = f"{met.vendor.address}/videos/%s"  # as behind a gateway with a path
        name = await met.take()

        assert await met.adapter.poll(name) == Succeeded(None)
        assert [each.path for each in met.vendor.heard[1:]] == [f"/videos/{name}", f"/api/v1/videos/{name}"]


async def test_what_another_origin_says_about_a_job_is_never_asked() -> None:
    async with meeting(ROW) as met, listening(Elsewhere()) as other:
        spoken(met.vendor).place = f"http://localhost:{other.port}/videos/%s"
        name = await met.take()

        assert await met.adapter.poll(name) == Succeeded(None)
        assert other.heard == []


async def test_a_clip_that_its_own_route_has_not_is_fetched_from_storage_without_the_key(
    tmp_path: Path,
) -> None:
    async with meeting(ROW) as met, listening(Elsewhere(clip=CLIP)) as other:
        name = await met.take()
        spoken(met.vendor).stored = f"http://localhost:{other.port}/bucket/clip.mp4?signed=1"
        met.vendor.on_fetch = met.vendor.complaint("Video not ready", 404)
        freely = replace(met.client, may_reach=anywhere)
        await ROW.line(freely, met.clock).fetch(name, tmp_path / "clip.mp4")

    assert (tmp_path / "clip.mp4").read_bytes() == CLIP
    assert [KEY in str(each.headers) for each in other.heard] == [False]


@pytest.mark.parametrize("stored", ["http://127.0.0.1:9/clip.mp4", "file:///etc/passwd", "no address", ""])
async def test_a_stored_copy_that_leads_into_our_own_network_is_not_fetched(
    stored: str, tmp_path: Path
) -> None:
    async with meeting(ROW) as met:
        name = await met.take()
        spoken(met.vendor).stored = stored
        met.vendor.on_fetch = met.vendor.complaint("Video not ready", 404)

        with pytest.raises(ConnectionError):
            await met.adapter.fetch(name, tmp_path / "clip.mp4")


async def test_a_key_of_ones_own_behind_it_is_billed_elsewhere_too() -> None:
    async with meeting(ROW) as met:
        name = await met.take()
        met.vendor.bill, spoken(met.vendor).is_byok = "0.02", True

        assert await met.adapter.poll(name) == Succeeded(None)


@pytest.mark.parametrize("cost", ["much", True, None, [], 10**40])
async def test_a_cost_that_is_no_number_is_none(cost: Any) -> None:
    async with meeting(ROW) as met:
        name = await met.take()
        met.vendor.on_poll = told({"id": name, "status": "completed", "usage": {"cost": cost}})

        assert await met.adapter.poll(name) == Succeeded(None)


@pytest.mark.parametrize("body", [{"error": {"code": 502, "message": "no"}}, {}, {"status": 7}])
async def test_an_error_that_comes_with_a_good_status_says_nothing_about_the_job(
    body: dict[str, Any],
) -> None:
    async with meeting(ROW) as met:
        name = await met.take()
        met.vendor.on_poll = told(body)

        assert await met.adapter.poll(name) == Silent()


@pytest.mark.parametrize(("error", "reason"), [(None, "the job expired at the vendor"), ("late", "late")])
async def test_a_job_that_expired_has_failed(error: str | None, reason: str) -> None:
    async with meeting(ROW) as met:
        name = await met.take()
        met.vendor.on_poll = told(
            {"id": name, "status": "expired", "error": error, "usage": {"cost": 0, "is_byok": False}}
        )

        assert await met.adapter.poll(name) == Failed(reason, Money(0))


async def test_sound_is_always_said_for_its_default_is_dearer() -> None:
    async with meeting(ROW) as met:
        await met.adapter.submit(REQUEST)
        await met.adapter.submit(replace(REQUEST, audio=True))

    assert [job["generate_audio"] for job in met.vendor.jobs.values()] == [False, True]


async def test_it_is_told_to_call_only_where_the_way_is_safe() -> None:
    async with meeting(ROW) as met:
        await met.adapter.submit(replace(REQUEST, webhook="http://studio.example/webhooks/openrouter/x"))

    assert met.vendor.addresses == []


async def test_without_a_secret_no_call_is_asked_for(clock: Clock) -> None:
    deaf = Openrouter(Workspace(KEY), load_book, room(), clock).capabilities
    async with meeting(ROW) as met:
        call = met.vendor.call("gen-vid-1", "done", clock())
        line = Line(met.client, deaf, room(), clock)
        await line.submit(replace(REQUEST, webhook="https://studio.example/webhooks/openrouter/x"))

        assert line.nudge(call.headers, call.body) is None
    assert met.vendor.addresses == []
    assert not deaf.webhook
    assert Openrouter(Workspace(KEY, secret=SECRET), load_book, room(), clock).capabilities.webhook


# --- in the studio ---------------------------------------------------------------------------


def test_its_models_are_those_with_a_price(tmp_path: Path) -> None:
    [own, *packaged] = offered(load_book(priced(tmp_path, PRICE)))

    assert (own.name, own.seconds, own.resolutions, own.pictures) == ("wan-test", (4, 8), ("720p",), 1)
    assert {model.pictures for model in packaged} == {0}  # nobody wrote down that they take one


async def test_what_a_model_does_not_render_is_said_before_there_is_an_offer(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with listening(OpenRouter(clip=CLIP)) as vendor:
        set_up = config(prices=priced(tmp_path, PRICE), **ROW.settings(vendor))
        async with open_with(set_up, clock, NAME) as floor:
            with pytest.raises(CannotRender, match="4/8 s, not 9 s"):
                await floor.studio.quote(film_of(1, seconds=9), floor.studio.offer(NAME), owner="ann")
            two = replace(REQUEST, pictures=(PICTURE, PICTURE))
            refused = await floor.kit.providers[NAME].submit(two)

    assert refused == Refused("wan-test takes 1 reference picture, not 2")
    assert vendor.heard == []


# --- settings --------------------------------------------------------------------------------


def test_the_key_that_people_have_set_already_sets_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    plain = Settings.read().config()
    monkeypatch.setenv("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1")
    monkeypatch.setenv("OPENROUTER_WEBHOOK_SECRET", SECRET)
    config = Settings.read().config()

    assert plain.openrouter == Workspace(KEY)
    assert config.openrouter == Workspace(KEY, "http://127.0.0.1:9/api/v1", SECRET)
    assert KEY not in repr(config)
    assert SECRET not in repr(config)


def test_an_empty_key_sets_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "")

    assert Settings.read().config().openrouter is None
