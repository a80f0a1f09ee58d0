"""The pretended vendor is honest in its own log, whatever it answers."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock, billed, meter
from tools import media
from tools.errors import Invalid
from tools.money import ZERO, Money
from tools.providers.base import (
    Ambiguous,
    Failed,
    Refused,
    RenderRequest,
    Running,
    Submitted,
    Succeeded,
    VideoProvider,
)
from tools.providers.rehearsal import Rehearsal

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

Vendors = Callable[..., Rehearsal]


@pytest.fixture
def vendor(tmp_path: Path, clock: Clock) -> Vendors:
    """The vendor as it stands after a start; opening it again is a restart."""
    return partial(Rehearsal, tmp_path / "vendors" / "rehearsal", clock)


async def test_a_take_is_under_way_and_then_done_and_billed(
    vendor: Vendors, clock: Clock, tmp_path: Path
) -> None:
    plug: VideoProvider = vendor()
    assert await plug.submit(REQUEST) == Submitted("take_1")
    clock.move(seconds=0.55)
    assert await plug.poll("take_1") == Running(0.5)
    clock.move(seconds=1)

    assert await plug.poll("take_1") == Succeeded(PRICE)
    assert billed(tmp_path) == PRICE


async def test_the_same_take_sent_again_is_the_same_job(vendor: Vendors, tmp_path: Path) -> None:
    plug = vendor()
    for _ in range(3):
        await plug.submit(REQUEST)
    await vendor().submit(REQUEST)

    assert list(meter(tmp_path)) == ["take_1"]
    assert len((tmp_path / "vendors" / "rehearsal" / "meter.jsonl").read_text().splitlines()) == 1


async def test_a_restart_forgets_nothing(vendor: Vendors, clock: Clock) -> None:
    await vendor().submit(REQUEST)
    again = vendor()
    clock.move(seconds=2)

    assert await again.find("take_1") == "take_1"
    assert await again.find("take_2") is None
    assert await again.poll("take_1") == Succeeded(PRICE)


async def test_its_clip_says_nothing_but_what_was_asked_for(
    vendor: Vendors, clock: Clock, tmp_path: Path
) -> None:
    plug = vendor()
    await plug.submit(REQUEST)
    clock.move(seconds=2)
    await plug.fetch("take_1", tmp_path / "clip.mp4")

    look = media.probe(tmp_path / "clip.mp4")
    assert (look.seconds, look.width, look.height) == (1.0, 854, 480)


@pytest.mark.parametrize(
    ("fault", "submitted", "ended", "bill"),
    [
        ("refuse", Refused("refused on purpose"), None, ZERO),
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
    plug = vendor(fault)
    assert await plug.submit(REQUEST) == submitted
    clock.move(seconds=2)

    assert ended is None or await plug.poll("take_1") == ended
    assert billed(tmp_path) == bill


async def test_a_fault_can_be_for_one_shot_alone(vendor: Vendors) -> None:
    plug = vendor("refuse@2, fail@1")

    assert isinstance(await plug.submit(REQUEST), Submitted)
    assert isinstance(await plug.submit(OTHER), Refused)


@pytest.mark.parametrize("faults", ["explode", "refuse@", "refuse@x", "refuse@-1", "refuse;fail"])
def test_a_fault_there_is_not_is_refused_by_name(vendor: Vendors, faults: str) -> None:
    with pytest.raises(Invalid, match="GREENLIGHT_REHEARSAL_FAULTS"):
        vendor(faults)


async def test_a_canceled_take_is_not_billed_and_stays_canceled(
    vendor: Vendors, clock: Clock, tmp_path: Path
) -> None:
    plug = vendor()
    await plug.submit(REQUEST)

    assert await plug.cancel("take_1")
    clock.move(seconds=9)
    assert await vendor().poll("take_1") == Failed("canceled", ZERO, canceled=True)
    assert billed(tmp_path) == ZERO


async def test_a_finished_or_unknown_take_cannot_be_canceled(vendor: Vendors, clock: Clock) -> None:
    plug = vendor()
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
    assert isinstance(await vendor().submit(replace(REQUEST, **change)), Refused)
    assert meter(tmp_path) == {}
