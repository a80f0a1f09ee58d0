"""What comes as the answer itself: kept before anybody says so, found again, and paid like a clip."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from api.settings import Settings
from tests.conftest import BOTH, Clock, Floor, check_books, film_of, rows
from tests.vendors import KEY, Reply, listening, priced, told
from tests.vendors.at_once import MP3, PNG, ROWS, STILL, VOICE, AtOnceFake, AtOnceRow, meeting_at
from tests.vendors.row import CLIP, HASTE, REQUEST
from tools.money import ZERO, Money
from tools.prices import load_book
from tools.providers.absent import Absent
from tools.providers.account import Account, Host
from tools.providers.at_once import AtOnce, Counter, Way, Work, is_sound, picture_in
from tools.providers.at_once.line import Line
from tools.providers.at_once.plug import POLL_SECONDS
from tools.providers.base import (
    Ambiguous,
    Capabilities,
    Failed,
    Missing,
    Refused,
    RenderRequest,
    Running,
    Silent,
    Status,
    Submission,
    Submitted,
    Succeeded,
)
from tools.providers.openai_images import openai_images
from tools.providers.openai_speech import openai_speech
from tools.providers.wire import open_client
from tools.quotes import Quote
from tools.studio import Config, vendors

DATABASES = BOTH
IMAGES, SPEECH, ELEVENLABS, OR_STILLS, OR_VOICES = ROWS
every_row = pytest.mark.parametrize("row", ROWS, ids=str)
NOT_IT = Ambiguous("the vendor's answer is not what was asked for")
NOT_KEPT = Ambiguous("what came could not be kept here")


# --- the way that it should go ----------------------------------------------------------------


@every_row
async def test_what_came_is_here_under_the_takes_name_and_outlives_the_process(
    row: AtOnceRow, tmp_path: Path
) -> None:
    async with meeting_at(row, tmp_path / "tray") as met:
        met.vendor.bill = "0.04"
        taken = await met.adapter.submit(row.request)
        next_process = row.at(met.client, met.clock, tmp_path / "tray")
        over = await next_process.poll("take_1")
        found = await next_process.find("take_1")
        await next_process.fetch("take_1", tmp_path / "work")
        lying = list((tmp_path / "tray").glob("*.work"))
        for _ in range(2):  # it may be said again
            await next_process.kept("take_1")
        afterwards = await next_process.poll("take_1")

    assert taken == Submitted("take_1")
    assert (len(lying), list((tmp_path / "tray").glob("*.work")), afterwards) == (1, [], over)
    assert list(met.vendor.jobs.values()) == [row.sent]
    assert (over, found) == (Succeeded(Money.usd("0.04") if row.bills else None), "take_1")
    assert (tmp_path / "work").read_bytes() == row.work
    assert met.vendor.posts == 1


@pytest.mark.parametrize("row", [OR_STILLS, OR_VOICES], ids=str)
@pytest.mark.parametrize(
    ("bill", "charged"), [("0.0400001", Money(40_001)), ("-1", None), ("1e30", None), ("0", ZERO)]
)
async def test_what_openrouter_reports_to_the_last_digit_is_what_it_charges(
    row: AtOnceRow, bill: str, charged: Money | None, tmp_path: Path
) -> None:
    async with meeting_at(row, tmp_path) as met:
        met.vendor.bill = bill
        await met.adapter.submit(row.request)

        assert await met.adapter.poll("take_1") == Succeeded(charged)


@pytest.mark.parametrize("row", [OR_STILLS, OR_VOICES], ids=str)
async def test_a_key_of_ones_own_behind_it_is_billed_elsewhere_too(row: AtOnceRow, tmp_path: Path) -> None:
    async with meeting_at(row, tmp_path) as met:
        met.vendor.bill = "0.04"
        vars(met.vendor)["is_byok"] = True
        await met.adapter.submit(row.request)

        assert await met.adapter.poll("take_1") == Succeeded(None)


async def test_a_voices_bill_comes_later_and_one_that_stays_away_is_missing(tmp_path: Path) -> None:
    async with meeting_at(OR_VOICES, tmp_path) as met:
        await met.adapter.submit(VOICE)
        early = await met.adapter.poll("take_1")
        met.vendor.on_poll = met.vendor.complaint("not now", 503)
        away = await met.adapter.poll("take_1")
        met.vendor.on_poll = met.vendor.complaint("no such key", 401)
        locked_out = await met.adapter.poll("take_1")
        met.vendor.on_poll = None
        met.clock.move(minutes=10)
        late = await met.adapter.poll("take_1")

    assert (early, away, locked_out, late) == (Running(), Silent(), Silent(), Succeeded(None))


async def test_a_voice_without_a_name_for_its_bill_has_none(tmp_path: Path) -> None:
    async with meeting_at(OR_VOICES, tmp_path) as met:
        met.vendor.on_submit = Reply(200, MP3, ("content-type: audio/mpeg",))
        await met.adapter.submit(VOICE)

        assert await met.adapter.poll("take_1") == Succeeded(None)
        assert len(met.vendor.heard) == 1


# --- what is no work --------------------------------------------------------------------------


NO_WORK: dict[str, Reply] = {
    "an error in good words": told({"error": {"message": "not now"}}),
    "an empty list": told({"data": []}),
    "an address": told({"data": [{"url": "http://169.254.169.254/"}]}),
    "no base64": told({"data": [{"b64_json": "a fox!"}]}),
    "half a letter": Reply(200, b'{"data": [{"b64_json": "\\ud800"}]}'),
    "a page as a picture": told({"data": [{"b64_json": "PGh0bWw+"}]}),
    "a page": Reply(200, b"<html>", ("content-type: audio/mpeg",)),
    "a pit": Reply(200, b"[" * 100_000),
}


@every_row
@pytest.mark.parametrize("what", NO_WORK)
async def test_an_answer_that_is_not_the_work_may_have_been_paid(
    row: AtOnceRow, what: str, tmp_path: Path
) -> None:
    async with meeting_at(row, tmp_path) as met:
        met.vendor.on_submit = NO_WORK[what]
        outcome = await met.adapter.submit(row.request)
        found, told = (
            await met.adapter.find("take_1"),
            await row.at(met.client, met.clock, tmp_path).find("take_1"),
        )

    assert outcome == NOT_IT
    assert (found, told) == (Silent(), Silent())
    assert met.vendor.posts == 1
    assert (tmp_path / "take_1.part").read_bytes() == NO_WORK[what].body  # for who has to decide


@every_row
async def test_work_that_breaks_off_is_no_work(row: AtOnceRow, tmp_path: Path) -> None:
    async with meeting_at(row, tmp_path) as met:
        met.vendor.on_submit = Reply(200, row.work[:50], ("content-type: audio/mpeg",), length=500)
        outcome = await met.adapter.submit(row.request)

        assert await met.adapter.find("take_1") == Silent()
    assert outcome == Ambiguous("the vendor's answer could not be read to its end")


@every_row
async def test_a_refusal_that_nobody_was_left_to_hear_is_on_disk(row: AtOnceRow, tmp_path: Path) -> None:
    async with meeting_at(row, tmp_path) as met:
        met.vendor.on_submit = met.vendor.complaint("against the rules", 400)
        refused = await met.adapter.submit(row.request)
        next_process = row.at(met.client, met.clock, tmp_path)

        assert await next_process.find("take_1") == "take_1"
        assert await next_process.poll("take_1") == Failed(
            "the vendor refused it (400): against the rules", ZERO
        )
    assert refused == Refused("the vendor refused it (400): against the rules")


# --- keeping ----------------------------------------------------------------------------------


@every_row
async def test_where_nothing_can_be_kept_nothing_is_sent(row: AtOnceRow, tmp_path: Path) -> None:
    (tmp_path / "tray").write_bytes(b"a file where the folder should be")
    async with meeting_at(row, tmp_path / "tray") as met:
        outcome = await met.adapter.submit(row.request)

        assert outcome == Refused("there is no room to keep what would come, so nothing was sent")
        assert met.vendor.heard == []
        assert await met.adapter.poll("take_1") == Silent()


@every_row
async def test_work_that_cannot_be_kept_was_paid_all_the_same(row: AtOnceRow, tmp_path: Path) -> None:
    (tmp_path / "take_1.work").mkdir()
    async with meeting_at(row, tmp_path) as met:
        outcome = await met.adapter.submit(row.request)

        assert await met.adapter.poll("take_1") == Missing()
    assert outcome == NOT_KEPT
    assert met.vendor.posts == 1


@every_row
@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a b", "take_2"])
async def test_a_name_that_no_take_has_is_missing(row: AtOnceRow, name: str, tmp_path: Path) -> None:
    async with meeting_at(row, tmp_path) as met:
        if row.provider != "openrouter":  # which may have given it to a film
            assert await met.adapter.poll(name) == Missing()
            with pytest.raises(FileNotFoundError):
                await met.adapter.fetch(name, tmp_path / "work")
        assert await met.adapter.find(name) == Silent()


@dataclass
class Slow(AtOnceFake):
    """At work until the test lets go."""

    path = "/v1/images/generations"
    asked: anyio.Event = field(default_factory=anyio.Event)
    go: anyio.Event = field(default_factory=anyio.Event)

    async def pause(self) -> None:
        self.asked.set()
        await self.go.wait()

    def hand_over(self) -> Reply:
        return told({"data": [{"b64_json": "iVBORw0KGgo="}]})


async def test_a_take_that_is_being_answered_is_under_way_by_its_own_name(tmp_path: Path) -> None:
    said: list[Submission] = []
    under_way: list[str | Missing | Silent | Status] = []
    async with meeting_at(replace(IMAGES, fake=Slow), tmp_path) as met, anyio.create_task_group() as group:

        async def submit() -> None:
            said.append(await met.adapter.submit(STILL))

        assert isinstance(met.vendor, Slow)
        group.start_soon(submit)
        await met.vendor.asked.wait()
        under_way += [await met.adapter.find("take_1"), await met.adapter.poll("take_1")]
        met.vendor.go.set()

    assert under_way == ["take_1", Running()]
    assert said == [Submitted("take_1")]


# --- what is not asked for ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "request_", "why"),
    [
        (IMAGES, VOICE, "openai_images makes no speech"),
        (SPEECH, STILL, "openai_speech makes no image"),
        (IMAGES, REQUEST, "openai_images makes no video"),
        (IMAGES, replace(STILL, resolution="huge"), "nobody knows how large huge is"),
        (SPEECH, replace(VOICE, voice=""), "wan-test has to be told in which voice"),
        (ELEVENLABS, replace(VOICE, voice=".."), "wan-test has to be told in which voice"),
        (OR_VOICES, replace(VOICE, voice=""), "wan-test has to be told in which voice"),
        (SPEECH, replace(VOICE, prompt="a" * 4_097), "wan-test says up to 4096 characters, not 4097"),
    ],
)
async def test_what_is_known_not_to_be_made_is_not_asked_for(
    row: AtOnceRow, request_: RenderRequest, why: str, tmp_path: Path
) -> None:
    async with meeting_at(row, tmp_path) as met:
        assert await met.adapter.submit(request_) == Refused(why)
        assert met.vendor.heard == []


async def test_a_voice_is_one_part_of_an_address(tmp_path: Path) -> None:
    async with meeting_at(ELEVENLABS, tmp_path) as met:
        await met.adapter.submit(replace(VOICE, voice="../voices/x?y=1#z"))

    assert [each.path for each in met.vendor.heard] == [
        "/v1/text-to-speech/..%2Fvoices%2Fx%3Fy%3D1%23z?output_format=mp3_44100_128"
    ]


async def test_who_makes_films_makes_no_picture(floor: Floor) -> None:
    for name, model in (("animatic", "animatic"), ("rehearsal", "rehearsal-draft")):
        still = replace(STILL, model=model, seconds=4, resolution="480p")

        assert await floor.kit.providers[name].submit(still) == Refused(f"{model} makes no image")


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (b"ID3\x04", True),
        (b"\xff\xfb\x90", True),
        (b"\xff\xf3\x44", True),
        (b"OggS", True),
        (b"fLaC", True),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", True),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", False),
        (b"\xff\xd8\xff\xe0", False),
        (b"\xff", False),
        (b"", False),
        (b'{"error": 1}', False),
        (PNG, False),
    ],
)
def test_a_sound_is_known_by_how_it_begins(content: bytes, is_one: bool) -> None:  # noqa: FBT001
    assert is_sound(content) is is_one


@pytest.mark.parametrize("encoded", ["iVBORw0KGgo=", "/9j/4AA=", "UklGRiQAAABXRUJQVlA4IA=="])
def test_a_picture_is_known_by_how_it_begins(encoded: str) -> None:
    assert picture_in({"data": [{"b64_json": encoded}]})


# --- through the studio ------------------------------------------------------------------------


FILM = Way(
    lambda _request: "films",
    lambda request: {"prompt": request.prompt},
    frozenset({400}),
    lambda _headers, content: Work(content),
)


class Films(AtOnceFake):
    path = "/films"


class Deaf(Line):
    """Its vendor's answer reaches the disk, and nobody else."""

    async def submit(self, request: RenderRequest) -> Submission:
        await super().submit(request)
        return Ambiguous("the process was killed")


