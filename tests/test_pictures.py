"""Reference pictures: what is taken in, what is left of it, and to whom it belongs."""

# Pillow's own types do not say what a profile is made of.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import hashlib
import io
import json
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import pytest
from click.testing import CliRunner, Result
from live import Service, running
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from agent.edits import Edit, edited
from agent.offline.intents import Intent, understand
from api.cli import main
from tests.conftest import BOTH, Clock, Floor, check_books, film_of
from tests.vendors import Heard, Loopback, Reply, listening, open_with, priced
from tests.vendors.openrouter import PRICE, OpenRouter, workspace
from tests.vendors.row import REQUEST
from tools import quotes
from tools.errors import CannotRender, Invalid, NotFound
from tools.money import Money
from tools.pictures import BYTES_MAX, Album, Upload, clean, fetch, gone, take_in
from tools.pictures.fetch import PICTURE
from tools.providers.absent import Absent
from tools.providers.base import (
    Capabilities,
    Picture,
    RenderRequest,
    Submission,
    Submitted,
)
from tools.providers.openai_videos import Server
from tools.providers.wire import Address
from tools.quotes import Quote
from tools.render import send
from tools.shots import ShotList, read_shots
from tools.story import Wishes, attach, check, detach, keep_pictures, lock, plan
from tools.story.prompts import STEADY
from tools.studio import Config

DATABASES = BOTH
KINDS = ("PNG", "JPEG", "WEBP")
SECRET = b"52.5200 N, 13.4050 E, at home"


