from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from bot import readiness
from bot.content import Content
from bot.content.opening import OpeningHours
from bot.settings import ROOT, Settings, load_settings
from bot.store import tables
from bot.store.crypto import Cipher
from bot.store.database import Store
from tests.database import fresh_database


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with which nothing is missing."""
    key_file = tmp_path / "elsewhere" / "key"
    key_file.parent.mkdir()
    key_file.write_text(Cipher.make_key())
    monkeypatch.setenv("HANDRAIL_ENV_FILE", str(tmp_path / "none"))
    return dataclasses.replace(
        load_settings(),
        key="",
        key_file=key_file,
        var_dir=tmp_path / "data" / "var",
        chat_origin="https://chat.example.org",
        desk_origin="https://desk.example.org",
    )


@pytest.fixture
def content() -> Content:
    """The content as it is, signed and in date."""
    loaded = Content.load(ROOT / "data")
    always = loaded.policy.opening or OpeningHours(True, ZoneInfo("UTC"), {})
    loaded.policy = dataclasses.replace(loaded.policy, signed=True, on_call="the duty manager, 000", opening=always)
    contacts = [dataclasses.replace(contact, check_by=date(2999, 1, 1)) for contact in loaded.directory.contacts]
    old = loaded.directory
    loaded.directory = type(old)(contacts, old.countries, old.topics_by_cue, old.home_countries)
    return loaded


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_database(tmp_path) as url:
        running = Store(url, Cipher.make_key())
        for name, role in (("Sam", "counsellor"), ("Kim", "supervisor")):
            add(running, name, role)
        yield running
        running.engine.dispose()


def add(store: Store, name: str, role: str, disabled_at: float | None = None) -> None:
    row = {"name": name, "role": role, "password_hash": "x", "must_change_password": False, "created_at": 0.0}
    store.write_now(lambda connection: connection.execute(insert(tables.staff).values(**row, disabled_at=disabled_at)))


def test_nothing_is_missing_when_everything_is_there(settings: Settings, content: Content, store: Store) -> None:
    assert readiness.problems(settings, content, store) == []


NOT_WHOLE = [({"signed": False}, "signed"), ({"opening": None}, "Hours"), ({"on_call": " "}, "On call")]


@pytest.mark.parametrize(("change", "word"), NOT_WHOLE)
def test_a_policy_that_is_not_whole_is_said(content: Content, change: dict[str, object], word: str) -> None:
    (problem,) = readiness.policy_problems(dataclasses.replace(content.policy, **change))  # type: ignore[arg-type]
    assert word in problem


def test_a_number_of_the_home_country_that_is_overdue_is_named(content: Content) -> None:
    code = content.policy.home_countries[0]
    number = next(contact for contact in content.directory.contacts if contact.country == code and contact.shown)
    old = content.directory
    late = [dataclasses.replace(number, check_by=date(2020, 1, 1)) if one is number else one for one in old.contacts]
    content.directory = type(old)(late, old.countries, old.topics_by_cue, old.home_countries)

    (problem,) = readiness.directory_problems(content, 1.7e9)

    assert number.name in problem


def test_one_person_is_not_enough(tmp_path: Path) -> None:
    with fresh_database(tmp_path) as url:
        store = Store(url, Cipher.make_key())
        add(store, "Sam", "counsellor")
        add(store, "Gone", "counsellor", disabled_at=1.0)
        add(store, "Editor", "content")
        assert len(readiness.staff_problems(store)) == 1
        store.engine.dispose()


def test_a_key_inside_the_data_folder_is_said(settings: Settings) -> None:
    inside = settings.var_dir / "key"
    inside.parent.mkdir(parents=True)
    inside.write_text("a key")
    assert len(readiness.key_problems(dataclasses.replace(settings, key_file=inside))) == 1
    assert readiness.key_problems(settings) == []


def test_a_key_in_the_settings_file_beside_the_data_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    file = settings.var_dir.parent / ".env"
    file.parent.mkdir(parents=True)
    file.write_text("HANDRAIL_KEY=abc\n")
    monkeypatch.setenv("HANDRAIL_ENV_FILE", str(file))
    assert len(readiness.key_problems(dataclasses.replace(settings, key_file=None, key="abc"))) == 1


@pytest.mark.parametrize("origin", ["", "http://chat.example.org", "https://"])
def test_an_origin_without_https_is_said(settings: Settings, origin: str) -> None:
    assert len(readiness.origin_problems(dataclasses.replace(settings, chat_origin=origin))) == 1
