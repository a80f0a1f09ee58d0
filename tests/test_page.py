"""The page in a real browser, before a scripted server that speaks its wire."""

import re
from collections.abc import Iterator
from hashlib import sha256

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from agent.offline.intents import understand
from tests.browsing import chromium, say, violations, visit, widest
from tests.canned import clip, job, stamp
from tests.crew import TOKEN, UPLOAD, Crew, serving, still

PNG = still("PNG", (60, 120, 110), 96, 64)
NAME = f"sha256:{sha256(PNG).hexdigest()}"
PICTURE: FilePayload = {"name": "emma.png", "mimeType": "image/png", "buffer": PNG}
CODE: FilePayload = {"name": "shop.zip", "mimeType": "application/zip", "buffer": b"PK\x05\x06"}
NOTES: FilePayload = {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
BROKEN: FilePayload = {"name": "broken.png", "mimeType": "image/png", "buffer": b"<html>"}
HANDED_OVER = """([kind, target, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "emma.png", { type: "image/png" }));
    const options = { bubbles: true, cancelable: true };
    const event = kind === "paste" ? new ClipboardEvent(kind, { ...options, clipboardData: data })
        : new DragEvent(kind, { ...options, dataTransfer: data });
    return document.querySelector(target).dispatchEvent(event);
}"""  # a file that is dropped or pasted; true if the browser would do with it what it likes


ELSEWHERE = """() => {
    globalThis.told = [];
    globalThis.Notification = class {
        static permission = "default";
        static async requestPermission() { return (this.permission = "granted"); }
        constructor(title, { body }) { told.push(`${title}: ${body}`); }
    };
}"""  # a browser that says yes to notifications and writes them down
EXPECTED = ("402 (Payment Required)", "401 (Unauthorized)", "422 (")


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, list[Crew]]]:
    with serving() as served:
        yield served


@pytest.fixture(scope="module")
def context(address: tuple[str, list[Crew]]) -> Iterator[BrowserContext]:
    with chromium(address[0]) as opened:
        yield opened


@pytest.fixture
def crew(address: tuple[str, list[Crew]]) -> Iterator[Crew]:
    address[1].append(Crew())
    yield address[1][-1]
    address[1][-1].leave()


@pytest.fixture
def page(context: BrowserContext, address: tuple[str, list[Crew]], crew: Crew) -> Iterator[Page]:
    with visit(context, address[0], *EXPECTED) as opened:
        yield opened
        crew.leave()


def test_an_empty_page_offers_four_things_to_try(page: Page, crew: Crew) -> None:
    expect(page.locator(".brief")).to_have_count(4)

    page.get_by_role("button", name="Make a silent film about this repository").click()

    expect(page.locator(".slate")).to_be_visible()
    assert crew.asked[0]["messages"][0]["parts"] == [
        {"type": "text", "text": "Make a silent film about this repository"}
    ]


