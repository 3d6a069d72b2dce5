"""The promise, walked through in browsers: each way in which a helpline has lost somebody before.

The whole product runs: chat pages of young people, and the desks of two counsellors and a supervisor.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from sqlalchemy import Connection, select, update

from bot.http.sign_in import add_staff
from bot.store.database import Store
from bot.store.tables import handoffs, messages, presence, staff
from tests.browser.real_desk import choose, look_at
from tests.browser.real_desk import say as write
from tests.browser.test_desk_races import KNOWS
from tests.database import empty_database
from tests.product import Product, product

CHROMIUM = "/usr/bin/chromium"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
PASSWORD = "a long pass phrase of our own"
STAFF = {"Sam": "counsellor", "Ana": "counsellor", "Boss": "supervisor"}
THREAT = "he says he will send my pics to everyone if i dont pay tonight"
TONIGHT = "i am going to end my life tonight. i have everything ready."
PATIENCE = 15_000  # milliseconds; a slow machine computes a sentence with other work beside it

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")


@dataclass
class Walk:
    """The running product and everybody's pages."""

    running: Product
    browser: Browser
    store: Store
    problems: list[str] = field(default_factory=list)

    def child(self) -> Page:
        page = self.browser.new_context(viewport={"width": 390, "height": 780}).new_page()
        page.on("pageerror", lambda error: self.problems.append(f"chat: {error}"))
        page.set_default_timeout(PATIENCE)
        page.goto(self.running.url)
        page.get_by_role("button", name="Start", exact=True).click()
        expect(log_of(page)).to_contain_text("bot", ignore_case=True, timeout=PATIENCE)
        return page

    def sit_down(self, name: str) -> Page:
        """On shift, with a browser of their own."""
        page = self.browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.on("pageerror", lambda error: self.problems.append(f"{name}: {error}"))
        page.set_default_timeout(PATIENCE)
        page.goto(f"{self.running.url}/desk")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator('body[data-live="live"]')).to_have_count(1)
        page.get_by_role("button", name="Start shift").click()
        expect(page.locator("#shift-words")).to_have_text("On shift.")
        return page

    def everybody(self) -> tuple[Page, Page, Page]:
        return self.sit_down("Sam"), self.sit_down("Ana"), self.sit_down("Boss")

    def newest(self) -> int:
        """The id of the handoff that was opened last."""
        query = select(handoffs.c.id).order_by(handoffs.c.id.desc()).limit(1)
        return self.store.read_now(lambda connection: int(connection.execute(query).scalar_one()))

    def state(self, handoff_id: int) -> str:
        query = select(handoffs.c.state).where(handoffs.c.id == handoff_id)
        return self.store.read_now(lambda connection: str(connection.execute(query).scalar_one()))

    def senders(self, handoff_id: int) -> list[str]:
        """Who wrote each line of the chat that the young person has, in order."""
        query = select(messages.c.sender).join(handoffs, handoffs.c.conversation_id == messages.c.conversation_id)
        query = query.where(handoffs.c.id == handoff_id).order_by(messages.c.seq)
        return self.store.read_now(lambda connection: [str(sender) for sender in connection.execute(query).scalars()])

    def no_sign_of_life(self, name: str, handoff_id: int, seconds: float) -> None:
        """As if nothing had come from this person's machine for so long."""

        def work(connection: Connection) -> None:
            then = self.store.now(connection) - seconds
            mine = presence.c.staff_id == select(staff.c.id).where(staff.c.name == name).scalar_subquery()
            connection.execute(update(presence).where(mine).values(stream_seen_at=then, since=then))
            held = update(handoffs).where(handoffs.c.id == handoff_id)
            connection.execute(held.values(claimed_at=then, last_reply_at=then))

        self.store.write_now(work)

    def everybody_goes(self) -> None:
        """Desks are empty and nobody waits, for the next step of the walk."""
        for context in list(self.browser.contexts):
            context.close()
        self.store.write_now(lambda connection: connection.execute(update(presence).values(state="off", stream_seen_at=0.0)))
        self.store.write_now(lambda connection: connection.execute(update(handoffs).values(state="closed")))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("walk")
    with empty_database(folder) as url, product(folder, HANDRAIL_DATABASE_URL=url) as started:
        started.wait_for(engine="ok", triage="ok")
        store = started.store()
        for name, role in STAFF.items():
            store.write_now(lambda c, name=name, role=role: add_staff(c, name, role, PASSWORD, store.now(c)))  # type: ignore[misc]
        store.engine.dispose()
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def walk(running: Product, browser: Browser) -> Iterator[Walk]:
    store = running.store()
    walking = Walk(running, browser, store)
    try:
        yield walking
    finally:
        walking.everybody_goes()
        store.engine.dispose()
    assert walking.problems == []


def log_of(child: Page) -> Locator:
    return child.get_by_role("log")


def tells(child: Page, text: str) -> None:
    child.get_by_label("Your message").fill(text)
    child.keyboard.press("Enter")


def row(desk: Page, handoff_id: int) -> Locator:
    return desk.locator(f'.row[data-id="{handoff_id}"]')


def hears(child: Page, words: str | re.Pattern[str]) -> None:
    expect(log_of(child)).to_contain_text(words, timeout=PATIENCE)


def waits(walk: Walk, child: Page, text: str) -> int:
    """The young person writes this; the handoff that it opens."""
    tells(child, text)
    hears(child, re.compile("asked a person|told the team|No helper", re.I))
    return walk.newest()


def take(desk: Page, handoff_id: int) -> None:
    choose(desk, handoff_id)
    desk.locator("#accept").click()
    expect(desk.locator("#box")).to_be_focused()


def somewhere_to_go(child: Page) -> None:
    """What is outside of this machine answers for the page that "Leave this page" goes to."""
    child.route(re.compile("^https://"), lambda route: route.fulfill(body="<p>elsewhere</p>", content_type="text/html"))


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
    chat = waits(walk, child, THREAT)
    take(sam, chat)
    write(sam, "Hi, I am Sam. What happened?")
    hears(child, "What happened?")

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
        expect(row(sam, walk_until_open(walk, sam))).to_contain_text("High")
        expect(log_of(child).locator("a[href^='tel:']").first).to_be_visible(timeout=PATIENCE)
        take(sam, walk.newest())
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


def walk_until_open(walk: Walk, desk: Page) -> int:
    expect(desk.locator("#waiting .row")).to_have_count(1, timeout=PATIENCE)
    return walk.newest()


def test_when_the_phone_changes_hands_nothing_is_shown_and_the_desk_sends_nothing(walk: Walk) -> None:
    sam, ana, _boss = walk.everybody()
    child = walk.child()
    somewhere_to_go(child)
    chat = waits(walk, child, THREAT)
    take(sam, chat)
    write(sam, "Hi, I am Sam.")
    hears(child, "Hi, I am Sam.")
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
    chat = waits(walk, child, THREAT)
    take(sam, chat)
    write(sam, "Hi, I am Sam.")
    hears(child, "Hi, I am Sam.")
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
