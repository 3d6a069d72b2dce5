"""Bound to the network, the chat opens as soon as nothing is missing any more, without a new start."""

from __future__ import annotations

import time

import pytest

import bot.app
from tests.web.chat_fixtures import Web


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.app, "READY_EVERY", 0.05)


def test_the_chat_opens_once_nothing_is_missing_and_closes_again(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(web.app.state.settings), "bound_to_loopback", False)
    missing = ["Staff: 0 of 2 people who can take a chat can sign in."]
    monkeypatch.setattr(bot.app, "problems", lambda *_: list(missing))

    assert opens(web, 503)
    missing.clear()
    assert opens(web, 201)
    missing.append("Policy: not signed.")
    assert opens(web, 503)


def opens(web: Web, status: int) -> bool:
    """Whether opening a chat answers so before long."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if web.http.post("/api/chat/conversations", json={}).status_code == status:
            return True
        time.sleep(0.05)
    return False
