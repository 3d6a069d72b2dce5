"""Three words that give a young person their place back: once, on any device, and never old text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from bot.chat import return_codes
from bot.http.limits import Pace
from bot.settings import ROOT
from bot.store import tables
from tests.web.chat_fixtures import Chat, Web, web_process

THREAT = "he says he will send my pics to everyone if i dont pay tonight"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web_process(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(return_codes, "TRIES", Pace(5, 600.0))
    monkeypatch.setattr(return_codes, "TRIES_OF_ALL", Pace(60, 600.0))


def code_of(web: Web, chat: Chat) -> str:
    made = web.http.post("/api/chat/return-code", headers=chat.auth)
    assert made.status_code == 201, made.text
    return str(made.json()["code"])


def come_back(web: Web, code: str) -> httpx.Response:
    return web.http.post("/api/chat/return", json={"code": code})


def back(web: Web, code: str) -> tuple[Chat, dict[str, Any]]:
    answer = come_back(web, code)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    return Chat(web.http, body["token"], body["conversation"], body["messages"]), body


def test_three_words_give_the_place_back_and_no_old_text(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    (handoff,) = web.handoffs(chat.id)
    code = code_of(web, chat)
    assert len(code.split()) == 3
    web.http.post("/api/chat/leave", json={"how": "exit", "token": chat.token})

    again, body = back(web, code)

    assert again.id == chat.id
    assert body["status"]["mode"] == "waiting" and body["status"]["position"] == 1
    (same,) = web.handoffs(chat.id)
    assert (same.id, same.waiting_since) == (handoff.id, handoff.waiting_since)
    assert [message["text"] for message in body["messages"]] == [return_codes.PLACE_BACK]
    assert [message["text"] for message in again.read(0)["messages"]] == [return_codes.PLACE_BACK]
    with web.http.stream("GET", "/api/chat/events?after=0", headers=again.auth) as stream:
        lines = stream.iter_lines()
        heard = "".join(next(lines) for _ in range(6))
    assert return_codes.PLACE_BACK in heard and "pics" not in heard


def test_the_desk_sees_that_they_came_back_by_code(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    code = code_of(web, chat)
    web.http.post("/api/chat/leave", json={"how": "exit", "token": chat.token})
    back(web, code)
    (handoff,) = web.handoffs(chat.id)
    kinds = [event.kind for event in web.rows(tables.handoff_events, tables.handoff_events.c.handoff_id == handoff.id)]
    assert kinds[-2:] == ["left_exit", "came_back_by_code"]
    (row,) = web.rows(tables.conversations, tables.conversations.c.id == chat.id)
    assert row.returned_at is not None and row.away_since is None


def test_a_code_works_once_and_shuts_the_old_tab(web: Web) -> None:
    chat = web.chat()
    code = code_of(web, chat)
    again, _body = back(web, code)
    assert come_back(web, code).status_code == 404
    assert web.http.get("/api/chat/messages", headers=chat.auth).status_code == 401
    assert again.post("i am back.").status_code == 202


def test_a_new_code_replaces_the_one_before(web: Web) -> None:
    chat = web.chat()
    first = code_of(web, chat)
    second = code_of(web, chat)
    assert come_back(web, first).status_code == 404
    assert come_back(web, second).status_code == 201


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}."])
def test_how_the_words_are_typed_does_not_matter(web: Web, typed: str) -> None:
    code = code_of(web, web.chat())
    assert come_back(web, typed.format(code.upper().replace(" ", "-"))).status_code == 201


def test_a_code_is_over_after_seven_days(web: Web) -> None:
    chat = web.chat()
    code = code_of(web, chat)
    over = time.time() - 1
    (row,) = web.rows(tables.return_codes, tables.return_codes.c.conversation_id == chat.id)
    assert 6.9 < (row.expires_at - time.time()) / 86_400 < 7.1
    web.do(lambda connection: connection.execute(update(tables.return_codes).values(expires_at=over)))
    assert come_back(web, code).status_code == 404


@pytest.mark.parametrize("how", ["end", "erase"])
def test_a_chat_that_was_ended_or_erased_is_not_opened_again(web: Web, how: str) -> None:
    chat = web.chat()
    chat.say(THREAT)  # so that erasing keeps the rows for the desk
    code = code_of(web, chat)
    if how == "end":
        web.http.post("/api/chat/leave", json={"how": "end"}, headers=chat.auth)
    else:
        web.http.delete("/api/chat/conversation", headers=chat.auth)
    assert come_back(web, code).status_code == 404
    assert web.rows(tables.return_codes, tables.return_codes.c.conversation_id == chat.id) == []


def test_the_database_holds_no_word_of_a_code(web: Web) -> None:
    chat = web.chat()
    code = code_of(web, chat)
    (row,) = web.rows(tables.return_codes, tables.return_codes.c.conversation_id == chat.id)
    assert len(row.code_hash) == 64
    assert not any(word in row.code_hash for word in code.split())
    other_key = web.settings.key[::-1]
    assert row.code_hash in return_codes.hashes(code, web.settings.key)
    assert row.code_hash not in return_codes.hashes(code, other_key)
    assert row.code_hash in return_codes.hashes(code, f"{other_key}, {web.settings.key}")  # a changed key keeps codes alive


def test_who_guesses_is_stopped_and_told_what_to_do(web: Web) -> None:
    answers = [come_back(web, "apple apple apple") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429]
    assert "start a new chat" in answers[-1].json()["error"]


@pytest.mark.parametrize("body", [{}, {"code": 3}, {"code": "x" * 201}])
def test_what_is_no_code_is_refused_in_plain_words(web: Web, body: dict[str, Any]) -> None:
    answer = web.http.post("/api/chat/return", json=body)
    assert answer.status_code == 422 and answer.json()["error"] == "Type the three words."


def test_a_code_needs_a_chat(web: Web) -> None:
    assert web.http.post("/api/chat/return-code").status_code == 401


def test_the_words_are_many_short_and_plain() -> None:
    words = return_codes.word_list(Path(ROOT) / "data")
    assert len(words) == len(set(words)) >= 800
    assert all(word.isascii() and word.islower() and word.isalpha() and 2 < len(word) <= 10 for word in words)
