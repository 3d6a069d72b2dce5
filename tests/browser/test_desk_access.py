"""States of the desk that no flow rests in: the door, nobody waiting, a full queue, the line gone, the list of keys."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.desk_browser import browser, needs_chromium, real
from tests.browser.real_desk import RealDesk, accept, choose, cuts_nothing, fits, look_at, say

__all__ = ["browser", "real"]  # fixtures

pytestmark = needs_chromium

OPENINGS = [
    ("suicide_intent", "i want to die tonight and i have the pills on my bed", "en"),
    ("sextortion", "he says he sends my pics to my class at 8 if i do not pay", "hu"),
    ("violence_now", "my dad hit my mum again and i am locked in the bathroom", "uk"),
    ("meeting_planned", "we meet at the station tomorrow, he is 34", "en"),
    ("self_harm", "i cut again today", "en"),
]


def test_axe_finds_nothing_at_the_door(real: RealDesk) -> None:
    page = real.browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(f"{real.url}/desk")
    look_at(page, "sign-in")


def test_with_nobody_waiting_every_part_says_so(real: RealDesk) -> None:
    sam, boss = real.sit_down("Sam", on_shift=False), real.sit_down("Boss", "supervisor")
    expect(sam.locator("#queue-empty")).to_contain_text("No one is waiting.")
    expect(sam.locator("#empty")).to_contain_text("Quiet for now.")
    look_at(sam, "queue-empty")
    expect(boss.locator("#board-watch")).to_contain_text("Nothing in the last day.")
    boss.locator("#show-corrections").click()
    expect(boss.locator("#corrections")).to_contain_text("Nothing this week.")
    boss.locator("#audit-who").fill("Nobody of that name")
    boss.get_by_role("button", name="Read the audit").click()
    expect(boss.locator("#audit-lines")).to_contain_text("No such line.")
    look_at(boss, "board-empty")


def test_a_full_queue_a_long_brief_the_keys_and_a_line_that_is_gone(real: RealDesk) -> None:
    for cue, words, locale in OPENINGS * 6:
        real.desk.waiting(cue, words, locale=locale)
    sam = real.sit_down("Sam")
    choose(sam, 1)
    assert fits(sam)
    assert sam.locator("#card .why").evaluate("node => node.getBoundingClientRect().top") < 768
    look_at(sam, "queue-full")
    accept(sam, 1)
    say(sam, "Hi, I am Sam. I am a person.")
    real.desk.young_person_writes(1, "are you real? my mum must not know")
    expect(sam.locator("#log")).to_contain_text("are you real?")
    look_at(sam, "live-chat")
    sam.keyboard.press("Escape")
    sam.locator("#show-keys").click()
    look_at(sam, "keys")
    sam.locator("#keys-close").click()
    sam.context.set_offline(True)
    expect(sam.locator("#not-live")).to_be_visible()
    expect(sam.locator("#send")).to_be_disabled()
    look_at(sam, "not-live")
    sam.context.set_offline(False)
    expect(sam.locator("#send")).to_be_enabled(timeout=15_000)


def test_with_the_line_of_the_demonstration_the_card_stands_whole_before_and_after_it_is_accepted(real: RealDesk) -> None:
    real.desk.app.state.demonstration = True
    for cue, words, locale in OPENINGS:
        real.desk.waiting(cue, words, locale=locale)
    sam = real.sit_down("Sam")
    expect(sam.locator(".demo")).to_contain_text("This is a demonstration.")
    for chat in (1, 2):
        choose(sam, chat)
        assert cuts_nothing(sam)
    look_at(sam, "demonstration-brief")
    accept(sam, 1)
    say(sam, "Hi, I am Sam. I am a person.")
    assert cuts_nothing(sam)
    look_at(sam, "demonstration-live")
