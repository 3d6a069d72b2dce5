"""Silence ends no chat: whoever looks away for a month finds it as it was, until what is kept runs out (privacy.md)."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import Connection

from bot import retention
from bot.chat import sweep
from bot.store import tables
from tests.web.chat_fixtures import Web

HOUR, DAY = 3_600.0, 86_400.0


def sweep_at(web: Web, later: float, connection: Connection) -> None:
    """What the web process does every few seconds, as if `later` seconds had gone by."""
    sweep.sweep(connection, web.content, web.store.now(connection) + later)


@pytest.mark.parametrize("mode", ["bot", "waiting", "live"])
def test_silence_ends_no_chat_in_any_state(web: Web, mode: str) -> None:
    chat = web.chat()
    chat.say("how do i know if a modelling job is fake?")
    if mode != "bot":
        chat.say(option="person:ask")
    if mode == "live":
        sam, handoff = web.counsellor(), web.handoffs(chat.id)[0].id
        web.accept(handoff, sam)
        web.write_as_person(handoff, sam, "Hi, I am Sam.")
    assert chat.read()["status"]["mode"] == mode

    for later in (60.0, HOUR, DAY, 30 * DAY):
        web.do(partial(sweep_at, web, later))

    (row,) = web.rows(tables.conversations, tables.conversations.c.id == chat.id)
    assert row.ended_at is None and row.mode != "closed"
    assert [handoff.state for handoff in web.handoffs(chat.id)] == ([] if mode == "bot" else ["waiting"])  # Sam's desk is gone
    assert chat.say("I am back")


def test_what_is_kept_runs_out_no_sooner_than_the_page_says(web: Web) -> None:
    chat = web.chat()
    chat.say("how do i know if a modelling job is fake?")
    days = web.content.policy.retention_days

    def age(by: float) -> None:
        change = tables.conversations.update().where(tables.conversations.c.id == chat.id)
        web.do(lambda connection: connection.execute(change.values(active_at=web.store.now(connection) - by)))
        retention.purge(web.store, days)

    age((days["conversations"] - 1) * DAY)
    assert chat.read()["messages"]
    age((days["conversations"] + 1) * DAY)
    assert web.rows(tables.conversations, tables.conversations.c.id == chat.id) == []
    assert f"After {days['conversations']} days your words are erased." in web.http.get("/kept").text
