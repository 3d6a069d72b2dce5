"""Somebody writes in a language that the assistant does not serve: over HTTP, with the engine as it is and without it."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import replace
from typing import Any

import pytest

from bot.chat.replies import Scene, in_their_language
from bot.content.staffing import Staffing
from bot.handoff import brief
from bot.store import tables
from tests.web.chat_fixtures import Chat, Web

FRENCH = "bonjour je voudrais parler avec vous de mon école"
FRENCH_AGAIN = "est ce que vous pouvez me dire comment ça marche ici"
ENGLISH = "how do i know if a modelling job is fake?"


@pytest.fixture(autouse=True)
def knows_languages(web: Web) -> None:
    web.app.state.chat.recogniser.load()


def texts(messages: list[dict[str, Any]]) -> str:
    return "\n".join(message["text"] for message in messages)


def payloads(messages: list[dict[str, Any]]) -> list[str]:
    return [option["payload"] for message in messages for option in message["options"]]


def test_it_is_answered_in_the_language_with_numbers_and_a_person_is_asked(web: Web) -> None:
    web.counsellor()
    chat = web.chat()

    said = chat.say(FRENCH)

    assert "Je suis un robot" in texts(said)
    assert "J’ai demandé à une personne" in texts(said)
    assert any(resource["contact"] == "999" for message in said for resource in message["resources"])
    assert payloads(said) == ["person:not_now"]
    (handoff,) = web.handoffs(chat.id)
    assert (handoff.state, handoff.cause, handoff.tier, handoff.assessed) == ("waiting", "language", 1, "words_only")
    (row,) = web.rows(tables.conversations, tables.conversations.c.id == chat.id)
    assert row.locale == "fr"
    assert web.engine.requests == []


def test_a_draft_says_once_that_nobody_checked_it_and_whom_to_call_in_english(web: Web) -> None:
    chat = web.chat()

    said = chat.say(FRENCH)

    marked = "Nobody has checked these words in French yet. In English: If you are in danger, call 999"
    assert said[-1]["text"].startswith(marked)
    assert "Nobody has checked" not in texts(chat.say(FRENCH_AGAIN))


def test_a_language_that_a_native_speaker_checked_bears_no_mark(web: Web) -> None:
    chosen = Scene(Staffing.NONE, "GB", None, 0.0, "fr")
    checked = copy(web.content)
    checked.languages = {**web.content.languages, "fr": replace(web.content.languages["fr"], reviewed_by="A. Speaker")}

    draft, said = (in_their_language(content, chosen, waiting=True) for content in (web.content, checked))

    assert draft is not None and said is not None
    assert draft.bubbles[:-1] == said.bubbles


def test_with_nobody_there_it_says_so_in_the_language(web: Web) -> None:
    said = web.chat().say(FRENCH)

    assert "Il n’y a personne de l’équipe ici en ce moment" in texts(said)
    assert "J’ai demandé" not in texts(said)


def test_every_number_in_the_answer_is_in_the_directory(web: Web) -> None:
    chat = web.chat(country="KE")

    for number in re.findall(r"\d[\d ]+\d", texts(chat.say(FRENCH))):
        assert re.sub(r"\D", "", number) in web.content.directory.numbers


def test_the_second_answer_is_shorter_and_greets_no_more(web: Web) -> None:
    web.counsellor()
    chat = web.chat()
    chat.say(FRENCH)

    said = chat.say(FRENCH_AGAIN)

    assert "Je suis un robot" not in texts(said)
    assert "Je suis toujours là" in texts(said)
    assert len(web.handoffs(chat.id)) == 1


def test_english_after_it_is_answered_in_english(web: Web) -> None:
    chat = web.chat()
    chat.say(FRENCH)

    said = chat.say(ENGLISH)

    assert web.engine.requests[-1]["texts"] == [ENGLISH]
    assert "personne" not in texts(said)


def test_english_alone_is_never_answered_otherwise(web: Web) -> None:
    chat = web.chat()

    chat.say(ENGLISH)

    assert web.handoffs(chat.id) == []
    assert len(web.engine.requests) == 1


def test_not_now_is_answered_in_the_language_and_heard(web: Web) -> None:
    web.counsellor()
    chat = web.chat()
    chat.say(FRENCH)

    said = chat.say(option="person:not_now")
    more = chat.say(FRENCH_AGAIN)

    assert "personne pour l’instant" in texts(said)
    assert payloads(more) == ["person:ask"]
    assert [handoff.state for handoff in web.handoffs(chat.id)] == ["declined"]


def test_a_wish_for_a_person_is_answered_in_the_language(web: Web) -> None:
    web.counsellor()
    chat = web.chat()
    chat.say(FRENCH)
    chat.say(option="person:not_now")

    said = chat.say(option="person:ask")

    assert "J’ai demandé à une personne" in texts(said)
    assert web.handoffs(chat.id)[-1].state == "waiting"


def posted(chat: Chat, text: str) -> dict[str, Any]:
    answer = chat.post(text)
    assert answer.status_code == 202
    body: dict[str, Any] = answer.json()
    return body


def test_a_crisis_phrase_opens_at_high_with_numbers_in_the_answer_to_the_post(web: Web) -> None:
    chat = web.chat()

    body = posted(chat, "quiero morir")

    assert any(resource["contact"] == "116 123" for resource in body["help"]["resources"])
    assert "Si estás en peligro" in body["help"]["text"]
    (handoff,) = web.handoffs(chat.id)
    assert (handoff.tier, handoff.assessed) == (2, "words_only")
    assert handoff.reasons[0]["quote"] == "quiero morir"
    assert "Hola" in texts(chat.answer_to(body["seq"]))


def test_a_crisis_phrase_in_an_english_message_opens_at_high_and_is_answered_in_english(web: Web) -> None:
    chat = web.chat()

    body = posted(chat, "i keep thinking quiero morir when i am at school with them")

    assert (web.handoffs(chat.id)[0].tier, web.handoffs(chat.id)[0].assessed) == (2, "words_only")
    assert "Hola" not in texts(chat.answer_to(body["seq"]))


def test_with_the_engine_down_the_language_is_answered_all_the_same(web: Web) -> None:
    web.engine.down = True

    assert "Je suis un robot" in texts(web.chat().say(FRENCH))


def test_the_desk_sees_the_language(web: Web) -> None:
    chat = web.chat()
    chat.say(FRENCH)
    (handoff,) = web.handoffs(chat.id)

    shown = web.store.read_now(lambda connection: brief.brief(connection, handoff))
    assert (shown["locale"], shown["cause"]) == ("fr", "language")