def test_text_streams_in_and_the_turn_can_be_stopped(page: Page, crew: Crew) -> None:
    say(page, "slow words")

    expect(page.locator(".prose")).to_contain_text("One moment.")
    expect(page.locator("#log")).to_have_attribute("aria-busy", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert crew.gate.is_set()


def test_a_reload_in_the_middle_of_a_turn_shows_every_word_once(page: Page, crew: Crew) -> None:
    say(page, "slow words")
    expect(page.locator(".prose")).to_contain_text("One moment.")

    page.reload(wait_until="commit")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    crew.gate.set()

    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert page.locator("#log").inner_text().count("One moment.") == 1


def test_a_tool_card_is_one_line_that_opens_to_input_and_output(page: Page) -> None:
    say(page, "a film please")
    card = page.locator(".tool").first

    expect(card.locator("summary")).to_have_text(
        "Read the repository · 61 files, 214 classes and functions · 0.08 s"
    )
    expect(card.locator("pre").first).to_be_hidden()
    card.locator("summary").click()
    expect(card.locator("pre")).to_have_text([re.compile("./httpx"), re.compile('"files": 61')])


def test_what_a_draft_may_cost_is_told_until_its_card_tells_what_it_did_cost(page: Page, crew: Crew) -> None:
    say(page, "a slow one, drafted")

    most = page.get_by_text("Planning with openai-chat:gpt-5.2 costs at most $0.0315 a try")
    expect(most).to_be_visible()
    crew.gate.set()
    expect(page.locator(".tool summary")).to_contain_text("written by openai-chat:gpt-5.2 for $0.02")
    expect(most).to_have_count(0)
    page.reload(wait_until="commit")
    expect(page.locator(".tool summary")).to_contain_text("written by openai-chat:gpt-5.2 for $0.02")
    expect(most).to_have_count(0)


def test_the_storyboard_plays_a_free_preview_and_names_file_and_line(page: Page) -> None:
    say(page, "a film please")

    expect(page.locator(".frame")).to_have_count(5)
    expect(page.locator(".frame").nth(1)).to_contain_text("_exceptions.py:128")
    page.locator(".frame").nth(1).click()
    expect(page.locator("#dialog video")).to_have_attribute("src", "/api/clips/clip_2.mp4")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()


def test_a_shot_is_changed_in_the_newest_storyboard_as_if_it_were_said(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    expect(page.locator(".approve")).to_be_visible()
    shot = page.locator(".frame").nth(1)

    shot.click()
    page.get_by_label("What is seen").fill("He waits\nbeside  a clock.")
    page.get_by_label("Seconds").fill("4")
    page.get_by_role("button", name="Change it").click()
    expect(page.locator(".prose")).to_have_count(2)
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    shot.click()
    page.get_by_role("button", name="Later").click()
    expect(page.locator(".prose")).to_have_count(3)
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    shot.click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".said").last).to_have_text("Remove shot 2")

    said = [each["messages"][0]["parts"][0]["text"] for each in crew.asked[1:]]
    assert said == [
        "Change shot 2 to: He waits beside a clock.\nMake shot 2 4 seconds",
        "Move shot 2 to 3",
        "Remove shot 2",
    ]


