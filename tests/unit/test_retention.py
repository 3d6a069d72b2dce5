from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from bot.retention import BATCH, DAY, purge
from bot.store import tables
from bot.store.crypto import Cipher
from bot.store.database import Store
from tests.database import fresh_database

DAYS = {"conversations": 30, "handoffs": 180, "audit": 730}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_database(tmp_path) as url:
        running = Store(url, Cipher.make_key())
        yield running
        running.engine.dispose()


def conversation(store: Store, name: str, days_ago: float) -> None:
    at = store.read_now(store.now) - days_ago * DAY
    new = insert(tables.conversations).values(id=name, created_at=at, active_at=at)
    store.write_now(lambda connection: connection.execute(new))
    message = {"conversation_id": name, "seq": 1, "sender": "young_person", "text": "a text", "at": at}
    store.write_now(lambda connection: connection.execute(insert(tables.messages).values(**message)))


def handoff(store: Store, name: str, state: str, days_ago: float) -> None:
    at = store.read_now(store.now) - days_ago * DAY
    values: dict[str, Any] = {
        "conversation_id": name,
        "state": state,
        "tier": 2,
        "assessed": "full",
        "cause": "cue",
        "opened_at": at,
        "waiting_since": at,
        "reasons": [],
        "facts": {},
        "closed_at": at if state == "closed" else None,
    }
    store.write_now(lambda connection: connection.execute(insert(tables.handoffs).values(**values)))


def left(store: Store) -> list[str]:
    query = select(tables.conversations.c.id).order_by(tables.conversations.c.id)
    return list(store.read_now(lambda connection: connection.execute(query).scalars().all()))


def test_a_conversation_over_its_time_goes_with_all_that_belongs_to_it(store: Store) -> None:
    conversation(store, "old", 31)
    conversation(store, "young", 29)

    assert purge(store, DAYS)["conversations"] == 1
    assert left(store) == ["young"]
    count = select(func.count()).select_from(tables.messages)
    assert store.read_now(lambda connection: connection.execute(count).scalar_one()) == 1


def test_a_conversation_with_a_person_stays_longer(store: Store) -> None:
    conversation(store, "kept", 31)
    handoff(store, "kept", "closed", 31)
    conversation(store, "over", 181)
    handoff(store, "over", "closed", 181)

    purge(store, DAYS)

    assert left(store) == ["kept"]


def test_an_open_handoff_is_never_deleted(store: Store) -> None:
    for state in ("waiting", "claimed", "live"):
        conversation(store, state, 900)
        handoff(store, state, state, 900)

    purge(store, DAYS)

    assert left(store) == ["claimed", "live", "waiting"]


def test_a_declined_handoff_counts_as_handed_over(store: Store) -> None:
    conversation(store, "declined", 100)
    handoff(store, "declined", "declined", 100)

    purge(store, DAYS)

    assert left(store) == ["declined"]


def test_more_than_one_batch_is_deleted(store: Store) -> None:
    for number in range(BATCH + 1):
        conversation(store, f"old-{number:03}", 40)

    assert purge(store, DAYS)["conversations"] == BATCH + 1


def test_the_periods_are_the_policy_s(store: Store) -> None:
    conversation(store, "recent", 2)

    purge(store, {**DAYS, "conversations": 1})

    assert left(store) == []
