"""Leaving the page in Debian's Firefox, and what stays: on the device, behind Back, in a copied or restored tab.

Runs where firefox-esr is installed (`apt-get install firefox-esr`); elsewhere pytest's summary says that it did not.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.chat.appearance import Appearance
from tests.browser.chat_browser import SHOWINGS
from tests.browser.chat_firefox import (
    DRAFT,
    MARKS,
    STATES,
    address,
    answered,
    begin,
    running,
    say,
    stub,
    tab,
    talk,
    waiting,
    words,
)
from tests.browser.firefox import Firefox
from tests.browser.stub_chat import Stub, serve

__all__ = ["address", "running", "stub", "tab"]  # fixtures

pytestmark = MARKS

KEEP = """(async () => {
  localStorage.setItem("k", "secret");
  await caches.open("secret");
  await new Promise((done) => { indexedDB.open("secret").onsuccess = (event) => { event.target.result.close(); done(); }; });
})()"""
KEPT = """(async () => ({
  local: localStorage.length,
  session: sessionStorage.length,
  cookies: document.cookie,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
}))()"""
OUTSIDE = """[document.title, document.querySelector("[rel=icon]").href, location.href,
  !!document.querySelector("[rel=manifest], [name=application-name]")]"""
OUTSIDE_LINKS = """[...document.querySelectorAll("a[href^=http]")].filter((one) => !one.href.startsWith(origin)).map((one) =>
  [one.target, one.relList.contains("noreferrer"), one.relList.contains("noopener"), one.textContent])"""
IN_SHADOW = "[...document.body.children].find((one) => one.shadowRoot).shadowRoot.querySelector"
NOTHING = {"local": 0, "session": 0, "cookies": "", "databases": 0, "caches": 0, "workers": 0}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_one_press_leaves_nothing_on_the_device_and_nothing_behind_back(
    tab: Firefox, address: str, stub: Stub, state: Callable[[Firefox, Stub], None]
) -> None:
    tab.goto(f"{address}/neutral")
    tab.goto(address)
    length = tab.run("history.length")
    state(tab, stub)
    assert tab.run("history.length") == length
    tab.run(KEEP)  # what the chat never does, so that the test sees Firefox obey Clear-Site-Data

    tab.press("#exit")

    tab.wait(lambda: tab.shown("#neutral"), "the neutral page")
    assert tab.run("history.length") == length
    assert tab.run(KEPT) == NOTHING
    tab.back()
    tab.wait(lambda: tab.run("document.readyState") == "complete", "the page before")
    assert tab.run("location.pathname") == "/neutral"  # the chat's own place in the history is gone
    assert "secret" not in words(tab)
    assert tab.run(DRAFT) == ""


def test_one_press_empties_the_page_before_anything_is_asked_of_the_network(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    talk(tab, stub)
    left = tab.run("(() => { document.getElementById('exit').click(); return document.body.childNodes.length; })()")
    assert left == 0


def test_back_shows_no_words_and_no_draft_with_firefox_s_own_cache_on(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    talk(tab, stub)
    assert tab.run("document.querySelector('#say').autocomplete") == "off"
    tab.run("addEventListener('pageshow', (event) => sessionStorage.setItem('kept', event.persisted))")
    tab.goto(f"{address}/neutral")
    tab.back()
    tab.wait(lambda: tab.run("location.pathname") == "/" and tab.shown("#go-on"), "the first screen, with a way to go on")
    assert tab.run("sessionStorage.getItem('kept')") is None  # Firefox heeds `no-store`: the page was loaded anew
    assert "secret" not in words(tab)
    assert tab.run(DRAFT) == ""


def test_a_page_that_firefox_really_kept_comes_back_empty_and_starts_fresh(tab: Firefox, address: str, stub: Stub) -> None:
    stub.no_store = False
    stub.streams = "refused"  # Firefox keeps no page that still listens to a stream
    with tab.first(SHOWINGS):
        tab.goto(address)
        talk(tab, stub)
        tab.goto(f"{address}/neutral")
        tab.back()
        tab.wait(lambda: tab.shown("#go-on"), "the first screen, with a way to go on")
        seen = [one for one in json.loads(tab.run("sessionStorage.getItem('seen')")) if one["path"] == "/"]
    assert [one["persisted"] for one in seen] == [False, True, False]  # loaded, kept, and the new page that it asked for
    assert seen[1]["nodes"] == 0  # before any script of the page had its turn
    assert "secret" not in words(tab)
    assert tab.run(DRAFT) == ""


def test_after_leaving_no_kept_page_shows_a_word(tab: Firefox, address: str, stub: Stub) -> None:
    stub.no_store = False
    stub.streams = "refused"
    tab.goto(address)
    talk(tab, stub)
    tab.goto(f"{address}/neutral")
    tab.goto(address)
    tab.press("#go-on")
    say(tab, "one more secret")
    answered(tab)
    tab.press("#exit")
    tab.wait(lambda: tab.shown("#neutral"), "the neutral page")
    for _ in range(2):  # the page in between, and the kept one
        tab.back()
        tab.wait(lambda: tab.run("document.readyState") == "complete", "the page before")
        assert "secret" not in words(tab)
    tab.wait(lambda: tab.run("location.pathname") == "/" and tab.shown("#begin"), "the first screen")
    assert not tab.shown("#go-on")
    assert "secret" not in words(tab)


def test_a_duplicated_tab_shows_nothing_and_the_first_one_is_covered(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    talk(tab, stub)
    with tab.duplicated():
        tab.wait(lambda: tab.shown("#go-on"), "the first screen, with a way to go on")
        assert "secret" not in words(tab)
        assert tab.run(DRAFT) == ""
    tab.wait(lambda: tab.shown("#uncover"), "the cover of the tab that was out of sight")
    assert "secret" not in words(tab)
    tab.press("#uncover")
    tab.wait(lambda: "a secret" in words(tab), "the words, after one press")


def test_a_tab_that_was_closed_and_restored_shows_nothing(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    begin(tab)
    with tab.duplicated():
        tab.press("#go-on")
        tab.wait(lambda: tab.shown("#say"), "the chat")
        say(tab, "a secret")
        answered(tab)
        tab.type("half a secret")
        tab.close_and_restore()
        tab.wait(lambda: tab.shown("#go-on"), "the first screen, with a way to go on")
        assert "secret" not in words(tab)
        assert tab.run(DRAFT) == ""


def test_words_are_never_written_to_the_device_and_the_only_thing_kept_is_a_token(
    tab: Firefox, address: str, stub: Stub
) -> None:
    tab.goto(address)
    waiting(tab, stub)
    one_token = {**NOTHING, "session": 1}
    assert tab.run(KEPT) == one_token
    assert tab.run("({...sessionStorage})") == {"t": stub.last.token}
    tab.goto(f"{address}/neutral")  # also after the page went, when it adds the time
    assert tab.run(KEPT) == one_token
    assert tab.run("({...sessionStorage})")["t"].split("~")[0] == stub.last.token
    assert "secret" not in str(tab.run("({...sessionStorage})"))


def test_title_icon_and_address_name_nothing_and_never_change(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    before = tab.run(OUTSIDE)
    assert before == ["Page", "data:,", f"{address}/", False]
    waiting(tab, stub)
    assert tab.run(OUTSIDE) == before


def test_links_outside_open_apart_tell_no_address_and_say_that_they_stay(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    begin(tab)
    stub.last.say("bot", "Here.", resources=[{"name": "Site", "contact": "https://example.org/talk", "kind": "web"}])
    tab.wait(lambda: tab.run("document.querySelectorAll('#log a[href^=https]').length"), "a link outside")
    links = tab.run(OUTSIDE_LINKS)
    assert len(links) >= 2
    for target, silent, apart, text in links:
        assert (target, silent, apart) == ("_blank", True, True)
        assert "It stays in your browser history" in text


@pytest.mark.parametrize("way", ["frame", "button", "own"])
def test_on_a_site_of_its_own_one_press_empties_page_and_chat(running: Firefox, address: str, stub: Stub, way: str) -> None:
    with serve(Stub()) as site:
        stub.look = Appearance(sites=(site,))
        running.goto(f"{site}/neutral")
        running.goto(f"{site}/outside?chat={address}")
        length = running.run("history.length")
        running.run(f"{IN_SHADOW}('.open').click()")
        running.wait(lambda: running.run(f"!!{IN_SHADOW}('iframe')"), "the frame")
        with running.framed():
            talk(running, stub)
        if way == "frame":
            with running.framed():
                running.press("#exit")
        elif way == "button":
            running.run(f"{IN_SHADOW}('.leave').click()")
        else:
            running.run(f"{IN_SHADOW}('.close').click()")  # minimised, or the frame stands over the site's own link
            running.press("[data-leave]")
        running.wait(lambda: running.shown("#neutral"), "the neutral page")
        assert running.run("history.length") == length
        running.wait(lambda: stub.last.revoked, "that the server was told")
        running.back()
        running.wait(lambda: running.run("document.readyState") == "complete", "the page before")
        assert "secret" not in words(running) and "about help" not in words(running)
        running.goto("about:blank")
