"""The promise, walked through in browsers: each way in which a helpline has lost somebody before.

The whole product runs: chat pages of young people, and the desks of two counsellors and a supervisor.
"""

from __future__ import annotations

import os
import re
import signal
import time

from playwright.sync_api import expect

from tests.browser.desk_browser import KNOWS, browser, needs_chromium
from tests.browser.real_desk import accept, choose, look_at
from tests.browser.real_desk import say as write
from tests.browser.walk import (
    PATIENCE,
    THREAT,
    TONIGHT,
    Walk,
    hears,
    log_of,
    only_one_open,
    row,
    running,
    somewhere_to_go,
    talks,
    tells,
    waits,
    walk,
)

__all__ = ["browser", "running", "walk"]  # fixtures

pytestmark = needs_chromium


def test_nobody_is_on_duty_they_are_told_so_with_numbers_and_the_first_one_here_finds_them(walk: Walk) -> None:
    child = walk.child()
    tells(child, THREAT)
    hears(child, "No helper is here right now")
    expect(log_of(child).locator("a[href^='tel:']").first).to_be_visible()
    expect(log_of(child)).not_to_contain_text("is coming")
    chat = walk.newest()

    sam, ana, boss = walk.everybody()
    for desk in (sam, ana, boss):
        expect(row(desk, chat)).to_contain_text("High")
    sam.locator("#next").click()
    expect(sam.locator("#box")).to_be_focused()
    expect(ana.locator(f'#held .row[data-id="{chat}"]')).to_contain_text("Sam has it")
    write(sam, "Hi, I am Sam. I read what you wrote.")
    hears(child, "Sam is a person")
    hears(child, "I read what you wrote.")


def test_they_say_no_and_then_it_gets_worse_and_of_two_who_come_one_has_the_chat(walk: Walk) -> None:
    sam, ana, boss = walk.everybody()
    child = walk.child()
    chat = waits(walk, child, THREAT)
    expect(row(sam, chat)).to_be_visible()
    child.get_by_role("button", name="No person for now").last.click()
    for desk in (sam, ana, boss):
        expect(row(desk, chat)).to_have_count(0, timeout=PATIENCE)
    expect(boss.locator("#board-watch")).to_contain_text("They said “not now”")

    tells(child, TONIGHT)
    for desk in (sam, ana, boss):
        expect(desk.locator("#alarm")).to_contain_text("1 immediate, nobody has it", timeout=PATIENCE)
        expect(desk.locator("#alarm")).to_have_attribute("data-ringing", "true")
    expect(log_of(child).locator("a[href^='tel:']").first).to_be_visible()
    again = walk.newest()
    for desk in (sam, ana):
        choose(desk, again)
        expect(desk.locator("#card .why")).to_contain_text("Intends to end their life")
    for desk in (sam, ana):
        desk.evaluate("setTimeout(() => document.getElementById('accept').click(), 200)")
    for desk in (sam, ana):
        desk.wait_for_function(KNOWS)
    won = [desk for desk in (sam, ana) if desk.locator("#write").is_visible()]
    assert len(won) == 1
    for desk in (sam, ana, boss):
        expect(desk.locator("#alarm")).to_be_hidden()
    write(won[0], "I am here with you.")
    hears(child, "I am here with you.")


def test_who_leaves_while_waiting_is_shown_as_gone_stays_in_the_queue_and_is_sent_nothing(walk: Walk) -> None:
    sam, ana, boss = walk.everybody()
    child = walk.child()
    somewhere_to_go(child)
    chat = waits(walk, child, TONIGHT)
    child.get_by_role("link", name="Leave this page").click()
    child.wait_for_url(re.compile("^https://"))

    for desk in (sam, ana, boss):
        expect(row(desk, chat)).to_contain_text("Left by quick exit", timeout=PATIENCE)
        expect(desk.locator("#alarm")).to_contain_text("1 immediate")
    choose(sam, chat)
    expect(sam.locator("#banners")).to_contain_text("Left by quick exit")
    expect(sam.locator("#banners")).to_contain_text("We send nothing to that device.")
    sam.locator("#accept").click()
    expect(ana.locator("#alarm")).to_be_hidden()
    expect(sam.locator("#log")).to_contain_text(TONIGHT)
    expect(sam.locator("#to-reply")).to_be_disabled()  # a note for staff is all that can be written
    assert walk.state(chat) == "claimed"
    assert "counsellor" not in walk.senders(chat)
    look_at(sam, "walk-left")


