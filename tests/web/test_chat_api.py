"""The chat's HTTP API: what goes in, what comes back, and that nothing is lost or doubled."""

from __future__ import annotations

import json
import threading
import uuid

import httpx
import pytest

from bot.store import tables
from tests.web.chat_fixtures import Web

THREAT = "he says he will send my pics to everyone if i dont pay tonight"
QUESTION = "how do i know if a modelling job is fake?"


def test_a_new_chat_greets_as_a_bot_and_shows_its_state(web: Web) -> None:
    answer = web.http.post("/api/chat/conversations", json={"locale": "en", "country": "GB"})

    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"conversation", "token", "messages", "status"}
    assert "bot" in body["messages"][0]["text"].lower()
    assert body["status"]["mode"] == "bot"
    assert body["status"]["people"] == "none"


def test_a_question_is_answered_once_with_a_next_step(web: Web) -> None:
    chat = web.chat()
    said = chat.say(QUESTION)

    assert said[-1]["options"] or "?" in said[-1]["text"]
    assert len(web.rows(tables.turns)) == 1
    assert web.rows(tables.turns)[0].answered_by == "engine"


def test_distress_is_acknowledged_with_help_and_opens_a_handoff_before_any_engine(web: Web) -> None:
    web.engine.down = True
    chat = web.chat()

    posted = chat.post(THREAT)

    assert posted.status_code == 202
    assert posted.json()["help"]["text"]
    assert posted.json()["help"]["resources"]
    handoffs = web.handoffs(chat.id)
    assert [handoff.state for handoff in handoffs] == ["waiting"]
    assert handoffs[0].reasons[0]["quote"] in THREAT
    assert chat.read()["status"]["mode"] == "waiting"


def test_no_cue_tier_or_fact_reaches_the_chat(web: Web) -> None:
    chat = web.chat()
    posted = chat.post(THREAT)
    chat.answer_to(posted.json()["seq"])

    shown = json.dumps([posted.json(), chat.read()])

    assert "sextortion" not in shown
    assert '"tier"' not in shown
    assert '"cue' not in shown


def test_the_same_id_again_is_stored_and_answered_once(web: Web) -> None:
    chat = web.chat()
    client_id = str(uuid.uuid4())

    first = chat.post(QUESTION, client_id=client_id)
    again = chat.post(QUESTION, client_id=client_id)
    chat.answer_to(first.json()["seq"])
    later = chat.post(QUESTION, client_id=client_id)

    assert (first.status_code, again.status_code, later.status_code) == (202, 200, 200)
    assert first.json()["seq"] == again.json()["seq"] == later.json()["seq"]
    mine = [message for message in chat.read()["messages"] if message["sender"] == "young_person"]
    assert len(mine) == 1


def test_the_same_id_with_another_text_is_refused_and_keeps_the_first(web: Web) -> None:
    chat = web.chat()
    client_id = str(uuid.uuid4())
    chat.post("hello there, how are you?", client_id=client_id)

    other = chat.post("something else.", client_id=client_id)

    assert other.status_code == 409
    assert other.json()["error"]
    assert [message["text"] for message in chat.read()["messages"] if message["sender"] == "young_person"] == [
        "hello there, how are you?"
    ]


