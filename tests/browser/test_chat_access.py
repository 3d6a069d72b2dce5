"""Usable by everyone: the rules of axe in every state, what a screen reader hears, forced colours, zoom, no motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.settings import ROOT
from tests.browser.chat_browser import address, answered, begin, browser, context, page, say, stub
from tests.browser.stub_chat import Stub
from tests.browser.test_chat_leaving import STATES, person, talk, waiting

__all__ = ["address", "browser", "context", "page", "stub"]  # fixtures

pytestmark = pytest.mark.timeout(90)

AXE = next((ROOT / ".venv" / "test-tools").glob("axe-*.min.js"), None)
RUN_AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    assert AXE is not None, "axe-core is missing; `make test-tools` fetches it"
    page.evaluate(AXE.read_text(encoding="utf-8"))  # past the page's own policy, which refuses foreign scripts
    found: list[str] = page.evaluate(RUN_AXE)
    return found


def back_by_code(page: Page, stub: Stub) -> None:
    page.click("text=I have three words from a chat")
    page.get_by_label("Your three words").fill("no such words")
    page.keyboard.press("Enter")
    expect(page.locator("#back-state")).to_contain_text("open no chat")


def code_shown(page: Page, stub: Stub) -> None:
    begin(page)
    page.click(".more >> text=More")
    page.click("text=Get three words")
    expect(page.locator("#code")).to_be_visible()


def calling(page: Page, stub: Stub) -> None:
    begin(page)
    page.click(".more >> text=Call someone")


def ending(page: Page, stub: Stub) -> None:
    begin(page)
    page.click(".more >> text=End chat")


def offline(page: Page, stub: Stub) -> None:
    talk(page, stub)
    page.context.set_offline(True)
    expect(page.locator(".gap")).to_be_visible()


def typing(page: Page, stub: Stub) -> None:
    person(page, stub)
    stub.last.turn(person_typing=True)
    expect(page.locator(".dots")).to_be_visible()


def demonstration(page: Page, stub: Stub) -> None:
    stub.demonstration = True
    page.reload()


ALL: list[Callable[[Page, Stub], None]] = [
    *STATES[:-1], back_by_code, code_shown, calling, ending, offline, typing, demonstration,
]  # fmt: skip


@pytest.mark.parametrize("state", ALL, ids=lambda state: state.__name__)
def test_axe_finds_nothing_in_any_state_light_and_dark(page: Page, stub: Stub, state: Callable[[Page, Stub], None]) -> None:
    state(page, stub)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (360, 1366):
            page.set_viewport_size({"width": width, "height": 740})
            found += [f"{scheme} {width}: {violation}" for violation in violations(page)]
    assert found == []


@pytest.mark.parametrize("path", ["/safe", "/kept", "/complaints"])
def test_axe_finds_nothing_on_the_pages_beside_the_chat(page: Page, address: str, path: str) -> None:
    page.goto(address + path)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []


def tree(page: Page) -> list[dict[str, Any]]:
    """What the browser tells a screen reader: role, name and properties of each node that it shows."""
    session = page.context.new_cdp_session(page)
    session.send("Accessibility.enable")
    nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    shown = []
    for node in nodes:
        if node.get("ignored"):
            continue
        properties = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
        shown.append({"role": node["role"]["value"], "name": node.get("name", {}).get("value", ""), **properties})
    return shown


def test_the_tree_has_one_silent_log_and_regions_that_speak(page: Page, stub: Stub) -> None:
    person(page, stub)
    nodes = tree(page)
    (log,) = [node for node in nodes if node["role"] == "log"]
    assert log["name"] == "Chat" and log.get("live", "off") == "off"
    spoken = [node for node in nodes if node.get("live") == "polite" and node["role"] != "log"]
    assert spoken and all(node["role"] in {"generic", "status", "paragraph", "StaticText", "InlineTextBox"} for node in spoken)
    (box,) = [node for node in nodes if node["role"] == "textbox"]
    assert box["name"] == "Your message"
    assert {node["name"] for node in nodes if node["role"] == "button"} >= {"Send", "End chat", "More"}
    assert all(node["name"] for node in nodes if node["role"] in {"button", "link", "textbox"})
    (exit_,) = [node for node in nodes if node["role"] == "link" and "Leave this page" in node["name"]]
    assert exit_


def test_the_focus_stays_in_the_composer_when_words_come(page: Page, stub: Stub) -> None:
    begin(page)
    expect(page.locator("#say")).to_be_focused()
    page.keyboard.type("half a wor")
    stub.last.say("bot", "Something new.")
    stub.last.turn(mode="live", person="Sam")
    stub.last.say("counsellor", "Hi.", name="Sam")
    expect(page.locator(".turn.person")).to_be_visible()
    expect(page.locator("#say")).to_be_focused()
    page.keyboard.type("d")
    assert page.input_value("#say") == "half a word"


def test_the_keyboard_alone_is_enough_and_traps_nobody(page: Page, stub: Stub) -> None:
    page.keyboard.press("Tab")
    expect(page.locator("#exit")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#begin")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#say")).to_be_focused()
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    answered(page)
    seen = set()
    for _ in range(14):
        page.keyboard.press("Shift+Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert {"exit", "person", "Yes, ask a person", "Not now"} <= seen
    page.focus(".more button:last-child")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-more")).to_be_visible()
    page.focus("#erase")
    page.keyboard.press("Escape")
    expect(page.locator("#panel-more")).to_be_hidden()
    expect(page.locator(".more button:last-child")).to_be_focused()


def test_states_are_told_by_the_status_region(page: Page, context: BrowserContext, stub: Stub) -> None:
    begin(page)
    page.evaluate(
        """() => {
          window.told = [];
          const state = document.getElementById("state");
          new MutationObserver(() => window.told.push(state.textContent)).observe(state, { childList: true });
        }"""
    )
    say(page, "hello")
    answered(page)
    context.set_offline(True)
    expect(page.locator("#who-name")).to_have_text("No connection")
    say(page, "are you there?")
    expect(page.locator(".turn.lost")).to_be_visible()
    context.set_offline(False)
    expect(page.locator("#who-name")).to_have_text("Bot")
    told = page.evaluate("window.told")
    for words in ("Sending…", "Sent", "The line dropped.", "Not sent. Your words are still here.", "You are back on line."):
        assert any(line.startswith(words) for line in told), (words, told)


def test_in_forced_colours_speakers_and_controls_keep_their_edges(browser: Browser, address: str, stub: Stub) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, forced_colors="active")
    page = context.new_page()
    page.goto(address)
    person(page, stub)
    edges = page.evaluate(
        """() => [".turn.you .text", ".turn.person .text", "#say", "#send", "#exit"].map((name) => {
          const style = getComputedStyle(document.querySelector(name));
          const widths = ["Top", "Right", "Bottom", "Left"].map((side) => parseFloat(style[`border${side}Width`]));
          return [name, Math.max(...widths) >= 1];
        })"""
    )
    assert dict(edges) == {".turn.you .text": True, ".turn.person .text": True, "#say": True, "#send": True, "#exit": True}
    assert violations(page) == []
    context.close()


@pytest.mark.parametrize("state", [talk, waiting, person], ids=lambda state: state.__name__)
def test_at_four_hundred_percent_nothing_scrolls_sideways_and_the_exit_stays(
    browser: Browser, address: str, stub: Stub, state: Callable[[Page, Stub], None]
) -> None:
    # 1280 × 1024 at 400 % is a window of 320 × 256 CSS pixels (WCAG 1.4.10).
    context = browser.new_context(viewport={"width": 320, "height": 256}, device_scale_factor=4)
    page = context.new_page()
    page.goto(address)
    state(page, stub)
    page.mouse.wheel(0, 400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(page.locator("#exit")).to_be_in_viewport(ratio=1)
    page.locator("#say").scroll_into_view_if_needed()
    covered = page.evaluate(
        """() => {
          const { left, top, width, height } = document.getElementById("say").getBoundingClientRect();
          return document.elementFromPoint(left + width / 2, top + height / 2)?.id;
        }"""
    )
    assert covered == "say"
    assert "maximum-scale" not in page.content() and "user-scalable" not in page.content()
    context.close()


def test_large_text_alone_breaks_nothing(page: Page, stub: Stub) -> None:
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    talk(page, stub)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.locator("#exit")).to_be_in_viewport(ratio=1)


def test_with_reduced_motion_nothing_moves(browser: Browser, address: str, stub: Stub) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    typing(page, stub)
    moving = page.evaluate(
        """() => document.getAnimations().filter((one) => one.effect.getComputedTiming().activeDuration > 1)
          .map((one) => one.animationName ?? one.transitionProperty)"""
    )
    assert moving == []
    context.close()