def test_cuts_and_locks_are_said_in_words_that_the_director_understands(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    for label in ("Split", "Merge with the next", "Lock"):
        expect(page.get_by_role("button", name="Send")).to_be_visible()
        page.locator(".frame").nth(1).click()
        page.get_by_role("button", name=label, exact=True).click()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    page.locator(".frame").nth(1).click()
    page.get_by_text("Add a shot after this one").press("Enter")
    page.get_by_label("What it shows").fill("  A cat,\tand the moon.")
    page.get_by_label("What it shows").press("Enter")
    expect(page.locator(".prose")).to_have_count(5)

    said = [each["messages"][0]["parts"][0]["text"] for each in crew.asked[1:]]
    meant = [understand(each, has_plan=True, lengths=[6] * 5).edits for each in said]
    assert dict(zip(said, meant, strict=True)) == {
        "Split shot 2": ({"action": "split", "shot": 2},),
        "Merge 2 and 3": ({"action": "merge", "shot": 2, "other": 3},),
        "Lock shot 2": ({"action": "lock", "shot": 2},),
        "Add a shot after 2: A cat, and the moon.": (
            {"action": "insert", "shot": 3, "text": "A cat, and the moon."},
        ),
    }


def test_a_locked_shot_says_so_and_offers_to_be_unlocked_in_place_of_changes(page: Page, crew: Crew) -> None:
    crew.locked = [2]
    say(page, "a film please")
    expect(page.locator(".approve")).to_be_visible()
    expect(page.locator(".frame").nth(0)).not_to_have_accessible_name(re.compile("locked"))
    expect(page.locator(".frame").nth(1)).to_have_accessible_name(re.compile("^Shot 2 6 s locked He waits"))

    page.locator(".frame").nth(0).click()
    expect(page.get_by_role("button", name="Merge with the next")).to_be_disabled()
    page.keyboard.press("Escape")
    page.locator(".frame").nth(1).press("Enter")
    expect(page.locator("#dialog header")).to_contain_text("free preview · locked")
    expect(page.locator("#dialog button")).to_have_text(["Close", "Unlock"])
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Unlock").press("Enter")

    expect(page.locator(".prose")).to_have_count(2)
    assert said(crew) == "Unlock shot 2"
    [edit] = understand(said(crew), has_plan=True, lengths=[6] * 5).edits
    assert edit == {"action": "unlock", "shot": 2}


def test_the_last_change_is_undone_below_the_newest_storyboard(page: Page, crew: Crew) -> None:
    undo = page.get_by_role("button", name="Undo the last change")
    say(page, "a film please")
    expect(page.locator(".approve")).to_have_count(1)
    expect(undo).to_have_count(0)
    say(page, "another film please")
    expect(page.locator(".approve")).to_have_count(2)

    expect(page.locator(".board").last.locator(undo)).to_be_visible()
    expect(undo).to_have_count(1)
    undo.press("Enter")

    expect(page.locator(".prose")).to_have_count(3)
    assert said(crew) == "Undo the last change"
    assert understand(said(crew), has_plan=True).edits == ({"action": "undo"},)


def test_a_sheet_fits_a_small_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    say(page, "a film please")
    expect(page.locator(".approve")).to_be_visible()
    page.locator(".frame").nth(1).click()
    page.get_by_text("Add a shot after this one").click()

    expect(page.get_by_label("What it shows")).to_be_in_viewport()
    assert page.locator("#dialog").evaluate("box => box.scrollWidth - box.clientWidth") == 0


def test_only_the_newest_storyboard_can_be_changed(page: Page) -> None:
    say(page, "a film please")
    expect(page.locator(".approve")).to_have_count(1)
    say(page, "another film please")
    expect(page.locator(".approve")).to_have_count(2)

    page.locator(".frame").first.click()
    expect(page.locator("#dialog video")).to_be_visible()
    expect(page.get_by_role("button", name="Change it")).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator(".frame").last.click()
    expect(page.get_by_role("button", name="Change it")).to_be_visible()
    expect(page.get_by_role("button", name="Later")).to_be_disabled()


def test_the_last_words_can_be_said_differently_until_something_was_approved(page: Page, crew: Crew) -> None:
    say(page, "first words")
    expect(page.locator(".prose")).to_be_visible()
    say(page, "slow words")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Edit")).to_have_count(1)

    page.get_by_role("button", name="Edit").click()
    expect(page.locator("#brief")).to_have_value("slow words")
    page.locator("#brief").fill("a film please")
    page.get_by_role("button", name="Say this instead").click()
    expect(page.locator(".approve")).to_be_visible()
    expect(page.locator(".said")).to_have_text(["first words", "a film please"])

    instead, before = crew.asked[-1], crew.asked[-2]["messages"][0]
    assert instead["trigger"] == "submit-message"
    assert instead["messageId"] == instead["messages"][0]["id"] == before["id"]
    page.locator(".approve").click()
    expect(page.locator(".job")).to_have_count(4)
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)


def test_a_picture_is_picked_waits_beside_the_words_and_is_said_after_them(page: Page, crew: Crew) -> None:
    page.get_by_label("Add a picture or an archive").set_input_files(PICTURE)
    waiting = page.get_by_alt_text("Reference picture 1")
    expect(waiting).to_have_attribute("src", f"/api/uploads/{NAME}")
    expect(page.locator("#brief")).to_be_focused()

    page.keyboard.type("This is Emma")
    page.keyboard.press("Enter")

    expect(page.locator("article.user").get_by_alt_text("Reference picture 1")).to_be_visible()
    expect(page.locator("#tray")).to_be_empty()
    expect(page.locator(".prose")).to_be_visible()
    [asked] = crew.asked
    said = [{"type": "text", "text": "This is Emma"}, {"type": "text", "text": f"[picture {NAME}]"}]
    assert asked["messages"][0]["parts"] == said
    page.reload(wait_until="commit")
    expect(page.locator(".said")).to_have_text("This is Emma")
    expect(page.locator(".chat b")).to_have_text("This is Emma")
    page.get_by_role("button", name="Edit").click()
    expect(page.locator("#tray").get_by_alt_text("Reference picture 1")).to_be_visible()