def picture(size: tuple[int, int] = (96, 64), kind: str = "PNG", mode: str = "RGB", **facts: Any) -> bytes:
    """Red on the left, blue on the right."""
    file = io.BytesIO()
    drawn = Image.new("RGB", size, (200, 30, 30))
    drawn.paste((30, 30, 200), (size[0] // 2, 0, *size))
    drawn.convert(mode).save(file, kind, **facts)
    return file.getvalue()


def told(kind: str) -> bytes:
    """A picture that says where it was taken in every place where it may say something."""
    exif = Image.Exif()
    exif[0x010E] = exif.get_ifd(0x8825)[1] = SECRET.decode()
    text = PngInfo()
    text.add_text("Comment", SECRET.decode())
    text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    own: dict[str, Any] = {
        "PNG": {"pnginfo": text},
        "JPEG": {"comment": SECRET, "xmp": SECRET},
        "WEBP": {"xmp": SECRET},
    }
    return picture(kind=kind, exif=exif, icc_profile=profile, **own[kind]) + SECRET


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_picture_is_left_of_a_picture(kind: str) -> None:
    given = told(kind)

    made = clean(given)

    assert SECRET in given
    assert SECRET not in made.content
    with Image.open(io.BytesIO(made.content)) as kept:
        assert (kept.format, kept.size, kept.mode) == (kind, (96, 64), "RGB")
        assert set(kept.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "loop",
            "background",
        } | {"timestamp", "duration"}
        assert not kept.getexif()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_picture_is_the_same_bytes_however_often_it_comes(kind: str) -> None:
    assert clean(told(kind)) == clean(told(kind))


@pytest.mark.parametrize(("turn", "left_is_red"), [(1, True), (3, False), (2, False)])
def test_a_picture_is_turned_as_its_camera_was_held(turn: int, left_is_red: bool) -> None:  # noqa: FBT001 -- a case
    exif = Image.Exif()
    exif[0x0112] = turn

    with Image.open(io.BytesIO(clean(picture(kind="JPEG", exif=exif)).content)) as kept:
        left = kept.getpixel((10, 32))

    assert isinstance(left, tuple)
    assert (left[0] > left[2]) is left_is_red


def test_a_picture_that_lay_on_its_side_stands() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    made = clean(picture((96, 64), "JPEG", exif=exif))

    assert (made.width, made.height) == (64, 96)


@pytest.mark.parametrize(
    ("mode", "kind", "kept_as"),
    [
        ("L", "PNG", "RGB"),
        ("1", "PNG", "RGB"),
        ("P", "PNG", "RGB"),
        ("RGBA", "PNG", "RGBA"),
        ("I;16", "PNG", "RGB"),
        ("CMYK", "JPEG", "RGB"),
        ("RGBA", "WEBP", "RGBA"),
    ],
)
def test_every_kind_of_colour_is_kept_as_what_vendors_read(mode: str, kind: str, kept_as: str) -> None:
    given = picture(mode=mode, kind=kind)
    if mode == "RGBA":
        with Image.open(io.BytesIO(given)) as opened:
            opened.putalpha(7)
            file = io.BytesIO()
            opened.save(file, kind)
        given = file.getvalue()

    with Image.open(io.BytesIO(clean(given).content)) as kept:
        assert (kept.mode, kept.size) == (kept_as, (96, 64))


def claiming(width: int, height: int) -> bytes:
    """A small picture that says that it is another size."""
    small = picture()
    head = b"IHDR" + width.to_bytes(4) + height.to_bytes(4) + small[24:29]
    return small[:12] + head + crc32(head).to_bytes(4) + small[33:]


BAD = {
    "nothing": (b"", "is no PNG, JPEG or WebP"),
    "a page": (b"<html>", "is no PNG, JPEG or WebP"),
    "a drawing in words": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is no PNG, JPEG or WebP"),
    "of another kind": (picture(kind="GIF"), "is no PNG, JPEG or WebP"),
    "half a PNG": (picture()[:150], "cannot be read to its end"),
    "half a JPEG": (picture(kind="JPEG")[:600], "cannot be read to its end"),
    "half a WebP": (picture(kind="WEBP")[:60], "is no PNG, JPEG or WebP|cannot be read"),
    "too small": (picture((63, 64)), "64 to 8,192 pixels a side, not 63 x 64"),
    "too wide": (claiming(8_193, 64), "64 to 8,192 pixels a side"),
    "a bomb": (claiming(8_000, 8_000), "at most 40,000,000 pixels, not 8000 x 8000"),
    "a larger bomb": (claiming(12_000, 12_000), "pixels a side|cannot be read"),
    "the largest bomb": (claiming(60_000, 60_000), "cannot be read"),
    "too many bytes": (picture() + bytes(BYTES_MAX), "at most 20,000,000 bytes"),
}


@pytest.mark.parametrize(("content", "why"), BAD.values(), ids=BAD)
def test_what_is_no_picture_of_ours_is_refused_by_name(content: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        clean(content)

    assert refused.value.what == "picture"


# --- from an address -----------------------------------------------------------------------------

OVER_HTTP = replace(PICTURE, schemes=("http",))  # a server of our own has no certificate


@dataclass
class Web(Loopback):
    """A server on this machine that gives every path its answer."""

    says: dict[str, Reply] = field(default_factory=dict[str, Reply])

    def answer(self, heard: Heard) -> Reply:
        return self.says[heard.path]


def showing(content: bytes, *headers: str, kind: str = "image/png", **facts: int) -> Reply:
    return Reply(200, content, (f"content-type: {kind}", *headers), **facts)


def this_machine(address: Address) -> bool:
    return str(address) == "127.0.0.1"


async def test_a_picture_is_fetched_from_its_address_and_from_where_that_leads(tmp_path: Path) -> None:
    says = {"/a.png": Reply(302, b"", ("location: /b.png",)), "/b.png": showing(picture())}
    async with listening(Web(says=says)) as web:
        found = await fetch(Album(tmp_path), f"{web.address}/a.png", wanted=OVER_HTTP, may_reach=this_machine)

    assert found == picture()
    assert [each.path for each in web.heard] == ["/a.png", "/b.png"]
    assert not list((tmp_path / "drafts").iterdir())


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (showing(b"<html>", kind="text/html"), "what its server sent is not a picture"),
        (showing(b"", length=BYTES_MAX + 1), "the picture is too large"),
        (showing(b""), "the picture is empty"),
        (showing(b"abc", length=9), "the picture could not be fetched"),
        (showing(picture(), "content-encoding: gzip"), "the picture came packed"),
        (Reply(404), "its server answered 404 for the picture"),
        (Reply(302, b"", ("location: http://169.254.169.254/latest",)), "into a private network"),
        (Reply(302, b"", ("location: http://[::1]/",)), "into a private network"),
        (Reply(302, b"", ("location: file:///etc/passwd",)), "address is none|not one of http"),
        (Reply(302, b"", ("location: /a.png",)), "leads on and on"),
    ],
)
async def test_what_is_no_picture_at_its_address_is_told_by_name(
    answer: Reply, why: str, tmp_path: Path
) -> None:
    async with listening(Web(says={"/a.png": answer})) as web:
        with pytest.raises(Invalid, match=why) as refused:
            await fetch(Album(tmp_path), f"{web.address}/a.png", wanted=OVER_HTTP, may_reach=this_machine)

    assert refused.value.what == "url"
    assert not list((tmp_path / "drafts").iterdir())


async def test_only_public_addresses_are_asked(tmp_path: Path) -> None:
    async with listening(Web()) as web:
        for address in (web.address, f"http://localhost:{web.port}/a.png", f"http://[::1]:{web.port}/"):
            with pytest.raises(Invalid, match="into a private network"):
                await fetch(Album(tmp_path), address, wanted=OVER_HTTP)
        with pytest.raises(Invalid, match="not one of https"):
            await fetch(Album(tmp_path), f"{web.address}/a.png")

    assert web.heard == []


# --- to the vendor -------------------------------------------------------------------------------


async def taken(floor: Floor, content: bytes, owner: str = "ann") -> Upload:
    return await take_in(floor.database, floor.kit.album, content, owner=owner, at=floor.clock())


def seen_with(*names: str) -> ShotList:
    shots = film_of(1, seconds=4)
    return shots.with_shots([shots.shots[0].model_copy(update={"reference_images": list(names)})])


@asynccontextmanager
async def selling(
    config: Callable[..., Config], clock: Clock, folder: Path
) -> AsyncGenerator[tuple[OpenRouter, Floor]]:
    async with listening(OpenRouter()) as vendor:
        set_up = config(prices=priced(folder, PRICE), openrouter=workspace(vendor))
        async with open_with(set_up, clock, "openrouter") as floor:
            yield vendor, floor


async def quoted(floor: Floor, shots: ShotList, owner: str = "ann") -> Quote:
    return await floor.studio.quote(shots, floor.studio.offer("openrouter", "wan-test"), owner=owner)


async def test_the_vendor_gets_the_very_bytes_that_were_quoted(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with selling(config, clock, tmp_path) as (vendor, floor):
        first, second = await taken(floor, picture()), await taken(floor, picture((80, 80)))
        offer, other = await quoted(floor, seen_with(first.name)), await quoted(floor, seen_with(second.name))
        plain = await quoted(floor, seen_with())
        await floor.approve(offer)
        await floor.work()
        sent = [Picture("image/png", clean(picture()).content)]
        bodies = {each.lines[0].body_sha256 for each in (offer, other, plain)}

        assert vendor.pictures == sent
        assert hashlib.sha256(sent[0].content).hexdigest() == first.sha256
        assert offer.lines[0].body["pictures"] == [first.name]
        assert offer.to_json()["lines"][0]["pictures"] == [{"picture": first.name, "url": shown(first)}]
        assert len(bodies) == 3
        assert "pictures" not in plain.lines[0].body
        assert quotes.verify(await floor.stored(offer))


def shown(kept: Upload) -> str:
    return f"/api/uploads/{kept.name}"


def lose(path: Path) -> None:
    path.unlink()


def swap(path: Path) -> None:
    path.write_bytes(clean(picture((80, 80))).content)


@pytest.mark.parametrize("happen", [lose, swap])
async def test_a_picture_that_is_not_what_was_approved_is_not_sent_and_nothing_is_paid(
    config: Callable[..., Config], clock: Clock, tmp_path: Path, happen: Callable[[Path], None]
) -> None:
    async with selling(config, clock, tmp_path) as (vendor, floor):
        kept = await taken(floor, picture())
        offer = await quoted(floor, seen_with(kept.name))
        await floor.approve(offer)
        happen(floor.kit.album.path(kept.sha256, kept.media_type))
        await floor.work()
        [job] = await floor.jobs(offer)
        standing = (await floor.studio.budgets())["month"]
        await check_books(floor.database)
        with pytest.raises(Invalid, match="gone or altered"):
            await quoted(floor, seen_with(kept.name))
        await taken(floor, picture())  # sent again, it is there again
        again = await quoted(floor, seen_with(kept.name))

    assert (job.state, job.error) == ("released", gone(kept.name))
    assert (vendor.posts, standing.held, standing.spent) == (0, Money(0), Money(0))
    assert again.lines[0].body == offer.lines[0].body


async def test_what_no_vendor_would_look_at_is_no_offer(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with selling(config, clock, tmp_path) as (vendor, floor):
        first, second = await taken(floor, picture()), await taken(floor, picture((80, 80)))
        both = seen_with(first.name, second.name)
        with pytest.raises(CannotRender, match="wan-test takes 1 reference picture, not 2"):
            await quoted(floor, both)
        with pytest.raises(NotFound, match=first.sha256):
            await quoted(floor, seen_with(first.name), owner="ben")
        with pytest.raises(NotFound):
            await quoted(floor, seen_with("sha256:" + "0" * 64))
        with pytest.raises(Invalid, match=r"'emma.png' was not sent here"):
            await quoted(floor, seen_with("emma.png"))
        table = floor.studio.table(both)

    refused = {each["model"]: each["why"] for each in table["refused"]}
    assert refused["wan-test"] == "wan-test takes 1 reference picture, not 2"
    assert {row["model"] for row in table["rows"] if row["provider"] == "rehearsal"} != set()
    assert vendor.heard == []


async def test_more_than_arrives_in_time_is_not_offered(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with selling(config, clock, tmp_path) as (_, floor):
        noise = Image.frombytes("RGB", (2_000, 2_000), Random(1).randbytes(12_000_000))
        file = io.BytesIO()
        noise.save(file, "PNG", compress_level=0)
        kept = await taken(floor, file.getvalue())
        with pytest.raises(Invalid, match="10,000,000 can be sent with one request"):
            await quoted(floor, seen_with(kept.name))


FROM_PICTURES = """
[[price]]
provider = "openai_videos"
model = "wan-test"
kind = "video"
unit = "second"
usd = "0.50"
input = "image"
source = "made up"
as_of = 2026-11-21
"""


async def test_a_shot_with_a_picture_has_the_price_of_one(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    cheaper = FROM_PICTURES.replace("0.50", "0.10").replace('"image"', '"text"')
    set_up = config(prices=priced(tmp_path, cheaper + FROM_PICTURES), videos=Server("http://127.0.0.1:9"))
    async with open_with(set_up, clock, "openai_videos") as floor:
        offer = floor.studio.offer("openai_videos")
        amounts = [
            (await floor.studio.estimate(seen_with(*names), offer, "ann")).expected
            for names in ([], ["sha256:" + "0" * 64])
        ]

    assert amounts == [Money.usd("0.40"), Money.usd("2.00")]


class Keyed(Absent):
    """A vendor of keys that counts what is sent to it."""

    capabilities = Capabilities(key_life=timedelta(days=1))
    sent = 0

    async def submit(self, request: RenderRequest) -> Submission:
        self.sent += 1
        return Submitted(request.take_id)


@pytest.mark.parametrize("whole", [True, False])
async def test_the_same_key_carries_the_same_pictures_or_nothing_is_sent(*, whole: bool) -> None:
    vendor = Keyed("keyed")

    outcome = await send._recover(vendor, REQUEST, timedelta(minutes=1), whole=whole)  # pyright: ignore[reportPrivateUsage] -- after a crash

    assert (vendor.sent, isinstance(outcome, Submitted)) == (int(whole), whole)


# --- in a plan -----------------------------------------------------------------------------------

FILM = plan(Wishes(brief="A lighthouse keeper finds a letter", style="noir"), None)
KEEPER = FILM.shots[0].characters[0]
FOX, OWL = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def used(shots: ShotList) -> list[list[str]]:
    return [shot.reference_images for shot in shots.shots]


def test_a_picture_is_for_a_shot_a_character_or_the_film() -> None:
    everywhere = [[FOX]] * len(FILM.shots)
    people = FILM.with_shots(
        [
            shot.model_copy(update={"characters": ["Emma"] if n else ["tom"]})
            for n, shot in enumerate(FILM.shots)
        ]
    )

    assert used(attach(FILM, FOX, n=2)) == [[], [FOX], *[[]] * (len(FILM.shots) - 2)]
    assert used(attach(FILM, FOX)) == everywhere
    assert used(attach(people, FOX, character="emma")) == [[], *everywhere[1:]]
    assert used(attach(attach(FILM, FOX), FOX)) == everywhere
    assert used(attach(attach(FILM, FOX), OWL, n=1))[:2] == [[FOX, OWL], [FOX]]


def test_a_plan_without_its_picture_is_the_plan_that_it_was() -> None:
    with_one = attach(FILM, FOX)

    assert all(STEADY in shot.enhanced_prompt for shot in with_one.shots)
    assert check(with_one) == []
    assert detach(with_one) == detach(with_one, FOX) == FILM
    assert used(detach(attach(with_one, OWL, n=2), OWL)) == used(with_one)


def test_words_that_a_person_wrote_stay_beside_a_picture() -> None:
    shots = film_of(1)

    assert attach(shots, FOX).shots[0].enhanced_prompt == shots.shots[0].enhanced_prompt


def test_new_shots_use_the_pictures_of_the_film() -> None:
    film = attach(attach(FILM, FOX), OWL, n=1)

    longer = edited(film, Edit(action="insert", shot=3, text="rain falls on the roof"))
    other = keep_pictures(film, plan(Wishes(brief="A baker chases a runaway loaf"), None))

    assert used(longer)[2] == [FOX]
    assert all(names == [FOX] for names in used(other))
    assert all(STEADY in shot.enhanced_prompt for shot in other.shots)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"action": "attach"}, "is needed for this edit"),
        ({"action": "attach", "picture": "emma.png"}, "has a name like sha256:"),
        ({"action": "attach", "picture": FOX, "shot": 99}, "has shots 1 to"),
        ({"action": "attach", "picture": FOX, "character": "nobody"}, f"there are: {KEEPER}"),
        ({"action": "attach", "picture": FOX, "shot": 1}, "shot 1 is locked"),
        ({"action": "detach"}, "no reference picture is used there"),
        ({"action": "detach", "picture": FOX}, "no reference picture is used there"),
    ],
)
def test_a_picture_that_cannot_be_put_there_is_refused_by_name(facts: dict[str, Any], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        edited(lock(FILM, 1), Edit.model_validate(facts))


def test_a_shot_has_at_most_eight_pictures() -> None:
    film = FILM
    for n in range(8):
        film = attach(film, f"sha256:{n:064}", n=1)

    with pytest.raises(Invalid, match="8 reference pictures, the most"):
        attach(film, FOX, n=1)


ONE_OF = {"action": "attach", "picture": FOX}


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        (f"use this picture for shot 2 [picture {FOX}]", ({**ONE_OF, "shot": 2},)),
        (
            f"[picture {FOX}]\nUse it for shots 1 and three, please",
            ({**ONE_OF, "shot": 1}, {**ONE_OF, "shot": 3}),
        ),
        (f"[picture {FOX}] use this picture for Emma", ({**ONE_OF, "character": "Emma"},)),
        (
            f"[picture {FOX}] this is how the lighthouse keeper looks",
            ({**ONE_OF, "character": "lighthouse keeper"},),
        ),
        (f"please use the image as a reference for the whole film [picture {FOX}]", (ONE_OF,)),
        (f"[picture {FOX}]", (ONE_OF,)),
        ("take the picture away", ({"action": "detach"},)),
        ("Remove all pictures from shot 2.", ({"action": "detach", "shot": 2},)),
        ("take away the picture of the keeper", ({"action": "detach", "character": "keeper"},)),
        (f"make it shorter [picture {FOX}]", ({"action": "shorter"}, ONE_OF)),
    ],
)
def test_what_a_picture_is_for_is_said_in_plain_words(text: str, edits: tuple[dict[str, Any], ...]) -> None:
    assert understand(text, has_plan=True) == Intent("edit", edits=edits)


