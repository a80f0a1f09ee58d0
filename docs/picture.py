"""Make the README's pictures: the real page, driven in a real browser, with a film about this repository.

.venv/bin/python docs/picture.py
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from live import running  # noqa: E402 -- found beside the tests

PATIENCE_MS = 240_000


def main() -> None:
    with tempfile.TemporaryDirectory() as data, running(Path(data)) as live, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(reduced_motion="reduce", viewport={"width": 1280, "height": 1780})
        page.goto(str(live.http.base_url))
        say(page, "Make a 30 second silent film about this repository")
        say(page, "render it")
        page.get_by_role("button", name="Approve up to").wait_for(timeout=PATIENCE_MS)
        page.screenshot(path=ROOT / "docs" / "page.png")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 390, "height": 844})
        page.get_by_role("button", name="Approve up to").scroll_into_view_if_needed()
        page.screenshot(path=ROOT / "docs" / "page-dark.png")
        browser.close()


def say(page: Page, words: str) -> None:
    """Say something, and wait until its turn is over."""
    turns = page.get_by_text("no language model, $0.00").count()
    page.get_by_role("textbox", name="What shall we film?").fill(words)
    page.keyboard.press("Enter")
    page.get_by_text("no language model, $0.00").nth(turns).wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Send").wait_for(timeout=PATIENCE_MS)


if __name__ == "__main__":
    main()