def test_a_picture_is_dropped_anywhere_or_pasted_and_can_be_taken_away(page: Page) -> None:
    kinds = [("dragover", "#log"), ("drop", "#log"), ("paste", "#brief")]
    left = [page.evaluate(HANDED_OVER, [kind, target, [*PNG, n]]) for n, (kind, target) in enumerate(kinds)]

    expect(page.locator("#tray img")).to_have_count(2)
    assert left == [False] * 3, "the browser would have opened the file instead of the page"
    page.get_by_role("button", name="Take picture 1 away").press("Enter")
    expect(page.locator("#tray img")).to_have_count(1)
    expect(page.locator("#brief")).to_be_focused()


def test_what_is_no_picture_is_refused_in_words_and_leaves_the_brief_alone(page: Page, crew: Crew) -> None:
    page.locator("#brief").fill("This is Emma")
    page.get_by_label("Add a picture or an archive").set_input_files([PICTURE, NOTES])
    expect(page.get_by_role("alert")).to_have_text("notes.pdf is no picture, and no archive")
    page.get_by_label("Add a picture or an archive").set_input_files(BROKEN)

    expect(page.get_by_role("alert")).to_have_text("broken.png: picture: is no PNG")
    expect(page.locator("#tray img")).to_have_count(1)
    expect(page.locator("#brief")).to_have_value("This is Emma")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert len(crew.asked[0]["messages"][0]["parts"]) == 2


def test_an_archive_of_code_is_named_in_the_words_as_the_server_knows_it(page: Page, crew: Crew) -> None:
    page.get_by_label("Add a picture or an archive").set_input_files(CODE)
    expect(page.locator("#brief")).to_have_value(f"Make a film about {UPLOAD}")

    assert crew.archives == [("shop.zip", "application/octet-stream", b"PK\x05\x06")]


def test_a_shot_with_pictures_shows_them_and_no_address_of_elsewhere(page: Page, crew: Crew) -> None:
    crew.pictures[NAME] = PNG
    crew.steady = [NAME, "https://elsewhere.example/emma.png", "sha256:../../jobs"]
    say(page, "a film please")

    shown = page.locator(".frame").first.get_by_alt_text("Reference picture 1")
    expect(shown).to_have_attribute("src", f"/api/uploads/{NAME}")
    expect(page.locator(".frame .thumbs img")).to_have_count(1)
    page.locator(".frame").first.click()
    expect(page.locator("#dialog .thumbs img")).to_have_count(1)


def test_a_repository_is_named_by_its_path(page: Page, crew: Crew) -> None:
    expect(page.get_by_role("textbox")).to_have_count(1)
    page.get_by_text("Or another repository on this machine").click()
    page.get_by_label("Its path").fill("httpx")
    page.keyboard.press("Enter")

    expect(page.locator(".slate")).to_be_visible()
    [asked] = crew.asked
    assert asked["messages"][0]["parts"][0]["text"] == "Make a silent film about the repository at ./httpx"


def test_a_film_of_previews_is_shown_in_the_conversation(page: Page) -> None:
    say(page, "the animatic")

    expect(page.locator(".film video")).to_have_attribute("src", "/api/clips/clip_8.mp4")
    expect(page.locator(".film")).to_contain_text("All of it, drawn")


def test_a_person_signs_in_with_a_token_where_the_server_asks_for_one(page: Page, crew: Crew) -> None:
    crew.token = TOKEN
    page.reload(wait_until="commit")
    page.get_by_label("Your token").fill("no-token")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Nobody here has this token.")

    page.get_by_label("Your token").fill(TOKEN)
    page.keyboard.press("Enter")

    expect(page.locator(".purse")).to_contain_text("$33.76 left")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#who")).to_contain_text("Signed in as ann, approver")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Your token")).to_be_visible()


