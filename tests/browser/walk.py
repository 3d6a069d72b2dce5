"""The whole product with everybody's pages: young people in the chat, two counsellors and a supervisor at their desks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Connection, select, update

from bot.http.sign_in import add_staff
from bot.store.database import Store
from bot.store.tables import handoffs, messages, presence, staff
from tests.browser.real_desk import accept
from tests.browser.real_desk import say as write
from tests.database import empty_database
from tests.product import Product, product

PASSWORD = "a long pass phrase of our own"
STAFF = {"Sam": "counsellor", "Ana": "counsellor", "Boss": "supervisor"}
THREAT = "he says he will send my pics to everyone if i dont pay tonight"
TONIGHT = "i am going to end my life tonight. i have everything ready."
PATIENCE = 15_000  # milliseconds; a slow machine computes a sentence with other work beside it


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


def only_one_open(walk: Walk, desk: Page) -> int:
    """The one chat that stands in this desk's queue, once it does."""
    expect(desk.locator("#waiting .row")).to_have_count(1, timeout=PATIENCE)
    return walk.newest()


def talks(walk: Walk, sam: Page, child: Page, words: str = "Hi, I am Sam.") -> int:
    """The young person waits, Sam takes the chat and writes, and they read it; the chat."""
    chat = waits(walk, child, THREAT)
    accept(sam, chat)
    write(sam, words)
    hears(child, words)
    return chat


def somewhere_to_go(child: Page) -> None:
    """What is outside of this machine answers for the page that "Leave this page" goes to."""
    child.route(re.compile("^https://"), lambda route: route.fulfill(body="<p>elsewhere</p>", content_type="text/html"))
