from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import startup
from bot.settings import Settings, load_settings
from bot.store import tables
from bot.store.crypto import Cipher
from bot.store.database import DatabaseAway, Store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    var_dir = tmp_path / "var"
    return dataclasses.replace(
        load_settings(),
        var_dir=var_dir,
        database_url=f"sqlite:///{var_dir / 'handrail.db'}",
        key=Cipher.make_key(),
        key_file=None,
        host="127.0.0.1",
        port=1,
        chat_origin="",
        desk_origin="",
    )


def names(settings: Settings) -> list[str]:
    store = Store(settings.database_url, settings.key)
    return list(store.read_now(lambda connection: connection.execute(select(tables.staff.c.name)).scalars().all()))


def test_the_first_start_makes_a_sign_in_and_the_second_none(settings: Settings) -> None:
    password = startup.prepare_database(settings, print)

    assert password is not None and len(password) >= 12
    assert startup.prepare_database(settings, print) is None
    assert names(settings) == [startup.FIRST_NAME]


def test_a_server_prints_no_password(settings: Settings) -> None:
    assert startup.prepare_database(dataclasses.replace(settings, host="0.0.0.0"), print) is None
    assert names(settings) == []


def test_a_database_that_is_away_does_not_stop_the_start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    answers: list[DatabaseAway | str] = [DatabaseAway("away"), DatabaseAway("away"), "a-password"]

    def prepare(settings: Settings) -> str | None:
        answer = answers.pop(0)
        if isinstance(answer, DatabaseAway):
            raise answer
        return answer

    monkeypatch.setattr(startup, "RETRY", 0.01)
    monkeypatch.setattr(startup, "_prepare", prepare)

    assert startup.prepare_database(settings, said.append) is None
    deadline = time.monotonic() + 5
    while len(said) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert said[1:] == ["The database is there.", startup.first_sign_in_line("a-password")]


def test_the_addresses_are_those_that_a_browser_can_open(settings: Settings) -> None:
    everywhere = dataclasses.replace(settings, host="0.0.0.0", port=9000)
    assert startup.addresses(everywhere) == ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/desk")

    public = dataclasses.replace(settings, chat_origin="https://chat.example.org", desk_origin="https://desk.example.org")
    assert startup.addresses(public) == ("https://chat.example.org/", "https://desk.example.org/desk")


def test_nothing_is_printed_while_web_does_not_answer(settings: Settings) -> None:
    said: list[str] = []
    assert startup.Greeting(settings, None, said.append).tick()
    assert said == []
