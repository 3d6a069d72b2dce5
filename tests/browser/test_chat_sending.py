"""What is sent arrives once and in order, and whatever fails, its words and help stay on the screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat_browser import address, answered, begin, browser, context, own, page, say, stub, until
from tests.browser.stub_chat import HELP, Stub

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(60)


def test_enter_sends_and_shift_enter_starts_a_new_line(page: Page, stub: Stub) -> None:
    begin(page)
    page.fill("#say", "one")
    page.press("#say", "Shift+Enter")
    page.keyboard.type("two")
    page.press("#say", "Enter")
    answered(page)
    assert stub.texts() == ["one\ntwo"]


def test_long_words_go_in_parts_and_nothing_is_lost(page: Page, stub: Stub) -> None:
    begin(page)
    words = " ".join(f"word{number}" for number in range(500))
    page.fill("#say", words)
    expect(page.locator("#hint")).to_contain_text("2 parts")
    page.press("#say", "Enter")
    until(lambda: len(stub.texts()) == 2, page)
    assert " ".join(stub.texts()) == words
    assert max(map(len, stub.texts())) <= 2000


def test_that_somebody_types_is_told_once_in_three_seconds_and_what_is_typed_is_not(page: Page, stub: Stub) -> None:
    begin(page)
    page.locator("#say").press_sequentially("half a secret", delay=20)
    until(lambda: stub.typed > 0, page)
    assert stub.typed == 1
    assert stub.posts == []


def test_help_comes_with_the_answer_to_the_post(page: Page, stub: Stub) -> None:
    stub.streams = "silent"
    begin(page)
    say(page, "he wants me to pay tonight")
    help_ = page.locator(".turn.you + .turn.help")
    expect(help_).to_contain_text(HELP["text"])
    expect(page.locator(".turn .numbers a").first).to_have_attribute("href", "tel:112")


def test_a_failing_server_shows_help_and_the_message_goes_again_with_the_same_id(page: Page, stub: Stub) -> None:
    begin(page)
    stub.fail_with = (503, {"error": "The database is away.", "help": HELP})
    say(page, "please help")
    expect(page.locator(".turn.help")).to_contain_text(HELP["text"])
    expect(page.locator(".turn.you .sent")).to_contain_text("Not sent")
    expect(page.locator("#say")).to_be_enabled()
    stub.fail_with = None
    page.click("text=Try again")
    answered(page)
    assert stub.texts() == ["please help"]
    assert len({post["client_id"] for post in stub.posts}) == 1 and len(stub.posts) >= 2
    expect(page.locator(".turn.help")).to_have_count(1)


def test_a_failure_without_help_in_it_shows_the_numbers_of_the_page(page: Page, stub: Stub) -> None:
    begin(page)
    stub.fail_with = (502, {})
    say(page, "please help")
    expect(page.locator(".turn.help a").first).to_have_attribute("href", "tel:112")
    assert page.locator(".turn.help a").count() == 3


@pytest.mark.parametrize("late", [0.0, 0.6])
def test_help_that_moves_to_newer_words_brings_its_numbers_along(page: Page, stub: Stub, late: float) -> None:
    begin(page)
    stub.late = late
    say(page, "he wants me to pay tonight")
    expect(page.locator(".turn.help")).to_have_count(1)
    answered = page.locator(".turn.bot:not(.help) .numbers")
    expect(answered).to_have_count(1)
    expect(page.locator(".turn.help .numbers")).to_have_count(0)  # the bot's own answer below it has them
    stub.fail_with = (503, {"error": "away", "help": HELP})
    say(page, "are you there")
    expect(page.locator(".turn.you.lost + .turn.help a")).to_have_attribute("href", "tel:112")


def test_a_message_whose_answer_was_lost_is_stored_and_shown_once(page: Page, stub: Stub) -> None:
    begin(page)
    stub.lose_answers = 1
    say(page, "only once")
    answered(page)
    page.wait_for_timeout(1_500)
    assert stub.texts() == ["only once"] == own(page)
    expect(page.locator(".turn.you .sent")).to_have_text("Sent")


def test_five_messages_typed_offline_arrive_once_and_in_order(page: Page, context: BrowserContext, stub: Stub) -> None:
    begin(page)
    stub.answers = False
    context.set_offline(True)
    expect(page.locator("#who-name")).to_have_text("No connection")
    words = [f"message {number}" for number in range(5)]
    for text in words:
        say(page, text)
    expect(page.locator(".turn.lost")).to_have_count(5)
    stub.last.say("bot", "Are you still there?")
    context.set_offline(False)
    until(lambda: stub.texts() == words, page)
    expect(page.locator(".turn.lost")).to_have_count(0)
    expect(page.locator("#log")).to_contain_text("Are you still there?")
    expect(page.locator("#who-name")).to_have_text("Bot")
    assert own(page) == words
    assert page.locator("[data-seq]").evaluate_all("all => all.map(one => +one.dataset.seq)") == list(range(1, 9))


@pytest.mark.parametrize("streams", ["refused", "silent"])
def test_where_streams_do_not_pass_the_page_asks_for_messages(page: Page, stub: Stub, streams: str) -> None:
    stub.streams = streams
    begin(page)
    say(page, "hello")
    answered(page)
    stub.last.say("bot", "One more thing.")
    expect(page.locator("#log")).to_contain_text("One more thing.", timeout=15_000)
    assert stub.asked >= 1


def test_a_stream_that_ends_is_taken_up_where_it_stopped(page: Page, stub: Stub) -> None:
    begin(page)
    until(lambda: stub.streamed == 1, page)
    stub.streams = "refused"
    page.wait_for_timeout(100)
    stub.last.say("bot", "Said meanwhile.")
    stub.streams = "on"
    expect(page.locator("#log")).to_contain_text("Said meanwhile.")
    assert page.locator("#log .text").count() == 3


def test_a_start_that_fails_shows_help_and_tries_again(page: Page, stub: Stub) -> None:
    stub.fail_with = (503, {"error": "away", "help": HELP})
    page.click("#begin")
    expect(page.locator("#notice")).to_contain_text("It is our fault, not yours.")
    expect(page.locator(".turn.help a")).to_have_attribute("href", "tel:112")
    say(page, "typed before it opened")
    stub.fail_with = None
    page.click("text=Try again")
    answered(page)
    assert stub.texts() == ["typed before it opened"]
    expect(page.locator("#notice")).to_be_hidden()
