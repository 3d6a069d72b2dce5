"""A chat in Debian's Firefox: what is asked and said, who speaks, what comes next, and what a bad line does to it."""

from __future__ import annotations

import time
from functools import partial

from tests.browser.chat_browser import HEAR, HIDE
from tests.browser.chat_firefox import MARKS, address, answered, begin, own, running, say, stub, tab, words
from tests.browser.firefox import Firefox
from tests.browser.stub_chat import HELP, Stub, serve

__all__ = ["address", "running", "stub", "tab"]  # fixtures

pytestmark = MARKS

SPEAKERS = ["Bot", "Bot", "You", "Bot", "Bot", "Sam · person"]
WORDS = [f"message {number}" for number in range(5)]
FIELDS = "[...document.querySelectorAll('input, textarea, select')].filter((one) => one.checkVisibility()).length"
AFTER = "[...document.querySelectorAll('#after button')].map((one) => one.textContent)"
# What can be pressed in the latest turn of the bot.
STEPS = """((turns) => [...turns[turns.length - 1].querySelectorAll('button, a')]
  .filter((one) => one.checkVisibility() && !one.disabled).length)(document.querySelectorAll('.turn.bot, .turn.help'))"""
# Everything with which a page can call for attention writes its name down instead.
ATTENTION = """() => {
  window.called = [];
  const note = (name) => function () { window.called.push(name); return Promise.resolve("denied"); };
  window.Notification = Object.assign(note("notification"), { requestPermission: note("permission") });
  window.Audio = note("sound");
  window.AudioContext = note("sound");
  HTMLMediaElement.prototype.play = note("sound");
  Navigator.prototype.vibrate = note("vibration");
  if (window.ServiceWorkerContainer) ServiceWorkerContainer.prototype.register = note("worker");
}"""
HEAD = """(() => {
  const seen = { childList: true, subtree: true, attributes: true, characterData: true };
  new MutationObserver(() => window.called.push("title or icon")).observe(document.head, seen);
})()"""


def test_the_first_screen_says_four_facts_in_one_view_and_asks_nothing(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    tab.wait(lambda: tab.shown("#begin"), "the first screen")
    bottoms = tab.run("[...document.querySelectorAll('.steps h2, #begin')].map((one) => one.getBoundingClientRect().bottom)")
    assert len(bottoms) == 5 and 0 < min(bottoms) and max(bottoms) <= 740
    assert tab.run(FIELDS) == 0
    assert stub.conversations == []
    begin(tab)
    assert tab.run(FIELDS) == 1  # the composer, and nothing else


def test_each_question_after_the_chat_can_be_skipped_and_skipping_costs_nothing(
    tab: Firefox, address: str, stub: Stub
) -> None:
    def asked(question: str) -> bool:
        return question in words(tab)

    tab.goto(address)
    begin(tab)
    tab.press("[aria-controls=panel-end]")
    tab.press("#end")
    for question in ("Did you feel heard today?", "What will you do next?"):
        tab.wait(partial(asked, question), question)
        assert tab.run(AFTER)[-1] == "Skip"
        tab.press("#after button:last-of-type")
    tab.wait(lambda: "That is all." in words(tab), "the end of the questions")
    assert stub.after == ["after:heard:skip", "after:next:skip"]
    assert tab.shown("#after a[href^=tel]")
    assert tab.shown("#notice-button")


def test_every_turn_of_the_bot_has_a_next_step_and_a_person_in_the_same_place(tab: Firefox, address: str, stub: Stub) -> None:
    def place() -> list[float]:
        assert tab.shown("#person")
        return list(tab.run("(({ x, y }) => [x, y])(document.querySelector('#person').getBoundingClientRect())"))

    tab.goto(address)
    begin(tab)
    first = place()
    assert tab.run(STEPS) == 2  # quick replies
    say(tab, "hello")
    answered(tab)
    assert tab.run(STEPS) == 2
    assert place() == first
    say(tab, "he wants me to pay tonight")
    tab.wait(lambda: HELP["text"] in words(tab), "help")
    assert tab.run(STEPS) >= 1  # a number to call
    assert place() == first
    stub.fail_with = (503, {"error": "away", "help": HELP})
    say(tab, "are you there")
    tab.wait(lambda: tab.shown(".turn.lost") and tab.run(STEPS) >= 1, "that it was not sent, and a number to call")
    assert place() == first


def test_each_line_bears_its_speaker_and_is_spoken_once_in_order(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    begin(tab)
    logs = tab.run("[...document.querySelectorAll('[role=log]')].map((one) => [one.ariaLabel, one.ariaLive])")
    assert logs == [["Chat", "off"]]
    tab.run(f"({HEAR})()")
    say(tab, "a secret")
    answered(tab)
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


def test_nothing_calls_for_attention_when_words_come_to_a_hidden_page(tab: Firefox, address: str, stub: Stub) -> None:
    with tab.first(ATTENTION):
        tab.goto(address)
        tab.run(HEAD)
        begin(tab)
        tab.run(f"({HIDE})('hidden')")
        stub.last.say("bot", "Are you there?")
        stub.last.turn(mode="live", person="Sam")
        stub.last.say("counsellor", "Hi.", name="Sam")
        tab.wait(lambda: tab.run("document.querySelectorAll('#log .turn.person').length"), "their words, under the cover")
        assert tab.run("window.called") == []
        tab.run("(() => { new Notification('x'); navigator.vibrate(1); document.title = 'x'; })()")
        assert tab.run("window.called") == ["notification", "vibration", "title or icon"]  # it would have been heard


def test_a_message_whose_answer_was_lost_is_stored_and_shown_once(tab: Firefox, address: str, stub: Stub) -> None:
    tab.goto(address)
    begin(tab)
    stub.lose_answers = 1
    say(tab, "only once")
    answered(tab)
    time.sleep(1.5)  # a repeat would come after one second
    assert stub.texts() == ["only once"] == own(tab)
    assert tab.run("document.querySelector('.turn.you .sent').innerText") == "Sent"


def test_what_is_typed_while_the_server_is_away_arrives_once_and_in_order(running: Firefox, stub: Stub) -> None:
    with serve(stub) as address:
        running.goto(address)
        begin(running)
        stub.answers = False
    running.wait(lambda: "No connection" in words(running), "the word that the line is lost")
    for text in WORDS:
        say(running, text)
    assert own(running) == WORDS
    stub.last.say("bot", "Are you still there?")
    assert stub.texts() == []
    with serve(stub, int(address.rsplit(":", 1)[1])):
        running.wait(lambda: stub.texts() == WORDS and "Are you still there?" in words(running), "what was typed, at the server")
        running.wait(lambda: running.run("document.querySelectorAll('.turn.lost').length") == 0, "that all was sent")
        assert own(running) == WORDS
        running.goto("about:blank")
