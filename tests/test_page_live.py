"""The page in a real browser over the real service: the whole job, and what must not come between."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from live import Service, running
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browsing import chromium, visit, widest
from tests.crew import still

STORY = "A lighthouse keeper gets one wrong letter every night, 3 seconds in 1 shot"
HOSTILE = (
    "A keeper of <img src=x onerror=alert(1)> \u202e$0.01 at most\u202c [a light](javascript:alert(1)) **waits for us**"
    ", 3 seconds in 1 shot" + "\n" * 10_000 + "end"
)
WAITS_SECONDS = 120  # for work that draws and encodes, on a machine that is shared
STEPS_MAX = 80
AWAY = "net::ERR_"  # what a browser says of a server that is being started again


class House:
    """A service that can be stopped and started again where it was."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.stack = ExitStack()
        self.live = self.stack.enter_context(running(data))
        self.address = str(self.live.http.base_url).rstrip("/") + "/"

    def restart(self, **settings: str) -> Service:
        self.stack.close()
        port = int(self.address.rstrip("/").rpartition(":")[2])
        self.live = self.stack.enter_context(running(self.data, port, **settings))
        return self.live


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    with made.stack:
        yield made


@pytest.fixture(scope="module")
def context(house: House) -> Iterator[BrowserContext]:
    with chromium(house.address) as opened:
        opened.set_default_timeout(WAITS_SECONDS * 1_000)
        expect.set_options(timeout=WAITS_SECONDS * 1_000)
        yield opened