def test_the_counsellors_machine_dies_in_mid_chat_and_the_young_person_gets_the_other_one(walk: Walk) -> None:
    sam, ana, boss = walk.everybody()
    child = walk.child()
    chat = talks(walk, sam, child, "Hi, I am Sam. What happened?")

    sam.context.close()
    # As if 46 seconds had passed since: the desk's own clock, not this test's patience, is what is tried here.
    walk.no_sign_of_life("Sam", chat, 46)

    expect(ana.locator(f'#waiting .row[data-id="{chat}"]')).to_be_visible(timeout=PATIENCE)
    expect(boss.locator("#board-watch")).to_contain_text("The desk's line was gone", timeout=PATIENCE)
    hears(child, "The person you talked with is not on the line now. I am sorry.")
    tells(child, "are you still there? please help me")
    ana.locator("#next").click()
    expect(ana.locator("#log")).to_contain_text("are you still there?")
    write(ana, "Hi, I am Ana. Sam's line broke. I am here now.")
    hears(child, "I am Ana")
    look_at(ana, "walk-after-a-crash")


def test_an_engine_that_answers_late_costs_them_nothing_and_talks_over_nobody(walk: Walk) -> None:
    sam, _ana, _boss = walk.everybody()
    child = walk.child()
    frozen = walk.running.kill("engine", signal.SIGSTOP)
    try:
        tells(child, THREAT)
        expect(row(sam, only_one_open(walk, sam))).to_contain_text("High")
        expect(log_of(child).locator("a[href^='tel:']").first).to_be_visible(timeout=PATIENCE)
        accept(sam, walk.newest())
        write(sam, "Hi, I am Sam.")
        hears(child, "Hi, I am Sam.")
    finally:
        os.kill(frozen, signal.SIGCONT)
    tells(child, "ok")
    expect(sam.locator("#log")).to_contain_text("ok")
    time.sleep(3)  # what the engine still had to say comes by now, if at all
    senders = walk.senders(walk.newest())
    assert senders[senders.index("counsellor") :] == ["counsellor", "young_person"]
    walk.running.wait_for(engine="ok")


def test_when_the_phone_changes_hands_nothing_is_shown_and_the_desk_sends_nothing(walk: Walk) -> None:
    sam, ana, _boss = walk.everybody()
    child = walk.child()
    somewhere_to_go(child)
    chat = talks(walk, sam, child)
    child.get_by_role("link", name="Leave this page").click()
    child.wait_for_url(re.compile("^https://"))

    expect(sam.locator("#banners")).to_contain_text("Left by quick exit", timeout=PATIENCE)
    expect(sam.locator("#to-reply")).to_be_disabled()  # a note for staff is all that can be written
    child.go_back()
    expect(child.locator("body")).not_to_contain_text("send my pics")
    child.goto(walk.running.url)
    child.get_by_role("button", name="Start", exact=True).click()
    hears(child, re.compile("bot", re.I))
    expect(child.locator("body")).not_to_contain_text("send my pics")
    expect(child.locator("body")).not_to_contain_text("Sam")
    tells(child, "who is this? what is this page?")
    expect(sam.locator("#log")).not_to_contain_text("who is this?")
    expect(row(ana, chat)).to_contain_text("Left by quick exit")


def test_after_a_closed_chat_a_new_disclosure_is_a_new_row_with_an_alarm(walk: Walk) -> None:
    sam, ana, boss = walk.everybody()
    child = walk.child()
    chat = talks(walk, sam, child)
    sam.locator("#close").click()
    sam.locator("#outcomes label").first.click()
    sam.get_by_role("button", name="Close the chat").click()
    expect(row(ana, chat)).to_have_count(0)
    hears(child, re.compile("bot again|with the bot", re.I))

    tells(child, TONIGHT)
    for desk in (sam, ana, boss):
        expect(desk.locator("#alarm")).to_contain_text("1 immediate, nobody has it", timeout=PATIENCE)
    again = walk.newest()
    assert again != chat and walk.state(chat) == "closed"
    expect(row(ana, again)).to_contain_text("Immediate")
    ana.locator("#next").click()
    write(ana, "Hi, I am Ana. I am here.")
    hears(child, "Hi, I am Ana.")


def test_yes_to_a_safety_question_raises_them_to_immediate_at_once(walk: Walk) -> None:
    sam, ana, boss = walk.everybody()
    child = walk.child()
    chat = waits(walk, child, "i cut myself again last night")
    hears(child, "?")
    expect(row(sam, chat)).not_to_contain_text("Immediate")
    expect(row(sam, chat)).to_be_visible()

    tells(child, "yes")
    for desk in (sam, ana, boss):
        expect(row(desk, chat)).to_contain_text("Immediate", timeout=PATIENCE)
        expect(desk.locator("#alarm")).to_contain_text("1 immediate, nobody has it")
    choose(ana, chat)
    expect(ana.locator("#card .why")).to_contain_text("Medical emergency")
