"""A real browser on the young person's page, and what tests do in it. Import the fixtures by name."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.stub_chat import Stub, serve

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
STATIC = Path(__file__).resolve().parents[2] / "bot" / "chat" / "static"
PATIENCE = 8_000  # ms
HIDE = """(state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
HEAR = """() => {
  window.heard = [];
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) window.heard.push(node.textContent);
  }).observe(document.getElementById("voice"), { childList: true });
}"""
# Started before the page's own scripts, it notes each showing of a page before they have their turn.
SHOWINGS = """() => addEventListener("pageshow", ({ persisted }) => {
  const seen = JSON.parse(sessionStorage.getItem("seen") ?? "[]");
  seen.push({ persisted, nodes: document.body.childNodes.length, path: location.pathname });
  sessionStorage.setItem("seen", JSON.stringify(seen));
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Playwright turns the back/forward cache off; real browsers have it, and the exit must hold with it.
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def address(stub: Stub) -> Iterator[str]:
    with serve(stub) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """The start screen; fails when anything asked another host, broke the content security policy, or threw."""
    page = context.new_page()
    complaints: list[str] = []
    outside: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("request", lambda request: None if request.url.startswith((address, "data:")) else outside.append(request.url))
    page.goto(address)
    yield page
    assert complaints == []
    assert outside == []


def begin(page: Page) -> None:
    page.click("#begin")
    expect(page.locator(".options button")).to_have_count(2)


def say(page: Page, text: str) -> None:
    page.fill("#say", text)
    page.press("#say", "Enter")


def answered(page: Page) -> None:
    expect(page.get_by_role("button", name="Yes, ask a person")).to_be_visible()


def own(page: Page) -> list[str]:
    return page.locator(".turn.you .text").all_inner_texts()


def stored(page: Page) -> dict[str, str]:
    return dict(page.evaluate("Object.entries(sessionStorage).concat(Object.entries(localStorage))"))


def until(check: Callable[[], bool], page: Page) -> None:
    for _ in range(PATIENCE // 25):
        if check():
            return
        page.wait_for_timeout(25)
    assert check()
