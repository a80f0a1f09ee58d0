"""The pretended vendor is honest in its own log, whatever it answers."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.conftest import Clock, Sketch, billed, meter, sketch_card
from tools import media
from tools.errors import Invalid
from tools.money import ZERO, Money
from tools.providers.base import (
    Ambiguous,
    Failed,
    Missing,
    Refused,
    RenderRequest,
    Running,
    Silent,
    Submission,
    Submitted,
    Succeeded,
    VendorJob,
    VideoProvider,
)
from tools.providers.rehearsal import Terms
from tools.providers.rehearsal.faults import FAULTS, Faults
from tools.providers.rehearsal.server import serving
from tools.providers.rehearsal.shop import Shop
from tools.providers.wire import get_json, open_client, post_once

REQUEST = RenderRequest(
    take_id="take_1",
    model="rehearsal-draft",
    prompt="A lighthouse",
    negative_prompt="",
    seconds=1,
    resolution="480p",
    aspect_ratio="16:9",
    audio=False,
)
OTHER = replace(REQUEST, take_id="take_2", number=2)
PRICE = Money.usd("0.04")

Vendors = Callable[..., Awaitable[Sketch]]


@pytest.fixture
async def vendor(tmp_path: Path, clock: Clock) -> AsyncGenerator[Vendors]:
    """The vendor as it stands after a start; opening it again is a restart."""
    async with AsyncExitStack() as stack:

        async def opened(*given: Any, **named: Any) -> Sketch:
            plug = Sketch(tmp_path / "vendors" / "rehearsal", clock, *given, **named)
            await stack.enter_async_context(plug.opened())
            return plug

        yield opened


async def test_a_take_is_under_way_and_then_done_and_billed(
    vendor: Vendors, clock: Clock, tmp_path: Path
) -> None:
    plug: VideoProvider = await vendor()
    assert await plug.submit(REQUEST) == Submitted("take_1")
    clock.move(seconds=0.55)
    assert await plug.poll("take_1") == Running(0.5)
    clock.move(seconds=1)

    assert await plug.poll("take_1") == Succeeded(PRICE)
    assert billed(tmp_path) == PRICE


async def test_the_same_take_sent_again_is_the_same_job(vendor: Vendors, tmp_path: Path) -> None:
    plug = await vendor()
    for _ in range(3):
        await plug.submit(REQUEST)
    await (await vendor()).submit(REQUEST)

    assert list(meter(tmp_path)) == ["take_1"]
    assert len((tmp_path / "vendors" / "rehearsal" / "meter.jsonl").read_text().splitlines()) == 1


async def test_a_restart_forgets_nothing(vendor: Vendors, clock: Clock) -> None:
    await (await vendor()).submit(REQUEST)
    again = await vendor()
    clock.move(seconds=2)

    assert await again.find("take_1") == "take_1"
    assert await again.find("take_2") == Missing()
    assert await again.poll("take_1") == Succeeded(PRICE)


async def test_its_clip_says_nothing_but_what_was_asked_for(
    vendor: Vendors, clock: Clock, tmp_path: Path
) -> None:
    plug = await vendor()
    await plug.submit(REQUEST)
    clock.move(seconds=2)
    await plug.fetch("take_1", tmp_path / "clip.mp4")

    look = media.probe(tmp_path / "clip.mp4")
    assert (look.seconds, look.width, look.height) == (1.0, 64, 36)


@pytest.mark.parametrize(
    ("fault", "submitted", "ended", "bill"),
    [
        ("refuse", Refused("the vendor refused it (400): refused on purpose"), None, ZERO),
        ("lose-answer", Ambiguous("the connection was lost before an answer came"), Succeeded(PRICE), PRICE),
        ("fail", Submitted("take_1"), Failed("failed on purpose", ZERO), ZERO),
        ("no-cost", Submitted("take_1"), Succeeded(None), ZERO),
        ("overrun", Submitted("take_1"), Succeeded(PRICE.times(2)), PRICE.times(2)),
        ("slow", Submitted("take_1"), Running(2 / 11), PRICE),
    ],
)
async def test_a_fault_on_demand(
    vendor: Vendors, clock: Clock, tmp_path: Path, fault: str, submitted: Any, ended: Any, bill: Money
) -> None:
    plug = await vendor(fault)
    assert await plug.submit(REQUEST) == submitted
    clock.move(seconds=2)

    assert ended is None or await plug.poll("take_1") == ended
    assert billed(tmp_path) == bill


async def test_a_fault_can_be_for_one_shot_alone(vendor: Vendors) -> None:
    plug = await vendor("refuse@2, fail@1")

    assert isinstance(await plug.submit(REQUEST), Submitted)
    assert isinstance(await plug.submit(OTHER), Refused)


@pytest.mark.parametrize("faults", ["explode", "refuse@", "refuse@x", "refuse@-1", "refuse;fail"])
async def test_a_fault_there_is_not_is_refused_by_name(vendor: Vendors, faults: str) -> None:
    with pytest.raises(Invalid, match="GREENLIGHT_REHEARSAL_FAULTS"):
        await vendor(faults)


async def test_a_canceled_take_is_not_billed_and_stays_canceled(
    vendor: Vendors, clock: Clock, tmp_path: Path
) -> None:
    plug = await vendor()
    await plug.submit(REQUEST)

    assert await plug.cancel("take_1")
    clock.move(seconds=9)
    assert await (await vendor()).poll("take_1") == Failed("canceled", ZERO, canceled=True)
    assert billed(tmp_path) == ZERO


async def test_a_finished_or_unknown_take_cannot_be_canceled(vendor: Vendors, clock: Clock) -> None:
    plug = await vendor()
    await plug.submit(REQUEST)
    clock.move(seconds=9)

    assert not await plug.cancel("take_1")
    assert not await plug.cancel("take_unknown")
    assert await plug.poll("take_1") == Succeeded(PRICE)


@pytest.mark.parametrize(
    "change", [{"model": "x"}, {"seconds": 31}, {"resolution": "8k"}, {"aspect_ratio": "2:1"}], ids=str
)
async def test_what_it_does_not_offer_it_refuses_and_does_not_bill(
    vendor: Vendors, tmp_path: Path, change: dict[str, Any]
) -> None:
    assert isinstance(await (await vendor()).submit(replace(REQUEST, **change)), Refused)
    assert meter(tmp_path) == {}


def test_the_page_about_it_lists_every_fault_in_the_same_words() -> None:
    page = (Path(__file__).parents[1] / "docs" / "rehearsal.md").read_text("utf-8")

    assert all(f"| `{name}` | {words} |" in page for name, words in FAULTS.items())
    assert page.count("\n| `") == len(FAULTS)


async def test_what_a_killed_process_left_half_written_stops_nobody(vendor: Vendors, tmp_path: Path) -> None:
    await (await vendor()).submit(REQUEST)
    log = tmp_path / "vendors" / "rehearsal" / "meter.jsonl"
    with log.open("ab") as file:
        file.write(b'{"id": "take_torn", "at": "2026-')
    again = await vendor()

    assert await again.find("take_1") == "take_1"
    assert await again.submit(OTHER) == Submitted("take_2")
    assert list(meter(tmp_path)) == ["take_1", "take_2"]


async def test_a_vendor_that_honours_no_key_makes_another_job_of_the_same_take(
    vendor: Vendors, tmp_path: Path
) -> None:
    plug = await vendor("", Terms(keys=False))
    first, second = await plug.submit(REQUEST), await plug.submit(REQUEST)

    assert plug.capabilities.key_life is None
    assert first == Submitted("take_1")
    assert isinstance(second, Submitted)
    assert list(meter(tmp_path)) == ["take_1", second.provider_job_id]
    assert await plug.find("take_1") == Silent()  # two matches are no match


async def test_a_vendor_that_cannot_be_searched_finds_and_lists_nothing(
    vendor: Vendors, clock: Clock
) -> None:
    plug = await vendor("", Terms(search=False))
    await plug.submit(REQUEST)

    assert plug.capabilities.search_window is None
    assert await plug.find("take_1") == Silent()
    assert await plug.listing(clock() - timedelta(days=1)) is None


async def test_what_it_made_since_is_listed_by_our_own_reference(vendor: Vendors, clock: Clock) -> None:
    plug = await vendor()
    await plug.submit(REQUEST)
    clock.move(seconds=10)
    await plug.submit(OTHER)

    assert await plug.listing(clock()) == [VendorJob("take_2", "take_2", clock())]
    assert len(await plug.listing(clock() - timedelta(days=1)) or ()) == 2


async def test_many_jobs_are_asked_about_at_once(vendor: Vendors, clock: Clock) -> None:
    plug = await vendor()
    await plug.submit(REQUEST)
    await plug.submit(OTHER)
    clock.move(seconds=1.15)

    assert await plug.poll_many(["take_1", "take_2", "take_3"]) == {
        "take_1": Succeeded(PRICE),
        "take_2": Running(timedelta(seconds=1.15) / timedelta(seconds=1.2)),
        "take_3": Missing(),
    }


async def test_what_is_asked_before_it_is_up_waits(tmp_path: Path, clock: Clock) -> None:
    plug = Sketch(tmp_path / "vendors" / "rehearsal", clock)
    answers: list[Submission] = []

    async def ask() -> None:
        answers.append(await plug.submit(REQUEST))

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        assert answers == []
        async with plug.opened():
            while not answers:  # noqa: ASYNC110 -- the answer comes over a socket
                await anyio.sleep(0.01)

    assert answers == [Submitted("take_1")]


async def test_a_stranger_on_this_machine_is_not_served(tmp_path: Path, clock: Clock) -> None:
    shop = Shop(tmp_path / "vendors" / "rehearsal", clock, Faults(), Terms(), sketch_card)
    async with serving(shop) as address, open_client(address) as stranger:
        said = await post_once(stranger, "/v1/jobs", json={}, creates_nothing=frozenset({401}))
        asked = await get_json(stranger, "/v1/jobs?since=2026-01-01T00:00:00.000000Z")

    assert isinstance(said, Refused)
    assert asked is not None
    assert (asked.status, asked.body) == (401, {"error": {"message": "who asks?"}})
    assert meter(tmp_path) == {}
