"""The house keeps its own rules: what the tree promises, a test reads."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.schedule import scope_of

ROOT = Path(__file__).parent.parent
PACKAGES = ("agent", "api", "tools", "web")
TOP_LEVEL = {
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "benchmarks",
    "docs",
    "examples",
    "pyproject.toml",
    "requirements.lock",
    "tests",
    *PACKAGES,
}
FUNCTION_LINES_MAX = 60
WEB_LINES_MAX = 1_200
WEB_COLUMNS_MAX = 110  # in the style sheet a line is a subject, and may be longer


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_top_level_holds_only_what_the_house_has_a_place_for() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP_LEVEL


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_of_ours_is_not_shadowed_by_a_foreign_one(package: str) -> None:
    found = subprocess.run(
        [sys.executable, "-I", "-c", f"import {package}; print({package}.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()) == ROOT / package / "__init__.py"


def test_a_module_that_shares_something_is_one_workers_and_all_other_tests_are_anybodys() -> None:
    ids = [f"tests/{name}::test_{n}[a::b]" for name in ("test_service.py", "test_money.py") for n in (1, 2)]

    assert [scope_of(ROOT, each) for each in ids] == ["tests/test_service.py"] * 2 + ids[2:]


def test_no_address_of_a_package_index_is_in_the_tree() -> None:
    address = re.compile(
        r"https?://[^\s\"']*(?:pypi|npmjs|/simple)|--(?:extra-)?index-url\s+\S+:", re.IGNORECASE
    )
    locks = tracked("*.lock", "*.toml", "Makefile", ".ci/run", "*.json")

    assert locks
    assert [path.name for path in locks if address.search(path.read_text("utf-8"))] == []
    assert not any(path.name == "uv.lock" for path in tracked())


def test_every_locked_package_has_a_hash() -> None:
    for lock in (ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock"):
        pins = re.findall(r"^[\w.-]+==\S+.*?(?=^\S|\Z)", lock.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        assert pins
        assert all("--hash=sha256:" in pin for pin in pins)


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(?:TODO|FIXME|XXX)\b|raise NotImplementedError|mock\.patch")
    ours = [path for path in tracked("*.py", "*.js", "*.css", "*.html") if path.name != "test_house.py"]

    assert [str(path.relative_to(ROOT)) for path in ours if later.search(path.read_text("utf-8"))] == []


def test_no_error_is_caught_that_nobody_named() -> None:
    blind = re.compile(r"except(?:\s+Exception\b|\s*:)")
    ours = tracked("agent/*.py", "api/*.py", "tools/*.py")

    assert [str(path.relative_to(ROOT)) for path in ours if blind.search(path.read_text("utf-8"))] == []


def test_no_function_is_longer_than_a_page() -> None:
    import ast

    long: list[str] = []
    for path in tracked("agent/*.py", "api/*.py", "tools/*.py"):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    long.append(f"{path.name}:{node.name} {lines}")

    assert long == []


def test_the_page_is_small_and_brings_no_foreign_script() -> None:
    files = tracked("web/*.js", "web/*.css", "web/*.html")
    text = "\n".join(path.read_text("utf-8") for path in files)

    assert sum(len(path.read_text("utf-8").splitlines()) for path in files) <= WEB_LINES_MAX
    assert not re.search(r"(?:src|href|from|import)\s*[=(]?\s*[\"']https?://", text)
    assert "innerHTML" not in text


def test_the_pages_code_is_not_made_shorter_by_longer_lines() -> None:
    wide = [
        f"{path.name}:{n}"
        for path in tracked("web/*.js", "web/*.html")
        for n, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > WEB_COLUMNS_MAX
    ]

    assert wide == []


def test_only_one_module_reads_the_environment() -> None:
    readers = [
        path.name
        for path in tracked("agent/*.py", "api/*.py", "tools/*.py")
        if "os.environ" in path.read_text("utf-8")
    ]

    assert readers == ["settings.py"]
