"""What holds at every turn: a person in one press in one place, and links outside that say what they leave behind."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat_browser import STATIC, address, begin, browser, context, page, say, stub, until
from tests.browser.stub_chat import Stub

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(60)
# What places a thing at the left or right whichever way the language runs.
PHYSICAL = r"(?:^|[;{\s])((?:(?:margin|padding|border)-(?:left|right)|left|right|float|text-align)\s*:\s*[^;}]+)"


def test_a_person_is_one_press_away_in_the_same_place_at_every_turn_of_the_bot(page: Page, stub: Stub) -> None:
    begin(page)
    button = page.locator("#person")
    places = [button.bounding_box()]
    for number in range(6):
        say(page, f"words {number}")
        expect(page.locator(".turn.bot")).to_have_count(4 + 2 * number)  # a greeting of two, and two for each message
        expect(button).to_be_in_viewport(ratio=1)
        expect(button).to_have_text("Talk to a person")
        places.append(button.bounding_box())
    assert all(place == places[0] for place in places)

    button.click()

    until(lambda: stub.posts[-1].get("option") == "person:ask", page)
    expect(page.locator("#who-name")).to_have_text("Asked for a person")


def test_a_link_outside_opens_a_new_page_tells_no_address_and_says_that_it_stays(page: Page, stub: Stub) -> None:
    begin(page)
    stub.last.say("bot", "Here.", resources=[{"name": "Site", "contact": "https://example.org/talk", "kind": "web"}])
    expect(page.locator("#log a[href^='https://']")).to_be_visible()
    read = "one.relList.contains('noreferrer'), one.relList.contains('noopener')"
    outside = page.locator("a[href^='http']").evaluate_all(
        f"(all) => all.map((one) => [one.target, {read}, one.textContent])"
    )
    assert len(outside) >= 2
    for target, silent, apart, text in outside:
        assert (target, silent, apart) == ("_blank", True, True)
        assert "It stays in your browser history" in text


def test_services_are_cards_that_a_press_calls_texts_or_opens(page: Page, stub: Stub) -> None:
    begin(page)
    places = [
        ("0800 1111 (free)", "phone"),
        ("SHOUT to 85258", "sms"),
        ("https://example.org/talk", "web"),
        ("http://example.org", "web"),
    ]
    stub.last.say("bot", "Here.", resources=[{"name": kind, "contact": contact, "kind": kind} for contact, kind in places])
    cards = page.locator("#log .numbers .contact")
    expect(cards).to_have_count(4)
    wanted = ["tel:08001111", "sms:85258", "https://example.org/talk", None]  # what is not safe to press is words only
    assert cards.evaluate_all("(all) => all.map((one) => one.getAttribute('href'))") == wanted
    assert min(cards.evaluate_all("(all) => all.map((one) => one.offsetHeight)")) >= 44


def test_no_rule_of_the_page_says_left_or_right() -> None:
    found = []
    for name in ("chat.css", "plain.css"):
        rules = re.sub(r"/\*.*?\*/", " ", (STATIC / name).read_text(encoding="utf-8"), flags=re.S)
        found += [rule for rule in re.findall(PHYSICAL, rules) if not re.search(r"text-align:\s*(center|start|end)", rule)]
    assert found == []
    assert re.findall(PHYSICAL, "a{margin-left:1px}") and re.findall(PHYSICAL, "a { left: 0 }")  # it would be found