@pytest.fixture
def page(context: BrowserContext, house: House) -> Iterator[Page]:
    with visit(context, house.address, AWAY, "401 (Unauthorized)") as opened:
        yield opened


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Go there by the keyboard alone."""
    for _ in range(STEPS_MAX):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{target} is out of reach of the keyboard")


def width_of(picture: Locator) -> int:
    """How wide a picture is that has come and is one."""
    return picture.evaluate("async node => { await node.decode(); return node.naturalWidth; }")


def planned(page: Page, words: str) -> None:
    """Say something, and wait until its turn is over."""
    turns = page.locator("article.assistant").count()
    if not page.locator("#brief").evaluate("node => node === document.activeElement"):
        page.keyboard.press("/")
    page.keyboard.insert_text(words)
    page.keyboard.press("Enter")
    expect(page.locator("article.assistant")).to_have_count(turns + 1)
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_the_whole_job_is_done_by_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    planned(page, STORY)
    expect(page.locator(".estimate tbody tr").first).to_be_visible()
    expect(page.locator(".frame img")).to_have_js_property("complete", value=True)
    tab_to(page, page.locator(".frame"), "Shift+Tab")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("What is seen"))
    page.keyboard.press("Control+a")
    page.keyboard.type("A clock without hands stands in the rain")
    tab_to(page, page.get_by_role("button", name="Change it"))
    page.keyboard.press("Enter")
    expect(page.locator(".frame").last).to_contain_text("A clock without hands stands in the rain.")
    expect(page.get_by_role("button", name="Send")).to_be_visible()

    planned(page, "render it")
    expect(page.locator(".approve")).to_be_focused()
    expect(page.locator(".approve")).not_to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Enter")
    expect(page.locator(".slate")).to_have_attribute("data-state", "approved")
    expect(page.locator(".receipt")).to_contain_text("It adds up.")
    expect(page.locator(".film video")).to_be_visible()

    tab_to(page, page.locator(".film video"))
    page.keyboard.press("Space")
    expect(page.locator(".film video")).to_have_js_property("paused", value=False)
    tab_to(page, page.get_by_role("link", name="Download"))
    with page.expect_download() as downloaded:
        page.keyboard.press("Enter")
    downloaded.value.save_as(tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes()[4:8] == b"ftyp"


def test_a_shot_is_split_and_locked_in_its_sheet_and_the_last_change_is_undone(page: Page) -> None:
    planned(page, STORY.replace("lighthouse", "mountain"))
    frames, undo = page.locator(".frame"), page.get_by_role("button", name="Undo the last change")
    for label in ("Split", "Lock"):
        frames.last.click()
        page.get_by_role("button", name=label).click()
        expect(page.locator(".said").last).to_contain_text(label)
        expect(page.get_by_role("button", name="Send")).to_be_visible()
    board = page.locator(".board").last
    expect(board.locator(".number")).to_have_text(["1", "2"])
    expect(board.locator(".frame").first).to_have_accessible_name(re.compile("^Shot 1 2 s (?!locked)"))
    expect(board.locator(".frame").last).to_have_accessible_name(re.compile("^Shot 2 1 s locked"))

    undo.click()

    expect(page.locator(".board")).to_have_count(4)
    expect(page.locator(".board").last.locator(".number")).to_have_text(["1", "2"])
    expect(page.locator(".board").last.locator(".locked")).to_have_count(0)


def test_hostile_words_stay_words_and_the_amount_stays_in_sight(page: Page, house: House) -> None:
    house.live.say(HOSTILE, "chat-hostile")
    page.goto("/#chat-hostile")
    expect(page.locator(".frame")).to_be_visible()
    planned(page, "render it")

    expect(page.locator(".approve")).to_be_focused()
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        page.locator(".approve").scroll_into_view_if_needed()
        expect(page.locator(".slate .amount")).to_be_in_viewport()
        expect(page.locator(".approve")).to_be_in_viewport()
    expect(page.locator(".said").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#log a:not([href^='/api/'])").count() == 0
    assert page.locator("#log img:not([src^='/api/clips/'])").count() == 0
    assert page.locator("#scroll").evaluate("box => box.scrollHeight") < 4_000
    assert widest(page) == {width: width for width in (1280, 760, 390, 320)}


def test_words_said_differently_take_the_place_of_the_first(page: Page) -> None:
    planned(page, "How much have I spent?")
    page.get_by_role("button", name="Edit").click()
    page.locator("#brief").fill("help")
    page.get_by_role("button", name="Say this instead").click()
    expect(page.locator(".prose").first).to_contain_text("I am the offline director")

    page.reload(wait_until="commit")

    expect(page.locator(".said")).to_have_text(["help"])
    expect(page.locator("article.assistant")).to_have_count(1)


def test_a_picture_that_was_said_is_there_after_a_reload(page: Page) -> None:
    picture = still("PNG", (60, 120, 110), 96, 64)
    page.get_by_label("Add a picture or an archive").set_input_files(
        {"name": "emma.png", "mimeType": "image/png", "buffer": picture}
    )
    expect(page.locator("#tray img")).to_be_visible()
    planned(page, "What can you do with this?")

    page.reload(wait_until="commit")

    expect(page.locator(".said")).to_have_text("What can you do with this?")
    assert width_of(page.locator("article.user img")) == 96


def test_an_offer_outlives_a_reload_and_a_restart_and_is_approved_once(page: Page, house: House) -> None:
    planned(page, STORY.replace("lighthouse", "bakery"))
    planned(page, "render it")
    label = page.locator(".approve").inner_text()

    page.reload(wait_until="commit")
    expect(page.get_by_role("button", name=label, exact=True)).to_be_visible()
    house.restart()
    page.reload(wait_until="commit")
    expect(page.get_by_role("button", name=label, exact=True)).to_be_visible()
    before = len(house.live.get("/api/jobs")["jobs"])
    page.locator(".approve").dblclick()

    expect(page.locator(".slate")).to_have_attribute("data-state", "approved")
    expect(page.locator(".receipt")).to_contain_text("It adds up.")
    assert len(house.live.get("/api/jobs")["jobs"]) == before + 1


def test_a_token_opens_the_conversations_their_pictures_and_their_news(page: Page, house: House) -> None:
    planned(page, STORY.replace("lighthouse", "harbour"))
    planned(page, "render it")
    page.locator(".approve").click()
    expect(page.locator(".receipt")).to_be_visible()
    house.restart(GREENLIGHT_TOKENS="local:admin:one two/three")
    page.reload(wait_until="commit")
    page.get_by_label("Your token").fill("four")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Nobody here has this token.")

    with page.expect_response(lambda answer: answer.url.endswith("/api/events") and answer.ok):
        page.get_by_label("Your token").fill("one two/three")
        page.keyboard.press("Enter")

    expect(page.locator(".receipt")).to_be_visible()
    assert width_of(page.locator(".frame img")) > 0
    [kept] = page.context.cookies()
    assert (kept.get("httpOnly"), kept.get("sameSite")) == (True, "Strict")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Your token")).to_be_visible()
    assert page.context.cookies() == []
