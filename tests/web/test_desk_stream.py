"""The desk's event stream over real HTTP: hints without words, a sign of life, its end with the sign-in."""

from __future__ import annotations

import time

import httpx
import pytest

from bot.handoff import lifecycle
from bot.store.tables import handoffs, presence, staff_sessions
from tests.web.chat_fixtures import running
from tests.web.desk_fixtures import Browser, DeskApp, Listener, desk

__all__ = ["desk"]


def test_the_stream_hints_at_the_queue_at_messages_and_at_shifts(desk: DeskApp) -> None:
    desk.add("Sam")
    with running(desk.app) as url:
        listener = Listener(url, "Sam")
        listener.wait("queue")

        before = listener.count("queue")
        pressed = time.monotonic()
        handoff_id = desk.waiting(quote="a very particular sentence")
        listener.wait("queue", before + 1)
        assert time.monotonic() - pressed < 1

        desk.young_person_writes(handoff_id, "are you there?")
        assert listener.wait("message")["handoff"] == handoff_id

        before = listener.count("presence")
        with httpx.Client(base_url=url) as http:
            browser = Browser(http)
            browser.sign_in("Sam")
            browser.post("/presence", {"state": "on_shift"})
        assert listener.wait("presence", before + 1)["people"] == "on_duty"
        assert "particular" not in listener.text and "are you there" not in listener.text
        listener.http.close()


def test_an_open_stream_is_a_sign_of_life_and_ends_with_the_sign_in(desk: DeskApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.desk.stream.SIGN_OF_LIFE_EVERY", 0.2)
    desk.add("Sam")
    with running(desk.app) as url:
        listener = Listener(url, "Sam")
        listener.wait("queue")
        first = desk.rows(presence)[0].stream_seen_at
        time.sleep(0.8)
        assert desk.rows(presence)[0].stream_seen_at > first
        assert desk.rows(presence)[0].state == "off"

        desk.do(lambda connection: connection.execute(staff_sessions.delete()))
        assert listener.ended.wait(5)
        listener.http.close()


def test_what_is_said_where_no_handoff_is_open_wakes_no_desk(desk: DeskApp) -> None:
    desk.add("Sam")
    with running(desk.app) as url:
        listener = Listener(url, "Sam")
        listener.wait("queue")
        handoff_id = desk.waiting()
        listener.wait("queue", 2)
        conversation = desk.rows(handoffs)[0].conversation_id
        desk.do(lambda connection: lifecycle.decline(connection, conversation, desk.now()))
        listener.wait("queue", 3)

        desk.young_person_writes(handoff_id, "hello")
        time.sleep(0.5)

        assert listener.count("message") == 0
        listener.http.close()
