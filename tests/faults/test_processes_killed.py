"""What a young person sees, and what the desk has, when parts of the product are killed, frozen or missing."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.settings import ROOT
from bot.store import tables
from tests.product import OutsideChat, Product, product

THREAT = "he says he will send my pics to everyone if i dont pay tonight"


def rows(running: Product, query: Any) -> list[Any]:
    return running.store().read_now(lambda connection: list(connection.execute(query).scalars()))


def open_handoffs(running: Product, chat: OutsideChat) -> list[str]:
    return rows(running, select(tables.handoffs.c.state).where(tables.handoffs.c.conversation_id == chat.id))


def has_numbers_and_a_handoff(running: Product) -> None:
    chat = running.chat()
    started = time.monotonic()
    posted = chat.post(THREAT)
    assert posted.status_code == 202
    assert posted.json()["help"]["resources"], "the answer to the post has numbers"
    assert open_handoffs(running, chat) == ["waiting"]
    said = chat.wait_for_answer(posted.json()["seq"])
    assert any(message["resources"] for message in said), "the chat shows numbers"
    assert time.monotonic() - started < 8


def test_with_everything_up_a_disclosure_gets_numbers_and_a_handoff(tmp_path: Path) -> None:
    with product(tmp_path) as running:
        running.wait_for(engine="ok", triage="ok")
        has_numbers_and_a_handoff(running)


def test_before_the_engine_is_ready_a_disclosure_is_answered(tmp_path: Path) -> None:
    with product(tmp_path) as running:
        has_numbers_and_a_handoff(running)


def test_with_the_engine_killed_it_is_answered_and_the_engine_comes_back(tmp_path: Path) -> None:
    with product(tmp_path) as running:
        running.wait_for(engine="ok", triage="ok")
        killed = running.kill("engine")
        has_numbers_and_a_handoff(running)
        running.wait_for(engine="ok")
        assert running.pids("engine") != [killed]


def test_with_the_engine_frozen_it_is_answered(tmp_path: Path) -> None:
    with product(tmp_path) as running:
        running.wait_for(engine="ok", triage="ok")
        frozen = running.kill("engine", signal.SIGSTOP)
        has_numbers_and_a_handoff(running)
        running.wait_for(engine="down")
        os.kill(frozen, signal.SIGCONT)
        running.wait_for(engine="ok")


@pytest.mark.parametrize("missing", ["dialogue", "encoder", "triage"])
def test_with_a_model_missing_it_is_answered(tmp_path: Path, missing: str) -> None:
    models = tmp_path / "models"
    shutil.copytree(ROOT / "models", models)
    shutil.rmtree(models / missing)
    with product(tmp_path, model_dir=models) as running:
        time.sleep(3)
        has_numbers_and_a_handoff(running)
        if missing != "dialogue":
            assert running.health()["triage"] == "words_only"


def test_with_no_models_and_no_words_every_message_is_handed_over(tmp_path: Path) -> None:
    data, models = tmp_path / "data", tmp_path / "models"
    shutil.copytree(ROOT / "data", data)
    (data / "triage" / "words.yml").write_text("not: [a, word, list")
    models.mkdir()
    with product(tmp_path, model_dir=models, HANDRAIL_DATA_DIR=str(data)) as running:
        time.sleep(2)
        chat = running.chat()
        posted = chat.post("hello, is somebody there?")
        assert posted.status_code == 202
        assert posted.json()["help"]["resources"]
        assert open_handoffs(running, chat) == ["waiting"]


def test_web_killed_right_after_the_202_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with product(tmp_path) as running:
        running.wait_for(engine="ok", triage="ok")
        posted: list[tuple[OutsideChat, str, int]] = []
        for round_number in range(20):
            chat = running.chat()
            text = THREAT if round_number % 2 == 0 else "how do i know if a modelling job is fake?"
            answer = chat.post(text)
            assert answer.status_code == 202
            posted.append((chat, text, answer.json()["seq"]))
            time.sleep(0.01 * round_number)
            running.kill("web")
            running.wait_for(web="ok")
        running.wait_for(engine="ok", triage="ok")
        for chat, _text, seq in posted:
            assert chat.wait_for_answer(seq)
        time.sleep(3)
        for chat, text, _seq in posted:
            mine = [message["text"] for message in chat.messages() if message["sender"] == "young_person"]
            assert mine == [text]
            assert open_handoffs(running, chat) == (["waiting"] if text == THREAT else [])
            query = select(tables.turns.c.turn_no).where(tables.turns.c.conversation_id == chat.id)
            assert rows(running, query) == [0], "answered once"


def test_a_database_that_is_away_gives_503_with_help_and_takes_the_message_later(tmp_path: Path) -> None:
    with product(tmp_path) as running:
        running.wait_for(triage="ok")
        chat = running.chat()
        client_id = str(uuid.uuid4())
        holder = sqlite3.connect(tmp_path / "var" / "handrail.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        refused = chat.post(THREAT, client_id, timeout=30)
        holder.execute("ROLLBACK")
        holder.close()

        assert refused.status_code == 503
        assert refused.json()["help"]["resources"]
        again = chat.post(THREAT, client_id)
        assert again.status_code in {200, 202}
        assert open_handoffs(running, chat) == ["waiting"]


def test_a_stop_ends_every_process_and_no_log_holds_a_message(tmp_path: Path) -> None:
    with product(tmp_path) as running:
        running.wait_for(engine="ok", triage="ok")
        chat = running.chat()
        chat.wait_for_answer(chat.post("a very particular sentence to look for.").json()["seq"])
        children = [*running.pids("web"), *running.pids("engine")]
        running.process.send_signal(signal.SIGINT)
        running.process.wait(12)
        time.sleep(0.5)
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
        assert "particular" not in running.log.read_text()


def test_a_supervisor_that_is_killed_leaves_nobody_behind(tmp_path: Path) -> None:
    with product(tmp_path) as running:
        running.wait_for(engine="ok")
        children = [*running.pids("web"), *running.pids("engine")]
        running.process.kill()
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def test_web_serves_within_two_seconds_of_its_start(tmp_path: Path) -> None:
    with product(tmp_path) as running:
        running.wait_for(engine="ok")
        running.kill("web")
        started = time.monotonic()
        while not running.health():
            time.sleep(0.02)
        # The supervisor's pause before a restart and the machine's load come on top of the two seconds.
        assert time.monotonic() - started < 8
        assert httpx.get(running.url).status_code == 200
