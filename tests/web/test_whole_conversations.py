"""Whole conversations over HTTP, with the real dialogue engine and the real triage behind the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.store import tables
from tests.dialogue.conftest import client as client
from tests.web.chat_fixtures import Chat, Web
from tests.web.whole import whole_product


@pytest.fixture
def web(client: TestClient, tmp_path: Path) -> Iterator[Web]:
    with whole_product(client, tmp_path) as running:
        yield running


def press(chat: Chat, title: str) -> list[dict[str, Any]]:
    """Presses what the bot offers under this title; each answer is looked at by `Chat.say` (a next step, known numbers)."""
    offered = [option for message in chat.read()["messages"] for option in message["options"] if option["title"] == title]
    return chat.say(option=offered[-1]["payload"])


def words(said: list[dict[str, Any]]) -> str:
    return "\n".join(message["text"] for message in said)


def by_net(web: Web, chat: Chat) -> list[str]:
    """Why the safety net answered instead of the engine, turn by turn; empty when it never did."""
    return [row.cause for row in web.rows(tables.turns, tables.turns.c.conversation_id == chat.id) if row.cause]


def test_an_offer_with_a_serious_sign_tells_the_desk_what_was_heard(web: Web) -> None:
    web.counsellor()
    chat = web.chat()
    chat.say("can you check an offer for me")
    for title in ("A job or modelling", "Skip", "No", "No", "Yes"):  # no text; no money, no papers; pictures of the body
        press(chat, title)

    events = web.rows(tables.risk_events, tables.risk_events.c.conversation_id == chat.id)
    heard = [event.data["quote"] for event in events if str(event.data.get("quote")).startswith("Offer checker:")]
    (handoff,) = web.handoffs(chat.id)
    assert heard == ["Offer checker: asks for pictures of the body"]
    assert (handoff.state, handoff.tier) == ("waiting", 2)
    assert chat.read()["status"]["mode"] == "waiting"
    assert by_net(web, chat) == []


def test_a_question_a_guide_and_distress_in_its_middle(web: Web) -> None:
    chat = web.chat()
    assert "trust" in words(chat.say("wats grooming"))
    assert "not your fault" in words(chat.say("he says he will send my pics to everyone if i dont pay tonight"))
    press(chat, "Yes")
    said = chat.say("i took all the pills just now and i feel sick")

    assert "doctor" in words(said) and "999" in words(said)
    assert any(message["resources"] for message in said)
    (handoff,) = web.handoffs(chat.id)
    assert (handoff.state, handoff.tier) == ("waiting", 3)
    assert by_net(web, chat) == []


def test_small_talk_insults_and_two_misunderstandings_end_at_a_person(web: Web) -> None:
    chat = web.chat()
    for line in ("hii", "are you real", "ur stupid", "can u do my maths homework", "is this private"):
        chat.say(line)
    chat.say("blargh fnord xyzzy")
    said = chat.say("qwe rty uio")

    assert "person:ask" in [option["payload"] for message in said for option in message["options"]]
    assert by_net(web, chat) == []


def test_a_chat_from_the_first_word_to_the_end_and_what_comes_after(web: Web) -> None:
    chat = web.chat()
    chat.say("how do i block someone")
    chat.say("thanks")

    ended = chat.http.post("/api/chat/leave", json={"how": "end"}, headers=chat.auth).json()
    answer = web.http.post("/api/chat/after", json={"ticket": ended["after"]["ticket"], "option": "after:heard:yes"})

    assert answer.status_code == 200
    assert [(row.question, row.answer) for row in web.rows(tables.after_chat)] == [("heard", "yes")]


def test_a_no_to_a_later_question_is_no_answer_to_the_safety_question_before_it(web: Web) -> None:
    chat = web.chat()
    chat.say("i dont want to be alive anymore, i think about suicide")
    chat.say("my mum is at work and my brother is out")  # no answer to "can you stay safe"; the next small step asks who is there

    chat.say("no")

    cues = [hit["cue"] for row in web.rows(tables.assessments)[-1:] for hit in row.result["cues"]]
    assert "suicide_intent" not in cues
    assert [handoff.tier for handoff in web.handoffs(chat.id)] == [2]
