"""What only Google's Interactions do: many words for an end, outputs among inputs, tokens and no amount."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock, check_books, dump, film_of
from tests.vendors import KEY, listening, open_with, priced
from tests.vendors.google import MODEL, PRICE, ROWS, Interactions
from tests.vendors.row import CLIP, PICTURE, REQUEST, Meeting, meeting
from tools.errors import CannotRender, NoPrice
from tools.money import Money
from tools.prices import load_book
from tools.providers.account import Account
from tools.providers.base import Failed, Refused, Running, Status
from tools.providers.google import NAME, takes
from tools.providers.google.bodies import body_of
from tools.providers.offered import offered
from tools.studio import Config

DATABASES = ("sqlite", "postgres")
[GOOGLE] = ROWS
WAITS = "the vendor waits for a second request, which nobody approved"
EARLY = "the vendor stopped before the clip was done"


def interactions_of(met: Meeting) -> Interactions:
    assert isinstance(met.vendor, Interactions)
    return met.vendor


@pytest.mark.parametrize(
    ("status", "means"),
    [
        ("requires_action", Failed(WAITS, None)),
        ("requires_continuation", Failed(WAITS, None)),
        ("incomplete", Failed(EARLY, None)),
        ("budget_exceeded", Failed(EARLY, None)),
        ("queued", Running()),
        (None, Running()),
    ],
)
async def test_every_word_of_the_vendors_is_an_end_or_is_none(status: str | None, means: Status) -> None:
    async with meeting(GOOGLE) as met:
        name = await met.take()
        met.vendor.word = "running"
        interactions_of(met).status = status

        assert await met.adapter.poll(name) == means


OUTPUTS: dict[str, tuple[list[dict[str, Any]], Status]] = {
    "nothing yet": ([], Running()),
    "words in place of a clip": (
        [{"type": "model_output", "content": [{"type": "text", "text": f"I will not draw that, {KEY}"}]}],
        Failed("I will not draw that, [redacted]", None),
    ),
    "no words either": ([{"type": "model_output", "content": []}], Failed("it left no clip", None)),
    "no list": ([{"type": "model_output", "content": "?"}], Failed("it left no clip", None)),
}


@pytest.mark.parametrize("output", OUTPUTS)
async def test_completed_without_a_clip_is_none(output: str, tmp_path: Path) -> None:
    async with meeting(GOOGLE) as met:
        name = await met.take()
        interactions_of(met).output, means = OUTPUTS[output]

        assert await met.adapter.poll(name) == means
        with pytest.raises(OSError, match="no address of the clip"):
            await met.adapter.fetch(name, tmp_path / "clip.mp4")


async def test_a_step_says_why_it_failed() -> None:
    async with meeting(GOOGLE) as met:
        name = await met.take()
        interactions_of(met).status = "failed"
        interactions_of(met).output = [
            {"type": "model_output", "error": {"code": 3, "message": "too bright"}}
        ]

        assert await met.adapter.poll(name) == Failed("too bright", None)


# --- in the studio ---------------------------------------------------------------------------


@pytest.fixture
def set_up(config: Callable[..., Config], tmp_path: Path) -> Callable[[Interactions], Config]:
    return lambda vendor: config(prices=priced(tmp_path, PRICE), google=Account(KEY, vendor.address))


@pytest.mark.parametrize("word", ["done", "failed"])
async def test_tokens_are_no_bill_so_the_price_row_is_charged(
    set_up: Callable[[Interactions], Config], clock: Clock, word: Any
) -> None:
    vendor = Interactions(clip=CLIP, word=word)
    async with listening(vendor), open_with(set_up(vendor), clock, NAME) as floor:
        offer = await floor.studio.quote(film_of(1, seconds=4), floor.studio.offer(NAME, MODEL), owner="ann")
        await floor.approve(offer)
        [job] = await floor.finish(offer)
        kept = str(await dump(floor.database))
        await check_books(floor.database)

    assert (job.charged, job.charge_source) == (Money.usd("0.40"), "computed")
    assert (job.clip_id is not None) is (word == "done")
    assert (vendor.posts, KEY in kept) == (1, False)


async def test_models_that_have_left_this_address_are_not_offered(
    set_up: Callable[[Interactions], Config], clock: Clock
) -> None:
    async with listening(Interactions()) as vendor, open_with(set_up(vendor), clock, NAME) as floor:
        old = floor.studio.offer(NAME, "veo-3.1-generate-preview")
        with pytest.raises(NoPrice, match="ended on 2026-10-22"):
            await floor.studio.quote(film_of(1, seconds=4), old, owner="ann")

    assert vendor.heard == []
    assert {model.name for model in offered(load_book(), NAME, takes)} == {
        "gemini-omni-1.1-flash",
        "gemini-omni-1.2-flash",
    }


async def test_a_priced_model_that_nobody_knows_how_to_ask_for_is_not_offered(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    unknown = PRICE.replace(MODEL, "gemini-omni-9")
    set_up = config(prices=priced(tmp_path, unknown), google=Account(KEY, "http://127.0.0.1:9"))
    async with open_with(set_up, clock, NAME) as floor:
        with pytest.raises(CannotRender, match="nobody here knows how to ask for gemini-omni-9"):
            await floor.studio.quote(film_of(1), floor.studio.offer(NAME, "gemini-omni-9"), owner="ann")


# --- requests --------------------------------------------------------------------------------


def test_a_picture_to_begin_with_stands_before_the_words() -> None:
    body = body_of(replace(REQUEST, model=MODEL, pictures=(replace(PICTURE, content=b"\x89PNG"),)))

    [step] = body["input"]
    assert step["type"] == "user_input"
    assert [each["type"] for each in step["content"]] == ["image", "text"]
    assert step["content"][0]["data"] == "iVBORw=="
    assert body["generation_config"] == {"video_config": {"task": "image_to_video"}}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"model": "veo-3.1"}, "nobody here knows how to ask for veo-3.1"),
        ({"pictures": (PICTURE, PICTURE)}, f"{MODEL} begins with one picture"),
        (
            {"pictures": (replace(PICTURE, media_type="image/svg+xml"),)},
            f"{MODEL} takes no picture of this kind",
        ),
    ],
)
async def test_what_it_does_not_take_is_refused_before_anything_is_sent(
    change: dict[str, Any], why: str
) -> None:
    async with meeting(GOOGLE) as met:
        outcome = await met.adapter.submit(replace(GOOGLE.request, **change))

    assert outcome == Refused(why)
    assert met.vendor.heard == []