@pytest.mark.parametrize(
    "text",
    ["remove shot 3", "pictures instead of video", "change shot 2 to a picture on a wall", "take that back"],
)
def test_words_that_only_mention_pictures_mean_what_they_meant(text: str) -> None:
    assert not any(each["action"] in ("attach", "detach") for each in understand(text, has_plan=True).edits)


def test_a_picture_that_comes_with_a_brief_is_for_its_film() -> None:
    intent = understand(f"A fox finds a letter [picture {FOX}]", has_plan=False)

    assert (intent.kind, intent.args["brief"], intent.edits) == ("plan", "A fox finds a letter", (ONE_OF,))
    assert understand(f"[picture {FOX}]", has_plan=False).kind == "pictured"


# --- in the terminal -----------------------------------------------------------------------------


def test_a_picture_is_a_file_in_the_terminal(tmp_path: Path) -> None:
    for name, size in (("fox", (80, 80)), ("owl", (90, 90))):
        (tmp_path / name).write_bytes(picture(size))
    fox, owl = (f"sha256:{clean((tmp_path / name).read_bytes()).sha256}" for name in ("fox", "owl"))

    def run(*args: str) -> Result:
        return CliRunner().invoke(main, args, env={"GREENLIGHT_DATA_DIR": str(tmp_path / "data")})

    file = str(tmp_path / "shots.json")
    planned = run("plan", "A fox finds a letter", "--picture", str(tmp_path / "fox"), "-o", file)
    before = read_shots(Path(file).read_bytes())
    told = ("use this picture for shot 2", "take the picture away from shot 1")
    changed = run("edit", file, *told, "--picture", str(tmp_path / "owl"), "-o", file)
    refused = run("plan", "A fox", "--picture", file)
    after = read_shots(Path(file).read_bytes())

    assert (planned.exit_code, changed.exit_code) == (0, 0)
    assert all(shot.reference_images == [fox] for shot in before.shots)
    assert [shot.reference_images for shot in after.shots[:3]] == [[], [fox, owl], [fox]]
    assert refused.exit_code != 0
    assert isinstance(refused.exception, Invalid | SystemExit)


