"""The page in another language and from right to left, with the Arabic draft as the example."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.chat.languages import load_languages
from bot.settings import ROOT
from tests.browser.chat_browser import address, browser, context, page, stub, until
from tests.browser.stub_chat import Stub
from tests.browser.test_chat_access import violations

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(60)

ARABIC = load_languages(ROOT / "data", drafts=True)
MIXED = "אני רוצה לדבר with someone, בבקשה 123"  # after the string of Chatwoot#686: two directions in one line


def words(key: str) -> str:
    return ARABIC["ar"].texts[key]


@pytest.fixture
def arabic(page: Page, address: str, stub: Stub) -> Page:
    stub.languages = ARABIC
    page.goto(f"{address}/?lang=ar")
    return page


def start(page: Page, stub: Stub) -> None:
    pass


def talk(page: Page, stub: Stub) -> None:
    page.click("#begin")
    expect(page.locator(".options button")).to_have_count(2)
    page.fill("#say", "مرحبا")
    page.press("#say", "Enter")
    expect(page.locator(".turn.you .sent")).to_have_text(words("sent"))


def waiting(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.click("#person")
    expect(page.locator(".hand")).to_contain_text(words("next_but_one"))


def person(page: Page, stub: Stub) -> None:
    talk(page, stub)
    stub.last.turn(mode="live", person="سام")
    stub.last.say("counsellor", "أهلاً، أنا سام.", name="سام")
    expect(page.locator(".turn.person")).to_be_visible()


def closed_hours(page: Page, stub: Stub) -> None:
    stub.people = "none"
    talk(page, stub)
    expect(page.locator("#notice")).to_contain_text(words("closed_title"))


def offline(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.context.set_offline(True)
    expect(page.locator(".gap")).to_contain_text(words("gap"))


def ended(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.click(f".more >> text={words('end')}")
    page.click("#end")
    expect(page.locator("#notice")).to_contain_text(words("ended_title"))


def more(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.click(f".more >> text={words('more')}")


RTL = [start, talk, waiting, person, closed_hours, offline, ended, more]


@pytest.mark.parametrize("state", RTL, ids=lambda state: state.__name__)
def test_every_state_stands_from_right_to_left(arabic: Page, stub: Stub, state: Callable[[Page, Stub], None]) -> None:
    state(arabic, stub)
    assert arabic.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    for width in (320, 1366):
        arabic.set_viewport_size({"width": width, "height": 740})
        assert arabic.evaluate("document.documentElement.scrollWidth") <= width
    box = arabic.locator("#exit").bounding_box()
    assert box is not None and box["width"] == 1366
    assert violations(arabic) == []


def test_own_words_hang_on_the_other_side_than_in_english(arabic: Page, stub: Stub) -> None:
    talk(arabic, stub)
    own, bot = arabic.locator(".turn.you .text").bounding_box(), arabic.locator(".turn.bot .speaker").first.bounding_box()
    assert own is not None and bot is not None
    assert own["x"] < 60 and bot["x"] + bot["width"] > 300


def test_a_language_changes_in_one_press_and_the_chat_goes_on(page: Page, address: str, stub: Stub) -> None:
    stub.languages = ARABIC
    page.goto(address)
    length = page.evaluate("history.length")
    page.click("#begin")
    expect(page.locator(".options button")).to_have_count(2)
    page.fill("#say", "hello")
    page.press("#say", "Enter")
    expect(page.locator(".turn.you .sent")).to_have_text("Sent")
    page.fill("#say", "half a wor")
    page.click(".more >> text=More")

    page.locator("#panel-more").get_by_role("link", name="العربية").click()

    expect(page.get_by_role("link", name=words("leave"))).to_be_visible()
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    expect(page.locator("#person")).to_have_text(words("ask"))
    expect(page.locator("#who-name")).to_have_text(words("bot"))
    expect(page.locator(".turn.you .speaker")).to_have_text(words("you"))
    expect(page.locator(".turn.you .text")).to_have_text("hello")
    assert page.input_value("#say") == "half a wor"
    assert page.get_attribute("#say", "placeholder") == words("type_here")
    assert page.evaluate("history.length") == length
    until(lambda: stub.spoken == ["ar"], page)
    assert len(stub.conversations) == 1
    page.locator("#panel-more").get_by_role("link", name="English").click()
    expect(page.get_by_role("link", name="Leave this page")).to_be_visible()
    expect(page.locator("#person")).to_have_text("Talk to a person")
    page.reload()
    expect(page.locator(".turn.you .text")).to_have_text("hello")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_language_that_does_not_come_leaves_all_as_it_was(page: Page, address: str, stub: Stub) -> None:
    stub.languages = ARABIC
    page.goto(address)
    page.click("#begin")
    expect(page.locator(".options button")).to_have_count(2)
    page.click(".more >> text=More")
    page.context.set_offline(True)
    page.locator("#panel-more").get_by_role("link", name="العربية").click()
    expect(page.locator("#hint")).to_contain_text("There is no connection.")
    expect(page.get_by_role("link", name="Leave this page")).to_be_visible()


def test_each_line_of_mixed_scripts_takes_its_own_direction(arabic: Page, stub: Stub) -> None:
    talk(arabic, stub)
    stub.last.say("bot", f"{MIXED}\n\nThis line is English.")
    expect(arabic.locator("#log")).to_contain_text("This line is English.")
    directions = arabic.locator(".turn.bot").last.locator(".text p").evaluate_all(
        "all => all.map((one) => [one.dir, getComputedStyle(one).direction])"
    )
    assert directions == [["auto", "rtl"], ["auto", "ltr"]]
    arabic.fill("#say", "This is English.")
    assert arabic.evaluate("getComputedStyle(document.getElementById('say')).direction") == "ltr"
    assert arabic.locator(".numbers .digits").first.evaluate("(one) => getComputedStyle(one).direction") == "ltr"


def test_the_browser_s_own_language_is_taken_at_first(browser: Browser, address: str, stub: Stub) -> None:
    stub.languages = ARABIC
    context = browser.new_context(locale="ar-EG", viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#start-title")).to_have_text(words("start_title"))
    context.close()


def test_where_there_is_one_language_none_is_offered(page: Page, stub: Stub) -> None:
    expect(page.locator(".tongues")).to_have_count(0)
