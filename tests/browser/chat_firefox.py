"""Debian's Firefox on the young person's page, and what tests do in it. Import the fixtures by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.chat_browser import HIDE, address, stub
from tests.browser.firefox import FIREFOX, Firefox, firefox
from tests.browser.stub_chat import HELP, Stub

__all__ = ["address", "stub"]  # fixtures that are the same for every browser

MARKS = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(FIREFOX is None, reason="nothing shown in Firefox: it is not here (apt-get install firefox-esr)"),
]
DRAFT = "document.querySelector('textarea')?.value ?? ''"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox")) as running:
        yield running


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


def own(tab: Firefox) -> list[str]:
    return list(tab.run("[...document.querySelectorAll('.turn.you .text')].map((one) => one.innerText)"))


def begin(tab: Firefox) -> None:
    tab.press("#begin")
    tab.wait(lambda: tab.shown(".options button"), "a greeting")


def say(tab: Firefox, text: str) -> None:
    tab.press("#say")
    tab.type(f"{text}\n")


def answered(tab: Firefox) -> None:
    tab.wait(lambda: "Shall I ask a person" in words(tab), "an answer")


# ---- States of the page


def start(tab: Firefox, stub: Stub) -> None:
    tab.wait(lambda: tab.shown("#begin"), "the first screen")


def talk(tab: Firefox, stub: Stub) -> None:
    begin(tab)
    say(tab, "a secret")
    answered(tab)
    tab.type("half a secret")
    assert tab.run(DRAFT) == "half a secret"


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
    tab.wait(lambda: tab.shown("#notice"), "that nobody is there now")


def not_sent(tab: Firefox, stub: Stub) -> None:
    talk(tab, stub)
    stub.fail_with = (503, {"error": "away", "help": HELP})
    say(tab, " and one more")
    tab.wait(lambda: tab.shown(".turn.lost"), "that it was not sent")


def not_opened(tab: Firefox, stub: Stub) -> None:
    stub.fail_with = (503, {"error": "away", "help": HELP})
    tab.press("#begin")
    tab.wait(lambda: tab.shown("#notice"), "that the chat does not open")
    say(tab, "a secret")


def covered(tab: Firefox, stub: Stub) -> None:
    talk(tab, stub)
    tab.run(f"({HIDE})('hidden')")
    tab.wait(lambda: tab.shown("#cover"), "the cover")


def ended(tab: Firefox, stub: Stub) -> None:
    talk(tab, stub)
    tab.press("[aria-controls=panel-end]")
    tab.press("#end")
    tab.wait(lambda: tab.shown("#notice"), "the end")


def panel_open(tab: Firefox, stub: Stub) -> None:
    talk(tab, stub)
    tab.press("[aria-controls=panel-more]")
    tab.wait(lambda: tab.shown("#panel-more"), "the panel")


def script_broken(tab: Firefox, stub: Stub) -> None:
    talk(tab, stub)
    tab.run("document.getElementById('log').remove() ?? document.getElementById('strip').remove()")


STATES: list[Callable[[Firefox, Stub], None]] = [
    start, talk, waiting, person, closed_hours, not_sent, not_opened, covered, ended, panel_open, script_broken,
]  # fmt: skip
