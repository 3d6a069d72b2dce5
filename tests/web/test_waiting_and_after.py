"""Something to do while waiting, and what is asked after a chat with a person: over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, select

from bot.handoff import lifecycle
from bot.statistics import rows
from bot.store import tables
from tests.web.chat_fixtures import Chat, Web

QUESTION = "how do i know if a modelling job is fake?"


def payloads(messages: list[dict[str, Any]]) -> list[str]:
    return [option["payload"] for message in messages for option in message["options"]]


def texts(messages: list[dict[str, Any]]) -> str:
    return "\n".join(message["text"] for message in messages)


def waiting(web: Web) -> Chat:
    web.counsellor()
    chat = web.chat()
    chat.say(option="person:ask")
    return chat


def closed_by_a_person(web: Web, chat: Chat | None = None) -> Chat:
    """A chat with a person in it, closed from the desk."""
    chat = chat or web.chat()
    chat.post(option="person:ask")
    (handoff, *_) = [row for row in web.handoffs(chat.id) if row.state == "waiting"]
    staff = web.rows(tables.staff)
    staff_id = staff[0].id if staff else web.counsellor()
    web.accept(handoff.id, staff_id)
    web.write_as_person(handoff.id, staff_id, "Hi, I am Sam.")

    def close(connection: Connection) -> None:
        now = web.store.now(connection)
        lifecycle.close(connection, handoff.id, staff_id, outcome={"outcome": "talked"}, now=now, content=web.content)

    web.do(close)
    return chat


def asked(chat: Chat) -> int:
    return sum("after:heard:yes" in payloads([message]) for message in chat.read()["messages"])


def counted(web: Web) -> list[tuple[str, str]]:
    return [(row.question, row.answer) for row in web.rows(tables.after_chat)]


# -- while waiting


def test_the_exercise_is_offered_with_the_wait_and_goes_step_by_step_to_its_end(web: Web) -> None:
    chat = waiting(web)
    step, seen = "exercise:1", []

    while step:
        said = chat.say(option=step)
        seen.append(texts(said))
        step = next((payload for payload in payloads(said) if payload > step and payload[-1].isdigit()), "")

    assert len(seen) == 5
    assert "person:ask" in payloads(said)
    assert web.engine.requests == []


def test_a_question_in_the_middle_of_the_exercise_is_answered_and_the_place_stays(web: Web) -> None:
    chat = waiting(web)
    before = chat.read()["status"]
    chat.say(option="exercise:1")

    chat.say(QUESTION)

    assert web.engine.requests[-1]["texts"] == [QUESTION]
    assert web.engine.requests[-1]["option"] is None
    assert chat.read()["status"]["position"] == before["position"] == 1
    assert chat.say(option="exercise:2")


def test_the_exercise_can_be_stopped(web: Web) -> None:
    chat = waiting(web)
    chat.say(option="exercise:1")

    assert "we stop here" in texts(chat.say(option="exercise:stop"))


def test_a_step_that_was_not_offered_is_refused(web: Web) -> None:
    assert web.chat().post(option="exercise:4").status_code == 422


def test_the_exercise_works_without_the_engine(web: Web) -> None:
    web.engine.down = True

    chat = waiting(web)
    chat.say(option="exercise:1")

    assert "count to four" in texts(chat.say(option="exercise:2"))


# -- after the chat


def test_two_questions_then_where_to_turn_later(web: Web) -> None:
    chat = closed_by_a_person(web)

    second = chat.say(option="after:heard:partly")
    last = chat.say(option="after:next:person")

    assert "after:next:person" in payloads(second)
    assert any(resource["contact"] == "0800 1111" for message in last for resource in message["resources"])
    assert counted(web) == [("heard", "partly"), ("next", "person")]


def test_both_can_be_skipped(web: Web) -> None:
    chat = closed_by_a_person(web)
    chat.say(option="after:heard:skip")
    chat.say(option="after:next:skip")

    assert counted(web) == [("heard", "skip"), ("next", "skip")]


def test_the_chat_keeps_no_answer_and_the_count_no_chat(web: Web) -> None:
    chat = closed_by_a_person(web)
    chat.say(option="after:heard:no")

    kept = [message for message in chat.read()["messages"] if message["sender"] == "young_person"][-1]
    assert kept["text"] == "(answered)"
    stored = web.rows(tables.messages, tables.messages.c.conversation_id == chat.id)
    assert not [row for row in stored if row.option_payload == "after:heard:no"]
    assert {column.name for column in tables.after_chat.c} == {"id", "question", "answer", "week"}
    assert web.rows(tables.after_chat)[0].week % 86_400 == 0


def test_an_answer_counts_once_however_often_it_is_sent(web: Web) -> None:
    chat = closed_by_a_person(web)
    same = str(uuid.uuid4())

    assert chat.post(option="after:heard:yes", client_id=same).status_code == 202
    assert chat.post(option="after:heard:yes", client_id=same).status_code == 200
    assert chat.post(option="after:heard:no").status_code == 202

    assert counted(web) == [("heard", "yes")]


def test_nobody_is_asked_twice(web: Web) -> None:
    chat = closed_by_a_person(web)
    closed_by_a_person(web, chat)

    assert asked(chat) == 1


@pytest.mark.parametrize("how", ["exit", "end"])
def test_nobody_is_asked_who_left(web: Web, how: str) -> None:
    staff_id = web.counsellor()
    chat = web.chat()
    chat.post(option="person:ask")
    (handoff,) = web.handoffs(chat.id)
    web.accept(handoff.id, staff_id)
    web.write_as_person(handoff.id, staff_id, "Hi, I am Sam.")
    chat.http.post("/api/chat/leave", json={"how": how, "token": chat.token})

    def close(connection: Connection) -> None:
        now = web.store.now(connection)
        lifecycle.close(connection, handoff.id, staff_id, outcome={"outcome": "left"}, now=now, content=web.content)

    web.do(close)

    query = select(tables.messages.c.text_id).where(tables.messages.c.conversation_id == chat.id)
    ids = web.store.read_now(lambda connection: list(connection.execute(query).scalars()))
    assert "utter_after_heard" not in ids


def test_a_question_instead_of_an_answer_is_answered(web: Web) -> None:
    chat = closed_by_a_person(web)

    chat.say(QUESTION)

    assert web.engine.requests[-1]["texts"] == [QUESTION]
    assert counted(web) == []


def test_answers_are_in_the_anonymous_statistics_from_five_on(web: Web) -> None:
    def five(connection: Connection) -> None:
        connection.execute(tables.after_chat.insert(), [{"question": "heard", "answer": "yes", "week": 1_767_571_200.0}] * 5)

    web.do(five)

    assert ("2026-W02", "felt heard", "yes", "5") in web.store.read_now(lambda connection: list(rows(connection)))


# -- after "End chat", without a token


def end(chat: Chat) -> dict[str, Any]:
    answer = chat.http.post("/api/chat/leave", json={"how": "end"}, headers=chat.auth)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def press(web: Web, ticket: str, option: str) -> httpx.Response:
    return web.http.post("/api/chat/after", json={"ticket": ticket, "option": option})


def test_who_ends_the_chat_is_asked_two_questions_and_told_where_to_turn_later(web: Web) -> None:
    chat = web.chat()
    chat.say(QUESTION)

    shown = end(chat)

    assert [option["payload"] for option in shown["after"]["options"]][0] == "after:heard:yes"
    assert "feel heard" in shown["after"]["text"][-1]
    assert any(resource["contact"] == "0800 1111" for resource in shown["later"]["resources"])
    assert "You can write here again" in shown["later"]["text"]
    second = press(web, shown["after"]["ticket"], "after:heard:yes").json()["after"]
    last = press(web, second["ticket"], "after:next:line").json()["after"]
    assert "What will you do next" in second["text"][0] and last["options"] == []
    assert counted(web) == [("heard", "yes"), ("next", "line")]


def test_the_token_is_gone_before_the_questions_and_nothing_is_added_to_the_chat(web: Web) -> None:
    chat = web.chat()
    chat.say(QUESTION)
    before = len(web.rows(tables.messages, tables.messages.c.conversation_id == chat.id))

    shown = end(chat)
    press(web, shown["after"]["ticket"], "after:heard:partly")

    assert chat.http.get("/api/chat/messages", headers=chat.auth).status_code == 401
    assert len(web.rows(tables.messages, tables.messages.c.conversation_id == chat.id)) == before


def test_an_answer_after_the_end_counts_once(web: Web) -> None:
    chat = web.chat()
    chat.say(QUESTION)
    given = end(chat)["after"]["ticket"]

    assert press(web, given, "after:heard:yes").status_code == 200
    assert press(web, given, "after:heard:no").status_code == 404

    assert counted(web) == [("heard", "yes")]


@pytest.mark.parametrize("option", ["after:heard:maybe", "after:next:person", "after:other:yes", "person:ask:now"])
def test_an_answer_that_was_not_offered_counts_for_nothing(web: Web, option: str) -> None:
    chat = web.chat()
    chat.say(QUESTION)

    assert press(web, end(chat)["after"]["ticket"], option).status_code == 404
    assert counted(web) == []


def test_nobody_answers_for_another_chat(web: Web) -> None:
    chat, other = web.chat(), web.chat()
    chat.say(QUESTION)
    other.say(QUESTION)
    end(other)
    _, _, seal = end(chat)["after"]["ticket"].partition(".")

    assert press(web, f"{other.id}.{seal}", "after:heard:yes").status_code == 404
    assert press(web, other.id, "after:heard:yes").status_code == 404
    assert web.http.post("/api/chat/after", json={"ticket": 1, "option": "x"}).status_code == 422


def test_the_questions_close_after_half_an_hour(web: Web) -> None:
    chat = web.chat()
    chat.say(QUESTION)
    given = end(chat)["after"]["ticket"]
    table = tables.conversations
    earlier = table.update().where(table.c.id == chat.id).values(ended_at=table.c.ended_at - 1801)
    web.do(lambda connection: connection.execute(earlier))

    assert press(web, given, "after:heard:yes").status_code == 404


def test_who_wrote_nothing_or_is_in_danger_is_not_asked_and_sees_whom_to_call(web: Web) -> None:
    silent, danger = web.chat(), web.chat()
    danger.say("i am going to end my life tonight. i have everything ready.")

    for shown in (end(silent), end(danger)):
        assert "after" not in shown
        assert shown["later"]["resources"][0]["contact"] == "999"


def test_who_was_asked_in_the_chat_is_not_asked_again_at_its_end(web: Web) -> None:
    chat = closed_by_a_person(web)

    assert "after" not in end(chat)


def test_the_exit_is_answered_with_nothing_and_asks_nothing(web: Web) -> None:
    chat = web.chat()
    chat.say(QUESTION)

    answer = chat.http.post("/api/chat/leave", json={"how": "exit", "token": chat.token})

    assert (answer.status_code, answer.content) == (204, b"")
    assert web.rows(tables.conversations, tables.conversations.c.id == chat.id)[0].after_chat is None