# --- over HTTP -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[Service]:
    tokens = "ann:member:ann-secret,ben:member:ben-secret,cat:approver:cat-secret,eve:viewer:eve-secret"
    with running(tmp_path_factory.mktemp("pictures"), GREENLIGHT_TOKENS=tokens) as service:
        yield service


def by(person: str, kind: str = "image/png") -> dict[str, str]:
    return {"authorization": f"Bearer {person}-secret", "content-type": kind}


def test_a_picture_is_shown_to_whom_it_belongs_and_to_nobody_else(service: Service) -> None:
    sent = service.http.post("/api/uploads", content=told("JPEG"), headers=by("ann", "image/png"))
    kept = sent.json()
    mine = service.http.get(kept["url"], headers=by("ann"))

    assert sent.status_code == 201
    assert kept["url"] == f"/api/uploads/{kept['picture']}"
    assert (kept["type"], kept["width"], kept["height"]) == ("image/jpeg", 96, 64)  # its bytes say what it is
    assert mine.headers["content-type"] == "image/jpeg"
    assert mine.headers["x-content-type-options"] == "nosniff"
    assert len(mine.content) == kept["bytes"]
    assert SECRET not in mine.content
    assert service.http.get(kept["url"], headers=by("ben")).status_code == 404
    assert service.http.get(kept["url"], headers=by("cat")).status_code == 200  # who approves must see it
    assert service.http.get(kept["url"]).status_code == 401


