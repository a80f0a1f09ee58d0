"""A reading of a repository is bounded, stays inside, and tells only what the files say."""

import ast
import email
import gc
import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

import tools
from tools.errors import Invalid, UnsafePath
from tools.repo import Limits, RepoProfile, scan
from tools.repo.paths import resolve
from tools.repo.walk import read, walk


def plant(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def names(profile: RepoProfile) -> list[str]:
    return [concept.name for concept in profile.concepts]


SHOP: dict[str, str | bytes] = {
    "README.md": "# Shop\n\n[![build](https://a.example/b.svg)](https://a.example)\n\n"
    "Shop sells **tea** to [anyone](https://tea.example) who asks. It never sells `coffee`.\n",
    "pyproject.toml": '[project]\nname = "shop"\nkeywords = ["tea"]\n',
    "shop/__init__.py": 'from shop.till import Till\n\n__all__ = ["Till"]\n',
    "shop/till.py": "class TeaError(Exception):\n    pass\n\n\nclass Till:\n    def sell(self, tea):\n"
    "        try:\n            return self.stock[tea]\n        except (KeyError, shop.TeaError):\n"
    "            raise TeaError(tea) from None\n",
    "tests/test_till.py": "class TestTill:\n    def test_sells(self):\n        raise TeaError\n",
}


def test_a_small_shop_is_read_whole(tmp_path: Path) -> None:
    profile = scan(plant(tmp_path, SHOP)).to_json()

    assert profile.pop("root") == str(tmp_path)
    assert profile == snapshot(
        {
            "name": "shop",
            "purpose": "Shop sells tea to anyone who asks. It never sells coffee.",
            "languages": {"python": 3},
            "partial": None,
            "counts": {"files": 3, "classes": 3, "functions": 2, "raises": 2, "excepts": 1},
            "concepts": (
                {"kind": "class", "name": "Till", "path": "shop/till.py", "line": 5, "weight": 1.0},
                {"kind": "error", "name": "TeaError", "path": "shop/till.py", "line": 1, "weight": 0.165},
                {
                    "kind": "class",
                    "name": "TestTill",
                    "path": "tests/test_till.py",
                    "line": 1,
                    "weight": 0.031,
                },
                {"kind": "method", "name": "sell", "path": "shop/till.py", "line": 6, "weight": 0.03},
                {
                    "kind": "method",
                    "name": "test_sells",
                    "path": "tests/test_till.py",
                    "line": 2,
                    "weight": 0.003,
                },
            ),
            "errors": (
                {
                    "name": "TeaError",
                    "raised": 2,
                    "caught": 1,
                    "evidence": (
                        {"path": "shop/till.py", "line": 10},
                        {"path": "shop/till.py", "line": 9},
                        {"path": "tests/test_till.py", "line": 3},
                    ),
                },
                {
                    "name": "KeyError",
                    "raised": 0,
                    "caught": 1,
                    "evidence": ({"path": "shop/till.py", "line": 9},),
                },
            ),
            "themes": ("tea", "till"),
            "redacted": 0,
            "licence": None,
            "entry_points": (),
            "tests": {"files": 1, "folders": ("tests",)},
            "dependencies": (),
            "history": (),
        }
    )


# --- the way to a folder ---


def test_a_path_is_taken_relative_to_the_base(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()

    assert resolve("a", [tmp_path], tmp_path) == tmp_path / "a"
    assert resolve(".", [Path()], tmp_path) == tmp_path
    assert resolve(str(tmp_path / "a" / ".." / "a"), [tmp_path], Path("/")) == tmp_path / "a"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a").mkdir()

    assert resolve("~/a", [Path("~")], Path("/")) == tmp_path / "a"


@pytest.mark.parametrize("path", ["..", "../sibling", "/", "/etc/passwd", "/no/such/folder", "inside/../.."])
def test_a_path_outside_the_roots_is_unsafe_and_names_the_setting(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()

    with pytest.raises(UnsafePath) as caught:
        resolve(path, [root], root)

    assert caught.value.what == "path"
    assert str(root) in caught.value.why
    assert "GREENLIGHT_REPO_ROOTS" in caught.value.why


def test_a_folder_whose_name_only_begins_like_a_root_is_outside(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root-of-another").mkdir()

    with pytest.raises(UnsafePath):
        resolve(str(tmp_path / "root-of-another"), [tmp_path / "root"], tmp_path)


def test_a_link_that_leads_out_of_the_roots_is_unsafe(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "way-out").symlink_to(tmp_path)

    with pytest.raises(UnsafePath):
        resolve("way-out", [root], root)


def test_without_roots_nothing_may_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnsafePath, match="GREENLIGHT_REPO_ROOTS"):
        resolve(".", [], tmp_path)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("a\0b", "NUL"),
        ("a/" * 5_000, "longer than"),
        ("a" * 300, "no folder"),
        ("missing", "no folder"),
        ("file.txt", "is a file"),
        ("loop", "no folder"),
        ("~nobody-of-that-name/a", "no folder"),
        ("\ud800", "no folder"),
    ],
)
def test_a_path_that_is_no_folder_is_refused_in_one_line(tmp_path: Path, path: str, why: str) -> None:
    (tmp_path / "file.txt").write_text("")
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(Invalid) as caught:
        resolve(path, [tmp_path], tmp_path)

    assert why in caught.value.why
    assert "\n" not in caught.value.why


# --- the walk ---


def test_a_symlink_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    outside = plant(tmp_path / "outside", {"secret.py": "class Secret: ...\n"})
    root = plant(tmp_path / "root", {"a.py": "class Mine: ...\n"})
    (root / "folder").symlink_to(outside)
    (root / "file.py").symlink_to(outside / "secret.py")
    (root / "README.md").symlink_to(outside / "secret.py")
    (root / ".gitignore").symlink_to(outside / "secret.py")

    profile = scan(root)

    assert names(profile) == ["Mine"]
    assert profile.counts.files == 1
    assert profile.purpose == ""


def test_a_folder_that_becomes_a_link_after_the_walk_is_not_read(tmp_path: Path) -> None:
    outside = plant(tmp_path / "outside", {"a.py": "class Secret: ...\n"})
    root = plant(tmp_path / "root", {"folder/a.py": "class Mine: ...\n"})
    (found,) = walk(root, Limits(), deadline=time.monotonic() + 5).files
    (root / "folder").rename(tmp_path / "moved")
    (root / "folder").symlink_to(outside)

    with pytest.raises(FileNotFoundError):
        read(root, found, 1_000)


def test_an_empty_file_counts_and_is_not_opened(tmp_path: Path) -> None:
    plant(tmp_path, {"shop/__init__.py": ""})
    (found,) = walk(tmp_path, Limits(), deadline=time.monotonic() + 5).files
    profile = scan(tmp_path)
    (tmp_path / "shop" / "__init__.py").unlink()

    assert read(tmp_path, found, 1_000) == b""
    assert profile.counts.files == 1


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (plant(tmp_path, {"a/b.py": "x = 1\n"}) / "a" / "again").symlink_to(tmp_path)

    assert scan(tmp_path).languages == {"python": 1}


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": "x = 1\n"})
    for name in ("b.py", "README.md", ".gitignore", "pyproject.toml"):
        os.mkfifo(tmp_path / name)

    assert scan(tmp_path).counts.files == 1


def test_a_huge_file_is_left_out_and_the_reading_says_so(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": "class A: ...\n"})
    with (tmp_path / "huge.py").open("wb") as file:
        file.truncate(1 << 40)
    with (tmp_path / "huge.bin").open("wb") as file:
        file.truncate(1 << 40)

    profile = scan(tmp_path)

    assert names(profile) == ["A"]
    assert profile.partial == snapshot("left out 1 Python file over 512,000 bytes")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(files=2), "stopped after 2 files"),
        (Limits(depth=1), "left out 1 folder below level 1"),
        (Limits(bytes_total=20), "stopped after 14 bytes"),
        (Limits(bytes_per_file=8), "left out 3 Python files over 8 bytes"),
        (Limits(seconds=0), "stopped after 0 seconds"),
    ],
)
def test_a_limit_that_is_reached_is_said_in_words(tmp_path: Path, limits: Limits, said: str) -> None:
    plant(tmp_path, dict.fromkeys(("a.py", "b.py", "c/d/e.py"), "class A: pass\n"))

    partial = scan(tmp_path, limits=limits).partial

    assert partial is not None
    assert said in partial