async def sold(floor: Floor, adapter: type[Line] = Line, **changes: Any) -> tuple[AtOnceFake, Quote]:
    """An approved shot at a vendor that answers with the clip."""
    fake = await floor.stack.enter_async_context(listening(Films(work=CLIP)))
    key = {"authorization": f"Bearer {KEY}"}
    client = await floor.stack.enter_async_context(open_client(fake.address, key, HASTE))
    counter = Counter("rehearsal", fake.address, key, {"video": FILM})
    capabilities = replace(AtOnce.capabilities, play_money=True)
    floor.use(adapter(client, counter, capabilities, floor.kit.folder / "tray", floor.clock), **changes)
    offer = await floor.quote(film_of(1))
    await floor.approve(offer)
    return fake, offer


async def test_it_is_held_sent_once_settled_by_its_price_and_shelved(floor: Floor) -> None:
    fake, offer = await sold(floor)
    [job] = await floor.finish(offer)
    await floor.work()

    assert (job.state, str(job.charged), job.charge_source) == ("succeeded", "0.04", "computed")
    assert fake.posts == 1
    assert [each.suffix for each in (floor.kit.folder / "tray").iterdir()] == [
        ".json"
    ]  # the shelf has the rest
    assert await floor.film(offer) is not None
    await check_books(floor.database)


