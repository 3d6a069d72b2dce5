"""Ending a chat, the questions after it, and erasing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat_browser import address, begin, browser, context, page, stored, stub
from tests.browser.stub_chat import Stub

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(60)


def test_ending_says_so_and_a_new_chat_can_start(page: Page, stub: Stub) -> None:
    begin(page)
    page.click(".more >> text=End chat")
    page.click("#end")
    expect(page.locator("#notice")).to_contain_text("You ended the chat.")
    assert stub.left[0]["how"] == "end"
    assert stored(page) == {}
    page.click("#notice-button")
    expect(page.locator(".options button")).to_have_count(2)
    assert len(stub.conversations) == 2


def test_after_the_end_two_questions_may_be_answered_and_numbers_stay(page: Page, stub: Stub) -> None:
    begin(page)
    page.click(".more >> text=End chat")
    page.click("#end")
    expect(page.locator("#after")).to_contain_text("Did you feel heard today?")

    page.click("#after >> text=Partly")
    expect(page.locator("#after")).to_contain_text("What will you do next?")
    assert page.evaluate("document.activeElement.textContent") == "Thank you. What will you do next?"
    page.click("#after >> text=Skip")

    expect(page.locator("#after")).to_contain_text("That is all.")
    expect(page.locator("#after button")).to_have_count(0)
    expect(page.locator("#after a[href='tel:0800000000']")).to_be_visible()
    assert stub.after == ["after:heard:partly", "after:next:skip"]


def test_the_exit_works_at_once_while_the_questions_stand(page: Page, stub: Stub) -> None:
    begin(page)
    page.click(".more >> text=End chat")
    page.click("#end")
    expect(page.locator("#after button")).to_have_count(4)

    gone = "(() => { document.getElementById('exit').click(); return document.body.childElementCount; })()"

    assert page.evaluate(gone) == 0  # in the same task as the press
    assert stub.after == []


def test_erasing_says_what_is_kept_before_the_press(page: Page, stub: Stub) -> None:
    begin(page)
    page.click(".more >> text=More")
    expect(page.locator("#panel-more")).to_contain_text("our team keeps it until they have checked")
    page.click("#erase")
    expect(page.locator("#notice")).to_contain_text("Your chat is erased here.")
    assert stub.conversations == []