def test_limits_that_are_just_enough_leave_nothing_out(tmp_path: Path) -> None:
    plant(tmp_path, dict.fromkeys(("a.py", "b.py", "c/d/e.py"), "class A: pass\n"))

    limits = Limits(files=3, depth=2, bytes_total=42, bytes_per_file=14)

    assert scan(tmp_path, limits=limits).partial is None


def test_git_ignore_files_are_respected_at_every_level(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            ".gitignore": "*.gen.py\n/local/\nsecret/\n",
            "kept.py": "class Kept: ...\n",
            "a.gen.py": "class Generated: ...\n",
            "local/b.py": "class Local: ...\n",
            "deep/local/c.py": "class Deep: ...\n",
            "deep/secret/d.py": "class Hidden: ...\n",
            "deep/.gitignore": "!b.gen.py\nprivate.py\n",
            "deep/b.gen.py": "class Restored: ...\n",
            "deep/private.py": "class Private: ...\n",
        },
    )

    assert set(names(scan(tmp_path))) == {"Kept", "Deep", "Restored"}


def test_a_git_ignore_made_to_stop_the_machine_does_not(tmp_path: Path) -> None:
    rules = "*a" * 40 + "b\n[[a]\n!\n[z-a]\n" + "\\\n" + "ignored.py\n"
    plant(
        tmp_path, {".gitignore": rules, "a" * 250 + ".py": "class A: ...\n", "ignored.py": "class B: ...\n"}
    )

    profile = scan(tmp_path, limits=Limits(seconds=5))

    assert names(profile) == ["A"]
    assert profile.partial is None


