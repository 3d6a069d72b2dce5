from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import cli
from bot.keys import ensure_key
from bot.settings import ROOT, load_settings
from bot.store import tables
from bot.store.crypto import Cipher
from bot.store.database import Store

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a database and an `.env` of its own."""
    for name in re.findall(r'env\("(HANDRAIL_\w+)"\)', (ROOT / "bot" / "settings.py").read_text()):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HANDRAIL_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("HANDRAIL_ENV_FILE", str(tmp_path / ".env"))
    monkeypatch.setenv("HANDRAIL_KEY", Cipher.make_key())


def staff_names(tmp_path: Path) -> list[tuple[str, str, bool]]:
    settings = load_settings()
    store = Store(settings.database_url, settings.load_key())
    query = select(tables.staff.c.name, tables.staff.c.role, tables.staff.c.must_change_password)
    return [tuple(row) for row in store.read_now(lambda connection: connection.execute(query).all())]


def command_names(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    """Every command as it is typed, "staff add" too."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                inner = list(command_names(sub, f"{before}{name} "))
                yield from inner or [f"{before}{name}"]


def test_every_command_is_documented() -> None:
    documented = (ROOT / "docs" / "operations.md").read_text()
    missing = [name for name in command_names(cli.parser()) if f"`handrail {name}" not in documented]
    assert missing == []


def test_every_setting_stands_in_the_example_file() -> None:
    settings = set(re.findall(r'env\("(HANDRAIL_\w+)"\)', (ROOT / "bot" / "settings.py").read_text()))
    example = set(re.findall(r"^#?(HANDRAIL_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert settings == example


def test_a_key_is_printed_that_can_be_used(capsys: Captured) -> None:
    assert cli.main(["key"]) == 0
    Cipher(capsys.readouterr().out.strip())


def test_a_setting_that_cannot_be_used_is_named_without_a_stack_trace(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("HANDRAIL_PORT", "eighty")
    assert cli.main(["key"]) == 1
    assert "eighty" in capsys.readouterr().err


def test_adding_staff_prints_a_one_time_password(tmp_path: Path, capsys: Captured) -> None:
    assert cli.main(["staff", "add", "Sam", "--role", "counsellor"]) == 0
    assert len(capsys.readouterr().out.strip()) >= 12
    assert staff_names(tmp_path) == [("Sam", "counsellor", True)]


def test_a_password_from_standard_input_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long sentence that nobody guesses\n"))
    assert cli.main(["staff", "add", "Sam", "--role", "supervisor", "--password-stdin"]) == 0
    assert capsys.readouterr().out == ""
    assert staff_names(tmp_path) == [("Sam", "supervisor", False)]


def test_no_password_on_standard_input_adds_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert cli.main(["staff", "add", "Sam", "--role", "supervisor", "--password-stdin"]) == 1
    assert cli.main(["migrate"]) == 0
    assert staff_names(tmp_path) == []


def test_a_role_that_is_none_is_refused(capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        cli.main(["staff", "add", "Sam", "--role", "boss"])
    assert "counsellor" in capsys.readouterr().err


def test_statistics_of_an_empty_database_are_a_heading(capsys: Captured) -> None:
    assert cli.main(["export"]) == 0
    assert capsys.readouterr().out == "week,what,which,count\n"


def test_the_first_key_is_written_for_its_owner_only_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDRAIL_KEY", "")
    key = ensure_key(load_settings()).load_key()

    file = tmp_path / ".env"
    assert file.stat().st_mode & 0o777 == 0o600
    assert f"HANDRAIL_KEY={key}" in file.read_text().splitlines()
    assert ensure_key(load_settings()).load_key() == key


def test_other_lines_of_the_settings_file_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDRAIL_KEY", "")
    (tmp_path / ".env").write_text("HANDRAIL_PORT=9000\nHANDRAIL_KEY=\n")

    ensure_key(load_settings())

    port, key = (tmp_path / ".env").read_text().splitlines()
    assert port == "HANDRAIL_PORT=9000"
    assert key.startswith("HANDRAIL_KEY=") and len(key) > 40


def test_a_key_file_that_is_named_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDRAIL_KEY", "")
    monkeypatch.setenv("HANDRAIL_KEY_FILE", str(tmp_path / "elsewhere" / "key"))

    key = ensure_key(load_settings()).load_key()

    assert (tmp_path / "elsewhere" / "key").read_text().strip() == key
    assert not (tmp_path / ".env").exists()


def test_a_database_whose_key_is_gone_gets_no_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert cli.main(["migrate"]) == 0
    monkeypatch.setenv("HANDRAIL_KEY", "")
    assert cli.main(["migrate"]) == 1
    assert "key" in capsys.readouterr().err


def test_triage_answers_each_line_in_its_place_without_a_server(tmp_path: Path) -> None:
    lines = ['{"id": "a", "text": "hello"}', "not json", '{"id": "b", "text": "i want to talk to a person \\ud83d"}']
    command = [sys.executable, "-m", "bot.cli", "triage"]
    # A folder without models: the detector of words alone is quick to load, and the rest is not this command's matter.
    environment = {**os.environ, "HANDRAIL_MODEL_DIR": str(tmp_path)}
    done = subprocess.run(command, input="\n".join(lines).encode() + b"\n\xff\n", cwd=ROOT, env=environment, capture_output=True)

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", None, "b", None]
    assert "error" in answers[1] and "error" in answers[3]
    assert done.returncode == 1


def test_an_evaluation_of_nothing_gives_no_figures(tmp_path: Path, capsys: Captured) -> None:
    assert cli.main(["evaluate", str(tmp_path / "nothing.jsonl")]) == 1
    assert capsys.readouterr().out == ""


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after `statement`."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_web_process_loads_neither_rasa_nor_tensorflow() -> None:
    assert not loaded_by("import bot.app") & {"rasa", "rasa_sdk", "tensorflow"}


def test_the_command_itself_loads_nothing_heavy() -> None:
    assert not loaded_by("import bot.cli") & {"sqlalchemy", "fastapi", "numpy", "onnxruntime", "alembic"}
