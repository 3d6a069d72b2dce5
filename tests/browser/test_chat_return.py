"""Three words for coming back, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat_browser import HIDE, address, answered, begin, browser, context, page, say, stored, stub, until
from tests.browser.stub_chat import Stub

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(60)


def three_words(page: Page) -> str:
    page.click(".more >> text=More")
    page.click("text=Get three words")
    expect(page.locator("#code-state")).to_have_text("These are your three words.")
    return page.locator("#code").inner_text()


def use(page: Page, words: str) -> None:
    page.click("text=I have three words from a chat")
    page.get_by_label("Your three words").fill(words)
    page.keyboard.press("Enter")


def test_three_words_give_the_place_back_without_old_words(page: Page, address: str, stub: Stub) -> None:
    begin(page)
    say(page, "a secret")
    answered(page)
    page.click("#person")
    expect(page.locator(".hand")).to_be_visible()
    words = three_words(page)
    page.click("#exit")
    expect(page.locator("#neutral")).to_be_visible()

    page.goto(address)
    use(page, words)

    expect(page.locator("#log")).to_contain_text("You have your place back. Old words are not shown.")
    expect(page.locator(".hand")).to_contain_text("You are next but one.")
    expect(page.locator("body")).not_to_contain_text("secret")
    assert stored(page) == {"t": stub.last.token} and len(stub.conversations) == 1
    say(page, "I am back")
    until(lambda: stub.texts()[-1] == "I am back", page)
    page.reload()
    expect(page.locator("#log")).to_contain_text("I am back")
    expect(page.locator("body")).not_to_contain_text("secret")


def test_three_words_give_the_place_back_on_another_device_once(page: Page, browser: Browser, address: str, stub: Stub) -> None:
    begin(page)
    say(page, "a secret")
    answered(page)
    page.click("#person")
    expect(page.locator(".hand")).to_be_visible()
    words = three_words(page)
    page.click("#exit")
    expect(page.locator("#neutral")).to_be_visible()
    for works in (True, False):
        device = browser.new_context(viewport={"width": 360, "height": 740})
        elsewhere = device.new_page()
        elsewhere.goto(address)
        use(elsewhere, words)
        if works:
            expect(elsewhere.locator(".hand")).to_contain_text("You are next but one.")
        else:
            expect(elsewhere.locator("#back-state")).to_have_text("These three words open no chat.")
        expect(elsewhere.locator("body")).not_to_contain_text("secret")
        device.close()


def test_words_that_open_nothing_say_so_and_a_chat_can_start(page: Page, stub: Stub) -> None:
    use(page, "no such words")
    expect(page.locator("#back-state")).to_have_text("These three words open no chat.")
    begin(page)


def test_the_words_are_gone_when_the_panel_closes_or_the_page_is_hidden(page: Page, stub: Stub) -> None:
    begin(page)
    words = three_words(page)
    page.click(".more >> text=More")
    expect(page.locator("body")).not_to_contain_text(words)
    three_words(page)
    page.evaluate(HIDE, "hidden")
    expect(page.locator("body")).not_to_contain_text(words)
    assert words not in str(page.evaluate("[...document.querySelectorAll('input, textarea')].map((one) => one.value)"))


def test_coming_back_elsewhere_empties_the_tab_that_was_open(page: Page, address: str, stub: Stub) -> None:
    begin(page)
    say(page, "a secret")
    answered(page)
    words = three_words(page)
    page.click(".more >> text=More")
    stub.codes[words].revoked = True  # as the server does: the old token opens nothing any more
    expect(page.locator("#earlier")).to_contain_text("not open any more")
    expect(page.locator("body")).not_to_contain_text("secret")
