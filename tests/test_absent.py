"""A vendor whose settings are gone: its jobs wait as they are, their money stays held, the rest goes on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Clock, check_books, film_of, open_floor
from tests.vendor import clip_for
from tests.vendors import KEY, listening, open_with, priced
from tests.vendors.openai_videos import PRICE, VideosServer
from tools import render
from tools.errors import NotFound
from tools.jobs import Job
from tools.money import Money
from tools.providers.openai_videos import NAME, Server
from tools.studio import Config

DATABASES = ("sqlite", "postgres")
MISSING = "openai_videos is not set up here any more: GREENLIGHT_VIDEOS_BASE_URL is missing"


async def test_a_running_job_waits_for_its_vendor_and_nothing_else_does(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with listening(VideosServer(clip=clip_for("a fox"), word="running", progress=40)) as server:
        set_up = config(prices=priced(tmp_path, PRICE), videos=Server(server.address, key=KEY))
        async with open_with(set_up, clock, NAME) as floor:
            offer = await floor.studio.quote(film_of(1), floor.studio.offer("openai_videos"), owner="ann")
            await floor.approve(offer)
            await floor.tick(seconds=6)
            (before,) = await floor.jobs(offer)
        async with open_floor(replace(set_up, videos=None), clock, "second") as floor:
            other = await floor.quote(film_of(1))
            await floor.approve(other)
            done = await floor.finish(other)
            await floor.tick(minutes=20)
            await render.sweep(floor.kit)
            stopped = await render.cancel(floor.kit, before.id, owner="ann")
            (waiting,) = await floor.jobs(offer)
            held = (await floor.studio.budgets())["month"].held
            await check_books(floor.database)
        server.word = "done"
        async with open_with(set_up, clock, NAME) as floor:
            (after,) = await floor.finish(offer)
            await check_books(floor.database)

    assert (before.state, before.error) == ("running", None)
    assert [job.state for job in done] == ["succeeded"]
    assert waiting == stopped == replace(before, error=MISSING)
    assert held == offer.ceiling
    assert (after.state, after.error, after.charged) == ("succeeded", None, offer.expected)
    assert server.posts == 1


async def test_a_job_that_was_not_sent_is_not_sent_and_comes_back_in_time(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    set_up = config(prices=priced(tmp_path, PRICE), videos=Server("http://127.0.0.1:9", key=KEY))
    async with open_with(set_up, clock, NAME) as floor:
        offer = await floor.studio.quote(film_of(1), floor.studio.offer("openai_videos"), owner="ann")
        await floor.approve(offer)
    async with open_floor(replace(set_up, videos=None), clock, "second") as floor:
        await floor.work()
        await render.sweep(floor.kit)
        (ready,) = await floor.jobs(offer)
        await floor.tick(minutes=16)
        (late,) = await floor.jobs(offer)
        await check_books(floor.database)

    assert (ready.state, late.state) == ("ready", "released")


async def test_a_half_sent_job_is_unknown_and_its_hold_stays(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with listening(VideosServer(loses_answers=True)) as server:
        set_up = config(prices=priced(tmp_path, PRICE), videos=Server(server.address, key=KEY))
        async with open_with(set_up, clock, NAME) as floor:
            offer = await floor.studio.quote(film_of(1), floor.studio.offer("openai_videos"), owner="ann")
            await floor.approve(offer)
            await floor.work()
            (lost,) = await floor.jobs(offer)
        async with open_floor(replace(set_up, videos=None), clock, "second") as floor:
            await floor.edit("UPDATE job SET state = 'submitting', lease_until = NULL")
            await render.sweep(floor.kit)
            await floor.work()
            for _ in range(3):
                await floor.tick(minutes=10)
            (job,) = await floor.jobs(offer)
            with pytest.raises(NotFound):
                await render.hear(floor.kit, "openai_videos", "no-such-token", {}, b"")
            held = (await floor.studio.budgets())["month"].held

    assert (lost.state, job.state) == ("unknown", "unknown")
    assert (held, server.posts) == (offer.ceiling, 1)


async def test_a_clip_that_is_paid_for_is_fetched_once_its_vendor_is_back(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with listening(VideosServer(clip=clip_for("a fox"))) as server:
        set_up = config(prices=priced(tmp_path, PRICE), videos=Server(server.address, key=KEY))
        async with open_with(set_up, clock, NAME) as floor:
            offer = await floor.studio.quote(film_of(1), floor.studio.offer("openai_videos"), owner="ann")
            await floor.approve(offer)
            await floor.work()
            (job,) = await floor.jobs(offer)
            await render.settle(floor.kit, job.id)
        async with open_floor(replace(set_up, videos=None), clock, "second") as floor:
            with pytest.raises(OSError, match="GREENLIGHT_VIDEOS_BASE_URL"):
                await render.fetch(floor.kit, job.id)
            (unfetched,) = await floor.jobs(offer)
        async with open_with(set_up, clock, NAME) as floor:
            await render.fetch(floor.kit, job.id)
            (landed,) = await floor.jobs(offer)

    assert _money(unfetched) == _money(landed) == ("succeeded", Money.usd("0.40"))
    assert (unfetched.clip_id, landed.clip_id is None) == (None, False)


def _money(job: Job) -> tuple[str, Money | None]:
    return job.state, job.charged
