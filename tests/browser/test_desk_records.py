"""The records page: the safeguarding lead's week, legal holds, exports by two people; and who came back by code."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.desk_browser import browser, needs_chromium, real
from tests.browser.real_desk import RealDesk, accept, choose, fits, look_at, say
from tests.web.desk_fixtures import PASSWORD

__all__ = ["browser", "real"]  # fixtures

pytestmark = needs_chromium
WHY = "Police case 17 asked for it in writing."


def at_records(real: RealDesk, name: str, role: str) -> Page:
    """Somebody who signs in and goes to the records."""
    real.desk.add(name, role)
    page = real.browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.set_default_timeout(6000)
    page.on("pageerror", lambda error: real.problems.append(f"{name}: {error}"))
    page.goto(f"{real.url}/desk/records")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#me")).to_contain_text(name) if role == "admin" else page.wait_for_url(f"{real.url}/desk")
    if role != "admin":
        page.goto(f"{real.url}/desk/records")
        expect(page.locator("#me")).to_contain_text(name)
    return page


def test_a_hold_is_placed_shown_on_the_brief_and_ended_by_the_safeguarding_lead(real: RealDesk) -> None:
    chat = real.desk.waiting()
    boss = at_records(real, "Boss", "supervisor")
    expect(boss.locator("#holds")).to_contain_text("No chat is on hold.")
    expect(boss.locator("#week")).to_be_hidden()
    look_at(boss, "records-empty")
    boss.locator("#hold-chat").fill(str(chat))
    boss.locator("#hold-until").fill((datetime.now(UTC) + timedelta(days=30)).date().isoformat())
    boss.locator("#hold-reason").fill(WHY)
    boss.get_by_role("button", name="Put on hold").click()
    expect(boss.locator("#holds")).to_contain_text(WHY)

    sam = real.sit_down("Sam")
    choose(sam, chat)
    expect(sam.locator("#banners")).to_contain_text("On a legal hold until")
    assert fits(sam)

    lead = at_records(real, "Lead", "safeguarding")
    lead.get_by_role("button", name="End the hold").click()
    look_at(lead, "records-ask")
    lead.locator("#ask-reason").fill("The case is over.")
    lead.locator("#ask-go").click()
    expect(lead.locator("#holds")).to_contain_text("No chat is on hold.")


def test_an_export_is_asked_by_one_approved_by_another_and_fetched_by_who_asked(real: RealDesk) -> None:
    chat = real.desk.waiting(quote="he will send my pics")
    boss = at_records(real, "Boss", "supervisor")
    boss.locator("#export-chat").fill(str(chat))
    boss.locator("#export-reason").fill(WHY)
    boss.get_by_role("button", name="Ask for it").click()
    expect(boss.locator("#exports")).to_contain_text("waits for a second person")
    expect(boss.get_by_role("button", name="Approve")).to_have_count(0)

    ada = at_records(real, "Ada", "admin")
    expect(ada).to_have_url(f"{real.url}/desk/records")
    expect(ada.locator("#exports")).to_contain_text(WHY)
    look_at(ada, "records-admin")
    ada.get_by_role("button", name="Approve").click()
    expect(ada.locator("#exports")).to_contain_text("approved by Ada")

    boss.reload()
    with boss.expect_download() as download:
        boss.get_by_role("link", name="Get the file").click()
    file = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert [line["text"] for line in file["transcript"]] == ["he will send my pics"]
    assert {"export_asked", "export_approved", "export_fetched"} <= set(real.desk.audited())


def test_the_weeks_list_shows_no_words_and_opens_a_chat_with_a_reason(real: RealDesk) -> None:
    sam = real.sit_down("Sam")
    chat = real.desk.waiting(quote="he will send my pics")
    accept(sam, chat)
    say(sam, "Hi, I am Sam.")
    sam.locator("#close").click()
    sam.get_by_label("Something else").check()
    sam.get_by_label("Missed this").check()
    sam.get_by_role("button", name="Close the chat").click()
    expect(sam.locator("#brief")).to_be_hidden()

    lead = at_records(real, "Lead", "safeguarding")
    expect(lead.locator("#week-counts")).to_contain_text("Missed this: 1")
    expect(lead.locator("#week-choice option").first).to_have_text(re.compile(r"Week \d+, \d{4}"))
    assert "pics" not in lead.locator("main").inner_text()
    look_at(lead, "records-week")
    lead.locator("#week-lines").get_by_role("button", name="Open").click()
    lead.locator("#ask-reason").fill("The week's review")
    lead.locator("#ask-go").click()
    lead.wait_for_url(re.compile(r"/desk#"))
    expect(lead.locator("#log")).to_contain_text("he will send my pics")
    assert "read_reason" in real.desk.audited()


def test_who_came_back_by_code_is_shown_as_such(real: RealDesk) -> None:
    sam = real.sit_down("Sam")
    chat = real.desk.waiting(returned_at=real.desk.now())
    choose(sam, chat)
    expect(sam.locator("#banners")).to_contain_text("Came back by code at")
    expect(sam.locator("#banners")).to_contain_text("check that it is them")
    assert fits(sam)
    look_at(sam, "came-back")


def test_the_safeguarding_lead_keeps_an_example_of_what_triage_missed_and_takes_it_out_again(real: RealDesk) -> None:
    real.desk.app.state.settings = dataclasses.replace(real.desk.app.state.settings, keep_examples=True)
    boss = real.desk.signed_in("Boss", "supervisor")
    chat = real.desk.waiting(quote="he will send my pics, my name is kara")
    assert boss.post(f"/handoffs/{chat}/close", {"outcome": "other", "triage": "missed"}).status_code == 204

    lead = at_records(real, "Lead", "safeguarding")
    lead.locator("#week-lines").get_by_role("button", name="Examples").click()
    lead.locator("#ask-reason").fill("We look at what was missed this week.")
    lead.locator("#ask-go").click()
    words = lead.get_by_label("Message 1", exact=True)
    expect(words).to_have_value("he will send my pics, my name is [name]")
    expect(lead.locator("#examples")).to_be_focused()
    words.fill("he will send my pics")
    lead.get_by_label("What it tells").select_option("sextortion")
    look_at(lead, "records-examples")
    lead.get_by_role("button", name="Keep message 1").click()
    expect(lead.locator("#examples-kept")).to_contain_text("he will send my pics")
    expect(lead.locator("#examples-kept")).to_contain_text("Missed this, chat 1. Kept by Lead")
    expect(lead.get_by_role("button", name="Kept message 1")).to_be_disabled()
    look_at(lead, "records-example-kept")
    lead.get_by_role("button", name="Take it out").click()
    expect(lead.locator("#examples-kept")).to_contain_text("No example was kept yet.")


def test_where_keeping_is_turned_off_the_page_says_so_and_nothing_can_be_pressed(real: RealDesk) -> None:
    boss = real.desk.signed_in("Boss", "supervisor")
    chat = real.desk.waiting(quote="he will send my pics")
    assert boss.post(f"/handoffs/{chat}/close", {"outcome": "other", "triage": "missed"}).status_code == 204
    lead = at_records(real, "Lead", "safeguarding")
    expect(lead.locator("#examples-off")).to_contain_text("turned off")
    lead.locator("#week-lines").get_by_role("button", name="Examples").click()
    lead.locator("#ask-reason").fill("We look at what was missed this week.")
    lead.locator("#ask-go").click()
    expect(lead.get_by_role("button", name="Keep message 1")).to_be_disabled()
    look_at(lead, "records-examples-off")
