"""What a tab keeps, what is gone after leaving, and what stands there when somebody comes back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat_browser import HIDE, SHOWINGS, address, answered, begin, browser, context, page, say, stored, stub, until
from tests.browser.stub_chat import HELP, Stub

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(60)


def keep(page: Page, stub: Stub) -> None:
    """A chat with words and a draft, on a page that the browser will keep for Back."""
    stub.no_store = False
    page.add_init_script(f"({SHOWINGS})()")
    page.reload()
    begin(page)
    say(page, "a secret")
    answered(page)
    page.fill("#say", "half a secret")


def shown_again(page: Page) -> list[dict[str, Any]]:
    """The showings of the chat's own page since it was first loaded."""
    seen: list[dict[str, Any]] = json.loads(page.evaluate("sessionStorage.getItem('seen')"))
    return [one for one in seen if one["path"] == "/"][1:]


def test_only_one_token_is_kept_and_a_reload_takes_the_chat_up_again(page: Page, stub: Stub) -> None:
    begin(page)
    say(page, "keep this out of storage")
    answered(page)
    assert list(stored(page).values()) == [stub.last.token]
    page.reload()
    expect(page.locator(".turn.you .text")).to_have_text("keep this out of storage")
    assert len(stub.conversations) == 1
    stub.last.say("bot", "Welcome back.")
    expect(page.locator("#log")).to_contain_text("Welcome back.")