def test_what_nobody_wrote_is_skipped(tmp_path: Path) -> None:
    skipped = (".git", "node_modules", ".venv", "__pycache__", "build", "dist", "x.egg-info", "my-env")
    plant(tmp_path, {f"{folder}/a.py": "class Skipped: ...\n" for folder in skipped})
    plant(tmp_path, {"my-env/pyvenv.cfg": "", "shop/build/__init__.py": "class Built: ...\n"})

    assert names(scan(tmp_path)) == ["Built"]


def test_two_readings_are_the_same_even_side_by_side(tmp_path: Path) -> None:
    plant(tmp_path, SHOP)
    profiles: list[RepoProfile] = []
    threads = [threading.Thread(target=lambda: profiles.append(scan(tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert profiles == [scan(tmp_path)] * 4
    assert gc.isenabled()


def test_progress_counts_the_sources_read(tmp_path: Path) -> None:
    heard: list[int] = []

    scan(plant(tmp_path, SHOP), on_file=heard.append)

    assert heard == [1, 2, 3]


# --- foreign sources ---


def independent_counts(root: Path) -> tuple[int, int, int, int, int]:
    nodes: list[ast.AST] = []
    paths = [path for path in root.rglob("*.py") if "__pycache__" not in path.parts]
    for path in paths:
        nodes.extend(ast.walk(ast.parse(path.read_bytes())))
    return (
        len(paths),
        sum(isinstance(node, ast.ClassDef) for node in nodes),
        sum(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in nodes),
        sum(isinstance(node, ast.Raise) for node in nodes),
        sum(isinstance(node, ast.ExceptHandler) for node in nodes),
    )


def folder_of(module: Any) -> Path:
    return Path(module.__file__).parent


@pytest.mark.parametrize(
    "root", [folder_of(tools), folder_of(json), folder_of(email)], ids=lambda root: root.name
)
def test_the_counts_agree_with_a_walk_over_the_whole_tree(root: Path) -> None:
    counts = scan(root).counts

    assert (
        counts.files,
        counts.classes,
        counts.functions,
        counts.raises,
        counts.excepts,
    ) == independent_counts(root)


@pytest.mark.parametrize(
    "root", [folder_of(tools), folder_of(json), folder_of(email)], ids=lambda root: root.name
)
def test_every_place_shows_the_name_it_is_evidence_for(root: Path) -> None:
    profile = scan(root)
    shown = [(concept.name, concept.path, concept.line) for concept in profile.concepts]
    shown += [(error.name, place.path, place.line) for error in profile.errors for place in error.evidence]

    assert shown
    for name, path, line in shown:
        assert name in (root / path).read_text().splitlines()[line - 1]


def test_definitions_are_found_wherever_a_statement_may_stand(tmp_path: Path) -> None:
    source = """
match x:
    case 1:
        def a(): ...
try:
    class B: ...
except* (E, F):
    async def c(): raise
else:
    for d in e:
        with f:
            if g: ...
            elif h:
                def i():
                    def j(): ...
finally:
    while k:
        class L:
            class M:
                def n(self): ...
"""
    counts = scan(plant(tmp_path, {"a.py": source})).counts

    assert (counts.classes, counts.functions, counts.raises, counts.excepts) == (3, 5, 1, 1)


HOSTILE: dict[str, str | bytes] = {
    "brackets.py": "(" * 50_000 + ")" * 50_000,
    "minus.py": "x = " + "-" * 50_000 + "1",
    "attributes.py": "x" + ".y" * 100_000,
    "nul.py": b"x = 1\0\n",
    "bytes.py": b"# \xff\xfe\nclass Odd: ...\n",
    "cookie.py": b"# coding: no-such-codec\n",
    "old.py": 'print "hello"\n',
    "elif.py": "if a: pass\n" + "elif b: pass\n" * 2_000,
    "indent.py": "".join(" " * n + "if a:\n" for n in range(99)) + " " * 99 + "raise Deep\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_source_that_breaks_parsers_is_passed_over(tmp_path: Path, name: str) -> None:
    profile = scan(plant(tmp_path, {name: HOSTILE[name], "good.py": "class Good: ...\n"}))

    assert "Good" in names(profile)
    assert profile.partial is None


def test_many_sources_that_do_not_parse_are_said_in_words(tmp_path: Path) -> None:
    plant(tmp_path, {f"{n}.py": 'print "hello"\n' for n in range(3)} | {"a.py": "x = 1\n"})

    assert scan(tmp_path).partial == snapshot("could not parse 3 of 4 Python files")


def test_a_source_that_python_would_warn_about_is_read_without_a_word(tmp_path: Path) -> None:
    profile = scan(plant(tmp_path, {"a.py": "PATTERN = '\\d'\nx = 1if y else 2\nclass A: ...\n"}))

    assert names(profile) == ["A"]


def test_missing_things_are_told_apart(tmp_path: Path) -> None:
    source = """
try:
    raise os.FileNotFoundError("x")
except ModuleNotFoundError:
    raise ImportError from None
except ImportError:
    raise
except (builtins.FileNotFoundError, OSError) as error:
    raise error
"""
    errors = scan(plant(tmp_path, {"a.py": source})).errors

    assert {error.name: (error.raised, error.caught) for error in errors} == {
        "FileNotFoundError": (1, 1),
        "ImportError": (1, 1),
        "ModuleNotFoundError": (0, 1),
        "OSError": (0, 1),
    }


# --- what it is about ---


def test_the_package_goes_before_its_tests_and_examples(tmp_path: Path) -> None:
    body = "    x = 1\n" * 50
    plant(
        tmp_path,
        {
            "src/shop/__init__.py": "",
            "src/shop/till.py": f"class Till:\n{body}\nclass _Drawer:\n{body}",
            "tests/test_till.py": f"class TestTill:\n{body * 9}",
            "examples/market.py": f"class Market:\n{body * 9}",
        },
    )

    profile = scan(tmp_path)

    assert names(profile) == ["Till", "_Drawer", "Market", "TestTill"]
    weights = [concept.weight for concept in profile.concepts]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == 1.0


@pytest.mark.parametrize(
    ("name", "text", "purpose"),
    [
        ("README.md", "---\ntitle: x\n---\n# T\n\n```\nsome code is not prose\n```\n\nIt *really* does `one` thing.", "It really does one thing."),
        ("README.md", "Title\n=====\n\n- a list of many words\n\n> A quoted line that says what.\n", "A quoted line that says what."),
        ("README.md", "<p align='center'>\n  <b>The only words are in tags</b>\n</p>\n", "The only words are in tags"),
        ("README.md", "<!-- not a word of this counts -->\nWhat [it][1] does, at last.\n\n[1]: https://a.example\n", "What it does, at last."),
        ("README.rst", "====\nName\n====\n\n.. image:: https://a.example/b.svg\n   :alt: words that are not prose\n\nUse :class:`~a.b.Tea` with ``care``, see `docs <https://a.example>`_.\n", "Use Tea with care, see docs."),
        ("readme", "It evens \u202eout\u202c the \u200bbidirectional\x07 tricks.", "It evens out the bidirectional tricks."),
        ("README.md", "# Only\n\n![a](b)\n\nToo short.\n", ""),
        ("README.md", "[English readme](a)\n • [Deutsche readme](b)\n • [中文 readme](c)\n\nIt draws in a terminal.", "It draws in a terminal."),
        ("README.md", "[It is one whole link](https://a.example)\n", "It is one whole link"),
    ],
)  # fmt: skip
def test_the_purpose_is_the_first_real_sentence(tmp_path: Path, name: str, text: str, purpose: str) -> None:
    assert scan(plant(tmp_path, {name: text})).purpose == purpose


def test_a_long_purpose_ends_with_a_sentence_or_an_ellipsis(tmp_path: Path) -> None:
    whole = scan(plant(tmp_path / "a", {"README": "One sentence that ends. " + "word " * 100})).purpose
    cut = scan(plant(tmp_path / "b", {"README": "word " * 100})).purpose

    assert whole == "One sentence that ends."
    assert cut.endswith("word…")
    assert len(cut) <= 300


def test_the_description_stands_in_for_a_readme(tmp_path: Path) -> None:
    plant(tmp_path, {"pyproject.toml": '[project]\nname = "shop"\ndescription = "Sells tea."\n'})

    assert scan(tmp_path).purpose == "Sells tea."


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("setup.cfg", "[metadata]\nname = Shop\n", "Shop"),
        ("PKG-INFO", "Metadata-Version: 2.4\nName: Shop\nVersion: 1\n\nName: Other\n", "Shop"),
        ("package.json", '{"name": "@tea/shop"}', "@tea/shop"),
        ("Cargo.toml", '[package]\nname = "shop"\n', "shop"),
        ("go.mod", "module a.example/tea/shop/v2\n\ngo 1.22\n", "shop"),
        ("pyproject.toml", "[project\n", "folder"),
        ("package.json", "[" * 50_000, "folder"),
        ("setup.cfg", "name = Shop\n", "folder"),
        ("notes.txt", "nothing that names it", "folder"),
    ],
)
def test_the_name_comes_from_the_manifest_or_the_folder(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    assert scan(plant(tmp_path / "folder-1.2.0rc1", {name: text})).name == expected


def test_a_repository_in_another_language_still_has_a_profile(tmp_path: Path) -> None:
    profile = scan(plant(tmp_path, {"main.go": "package main\n", "go.mod": "module a.example/tea\n"}))

    assert (profile.name, profile.languages, profile.concepts) == ("tea", {"go": 1}, ())


def test_an_empty_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / "only" / "folders").mkdir(parents=True)

    with pytest.raises(Invalid, match="no file to read"):
        scan(tmp_path)


def test_a_file_or_a_missing_folder_cannot_be_scanned(tmp_path: Path) -> None:
    for path in (plant(tmp_path, {"a.py": ""}) / "a.py", tmp_path / "missing"):
        with pytest.raises(Invalid, match="cannot be opened"):
            scan(path)


# --- what must not travel ---


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "sk-proj-abcdefghijklmnopqrstuvwxyz",
        "ghp_" + "a1" * 18,
        "github_pat_" + "a1" * 20,
        "-----BEGIN RSA PRIVATE KEY----- MIIEabcdefg -----END RSA PRIVATE KEY-----",
        "hunter2hunter2",
    ],
)
def test_a_secret_is_blanked_and_counted(tmp_path: Path, secret: str) -> None:
    text = f'Call the tea service with password = "{secret}" when you like.\n'

    profile = scan(plant(tmp_path, {"README.md": text}))

    assert secret not in json.dumps(profile.to_json())
    assert profile.purpose.endswith("when you like.")
    assert profile.redacted >= 1


def test_a_secret_is_blanked_in_names_and_paths_too(tmp_path: Path) -> None:
    key = "AKIAIOSFODNN7EXAMPLE"
    plant(tmp_path, {f"{key}/a.py": f"class {key}: ...\n", "package.json": f'{{"name": "{key}"}}'})

    profile = scan(tmp_path)

    assert key not in json.dumps(profile.to_json())
    assert profile.redacted == 3


def test_a_sentence_about_passwords_is_not_a_secret(tmp_path: Path) -> None:
    text = "It asks for your password: never for a token, and keeps secret nothing at all."

    profile = scan(plant(tmp_path, {"README.md": text}))

    assert (profile.purpose, profile.redacted) == (text, 0)


def test_a_file_name_cannot_carry_control_characters_or_break_json(tmp_path: Path) -> None:
    odd = os.fsdecode(b"a\x1b[31m\xff\xe2\x80\xae.py")
    plant(tmp_path, {odd: "class Odd: ...\n"})

    profile = scan(tmp_path)

    assert [concept.path for concept in profile.concepts] == ["a [31m\N{REPLACEMENT CHARACTER}.py"]
    assert json.dumps(profile.to_json(), ensure_ascii=False).encode()
