"""What every vendor's adapter must do, whoever the vendor is: a row for each, over real sockets.

A fake vendor is told what happens next in words that hold for all of them, and counts what came.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock
from tests.vendors import KEY, Elsewhere, Reply, listening, told
from tests.vendors.every import AT_ONCE, ROWS
from tests.vendors.row import CLIP, HASTE, PICTURE, REQUEST, Row, anywhere, meeting
from tools.money import Money
from tools.providers.base import (
    Ambiguous,
    Failed,
    Missing,
    Nudge,
    Refused,
    Running,
    Silent,
    Status,
    Succeeded,
)
from tools.providers.wire import open_client
from tools.trouble import RATE_LIMITED, TURNED_AWAY

CALLERS = [row for row in ROWS if row.calls]
every_vendor = pytest.mark.parametrize("row", ROWS, ids=str)
every_seller = pytest.mark.parametrize("row", [*ROWS, *AT_ONCE], ids=str)  # also of what comes at once
every_caller = pytest.mark.parametrize("row", CALLERS, ids=str)


def under_way(row: Row, progress: float) -> Status:
    return Running(progress if row.shares else None)


# --- the way that it should go ---------------------------------------------------------------


@every_vendor
async def test_a_job_is_taken_asked_about_and_brought_home(row: Row, tmp_path: Path) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word, met.vendor.progress = "running", 40
        at_work = await met.adapter.poll(name)
        met.vendor.word = "done"
        over = await met.adapter.poll(name)
        await met.adapter.fetch(name, tmp_path / "clip.mp4")

    assert met.vendor.jobs == {name: row.sent}
    assert (at_work, over) == (under_way(row, 0.4), Succeeded(None))
    assert (tmp_path / "clip.mp4").read_bytes() == CLIP
    assert met.vendor.posts == 1


@every_vendor
async def test_what_the_vendor_reports_to_the_last_digit_is_what_it_charges(row: Row) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.bill = "0.4000001"
        over = await met.adapter.poll(name)

    assert met.adapter.capabilities.reports_cost is row.bills
    assert over == Succeeded(Money(400_001) if row.bills else None)


@every_vendor
@pytest.mark.parametrize("bill", ["-1", "1e30", "0"])
async def test_an_absurd_bill_is_not_one_that_a_clip_is_charged_by(row: Row, bill: str) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.bill = bill
        over = await met.adapter.poll(name)

    assert over in {Succeeded(None), Succeeded(Money(0))}  # which settles as one that is missing


# --- sending: once ---------------------------------------------------------------------------


@every_seller
async def test_a_lost_answer_is_one_request_and_no_more(row: Row) -> None:
    async with meeting(row) as met:
        met.vendor.loses_answers = True
        outcome = await met.adapter.submit(row.request)
        found = await met.adapter.find(row.request.take_id)

    assert isinstance(outcome, Ambiguous)
    assert found == Silent()
    assert (met.vendor.posts, len(met.vendor.jobs)) == (1, 1)


@every_vendor
async def test_a_vendor_that_cannot_be_reached_took_nothing_and_says_nothing(
    row: Row, tmp_path: Path
) -> None:
    async with listening(row.fake()) as gone:
        pass
    async with open_client(gone.address + row.base, row.key, HASTE) as client:
        adapter = row.line(client, Clock())
        outcome = await adapter.submit(row.request)
        told = await adapter.poll("job-1")
        agreed = await adapter.cancel("job-1")
        with pytest.raises(ConnectionError):
            await adapter.fetch("job-1", tmp_path / "clip.mp4")

    assert outcome == Refused(f"the vendor cannot be reached: {TURNED_AWAY}")
    assert (told, agreed) == (Silent(), False)


@every_vendor
@pytest.mark.parametrize("name", [None, "", 7, "..", "a b"])
async def test_an_acceptance_without_a_name_is_ambiguous(row: Row, name: Any) -> None:
    async with meeting(row) as met:
        met.vendor.on_submit = told({"object": "video"}) if name is None else met.vendor.acceptance(name)
        outcome = await met.adapter.submit(row.request)

    assert outcome == Ambiguous("the vendor's answer does not name the job")
    assert met.vendor.posts == 1


@every_seller
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 415, 422, 429])
async def test_a_refusal_keeps_the_vendors_words_and_not_the_key(row: Row, status: int) -> None:
    async with meeting(row) as met:
        met.vendor.on_submit = met.vendor.complaint(f"no more for {KEY}, " + "really " * 100, status)
        outcome = await met.adapter.submit(row.request)

    assert met.vendor.posts == 1
    if status not in row.took_nothing:
        assert isinstance(outcome, Ambiguous)
        return
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith(f"the vendor refused it ({status}): no more for ")
    assert KEY not in outcome.reason
    assert len(outcome.reason.removesuffix(f" ({RATE_LIMITED})")) < 250


@every_seller
@pytest.mark.parametrize("status", [307, 408, 409, 500, 502, 503, 504])
async def test_a_status_that_proves_nothing_is_ambiguous(row: Row, status: int) -> None:
    async with meeting(row) as met:
        met.vendor.on_submit = told({}, status, f"location: {row.base}/videos", "retry-after: 1")
        outcome = await met.adapter.submit(row.request)

    assert isinstance(outcome, Ambiguous)
    assert met.vendor.posts == 1


# --- pictures to begin with ------------------------------------------------------------------


@every_vendor
async def test_a_picture_arrives_as_it_was_quoted_and_changes_nothing_else(row: Row) -> None:
    async with meeting(row) as met:
        await met.adapter.submit(replace(row.request, pictures=(PICTURE,) * row.pictures))

    [job] = met.vendor.jobs.values()
    assert met.vendor.pictures == [PICTURE] * row.pictures
    assert {name: str(value) for name, value in job.items()} == {
        name: str(value) for name, value in row.sent.items()
    }


@every_vendor
async def test_with_more_pictures_than_the_vendor_takes_nothing_is_sent(row: Row) -> None:
    async with meeting(row) as met:
        outcome = await met.adapter.submit(replace(row.request, pictures=(PICTURE,) * (row.pictures + 1)))

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
        met.vendor.on_poll = met.vendor.complaint("not now", status)

        assert await met.adapter.poll(name) == Silent()


@every_vendor
async def test_an_unknown_word_means_keep_asking(row: Row) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word, met.vendor.progress = "strange", 250

        assert await met.adapter.poll(name) == under_way(row, 1.0)


@every_seller
async def test_a_job_that_the_vendor_does_not_know_is_missing(row: Row) -> None:
    async with meeting(row) as met:
        assert await met.adapter.poll(row.stranger) == Missing()


@every_vendor
@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("that\x1b[31m is not allowed, " + KEY, "that [31m is not allowed, [redacted]"),
        (None, "the vendor does not say why"),
    ],
)
async def test_a_failure_keeps_the_vendors_words_and_not_the_key(
    row: Row, why: str | None, reason: str
) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word, met.vendor.why = "failed", why

        assert await met.adapter.poll(name) == Failed(reason, row.unpaid)


@every_vendor
@pytest.mark.parametrize("bill", ["0", "0.25"])
async def test_what_moderation_stopped_after_the_work_costs_what_the_vendor_says(row: Row, bill: str) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word, met.vendor.why, met.vendor.bill = "failed", "against the rules", bill

        charged = Money.usd(bill) if row.bills else row.unpaid
        assert await met.adapter.poll(name) == Failed("against the rules", charged)


@every_vendor
async def test_what_the_vendor_stopped_by_itself_is_canceled(row: Row) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word = "canceled"

        assert await met.adapter.poll(name) == Failed("canceled", row.unpaid, canceled=True)


# --- stopping --------------------------------------------------------------------------------


@every_vendor
async def test_a_job_under_way_is_stopped_where_the_vendor_can(row: Row) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word = "queued"
        agreed = await met.adapter.cancel(name)
        after = await met.adapter.poll(name)

    assert agreed is met.adapter.capabilities.cancel is row.stops
    assert after == (Failed("canceled", row.unpaid, canceled=True) if row.stops else under_way(row, 1.0))


@every_vendor
async def test_a_job_that_is_over_keeps_its_clip(row: Row, tmp_path: Path) -> None:
    async with meeting(row) as met:
        name = await met.take()
        assert not await met.adapter.cancel(name)
        await met.adapter.fetch(name, tmp_path / "clip.mp4")

    assert {each.method for each in met.vendor.heard} == {"GET", "POST"}
    assert met.vendor.posts == 1


@every_vendor
@pytest.mark.parametrize("status", [400, 409, 500])
async def test_a_job_that_the_vendor_does_not_stop_goes_on(row: Row, status: int) -> None:
    async with meeting(row) as met:
        name = await met.take()
        met.vendor.word, met.vendor.progress = "running", 40
        met.vendor.on_cancel = met.vendor.complaint("it is too late for that", status)
        agreed = await met.adapter.cancel(name)
        after = await met.adapter.poll(name)

    assert (agreed, after) == (False, under_way(row, 0.4))


@every_seller
async def test_what_the_vendor_does_not_know_cannot_be_stopped(row: Row) -> None:
    async with meeting(row) as met:
        assert not await met.adapter.cancel(row.stranger)


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
        freely = replace(met.client, may_reach=anywhere)
        await row.line(freely, met.clock).fetch(name, tmp_path / "clip.mp4")

    assert (tmp_path / "clip.mp4").read_bytes() == CLIP
    assert [KEY in str(each.headers) for each in other.heard] == [False]


# --- being called ----------------------------------------------------------------------------


@every_caller
async def test_a_genuine_call_names_the_job_and_its_event(row: Row) -> None:
    async with meeting(row) as met:
        await met.adapter.submit(replace(row.request, webhook="https://studio.example/webhooks/x/token"))
        [name] = met.vendor.jobs
        done = met.vendor.call(name, "done", met.clock())
        again = met.vendor.call(name, "done", met.clock() + timedelta(seconds=10))
        failed = met.vendor.call(name, "failed", met.clock())
        first, second, other = (met.adapter.nudge(each.headers, each.body) for each in (done, again, failed))

    assert met.vendor.addresses == ["https://studio.example/webhooks/x/token"]
    assert isinstance(first, Nudge)
    assert first.provider_job_id == row.named_in_calls(name)
    assert second == first  # it repeats itself, and is heard once
    assert isinstance(other, Nudge)
    assert other.event_key != first.event_key


@every_caller
@pytest.mark.parametrize("forged", ["another body", "no signature", "another's signature"])
async def test_a_forged_call_is_not_heard(row: Row, forged: str) -> None:
    async with meeting(row) as met:
        call = met.vendor.call("job-1", "done", met.clock())
        forgeries = {
            "another body": replace(call, body=call.body.replace(b"job-1", b"job-2")),
            "no signature": replace(call, headers={}),
            "another's signature": replace(call, headers={k: _turned(v) for k, v in call.headers.items()}),
        }

        assert met.adapter.nudge(forgeries[forged].headers, forgeries[forged].body) is None


def _turned(value: str) -> str:
    """The last digit is another one."""
    return value[:-1] + ("0" if value[-1] != "0" else "1")


@every_caller
@pytest.mark.parametrize("seconds", [-301, 301])
async def test_a_call_of_another_time_is_not_heard(row: Row, seconds: int) -> None:
    async with meeting(row) as met:
        call = met.vendor.call("job-1", "done", met.clock() + timedelta(seconds=seconds))

        assert met.adapter.nudge(call.headers, call.body) is None


@every_caller
@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"{}", b'{"data": 7}', b"[" * 100_000])
async def test_a_call_that_says_nothing_is_no_fault_of_ours(row: Row, body: bytes) -> None:
    async with meeting(row) as met:
        call = met.vendor.call("job-1", "done", met.clock())

        assert met.adapter.nudge(call.headers, body) is None


@every_seller
async def test_only_a_vendor_that_calls_is_told_where(row: Row) -> None:
    async with meeting(row) as met:
        await met.adapter.submit(replace(row.request, webhook="https://studio.example/webhooks/x/token"))
        heard = met.adapter.nudge({}, b"{}")

    assert met.adapter.capabilities.webhook is row.calls
    assert len(met.vendor.addresses) == row.calls
    assert heard is None
