"""A real browser of the tests' own: Debian's chromium, watched for what a page must never do."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import platformdirs
from playwright.sync_api import BrowserContext, Page, Request, expect, sync_playwright

from tests.needs import npm_install, skip_or_fail

PATIENCE_SECONDS = 90  # with a browser that shares its machine
NPM_SECONDS = 120
AXE = "axe-core@4.14.1"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (1280, 320)


@contextmanager
def chromium(address: str) -> Generator[BrowserContext]:
    """One browser at one address; without a chromium the tests skip, with the reason."""
    found = shutil.which("chromium")
    if found is None:
        skip_or_fail("no chromium on this machine")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=found) as launched:
        expect.set_options(timeout=PATIENCE_SECONDS * 1_000)
        with launched.new_context(reduced_motion="reduce", base_url=address) as context:
            context.set_default_timeout(PATIENCE_SECONDS * 1_000)
            yield context


@contextmanager
def visit(context: BrowserContext, address: str, *expected: str) -> Generator[Page]:
    """The page, opened. Whatever happens on it, it complains of nothing unexpected and asks nobody else."""
    faults: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith((address, "data:")):
            faults.append(request.url)

    with context.new_page() as opened:
        opened.on("request", watch)
        opened.on("pageerror", lambda error: faults.append(str(error)))
        opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        opened.goto("/", wait_until="commit")
        opened.locator(".brief").first.wait_for()
        yield opened
    unexpected = [each for each in faults if not any(known in each for known in expected)]
    assert not unexpected, unexpected


def say(page: Page, words: str) -> None:
    page.locator("#brief").fill(words)
    page.keyboard.press("Enter")


def widest(page: Page) -> dict[int, int]:
    """The document's width in windows from a phone's to a desk's."""
    found: dict[int, int] = {}
    for width in (1280, 760, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        found[width] = page.evaluate("document.documentElement.scrollWidth")
    return found


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands, in both schemes, on a desk and on a small phone."""
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(axe())  # not added as a script: the page's own policy would block that
    found: list[str] = []
    for scheme in SCHEMES:
        for width in WIDTHS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            report = page.evaluate("async () => (await axe.run()).violations")
            found += [f"{scheme} {width}: {_told(each)}" for each in report]
    return found


def _told(violation: dict[str, Any]) -> str:
    return f"{violation['id']}: {'; '.join(node['html'][:160] for node in violation['nodes'][:3])}"


@cache
def axe() -> str:
    """axe-core's source, fetched once by npm into a folder of the user's caches."""
    kept = Path(platformdirs.user_cache_dir("greenlight")) / "npm" / AXE
    if not kept.exists():
        _fetch(kept)
    return (kept / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def _fetch(to: Path) -> None:
    if shutil.which("npm") is None:
        skip_or_fail("no npm on this machine, and axe comes from it")
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent) as folder:
        why = npm_install(Path(folder), AXE, seconds=NPM_SECONDS)
        if why is not None:
            skip_or_fail(f"npm could not bring {AXE}: {why}")
        if not to.exists():  # another process may have been first
            shutil.copytree(folder, to, dirs_exist_ok=True)