def test_the_same_id_sent_by_two_connections_at_once_is_stored_once(web: Web) -> None:
    chat = web.chat()
    client_id = str(uuid.uuid4())
    codes: list[int] = []

    def send() -> None:
        with httpx.Client(base_url=web.url) as http:
            answer = http.post("/api/chat/messages", json={"client_id": client_id, "text": THREAT}, headers=chat.auth)
            codes.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [200] * 5 + [202]
    assert len(web.handoffs(chat.id)) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"not json", 422),
        (b"[1, 2]", 422),
        (b'{"text": "hi"}', 422),
        (b'{"client_id": "x", "text": "hi"}', 422),
        (b'{"client_id": "0123456789abcdef", "text": ""}', 422),
        (b'{"client_id": "0123456789abcdef", "text": "   \\n "}', 422),
        (b'{"client_id": "0123456789abcdef", "text": 7}', 422),
        (b'{"client_id": "0123456789abcdef"}', 422),
        (b'{"client_id": "0123456789abcdef", "option": 7}', 422),
        (b'{"client_id": "0123456789abcdef", "option": "/never_offered"}', 422),
        (b'{"client_id": "0123456789abcdef", "option": "answer:no_such_question:yes"}', 422),
        (json.dumps({"client_id": "0123456789abcdef", "text": "a" * 2001}).encode(), 422),
        (json.dumps({"client_id": "0123456789abcdef", "text": "a" * 70_000}).encode(), 413),
        (b"[" * 20_000, 422),
    ],
)
def test_input_that_cannot_be_used_gets_a_clear_error_and_stores_nothing(web: Web, body: bytes, status: int) -> None:
    chat = web.chat()

    answer = web.http.post("/api/chat/messages", content=body, headers=chat.auth)

    assert answer.status_code == status
    assert answer.json()["error"]
    assert "Traceback" not in answer.text
    assert not [message for message in chat.read()["messages"] if message["sender"] == "young_person"]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 2000,
        "😭😭😭",
        "مرحبا هل يمكنك مساعدتي؟",
        "he\u200bl\u200dp\ufeff me",
        "<script>alert(1)</script>",
        "'; DROP TABLE messages; --",
        "/restart",
        '/out_of_scope{"x": 1}',
        "{emergency_number} {None}",
        "\u202eright to left override",
        "nul\x00byte",
        "\ud83d half a surrogate",
        "...",
        "ж" * 1999,
    ],
)
def test_odd_text_is_stored_and_answered_sanely(web: Web, text: str) -> None:
    chat = web.chat()

    posted = web.http.post(
        "/api/chat/messages",
        content=json.dumps({"client_id": str(uuid.uuid4()), "text": text}).encode(),
        headers=chat.auth,
    )

    assert posted.status_code == 202, posted.text
    said = chat.answer_to(posted.json()["seq"])
    assert all("{" not in message["text"] and "None" not in message["text"] for message in said)
    stored = [message["text"] for message in chat.read()["messages"] if message["sender"] == "young_person"]
    assert stored[0].replace("?", "")[:5] in text.replace("?", "").replace("\x00", "") or stored[0].startswith("?")


@pytest.mark.parametrize("token", ["", "wrong", "x" * 5000, "é"])
def test_a_wrong_token_opens_nothing(web: Web, token: str) -> None:
    headers = {b"Authorization": f"Bearer {token}".strip().encode("latin-1", "replace")}

    assert web.http.get("/api/chat/messages", headers=headers).status_code == 401
    assert web.http.get("/api/chat/events", headers=headers).status_code == 401
    assert web.http.delete("/api/chat/conversation", headers=headers).status_code == 401
    posted = web.http.post("/api/chat/messages", json={"client_id": str(uuid.uuid4()), "text": "hello"}, headers=headers)
    assert posted.status_code == 401


def test_an_unknown_address_says_so_in_plain_words(web: Web) -> None:
    answer = web.http.get("/api/chat/nothing")

    assert answer.status_code == 404
    assert answer.json()["error"]


def test_ten_messages_in_one_second_are_all_stored_in_order_and_answered_together(web: Web) -> None:
    chat = web.chat()
    seqs = [chat.post(f"part {number} of what i want to say").json()["seq"] for number in range(10)]

    chat.answer_to(seqs[-1])

    mine = [message for message in chat.read()["messages"] if message["sender"] == "young_person"]
    assert [message["text"] for message in mine] == [f"part {number} of what i want to say" for number in range(10)]
    answered = sorted(text for request in web.engine.requests for text in request["texts"])
    assert answered == sorted(message["text"] for message in mine)


def test_beyond_the_pace_messages_are_stored_and_answered_together(web: Web) -> None:
    chat = web.chat()
    for number in range(25):
        assert chat.post(f"line {number}.").status_code == 202

    seq = chat.post("and this is the last one.").json()["seq"]
    chat.answer_to(seq)

    mine = [message for message in chat.read()["messages"] if message["sender"] == "young_person"]
    assert len(mine) == 26
    assert max(len(request["texts"]) for request in web.engine.requests) > 1


def test_an_option_counts_only_where_it_was_offered(web: Web) -> None:
    web.engine.answer = lambda request: {
        "state": {},
        "bubbles": [{"text": "Which one?", "options": [{"title": "A fake job", "payload": "/job_fake"}]}],
        "requests": [],
        "facts": {},
        "content_version": "test",
    }
    chat, other = web.chat(), web.chat()
    chat.say("what can you do for me?")

    assert other.post(option="/job_fake_not_offered").status_code == 422
    chat.say(option="/job_fake")

    assert web.engine.requests[-1]["option"] == "/job_fake"
    assert web.engine.requests[-1]["texts"] == []
    mine = [message for message in chat.read()["messages"] if message["sender"] == "young_person"]
    assert mine[-1]["text"] == "A fake job"