def test_the_same_picture_of_two_people_is_each_ones_own(service: Service) -> None:
    first, second, again = (
        service.http.post("/api/uploads", content=picture((80, 80)), headers=by(who)).json()
        for who in ("ann", "ben", "ann")
    )

    assert first["picture"] == second["picture"]
    assert again == first
    assert service.http.get(first["url"], headers=by("ben")).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"<html>", "image/png", 422),
        (b"", "image/png", 422),
        (picture(), "text/html", 415),
        (picture(), "application/json", 422),
        (b'{"url": "ftp://example.org/a.png"}', "application/json", 422),
        (b'{"url": "http://example.org/a.png"}', "application/json", 422),
        (b'{"url": "https://127.0.0.1/a.png"}', "application/json", 422),
        (b'{"url": "https://[::ffff:169.254.169.254]/a.png"}', "application/json", 422),
        (b'{"url": "a.png"}', "application/json", 422),
        (b"{}", "application/json", 422),
        (bytes(BYTES_MAX + 1), "image/png", 413),
        (bytes(5_000_000), "application/json", 413),
    ],
)
def test_what_is_no_picture_is_a_problem_and_nothing_is_kept(
    service: Service, content: bytes, kind: str, status: int
) -> None:
    told = service.http.post("/api/uploads", content=content, headers=by("ann", kind))

    assert (told.status_code, told.headers["content-type"]) == (status, "application/problem+json")


