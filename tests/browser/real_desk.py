"""The real desk over a fresh database in a thread, with as many browsers at it as a test wants."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from sqlalchemy import select
from starlette.staticfiles import StaticFiles

from bot.chat import sweep
from bot.desk.pages import router as pages
from bot.handoff import records
from bot.http.limits import BodyLimit, SecurityHeaders
from bot.store import transcript
from bot.store.tables import staff
from tests.browser.test_chat_access import violations
from tests.postgresql import VARIABLE as POSTGRESQL
from tests.web.desk_fixtures import PASSWORD, DeskApp, desk_app

BOT = Path(__file__).resolve().parents[2] / "bot"
WIDE = {"width": 1366, "height": 768}


@dataclass
class RealDesk:
    """The desk's address, the browsers at it, and what went wrong in them."""

    desk: DeskApp
    url: str
    browser: Browser
    problems: list[str] = field(default_factory=list)

    def sit_down(self, name: str, role: str = "counsellor", *, on_shift: bool = True, **viewport: int) -> Page:
        """Somebody new signs in with a browser of their own and, if wanted, starts their shift."""
        self.desk.add(name, role)
        return self.come_back(name, on_shift=on_shift, **viewport)

    def come_back(self, name: str, *, on_shift: bool = True, **viewport: int) -> Page:
        """The same for somebody whom the desk knows."""
        context = self.browser.new_context(viewport=viewport or WIDE)  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(6000)
        page.on("console", lambda message: self._heard(name, message))
        page.on("pageerror", lambda error: self.problems.append(f"{name}: {error}"))
        page.goto(f"{self.url}/desk")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator('body[data-live="live"]')).to_have_count(1)  # before its styles are there, hidden things show
        if on_shift:
            page.get_by_role("button", name="Start shift").click()
            expect(page.locator("#shift-words")).to_have_text("On shift.")
        return page

    def id_of(self, name: str) -> int:
        query = select(staff.c.id).where(staff.c.name == name)
        return self.desk.store.read_now(lambda connection: int(connection.execute(query).scalar_one()))

    def _heard(self, name: str, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(f"{name}: {message.text}")

    def sweep(self) -> None:
        """What the worker does each second."""
        self.desk.do(lambda connection: sweep.sweep(connection, self.desk.content, self.desk.store.now(connection)))

    def young_person_reads(self, handoff_id: int) -> list[tuple[str, str]]:
        """All that the young person sees, as (sender, text)."""

        def work(connection: Any) -> list[tuple[str, str]]:
            conversation = records.get(connection, handoff_id).conversation_id
            return [(row.sender, row.text) for row in transcript.messages_after(connection, conversation)]

        return self.desk.store.read_now(work)


@contextmanager
def real_desk(tmp_path: Path, browser: Browser) -> Iterator[RealDesk]:
    with desk_app(tmp_path) as desk:
        app: Any = desk.app
        app.include_router(pages)
        app.mount("/static/desk", StaticFiles(directory=BOT / "desk" / "static"))
        app.mount("/static/shared", StaticFiles(directory=BOT / "http" / "static"))
        app.add_middleware(BodyLimit)
        app.add_middleware(SecurityHeaders, https=False)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        settings: dict[str, Any] = {"log_level": "warning", "ws": "none", "timeout_graceful_shutdown": 1}
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, **settings))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        running = RealDesk(desk, f"http://127.0.0.1:{port}", browser)
        try:
            yield running
        finally:
            for context in list(browser.contexts):
                context.close()
            server.should_exit = True
            thread.join(timeout=5)
        assert running.problems == []


def choose(page: Page, handoff_id: int) -> None:
    """Opens a row of the queue."""
    page.locator(f'.row[data-id="{handoff_id}"] button').first.click()
    expect(page.locator("#card .why")).to_be_visible()


def accept(page: Page, handoff_id: int) -> None:
    choose(page, handoff_id)
    page.locator("#accept").click()
    expect(page.locator("#box")).to_be_focused()


def fits(page: Page) -> bool:
    """Whether nothing on the brief's card scrolls; after the next frame, in which it is fitted."""
    page.wait_for_timeout(100)
    return int(page.locator("#card").evaluate("node => node.scrollHeight - node.clientHeight")) <= 1


def cuts_nothing(page: Page) -> bool:
    """Whether every word of the brief's card stands on the screen: a card that cuts offers to show all of it."""
    return fits(page) and not page.locator("#show-all").is_visible()


def say(page: Page, words: str) -> None:
    page.locator("#box").fill(words)
    page.locator("#send").click()
    expect(page.locator("#log .us").filter(has_text=words)).to_have_count(1)


def look_at(page: Page, name: str) -> None:
    """What holds for every state that a flow comes to: axe finds nothing in it, by day and by night.

    Pictures for a person to look at are made too, when HANDRAIL_PICTURES names a folder.
    """
    folder = os.environ.get("HANDRAIL_PICTURES")
    before = page.viewport_size
    found: list[str] = []
    for scheme in ("dark", "light") if not os.environ.get(POSTGRESQL) else ():  # what a page looks like is no database's matter
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{name}, {scheme}: {violation}" for violation in violations(page)]
    assert not found, found
    for width, height in ((1366, 768), (1920, 1080)) if folder else ():
        Path(str(folder)).mkdir(parents=True, exist_ok=True)
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(150)
        page.screenshot(path=str(Path(str(folder)) / f"{name}-{width}.png"))
    if before and folder:
        page.set_viewport_size(before)
        page.wait_for_timeout(100)
