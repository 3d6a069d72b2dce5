"""One chat on the desk's page, against a server of scripted state: its brief, its words, its line, its end."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from bot.triage.taxonomy import CUES
from tests.browser.desk_browser import browser, needs_chromium, page, signed_in, stub, three_waiting
from tests.browser.real_desk import accept, choose
from tests.browser.stub_desk import StubDesk
from tests.browser.stub_handoffs import handoff, reason

__all__ = ["browser", "page", "stub"]  # fixtures

pytestmark = needs_chromium


def test_the_brief_quotes_their_words_and_says_what_is_not_known(page: Page, stub: StubDesk) -> None:
    made = stub.add(handoff(1, "immediate", "meeting_imminent", 192))
    made["reasons"].append(reason("grooming_signs", "said dont tell anyone", 2, made["opened_at"] - 200, "other"))
    choose(signed_in(page, stub), 1)
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
    accept(signed_in(page, stub), 1)
    assert page.locator("#card").evaluate(hidden) <= 1
    stub.handoffs[1]["away_since"] = time.time()
    stub.hint()
    expect(page.locator(".banner")).to_be_visible()
    page.wait_for_timeout(100)  # the card is fitted after the next frame
    assert page.locator("#card").evaluate(hidden) <= 1
    assert page.locator("body").evaluate("() => document.documentElement.scrollHeight - innerHeight") <= 0
    expect(page.locator("#numbers")).to_be_in_viewport()


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


def test_accept_opens_the_transcript_and_a_message_appears_once(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "high", "meeting_planned", 60))
    accept(signed_in(page, stub), 1)
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
    accept(signed_in(page, stub), 1)
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
    choose(signed_in(page, stub), 1)
    stub.handoffs[1].update(state="claimed", claimed_by="Ana")
    page.locator("#accept").click()
    expect(page.locator("#banners")).to_contain_text(re.compile(r"Ana took this chat at \d\d:\d\d\. You can take the next one\."))
    expect(page.locator("#accept")).to_be_disabled()
    expect(page.locator("#accept")).to_have_text("Ana has this chat")
    expect(page.locator("#log")).to_be_hidden()


def test_a_reason_opens_the_words_of_a_chat_that_is_not_mine(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "high", "self_harm", 60, state="live", claimed_by="Ana"))
    choose(signed_in(page, stub), 1)
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
    accept(signed_in(page, stub), 1)
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
    accept(signed_in(page, stub), 2)
    page.locator("#box").fill("for the second")
    accept(page, 3)
    expect(page.locator("#box")).to_have_value("")
    choose(page, 2)
    expect(page.locator("#box")).to_have_value("for the second")


def test_the_quote_leads_to_its_message(page: Page, stub: StubDesk) -> None:
    made = stub.add(handoff(1, "immediate", "meeting_imminent", 60))
    made["reasons"][0]["seqs"] = [2, 4]  # read together with another message that tells nothing by itself
    accept(signed_in(page, stub), 1)
    page.get_by_role("link", name="see it in the chat").click()
    expect(page.locator("#m4")).to_be_focused()
    expect(page.locator("#log .flag")).to_have_count(1)
    expect(page.locator("#m4 mark")).to_have_text("hes picking me up at 10 outside the station")


def test_raising_is_one_press_and_lowering_asks_why(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "elevated", "grooming_signs", 60))
    accept(signed_in(page, stub), 1)
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
    accept(signed_in(page, stub), 1)
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.type("Is with an aunt until Friday")
    page.get_by_role("button", name="Keep note").click()
    expect(page.locator("#notes")).to_contain_text("Is with an aunt until Friday")
    assert stub.calls_to("/messages") == []


def test_a_chat_that_was_left_by_quick_exit_says_so_and_nothing_can_be_sent(page: Page, stub: StubDesk) -> None:
    stub.add(handoff(1, "immediate", "meeting_imminent", 200))
    accept(signed_in(page, stub), 1)
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
    accept(signed_in(page, stub), 2)
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


def test_a_message_in_another_chat_is_not_read_here(page: Page, stub: StubDesk) -> None:
    three_waiting(stub)
    accept(signed_in(page, stub), 2)
    with page.expect_request("**/api/desk/handoffs/2"):
        stub.write_as_young_person(2, "hello?")
    read: list[str] = []
    page.on("request", lambda sent: read.append(sent.url) if "/handoffs/" in sent.url else None)
    stub.write_as_young_person(3, "is anybody there")
    page.wait_for_timeout(500)
    assert read == []


def test_a_word_that_loses_its_box_does_not_become_commands(page: Page, stub: StubDesk) -> None:
    three_waiting(stub)
    accept(signed_in(page, stub), 2)
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
