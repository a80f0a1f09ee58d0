"""What only Runway does: tasks that wait in line, costs in credits, sizes in place of resolutions."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock, check_books, dump, film_of
from tests.vendors import KEY, listening, open_with, priced, told
from tests.vendors.row import CLIP, PICTURE, REQUEST, Meeting, meeting
from tests.vendors.runway import MODEL, PRICE, ROWS, Tasks
from tools.errors import CannotRender
from tools.money import ZERO, Money
from tools.prices import load_book
from tools.providers.account import Account
from tools.providers.base import Failed, Missing, Refused, Running, Succeeded, VideoProvider
from tools.providers.offered import offered
from tools.providers.plug import Plug
from tools.providers.runway import NAME, takes
from tools.providers.runway.bodies import MODELS, body_of, objection
from tools.studio import Config

DATABASES = ("sqlite", "postgres")
[RUNWAY] = ROWS


def tasks_of(met: Meeting) -> Tasks:
    assert isinstance(met.vendor, Tasks)
    return met.vendor


async def test_a_throttled_task_is_taken_and_waits() -> None:
    async with meeting(RUNWAY) as met:
        tasks_of(met).throttled = True
        met.vendor.word = "queued"
        name = await met.take()

        assert await met.adapter.poll(name) == Running(None)


async def test_too_many_requests_is_a_refusal() -> None:
    async with meeting(RUNWAY) as met:
        met.vendor.on_submit = told({"error": "You do not have enough generations left today"}, 429)
        outcome = await met.adapter.submit(RUNWAY.request)

    assert isinstance(outcome, Refused)


@pytest.mark.parametrize(
    ("credits_said", "charged"),
    [
        (40, Money.usd("0.40")),
        (0, ZERO),  # given back
        (Decimal("0.5"), Money.usd("0.005")),
        (-1, None),
        (True, None),
        ("forty", None),
        (None, None),
    ],
)
async def test_a_credit_is_a_cent(credits_said: Any, charged: Money | None) -> None:
    said = float(credits_said) if isinstance(credits_said, Decimal) else credits_said
    async with meeting(RUNWAY) as met:
        name = await met.take()
        met.vendor.on_poll = told(
            {"id": name, "status": "FAILED", "failure": "no", "cost": {"credits": said}}
        )
        failed = await met.adapter.poll(name)
        met.vendor.on_poll = told({"id": name, "status": "SUCCEEDED", "cost": {"credits": said}})
        over = await met.adapter.poll(name)

    assert (failed, over) == (Failed("no", charged), Succeeded(charged))


async def test_only_what_we_stopped_ourselves_is_canceled_once_it_is_forgotten() -> None:
    async with meeting(RUNWAY) as met:
        name = await met.take()
        met.vendor.word = "queued"
        await met.adapter.cancel(name)
        ours = await met.adapter.poll(name)
        after_a_restart = await RUNWAY.line(met.client, met.clock).poll(name)

    assert ours == Failed("canceled", None, canceled=True)
    assert after_a_restart == Missing()


async def test_the_account_says_what_it_has_left_where_it_says_so() -> None:
    async with meeting(RUNWAY) as met:
        tasks = tasks_of(met)
        plain = await met.adapter.balance()
        tasks.credits_left = "plenty"
        odd = await met.adapter.balance()
        tasks.on_poll = told({"error": "later"}, 503)
        silent = await met.adapter.balance()

    assert (plain, odd, silent) == ("1240 credits", None, None)


def test_whatever_a_vendor_can_be_asked_is_asked_through_its_plug() -> None:
    asked = {name for name, method in vars(VideoProvider).items() if iscoroutinefunction(method)}

    assert asked - vars(Plug).keys() == set()


# --- in the studio ---------------------------------------------------------------------------


@pytest.fixture
def set_up(config: Callable[..., Config], tmp_path: Path) -> Callable[[Tasks], Config]:
    return lambda tasks: config(prices=priced(tmp_path, PRICE), runway=Account(KEY, tasks.address))


@pytest.mark.parametrize(
    ("bill", "charged"), [("0.40", "0.40"), ("0.25", "0.25"), ("0", "0"), (None, "0.42")]
)
async def test_moderation_costs_what_the_task_says_and_else_the_whole_hold(
    set_up: Callable[[Tasks], Config], clock: Clock, bill: str | None, charged: str
) -> None:
    tasks = Tasks(clip=CLIP, word="failed", why="against the rules", bill=bill)
    async with listening(tasks), open_with(set_up(tasks), clock, NAME) as floor:
        offer = await floor.studio.quote(film_of(1, seconds=4), floor.studio.offer(NAME, MODEL), owner="ann")
        await floor.approve(offer)
        [job] = await floor.finish(offer)
        kept = str(await dump(floor.database))
        await check_books(floor.database)

    assert (job.state, job.error, job.charged) == ("failed", "against the rules", Money.usd(charged))
    assert KEY not in kept


async def test_a_lost_answer_is_shown_with_what_the_account_had_before_and_after(
    set_up: Callable[[Tasks], Config], clock: Clock
) -> None:
    tasks = Tasks(clip=CLIP, loses_answers=True)
    async with listening(tasks), open_with(set_up(tasks), clock, NAME) as floor:
        offer = await floor.studio.quote(film_of(1, seconds=4), floor.studio.offer(NAME, MODEL), owner="ann")
        await floor.approve(offer)
        await floor.work()
        tasks.credits_left = 1200
        await floor.tick(minutes=2)
        [job] = await floor.jobs(offer)

    assert (job.state, job.charged) == ("unknown", None)
    assert str(job.error).endswith("; its account had 1240 credits before, and 1200 credits after")


async def test_what_it_would_refuse_is_not_offered(set_up: Callable[[Tasks], Config], clock: Clock) -> None:
    async with listening(Tasks()) as tasks, open_with(set_up(tasks), clock, NAME) as floor:
        plain = film_of(1, seconds=4)
        wordy = plain.with_shots([plain.shots[0].model_copy(update={"enhanced_prompt": "a fox " * 200})])
        with pytest.raises(CannotRender, match=f"{MODEL} takes prompts of up to 1000 characters"):
            await floor.studio.quote(wordy, floor.studio.offer(NAME, MODEL), owner="ann")
        with pytest.raises(CannotRender, match="from image, not from text"):
            await floor.studio.quote(film_of(1), floor.studio.offer(NAME, "gen4_turbo"), owner="ann")

    assert tasks.heard == []


# --- models ----------------------------------------------------------------------------------

SIZES = [
    ("gen4.5", "720p", "9:16", "720:1280"),
    ("veo3.1", "1080p", "16:9", "1920:1080"),
    ("seedance2", "480p", "16:9", "864:496"),
    ("seedance2", "4k", "9:16", "2160:3840"),
    ("seedance2_5", "480p", "9:16", "480:854"),
]


@pytest.mark.parametrize(("model", "resolution", "aspect_ratio", "size"), SIZES)
def test_a_resolution_is_a_size(model: str, resolution: str, aspect_ratio: str, size: str) -> None:
    request = replace(REQUEST, model=model, resolution=resolution, aspect_ratio=aspect_ratio)

    assert body_of(request)["ratio"] == size


def test_one_model_takes_words_for_its_size() -> None:
    body = body_of(replace(REQUEST, model="hailuo3", resolution="2k", aspect_ratio="1:1"))

    assert (body["ratio"], body["resolution"]) == ("1:1", "2k")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"model": "gen9"}, "nobody here knows how to ask for gen9"),
        ({"resolution": "4k"}, f"{MODEL} does not render 4k at 16:9"),
        ({"aspect_ratio": "1:1"}, f"{MODEL} does not render 720p at 1:1"),
        ({"prompt": "x" * 1_001}, f"{MODEL} takes prompts of up to 1000 characters"),
        ({"prompt": "🦊" * 501}, f"{MODEL} takes prompts of up to 1000 characters"),
        ({"model": "gen4_turbo"}, "gen4_turbo begins with a picture"),
        ({"pictures": (PICTURE, PICTURE)}, f"{MODEL} begins with one picture"),
        ({"pictures": (replace(PICTURE, content=bytes(3_750_000)),)}, "the picture is too large to be sent"),
    ],
)
async def test_what_no_model_takes_is_refused_before_anything_is_sent(
    change: dict[str, Any], why: str
) -> None:
    async with meeting(RUNWAY) as met:
        outcome = await met.adapter.submit(replace(RUNWAY.request, **change))

    assert outcome == Refused(why)
    assert met.vendor.heard == []


def test_every_row_of_the_price_book_can_be_asked_for() -> None:
    book = load_book()
    models = offered(book, NAME, takes)

    assert [model.name for model in models] == [name for _, name in book.models(NAME)]
    assert {model.name for model in models} == set(MODELS)
    for model in models:
        for row in book.of(NAME, model.name):
            pictures = (PICTURE,) if MODELS[model.name].needs_picture else ()
            for ratio in row.aspect_ratios or ():
                request = replace(
                    REQUEST,
                    model=model.name,
                    resolution=row.resolution or "",
                    aspect_ratio=ratio,
                    pictures=pictures,
                )
                assert objection(request) is None
