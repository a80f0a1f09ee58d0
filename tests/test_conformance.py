"""What every vendor's adapter must do, whoever the vendor is: a row for each, over real sockets.

A fake vendor is told what happens next in words that hold for all of them, and counts what came.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.vendor import clip_for
from tests.vendors import KEY, Elsewhere, Reply, listening, told
from tests.vendors.openai_videos import VideosServer
from tools.money import ZERO
from tools.providers.base import (
    Ambiguous,
    Failed,
    Missing,
    Picture,
    Refused,
    RenderRequest,
    Running,
    Silent,
    Submitted,
    Succeeded,
    VideoProvider,
)
from tools.providers.openai_videos import PROFILES, OpenaiVideos, ProfileName, Server
from tools.providers.openai_videos.adapter import Line
from tools.providers.wire import Address, Client, Patience, open_client

HASTE = Patience(connect=1, write=1, read=1, total=2)
CLIP = clip_for("a fox")
REQUEST = RenderRequest(
    take_id="take_1",
    model="wan-test",
    prompt="a fox, äöü ❄",
    negative_prompt="rain",
    seconds=4,
    resolution="720p",
    aspect_ratio="16:9",
    audio=False,
)


PICTURE = Picture("image/png", b"\x89PNG\r\n\x1a\n\r\n--\x00 a fox \xff\r\n")


@dataclass(frozen=True)
class Row:
    """A vendor of the suite. `sent` is its request for `REQUEST`, field by field."""

    profile: ProfileName
    sent: dict[str, Any]
    owned: bool = False  # nobody bills what it did not deliver
    stops: bool = False
    pictures: int = 1  # that it takes with one request

    def __str__(self) -> str:
        return self.profile


PLAIN: dict[str, Any] = {"model": "wan-test", "prompt": "a fox, äöü ❄", "seconds": "4", "size": "1280x720"}
ROWS = [
    Row("generic", PLAIN),
    Row("sglang", PLAIN | {"seconds": 4, "negative_prompt": "rain"}, owned=True),
    Row("vllm-omni", PLAIN | {"negative_prompt": "rain"}, owned=True, stops=True),
    Row("litellm", PLAIN, pictures=0),
]
every_vendor = pytest.mark.parametrize("row", ROWS, ids=str)


@dataclass
class Meeting:
    """An adapter, the vendor that it speaks to, and the line between them."""

    vendor: VideosServer
    adapter: VideoProvider
    client: Client

    async def take(self) -> str:
        """Have a job accepted."""
        outcome = await self.adapter.submit(REQUEST)
        assert isinstance(outcome, Submitted), outcome
        return outcome.provider_job_id


@asynccontextmanager
async def meeting(row: Row) -> AsyncGenerator[Meeting]:
    async with listening(VideosServer(profile=row.profile, clip=CLIP)) as vendor:
        server = Server(vendor.address, row.profile, KEY)
        async with open_client(server.base, server.headers, HASTE) as client:
            yield Meeting(vendor, line(client, row.profile), client)


def line(client: Client, profile: ProfileName) -> Line:
    return Line(client, PROFILES[profile], OpenaiVideos(Server("", profile), ()).capabilities)


# --- the way that it should go ---------------------------------------------------------------


@every_vendor
async def test_a_job_is_taken_asked_about_and_brought_home(row: Row, tmp_path: Path) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word, met.vendor.progress = "running", 40
        under_way = await met.adapter.poll(name)
        met.vendor.word = "done"
        over = await met.adapter.poll(name)
        await met.adapter.fetch(name, tmp_path / "clip.mp4")

    assert met.vendor.jobs[name].items() >= row.sent.items()
    assert met.vendor.jobs[name].keys() == row.sent.keys() | {"id", "object"}
    assert (under_way, over) == (Running(0.4), Succeeded(None))
    assert (tmp_path / "clip.mp4").read_bytes() == CLIP
    assert met.vendor.posts == 1


@every_vendor
async def test_a_vendor_that_reports_no_cost_says_so(row: Row) -> None:
    async with meeting(row) as met:
        assert not met.adapter.capabilities.reports_cost


# --- sending: once ---------------------------------------------------------------------------


@every_vendor
async def test_a_lost_answer_is_one_request_and_no_more(row: Row) -> None:
    async with meeting(row) as met:
        met.vendor.loses_answers = True
        outcome = await met.adapter.submit(REQUEST)
        found = await met.adapter.find(REQUEST.take_id)

    assert isinstance(outcome, Ambiguous)
    assert found == Silent()
    assert (met.vendor.posts, len(met.vendor.jobs)) == (1, 1)


@every_vendor
@pytest.mark.parametrize(
    "answer",
    [told({"object": "video"}), told({"id": ""}), told({"id": 7}), told({"id": ".."}), told({"id": "a b"})],
    ids=["none", "empty", "a number", "dots", "a space"],
)
async def test_an_acceptance_without_a_name_is_ambiguous(row: Row, answer: Reply) -> None:
    async with meeting(row) as met:
        met.vendor.on_submit = answer
        outcome = await met.adapter.submit(REQUEST)

    assert outcome == Ambiguous("the vendor's answer does not name the job")
    assert met.vendor.posts == 1


@every_vendor
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422, 429])
async def test_a_refusal_keeps_the_vendors_words_and_not_the_key(row: Row, status: int) -> None:
    async with meeting(row) as met:
        words = {"error": {"message": f"no more for {KEY}, " + "really " * 100, "code": "no"}}
        met.vendor.on_submit = told(words, status, "retry-after: 30")
        outcome = await met.adapter.submit(REQUEST)

    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith(f"the vendor refused it ({status}): no more for ")
    assert KEY not in outcome.reason
    assert len(outcome.reason) < 250
    assert met.vendor.posts == 1


@every_vendor
@pytest.mark.parametrize("status", [307, 408, 409, 500, 502, 503, 504])
async def test_a_status_that_proves_nothing_is_ambiguous(row: Row, status: int) -> None:
    async with meeting(row) as met:
        met.vendor.on_submit = told({}, status, "location: /v1/videos", "retry-after: 1")
        outcome = await met.adapter.submit(REQUEST)

    assert isinstance(outcome, Ambiguous)
    assert met.vendor.posts == 1


# --- pictures to begin with ------------------------------------------------------------------


@every_vendor
async def test_a_picture_arrives_as_it_was_quoted_and_changes_nothing_else(row: Row) -> None:
    async with meeting(row) as met:
        await met.adapter.submit(replace(REQUEST, pictures=(PICTURE,) * row.pictures))

    [job] = met.vendor.jobs.values()
    assert met.vendor.pictures == [PICTURE] * row.pictures
    assert {name: str(value) for name, value in job.items()}.items() >= {
        name: str(value) for name, value in row.sent.items()
    }.items()


@every_vendor
async def test_with_more_pictures_than_the_vendor_takes_nothing_is_sent(row: Row) -> None:
    async with meeting(row) as met:
        outcome = await met.adapter.submit(replace(REQUEST, pictures=(PICTURE,) * (row.pictures + 1)))

    assert isinstance(outcome, Refused)
    assert met.vendor.heard == []


def test_a_picture_is_not_written_down_by_the_way() -> None:
    assert "PNG" not in repr(replace(REQUEST, pictures=(PICTURE,)))


# --- asking ----------------------------------------------------------------------------------


@every_vendor
@pytest.mark.parametrize("status", [401, 402, 403, 429, 500, 503])
async def test_a_vendor_that_cannot_be_asked_now_says_nothing(row: Row, status: int) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.on_poll = told({"error": "not now"}, status, "retry-after: 30")

        assert await met.adapter.poll(name) == Silent()


@every_vendor
async def test_an_unknown_word_means_keep_asking(row: Row) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word, met.vendor.progress = "strange", 250

        assert await met.adapter.poll(name) == Running(1.0)


@every_vendor
async def test_a_job_that_the_vendor_does_not_know_is_missing(row: Row) -> None:
    async with meeting(row) as met:
        assert await met.adapter.poll("video_of_somebody_else") == Missing()


@every_vendor
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"code": "moderation", "message": "that\x1b[31m is not allowed"}, "that [31m is not allowed"),
        ("out of memory", "out of memory"),
        (None, "the vendor does not say why"),
    ],
)
async def test_a_failure_keeps_the_vendors_words(row: Row, error: Any, reason: str) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word, met.vendor.error = "failed", error

        assert await met.adapter.poll(name) == Failed(reason, ZERO if row.owned else None)


# --- stopping --------------------------------------------------------------------------------


@every_vendor
async def test_a_job_under_way_is_stopped_where_the_vendor_can(row: Row) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word = "queued"
        agreed = await met.adapter.cancel(name)
        after = await met.adapter.poll(name)

    assert agreed is met.adapter.capabilities.cancel is row.stops
    assert after == (Failed("canceled", ZERO, canceled=True) if row.stops else Running(1.0))


@every_vendor
async def test_a_job_that_is_over_keeps_its_clip(row: Row, tmp_path: Path) -> None:
    async with meeting(row) as met:
        name = await met.take()
        assert not await met.adapter.cancel(name)
        await met.adapter.fetch(name, tmp_path / "clip.mp4")

    assert not any(each.method == "DELETE" for each in met.vendor.heard)


@every_vendor
async def test_what_the_vendor_does_not_know_cannot_be_stopped(row: Row) -> None:
    async with meeting(row) as met:
        assert not await met.adapter.cancel("video_of_somebody_else")


# --- bringing home ---------------------------------------------------------------------------

BROKEN = {
    "expired": told({"detail": "Video not found"}, 404),
    "gone": told({"detail": "expired"}, 410),
    "a page": Reply(200, b"<html>", ("content-type: text/html",)),
    "broken off": Reply(200, CLIP[:100], ("content-type: video/mp4",), length=len(CLIP)),
    "too large": Reply(200, b"", ("content-type: video/mp4",), length=10**12),
    "empty": Reply(200, b"", ("content-type: video/mp4",)),
    "into our own network": Reply(302, b"", ("location: http://169.254.169.254/latest/meta-data",)),
}


@every_vendor
@pytest.mark.parametrize("content", BROKEN)
async def test_what_is_no_clip_is_not_brought_home(row: Row, content: str, tmp_path: Path) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.on_fetch = BROKEN[content]

        with pytest.raises(OSError, match="clip"):
            await met.adapter.fetch(name, tmp_path / "clip.mp4")


@every_vendor
async def test_a_redirect_to_another_origin_does_not_get_the_key(row: Row, tmp_path: Path) -> None:
    async with meeting(row) as met, listening(Elsewhere(clip=CLIP)) as other:
        name = await met.take()
        onward = f"location: http://localhost:{other.port}/clip.mp4?signed=1"
        met.vendor.on_fetch = Reply(302, b"", (onward,))
        freely = replace(met.client, may_reach=_anywhere)
        await line(freely, row.profile).fetch(name, tmp_path / "clip.mp4")

    assert (tmp_path / "clip.mp4").read_bytes() == CLIP
    assert [KEY in str(each.headers) for each in other.heard] == [False]


def _anywhere(_address: Address) -> bool:
    return True


# --- what only some do -----------------------------------------------------------------------


async def test_a_clip_that_sglang_keeps_elsewhere_is_fetched_there(tmp_path: Path) -> None:
    async with meeting(ROWS[1]) as met, listening(Elsewhere(clip=CLIP)) as other:
        name = await met.take()
        met.vendor.jobs[name]["url"] = f"http://localhost:{other.port}/bucket/clip.mp4"
        met.vendor.on_fetch = told({"detail": "Video has been uploaded to cloud storage."}, 400)
        freely = replace(met.client, may_reach=_anywhere)
        await line(freely, "sglang").fetch(name, tmp_path / "clip.mp4")

    assert (tmp_path / "clip.mp4").read_bytes() == CLIP
    assert "authorization" not in other.heard[0].headers


async def test_a_server_on_vllm_omni_is_asked_for_sound() -> None:
    async with meeting(ROWS[2]) as met:
        await met.adapter.submit(replace(REQUEST, audio=True))

    assert met.vendor.jobs["video_1"]["generate_sound"] == "true"


async def test_a_size_that_nobody_knows_is_refused_before_anything_is_sent() -> None:
    async with meeting(ROWS[0]) as met:
        assert isinstance(await met.adapter.submit(replace(REQUEST, resolution="huge")), Refused)

    assert met.vendor.heard == []


def test_every_profile_is_a_row() -> None:
    assert [row.profile for row in ROWS] == list(PROFILES)
