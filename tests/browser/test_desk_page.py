"""The counsellor's page in a real browser, against a server of scripted state."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from bot.triage.taxonomy import CUES, FACTS
from tests.browser.stub_desk import BOT, ONE_TIME, PASSWORD, StubDesk, handoff, reason

CHROMIUM = "/usr/bin/chromium"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
WIDE = {"width": 1366, "height": 768}

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield started
        started.close()


@pytest.fixture
def stub() -> Iterator[StubDesk]:
    started = StubDesk().start()
    yield started
    started.stop()


@pytest.fixture
def page(browser: Browser, stub: StubDesk) -> Iterator[Page]:
    """A page whose every script error, refused style and call to another host fails the test."""
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.set_default_timeout(5000)
    problems: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            problems.append(message.text)

    opened.on("console", heard)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("request", lambda sent: None if sent.url.startswith((stub.url, "data:")) else problems.append(sent.url))
    yield opened
    context.close()
    assert problems == []


def signed_in(page: Page, stub: StubDesk) -> Page:
    stub.signed_in = "Mara"
    page.goto(f"{stub.url}/desk")
    expect(page.locator("#is-live")).to_be_visible()
    return page


def opened(page: Page, handoff_id: int) -> Page:
    page.locator(f'.row[data-id="{handoff_id}"] button').click()
    expect(page.locator("#card .why")).to_be_visible()
    return page


def accepted(page: Page, handoff_id: int) -> Page:
    opened(page, handoff_id)
    page.locator("#accept").click()
    expect(page.locator("#box")).to_be_focused()
    return page


def three_waiting(stub: StubDesk) -> None:
    stub.add(handoff(1, "elevated", "offer_red_flags", 700, locale="uk"))
    stub.add(handoff(2, "high", "sextortion", 120, locale="hu"))
    stub.add(handoff(3, "high", "runaway", 400))


def test_the_words_for_cues_and_facts_are_those_of_the_taxonomy() -> None:
    words = (BOT / "desk" / "static" / "words.js").read_text()
    table = re.search(r"export const CUES = \{(.*?)\};", words, re.S)
    facts = re.search(r"export const FACTS = \{(.*?)\};", words, re.S)
    assert table and facts
    assert re.findall(r'^\s+(\w+): "(.*)",$', table[1], re.M) == [(cue.id, cue.says) for cue in CUES.values()]
    assert tuple(re.findall(r"^\s+(\w+): \[", facts[1], re.M)) == FACTS


def test_a_wrong_password_says_so_and_the_right_one_opens_the_desk(page: Page, stub: StubDesk) -> None:
    page.goto(f"{stub.url}/desk")
    page.get_by_label("Name").fill("Mara")
    page.get_by_label("Password", exact=True).fill("not it")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Name or password is not right.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#is-live")).to_be_visible()
    expect(page.locator("#me")).to_have_text("Mara, counsellor")
    expect(page.get_by_text("No one is waiting.", exact=True)).to_be_visible()


def test_a_one_time_password_is_changed_before_the_desk_opens(page: Page, stub: StubDesk) -> None:
    page.goto(f"{stub.url}/desk")
    page.get_by_label("Name").fill("Noor")
    page.get_by_label("Password", exact=True).fill(ONE_TIME)
    page.keyboard.press("Enter")
    page.get_by_label("New password").fill("my own and quite long")
    page.get_by_role("button", name="Keep this password").click()
    expect(page.locator("#is-live")).to_be_visible()
    assert stub.calls_to("/password") == [{"old": ONE_TIME, "new": "my own and quite long"}]


def test_start_shift_tells_the_server_and_keeps_the_choice(page: Page, stub: StubDesk) -> None:
    signed_in(page, stub)
    expect(page.locator("#shift-words")).to_contain_text("not on shift")
    page.get_by_role("button", name="Start shift").click()
    expect(page.locator("#shift-words")).to_have_text("On shift.")
    page.keyboard.press("p")
    expect(page.locator("#shift-words")).to_contain_text("On a break")
    assert [body["state"] for body in stub.calls_to("/presence")] == ["on_shift", "on_break"]


def test_the_queue_stands_in_the_servers_order_with_tier_words_and_a_new_row_comes_by_hint(page: Page, stub: StubDesk) -> None:
    three_waiting(stub)
    signed_in(page, stub)
    rows = page.locator("#waiting .row")
    expect(rows.locator(".tier")).to_have_text(["High", "High", "Elevated"])
    expect(rows.locator("b")).to_have_text([CUES["runaway"].says, CUES["sextortion"].says, CUES["offer_red_flags"].says])
    expect(rows.nth(1).locator("small")).to_contain_text("Magyar")
    before = rows.nth(0).locator("time").inner_text()
    stub.add(handoff(4, "immediate", "meeting_imminent", 2))
    stub.hint()
    expect(rows.locator(".tier")).to_have_text(["Immediate", "High", "High", "Elevated"])
    expect(page).to_have_title("1 now · (4) Desk")
    expect(rows.nth(1).locator("time")).not_to_have_text(before)


def test_an_immediate_handoff_alarms_until_somebody_has_it(page: Page, stub: StubDesk) -> None:
    signed_in(page, stub)
    page.get_by_role("button", name="Start shift").click()
    stub.add(handoff(7, "immediate", "suicide_intent", 1))
    stub.hint()
    alarm = page.get_by_role("alert").filter(has_text="1 immediate, nobody has it")
    expect(alarm).to_be_visible()
    expect(page.locator("#alarm")).to_have_attribute("data-ringing", "true")
    stub.handoffs[7].update(state="claimed", claimed_by="Ana")
    stub.hint()
    expect(alarm).to_be_hidden()
    expect(page.locator("#alarm")).to_have_attribute("data-ringing", "false")


def test_the_brief_quotes_their_words_and_says_what_is_not_known(page: Page, stub: StubDesk) -> None:
    made = stub.add(handoff(1, "immediate", "meeting_imminent", 192))
    made["reasons"].append(reason("grooming_signs", "said dont tell anyone", 2, made["opened_at"] - 200, "other"))
    opened(signed_in(page, stub), 1)
    card = page.locator("#card")
    expect(card.locator(".why b")).to_have_text(CUES["meeting_imminent"].says)
    expect(card.locator("blockquote")).to_have_text("hes picking me up at 10 outside the station")
    expect(card.locator(".also")).to_contain_text("said dont tell anyone")
    expect(card.locator(".ticks")).to_contain_text("Wait: 3 to 5 min")
    expect(card.locator(".facts li", has_text="Cannot leave")).to_contain_text("not asked")
    expect(card.locator(".facts li", has_text="Offender there")).to_contain_text("skipped")
    expect(card.locator(".facts li", has_text="Country")).to_contain_text("Hungary")
    expect(page.locator("#numbers")).to_contain_text("112")
    expect(page.locator("#log")).to_be_hidden()


@pytest.mark.parametrize("words", ["short words", "and he said " * 60], ids=["short", "long"])
def test_nothing_in_the_brief_scrolls_at_1366_by_768(page: Page, stub: StubDesk, words: str) -> None:
    made = stub.add(handoff(1, "immediate", "meeting_imminent", 192, summary="They asked about a meeting. " * 16))
    made["reasons"] = [reason(cue, words, 4, made["opened_at"]) for cue in list(CUES)[:7]]
    hidden = "node => node.scrollHeight - node.clientHeight"
    accepted(signed_in(page, stub), 1)
    assert page.locator("#card").evaluate(hidden) <= 1
    stub.handoffs[1]["away_since"] = time.time()
    stub.hint()
    expect(page.locator(".banner")).to_be_visible()
    page.wait_for_timeout(100)  # the card is fitted after the next frame
    assert page.locator("#card").evaluate(hidden) <= 1
    assert page.locator("body").evaluate("() => document.documentElement.scrollHeight - innerHeight") <= 0
    expect(page.locator("#numbers")).to_be_in_viewport()


def test_accept_opens_the_transcript_and_a_message_appears_once(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "high", "meeting_planned", 60))
    accepted(signed_in(page, stub), 1)
    expect(page.locator("#box")).to_be_focused()
    page.keyboard.type("Hi, I am Mara. I have read this.")
    page.keyboard.press("Control+Enter")
    mine = page.locator("#log .us")
    expect(mine).to_have_count(1)
    expect(mine.locator("b")).to_have_text("You")
    expect(page.locator("#box")).to_have_value("")
    stub.write_as_young_person(1, "ok im at home")
    expect(page.locator("#log .them").last).to_contain_text("ok im at home")
    expect(page.locator("#box")).to_be_focused()
    expect(mine).to_have_count(1)
    assert stub.calls_to("/typing")


def test_a_message_whose_answer_was_lost_is_sent_again_with_the_same_id_and_stands_there_once(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "high", "meeting_planned", 60))
    accepted(signed_in(page, stub), 1)
    stub.drop_answers = 1
    page.locator("#box").fill("Are you somewhere safe?")
    page.locator("#send").click()
    expect(page.locator("#box-state")).to_contain_text("Not sent")
    expect(page.locator("#box")).to_have_value("Are you somewhere safe?")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#log .us")).to_have_count(1)
    expect(page.locator("#box")).to_have_value("")
    sent = stub.calls_to("/messages")
    assert len(sent) == 2 and sent[0] == sent[1]


def test_who_was_second_is_told_who_has_the_chat(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "high", "self_harm", 60))
    opened(signed_in(page, stub), 1)
    stub.handoffs[1].update(state="claimed", claimed_by="Ana")
    page.locator("#accept").click()
    expect(page.locator("#banners")).to_contain_text(re.compile(r"Ana took this chat at \d\d:\d\d\. You can take the next one\."))
    expect(page.locator("#accept")).to_be_disabled()
    expect(page.locator("#accept")).to_have_text("Ana has this chat")
    expect(page.locator("#log")).to_be_hidden()


def test_a_reason_opens_the_words_of_a_chat_that_is_not_mine(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "high", "self_harm", 60, state="live", claimed_by="Ana"))
    opened(signed_in(page, stub), 1)
    page.get_by_role("button", name="Give a reason").click()
    page.get_by_role("button", name="Open the words").click()
    assert stub.calls_to("/read-reason") == []
    page.locator("#read-reason").fill("Ana asked me to look")
    page.get_by_role("button", name="Open the words").click()
    expect(page.locator("#log")).to_be_visible()
    expect(page.locator("#write")).to_be_hidden()
    assert stub.calls_to("/read-reason") == [{"reason": "Ana asked me to look"}]


def test_a_line_that_is_down_stops_sending_keeps_the_draft_and_reads_again_first(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "high", "meeting_planned", 60))
    accepted(signed_in(page, stub), 1)
    page.locator("#box").fill("half a thought")
    stub.cut()
    expect(page.locator("#is-stale")).to_be_visible()
    expect(page.locator("#not-live")).to_contain_text("Your draft is kept")
    expect(page.locator("#send")).to_be_disabled()
    page.locator("#box").press("Control+Enter")
    stopped = page.locator("#plate-clock").inner_text()
    expect(page.locator("#plate-clock-words")).to_contain_text("clock stopped")
    page.wait_for_timeout(1200)
    assert page.locator("#plate-clock").inner_text() == stopped
    assert stub.calls_to("/messages") == []
    stub._append(stub.handoffs[1], "young_person", "he is here")
    stub.mend()
    expect(page.locator("#is-live")).to_be_visible(timeout=15000)
    expect(page.locator("#log .them").last).to_contain_text("he is here")
    expect(page.locator("#box")).to_have_value("half a thought")
    expect(page.locator("#send")).to_be_enabled()


def test_each_handoff_keeps_its_own_draft(page: Page, stub: StubDesk) -> None:
    three_waiting(stub)
    accepted(signed_in(page, stub), 2)
    page.locator("#box").fill("for the second")
    accepted(page, 3)
    expect(page.locator("#box")).to_have_value("")
    opened(page, 2)
    expect(page.locator("#box")).to_have_value("for the second")


def test_the_quote_leads_to_its_message(page: Page, stub: StubDesk) -> None:
    made = stub.add(handoff(1, "immediate", "meeting_imminent", 60))
    made["reasons"][0]["seqs"] = [2, 4]  # read together with another message that tells nothing by itself
    accepted(signed_in(page, stub), 1)
    page.get_by_role("link", name="see it in the chat").click()
    expect(page.locator("#m4")).to_be_focused()
    expect(page.locator("#log .flag")).to_have_count(1)
    expect(page.locator("#m4 mark")).to_have_text("hes picking me up at 10 outside the station")


def test_raising_is_one_press_and_lowering_asks_why(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "elevated", "grooming_signs", 60))
    accepted(signed_in(page, stub), 1)
    page.locator("#raise").click()
    expect(page.locator("#plate-tier")).to_have_text("High")
    page.locator("#lower").click()
    page.get_by_role("button", name="Lower it").click()
    assert len(stub.calls_to("/tier")) == 1
    page.locator("#lower-reason").fill("They meant a film")
    page.get_by_role("button", name="Lower it").click()
    expect(page.locator("#plate-tier")).to_have_text("Elevated")
    assert stub.calls_to("/tier")[1] == {"tier": "elevated", "reason": "They meant a film"}


def test_a_note_is_kept_for_staff_and_never_sent_to_them(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "high", "runaway", 60))
    accepted(signed_in(page, stub), 1)
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.type("Is with an aunt until Friday")
    page.get_by_role("button", name="Keep note").click()
    expect(page.locator("#notes")).to_contain_text("Is with an aunt until Friday")
    assert stub.calls_to("/messages") == []


def test_a_chat_that_was_left_by_quick_exit_says_so_and_nothing_can_be_sent(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "immediate", "meeting_imminent", 200))
    accepted(signed_in(page, stub), 1)
    stub.handoffs[1]["away_since"] = time.time()
    stub.hint()
    expect(page.locator("#banners")).to_contain_text(re.compile(r"Left by quick exit \d\d:\d\d\. We send nothing to that device"))
    expect(page.locator('.row[data-id="1"] small')).to_contain_text("Left by quick exit")
    expect(page.locator("#cannot-send")).to_be_visible()
    expect(page.get_by_role("button", name="Keep note")).to_be_visible()
    expect(page.locator("#to-reply")).to_be_disabled()


def test_who_went_silent_in_a_live_chat_is_shown_as_such_until_they_write_or_leave(page: Page, stub: StubDesk) -> None:
    made = stub.add(handoff(1, "high", "meeting_planned", 900, state="live", claimed_by="Mara"))
    made["silent_since"] = time.time() - 100
    signed_in(page, stub)
    page.locator('.row[data-id="1"] button').click()
    expect(page.locator("#chat-state")).to_have_text("You are live.")
    made["silent_since"] = time.time() - 250
    stub.hint()
    expect(page.locator("#chat-state")).to_have_text(re.compile(r"They went silent\. No answer since \d\d:\d\d\."))
    expect(page.locator("#plate-clock-words")).to_have_text("they went silent")
    expect(page.locator("#plate-clock")).to_have_text(re.compile(r"4:\d\d"))
    made["young_person_typing"] = True
    stub.hint()
    expect(page.locator("#chat-state")).to_have_text("You are live. They are typing…")
    made["young_person_typing"] = False
    made["away_since"] = time.time()
    stub.hint()
    expect(page.locator("#chat-state")).to_have_text("They have left")


def test_closing_needs_an_outcome_and_then_the_focus_is_on_next(page: Page, stub: StubDesk) -> None:
    three_waiting(stub)
    accepted(signed_in(page, stub), 2)
    page.locator("#close").click()
    page.get_by_role("button", name="Close the chat").click()
    expect(page.get_by_text("Pick how it ended first.")).to_be_visible()
    assert stub.calls_to("/close") == []
    page.get_by_label("We talked, safe for now").check()
    page.get_by_label("Missed this").check()
    page.get_by_role("button", name="Close the chat").click()
    expect(page.locator("#brief")).to_be_hidden()
    expect(page.locator("#next")).to_be_focused()
    assert stub.calls_to("/close") == [{"outcome": "safe_for_now", "triage": "missed"}]


def test_a_chat_is_taken_answered_and_closed_by_keyboard_alone(page: Page, stub: StubDesk) -> None:
    three_waiting(stub)
    signed_in(page, stub)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator('.row[data-id="3"] button')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#accept")).to_be_enabled()
    expect(page.locator("#card .why")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("#box")).to_be_focused()
    page.keyboard.type("n a w: letters are words here")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#log .us")).to_contain_text("letters are words here")
    expect(page.locator("#box")).to_have_value("")
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    expect(page.locator("#m4")).to_be_focused()
    page.keyboard.press("w")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#brief")).to_be_hidden()
    assert stub.calls_to("/close") == [{"outcome": "safe_for_now"}]
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("F6")
    expect(page.locator("main :focus, header:focus")).to_have_count(1)


def test_help_that_reaches_nobody_says_so(page: Page, stub: StubDesk) -> None:
    signed_in(page, stub)
    page.get_by_role("button", name="I need help now").click()
    expect(page.locator("#trouble")).to_contain_text("Phone the person on call now")
    stub.help_exists = True
    page.get_by_role("button", name="I need help now").click()
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#calls")).to_contain_text("You called for help.")


def test_night_is_kept_and_what_they_write_is_never_markup(page: Page, stub: StubDesk) -> None:
    made = stub.add(handoff(1, "high", "runaway", 60))
    made["reasons"][0]["quote"] = "<img src=x onerror=alert(1)>"
    made["messages"][3]["text"] = "<img src=x onerror=alert(1)> \u05e9\u05dc\u05d5\u05dd"
    accepted(signed_in(page, stub), 1)
    expect(page.locator("#log img, #card img")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#card blockquote")).to_have_text("<img src=x onerror=alert(1)>")


@pytest.mark.parametrize("width", [360, 768])
def test_a_chat_can_be_taken_and_answered_on_a_narrow_screen(page: Page, stub: StubDesk, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740 if width == 360 else 1024})
    three_waiting(stub)
    signed_in(page, stub)
    page.locator('.row[data-id="3"] button').click()
    expect(page.locator("#accept")).to_be_in_viewport()
    page.locator("#accept").click()
    page.locator("#box").fill("Hello")
    page.locator("#send").click()
    expect(page.locator("#log .us")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_message_in_another_chat_is_not_read_here(page: Page, stub: StubDesk) -> None:
    three_waiting(stub)
    accepted(signed_in(page, stub), 2)
    with page.expect_request("**/api/desk/handoffs/2"):
        stub.write_as_young_person(2, "hello?")
    read: list[str] = []
    page.on("request", lambda sent: read.append(sent.url) if "/handoffs/" in sent.url else None)
    stub.write_as_young_person(3, "is anybody there")
    page.wait_for_timeout(500)
    assert read == []


def test_a_word_that_loses_its_box_does_not_become_commands(page: Page, stub: StubDesk) -> None:
    three_waiting(stub)
    accepted(signed_in(page, stub), 2)
    page.keyboard.type("I will sta")
    stub.handoffs[2].update(state="waiting", claimed_by=None)
    stub.hint()
    expect(page.locator("#write")).to_be_hidden()
    expect(page.locator("#banners")).to_contain_text("went back to its place in the queue. Your draft is kept.")
    page.keyboard.type("tan")
    page.wait_for_timeout(300)
    assert stub.calls_to("/tier") == [] and stub.calls_to("/next") == [] and len(stub.calls_to("/accept")) == 1
    page.locator("#accept").click()
    expect(page.locator("#box")).to_have_value("I will sta")


def test_next_takes_the_most_urgent_and_says_when_there_is_nothing_to_take(page: Page, stub: StubDesk) -> None:
    three_waiting(stub)
    signed_in(page, stub)
    page.keyboard.press("n")
    expect(page.locator("#box")).to_be_focused()
    expect(page.locator('.row[data-id="3"]')).to_have_attribute("aria-current", "true")
    for made in stub.handoffs.values():
        made.update(state="claimed", claimed_by="Ana")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#trouble")).to_contain_text("Nothing to take")


def test_signing_out_after_the_shift_leads_to_the_door(page: Page, stub: StubDesk) -> None:
    signed_in(page, stub)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert stub.signed_in is None


def test_a_brief_that_cannot_be_read_leaves_the_desk_live_and_the_chat_can_be_taken(page: Page, stub: StubDesk) -> None:
    made = stub.add(handoff(1, "immediate", "suicide_intent", 20, broken=True))
    signed_in(page, stub)
    page.locator('.row[data-id="1"] button').click()
    expect(page.locator("#card")).to_contain_text("The brief cannot be read now.")
    stub.hint()
    page.wait_for_timeout(400)
    expect(page.locator("#is-live")).to_be_visible()
    page.locator("#accept").click()
    expect(page.locator("#box")).to_be_focused()
    expect(page.locator("#send")).to_be_disabled()
    made["broken"] = False
    stub.hint()
    expect(page.locator("#log .them")).to_have_count(2)
    expect(page.locator("#send")).to_be_enabled()
