"""Pictures of every state of the young person's page, for docs: `python -m tests.browser.chat_screenshots`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from bot.settings import ROOT
from tests.browser import test_chat_access as access
from tests.browser import test_chat_languages as languages
from tests.browser import test_chat_leaving as leaving
from tests.browser.chat_browser import ARGUMENTS, CHROMIUM, begin
from tests.browser.stub_chat import Stub, serve
from tests.web.chat_fixtures import web_process

FOLDER = ROOT / "docs" / "screenshots"
SIZES = ((360, 740), (1366, 768))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def left(page: Page, stub: Stub) -> None:
    leaving.talk(page, stub)
    page.route("**/exit", lambda route: route.abort("aborted"))  # what stands there until the neutral page comes
    page.evaluate("document.getElementById('exit').click()")


def closed(page: Page, stub: Stub) -> None:
    stub.people = "none"
    page.reload()
    begin(page)


def call(page: Page, stub: Stub) -> None:
    begin(page)
    if page.locator(".more .call").is_visible():  # where there is room, the numbers stand beside the chat
        page.click(".more .call")


def beside(name: str) -> Callable[[Page, Stub], None]:
    return lambda page, _stub: page.locator(f"a[href='/{name}']").first.evaluate("(one) => location.assign(one.href)")


def arabic(state: Callable[[Page, Stub], None]) -> Callable[[Page, Stub], None]:
    def go(page: Page, stub: Stub) -> None:
        stub.languages = languages.ARABIC
        page.goto(f"{page.url}?lang=ar")
        state(page, stub)

    return go


STATES: dict[str, Callable[[Page, Stub], None]] = {
    "start": leaving.start,
    "talk": leaving.talk,
    "waiting": leaving.waiting,
    "person": leaving.person,
    "typing": access.typing,
    "closed": closed,
    "notsent": leaving.not_sent,
    "offline": access.offline,
    "error": leaving.not_opened,
    "covered": leaving.covered,
    "ended": leaving.ended,
    "left": left,
    "call": call,
    "code": access.code_shown,
    "back": access.back_by_code,
    "demonstration": access.demonstration,
    "safe": beside("safe"),
    "kept": beside("kept"),
    "complaints": beside("complaints"),
    "arabic-start": arabic(languages.start),
    "arabic-person": arabic(languages.person),
}


def take(browser: Browser, name: str, size: tuple[int, int], scheme: Literal["light", "dark"]) -> None:
    stub = Stub()
    with serve(stub) as address:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(address)
        expect(page.locator("#begin")).to_be_enabled()
        STATES[name](page, stub)
        page.wait_for_timeout(200)
        page.screenshot(path=FOLDER / f"chat-{name}-{size[0]}-{scheme}.png")
        context.close()


def take_plain(browser: Browser, address: str, size: tuple[int, int], scheme: Literal["light", "dark"]) -> None:
    """The form without JavaScript and its answer, whole pages, from the real web process."""
    viewport: ViewportSize = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.screenshot(path=FOLDER / f"chat-plain-{size[0]}-{scheme}.png", full_page=True)
    page.fill("#plain-text", "my mum hits me and i am scared to go home")
    page.click(".no-script .main")
    page.screenshot(path=FOLDER / f"chat-plain-answer-{size[0]}-{scheme}.png", full_page=True)
    context.close()


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name in STATES:
            for size in SIZES:
                for scheme in SCHEMES:
                    take(browser, name, size, scheme)
        with TemporaryDirectory() as folder, web_process(Path(folder)) as web:
            web.counsellor()
            web.engine.down = True  # the safety net answers: reviewed text, and a person is asked
            for size in SIZES:
                for scheme in SCHEMES:
                    take_plain(browser, web.url, size, scheme)
        browser.close()


if __name__ == "__main__":
    main()
