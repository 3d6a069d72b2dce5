from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.statistics import write_csv
from bot.store import tables
from bot.store.crypto import Cipher
from bot.store.database import Store
from tests.database import fresh_database

MONDAY = 1_767_571_200.0  # 5 January 2026, the first day of its second week


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_database(tmp_path) as url:
        running = Store(url, Cipher.make_key())
        yield running
        running.engine.dispose()


def conversations(store: Store, count: int, at: float) -> None:
    rows = [{"id": f"{at}-{number}", "created_at": at, "active_at": at} for number in range(count)]
    store.write_now(lambda connection: connection.execute(insert(tables.conversations), rows))


def export(store: Store) -> list[str]:
    output = io.StringIO()
    write_csv(store, output)
    return output.getvalue().splitlines()


def test_counts_are_by_week(store: Store) -> None:
    conversations(store, 7, MONDAY)
    conversations(store, 5, MONDAY + 7 * 86_400)

    assert export(store) == ["week,what,which,count", "2026-W02,conversations,all,7", "2026-W03,conversations,all,5"]


def test_a_small_count_is_not_told(store: Store) -> None:
    conversations(store, 4, MONDAY)

    assert export(store)[1:] == ["2026-W02,conversations,all,<5"]
