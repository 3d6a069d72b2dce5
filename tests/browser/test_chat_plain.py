"""Without JavaScript: the form and its answer, from the real web process, by the rules of axe and on a narrow screen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.store import tables
from tests.browser.chat_browser import browser
from tests.browser.test_chat_access import violations
from tests.web.chat_fixtures import Web, web_process

__all__ = ["browser"]  # fixtures

pytestmark = pytest.mark.timeout(90)

THREAT = "he says he will send my pics to everyone if i dont pay tonight"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web_process(tmp_path_factory.mktemp("web")) as running:
        running.counsellor()
        running.engine.down = True  # the safety net answers
        yield running


@pytest.fixture
def plain(browser: Browser, web: Web) -> Iterator[Page]:
    """The first page in a browser that runs no script of it."""
    context = browser.new_context(viewport={"width": 320, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(web.url)
    yield page
    context.close()


def send(page: Page) -> None:
    page.fill("#plain-text", THREAT)
    page.click(".no-script .main")
    expect(page.get_by_role("heading", name="The answer")).to_be_visible()


def test_a_message_is_answered_with_numbers_and_never_shown_again(plain: Page, web: Web) -> None:
    send(plain)
    expect(plain.locator(".turn.bot a[href='tel:999']")).to_be_visible()
    expect(plain.locator("body")).not_to_contain_text("pics")
    assert [handoff.state for handoff in web.rows(tables.handoffs)] == ["waiting"]


@pytest.mark.parametrize("answered", [False, True])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(plain: Page, web: Web, browser: Browser, answered: bool) -> None:
    if answered:
        send(plain)
    # axe is a script: it looks at the same elements in a page that runs scripts, without the page's own.
    html = re.sub(r"</?noscript>|<script[^>]*></script>", "", plain.content())
    context = browser.new_context()
    page = context.new_page()
    page.route(f"{web.url}/", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto(f"{web.url}/")
    expect(page.locator("textarea[name=text]")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (320, 1366):
            page.set_viewport_size({"width": width, "height": 740})
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