def test_a_file_of_another_kind_is_told_which_ones_are_taken(service: Service) -> None:
    told = service.http.post("/api/uploads", content=b"GIF89a", headers=by("ann", "text/plain")).json()

    assert told["detail"] == "send content-type: image/png, image/jpeg or image/webp, or application/json"


def say(service: Service, who: str, text: str) -> list[dict[str, Any]]:
    message = {"id": f"u-{who}-{text[:20]}", "role": "user", "parts": [{"type": "text", "text": text}]}
    body = {"id": f"chat-{who}", "messages": [message], "trigger": "submit-message"}
    answer = service.http.post("/api/chat", json=body, headers=by(who, "application/json"))
    frames = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(each) for each in frames if each != "[DONE]"]


def parts(chunks: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [chunk["data"] for chunk in chunks if chunk["type"] == kind]


def test_a_picture_goes_from_the_chat_into_the_offer_and_out_of_it_again(service: Service) -> None:
    kept = service.http.post("/api/uploads", content=picture((90, 90)), headers=by("ann")).json()
    mine = {"picture": kept["picture"], "url": kept["url"]}
    planned = say(service, "ann", f"A fox finds a letter, 2 shots, 6 seconds\n[picture {kept['picture']}]")
    offered = say(service, "ann", "render it")
    [gone] = parts(say(service, "ann", "take the picture away from shot 1"), "data-shots")
    [again] = parts(say(service, "ann", "use the picture for shot 1"), "data-shots")

    shots = parts(planned, "data-shots")[-1]["shots"]
    assert [shot["pictures"] for shot in shots] == [[mine], [mine]]
    assert [line["pictures"] for line in parts(offered, "data-quote")[-1]["lines"]] == [[mine], [mine]]
    assert [shot["pictures"] for shot in gone["shots"]] == [[], [mine]]
    assert [shot["pictures"] for shot in again["shots"]] == [[mine], [mine]]
    titles = service.http.get("/api/chats", headers=by("ann")).json()["chats"]
    assert titles[0]["title"] == "A fox finds a letter, 2 shots, 6 seconds"


def test_nobody_uses_a_picture_of_somebody_elses(service: Service) -> None:
    kept = service.http.post("/api/uploads", content=picture((91, 91)), headers=by("ann")).json()
    stolen = say(service, "ben", f"A fox finds a letter [picture {kept['picture']}]")
    shots = film_of(1).model_dump(mode="json")
    edits = [{"action": "attach", "picture": kept["picture"]}]

    def edit(who: str) -> int:
        body = {"shots": shots, "edits": edits}
        return service.http.post(
            "/api/plans/edit", json=body, headers=by(who, "application/json")
        ).status_code

    assert f"There is no picture {kept['picture']}" in "".join(c.get("delta", "") for c in stolen)
    assert (edit("ben"), edit("ann")) == (404, 200)


def test_who_only_looks_sends_no_pictures(service: Service) -> None:
    assert service.http.post("/api/uploads", content=picture(), headers=by("eve")).status_code == 403
