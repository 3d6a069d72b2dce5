"""Who answers a turn, when several want to: each race in both orders."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from bot.chat import replies, turns
from bot.chat.safety_net import Cause
from bot.handoff import lifecycle
from bot.store import tables
from tests.web.chat_fixtures import Chat, Web

THREAT = "he says he will send my pics to everyone if i dont pay tonight"
QUESTION = "how do i know if a modelling job is fake?"


@pytest.fixture
def paused(web: Web) -> Web:
    """The same process with its worker stopped, so that a test moves each turn by hand."""
    worker = web.app.state.chat.worker
    worker._stopped = True
    for loop in worker._loops:
        loop.get_loop().call_soon_threadsafe(loop.cancel)
    time.sleep(0.1)
    return web


def take(web: Web) -> turns.Turn:
    turn: turns.Turn | None = web.do(lambda connection: turns.take(connection, web.store.now(connection)))
    assert turn is not None
    return turn


def commit(web: Web, turn: turns.Turn, *, cause: Cause | None = None, later: float = 0.0) -> bool:
    def work(connection: Any) -> bool:
        now = web.store.now(connection) + later
        said = [replies.render(web.content, "utter_default", replies.scene(connection, turn.conversation_id, now))]
        return turns.commit(connection, turn, said, now=now, milliseconds=1.0, state={}, cause=cause)

    return bool(web.do(work))


def bot_messages(chat: Chat, after: int) -> list[dict[str, Any]]:
    return [message for message in chat.read()["messages"] if message["sender"] == "bot" and message["seq"] > after]


def test_a_turn_is_taken_by_one_worker_only(paused: Web) -> None:
    chat = paused.chat()
    chat.post(QUESTION)

    take(paused)

    assert paused.do(lambda connection: turns.take(connection, paused.store.now(connection))) is None


@pytest.mark.parametrize("first", [None, Cause.LATE])
def test_whoever_commits_second_changes_nothing(paused: Web, first: Cause | None) -> None:
    chat = paused.chat()
    seq = chat.post(QUESTION).json()["seq"]
    turn = take(paused)

    assert commit(paused, turn, cause=first)
    assert not commit(paused, turn, cause=Cause.LATE if first is None else None)

    assert len(paused.rows(tables.turns)) == 1
    shown = len(bot_messages(chat, seq))
    assert not commit(paused, turn)
    assert len(bot_messages(chat, seq)) == shown


def test_after_the_lease_ran_out_another_worker_takes_the_turn_and_the_first_is_too_late(paused: Web) -> None:
    chat = paused.chat()
    chat.post(QUESTION)
    slow = take(paused)

    again = paused.do(lambda connection: turns.take(connection, paused.store.now(connection) + turns.LEASE + 1))

    assert again is not None and again.retaken
    assert not commit(paused, slow, later=turns.LEASE + 1)
    assert commit(paused, again)


def test_a_person_who_accepted_makes_the_late_answer_void(paused: Web) -> None:
    chat = paused.chat()
    seq = chat.post(THREAT).json()["seq"]
    turn = take(paused)
    sam = paused.counsellor()

    paused.accept(paused.handoffs(chat.id)[0].id, sam)

    assert not commit(paused, turn)
    assert bot_messages(chat, seq) == []


def test_an_answer_before_the_accept_stands(paused: Web) -> None:
    chat = paused.chat()
    seq = chat.post(THREAT).json()["seq"]
    turn = take(paused)

    assert commit(paused, turn)
    paused.accept(paused.handoffs(chat.id)[0].id, paused.counsellor())

    assert bot_messages(chat, seq)


def test_in_a_live_chat_the_bot_is_silent_and_nothing_is_left_over_for_later(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    sam = web.counsellor()
    handoff = web.handoffs(chat.id)[0].id
    web.accept(handoff, sam)
    web.write_as_person(handoff, sam, "Hi, I am Sam. I read what you wrote.")

    seq = chat.post("thank you. i am scared.").json()["seq"]
    time.sleep(1.0)

    assert bot_messages(chat, seq) == []
    assert chat.read()["status"]["mode"] == "live"


@pytest.mark.parametrize("erased_first", [True, False])
def test_erase_and_answer_in_both_orders_show_nothing_afterwards(paused: Web, erased_first: bool) -> None:
    chat = paused.chat()
    chat.post(THREAT)
    turn = take(paused)
    if erased_first:
        paused.http.delete("/api/chat/conversation", headers=chat.auth)
        assert not commit(paused, turn)
    else:
        assert commit(paused, turn)
        paused.http.delete("/api/chat/conversation", headers=chat.auth)

    assert paused.http.get("/api/chat/messages", headers=chat.auth).status_code == 401
    assert paused.handoffs(chat.id)[0].state == "waiting"


@pytest.mark.parametrize("left_first", [True, False])
def test_leave_and_answer_in_both_orders_keep_the_handoff(paused: Web, left_first: bool) -> None:
    chat = paused.chat()
    chat.post(THREAT)
    turn = take(paused)
    leave = {"how": "exit", "token": chat.token}
    if left_first:
        paused.http.post("/api/chat/leave", json=leave)
    commit(paused, turn)
    if not left_first:
        paused.http.post("/api/chat/leave", json=leave)

    assert paused.handoffs(chat.id)[0].state == "waiting"


def test_two_tabs_share_one_conversation_and_one_answer(web: Web) -> None:
    chat = web.chat()
    second_tab = Chat(chat.http, chat.token, chat.id)
    client_id = str(uuid.uuid4())
    seq = chat.post(QUESTION, client_id=client_id).json()["seq"]
    second_tab.post(QUESTION, client_id=client_id)

    chat.answer_to(seq)

    assert len(web.rows(tables.turns)) == 1
    assert second_tab.read()["messages"] == chat.read()["messages"]


def test_what_came_while_a_turn_was_in_work_is_answered_next(web: Web) -> None:
    web.engine.delay = 1.0
    chat = web.chat()
    chat.post("first question about a job offer?")
    while not web.engine.requests:  # the first turn is in work now
        time.sleep(0.02)
    seq = chat.post("and a second question about it?").json()["seq"]

    chat.wait(lambda body: sum(message["sender"] == "bot" and message["seq"] > seq for message in body["messages"]) >= 2)

    assert [request["texts"] for request in web.engine.requests] == [
        ["first question about a job offer?"],
        ["and a second question about it?"],
    ]


def answered_by_net(web: Web, chat: Chat, text: str = THREAT) -> str:
    seq = chat.post(text).json()["seq"]
    chat.answer_to(seq)
    turn = web.rows(tables.turns, tables.turns.c.conversation_id == chat.id)[-1]
    assert turn.answered_by == "net"
    return str(turn.cause)


def test_an_engine_that_is_away_is_covered(web: Web) -> None:
    web.engine.down = True
    assert answered_by_net(web, web.chat()) == "away"


def test_an_engine_that_is_late_is_covered_within_three_seconds(web: Web) -> None:
    web.engine.delay = 6.0
    chat = web.chat()
    started = time.monotonic()

    assert answered_by_net(web, chat) == "late"
    assert time.monotonic() - started < 4.0


def test_three_late_answers_open_the_breaker(web: Web) -> None:
    web.engine.delay = 6.0
    chats = [web.chat() for _ in range(3)]
    for chat in chats:
        chat.post(QUESTION)
    for chat in chats:
        chat.wait(lambda body: body["messages"][-1]["sender"] == "bot" and len(body["messages"]) > 2)

    started = time.monotonic()
    causes = [answered_by_net(web, web.chat()) for _ in range(1)]

    assert causes[0] in {"breaker", "late"}
    assert time.monotonic() - started < 4.0


@pytest.mark.parametrize(
    ("raw", "status", "cause"),
    [
        (b"<html>oops</html>", 200, "not_the_schema"),
        (b"{}", 200, "not_the_schema"),
        (b'{"state": {}, "bubbles": [], "requests": [], "facts": {}, "content_version": "x"}', 200, "not_the_schema"),
        (b"", 500, "refused"),
        (b"", 503, "refused"),
        (b"", 408, "late"),
    ],
)
def test_an_answer_that_is_no_answer_is_covered(web: Web, raw: bytes, status: int, cause: str) -> None:
    web.engine.raw, web.engine.status = raw, status

    assert answered_by_net(web, web.chat()) == cause


@pytest.mark.parametrize(
    ("bubble", "cause"),
    [
        ({"text": "Call {emergency_number} now."}, "placeholder"),
        ({"text": "None"}, "placeholder"),
        ({"text": "Call 0900 123 4567 now."}, "foreign_number"),
        ({"text": "  "}, "no_text"),
        ({"text_id": "utter_no_such_text"}, "unknown_text"),
        ({"text": "\n\n".join("one two" for _ in range(9))}, "no_text"),
    ],
)
def test_nonsense_from_the_engine_is_covered(web: Web, bubble: dict[str, str], cause: str) -> None:
    web.engine.answer = lambda _request: {
        "state": {},
        "bubbles": [bubble],
        "requests": [],
        "facts": {},
        "content_version": "test",
    }

    assert answered_by_net(web, web.chat()) == cause


def test_the_engine_hears_in_its_next_call_what_it_missed(web: Web) -> None:
    web.engine.down = True
    chat = web.chat()
    answered_by_net(web, chat, QUESTION)
    web.engine.down = False

    chat.say("and is a casting call safe for me?")

    assert web.engine.requests[-1]["missed"]


def test_the_same_crisis_text_is_not_sent_twice_running(web: Web) -> None:
    web.engine.down = True
    chat = web.chat()
    first = chat.say("i want to die. i have everything ready for tonight.")
    second = chat.say("i will end my life tonight, i mean it.")

    assert [message["text"] for message in first] != [message["text"] for message in second]


def test_a_message_older_than_ten_minutes_is_told_the_truth_and_opens_a_handoff(paused: Web) -> None:
    chat = paused.chat()
    seq = chat.post("my so called friend keeps bullying me and i feel so alone and hopeless.").json()["seq"]
    paused.do(
        lambda connection: connection.execute(
            tables.messages.update().where(tables.messages.c.conversation_id == chat.id).values(at=tables.messages.c.at - 700)
        )
    )
    turn = take(paused)
    worker = paused.app.state.chat.worker
    paused.do(lambda connection: worker._commit(connection, turn, {}, None, Cause.TOO_OLD, 1.0))

    assert bot_messages(chat, seq)
    assert paused.rows(tables.turns)[-1].cause == "too_old"
    assert [handoff.state for handoff in paused.handoffs(chat.id)] == ["waiting"]


def test_a_question_nobody_answered_counts_as_unclear(paused: Web) -> None:
    from bot.chat import sweep

    chat = paused.chat()
    question = next(iter(paused.content.questions))
    paused.do(
        lambda connection: connection.execute(
            tables.conversations.update()
            .where(tables.conversations.c.id == chat.id)
            .values(open_question=question, open_question_seq=1, open_question_at=paused.store.now(connection) - 301)
        )
    )

    paused.do(lambda connection: sweep.sweep(connection, paused.content, paused.store.now(connection)))

    row = paused.rows(tables.conversations, tables.conversations.c.id == chat.id)[0]
    assert row.open_question is None


def test_a_claim_that_runs_out_goes_back_to_its_old_place(paused: Web) -> None:
    chat = paused.chat()
    chat.post(THREAT)
    before = paused.handoffs(chat.id)[0]
    paused.accept(before.id, paused.counsellor())

    paused.do(lambda connection: lifecycle.sweep(connection, paused.content, paused.store.now(connection) + 3600))

    after = paused.handoffs(chat.id)[0]
    assert after.state == "waiting"
    assert after.waiting_since == before.waiting_since
