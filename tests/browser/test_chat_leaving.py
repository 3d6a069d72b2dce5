"""Leaving, and what is left behind: from every state, in every tab, on the device, and after an absence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chat_browser import HIDE, address, answered, begin, browser, context, page, say, stored, stub, until
from tests.browser.stub_chat import HELP, Stub

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(60)

LEFT_ON_THE_DEVICE = """async () => ({
  local: localStorage.length,
  session: sessionStorage.length,
  cookies: document.cookie,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"local": 0, "session": 0, "cookies": "", "databases": 0, "caches": 0, "workers": 0}


def start(page: Page, stub: Stub) -> None:
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()


def talk(page: Page, stub: Stub) -> None:
    begin(page)
    say(page, "a secret")
    answered(page)
    page.fill("#say", "half a secret")


def waiting(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.click("#person")
    expect(page.locator(".hand")).to_be_visible()


def person(page: Page, stub: Stub) -> None:
    talk(page, stub)
    stub.last.turn(mode="live", person="Sam")
    stub.last.say("counsellor", "a secret answer", name="Sam")
    expect(page.locator(".turn.person")).to_be_visible()


def closed_hours(page: Page, stub: Stub) -> None:
    stub.people = "none"
    talk(page, stub)
    expect(page.locator("#notice")).to_be_visible()


def not_sent(page: Page, stub: Stub) -> None:
    talk(page, stub)
    stub.fail_with = (503, {"error": "away", "help": HELP})
    say(page, "one more secret")
    expect(page.locator(".turn.lost")).to_be_visible()


def not_opened(page: Page, stub: Stub) -> None:
    stub.fail_with = (503, {"error": "away", "help": HELP})
    page.click("#begin")
    expect(page.locator("#notice")).to_be_visible()
    say(page, "a secret")


def covered(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.evaluate(HIDE, "hidden")
    expect(page.locator("#cover")).to_be_visible()


def ended(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.click(".more >> text=End chat")
    page.click("#end")
    expect(page.locator("#notice")).to_be_visible()


def panel_open(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.click(".more >> text=More")


def script_broken(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.evaluate("document.getElementById('log').remove(); document.getElementById('strip').remove()")


STATES: list[Callable[[Page, Stub], None]] = [
    start, talk, waiting, person, closed_hours, not_sent, not_opened, covered, ended, panel_open, script_broken,
]  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_one_press_leaves_from_every_state_and_back_shows_nothing(
    page: Page, address: str, stub: Stub, state: Callable[[Page, Stub], None]
) -> None:
    page.goto(f"{address}/neutral")
    page.goto(address)
    length = page.evaluate("history.length")
    state(page, stub)
    expect(page.get_by_role("link", name="Leave this page")).to_be_in_viewport(ratio=1)
    assert page.evaluate("history.length") == length

    left = page.evaluate("() => { document.getElementById('exit').click(); return document.body.childNodes.length; }")

    assert left == 0
    expect(page.locator("#neutral")).to_be_visible()
    assert page.evaluate("history.length") == length
    assert page.evaluate(LEFT_ON_THE_DEVICE) == NOTHING
    page.go_back(wait_until="commit")
    expect(page.locator("body")).not_to_contain_text("secret")
    assert page.evaluate("document.querySelector('textarea')?.value ?? ''") == ""
    page.go_forward(wait_until="commit")
    expect(page.locator("body")).not_to_contain_text("secret")


def test_the_server_knows_at_once_that_they_left_and_the_token_opens_nothing(page: Page, address: str, stub: Stub) -> None:
    talk(page, stub)
    token = stub.last.token
    page.click("#exit")
    expect(page.locator("#neutral")).to_be_visible()
    until(lambda: bool(stub.left), page)
    assert stub.left[0]["how"] == "exit"
    answer = page.request.get(f"{address}/api/chat/messages", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 401


def test_leaving_in_one_tab_empties_every_tab(page: Page, context: BrowserContext, address: str, stub: Stub) -> None:
    talk(page, stub)
    with page.expect_popup() as opened:
        page.evaluate("window.open('/')")  # a tab with a copy of this tab's storage
    copy = opened.value
    expect(copy.locator("#go-on")).to_be_visible()
    other = context.new_page()
    other.goto(address)
    begin(other)
    say(other, "another secret")
    aside = context.new_page()
    aside.goto(f"{address}/safe")

    page.click("#exit")

    for tab in (page, copy, other, aside):
        expect(tab.locator("#neutral")).to_be_visible()
        assert stored(tab) == {}
    until(lambda: {one["token"] for one in stub.left if one["how"] == "exit"} == {c.token for c in stub.conversations}, page)


def test_leaving_on_the_page_about_safety_leaves_the_chat_too(
    page: Page, context: BrowserContext, address: str, stub: Stub
) -> None:
    talk(page, stub)
    aside = context.new_page()
    aside.goto(f"{address}/safe")
    aside.click("#exit")
    expect(aside.locator("#neutral")).to_be_visible()
    expect(page.locator("#neutral")).to_be_visible()


def test_a_duplicated_tab_shows_nothing_of_the_chat(page: Page, stub: Stub) -> None:
    talk(page, stub)
    with page.expect_popup() as opened:
        page.evaluate("window.open('/')")
    copy = opened.value
    expect(copy.get_by_role("button", name="Go on with my chat")).to_be_visible()
    copy.reload()  # and says that it was reloaded, as a restored tab does
    expect(copy.get_by_role("button", name="Go on with my chat")).to_be_visible()
    expect(copy.locator("body")).not_to_contain_text("secret")
    copy.click("#go-on")
    expect(copy.locator("#log")).to_contain_text("You have your place back.")
    expect(copy.locator("body")).not_to_contain_text("secret")
    say(copy, "new words")
    until(lambda: stub.texts()[-1] == "new words", page)
    copy.reload()
    expect(copy.locator("#log")).to_contain_text("new words")
    expect(copy.locator("body")).not_to_contain_text("secret")


def test_a_reload_long_after_the_page_was_left_shows_no_old_words(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.add_init_script("const now = Date.now; Date.now = () => now() + 121_000;")
    page.reload()
    expect(page.get_by_role("button", name="Go on with my chat")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("secret")
    assert stored(page) == {"t": stub.last.token}


def test_an_absence_of_two_minutes_takes_old_words_away_and_keeps_what_came_since(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.evaluate("const now = Date.now; window.later = 0; Date.now = () => now() + window.later;")
    page.evaluate(HIDE, "hidden")
    stub.last.say("bot", "This came meanwhile.")
    until(lambda: page.locator("#log .turn[data-seq]").count() == 6, page)
    page.evaluate("window.later = 121_000")
    page.evaluate(HIDE, "visible")
    expect(page.locator("#log")).to_be_hidden()
    page.click("text=Show the page")
    expect(page.locator("#log")).to_contain_text("This came meanwhile.")
    expect(page.locator("#log")).to_contain_text("Old words are not shown.")
    expect(page.locator("body")).not_to_contain_text("secret")
    assert page.input_value("#say") == ""
    page.click("text=Show what I was typing")
    assert page.input_value("#say") == "half a secret"
    say(page, "I am back")
    until(lambda: stub.texts()[-1] == "I am back", page)


def test_a_short_absence_keeps_the_words_behind_the_cover(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.evaluate(HIDE, "hidden")
    page.evaluate(HIDE, "visible")
    assert "secret" not in page.locator("body").inner_text()
    page.click("text=Show the page")
    expect(page.locator("#log")).to_contain_text("a secret")
    assert page.input_value("#say") == "half a secret"


def test_a_page_from_the_back_forward_cache_is_empty_and_starts_fresh(page: Page, address: str, stub: Stub) -> None:
    talk(page, stub)
    seen = page.evaluate(
        """() => {
          dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
          dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
          return document.body.childNodes.length;
        }"""
    )
    assert seen == 0
    expect(page.get_by_role("button", name="Go on with my chat")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("secret")


def test_words_are_never_written_to_the_device(page: Page, context: BrowserContext, stub: Stub) -> None:
    waiting(page, stub)
    assert stored(page) == {"t": stub.last.token}
    left = page.evaluate(LEFT_ON_THE_DEVICE)
    assert left == {**NOTHING, "session": 1}
    assert context.cookies() == []


@pytest.mark.parametrize("code", ["ShiftLeft", "ShiftRight"])
def test_left_and_right_shift_count_alike(page: Page, code: str) -> None:
    for _ in range(3):
        page.keyboard.press(code)
    expect(page.locator("#neutral")).to_be_visible()


def test_on_a_touch_screen_shift_does_nothing(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#begin")).to_be_enabled()
    for _ in range(3):
        page.keyboard.press("Shift")
    expect(page.locator("#shift-hint")).to_be_hidden()
    expect(page.locator("#start")).to_be_visible()
    context.close()
