"""Reference pictures: what is taken in, what is left of it, and to whom it belongs."""

# Pillow's own types do not say what a profile is made of.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import io
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from live import Service, running
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from tests.conftest import BOTH
from tests.vendors import Heard, Loopback, Reply, listening
from tools.errors import Invalid
from tools.pictures import BYTES_MAX, Album, clean, fetch
from tools.pictures.fetch import PICTURE
from tools.providers.wire import Address

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


def shown(content: bytes, *headers: str, kind: str = "image/png", **facts: int) -> Reply:
    return Reply(200, content, (f"content-type: {kind}", *headers), **facts)


def this_machine(address: Address) -> bool:
    return str(address) == "127.0.0.1"


async def test_a_picture_is_fetched_from_its_address_and_from_where_that_leads(tmp_path: Path) -> None:
    says = {"/a.png": Reply(302, b"", ("location: /b.png",)), "/b.png": shown(picture())}
    async with listening(Web(says=says)) as web:
        found = await fetch(Album(tmp_path), f"{web.address}/a.png", wanted=OVER_HTTP, may_reach=this_machine)

    assert found == picture()
    assert [each.path for each in web.heard] == ["/a.png", "/b.png"]
    assert not list((tmp_path / "drafts").iterdir())


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (shown(b"<html>", kind="text/html"), "what its server sent is not a picture"),
        (shown(b"", length=BYTES_MAX + 1), "the picture is too large"),
        (shown(b""), "the picture is empty"),
        (shown(b"abc", length=9), "the picture could not be fetched"),
        (shown(picture(), "content-encoding: gzip"), "the picture came packed"),
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


def test_who_only_looks_sends_no_pictures(service: Service) -> None:
    assert service.http.post("/api/uploads", content=picture(), headers=by("eve")).status_code == 403