def test_events_start_with_the_status_and_resume_after_a_cursor(web: Web) -> None:
    chat = web.chat()
    chat.say(QUESTION)
    messages = chat.read()["messages"]

    names, ids = [], []
    with web.http.stream("GET", f"/api/chat/events?after={messages[0]['seq']}", headers=chat.auth) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("event: "):
                names.append(line.removeprefix("event: "))
            if line.startswith("id: "):
                ids.append(int(line.removeprefix("id: ")))
            if len(ids) == len(messages) - 1:
                break

    assert names[0] == "status"
    assert ids == [message["seq"] for message in messages[1:]]


def test_a_message_reaches_an_open_stream_within_a_second(web: Web) -> None:
    chat = web.chat()
    seq = chat.read()["messages"][-1]["seq"]
    with web.http.stream("GET", "/api/chat/events", headers={**chat.auth, "Last-Event-ID": str(seq)}) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: status"
        with httpx.Client(base_url=web.url) as http:
            body = {"client_id": str(uuid.uuid4()), "text": QUESTION}
            http.post("/api/chat/messages", json=body, headers=chat.auth)
        senders = []
        for line in lines:
            if line.startswith("data: ") and '"sender"' in line:
                senders.append(json.loads(line.removeprefix("data: "))["sender"])
            if "bot" in senders:
                break
    assert senders[0] == "young_person"


def test_texts_stand_encrypted_in_the_database(web: Web) -> None:
    chat = web.chat()
    chat.say("a very particular sentence to look for.")
    if not web.store.is_sqlite:
        dump = str(web.store.read_now(lambda c: [list(row) for row in c.exec_driver_sql("select text from messages")]))
    else:
        dump = "".join(path.read_bytes().decode("latin-1") for path in web.settings.var_dir.glob("test.db*"))
    assert "particular" not in dump


def test_erasing_without_a_handoff_leaves_no_row(web: Web) -> None:
    chat = web.chat()
    chat.say(QUESTION)

    assert web.http.delete("/api/chat/conversation", headers=chat.auth).status_code == 204

    assert web.http.get("/api/chat/messages", headers=chat.auth).status_code == 401
    for table in (tables.messages, tables.assessments, tables.risk_events, tables.turns):
        assert web.rows(table, table.c.conversation_id == chat.id) == []
    assert web.rows(tables.conversations, tables.conversations.c.id == chat.id) == []


def test_erasing_under_a_high_handoff_revokes_and_marks_but_keeps_it_for_the_desk(web: Web) -> None:
    chat = web.chat()
    chat.post(THREAT)

    assert web.http.delete("/api/chat/conversation", headers=chat.auth).status_code == 204

    assert web.http.get("/api/chat/messages", headers=chat.auth).status_code == 401
    handoff = web.handoffs(chat.id)[0]
    assert handoff.state == "waiting"
    assert handoff.erase_asked_at is not None


def test_exit_wipes_storage_only_for_our_own_page(web: Web) -> None:
    ours = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "document"}
    foreign = {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}

    assert web.http.get("/exit", headers=ours).headers["clear-site-data"] == '"storage", "cache"'
    answer = web.http.get("/exit", headers=foreign)
    assert answer.status_code == 303
    assert "clear-site-data" not in answer.headers


def test_health_tells_of_every_part(web: Web) -> None:
    assert web.http.get("/health").json() == {
        "web": "ok",
        "triage": "ok",
        "engine": "ok",
        "database": "ok",
        "staffing": "none",
    }


def test_every_answer_carries_the_headers_that_protect_a_reader(web: Web) -> None:
    for path in ("/", "/health", "/api/chat/messages", "/desk"):
        headers = web.http.get(path).headers
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers


def test_without_javascript_a_message_is_stored_and_the_newest_answer_shown(web: Web) -> None:
    answer = web.http.post("/plain", data={"text": THREAT})

    assert answer.status_code == 200
    assert len(web.rows(tables.handoffs)) == 1
    assert 'name="token"' in answer.text
    assert THREAT not in answer.text
