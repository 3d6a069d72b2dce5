"""That a young person types: the desk sees it for a moment, without a word of what."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from bot.store import tables
from tests.web.chat_fixtures import Web, web_process


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web_process(tmp_path_factory.mktemp("web")) as running:
        yield running


def test_that_somebody_types_is_kept_for_seconds_and_stores_no_message(web: Web) -> None:
    chat = web.chat()
    before = len(chat.read(0)["messages"])
    assert web.http.post("/api/chat/typing", headers=chat.auth).status_code == 204
    (row,) = web.rows(tables.conversations, tables.conversations.c.id == chat.id)
    assert 0 < row.young_person_typing_until - time.time() < 10
    assert len(chat.read(0)["messages"]) == before


def test_typing_needs_a_chat(web: Web) -> None:
    assert web.http.post("/api/chat/typing").status_code == 401
