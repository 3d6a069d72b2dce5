"""The whole way, with the real product and two real browsers: a question, a disclosure, a person, the end."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.product import Product, product

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
QUESTION = "how do i know if a modelling job is fake"
THREAT = "he says he will send my pics to everyone if i dont pay tonight"
PASSWORD = "a long pass phrase of our own"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with product(tmp_path_factory.mktemp("product")) as started:
        started.wait_for(engine="ok", triage="ok")
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield chromium
        chromium.close()


def open_chat(browser: Browser, running: Product) -> Page:
    page = browser.new_context(viewport={"width": 390, "height": 780}).new_page()
    page.goto(running.url)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("log")).to_contain_text("bot", timeout=10_000, ignore_case=True)
    return page


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")


def open_desk(browser: Browser, running: Product, name: str) -> Page:
    printed = running.handrail("staff", "add", name, "--role", "counsellor")
    one_time = printed.split()[-1]
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(f"{running.url}/desk")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(one_time)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Password that you were given").fill(one_time)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Keep this password").click()
    page.get_by_role("button", name="Start shift").click()
    expect(page.locator("#is-live")).to_be_visible(timeout=10_000)
    return page


def test_a_question_a_disclosure_a_person_and_the_bot_again(browser: Browser, running: Product) -> None:
    desk = open_desk(browser, running, "Sam")
    chat = open_chat(browser, running)

    say(chat, QUESTION)
    expect(chat.get_by_role("log")).to_contain_text(re.compile("agency|fee|money|casting", re.I), timeout=10_000)

    say(chat, THREAT)
    pressed = time.monotonic()
    row = desk.locator("#waiting li").first
    expect(row).to_be_visible(timeout=3_000)
    assert time.monotonic() - pressed < 3
    expect(row).to_contain_text("High")
    log = chat.get_by_role("log")
    expect(log).to_contain_text("asked a person to join", timeout=10_000)
    expect(log.locator("a[href^='tel:']").first).to_be_visible()

    row.get_by_role("link").or_(row.get_by_role("button")).first.click()
    expect(desk.locator("#card")).to_contain_text("send my pics", timeout=5_000)
    desk.get_by_role("button", name="Accept this chat").click()
    expect(desk.locator("#log")).to_contain_text(THREAT, timeout=5_000)
    desk.locator("#box").fill("Hi, I am Sam. I read what you wrote. You are not alone.")
    desk.keyboard.press("Control+Enter")

    expect(log).to_contain_text("Sam is a person", timeout=5_000)
    expect(log).to_contain_text("You are not alone", timeout=5_000)
    say(chat, "ok thank you for being here")
    expect(desk.locator("#log")).to_contain_text("thank you for being here", timeout=5_000)

    desk.get_by_role("button", name=re.compile("^Close")).first.click()
    desk.locator("#outcomes label").first.click()
    desk.get_by_role("button", name="Close the chat").click()
    expect(log).to_contain_text(re.compile("bot again|with the bot", re.I), timeout=5_000)
    say(chat, "what is online grooming?")
    expect(log).to_contain_text("trust", timeout=10_000)


def test_leaving_from_a_live_product_blanks_at_once_and_back_shows_nothing(browser: Browser, running: Product) -> None:
    chat = open_chat(browser, running)
    chat.route(
        re.compile("^https://"), lambda route: route.fulfill(status=200, body="<p>elsewhere</p>", content_type="text/html")
    )
    say(chat, "a very particular sentence.")
    expect(chat.get_by_role("log")).to_contain_text("particular")

    chat.get_by_role("link", name="Leave this page").click()
    chat.wait_for_url(re.compile("^https://"))
    chat.go_back()

    expect(chat.locator("body")).not_to_contain_text("particular")
