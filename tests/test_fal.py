"""What only fal does: it gives addresses, hides failures behind COMPLETED, counts units and signs its calls."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.conftest import Clock, Floor, check_books, dump, film_of
from tests.vendors import KEY, Elsewhere, Reply, listening, open_with, priced, told
from tests.vendors.fal import APP, MODEL, PRICE, ROWS, Queue, in_calls, line
from tests.vendors.row import CLIP, PICTURE, REQUEST, Meeting, meeting
from tools import render
from tools.errors import CannotRender
from tools.money import ZERO, Money
from tools.prices import load_book
from tools.providers.account import Account
from tools.providers.base import Ambiguous, Failed, Missing, Refused, Running, Silent, Status, Succeeded
from tools.providers.fal import NAME, takes
from tools.providers.fal.endpoints import body_of
from tools.providers.offered import offered
from tools.studio import Config

DATABASES = ("sqlite", "postgres")
HERE = "https://studio.example"
[FAL] = ROWS


def queue_of(met: Meeting) -> Queue:
    assert isinstance(met.vendor, Queue)
    return met.vendor


# --- what COMPLETED hides --------------------------------------------------------------------

OWN = ("content-type: application/json", "x-fal-retryable: true")
RESULTS: dict[str, tuple[Reply, Status]] = {
    "moderated, and nothing said about money": (
        told({"detail": [{"msg": "against the rules", "type": "content_policy_violation"}]}, 422),
        Failed("against the rules", None),
    ),
    "broken by the vendor, which never bills that": (
        Reply(500, b'{"detail": "Internal error"}', OWN),
        Failed("Internal error", ZERO),
    ),
    "broken, and said by kind": (
        told({"detail": "Request timed out", "error_type": "request_timeout"}, 504),
        Failed("Request timed out", ZERO),
    ),
    "a gateway that is in trouble": (Reply(503, b"<html>"), Silent()),
    "not there": (told({"detail": "Not found"}, 404), Missing()),
    "our key is not taken": (told({"detail": "no", "error_type": "auth_error"}, 401), Silent()),
    "not readable": (Reply(200, b"{", ("content-type: application/json",)), Silent()),
    "no clip in it": (told({"images": []}), Failed("it left no clip", None)),
}


@pytest.mark.parametrize("result", RESULTS)
async def test_completed_is_what_its_result_says(result: str) -> None:
    async with meeting(FAL) as met:
        name = await met.take()
        queue_of(met).on_result, expected = RESULTS[result]

        assert await met.adapter.poll(name) == expected


# --- what it costs ---------------------------------------------------------------------------

PRICES: dict[str, tuple[Reply, Status]] = {
    "away": (Reply(503, b""), Silent()),
    "not for this key": (told({"error": "forbidden"}, 403), Succeeded(None)),
    "of others": (
        told({"prices": [{"endpoint_id": "x", "unit_price": 1, "currency": "USD"}]}),
        Succeeded(None),
    ),
    "in another currency": (
        told({"prices": [{"endpoint_id": MODEL, "unit_price": 1, "currency": "EUR"}]}),
        Succeeded(None),
    ),
    "absurd": (
        told({"prices": [{"endpoint_id": MODEL, "unit_price": -1, "currency": "USD"}]}),
        Succeeded(None),
    ),
}


@pytest.mark.parametrize("price", PRICES)
async def test_units_without_a_price_are_no_bill(price: str) -> None:
    async with meeting(FAL) as met:
        name = await met.take()
        met.vendor.bill = "0.40"
        queue_of(met).on_price, expected = PRICES[price]

        assert await met.adapter.poll(name) == expected


async def test_a_price_that_stays_away_does_not_keep_the_job_open() -> None:
    async with meeting(FAL) as met:
        name = await met.take()
        met.vendor.bill, queue_of(met).on_price = "0.40", Reply(503, b"")
        told_while_away = [await met.adapter.poll(name) for _ in range(6)]
        queue_of(met).on_price = None

        assert told_while_away == [Silent()] * 4 + [Succeeded(None)] * 2
        assert await met.adapter.poll(name) == Succeeded(Money.usd("0.40"))


async def test_a_unit_is_what_the_vendor_counts_and_no_second() -> None:
    async with meeting(FAL) as met:
        name = await met.take()
        met.vendor.bill, queue_of(met).unit_price = "0.03008", 0.03  # 3.008 units of the vendor's list

        assert await met.adapter.poll(name) == Succeeded(Money.usd("0.09024"))


# --- its addresses ---------------------------------------------------------------------------


async def test_the_addresses_are_used_as_they_were_given(tmp_path: Path) -> None:
    async with meeting(FAL) as met:
        base = f"{met.vendor.address}/{APP}/requests/764cabcf-1"
        given = {"status_url": f"{base}/status?logs=0", "response_url": base, "cancel_url": f"{base}/cancel"}
        queue_of(met).requests["764cabcf-1"] = "whatever"
        met.vendor.on_submit = told({"request_id": "r-1"} | given)
        name = await met.take()
        over = await line(met.client, met.clock).poll(name)  # a restart later
        await met.adapter.fetch(name, tmp_path / "clip.mp4")

    assert over == Succeeded(None)
    assert name == f"{MODEL}|/{APP}/requests/764cabcf-1|/status?logs=0||/cancel"
    assert [each.path for each in met.vendor.heard[1:3]] == [
        f"/{APP}/requests/764cabcf-1/status?logs=0",
        f"/{APP}/requests/764cabcf-1",
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"status_url": "http://localhost:{port}/s"},
        {"response_url": "//localhost:{port}/r"},
        {"cancel_url": "http://127.0.0.1/c"},
        {"status_url": None},
        {"status_url": "http://["},
        {"status_url": "/\ud800"},
        {"status_url": "http://xn--/"},
        {"response_url": "/" + "r" * 200},
        {"response_url": "/a|b"},
    ],
    ids=[
        "elsewhere",
        "elsewhere without a scheme",
        "another port",
        "none",
        "no address",
        "no character",
        "no host",
        "too long",
        "our mark",
    ],
)
async def test_an_address_that_is_not_the_vendors_own_names_no_job(given: dict[str, str | None]) -> None:
    async with meeting(FAL) as met, listening(Elsewhere()) as other:
        usual = json.loads(met.vendor.acceptance("r-1").body)
        put = {field: value and value.replace("{port}", str(other.port)) for field, value in given.items()}
        met.vendor.on_submit = told(usual | put)
        outcome = await met.adapter.submit(FAL.request)

    assert outcome == Ambiguous("the vendor's answer does not name the job")
    assert other.heard == []


async def test_a_name_that_only_a_call_gave_is_found_among_the_models_that_are_offered() -> None:
    async with meeting(FAL) as met:
        name = in_calls(await met.take())
        met.vendor.word = "running"
        at_work = await met.adapter.poll(name)
        met.vendor.word, met.vendor.bill = "done", "0.40"
        over = await met.adapter.poll(name)
        other = await met.adapter.poll("of-somebody-else")

    assert (at_work, over, other) == (Running(), Succeeded(None), Missing())


# --- in the studio ---------------------------------------------------------------------------


@pytest.fixture
def set_up(config: Callable[..., Config], tmp_path: Path) -> Callable[[Queue], Config]:
    return lambda queue: config(prices=priced(tmp_path, PRICE), fal=Account(KEY, queue.address))


async def test_a_restart_finds_the_job_and_pays_what_was_billed(
    set_up: Callable[[Queue], Config], clock: Clock
) -> None:
    async with listening(Queue(clip=CLIP, word="running", bill="0.401")) as queue:
        async with open_with(set_up(queue), clock, NAME) as floor:
            offer = await floor.studio.quote(film_of(1), floor.studio.offer(NAME, MODEL), owner="ann")
            await floor.approve(offer)
            await floor.tick(seconds=6)
        queue.word = "done"
        async with open_with(set_up(queue), clock, NAME) as floor:
            [job] = await floor.finish(offer)
            kept = str(await dump(floor.database))
            await check_books(floor.database)

    assert (job.state, job.charged, job.charge_source) == ("succeeded", Money.usd("0.401"), "reported")
    assert job.clip_id
    assert (queue.posts, KEY in kept) == (1, False)


async def test_a_lost_answer_is_found_by_the_vendors_signed_call(
    set_up: Callable[[Queue], Config], clock: Clock
) -> None:
    async with (
        listening(Queue(clip=CLIP, loses_answers=True)) as queue,
        open_with(set_up(queue), clock, NAME) as floor,
    ):
        floor.use(floor.kit.vendor(NAME), public_url=HERE)
        offer = await floor.studio.quote(film_of(1), floor.studio.offer(NAME, MODEL), owner="ann")
        await floor.approve(offer)
        await floor.work()
        [lost] = await floor.jobs(offer)
        await call_as_soon_as_its_keys_are_known(floor, queue)
        await floor.tick(minutes=2)
        [job] = await floor.finish(offer)
        await check_books(floor.database)

    asked_for_keys = [each for each in queue.heard if each.path.endswith("/jwks.json")]
    assert asked_for_keys
    assert all(KEY not in str(each.headers) for each in asked_for_keys)  # anybody may have those
    assert (lost.state, job.state, queue.posts) == ("unknown", "succeeded", 1)
    assert job.charged == offer.ceiling  # nobody said of which endpoint it is, so nobody knows its bill
    assert job.charge_source == "assumed"


async def test_a_priced_model_that_nobody_knows_how_to_ask_for_is_not_ready_and_in_no_plan(
    set_up: Callable[[Queue], Config], clock: Clock
) -> None:
    async with listening(Queue()) as queue, open_with(set_up(queue), clock, NAME) as floor:
        film = film_of(1, seconds=4)
        rows = floor.studio.table(film)["rows"]
        ready = {row["model"]: row["ready"] for row in rows if row["provider"] == NAME}
        plans = await floor.studio.plans(
            film, Money.usd("1"), "ann", floor.studio.offer(NAME, "kling-4.0", "720p")
        )
        with pytest.raises(CannotRender, match=r"shot 1.*nobody here knows how to ask for kling-4\.0"):
            await floor.studio.quote(film, floor.studio.offer(NAME, "kling-4.0"), owner="ann")

    assert (ready[MODEL], ready["kling-4.0"]) == (True, False)
    assert {plan.priced.offer.model for plan in plans}.isdisjoint({"kling-4.0"})


async def call_as_soon_as_its_keys_are_known(floor: Floor, queue: Queue) -> None:
    """The vendor calls with the address that the request carried."""
    [address], [name] = queue.addresses, queue.jobs
    call = queue.call(name, "done", floor.clock())
    with anyio.fail_after(5):
        while floor.kit.vendor(NAME).nudge(call.headers, call.body) is None:  # noqa: ASYNC110 -- nobody rings
            await anyio.sleep(0.01)
    await render.hear(floor.kit, NAME, address.rpartition("/")[2], call.headers, call.body)


async def test_a_signed_call_that_says_nothing_and_a_time_that_is_none_are_no_fault_of_ours() -> None:
    async with meeting(FAL) as met:
        genuine = met.vendor.call("job-1", "done", met.clock())
        for body in (b"", b"[]", b'{"request_id": 7, "status": "OK"}', b"[" * 100_000):
            nothing = queue_of(met).signed(body, met.clock())
            assert met.adapter.nudge(nothing.headers, nothing.body) is None
        for time in ("9" * 400, "soon", ""):
            headers = genuine.headers | {"x-fal-webhook-timestamp": time}
            assert met.adapter.nudge(headers, genuine.body) is None


# --- endpoints -------------------------------------------------------------------------------

BODIES: dict[str, dict[str, Any]] = {
    "minimax/h3/text-to-video": {
        "prompt": "a fox",
        "duration": 4,
        "resolution": "720P",
        "aspect_ratio": "16:9",
    },
    "minimax/h3/reference-to-video": {
        "prompt": "a fox",
        "duration": 4,
        "resolution": "720P",
        "aspect_ratio": "16:9",
        "reference_image_urls": ["data:image/png;base64,iVBORw=="],
    },
    "bytedance/seedance-2.5/image-to-video": {
        "prompt": "a fox",
        "duration": "4",
        "resolution": "720p",
        "generate_audio": False,
        "image_url": "data:image/png;base64,iVBORw==",
    },
    "fal-ai/kling-video/v3/4k/text-to-video": {
        "prompt": "a fox",
        "duration": "4",
        "aspect_ratio": "16:9",
        "generate_audio": False,
        "negative_prompt": "rain",
    },
}


@pytest.mark.parametrize("model", BODIES)
def test_each_endpoint_is_asked_in_its_own_way(model: str) -> None:
    pictures = (replace(PICTURE, content=b"\x89PNG"),) if takes(model) else ()

    assert body_of(replace(REQUEST, model=model, prompt="a fox", pictures=pictures)) == BODIES[model]


@pytest.mark.parametrize(
    ("model", "pictures", "why"),
    [
        ("kling-4.0", 0, "nobody here knows how to ask for kling-4.0"),
        (MODEL, 1, f"{MODEL} begins with words alone"),
        (f"{APP}/image-to-video", 0, f"{APP}/image-to-video begins with a picture"),
    ],
)
async def test_what_no_endpoint_takes_is_refused_before_anything_is_sent(
    model: str, pictures: int, why: str
) -> None:
    async with meeting(FAL) as met:
        outcome = await met.adapter.submit(replace(REQUEST, model=model, pictures=(PICTURE,) * pictures))

    assert outcome == Refused(why)
    assert met.vendor.heard == []


def test_only_endpoints_that_somebody_knows_how_to_ask_are_offered() -> None:
    models = {model.name: model.pictures for model in offered(load_book(), NAME, takes)}

    assert "kling-4.0" not in models
    assert models["minimax/h3/reference-to-video"] == 9
    assert models[f"{APP}/image-to-video"] == 1
