"""The page in Debian's Firefox: leaving, what stays on the device and behind Back, what is said, and a server that goes away.

Runs where firefox-esr is installed (`apt-get install firefox-esr`); elsewhere pytest's summary says that it did not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.chat_browser import HEAR, HIDE
from tests.browser.firefox import FIREFOX, Firefox, firefox
from tests.browser.stub_chat import Stub, serve

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(FIREFOX is None, reason="nothing shown in Firefox: it is not here (apt-get install firefox-esr)"),
]

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
}))()"""
NOTHING = {"local": 0, "session": 0, "cookies": "", "databases": 0, "caches": 0}


SPEAKERS = ["Bot", "Bot", "You", "Bot", "Bot", "Sam · person"]
WORDS = [f"message {number}" for number in range(5)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox")) as running:
        yield running


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def address(stub: Stub) -> Iterator[str]:
    with serve(stub) as address:
        yield address


@pytest.fixture
def tab(running: Firefox, address: str) -> Iterator[Firefox]:
    """A tab on an empty page; fails when anything asked another host, or a script threw."""
    running.goto("about:blank")
    running.requests.clear()
    running.errors.clear()
    yield running
    running.goto("about:blank")
    assert [request for request in running.requests if not request.startswith((address, "data:", "about:"))] == []
    assert running.requests, "no request was seen at all"
    assert running.errors == []


def words(tab: Firefox) -> str:
    return str(tab.run("document.body?.innerText ?? ''"))


def start(tab: Firefox, stub: Stub) -> None:
    tab.wait(lambda: tab.shown("#begin"), "the first screen")


def talk(tab: Firefox, stub: Stub) -> None:
    tab.press("#begin")
    tab.press("#say")
    tab.type("a secret\n")
    tab.wait(lambda: "Shall I ask a person" in words(tab), "an answer")
    tab.type("half a secret")
    assert tab.run("document.querySelector('#say').value") == "half a secret"


def waiting(tab: Firefox, stub: Stub) -> None:
    talk(tab, stub)
    tab.press("#person")
    tab.wait(lambda: tab.shown(".hand"), "the wait")


def person(tab: Firefox, stub: Stub) -> None:
    talk(tab, stub)
    stub.last.turn(mode="live", person="Sam")
    stub.last.say("counsellor", "a secret answer", name="Sam")
    tab.wait(lambda: "a secret answer" in words(tab), "a person")


def closed_hours(tab: Firefox, stub: Stub) -> None:
    stub.people = "none"
    talk(tab, stub)


def covered(tab: Firefox, stub: Stub) -> None:
    talk(tab, stub)
    tab.run(f"({HIDE})('hidden')")
    tab.wait(lambda: tab.shown("#cover"), "the cover")


def ended(tab: Firefox, stub: Stub) -> None:
    talk(tab, stub)
    tab.press("[aria-controls=panel-end]")
    tab.press("#end")
    tab.wait(lambda: tab.shown("#notice"), "the end")


STATES: list[Callable[[Firefox, Stub], None]] = [start, talk, waiting, person, closed_hours, covered, ended]


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
    assert tab.run("document.querySelector('textarea')?.value ?? ''") == ""


def test_back_shows_no_words_and_no_draft_with_firefox_s_own_cache_on(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    talk(tab, stub)
    tab.run("addEventListener('pageshow', (event) => sessionStorage.setItem('kept', event.persisted))")
    tab.goto(f"{address}/neutral")
    tab.back()
    tab.wait(lambda: tab.run("location.pathname") == "/" and tab.shown("#go-on"), "the first screen, with a way to go on")
    assert tab.run("sessionStorage.getItem('kept')") is None  # Firefox heeds `no-store`: the page was loaded anew
    assert "secret" not in words(tab)
    assert tab.run("document.querySelector('#say').value") == ""


def test_one_press_empties_the_page_before_anything_is_asked_of_the_network(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    talk(tab, stub)
    left = tab.run("(() => { document.getElementById('exit').click(); return document.body.childNodes.length; })()")
    assert left == 0


def test_the_first_screen_says_four_facts_in_one_view(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    tab.wait(lambda: tab.shown("#begin"), "the first screen")
    bottoms = tab.run("[...document.querySelectorAll('.steps h2, #begin')].map((one) => one.getBoundingClientRect().bottom)")
    assert len(bottoms) == 5 and 0 < min(bottoms) and max(bottoms) <= 740
    assert not tab.shown("#say")
    assert stub.conversations == []


def test_each_line_bears_its_speaker_and_is_spoken_once_in_order(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    tab.press("#begin")
    tab.wait(lambda: tab.shown(".options button"), "a greeting")
    logs = tab.run("[...document.querySelectorAll('[role=log]')].map((one) => [one.ariaLabel, one.ariaLive])")
    assert logs == [["Chat", "off"]]
    tab.run(f"({HEAR})()")
    tab.press("#say")
    tab.type("a secret\n")
    tab.wait(lambda: "Shall I ask a person" in words(tab), "an answer")
    assert tab.shown("#person")
    stub.last.turn(mode="live", person="Sam")
    stub.last.say("system", "Sam is here. Sam is a person. The bot has stopped.")
    stub.last.say("counsellor", "Hi.", name="Sam")
    tab.wait(lambda: tab.shown(".turn.person"), "a person")
    assert tab.run("document.activeElement.id") == "say"
    turns = "[...document.querySelectorAll('.turn:not(.system)')]"
    assert tab.run(f"{turns}.map((one) => one.querySelector('.speaker').innerText)") == SPEAKERS
    assert tab.run("window.heard") == [
        "Bot: Thank you for telling me.",
        "Bot: This is not your fault.\n\nShall I ask a person to join?",
        "Sam is here. Sam is a person. The bot has stopped.",
        "Sam: Hi.",
    ]


def test_what_is_typed_while_the_server_is_away_arrives_once_and_in_order(running: Firefox, stub: Stub) -> None:
    with serve(stub) as address:
        running.goto(address)
        running.press("#begin")
        running.wait(lambda: running.shown(".options button"), "a greeting")
        stub.answers = False
    running.wait(lambda: "No connection" in words(running), "the word that the line is lost")
    running.press("#say")
    for text in WORDS:
        running.type(f"{text}\n")
    assert running.run("document.querySelectorAll('.turn.you').length") == len(WORDS)
    stub.last.say("bot", "Are you still there?")
    assert stub.texts() == []
    with serve(stub, int(address.rsplit(":", 1)[1])):
        running.wait(lambda: stub.texts() == WORDS and "Are you still there?" in words(running), "what was typed, at the server")
        running.wait(lambda: running.run("document.querySelectorAll('.turn.lost').length") == 0, "that all was sent")
        assert running.run("[...document.querySelectorAll('.turn.you .text')].map((one) => one.innerText)") == WORDS
        running.goto("about:blank")