async def test_an_answer_that_reached_the_disk_alone_is_found_and_not_paid_twice(floor: Floor) -> None:
    fake, offer = await sold(floor, Deaf)
    await floor.work()
    [lost] = await floor.jobs(offer)
    [found] = await floor.finish(offer)

    assert (lost.state, found.state, str(found.charged)) == ("unknown", "succeeded", "0.04")
    assert fake.posts == 1
    await check_books(floor.database)


async def test_it_is_waited_for_as_long_as_it_says(floor: Floor) -> None:
    fake, offer = await sold(floor, answer_seconds=0)  # which is too short for anybody else
    await floor.work()

    assert [job.state for job in await floor.jobs(offer)] == ["running"]
    assert await rows(floor.database, "SELECT held_micros FROM budget") == [(50_000,)]
    assert fake.posts == 1


# --- setting up ----------------------------------------------------------------------------------


def test_the_settings_name_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENLIGHT_IMAGES_BASE_URL", "http://localhost:30000")
    monkeypatch.setenv("GREENLIGHT_SPEECH_BASE_URL", "https://api.openai.com/v1")
    monkeypatch.setenv("GREENLIGHT_SPEECH_API_KEY", KEY)
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    config = Settings.read().config()

    assert config.images == Host("http://localhost:30000")
    assert config.speech == Host("https://api.openai.com/v1", KEY)
    assert config.elevenlabs == Account(KEY)
    assert KEY not in repr(config)
    assert Host("http://localhost:30000").base == "http://localhost:30000/v1"
    assert (Host("http://localhost").headers, Account(KEY).address) == ({}, None)


