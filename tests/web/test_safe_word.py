"""The helpline's safe word, over HTTP."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from tests.web.chat_fixtures import Web


def test_the_safe_word_asks_for_a_person_and_nothing_else(web: Web) -> None:
    with_word = copy(web.content)
    with_word.policy = replace(web.content.policy, safe_word="blue harbour")
    web.app.state.chat.content = with_word
    chat = web.chat()

    chat.post("hi. Blue Harbour.")

    (handoff,) = web.handoffs(chat.id)
    assert handoff.state == "waiting"
    assert [reason["cue"] for reason in handoff.reasons] == ["wants_human"]


def test_without_one_the_same_words_are_words(web: Web) -> None:
    chat = web.chat()

    chat.post("hi. Blue Harbour.")

    assert web.handoffs(chat.id) == []
