"""A second look at a folder costs little, and says what a first one would say."""

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.repo import Cache, Limits, RepoProfile, scan
from tools.repo.cache import ENTRIES_MAX, recall
from tools.repo.walk import LIMITS

FILES = {
    "README.md": "# Shop\n\nShop sells tea to anyone who asks for it.\n",
    ".gitignore": "local/\n",
    "shop/till.py": "class Till:\n    pass\n",
    "shop/deep/pot.py": "class Pot:\n    pass\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        target = tmp_path / "shop" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return tmp_path / "shop"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """As if the folder had been quiet for an hour."""
    return Cache(tmp_path / "readings", now=lambda: time.time_ns() + 3_600_000_000_000)


def entries(cache: Cache) -> list[Path]:
    return list(cache.folder.iterdir()) if cache.folder.exists() else []


def files_read(shop: Path, cache: Cache) -> int:
    heard: list[int] = []
    scan(shop, cache=cache, on_file=heard.append)
    return len(heard)


def test_a_folder_that_has_not_changed_is_not_read_again(shop: Path, cache: Cache) -> None:
    first = scan(shop, cache=cache)

    assert files_read(shop, cache) == 0
    assert scan(shop, cache=cache) == first == scan(shop)


def test_fresh_reads_all_of_it_and_keeps_that(shop: Path, cache: Cache) -> None:
    scan(shop, cache=cache)

    assert files_read(shop, Cache(cache.folder, fresh=True, now=cache.now)) == 2
    assert files_read(shop, cache) == 0


def same_size_and_time(shop: Path) -> None:
    path = shop / "shop/till.py"
    was = path.stat()
    path.write_text("class Bill:\n    pass\n")
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "another text": lambda shop: (shop / "shop/till.py").write_text("class Bell:\n    pass\n"),
    "the same size and a time set back": same_size_and_time,
    "a new file": lambda shop: (shop / "shop/deep/cup.py").write_text("class Cup:\n    pass\n"),
    "a file less": lambda shop: (shop / "shop/deep/pot.py").unlink(),
    "another name": lambda shop: (shop / "shop/deep/pot.py").rename(shop / "shop/deep/jar.py"),
    "a folder in place of another": lambda shop: (shop / "shop/deep").rename(shop / "shop/shallow"),
    "other rules": lambda shop: (shop / ".gitignore").write_text("deep/\n"),
    "another README": lambda shop: (shop / "README.md").write_text("Shop sells coffee to all who come.\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(shop: Path, cache: Cache, change: str) -> None:
    before = scan(shop, cache=cache)
    CHANGES[change](shop)

    after = scan(shop, cache=cache)

    assert after == scan(shop) != before


def test_a_folder_that_becomes_a_link_is_not_followed(shop: Path, cache: Cache, tmp_path: Path) -> None:
    scan(shop, cache=cache)
    (shop / "shop/deep").rename(tmp_path / "elsewhere")
    (shop / "shop/deep").symlink_to(tmp_path / "elsewhere")

    assert [one.name for one in scan(shop, cache=cache).concepts] == ["Till"]


def test_what_changed_a_moment_ago_is_read_once_more(shop: Path, cache: Cache) -> None:
    scan(shop, cache=Cache(cache.folder))

    assert entries(cache) == []


def test_a_reading_that_ran_out_of_time_is_not_kept(shop: Path, cache: Cache) -> None:
    scan(shop, limits=Limits(seconds=0), cache=cache)

    assert entries(cache) == []


BREAKS: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "a part": lambda kept: kept[: len(kept) // 2],
    "another byte": lambda kept: kept[:-1] + bytes([kept[-1] ^ 1]),
    "words": lambda _: b"not ours",
}


@pytest.mark.parametrize("break_", BREAKS)
def test_an_entry_that_is_broken_or_foreign_is_replaced(shop: Path, cache: Cache, break_: str) -> None:
    first = scan(shop, cache=cache)
    (entry,) = entries(cache)
    entry.write_bytes(BREAKS[break_](entry.read_bytes()))

    assert scan(shop, cache=cache) == first
    assert files_read(shop, cache) == 0


def test_a_tree_has_no_word_in_what_is_known_of_another(shop: Path, cache: Cache, tmp_path: Path) -> None:
    scan(shop, cache=cache)
    other = tmp_path / "other"
    shop.rename(other)

    assert recall(cache, other, LIMITS) is None
    assert files_read(other, cache) == 2
    assert len(entries(cache)) == 2


def test_other_limits_are_another_reading(shop: Path, cache: Cache) -> None:
    scan(shop, cache=cache)

    assert scan(shop, limits=Limits(files=1), cache=cache).partial is not None


def test_no_path_with_a_key_in_it_is_kept(shop: Path, cache: Cache) -> None:
    (shop / "AKIAIOSFODNN7EXAMPLE").mkdir()
    scan(shop, cache=cache)

    assert entries(cache) == []


def test_what_is_kept_is_blanked_and_ours_alone(shop: Path, cache: Cache) -> None:
    secret = "hunter2hunter2"
    (shop / "README.md").write_text(f'Call the tea service with password = "{secret}" when you like.\n')
    (shop / "shop/till.py").write_text(f"class Till:\n    token = {secret!r}\n")
    scan(shop, cache=cache)
    (entry,) = entries(cache)

    assert secret.encode() not in entry.read_bytes()
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700


def test_the_oldest_make_room(shop: Path, cache: Cache) -> None:
    cache.folder.mkdir()
    for number in range(ENTRIES_MAX):
        old = cache.folder / f"old{number}"
        old.touch()
        os.utime(old, (number, number))
    scan(shop, cache=cache)

    assert len(entries(cache)) == ENTRIES_MAX
    assert not (cache.folder / "old0").exists()
    assert files_read(shop, cache) == 0


def test_where_nothing_can_be_written_the_reading_is_the_same(shop: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    profile: RepoProfile = scan(shop, cache=Cache(taken, now=lambda: 2**62))

    assert profile == scan(shop)