OWN = """
[[price]]
provider = "openai_images"
model = "flux-own"
kind = "image"
unit = "image"
usd = "0.01"
source = "our own machine's bill"
as_of = 2026-11-21
"""


def test_those_that_are_set_up_are_there_with_the_models_that_have_a_price(
    config: Any, clock: Clock, tmp_path: Path
) -> None:
    set_up: Config = config(
        prices=priced(tmp_path, OWN),
        images=Host("http://localhost:30000"),
        speech=Host("http://localhost:30001"),
        elevenlabs=Account(KEY),
    )
    made = vendors(set_up, clock)

    models = {
        name: {(m.name, m.kind) for m in made[name].models}
        for name in made.keys() - {"animatic", "rehearsal"}
    }
    assert models["openai_images"] == {("flux-own", "image")}
    assert ("tts-1", "speech") in models["openai_speech"]
    assert ("eleven_v4", "speech") in models["elevenlabs"]
    assert made["elevenlabs"].capabilities == Capabilities(
        reports_cost=False, poll_seconds=POLL_SECONDS, answer_seconds=115.0
    )


async def test_the_plug_says_what_its_vendor_does_not_make_before_it_is_asked(
    clock: Clock, tmp_path: Path
) -> None:
    images = openai_images(Host("http://localhost:30000"), load_book(), tmp_path, clock)
    speech = openai_speech(Host("http://localhost:30000"), load_book(), tmp_path, clock)

    assert images.objection(replace(STILL, resolution="huge")) == "nobody knows how large huge is"
    assert speech.objection(replace(VOICE, voice="")) == "wan-test has to be told in which voice"
    assert speech.objection(replace(VOICE, model="tts-1")) is None
    assert speech.objection(replace(STILL, model="tts-1")) == "tts-1 makes no image"


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("openai_images", "GREENLIGHT_IMAGES_BASE_URL"),
        ("openai_speech", "GREENLIGHT_SPEECH_BASE_URL"),
        ("elevenlabs", "ELEVENLABS_API_KEY"),
    ],
)
def test_what_is_missing_of_one_that_is_gone_is_said(name: str, setting: str) -> None:
    assert setting in Absent(name).why
