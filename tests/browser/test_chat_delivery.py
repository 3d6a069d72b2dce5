"""Nothing is lost: a minute without a network, a server that is killed, a slow line and a slow phone."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.browser.chat_browser import address, answered, begin, browser, context, own, page, say, stub, until
from tests.browser.stub_chat import Stub, serve
from tests.product import Product, product

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

SLOW_4G = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
USABLE = 3.0  # seconds until the composer takes text, on that line and a processor four times slower
WORDS = [f"message {number}" for number in range(5)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with product(tmp_path_factory.mktemp("product")) as started:
        yield started


def slowed(page: Page, *, cpu: float = 4) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": cpu})
    return session


@pytest.mark.timeout(150)
def test_after_a_minute_offline_five_messages_arrive_once_and_in_order(page: Page, context: BrowserContext, stub: Stub) -> None:
    begin(page)
    stub.answers = False
    context.set_offline(True)
    went = time.monotonic()
    for text in WORDS:
        say(page, text)
        page.wait_for_timeout(5_000)
    stub.last.say("bot", "Are you still there?")
    stub.last.turn(mode="waiting", position=1)
    expect(page.locator("#say")).to_be_enabled()
    page.wait_for_timeout(max(0.0, 61_000 - (time.monotonic() - went) * 1_000))
    context.set_offline(False)
    until(lambda: stub.texts() == WORDS, page)
    expect(page.locator(".turn.lost")).to_have_count(0)
    expect(page.locator("#log")).to_contain_text("Are you still there?")
    expect(page.locator("#who-name")).to_have_text("Asked for a person")
    assert own(page) == WORDS


@pytest.mark.timeout(60)
def test_a_server_that_goes_and_comes_back_on_its_port_costs_nothing(browser: Browser, stub: Stub) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    with serve(stub) as address:
        page.goto(address)
        begin(page)
        stub.answers = False
        say(page, "before")
        until(lambda: stub.texts() == ["before"], page)
    expect(page.locator("#who-name")).to_have_text("No connection", timeout=15_000)
    say(page, "meanwhile")
    expect(page.locator(".turn.lost")).to_have_count(1)
    with serve(stub, int(address.rsplit(":", 1)[1])):
        until(lambda: stub.texts() == ["before", "meanwhile"], page)
        expect(page.locator("#who-name")).to_have_text("Bot", timeout=15_000)
        assert own(page) == ["before", "meanwhile"]
        context.close()


@pytest.mark.timeout(180)
def test_the_real_web_process_killed_in_mid_chat_loses_and_doubles_nothing(browser: Browser, running: Product) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(running.url)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("log")).to_contain_text("bot", timeout=15_000, ignore_case=True)
    say(page, "i want to tell you something.")
    expect(page.locator(".turn.you .sent")).to_have_text("Sent", timeout=15_000)
    running.kill("web", signal.SIGKILL)
    for text in ("it is about home.", "i am scared to go back."):
        say(page, text)
    expect(page.locator("#say")).to_be_enabled()
    running.wait_for(web="ok")
    expect(page.locator(".turn.lost")).to_have_count(0, timeout=60_000)
    words = ["i want to tell you something.", "it is about home.", "i am scared to go back."]
    until(lambda: own(page) == words, page)
    page.reload()
    expect(page.locator(".turn.you .text")).to_have_text(words, timeout=15_000)
    context.close()


@pytest.mark.timeout(60)
def test_on_a_slow_line_and_a_slow_phone_the_composer_takes_words_within_three_seconds(
    context: BrowserContext, address: str
) -> None:
    page = context.new_page()
    slowed(page)
    started = time.monotonic()
    page.goto(address, wait_until="commit")
    page.locator("#begin:enabled").click()
    page.locator("#say").fill("hello")
    took = time.monotonic() - started
    assert took <= USABLE, took


@pytest.mark.timeout(90)
def test_a_slow_line_delivers_once_and_in_order(page: Page, stub: Stub) -> None:
    begin(page)
    stub.answers = False
    session = slowed(page, cpu=6)
    for text in WORDS:
        say(page, text)
    expect(page.locator("#say")).to_have_value("")
    until(lambda: stub.texts() == WORDS, page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    expect(page.locator(".turn.lost")).to_have_count(0)
    assert own(page) == WORDS


@pytest.mark.timeout(60)
def test_a_phone_that_slept_takes_up_the_chat_where_it_was(page: Page, stub: Stub) -> None:
    begin(page)
    say(page, "hello")
    answered(page)
    stub.streams = "refused"  # the phone sleeps: its connection is gone, and nobody told the page
    page.wait_for_timeout(300)
    stub.last.say("bot", "Said while you slept.")
    stub.streams = "on"
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#log")).to_contain_text("Said while you slept.")
    assert own(page) == ["hello"]
