"""A real browser at the desk, the scripted one or the real one. Import the fixtures by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

from tests.browser.chat_browser import ARGUMENTS, CHROMIUM
from tests.browser.real_desk import WIDE, RealDesk, real_desk
from tests.browser.stub_desk import StubDesk
from tests.browser.stub_handoffs import handoff

needs_chromium = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")
# What a page shows once it knows who has the chat.
KNOWS = "() => !document.getElementById('write').hidden || document.getElementById('banners').textContent.includes('took this')"


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def real(tmp_path: Path, browser: Browser) -> Iterator[RealDesk]:
    with real_desk(tmp_path, browser) as running:
        yield running


@pytest.fixture
def stub() -> Iterator[StubDesk]:
    started = StubDesk().start()
    yield started
    started.stop()


@pytest.fixture
def page(browser: Browser, stub: StubDesk) -> Iterator[Page]:
    """A page whose every script error, refused style and call to another host fails the test."""
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.set_default_timeout(5000)
    problems: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            problems.append(message.text)

    opened.on("console", heard)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("request", lambda sent: None if sent.url.startswith((stub.url, "data:")) else problems.append(sent.url))
    yield opened
    context.close()
    assert problems == []


def signed_in(page: Page, stub: StubDesk) -> Page:
    stub.signed_in = "Mara"
    page.goto(f"{stub.url}/desk")
    expect(page.locator("#is-live")).to_be_visible()
    return page


def three_waiting(stub: StubDesk) -> None:
    stub.add(handoff(1, "elevated", "offer_red_flags", 700, locale="uk"))
    stub.add(handoff(2, "high", "sextortion", 120, locale="hu"))
    stub.add(handoff(3, "high", "runaway", 400))
