"""A git address is read without a checkout: bounded, inside, and obeying nothing that comes with it."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path

import pytest
from served import (
    Answer,
    add_commit,
    endless,
    found_repository,
    git,
    leading_to,
    locked,
    page,
    serving,
    silence,
)

from tools.errors import Busy, Invalid
from tools.repo import Limits, RepoProfile
from tools.repo.address import Address, is_address, read_address
from tools.repo.git import Bounds
from tools.repo.reach import IPAddress, Reach, is_public
from tools.repo.remote import fetch
from tools.repo.source import FETCHES_AT_ONCE, one_of_few, read_source, source_of

OPEN = Reach(frozenset({"http", "https"}), lambda _: True)
PATIENT = Limits(seconds=120)  # what is shown here is not how fast a busy machine is
SHOP: dict[str, str | bytes] = {
    "README.md": "# Shop\n\nShop sells tea to anyone who asks.\n",
    "shop/__init__.py": "class Till:\n    pass\n",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def served(root: Path) -> Iterator[str]:
    answers: dict[str, Answer] = {
        "/mute/": silence,
        "/endless/": endless,
        "/elsewhere/": leading_to("http://127.0.0.1:9"),
        "/locked/": locked,
        "/page/": page,
    }
    with serving(root, answers) as address:
        yield address


def read(address: str) -> RepoProfile:
    return read_source(source_of(address, [], Path("/"), reach=OPEN), reach=OPEN, limits=PATIENT)


def names(profile: RepoProfile) -> list[str]:
    return [concept.name for concept in profile.concepts]


def why_not(address: str, folder: Path, bounds: Bounds) -> str:
    with pytest.raises(Invalid) as caught:
        fetch(read_address(address, OPEN), folder, reach=OPEN, bounds=bounds)
    return caught.value.why


def test_an_address_is_read_like_a_folder(root: Path, served: str) -> None:
    found_repository(root / "ann/shop.git", SHOP)

    profile = read(f"{served}/ann/shop.git")

    assert (profile.name, profile.purpose) == ("shop", "Shop sells tea to anyone who asks.")
    assert [(one.name, one.path, one.line) for one in profile.concepts] == [("Till", "shop/__init__.py", 1)]
    assert (profile.root, profile.partial) == (f"{served}/ann/shop.git", None)


def test_a_branch_a_tag_or_a_commit_is_read_where_the_address_names_one(root: Path, served: str) -> None:
    bare = found_repository(root / "ann/tea.git", {"tea.py": "class Green: ...\n"})
    git(bare, "tag", "v1.0")
    git(bare, "-c", "user.name=a", "-c", "user.email=a", "tag", "-a", "signed", "-m", "x", "main")
    git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
    first = git(bare, "rev-parse", "main")
    add_commit(bare, {"tea.py": "class Black: ...\n"}, "Roast", first=False)

    refs = ("", "@v1.0", "#signed", f"#{first}")
    assert [names(read(f"{served}/ann/tea.git{ref}")) for ref in refs] == [
        ["Black"],
        ["Green"],
        ["Green"],
        ["Green"],
    ]
    with pytest.raises(Invalid, match="no such branch, tag or commit"):
        read(f"{served}/ann/tea.git#nowhere")


def test_nothing_in_a_hostile_tree_comes_to_life(
    root: Path, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(rooms))
    ran = f"touch {tmp_path}/ran"
    bare = found_repository(
        root / "eve/trap.git",
        {
            "good.py": "class GoodOne: ...\n",
            "120000:way-out.py": "/etc/passwd",
            "120000:folder": "/etc",
            "160000:sub": "a" * 40,
            ".gitmodules": f'[submodule "sub"]\npath = sub\nurl = ext::sh -c "{ran}"\n',
            ".gitattributes": "* filter=x diff=x\n",
            ".gitconfig": f'[filter "x"]\nsmudge = {ran}\n',
            "100755:hooks/post-checkout": f"#!/bin/sh\n{ran}\n",
            "huge.py": b"x = 1\n" * 600_000,
        },
    )
    plant_names(bare, [b"../outside.py", b"/etc/outside.py", b"a/../../outside.py", b".git/hooks/x.py"])

    profile = read(f"{served}/eve/trap.git")

    assert names(profile) == ["GoodOne"]
    assert profile.partial is not None
    assert "left out 3 files with a name that leads outside" in profile.partial
    assert "did not follow 1 submodule" in profile.partial
    assert "left out 1 Python file over" in profile.partial
    assert list(tmp_path.iterdir()) == [rooms]
    assert list(rooms.iterdir()) == []


def plant_names(bare: Path, paths: list[bytes]) -> None:
    """Names that git itself would never write into a tree, beside those that are there."""
    blob = bytes.fromhex(git(bare, "hash-object", "-w", "--stdin", said=b"class Outside: ...\n"))
    old = git(bare, "ls-tree", "main").splitlines()
    tree = b"".join(b"100644 %s\0%s" % (path, blob) for path in paths)
    for line in old:
        facts, name = line.split("\t")
        mode, _, sha = facts.split()
        tree += f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(sha)
    planted = git(bare, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", said=tree)
    commit = f"tree {planted}\nauthor E <e> 1 +0000\ncommitter E <e> 1 +0000\n\nTrap\n".encode()
    git(
        bare,
        "update-ref",
        "refs/heads/main",
        git(bare, "hash-object", "-t", "commit", "-w", "--stdin", said=commit),
    )


def test_the_persons_own_git_settings_and_our_environment_stay_out_of_it(
    root: Path, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_repository(root / "ann/plain.git", SHOP)
    (tmp_path / ".gitconfig").write_text(f'[url "{served}/nowhere/"]\ninsteadOf = {served}/ann/\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{served}/nowhere/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"{served}/ann/")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert names(read(f"{served}/ann/plain.git")) == ["Till"]


def test_what_is_too_large_or_too_slow_is_ended(root: Path, served: str, tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(3_000_000)
    found_repository(root / "eve/large.git", {"noise.py": noise})
    folders = [tmp_path / str(n) for n in range(3)]
    for folder in folders:
        folder.mkdir()

    large = why_not(f"{served}/eve/large.git", folders[0], Bounds(60, 1_000_000))
    mute = why_not(f"{served}/mute/r.git", folders[1], Bounds(0.4, 1_000_000))
    never = why_not(f"{served}/endless/r.git", folders[2], Bounds(0.4, 1_000_000))

    assert "larger" in large or "does not answer" in large  # whoever sees it first: we, or the kernel
    assert "longer than 0.4 seconds" in mute
    assert "longer than 0.4 seconds" in never
    assert sum(f.stat().st_size for f in folders[0].rglob("*")) < 3_000_000


def test_what_a_server_says_decides_which_of_our_own_words_are_told(served: str, tmp_path: Path) -> None:
    said = {"elsewhere": "leads on", "locked": "password", "page": "git server", "none": "not there"}

    for name, words in said.items():
        (tmp_path / name).mkdir()
        why = why_not(f"{served}/{name}/r.git", tmp_path / name, Bounds(20, 1_000_000))
        assert words in why
        assert "nstructions" not in why


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0", "localhost", "169.254.169.254", "10.0.0.1", "0x7f000001", "2130706433"],
)
def test_no_address_leads_into_our_own_network(host: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"private network|no host"):
        fetch(read_address(f"https://{host}/a/b"), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_an_address_inside_another_is_seen_through() -> None:
    ours = "::ffff:10.0.0.1 64:ff9b::a00:1 64:ff9b:1::1 2002:a00:1:: ::a00:1 fe80::1 fc00::1 ff02::1 0.0.0.0"
    open_ones = "1.1.1.1 2606:4700::1111 ::ffff:1.1.1.1 64:ff9b::101:101"

    assert not any(is_public(ip_address(each)) for each in ours.split())
    assert all(is_public(ip_address(each)) for each in open_ones.split())


@pytest.mark.parametrize(
    "said",
    [
        "ext::sh -c id",
        "git@github.com:ann/shop.git",
        "ssh://github.com/ann/shop",
        "http://github.com/ann/shop",
        "file:///etc",
        "https://ann:secret@github.com/ann/shop",
        "https://github.com/ann/shop?leak=me",
        "https://github.com/../shop",
        "https://github.com/ann/shop#-x",
        "https://github.com/ann/shop#a..b",
        "https://github.com/ann/shop\n#a",
        "https://[::1]/ann/shop",
        "https://github.com./ann/shop",
        "https://github.com",
    ],
)
def test_only_plain_https_addresses_are_understood(said: str) -> None:
    assert is_address(said)
    with pytest.raises(Invalid, match="https://host/owner/name"):
        source_of(said, [Path("/")], Path("/"))


@pytest.mark.parametrize("said", [".", "./a@b", "~/shop", "C:", "a/b:c", "/srv/https/x"])
def test_a_path_is_no_address(said: str) -> None:
    assert not is_address(said)


def test_an_address_is_shown_as_it_was_given() -> None:
    assert read_address("https://GitHub.com/ann/shop@v1") == Address(
        "https", "github.com", 443, "/ann/shop", "v1"
    )
    assert str(read_address("https://codeberg.org:8443/ann/shop.git#next")) == (
        "https://codeberg.org:8443/ann/shop.git#next"
    )


def test_only_a_few_addresses_are_read_at_once(served: str) -> None:
    with ExitStack() as all_turns:
        for _ in range(FETCHES_AT_ONCE):
            all_turns.enter_context(one_of_few())
        with pytest.raises(Busy):
            read(f"{served}/none/r.git")

    with pytest.raises(Invalid, match="not there"):
        read(f"{served}/none/r.git")


def test_git_asks_whom_we_looked_up_and_nobody_else(root: Path, served: str) -> None:
    found_repository(root / "ann/pinned.git", SHOP)
    asked: list[str] = []

    def once(host: str, _port: int) -> list[IPAddress]:
        asked.append(host)
        return [ip_address("127.0.0.1")]

    nowhere = Reach(frozenset({"http"}), lambda _: True, once)
    address = f"http://git.shop.example:{served.rpartition(':')[2]}/ann/pinned.git"
    profile = read_source(source_of(address, [], Path("/"), reach=nowhere), reach=nowhere, limits=PATIENT)

    assert (names(profile), profile.root, asked) == (["Till"], address, ["git.shop.example"])