def test_coming_back_another_way_than_by_reload_shows_no_old_words(page: Page, address: str, stub: Stub) -> None:
    begin(page)
    say(page, "nobody else reads this")
    answered(page)
    page.goto(f"{address}/neutral")
    page.go_back()
    expect(page.locator("#go-on")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("nobody else reads this")
    page.click("#go-on")
    expect(page.locator("#log")).to_contain_text("Old words are not shown.")
    say(page, "still me")
    until(lambda: stub.texts()[-1] == "still me", page)
    expect(page.locator("body")).not_to_contain_text("nobody else reads this")


def test_a_page_that_chromium_really_kept_comes_back_empty_and_starts_fresh(page: Page, address: str, stub: Stub) -> None:
    keep(page, stub)
    page.goto(f"{address}/neutral")
    page.go_back(wait_until="commit")
    expect(page.get_by_role("button", name="Go on with my chat")).to_be_visible()
    seen = shown_again(page)
    assert [one["persisted"] for one in seen] == [True, False]  # the kept page, and the new one that it asked for
    assert seen[0]["nodes"] == 0  # before any script of the page had its turn
    expect(page.locator("body")).not_to_contain_text("secret")
    assert page.evaluate("document.querySelector('#say').value") == ""
    page.click("#go-on")
    expect(page.locator("#log")).to_contain_text("Old words are not shown.")
    expect(page.locator("body")).not_to_contain_text("secret")


def test_after_leaving_no_kept_page_shows_a_word(page: Page, address: str, stub: Stub) -> None:
    keep(page, stub)
    page.goto(f"{address}/neutral")
    page.goto(address)  # the address typed anew: the page before it is kept behind Back
    page.click("#go-on")
    say(page, "one more secret")
    answered(page)
    page.click("#exit")
    expect(page.locator("#neutral")).to_be_visible()
    for _ in range(2):  # the page in between, and the kept one
        page.go_back(wait_until="commit")
        expect(page.locator("body")).not_to_contain_text("secret")
    expect(page.locator("#begin")).to_be_visible()
    expect(page.locator("#go-on")).to_be_hidden()
    assert stored(page).keys() <= {"seen"}


def test_leaving_empties_the_page_in_the_same_task_and_back_shows_nothing(page: Page, address: str, stub: Stub) -> None:
    page.goto(f"{address}/neutral")
    page.goto(address)
    begin(page)
    say(page, "a secret")
    answered(page)
    page.fill("#say", "half a secret")
    length = page.evaluate("history.length")
    left = page.evaluate(
        """() => {
          const field = document.getElementById("say");
          document.getElementById("exit").click();
          return [document.body.childNodes.length, field.value, sessionStorage.length, history.length];
        }"""
    )
    assert left == [0, "", 0, length]
    expect(page.locator("#neutral")).to_be_visible()
    assert stored(page) == {}
    assert [(one["how"], one["token"], one["unsent"]) for one in stub.left] == [("exit", stub.last.token, [])]
    page.go_back()
    expect(page.locator("body")).not_to_contain_text("secret")
    assert page.evaluate("location.pathname") == "/neutral"


def test_leaving_takes_unsent_words_to_the_server(page: Page, stub: Stub) -> None:
    begin(page)
    stub.fail_with = (503, {"error": "away", "help": HELP})
    say(page, "he is coming")
    expect(page.locator(".turn.lost")).to_have_count(1)
    page.click("#exit")
    expect(page.locator("#neutral")).to_be_visible()
    assert stub.left[0]["unsent"] == [{"client_id": stub.posts[0]["client_id"], "text": "he is coming"}]


def test_leaving_before_the_chat_had_opened_takes_the_words_along(page: Page, stub: Stub) -> None:
    stub.fail_with = (503, {"error": "away", "help": HELP})
    page.click("#begin")
    expect(page.locator("#notice")).to_be_visible()
    say(page, "he is coming")
    page.click("#exit")
    expect(page.locator("#neutral")).to_be_visible()
    until(lambda: bool(stub.left), page)
    (left,) = stub.left
    assert (left["how"], left["token"], left["locale"]) == ("exit", None, "en")
    assert [one["text"] for one in left["unsent"]] == ["he is coming"]


def test_who_leaves_without_a_word_tells_the_server_nothing(page: Page, stub: Stub) -> None:
    page.click("#exit")
    expect(page.locator("#neutral")).to_be_visible()
    page.wait_for_timeout(300)
    assert stub.left == []


def test_where_beacons_are_off_the_server_is_told_all_the_same(page: Page, stub: Stub) -> None:
    begin(page)
    page.evaluate("Navigator.prototype.sendBeacon = undefined")
    page.click("#exit")
    expect(page.locator("#neutral")).to_be_visible()
    until(lambda: [one["token"] for one in stub.left] == [stub.last.token], page)


def test_shift_three_times_leaves_and_capitals_do_not(page: Page) -> None:
    begin(page)
    page.focus("#say")
    for letter in "ABCD":
        page.keyboard.press(f"Shift+{letter}")
    assert page.input_value("#say") == "ABCD"
    page.keyboard.press("Shift")
    page.keyboard.press("x")
    page.keyboard.press("Shift")
    expect(page.locator("#state")).to_have_text("Shift. Press 2 more times to leave.")
    page.keyboard.press("Shift")
    expect(page.locator("#state")).to_have_text("Shift. Press 1 more time to leave.")
    page.keyboard.press("Shift")
    expect(page.locator("#neutral")).to_be_visible()


def test_the_way_out_is_first_and_works_as_a_link_when_scripts_break(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("link", name=re.compile("112")).first).to_be_visible()
    expect(page.locator("form[action='/plain'] textarea")).to_be_visible()
    expect(page.locator("#begin")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.locator("#exit")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#neutral")).to_be_visible()
    context.close()


def test_a_hidden_page_is_covered_until_one_press(page: Page, stub: Stub) -> None:
    begin(page)
    page.evaluate(HIDE, "hidden")
    page.evaluate(HIDE, "visible")
    expect(page.locator("#page")).to_be_hidden()
    page.click("text=Show the page")
    expect(page.locator("#log")).to_be_visible()
    expect(page.locator("#say")).to_be_focused()


def test_a_token_that_was_revoked_elsewhere_blanks_the_chat(page: Page, stub: Stub) -> None:
    begin(page)
    say(page, "a secret")
    answered(page)
    stub.last.revoked = True
    expect(page.locator("#earlier")).to_contain_text("not open any more")
    expect(page.locator("body")).not_to_contain_text("a secret")
    assert stored(page) == {}
    begin(page)
    assert len(stub.conversations) == 2
