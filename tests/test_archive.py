"""An archive is read as the folder it was made from, and as no more than that."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from live import Service, running

from tools.errors import Invalid, NotFound, UnsafePath
from tools.repo import Limits, RepoProfile, archive
from tools.repo.source import read_source, source_of
from tools.repo.uploads import KEPT_MAX, draft, find, folder_of, keep

PATIENT = Limits(seconds=120)  # what is shown here is not how fast a busy machine is
GOOD = {
    "shop-1.2/README.md": b"# Shop\n\nShop sells tea to anyone who asks.\n",
    "shop-1.2/src/shop/__init__.py": b"class Till:\n    pass\n",
}


def zipped(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return made.getvalue()


def tarred(
    members: Mapping[str, bytes],
    pack: Callable[[bytes], bytes] = gzip.compress,
    odd: Iterable[tarfile.TarInfo] = (),
) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:") as file:
        for each in odd:
            file.addfile(each)
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return pack(made.getvalue())


def read(file: Path, content: bytes) -> RepoProfile:
    file.write_bytes(content)
    return read_source(source_of(file.name, [file.parent], file.parent), limits=PATIENT)


def names(profile: RepoProfile) -> list[str]:
    return [concept.name for concept in profile.concepts]


def test_every_kind_of_archive_is_read_as_its_folder(tmp_path: Path) -> None:
    long = "shop-1.2/src/shop/" + "long/" * 20 + "far.py"
    made = {
        "shop.zip": zipped(GOOD | {long: b"class Far: ..."}),
        "shop.whl": zipped(GOOD | {long: b"class Far: ..."}),
        "shop.tar": tarred(GOOD | {long: b"class Far: ..."}, bytes),
        "shop.tar.gz": tarred(GOOD | {long: b"class Far: ..."}),
        "shop.TGZ": tarred(GOOD | {long: b"class Far: ..."}),
        "shop.tar.xz": tarred(GOOD | {long: b"class Far: ..."}, lzma.compress),
        "shop.tar.bz2": tarred(GOOD | {long: b"class Far: ..."}, bz2.compress),
    }

    for name, content in made.items():
        profile = read(tmp_path / name, content)
        assert (profile.root, profile.name, profile.partial) == (name, "shop", None)
        assert profile.purpose == "Shop sells tea to anyone who asks."
        assert [(one.name, one.path) for one in profile.concepts] == [
            ("Till", "src/shop/__init__.py"),
            ("Far", long.removeprefix("shop-1.2/")),
        ]


def test_a_wheel_tells_its_name_by_its_own_label(tmp_path: Path) -> None:
    label = b"Metadata-Version: 2.4\nName: tea-shop\nSummary: Sells tea by mail.\n\nMore.\n"
    members = {"shop/__init__.py": b"class Till: ...", "tea_shop-1.dist-info/METADATA": label}

    profile = read(tmp_path / "tea_shop-1-py3-none-any.whl", zipped(members))

    assert (profile.name, profile.purpose, names(profile)) == ("tea-shop", "Sells tea by mail.", ["Till"])


def test_no_member_lands_outside_and_none_comes_to_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(rooms))
    bad = dict.fromkeys(("../out.py", "/etc/out.py", "a/../../out.py", "a//out.py"), b"class Outside: ...")
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)
    odd = [tarfile.TarInfo(f"odd{n}.py") for n in range(len(kinds))]
    for member, kind in zip(odd, kinds, strict=True):
        member.type, member.linkname = kind, "/etc/passwd"
    hidden = {".git/hooks/x.py": b"class Hook: ...", "a/.GIT/y.py": b"class Hook: ..."}
    good = {"good.py": b"class GoodOne: ..."}

    for name, content in (
        ("a.zip", zipped(bad | hidden | good)),
        ("a.tar", tarred(bad | hidden | good, bytes, odd)),
    ):
        profile = read(tmp_path / name, content)
        assert names(profile) == ["GoodOne"]
        assert profile.partial == "left out 4 files with a name that leads outside"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar", "a.zip", "rooms"]
    assert list(rooms.iterdir()) == []


def test_a_link_in_a_zip_is_no_file(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("way-out.py")
    link.external_attr = 0o120777 << 16
    made = io.BytesIO(zipped({"good.py": b"class GoodOne: ..."}))
    with zipfile.ZipFile(made, "a") as file:
        file.writestr(link, "/etc/passwd")

    assert names(read(tmp_path / "a.zip", made.getvalue())) == ["GoodOne"]


def test_members_under_a_password_or_packed_oddly_are_left_out_and_counted(tmp_path: Path) -> None:
    whole = zipped({"locked.py": b"class Locked: ...", "good.py": b"class GoodOne: ..."})
    at, table = whole.index(b"PK\3\4"), whole.index(b"PK\1\2")
    locked = bytearray(whole)
    locked[at + 6] |= 1
    locked[table + 8] |= 1
    made = io.BytesIO(bytes(locked))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_BZIP2) as file:
        file.writestr("odd.py", b"class Odd: ...")

    profile = read(tmp_path / "a.zip", made.getvalue())

    assert names(profile) == ["GoodOne"]
    assert profile.partial == (
        "left out 1 file under a password; left out 1 file packed in a way that is not read"
    )


def test_an_archive_in_an_archive_stays_shut(tmp_path: Path) -> None:
    inner = zipped({"inner.py": b"class Inner: ..."})

    assert names(read(tmp_path / "a.zip", zipped({"b.zip": inner, "good.py": b"class GoodOne: ..."}))) == [
        "GoodOne"
    ]


def test_what_swells_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "UNPACKED_BYTES_MAX", 1_500_000)
    members = {"good.py": b"class GoodOne: ...", "zeros.py": bytes(3_000_000), "late.py": b"class Late: ..."}

    swollen = read(tmp_path / "a.tar.xz", tarred(members, lzma.compress))
    listed = read(tmp_path / "a.zip", zipped(members))
    monkeypatch.setattr(archive, "TABLE_BYTES_MAX", 60)
    with pytest.raises(Invalid, match="more than 200,000 entries"):
        read(tmp_path / "b.zip", zipped(members))

    assert names(swollen) == ["GoodOne"]
    assert swollen.partial is not None
    assert "stopped after unpacking 1,500,000 bytes" in swollen.partial
    assert sorted(names(listed)) == ["GoodOne", "Late"]
    assert listed.partial == "left out 1 Python file over 512,000 bytes"


def test_a_label_as_long_as_a_film_is_not_taken_to_heart(tmp_path: Path) -> None:
    label = tarfile.TarInfo("x")
    label.type, label.size = tarfile.XHDTYPE, 1 << 30
    whole = tarred({"good.py": b"class GoodOne: ..."}, bytes).rstrip(b"\0")
    whole += bytes(-len(whole) % 512) + label.tobuf() + bytes(100_000)

    profile = read(tmp_path / "a.tar", whole)

    assert (names(profile), profile.partial) == (["GoodOne"], "the archive breaks off or is damaged")


def test_what_comes_before_a_break_is_read(tmp_path: Path) -> None:
    noise = bytes(n * n // 7 % 251 for n in range(40_000))
    whole = tarred({"good.py": b"class GoodOne: ...", "zeros.dat": noise, "late.py": b"class Late: ..."})

    for broken in (whole[: len(whole) * 3 // 4], whole[:-1_500] + b"\xff" * 1_500):
        profile = read(tmp_path / "a.tar.gz", broken)
        assert names(profile) == ["GoodOne"]
        assert profile.partial == "the archive breaks off or is damaged"


def test_what_is_no_archive_says_so(tmp_path: Path) -> None:
    for name in ("a.zip", "a.tar.gz", "a.tar", "a.tar.xz"):
        for content in (b"not an archive", b"PK\3\4 neither", b"\x1f\x8b nor this", b"\xfd7zXZ"):
            with pytest.raises(Invalid, match="no archive that can be read"):
                read(tmp_path / name, content)


def test_a_zip_of_a_version_that_is_yet_to_come_is_no_archive(tmp_path: Path) -> None:
    made = bytearray(zipped(GOOD))
    made[made.index(b"PK\1\2") + 6] = 255

    with pytest.raises(Invalid, match="no archive that can be read"):
        read(tmp_path / "a.zip", bytes(made))


def test_an_archive_outside_the_roots_is_unsafe(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(GOOD))
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "b.zip").symlink_to(tmp_path / "a.zip")

    for said in ("../a.zip", "b.zip"):
        with pytest.raises(UnsafePath):
            source_of(said, [tmp_path / "root"], tmp_path / "root")


# --- sent to the service ---


def by(who: str, kind: str = "application/octet-stream") -> dict[str, str]:
    return {"authorization": f"Bearer token-{who}", "content-type": kind}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    tokens = "ann:member:token-ann,bob:member:token-bob,eve:viewer:token-eve"
    with running(tmp_path_factory.mktemp("service"), GREENLIGHT_TOKENS=tokens) as live:
        yield live


def test_an_archive_that_was_sent_can_be_planned_from_by_its_sender_alone(service: Service) -> None:
    where = "/api/repos/archive?name=a/shop-1.2.zip"
    sent = service.http.post(where, content=zipped(GOOD), headers=by("ann"))
    upload = sent.json()["upload"]

    again = {
        who: service.http.post(
            "/api/plans", json={"repo": upload}, headers=by(who, "application/json")
        ).status_code
        for who in ("ann", "bob")
    }

    assert (sent.status_code, sent.json()["name"], sent.json()["root"]) == (201, "shop", "shop-1.2.zip")
    assert again == {"ann": 200, "bob": 404}


def test_what_is_no_archive_of_a_member_is_refused(service: Service) -> None:
    def status(content: bytes, headers: Mapping[str, str], name: str = "a.zip") -> int:
        return service.http.post(
            f"/api/repos/archive?name={name}", content=content, headers=dict(headers)
        ).status_code

    assert status(zipped(GOOD), by("eve")) == 403
    assert status(zipped(GOOD), by("ann", "application/zip")) == 415
    assert status(zipped(GOOD), by("ann"), "a.exe") == 422
    assert status(b"no archive", by("ann")) == 422
    assert status(b"", by("ann")) == 422


def test_only_the_newest_uploads_stay(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "ann")
    told: list[str] = []
    for n in range(KEPT_MAX + 2):
        written = draft(folder)
        written.write_bytes(bytes([n]))
        os.utime(written, (n, n))
        told.append(keep(written, "a.zip"))

    assert find(folder, told[-1])[1] == "a.zip"
    assert len(list(folder.iterdir())) == KEPT_MAX
    for said in (told[0], "upload:", "upload:../../etc", "upload:*"):
        with pytest.raises(NotFound):
            find(folder, said)
