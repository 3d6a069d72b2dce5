"""What people do with each other at the real desk: two counsellors, a supervisor and a young person at once."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from sqlalchemy import Connection

from bot.handoff import journal, lifecycle, records
from bot.store.tables import handoffs
from tests.browser.desk_browser import browser, needs_chromium, real
from tests.browser.real_desk import RealDesk, accept, choose, fits, look_at, say

__all__ = ["browser", "real"]  # fixtures

pytestmark = needs_chromium


def test_a_chat_is_passed_on_warm_and_the_young_person_always_has_a_person(real: RealDesk) -> None:
    sam, ana = real.sit_down("Sam"), real.sit_down("Ana")
    chat = real.desk.waiting("sextortion", "he will send my pics")
    accept(sam, chat)
    say(sam, "Hi, I am Sam.")
    sam.locator("#to-note").check()
    sam.locator("#box").fill("Has told nobody yet")
    sam.get_by_role("button", name="Keep note").click()
    expect(sam.locator("#notes")).to_contain_text("Has told nobody yet")

    sam.locator("#transfer").click()
    expect(sam.locator("#colleagues label")).to_have_text([re.compile("Ana, counsellor, no chat")])
    look_at(sam, "transfer-form")
    sam.get_by_label("Ana").check()
    sam.get_by_role("button", name="Offer it").click()
    expect(sam.locator("#banners")).to_contain_text("Offered to Ana")
    expect(sam.locator("#send")).to_be_enabled()

    expect(ana.locator("#say")).to_have_text("Sam offers you a chat.")
    expect(ana.locator(f'.row[data-id="{chat}"] small')).to_contain_text("offered to you")
    choose(ana, chat)
    expect(ana.locator("#banners")).to_contain_text("Sam wants to pass this chat on to you.")
    expect(ana.locator("#log")).to_contain_text("he will send my pics")
    expect(ana.locator("#notes")).to_contain_text("Has told nobody yet")
    assert fits(ana)
    look_at(ana, "transfer-offered")
    ana.get_by_role("button", name="Take it over").click()
    expect(ana.locator("#box")).to_be_focused()
    say(ana, "Hi, I am Ana. Sam told me.")

    expect(sam.locator("#write")).to_be_hidden()
    expect(sam.locator("#banners")).to_contain_text("Ana has this chat")
    read = real.young_person_reads(chat)
    told = [text for sender, text in read if sender == "system"]
    assert len(told) == 2 and told[0].startswith("Sam is here") and told[1].startswith("Ana is here now")
    assert not any("with the bot" in text for _sender, text in read)


def test_an_offer_can_be_refused_and_the_holder_keeps_the_chat(real: RealDesk) -> None:
    sam, ana = real.sit_down("Sam"), real.sit_down("Ana")
    chat = real.desk.waiting()
    accept(sam, chat)
    sam.keyboard.press("Escape")
    sam.keyboard.press("x")
    sam.get_by_label("Ana").check()
    sam.keyboard.press("Enter")
    choose(ana, chat)
    ana.get_by_role("button", name="Not now").click()
    expect(sam.locator("#banners")).not_to_contain_text("Offered to")
    expect(sam.locator("#transfer")).to_be_visible()
    assert real.desk.state(chat) == "claimed"


def test_a_first_word_goes_to_a_waiting_immediate_and_its_sender_sees_the_answer(real: RealDesk) -> None:
    sam = real.sit_down("Sam")
    busy = real.desk.waiting("sextortion")
    accept(sam, busy)
    say(sam, "Hi, I am Sam.")
    urgent = real.desk.waiting("suicide_intent", "i want to end it tonight")
    choose(sam, urgent)
    sam.locator("#first-word").click()
    expect(sam.locator("#first-word-sent")).to_contain_text("You sent the first word at")
    expect(sam.locator("#first-word")).to_be_hidden()
    real.desk.young_person_writes(urgent, "i am on the bridge road")
    expect(sam.locator("#first-word-sent")).to_contain_text("i am on the bridge road")
    expect(sam.locator("#log")).to_be_hidden()
    look_at(sam, "first-word")
    assert real.desk.state(urgent) == "waiting"
    assert any("Sam is a person on our team" in text for _sender, text in real.young_person_reads(urgent))


def test_a_call_for_help_from_a_chat_alarms_the_supervisor_until_they_answer(real: RealDesk) -> None:
    sam, boss = real.sit_down("Sam"), real.sit_down("Boss", "supervisor")
    chat = real.desk.waiting()
    accept(sam, chat)
    sam.get_by_role("button", name="I need help").click()
    expect(sam.locator("#calls")).to_contain_text("You called for help.")
    expect(boss.locator("#calls")).to_contain_text("Sam needs help now.")
    expect(boss.locator("#alarm")).to_have_attribute("data-ringing", "true")
    look_at(boss, "help-supervisor")
    boss.get_by_role("button", name="I am coming").click()
    expect(boss.locator("#calls")).to_be_hidden()
    expect(boss.locator("#alarm")).to_have_attribute("data-ringing", "false")
    expect(sam.locator("#calls")).to_contain_text("Boss has heard you and is coming.")


def test_a_call_for_help_stands_for_a_supervisor_who_comes_later(real: RealDesk) -> None:
    sam = real.sit_down("Sam")
    sam.get_by_role("button", name="I need help").click()
    expect(sam.locator("#trouble")).to_contain_text("Phone the person on call")
    boss = real.sit_down("Boss", "supervisor", on_shift=False)
    expect(boss.locator("#calls")).to_contain_text("Sam needs help now.")


def test_closing_is_filled_in_from_what_was_heard(real: RealDesk) -> None:
    sam = real.sit_down("Sam")
    chat = real.desk.waiting("sextortion")
    accept(sam, chat)
    say(sam, "Hi, I am Sam.")
    sam.locator("#close").click()
    expect(sam.locator("#close-category")).to_have_value("online_harms")
    look_at(sam, "close-form")
    fields = "form => form.querySelectorAll('fieldset, select, textarea').length"
    assert sam.locator("#close-form").evaluate(fields) <= 5
    assert sam.locator("#close-form").evaluate("node => node.scrollHeight - node.clientHeight") <= 1
    sam.get_by_label("Knows where to go next").check()
    sam.get_by_label("Missed this").check()
    sam.get_by_role("button", name="Close the chat").click()
    expect(sam.locator("#brief")).to_be_hidden()
    (row,) = real.desk.rows(handoffs)
    assert {name: row.outcome[name] for name in ("outcome", "category", "triage")} == {
        "outcome": "referred",
        "category": "online_harms",
        "triage": "missed",
    }


def test_the_limits_on_the_page_are_those_of_the_policy(real: RealDesk) -> None:
    sam = real.sit_down("Sam")
    deadlines = dict(real.desk.content.policy.deadlines)
    deadlines["claim_high"] = 125.0
    object.__setattr__(real.desk.content.policy, "deadlines", deadlines)
    sam.reload()
    chat = real.desk.waiting("sextortion")
    accept(sam, chat)
    expect(sam.locator("#plate-clock-words")).to_have_text("write first, limit 2:05")


def test_a_prepared_reply_comes_into_the_box_and_is_sent_only_by_a_press(real: RealDesk) -> None:
    sam = real.sit_down("Sam")
    chat = real.desk.waiting()
    accept(sam, chat)
    sam.keyboard.press("Alt+4")
    expect(sam.locator("#box")).to_have_value("Are you somewhere safe right now?")
    assert not any(sender == "counsellor" for sender, _text in real.young_person_reads(chat))
    sam.keyboard.press("Control+Enter")
    expect(sam.locator("#log .us")).to_contain_text("Are you somewhere safe right now?")


def test_a_message_with_a_number_is_held_for_one_press_and_other_words_go_at_once(real: RealDesk) -> None:
    sam = real.sit_down("Sam")
    chat = real.desk.waiting()
    accept(sam, chat)
    sam.locator("#box").fill("You can reach me on 07700 900123")
    sam.locator("#send").click()
    expect(sam.locator("#held-back")).to_contain_text("Not sent yet. It has a number that is not in our directory")
    expect(sam.locator("#held-back q")).to_have_text("07700 900123")
    look_at(sam, "held-back")
    assert not any("07700" in text for _sender, text in real.young_person_reads(chat))
    sam.locator("#box").fill("You can reach us here at any time, or call 0800 1111.")
    expect(sam.locator("#held-back")).to_be_hidden()
    sam.locator("#send").click()
    expect(sam.locator("#log .us")).to_contain_text("0800 1111")
    sam.locator("#box").fill("Look at example.org/safe")
    sam.keyboard.press("Control+Enter")
    sam.get_by_role("button", name="Send it anyway").click()
    expect(sam.locator("#log .us").last).to_contain_text("example.org/safe")
    expect(sam.locator("#box")).to_have_value("")
    assert [text for sender, text in real.young_person_reads(chat) if sender == "counsellor"][-1] == "Look at example.org/safe"


# Supervision


def test_a_supervisor_sees_the_board_watches_whispers_and_takes_over(real: RealDesk) -> None:
    sam, ana = real.sit_down("Sam"), real.sit_down("Ana")
    boss = real.sit_down("Boss", "supervisor")
    chat = real.desk.waiting("suicidal_ideation", "i think of it a lot")
    accept(sam, chat)
    say(sam, "Hi, I am Sam.")
    late = real.desk.waiting("sextortion")
    move_back(real, late, 400)
    left = real.desk.waiting("self_harm", locale="hu")
    real.desk.do(lambda c: lifecycle.note_away(c, records.get(c, left).conversation_id, "exit", real.desk.store.now(c)))

    tiers = boss.locator("#board-tiers")
    expect(tiers.locator("tr", has_text="High")).to_contain_text("1 late")
    expect(tiers.locator("tr", has_text="High")).to_contain_text("5 min")
    expect(tiers.locator("tr", has_text="High")).to_contain_text("1 Magyar")
    expect(boss.locator(f'.row[data-id="{late}"] time')).to_contain_text("late")
    people = boss.locator("#board-people")
    expect(people.locator("tr", has_text="Sam")).to_contain_text("1 of 1")
    expect(people.locator("tr", has_text="Ana")).to_contain_text("none")
    look_at(boss, "board")

    people.get_by_role("button", name="Watch Sam's chat").click()
    expect(boss.locator("#log")).to_contain_text("i think of it a lot")
    real.desk.young_person_writes(chat, "are you there")
    expect(boss.locator("#log")).to_contain_text("are you there")
    expect(sam.locator("#log li", has_text="are you there")).to_have_css("filter", "none")
    expect(sam.locator("#log li", has_text="are you there")).to_have_css("opacity", "1")
    boss.locator("#whisper-box").fill("Ask if they are alone.")
    boss.keyboard.press("Control+Enter")
    expect(boss.locator("#whisper-box")).to_have_value("")
    expect(sam.locator("#whispers")).to_contain_text("Boss whispers")
    expect(sam.locator("#whispers")).to_contain_text("Ask if they are alone.")
    assert fits(boss) and fits(sam)
    look_at(boss, "watching")
    look_at(sam, "whispered")
    assert not any("alone" in text for _sender, text in real.young_person_reads(chat))

    boss.get_by_role("button", name="Take over").click()
    expect(boss.locator("#box")).to_be_focused()
    say(boss, "Hi, I am Boss.")
    expect(sam.locator("#banners")).to_contain_text("Boss has this chat")
    assert any(text.startswith("Boss is here now") for sender, text in real.young_person_reads(chat) if sender == "system")
    assert {"read_transcript", "whisper", "take_over"} <= set(real.desk.audited())
    expect(ana.locator("#to-board")).to_be_hidden()
    expect(ana.locator("#board")).to_be_hidden()


def test_what_was_held_back_and_what_staff_said_of_triage_stand_on_the_board(real: RealDesk) -> None:
    sam, boss = real.sit_down("Sam"), real.sit_down("Boss", "supervisor")
    chat = real.desk.waiting()
    accept(sam, chat)
    sam.locator("#box").fill("Meet me at the station")
    sam.locator("#send").click()
    expect(boss.locator("#board-watch")).to_contain_text("A message of Sam was held back.")
    expect(boss.locator("#board-watch q").first).to_contain_text("Meet me at the station")
    sam.locator("#box").fill("Hi, I am Sam.")
    sam.locator("#send").click()
    expect(sam.locator("#log .us")).to_have_count(1)
    sam.locator("#close").click()
    sam.get_by_label("Something else").check()
    sam.get_by_label("False alarm").check()
    sam.get_by_role("button", name="Close the chat").click()
    expect(sam.locator("#brief")).to_be_hidden()
    boss.get_by_role("button", name="What staff said of triage").click()
    expect(boss.locator("#corrections li")).to_contain_text("False alarm: Threat to share images or secrets")
    look_at(boss, "board-watch")


def move_back(real: RealDesk, handoff_id: int, seconds: float) -> None:
    """As if the young person had waited that much longer; the queue is told."""

    def work(connection: Connection) -> None:
        handoff = records.get(connection, handoff_id)
        records.set_handoff(connection, handoff_id, waiting_since=handoff.waiting_since - seconds)
        journal.changed(connection, handoff.conversation_id)

    real.desk.do(work)


def test_nobody_took_it_in_time_rings_for_a_supervisor_on_a_break_until_they_have_seen_it(real: RealDesk) -> None:
    sam, boss = real.sit_down("Sam"), real.sit_down("Boss", "supervisor")
    boss.get_by_role("button", name="Break").click()
    expect(boss.locator("#shift-words")).to_contain_text("On a break.")
    chat = real.desk.waiting("suicide_intent", "i cannot go on")
    expect(boss.locator("#alarm")).to_contain_text("1 immediate")
    expect(boss.locator("#alarm")).to_have_attribute("data-ringing", "false")
    move_back(real, chat, 61)
    real.sweep()
    expect(boss.locator("#calls")).to_contain_text("1 chat waits past its limit.")
    expect(sam.locator("#calls")).to_contain_text("1 chat waits past its limit.")
    expect(boss.locator("#alarm")).to_have_attribute("data-ringing", "true")
    look_at(boss, "late")
    boss.get_by_role("button", name="I have seen it").click()
    expect(boss.locator("#calls")).to_be_hidden()
    expect(boss.locator("#alarm")).to_have_attribute("data-ringing", "false")
    expect(sam.locator("#alarm")).to_have_attribute("data-ringing", "true")


# Floods and overload


def test_a_flood_is_one_row_with_a_count_that_opens_and_is_set_aside_by_two_at_immediate(real: RealDesk) -> None:
    flood = [real.desk.waiting("suicide_intent", "my teacher is a robot and he will explode the school") for _ in range(5)]
    alone = real.desk.waiting("sextortion", "he will send my pics tonight")
    sam, boss = real.sit_down("Sam"), real.sit_down("Boss", "supervisor")

    expect(sam.locator("#waiting > .row")).to_have_count(2)
    expect(sam.locator("#alarm")).to_contain_text("1 immediate, nobody has it")
    expect(sam.locator("#counts")).to_contain_text("6 waiting")
    sam.get_by_role("button", name="5 alike").click()
    expect(sam.locator(".member")).to_have_count(4)
    look_at(sam, "fold")
    sam.locator(".member").nth(1).click()
    expect(sam.locator("#card .why")).to_be_visible()
    expect(sam.get_by_role("button", name="Set all 5 aside")).to_be_hidden()

    boss.get_by_role("button", name="Set all 5 aside").click()
    boss.locator("#aside-reason").fill("A class that plays")
    look_at(boss, "aside-form")
    boss.locator("#aside-form").get_by_role("button", name="Set aside").click()
    expect(boss.locator("#banners")).to_contain_text("Somebody else must agree first.")
    expect(sam.locator("#banners")).to_contain_text("Boss wants to set this aside: A class that plays")
    look_at(boss, "aside-asked")
    assert fits(sam) and fits(boss)
    sam.get_by_role("button", name="Agree: set aside").click()
    sam.locator("#aside-form").get_by_role("button", name="Set aside").click()
    expect(sam.locator("#aside-rows .row")).to_have_count(1)
    expect(sam.locator("#banners")).to_contain_text("Set aside at")
    assert fits(sam)
    look_at(sam, "set-aside")
    sam.get_by_role("button", name="Take it up again").click()
    expect(sam.locator("#aside-rows .row")).to_have_count(0)
    assert {real.desk.state(chat) for chat in (*flood, alone)} == {"waiting"}


def test_overload_is_said_once_and_the_young_people_are_told(real: RealDesk) -> None:
    sam, boss = real.sit_down("Sam"), real.sit_down("Boss", "supervisor")
    accept(sam, real.desk.waiting("sextortion"))
    accept(boss, real.desk.waiting("sextortion"))
    words = ["he will send my pics", "my boyfriend hits me and i am scared", "i left home", "they took my papers", "i cut again"]
    waiting = [real.desk.waiting("sextortion", text) for text in words]
    real.sweep()
    expect(boss.locator("#calls")).to_contain_text("Overload since")
    expect(sam.locator("#calls")).to_contain_text("Overload since")
    expect(sam.locator(".fold")).to_have_count(0)
    assert fits(sam) and fits(boss)
    expect(sam.get_by_role("button", name="I have seen it")).to_be_hidden()
    look_at(boss, "overload")
    real.desk.waiting("suicide_intent", "i cannot go on")
    expect(boss.locator("#alarm")).to_contain_text("1 immediate")
    expect(boss.locator("#alarm")).to_have_attribute("data-ringing", "false")
    boss.get_by_role("button", name="I have seen it").click()
    expect(sam.locator("#calls")).to_contain_text("Boss has seen it.")
    assert any("Many people wait right now" in text for _sender, text in real.young_person_reads(waiting[-1]))


# Afterwards


def test_the_emergency_record_opens_in_one_press_and_could_not_reach_needs_a_supervisor(real: RealDesk) -> None:
    sam, boss = real.sit_down("Sam"), real.sit_down("Boss", "supervisor")
    chat = real.desk.waiting("suicide_intent", "i took all of them")
    accept(sam, chat)
    say(sam, "Hi, I am Sam. I am a person.")
    assert fits(sam)
    sam.keyboard.press("Escape")
    sam.keyboard.press("e")
    expect(sam.locator("#emergency-opened")).to_contain_text("Opened by Sam at")
    expect(sam.locator("#emergency-decided-by")).to_have_value("Sam")
    assert sam.locator("#emergency-form").evaluate("node => node.scrollHeight - node.clientHeight") <= 1
    sam.get_by_role("button", name="Ask where they are").click()
    expect(sam.locator("#log")).to_contain_text("Where are you right now?")
    sam.get_by_label("Who was called").fill("999, ambulance")
    sam.get_by_label("Outcome").select_option("unreached")
    sam.get_by_role("button", name="Keep the record").click()
    expect(sam.locator("#emergency-opened")).to_contain_text("needs a supervisor")
    look_at(sam, "emergency")
    sam.get_by_role("button", name="Go back").click()
    sam.locator("#close").click()
    sam.get_by_label("Something else").check()
    sam.get_by_role("button", name="Close the chat").click()
    expect(sam.locator("#trouble")).to_contain_text("needs a supervisor first")

    choose(boss, chat)
    boss.locator("#emergency").click()
    expect(boss.locator("#emergency-called")).to_have_value("999, ambulance")
    boss.get_by_role("button", name="Confirm: could not reach").click()
    expect(boss.locator("#emergency-opened")).to_contain_text("Confirmed by Boss.")
    sam.get_by_role("button", name="Close the chat").click()
    expect(sam.locator("#brief")).to_be_hidden()

    expect(sam.locator("#rest")).to_contain_text("Next gives you nothing until")
    look_at(sam, "rest")
    more = real.desk.waiting("sextortion")
    sam.locator("#next").click()
    expect(sam.locator("#trouble")).to_contain_text("Nothing to take")
    sam.get_by_role("button", name="I am ready").click()
    expect(sam.locator("#rest")).to_be_hidden()
    sam.locator("#next").click()
    expect(sam.locator("#box")).to_be_focused()
    assert real.desk.state(more) == "claimed"


def test_the_audit_says_who_did_what_and_that_it_was_read(real: RealDesk) -> None:
    sam, boss = real.sit_down("Sam"), real.sit_down("Boss", "supervisor")
    chat = real.desk.waiting()
    choose(sam, chat)
    sam.get_by_role("button", name="Give a reason").click()
    sam.locator("#read-reason").fill("Ana asked me to look")
    sam.get_by_role("button", name="Open the words").click()
    expect(sam.locator("#log")).to_be_visible()
    boss.locator("#audit-chat").fill(str(chat))
    boss.get_by_role("button", name="Read the audit").click()
    expect(boss.locator("#audit-lines")).to_contain_text("read transcript")
    expect(boss.locator("#audit-lines")).to_contain_text("Ana asked me to look")
    look_at(boss, "audit")
    assert "read_audit" in real.desk.audited()
