"""Two counsellors in two browsers press "Accept" on the same row at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Connection

from bot.handoff import records
from tests.browser.desk_browser import KNOWS, launch, needs_chromium
from tests.browser.real_desk import RealDesk, choose, look_at, real_desk

pytestmark = needs_chromium
TIMES = 5
SOON = 400  # milliseconds until both press, by the clock that both browsers have


@pytest.fixture
def browsers() -> Iterator[tuple[Browser, Browser]]:
    with sync_playwright() as playwright:
        both = tuple(launch(playwright) for _ in range(2))
        yield both[0], both[1]
        for one in both:
            one.close()


def holder(handoff_id: int, connection: Connection) -> str | None:
    return records.holder_name(connection, records.get(connection, handoff_id))


def press_at_the_same_moment(pages: list[Page]) -> None:
    moment = pages[0].evaluate(f"Date.now() + {SOON}")
    for page in pages:
        page.evaluate("at => { setTimeout(() => document.getElementById('accept').click(), at - Date.now()); }", moment)


def test_of_two_browsers_that_accept_at_once_one_has_the_chat_and_the_other_says_who(
    tmp_path: Path, browsers: tuple[Browser, Browser]
) -> None:
    with real_desk(tmp_path, browsers[0]) as first:
        second = RealDesk(first.desk, first.url, browsers[1], first.problems)
        people = {"Sam": first.sit_down("Sam"), "Ana": second.sit_down("Ana")}
        for number in range(TIMES):
            chat = first.desk.waiting("suicide_intent", f"i cannot go on, this is night {number}")
            for page in people.values():
                choose(page, chat)
            press_at_the_same_moment(list(people.values()))

            for page in people.values():
                page.wait_for_function(KNOWS)
            winner = first.desk.store.read_now(partial(holder, chat))
            assert winner in people
            loser = next(name for name in people if name != winner)
            expect(people[winner].locator("#write")).to_be_visible()
            expect(people[loser].locator("#banners")).to_contain_text(f"{winner} took this chat at")
            expect(people[loser].locator("#write")).to_be_hidden()
            look_at(people[loser], f"race-{number}")
        second.browser.contexts[0].close()

