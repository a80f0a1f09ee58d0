"""Make the README's picture: the real page, driven in a real browser, with a film about this repository.

.venv/bin/python docs/picture.py
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from live import running  # noqa: E402 -- found beside the tests

PATIENCE_MS = 240_000


def main() -> None:
    with tempfile.TemporaryDirectory() as data, running(Path(data)) as live, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(reduced_motion="reduce", viewport={"width": 1280, "height": 1640})
        page.goto(str(live.http.base_url))
        box = page.get_by_role("textbox").first
        box.fill("Make a 30 second silent film about this repository")
        box.press("Enter")
        page.get_by_text('Say "render it" for an offer').wait_for(timeout=PATIENCE_MS)
        page.get_by_text("no language model, $0.00").wait_for(timeout=PATIENCE_MS)  # the turn is over
        box.fill("render it")
        box.press("Enter")
        page.get_by_role("button", name="Approve up to").wait_for(timeout=PATIENCE_MS)
        page.screenshot(path=ROOT / "docs" / "page.png")
        browser.close()


if __name__ == "__main__":
    main()
