"""The young person's page in a real browser, against a server that keeps the contract and follows a script."""

from __future__ import annotations

import gzip
import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.chat_browser import (
    HEAR,
    HIDE,
    STATIC,
    address,
    answered,
    begin,
    browser,
    context,
    own,
    page,
    say,
    stored,
    stub,
    until,
)
from tests.browser.stub_chat import HELP, Stub

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(60)


# ---- Start


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


# ---- A person


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


# ---- Nothing is lost


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


# ---- Traces


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


# ---- Looks


def test_out_of_hours_it_is_said_at_once(page: Page, stub: Stub) -> None:
    stub.people = "none"
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
