"""The young person's page in a real browser, against a server that keeps the contract and follows a script."""

from __future__ import annotations

import gzip
import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.chat_browser import HEAR, STATIC, address, answered, begin, browser, context, own, page, say, stub
from tests.browser.stub_chat import Stub

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(60)


def test_the_start_screen_says_four_facts_in_one_view_before_the_first_message(page: Page, stub: Stub) -> None:
    for fact in ("First, a bot", "Then a person, if you want", "Who can read this", "When we would tell someone"):
        expect(page.get_by_role("heading", name=fact)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Start")).to_be_in_viewport(ratio=1)
    expect(page.locator("#say")).to_be_hidden()
    expect(page).to_have_title("Page")
    assert stub.conversations == []


def test_a_question_is_asked_and_its_answer_is_shown(page: Page, stub: Stub) -> None:
    begin(page)
    say(page, "is it my fault?")
    answered(page)
    assert own(page) == ["is it my fault?"]
    last = page.locator(".turn.bot").last
    assert last.locator(".text p").all_inner_texts() == ["This is not your fault.", "Shall I ask a person to join?"]
    assert page.locator(".turn:not(.system) .speaker").count() == page.locator(".turn:not(.system)").count()
    expect(page.locator(".turn.you .sent")).to_have_text("Sent")


def test_an_option_sends_its_payload_and_a_person_is_asked(page: Page, stub: Stub) -> None:
    begin(page)
    page.click("text=Someone asks me for pics")
    answered(page)
    assert stub.posts[0]["option"] == "/asks_for_pics" and "text" not in stub.posts[0]
    assert own(page) == ["Someone asks me for pics"]
    page.click("text=Yes, ask a person")
    expect(page.locator("#who-name")).to_have_text("Asked for a person")
    expect(page.locator("#who-note")).to_have_text("About 5 to 10 minutes")
    expect(page.locator(".hand")).to_contain_text("You are next but one.")
    page.click("text=Stop waiting")
    expect(page.get_by_role("button", name="Talk to a person")).to_be_visible()
    assert [post.get("option") for post in stub.posts] == ["/asks_for_pics", "person:ask", "person:not_now"]


def test_a_reader_at_the_end_stays_there_and_one_further_up_is_not_moved(page: Page, stub: Stub) -> None:
    begin(page)
    say(page, "hello")
    answered(page)
    page.click("text=Yes, ask a person")
    expect(page.locator("#numbers li:visible").last).to_be_in_viewport()
    page.mouse.move(180, 400)
    page.mouse.wheel(0, -2_000)
    expect(page.locator(".turn.bot").first).to_be_in_viewport()
    for number in range(6):
        stub.last.say("bot", f"Line {number}")
    expect(page.locator("#newer")).to_be_visible()
    expect(page.locator(".turn.bot").first).to_be_in_viewport()
    page.click("#newer")
    expect(page.get_by_text("Line 5", exact=True)).to_be_in_viewport()
    expect(page.locator("#newer")).to_be_hidden()


def test_a_person_joins_on_a_line_of_their_own_and_types_for_five_seconds_at_most(page: Page, stub: Stub) -> None:
    begin(page)
    page.locator(".options button").first.focus()
    stub.last.turn(mode="live", person="Sam")
    stub.last.say("counsellor", "Hi, I am Sam.", name="Sam")
    expect(page.locator(".options")).to_have_count(0)  # what the bot asked is nobody's question now
    expect(page.locator("#log")).to_be_focused()
    expect(page.locator(".turn.join")).to_have_text("Sam is here. Sam is a person. The bot has stopped.")
    expect(page.locator(".turn.person .speaker")).to_have_text("Sam · person")
    expect(page.locator("#who")).to_contain_text("Sam")
    expect(page.locator("#person")).to_be_hidden()
    page.clock.install()
    stub.last.turn(person_typing=True)
    expect(page.locator(".dots")).to_be_visible()
    page.clock.run_for(5_000)
    expect(page.locator(".dots")).to_have_count(0)


def test_each_new_line_is_announced_once_and_in_order(page: Page, stub: Stub) -> None:
    begin(page)
    page.evaluate(HEAR)
    expect(page.locator("#log")).to_have_attribute("aria-live", "off")
    say(page, "hello")
    answered(page)
    stub.last.turn(mode="live", person="Sam")
    stub.last.say("system", "Sam is here. Sam is a person. The bot has stopped.")
    stub.last.say("counsellor", "Hi.", name="Sam")
    expect(page.locator(".turn.person")).to_have_count(1)
    assert page.evaluate("window.heard") == [
        "Bot: Thank you for telling me.",
        "Bot: This is not your fault.\n\nShall I ask a person to join?",
        "Sam is here. Sam is a person. The bot has stopped.",
        "Sam: Hi.",
    ]
    assert page.locator("#voice *:not(p)").count() == 0


def test_out_of_hours_it_is_said_at_once(page: Page, stub: Stub) -> None:
    stub.people = "none"
    page.reload()
    expect(page.locator("#start")).to_contain_text("No helper is here right now. You can still ask.")
    begin(page)
    expect(page.locator("#notice")).to_contain_text("No helper is here right now. They are back", use_inner_text=False)
    expect(page.locator("#notice")).to_contain_text("tomorrow")
    expect(page.locator("#numbers")).to_be_visible()


def test_a_demonstration_says_that_nobody_reads_it(page: Page, stub: Stub) -> None:
    stub.demonstration = True
    page.reload()
    expect(page.locator(".demo")).to_contain_text("This is a demonstration. Nobody reads it.")
    expect(page.locator(".demo a")).to_have_attribute("href", "tel:112")


@pytest.mark.parametrize("width", [320, 1366])
def test_nothing_scrolls_sideways_and_everything_is_big_enough_to_press(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    begin(page)
    say(page, "a" * 300)
    answered(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.locator("button:visible, .exit:visible, .numbers a:visible").evaluate_all(
        "all => all.filter(one => one.offsetWidth < 44 || one.offsetHeight < 44).map(one => one.textContent)"
    )
    assert small == []


def test_html_in_words_stays_words(page: Page, stub: Stub) -> None:
    begin(page)
    stub.last.say("bot", "<img src=x onerror=alert(1)><b>bold</b>")
    say(page, "<script>alert(1)</script>")
    answered(page)
    expect(page.locator("#log")).to_contain_text("<img src=x onerror=alert(1)><b>bold</b>")
    assert page.locator("#log img, #log script").count() == 0


def test_the_content_security_policy_is_strict_and_nothing_stands_inline(page: Page, address: str) -> None:
    response = page.request.get(address)
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy
    html = response.text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)


def test_the_page_never_calls_for_attention(page: Page) -> None:
    source = "".join(file.read_text() for file in STATIC.glob("*.js"))
    for word in ("Notification", "PushManager", "new Audio", "vibrate", "document.title", "localStorage", "indexedDB"):
        assert word not in source


def test_the_first_load_is_small() -> None:
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in STATIC.iterdir()}
    scripts = sum(size for name, size in sizes.items() if name.endswith(".js"))
    assert scripts <= 50 * 1024
    assert sum(sizes.values()) <= 90 * 1024


def test_a_script_that_never_comes_leaves_numbers_and_a_way_to_try_again(context: BrowserContext, address: str) -> None:
    page = context.new_page()

    def refuse(route: Route) -> None:
        route.abort()

    page.route("**/chat-all.js", refuse)
    page.goto(address)
    expect(page.get_by_role("link", name="Call 112").first).to_be_visible()
    expect(page.locator("#begin")).to_be_disabled()
    expect(page.locator("#slow")).to_be_hidden()
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    expect(page.locator("#slow")).to_be_visible()
