"""The chat on a helpline's own site: one script line, a frame of its own origin, and a way out of everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from bot.chat.appearance import Appearance
from tests.browser.chat_browser import browser, context, stub, until
from tests.browser.stub_chat import Stub, serve

__all__ = ["browser", "context", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def outside(context: BrowserContext, stub: Stub) -> Iterator[Page]:
    """A page of another origin, whose own policy is strict, with the script line on it."""
    with serve(stub) as chat, serve(Stub()) as site:
        stub.look = Appearance(sites=(site,))
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{site}/neutral")
        page.goto(f"{site}/outside?chat={chat}")
        yield page
        assert complaints == []


def chat_of(page: Page) -> FrameLocator:
    page.get_by_role("button", name="Chat").click()
    return page.frame_locator("iframe")


def talk(page: Page) -> FrameLocator:
    chat = chat_of(page)
    chat.get_by_role("button", name="Start", exact=True).click()
    chat.get_by_label("Your message").fill("a secret")
    chat.get_by_label("Your message").press("Enter")
    expect(chat.get_by_role("button", name="Yes, ask a person")).to_be_visible()
    return chat


def gone(page: Page, stub: Stub, length: int) -> None:
    expect(page.locator("#neutral")).to_be_visible()
    assert page.evaluate("history.length") == length
    until(lambda: [one["how"] for one in stub.left if one["how"] == "exit"] == ["exit"], page)
    assert stub.last.revoked
    page.go_back(wait_until="commit")
    expect(page.locator("body")).not_to_contain_text("secret")
    expect(page.locator("body")).not_to_contain_text("about help")


def test_one_line_opens_the_chat_in_a_frame_of_its_own_origin(outside: Page, stub: Stub) -> None:
    chat = talk(outside)
    expect(chat.get_by_role("log")).to_contain_text("a secret")
    assert outside.evaluate("document.body.textContent").find("secret") < 0
    frame = outside.locator("iframe")
    assert frame.evaluate("(one) => one.contentDocument") is None  # the site's own scripts read nothing of it
    outside.get_by_role("button", name="Close").click()
    expect(outside.get_by_role("button", name="Chat")).to_be_visible()
    chat = chat_of(outside)
    expect(chat.get_by_role("log")).to_contain_text("a secret")
    assert len(stub.conversations) == 1


def test_the_exit_in_the_frame_takes_the_whole_page_along(outside: Page, stub: Stub) -> None:
    chat = talk(outside)
    length = outside.evaluate("history.length")
    chat.get_by_role("link", name="Leave this page").click()
    gone(outside, stub, length)


@pytest.mark.parametrize("way", ["button", "own", "shift"])
def test_the_exit_outside_takes_the_chat_along(outside: Page, stub: Stub, way: str) -> None:
    talk(outside)
    outside.get_by_role("button", name="Close").click()  # minimised
    length = outside.evaluate("history.length")
    if way == "button":
        outside.get_by_role("button", name="Leave this page").click()
    elif way == "own":
        outside.get_by_text("Quick exit").click()
    else:
        for _ in range(3):
            outside.keyboard.press("Shift")
    gone(outside, stub, length)


def test_the_outside_page_is_empty_in_the_task_of_the_press(outside: Page, stub: Stub) -> None:
    talk(outside)
    left = outside.evaluate(
        "() => { document.querySelector('[data-leave]').click(); return [document.body.innerText.trim(), document.title]; }"
    )
    assert left == ["", "Page"]
    expect(outside.locator("#neutral")).to_be_visible()


def test_before_the_chat_is_opened_nothing_of_it_is_loaded_and_the_exit_works(outside: Page, stub: Stub) -> None:
    assert len(outside.frames) == 1
    outside.get_by_role("button", name="Leave this page").click()
    expect(outside.locator("#neutral")).to_be_visible()
    assert stub.conversations == []


def test_a_site_that_is_not_named_cannot_frame_the_chat(context: BrowserContext, stub: Stub) -> None:
    with serve(stub) as chat, serve(Stub()) as site:
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda line: refused.append(line.text) if "frame-ancestors" in line.text else None)
        page.goto(f"{site}/outside?chat={chat}")
        page.get_by_role("button", name="Chat").click()
        until(lambda: bool(refused), page)
        page.close()


def test_name_title_and_colours_come_from_the_configuration(context: BrowserContext, stub: Stub) -> None:
    purple = {"light": {"press": "#5b2a86", "on_press": "#ffffff"}}
    stub.look = Appearance(title="Notes", name="Our Line", button="Talk", colours=purple)
    with serve(stub) as chat:
        page = context.new_page()
        page.goto(chat)
        expect(page).to_have_title("Notes")
        expect(page.get_by_text("Our Line")).to_be_visible()
        expect(page.locator("#begin")).to_have_css("background-color", "rgb(91, 42, 134)")
        page.close()
