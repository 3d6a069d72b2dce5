"""The desk's page against a server of scripted state: the door, the shift, the queue with its alarm and keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from bot.triage.taxonomy import CUES, FACTS
from tests.browser.desk_browser import browser, needs_chromium, page, signed_in, stub, three_waiting
from tests.browser.real_desk import accept
from tests.browser.stub_desk import BOT, ONE_TIME, PASSWORD, StubDesk
from tests.browser.stub_handoffs import handoff

__all__ = ["browser", "page", "stub"]  # fixtures

pytestmark = needs_chromium


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
    accept(signed_in(page, stub), 1)
    expect(page.locator("#log img, #card img")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#card blockquote")).to_have_text("<img src=x onerror=alert(1)>")


def test_signing_out_after_the_shift_leads_to_the_door(page: Page, stub: StubDesk) -> None:
    signed_in(page, stub)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert stub.signed_in is None
