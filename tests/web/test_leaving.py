"""Leaving, as the server hears it: the token opens nothing any more, and what was pressed but not sent is not lost."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from bot.store import tables
from tests.web.chat_fixtures import Web, web_process

THREAT = "he says he will send my pics to everyone if i dont pay tonight"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web_process(tmp_path_factory.mktemp("web")) as running:
        yield running


def test_leaving_revokes_the_token_and_keeps_the_handoff(web: Web) -> None:
    chat = web.chat()
    chat.post(THREAT)
    left = web.http.post("/api/chat/leave", content=json.dumps({"how": "exit", "token": chat.token}))

    assert left.status_code == 204
    assert web.http.get("/api/chat/messages", headers=chat.auth).status_code == 401
    assert web.handoffs(chat.id)[0].state == "waiting"
    conversation = web.rows(tables.conversations, tables.conversations.c.id == chat.id)[0]
    assert conversation.away_how == "exit"


def test_what_was_pressed_but_not_sent_travels_with_the_leave_beacon(web: Web) -> None:
    chat = web.chat()
    body = {"how": "exit", "token": chat.token, "unsent": [{"client_id": str(uuid.uuid4()), "text": THREAT}, {"text": ""}]}

    assert web.http.post("/api/chat/leave", content=json.dumps(body)).status_code == 204

    assert [handoff.state for handoff in web.handoffs(chat.id)] == ["waiting"]


def test_of_many_short_messages_pressed_but_not_sent_none_is_lost(web: Web) -> None:
    chat = web.chat()
    texts = [f"part {number}." for number in range(30)]
    unsent = [{"client_id": str(uuid.uuid4()), "text": text} for text in texts]
    web.http.post("/api/chat/leave", json={"how": "exit", "token": chat.token, "unsent": unsent})
    mine = tables.messages.c.sender == "young_person"
    stored = web.rows(tables.messages, tables.messages.c.conversation_id == chat.id, mine)
    assert [row.text for row in sorted(stored, key=lambda row: row.seq)] == texts


@pytest.mark.parametrize("how", ["exit", "hidden"])
def test_words_pressed_before_the_chat_had_opened_reach_the_desk_too(web: Web, how: str) -> None:
    before = {row.id for row in web.rows(tables.conversations)}
    body = {"how": how, "token": None, "locale": "en", "unsent": [{"client_id": str(uuid.uuid4()), "text": THREAT}]}

    assert web.http.post("/api/chat/leave", content=json.dumps(body)).status_code == 204

    (conversation,) = [row for row in web.rows(tables.conversations) if row.id not in before]
    assert conversation.token_hash is None and conversation.away_how == "exit"  # nobody can be answered on that device
    assert [handoff.state for handoff in web.handoffs(conversation.id)] == ["waiting"]


@pytest.mark.parametrize("unsent", [None, [], [{"text": "no id"}], "words"])
def test_who_leaves_without_a_chat_and_without_words_opens_none(web: Web, unsent: object) -> None:
    before = len(web.rows(tables.conversations))
    assert web.http.post("/api/chat/leave", json={"how": "exit", "unsent": unsent}).status_code == 401
    assert len(web.rows(tables.conversations)) == before
