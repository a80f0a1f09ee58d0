"""The free vendor keeps its promises through a restart."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools.errors import Invalid, NotFound
from tools.media import probe
from tools.money import ZERO
from tools.providers.animatic import Animatic
from tools.providers.base import Missing, Refused, RenderRequest, Submitted, Succeeded, VideoProvider
from tools.providers.drawn import card_of, recall

REQUEST = RenderRequest(
    take_id="take_0123456789abcdefghjk",
    model="animatic",
    prompt="A lighthouse at night",
    negative_prompt="",
    seconds=1,
    resolution="360p",
    aspect_ratio="1:1",
    audio=True,
    caption="Nobody comes. Никто.",
    camera="slow push-in",
    number=3,
    styles=("noir",),
    mood="lonely",
)


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*")]


async def test_a_submitted_take_is_done_at_once_and_costs_nothing(tmp_path: Path) -> None:
    vendor: VideoProvider = Animatic(tmp_path / "jobs")
    submission = await vendor.submit(REQUEST)

    assert submission == Submitted(REQUEST.take_id)
    assert await vendor.poll(REQUEST.take_id) == Succeeded(ZERO)
    assert await vendor.find(REQUEST.take_id) == REQUEST.take_id
    assert vendor.capabilities.free


async def test_the_clip_survives_a_restart_between_submit_and_fetch(tmp_path: Path) -> None:
    await Animatic(tmp_path / "jobs").submit(REQUEST)
    await Animatic(tmp_path / "jobs").fetch(REQUEST.take_id, tmp_path / "clip.mp4")

    facts = probe(tmp_path / "clip.mp4")
    assert (facts.seconds, facts.width, facts.height) == (1.0, 360, 360)


async def test_a_kept_request_is_recalled_whole(tmp_path: Path) -> None:
    await Animatic(tmp_path).submit(REQUEST)

    assert recall(tmp_path, REQUEST.take_id) == REQUEST


async def test_the_same_take_sent_twice_stays_one_job(tmp_path: Path) -> None:
    vendor = Animatic(tmp_path)
    await vendor.submit(REQUEST)
    again = await vendor.submit(replace(REQUEST, prompt="Something else"))

    assert again == Submitted(REQUEST.take_id)
    assert recall(tmp_path, REQUEST.take_id).prompt == REQUEST.prompt
    assert files(tmp_path) == [f"{REQUEST.take_id}.json"]


@pytest.mark.parametrize(
    "change",
    [{"model": "other"}, {"seconds": 61}, {"resolution": "4k"}, {"aspect_ratio": "21:9"}],
    ids=lambda change: next(iter(change)),
)
async def test_what_cannot_be_drawn_is_refused_and_not_kept(
    tmp_path: Path, change: dict[str, str | int]
) -> None:
    vendor = Animatic(tmp_path)
    submission = await vendor.submit(replace(REQUEST, **change))  # pyright: ignore[reportArgumentType] -- one field at a time

    assert isinstance(submission, Refused)
    assert await vendor.find(REQUEST.take_id) == Missing()


async def test_an_unknown_job_is_missing_and_cannot_be_fetched(tmp_path: Path) -> None:
    vendor = Animatic(tmp_path)

    assert await vendor.poll("take_unknown") == Missing()
    assert not await vendor.cancel("take_unknown")
    with pytest.raises(NotFound):
        await vendor.fetch("take_unknown", tmp_path / "clip.mp4")


@pytest.mark.parametrize("name", ["../escape", "a/b", "", "take\n", ".hidden"])
async def test_a_name_that_is_a_path_is_not_taken(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid):
        await Animatic(tmp_path / "jobs").submit(replace(REQUEST, take_id=name))

    assert files(tmp_path) == []


def test_a_card_says_what_the_request_says() -> None:
    card = card_of(REQUEST, "PLAY MONEY REHEARSAL")

    assert (card.number, card.seconds, card.caption) == (3, 1, "Nobody comes. Никто.")
    assert (card.styles, card.mood, card.camera) == (("noir",), "lonely", "slow push-in")
    assert card.stamp == "PLAY MONEY REHEARSAL"
