"""The promise, walked through: each way in which a helpline has lost somebody before."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from bot.chat import sweep
from bot.handoff import lifecycle
from bot.store import tables
from tests.web.chat_fixtures import Chat, Web

THREAT = "he says he will send my pics to everyone if i dont pay tonight"
TONIGHT = "i am going to end my life tonight. i have everything ready."


def state(web: Web, chat: Chat) -> str:
    return str(web.handoffs(chat.id)[-1].state)


def test_nobody_is_on_duty_and_the_child_is_told_so_with_numbers(web: Web) -> None:
    chat = web.chat()
    posted = chat.post(THREAT)
    said = chat.answer_to(posted.json()["seq"])

    words = posted.json()["help"]["text"]
    assert "No helper is here right now" in words
    assert "is coming" not in words
    assert posted.json()["help"]["resources"]
    assert any(message["resources"] for message in said)
    assert state(web, chat) == "waiting"


def test_the_child_says_no_and_then_it_gets_worse(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    chat.say(option="person:not_now")
    assert state(web, chat) == "declined"

    chat.say(TONIGHT)

    assert state(web, chat) == "waiting"
    assert web.handoffs(chat.id)[-1].tier == 3


def test_after_a_no_nobody_is_said_to_have_been_asked_while_the_engine_is_away(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    chat.say(option="person:not_now")
    web.engine.down = True

    said = chat.say("he still says he will send my pics to everyone if i dont pay")

    assert state(web, chat) == "declined"
    words = " ".join(message["text"] for message in said)
    assert words and "asked a person" not in words and "told the team" not in words
    assert any(option["payload"] == "person:ask" for message in said for option in message["options"])


def test_at_immediate_a_no_is_heard_and_changes_nothing(web: Web) -> None:
    chat = web.chat()
    chat.say(TONIGHT)

    said = chat.say(option="person:not_now")

    assert state(web, chat) == "waiting"
    assert said


def test_a_child_who_left_while_waiting_can_still_be_taken(web: Web) -> None:
    chat = web.chat()
    chat.post(TONIGHT)
    web.http.post("/api/chat/leave", json={"how": "exit", "token": chat.token})
    sam = web.counsellor()

    web.accept(web.handoffs(chat.id)[0].id, sam)

    assert state(web, chat) == "claimed"


def test_the_counsellors_machine_dies_in_mid_chat_and_the_chat_returns_to_its_place(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    sam = web.counsellor()
    handoff = web.handoffs(chat.id)[0]
    web.accept(handoff.id, sam)
    web.write_as_person(handoff.id, sam, "Hi, I am Sam.")
    assert chat.read()["status"]["mode"] == "live"

    web.do(lambda connection: lifecycle.sweep(connection, web.content, web.store.now(connection) + 46))

    after = web.handoffs(chat.id)[-1]
    assert (after.state, after.waiting_since) == ("waiting", handoff.waiting_since)
    assert chat.read()["status"]["mode"] == "waiting"
    assert chat.say("are you still there? please help me.")


def test_an_immediate_cue_that_the_counsellor_does_not_see_brings_numbers(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    sam = web.counsellor()
    handoff = web.handoffs(chat.id)[0].id
    web.accept(handoff, sam)
    web.write_as_person(handoff, sam, "Hi, I am Sam.")
    seq = chat.post(TONIGHT).json()["seq"]

    for _ in range(2):
        web.do(lambda connection: sweep.sweep(connection, web.content, web.store.now(connection) + 31))

    shown = [message for message in chat.read()["messages"] if message["seq"] > seq and message["resources"]]
    assert len(shown) == 1


def test_a_late_engine_leaves_the_child_with_numbers_and_says_nothing_afterwards(web: Web) -> None:
    web.engine.delay = 4.0
    chat = web.chat()
    seq = chat.post(THREAT).json()["seq"]
    said = chat.answer_to(seq)
    assert any(message["resources"] for message in said)

    time.sleep(3.0)

    assert chat.answer_to(seq) == said


def test_when_the_phone_changes_hands_nothing_said_before_is_shown(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    web.http.post("/api/chat/leave", json={"how": "exit", "token": chat.token})

    again = web.chat()

    assert THREAT not in str(again.read())
    assert web.http.get("/api/chat/messages", headers=chat.auth).status_code == 401


def test_after_a_closed_chat_a_new_disclosure_opens_a_new_handoff(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    sam = web.counsellor()
    first = web.handoffs(chat.id)[0].id
    web.accept(first, sam)
    web.write_as_person(first, sam, "Hi, I am Sam.")
    web.do(
        lambda connection: lifecycle.close(
            connection, first, sam, outcome={"outcome": "supported"}, now=web.store.now(connection), content=web.content
        )
    )
    assert chat.read()["status"]["mode"] == "bot"

    chat.say(TONIGHT)

    states = [handoff.state for handoff in web.handoffs(chat.id)]
    assert states == ["closed", "waiting"]


def test_yes_to_a_safety_question_is_heard(web: Web) -> None:
    chat = web.chat()
    question, spec = next(
        (question, spec)
        for question, spec in web.content.questions.items()
        for outcome in (spec.yes, spec.no)
        if outcome.startswith("cue:")
    )
    answer = "yes" if spec.yes.startswith("cue:") else "no"
    web.do(
        lambda connection: connection.execute(
            tables.conversations.update()
            .where(tables.conversations.c.id == chat.id)
            .values(open_question=question, open_question_seq=1, open_question_at=web.store.now(connection))
        )
    )

    chat.post(answer)

    cue = (spec.yes if answer == "yes" else spec.no).removeprefix("cue:")
    heard = web.rows(tables.assessments, tables.assessments.c.conversation_id == chat.id)[-1].result["cues"]
    assert [hit["cue"] for hit in heard] == [cue]
    row = web.rows(tables.conversations, tables.conversations.c.id == chat.id)[0]
    assert row.open_question != question


def test_the_wait_that_they_read_stands_on_the_card_as_told(web: Web) -> None:
    web.counsellor()
    chat = web.chat()
    chat.say(THREAT)
    said = chat.say("are you there?")

    assert any("1 to 5 minutes" in message["text"] for message in said)
    assert web.handoffs(chat.id)[-1].wait_quoted == [1, 5]


def test_asking_for_a_person_works_without_the_engine(web: Web) -> None:
    web.engine.down = True
    chat = web.chat()

    said = chat.say(option="person:ask")

    assert state(web, chat) == "waiting"
    assert chat.read()["status"]["mode"] == "waiting"
    assert any(message["resources"] for message in said)  # nobody is on duty


def test_on_duty_the_child_is_told_that_a_person_was_asked_never_that_one_is_coming(web: Web) -> None:
    web.counsellor()
    chat = web.chat()
    said = chat.say(option="person:ask")

    words = " ".join(message["text"] for message in said)
    assert "asked a person to join" in words
    assert "is coming" not in words


def test_without_triage_every_message_opens_a_handoff(web: Web) -> None:
    web.app.state.chat._detector = None
    chat = web.chat()

    posted = chat.post("hello, can i ask you something?")

    assert posted.json()["help"]["resources"]
    handoff = web.handoffs(chat.id)[0]
    assert (handoff.state, handoff.assessed) == ("waiting", "none")


def test_with_words_only_a_second_unheard_message_opens_a_handoff(web: Web, tmp_path: Any) -> None:
    from bot.triage.detector import Detector

    settings = replace(web.settings, model_dir=tmp_path / "missing")
    words = settings.data_dir / "triage" / "words.yml"
    web.app.state.chat._detector = Detector.load(settings.triage_model_dir, settings.encoder_file, words)
    assert web.http.get("/health").json()["triage"] == "words_only"
    chat = web.chat()

    chat.say("the thing with the guy happened again.")
    chat.say("and it will happen again on the weekend.")

    assert [handoff.assessed for handoff in web.handoffs(chat.id)] == ["words_only"]


def test_a_no_to_somebody_who_has_opened_the_chat_is_heard_without_talk_of_danger(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    web.accept(web.handoffs(chat.id)[0].id, web.counsellor())

    said = chat.say(option="person:not_now")

    assert state(web, chat) == "claimed"
    assert "has this chat open" in said[0]["text"]


def test_silence_after_a_closing_opens_nothing_that_a_person_settled(web: Web) -> None:
    chat = web.chat()
    chat.say(THREAT)
    sam, first = web.counsellor(), web.handoffs(chat.id)[0].id
    web.accept(first, sam)
    question = next(name for name, spec in web.content.questions.items() if spec.unclear.startswith("cue:"))
    web.do(
        lambda connection: lifecycle.close(
            connection, first, sam, outcome={"outcome": "supported"}, now=web.store.now(connection), content=web.content
        )
    )
    web.do(
        lambda connection: connection.execute(
            tables.conversations.update()
            .where(tables.conversations.c.id == chat.id)
            .values(open_question=question, open_question_seq=1, open_question_at=web.store.now(connection) - 301)
        )
    )
    web.do(lambda connection: sweep.sweep(connection, web.content, web.store.now(connection)))

    assert [handoff.state for handoff in web.handoffs(chat.id)] == ["closed"]


def test_help_says_that_a_person_was_asked_only_while_that_is_so(web: Web) -> None:
    chat = web.chat()
    assert "told the team" in chat.post(THREAT).json()["help"]["text"]
    web.accept(web.handoffs(chat.id)[0].id, sam := web.counsellor())
    web.write_as_person(web.handoffs(chat.id)[0].id, sam, "Hi, I am Sam.")

    help_now = chat.post(TONIGHT).json()["help"]

    assert "asked a person" not in help_now["text"] and "told the team" not in help_now["text"]
    assert help_now["resources"]
