"""The exercise while somebody waits, and the two questions after a person was there, at the width of a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Connection

from bot.handoff import lifecycle
from bot.store import tables
from tests.browser.chat_browser import browser  # noqa: F401
from tests.web.chat_fixtures import Web, web_process

LOUDEST = 8_000  # ms


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with web_process(tmp_path) as running:
        yield running


@pytest.fixture
def page(browser: Browser, web: Web) -> Iterator[Page]:  # noqa: F811
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(LOUDEST)
    page = context.new_page()
    page.goto(web.url)
    page.click("#begin")
    yield page
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_somebody_who_waits_breathes_step_by_step_asks_in_between_and_keeps_the_place(page: Page, web: Web) -> None:
    web.counsellor()
    page.click("#person")
    log = page.get_by_role("log")
    expect(log).to_contain_text("You are next.")

    press(page, "Breathe with me")
    expect(log).to_contain_text("Put both feet on the floor")
    press(page, "Next step")
    expect(log).to_contain_text("count to four")
    page.fill("#say", "how do i know if a modelling job is fake?")
    page.press("#say", "Enter")
    expect(log).to_contain_text("not sure that I understood")  # what the engine of this test says to everything

    expect(log).to_contain_text("You are next.")
    expect(log).to_contain_text("Checked just now")
    expect(page.locator("#who")).to_contain_text("Asked for a person")
    assert fits(page)


def test_after_a_person_two_questions_can_be_answered_or_skipped_and_numbers_stay(page: Page, web: Web) -> None:
    staff_id = web.counsellor()
    page.click("#person")
    expect(page.get_by_role("log")).to_contain_text("You are next.")
    (handoff,) = web.rows(tables.handoffs)
    web.accept(handoff.id, staff_id)
    web.write_as_person(handoff.id, staff_id, "Hi, I am Sam. I am here.")
    log = page.get_by_role("log")
    expect(log).to_contain_text("I am here.")

    def close(connection: Connection) -> None:
        now = web.store.now(connection)
        lifecycle.close(connection, handoff.id, staff_id, outcome={"outcome": "talked"}, now=now, content=web.content)

    web.do(close)
    expect(log).to_contain_text("Did you feel heard today?")
    expect(log).to_contain_text("Sam has gone")
    press(page, "Partly")
    expect(log).to_contain_text("What will you do next?")
    press(page, "Skip")
    expect(log).to_contain_text("You can write here again at any time")

    expect(log.locator("a[href='tel:08001111']").last).to_be_visible()
    assert fits(page)
    assert [(row.question, row.answer) for row in web.rows(tables.after_chat)] == [("heard", "partly"), ("next", "skip")]