def test_the_conversation_is_read_out_when_it_is_whole(page: Page) -> None:
    say(page, "slow words")
    expect(page.locator(".prose")).to_contain_text("One moment.")

    expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")
    expect(page.get_by_role("status")).to_be_empty()
    page.keyboard.press("Escape")
    expect(page.get_by_role("status")).to_have_text("Greenlight answered.")


def test_the_estimate_is_a_table_that_says_who_is_not_set_up(page: Page) -> None:
    say(page, "a film please")

    rows = page.locator(".estimate tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("play money")
    expect(rows.nth(1)).to_contain_text("with sound")
    expect(rows.nth(2)).to_contain_text("so the film is 2 s longer · not set up here")
    expect(rows.nth(2).locator(".figure").last).to_have_text("$12.00")
    clipped = page.locator(".estimate .lines").evaluate("box => box.scrollHeight - box.clientHeight")
    assert clipped <= 0


def test_the_button_carries_the_amount_and_the_decision_names_the_quote(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    expect(page.locator(".slate .amount")).to_have_text("$2.20")
    expect(page.locator(".slate .sum")).to_contain_text(
        "expected $2.08 · the 6 bills so far were 1.4 % above"
    )
    expect(page.locator(".slate .sum")).to_contain_text("what its moderation stops is charged in full")
    expect(page.locator(".slate .sum")).to_contain_text("the price was read 61 days ago")
    page.get_by_role("button", name="Approve up to $2.20", exact=True).click()
    expect(page.locator(".job")).to_have_count(4)

    decision = crew.asked[-1]["messages"][0]
    assert decision == {
        "id": "msg_1",
        "role": "assistant",
        "parts": [
            {
                "type": "tool-generate_video",
                "toolCallId": "call_quote_1",
                "state": "approval-responded",
                "input": {"model": "minimax-h3"},
                "approval": {"id": "quote_1", "approved": True},
            }
        ],
    }
    expect(page.locator(".slate")).to_have_attribute("data-state", "approved")
    expect(page.locator(".slate .kicker")).to_contain_text("Approved by you")
    expect(page.locator(".slate button")).to_have_count(0)
    expect(page.locator("article.assistant")).to_have_count(1)


def test_the_card_counts_what_is_rendered_and_says_how_the_rest_stays(page: Page) -> None:
    say(page, "upgrade shot 4")

    expect(page.locator(".slate h2")).to_contain_text("1 of 5 shots, 6 s, 720p on minimax-h3")
    expect(page.locator(".slate tr.owned")).to_have_text(
        [re.compile("drawn here, free")] * 3 + [re.compile("you already have this clip")]
    )
    page.locator(".slate .exact summary").click()
    expect(page.locator(".slate .exact p").filter(has_text="a unit")).to_have_count(1)


def test_play_money_is_named_on_the_button_and_has_a_purse_of_its_own(page: Page) -> None:
    say(page, "play with it")

    expect(page.get_by_role("button", name="Approve up to $2.20 of play money", exact=True)).to_be_visible()
    expect(page.locator(".purse.toy")).to_contain_text("$100.00 left")


def test_declining_sends_the_reason(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    page.get_by_role("button", name="Decline…").click()
    page.keyboard.type("too dear")
    page.keyboard.press("Enter")

    expect(page.locator(".slate")).to_have_attribute("data-state", "declined")
    expect(page.locator(".slate .kicker")).to_contain_text("too dear")
    approval = crew.asked[-1]["messages"][0]["parts"][0]["approval"]
    assert approval == {"id": "quote_1", "approved": False, "reason": "too dear"}


def test_an_expired_offer_loses_its_buttons_and_can_be_asked_for_again(page: Page, crew: Crew) -> None:
    say(page, "an expiring offer")
    expect(page.locator(".slate")).to_have_attribute("data-state", "expired")

    expect(page.locator(".approve")).to_have_count(0)
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".approve")).to_have_count(1)
    assert len(crew.asked) == 2
    assert (
        said(crew)
        == "Render it with openrouter minimax-h3 in 720p: the last offer ran out, make me a new one."
    )


def test_who_asks_again_asks_for_the_same_shots(page: Page, crew: Crew) -> None:
    say(page, "an expiring offer for some")
    page.get_by_role("button", name="Ask again").click()

    expect(page.locator(".approve")).to_have_count(1)
    assert said(crew).startswith(
        "Render shots 4, 5 with openrouter minimax-h3 in 720p: the last offer ran out"
    )


def said(crew: Crew) -> str:
    """The last words that the page sent."""
    return crew.asked[-1]["messages"][-1]["parts"][0]["text"]


def test_a_superseded_offer_leads_to_the_new_one(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    expect(page.locator(".approve")).to_have_count(1)
    say(page, "another film please")
    expect(page.locator(".approve")).to_have_count(2)

    crew.tell("quote", crew.quotes["quote_1"] | {"state": "superseded", "superseded_by": "quote_2"})
    page.get_by_role("button", name="See the new offer").click()

    expect(page.locator("#slate-quote_2")).to_be_focused()
    expect(page.locator(".approve")).to_have_count(1)


def test_hostile_text_stays_text_and_never_hides_the_amount(page: Page) -> None:
    say(page, "something hostile")
    amount = page.locator(".slate .amount")

    expect(page.locator(".approve")).to_be_focused()
    expect(amount).to_have_text("$2.20")
    expect(amount).to_be_in_viewport()
    expect(page.locator(".approve")).to_have_text("Approve up to $2.20")
    expect(page.locator(".prose").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#log img, #log a").count() == 0
    assert page.locator("#scroll").evaluate("box => box.scrollHeight") < 4_000


def test_an_offer_out_of_sight_keeps_its_amount_in_sight(page: Page) -> None:
    say(page, "a film please")
    expect(page.locator(".approve")).to_be_focused()
    page.locator("#scroll").evaluate("box => { box.scrollTop = 0; }")

    strip = page.locator("#waiting")
    expect(strip).to_be_visible()
    expect(strip).to_contain_text("at most $2.20")
    height = page.locator("#scroll").evaluate("box => box.clientHeight")
    strip.click()
    expect(page.locator(".approve")).to_be_focused()
    expect(strip).to_be_hidden()
    assert page.locator("#scroll").evaluate("box => box.clientHeight") == height, (
        "the strip moved what is read"
    )


def test_a_reload_brings_the_card_back(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    expect(page.locator(".approve")).to_be_visible()

    page.reload(wait_until="commit")

    expect(page.get_by_role("button", name="Approve up to $2.20", exact=True)).to_be_visible()
    expect(page.locator(".frame img")).to_have_count(5)
    expect(page.locator("#chats")).to_contain_text("a film please")
    assert len(crew.asked) == 1


PRESSED_AT_ONCE = """() => document.addEventListener('focusin', ({ target }) => {
  if (target.matches('.approve') && !globalThis.pressed) { globalThis.pressed = true; target.click(); }
})"""


def test_the_keyboard_alone_reaches_the_approval(page: Page, crew: Crew) -> None:
    page.evaluate(PRESSED_AT_ONCE)
    page.keyboard.press("/")
    page.keyboard.type("a film please")
    page.keyboard.press("Enter")
    expect(page.locator(".approve")).to_be_focused()

    assert page.evaluate("globalThis.pressed")
    assert len(crew.asked) == 1, "a key on its way to the brief approved something"
    expect(page.locator(".approve")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(page.locator("#brief")).to_be_focused()
    page.locator(".approve").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".slate")).to_have_attribute("data-state", "approved")


def test_jobs_tell_their_stage_then_come_the_film_and_a_receipt_that_adds_up(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    page.locator(".approve").click()
    expect(page.locator(".job")).to_have_count(4)
    expect(page.locator("progress")).to_have_count(0)

    crew.tell("job", job("quote_1", 2, progress=0.4))
    expect(page.locator(".job").nth(1)).to_contain_text("rendering 40 % · 1:1")
    for n in range(1, 5):
        crew.tell("job", job("quote_1", n, state="succeeded", finished_at=stamp()))
    crew.tell("film", {"id": "film_1", "quote_id": "quote_1", "clip": clip("clip_9", "httpx", 30)})

    expect(page.locator(".film video")).to_have_attribute("src", "/api/clips/clip_9.mp4")
    expect(page.get_by_role("link", name="Download")).to_have_attribute("download", "film.mp4")
    expect(page.locator(".receipt tfoot .figure")).to_have_text(["$2.20", "$2.08"])
    expect(page.locator(".receipt")).to_contain_text(
        "$2.20 was held: $2.08 spent, $0.12 given back. ✓ It adds up."
    )
    page.get_by_text("How it was made").click()
    expect(page.locator(".film .exact")).to_contain_text("A cookie jar larger than the kitchen.")
    expect(page.locator(".film .exact")).to_contain_text("minimax-h3 by OpenRouter · job_4 · v1")
    expect(page.locator(".film .exact")).to_contain_text("minimax-h3, already there · clip_5")
    charged = page.locator(".receipt tbody .figure:last-child").all_inner_texts()
    assert sum(int(each.replace("$", "").replace(".", "")) for each in charged) == 208
    page.reload(wait_until="commit")
    expect(page.locator(".film video")).to_be_visible()


def test_a_job_without_percent_tells_about_how_long_others_took(page: Page, crew: Crew) -> None:
    done = {"state": "succeeded", "submitted_at": stamp(-400), "finished_at": stamp(-290)}
    crew.before = [
        job("quote_0", 1, id="job_8", **done),
        job("quote_0", 2, id="job_9", **done | {"model": "another"}),
    ]
    say(page, "a film please")
    page.locator(".approve").click()

    expect(page.locator(".job").first).to_contain_text(re.compile(r"rendering · 1:1\d of about 2 min"))
    crew.tell("job", job("quote_1", 1, progress=0.4))
    expect(page.locator(".job").first).to_contain_text(re.compile(r"rendering 40 % · 1:1\d"))
    expect(page.locator(".job").first).not_to_contain_text("about")


def test_a_person_who_looks_elsewhere_is_told_of_the_film_if_they_wished(page: Page, crew: Crew) -> None:
    page.evaluate(ELSEWHERE)
    say(page, "a film please")
    page.locator(".approve").click()
    page.get_by_role("button", name="Tell me when it is done").click()
    expect(page.get_by_role("button", name="You will be told")).to_be_visible()
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    crew.tell("film", {"id": "film_1", "quote_id": "quote_1", "clip": clip("clip_9", "httpx", 30)})

    expect(page).to_have_title(re.compile("^✓ Film ready"))
    assert page.evaluate("told") == ["Your film is ready: httpx"]


def test_news_of_a_job_outlives_an_older_answer_about_it(page: Page, crew: Crew) -> None:
    say(page, "a film please")
    crew.prompt.clear()
    page.locator(".approve").click()
    expect(page.locator(".job")).to_have_count(4)
    crew.tell("job", job("quote_1", 2, progress=0.4))
    expect(page.locator("progress")).to_have_count(1)

    with page.expect_response(lambda answer: "/api/jobs?" in answer.url) as answered:
        crew.prompt.set()
    answered.value.finished()
    page.evaluate("new Promise((drawn) => setTimeout(() => requestAnimationFrame(drawn), 100))")

    assert page.locator("progress").count() == 1


def test_a_lost_answer_is_shown_with_its_hold_and_a_person_can_say_what_it_cost(
    page: Page, crew: Crew
) -> None:
    say(page, "a film please")
    page.locator(".approve").click()
    expect(page.locator(".job")).to_have_count(4)
    crew.tell("job", job("quote_1", 2, state="unknown", error="no answer within 20 seconds"))
    lost = page.locator(".job").nth(1)

    expect(lost).to_contain_text("no word from the vendor: asking, never sending twice")
    expect(lost).to_contain_text("$0.50 stays held. What does the vendor's own page say?")
    expect(lost.get_by_role("button")).to_have_text(["It was not charged", "It charged $0.50"])
    lost.get_by_role("button", name="It was not charged").click()
    expect(lost).to_contain_text("the money is back")
    assert crew.asked[-1] == {"charged_usd": "0"}

    late = "its request left all the same, and the vendor made it as v2"
    crew.tell("job", job("quote_1", 2, state="released", charged_usd="0.50", error=late))
    expect(lost).to_contain_text("closed, and billed after that")
    expect(lost).to_contain_text(late)
    expect(lost).not_to_contain_text("the money is back")


def test_a_refusal_is_told_in_its_own_words_and_can_be_tried_again(page: Page, crew: Crew) -> None:
    say(page, "refuse me once")
    expect(page.get_by_role("alert")).to_contain_text("the month has $1.00 left")

    page.get_by_role("button", name="Try again").click()

    expect(page.locator(".prose")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert crew.asked[0] == crew.asked[1]


def test_the_title_tells_that_an_offer_waits(page: Page) -> None:
    say(page, "a film please")

    expect(page).to_have_title(re.compile(r"^● Approve up to \$2\.20"))


def test_nothing_overflows_from_320_px_up(page: Page, crew: Crew) -> None:
    fitting = {1280: 1280, 760: 760, 390: 390, 320: 320}
    assert widest(page) == fitting
    say(page, "play with it")
    expect(page.locator(".purse.toy")).to_be_visible()
    assert widest(page) == fitting
    say(page, "a film please")
    expect(page.locator(".approve")).to_have_count(2)
    page.locator(".approve").last.click()
    expect(page.locator(".job")).to_have_count(4)
    assert widest(page) == fitting
    crew.tell("film", {"id": "film_1", "quote_id": "quote_2", "clip": clip("clip_9", "httpx", 30)})
    expect(page.locator(".receipt")).to_be_visible()
    assert widest(page) == fitting


def test_axe_finds_nothing_in_any_state(page: Page, crew: Crew) -> None:
    crew.locked = [5]
    found = {"idle": violations(page)}
    say(page, "slow words")
    expect(page.locator(".prose")).to_contain_text("One moment.")
    found["streaming"] = violations(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    say(page, "a film please")
    expect(page.locator(".approve")).to_be_visible()
    found["approval"] = violations(page)
    page.locator(".frame").first.click()
    page.get_by_text("Add a shot after this one").click()
    found["a shot"] = violations(page)
    page.keyboard.press("Escape")
    page.locator(".frame").last.click()
    expect(page.get_by_role("button", name="Unlock")).to_be_visible()
    found["a locked shot"] = violations(page)
    page.keyboard.press("Escape")
    page.locator(".approve").press("Enter")
    expect(page.locator(".job")).to_have_count(4)
    crew.tell("job", job("quote_1", 2, progress=0.4))
    crew.tell("job", job("quote_1", 3, state="unknown", error="no answer within 20 seconds"))
    expect(page.locator("progress")).to_have_count(1)
    found["running"] = violations(page)
    for n in range(1, 5):
        crew.tell("job", job("quote_1", n, state="succeeded", finished_at=stamp()))
    crew.tell("film", {"id": "film_1", "quote_id": "quote_1", "clip": clip("clip_9", "httpx", 30)})
    expect(page.locator(".receipt")).to_be_visible()
    found["done"] = violations(page)
    say(page, "refuse me once")
    expect(page.get_by_role("alert")).to_be_visible()
    found["error"] = violations(page)
    crew.token = TOKEN
    page.reload(wait_until="commit")
    page.get_by_label("Your token").wait_for()
    page.evaluate("() => { delete globalThis.axe; }")
    found["signing in"] = violations(page)

    assert {state: each for state, each in found.items() if each} == {}
