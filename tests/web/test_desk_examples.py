"""Staff corrections as labelled examples: only by a named reviewer, only when turned on, and never read by training by itself."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from bot import cli
from bot.chat import conversations as lives
from bot.handoff import records
from bot.settings import ROOT
from bot.store.tables import assessments, audit, conversations, messages, triage_examples
from bot.triage.examples import read_examples, training_files
from tests.web.desk_fixtures import Browser, DeskApp, desk

__all__ = ["desk"]
WORDS = "he will send my pics"


@pytest.fixture
def keeping(desk: DeskApp) -> DeskApp:
    """A desk where keeping examples is turned on."""
    desk.app.state.settings = dataclasses.replace(desk.app.state.settings, keep_examples=True)
    return desk


def corrected(desk: DeskApp, verdict: str = "missed", *, words: str = WORDS, told: tuple[str, ...] = ("sextortion",)) -> int:
    """A chat that staff closed and said so of triage, which had heard `told` in it."""
    handoff_id = desk.waiting(quote=words)
    heard(desk, handoff_id, told)
    name = f"Boss {handoff_id}"
    boss = desk.signed_in(name, "supervisor")
    assert boss.post(f"/handoffs/{handoff_id}/close", {"outcome": "other", "triage": verdict}).status_code == 204
    return handoff_id


def heard(desk: DeskApp, handoff_id: int, told: tuple[str, ...]) -> None:
    def work(connection: Any) -> None:
        conversation_id = records.get(connection, handoff_id).conversation_id
        line = connection.execute(select(messages).where(messages.c.conversation_id == conversation_id)).first()
        result = {"cues": [{"cue": cue, "score": 0.9, "about": "self", "evidence": ""} for cue in told]}
        values = {"message_id": line.id, "conversation_id": conversation_id, "seq": line.seq, "tier": 2, "assessed": "full"}
        connection.execute(assessments.insert().values(**values, model="m", result=result, at=line.at))

    desk.do(work)


def keep(lead: Browser, handoff_id: int, text: str = WORDS, *cues: str, seq: int = 1) -> int:
    return lead.post(f"/handoffs/{handoff_id}/examples", {"seq": seq, "text": text, "cues": list(cues)}).status_code


def test_keeping_is_turned_off_until_somebody_turns_it_on(desk: DeskApp) -> None:
    lead = desk.signed_in("Lead", "safeguarding")
    chat = corrected(desk)

    refused = lead.post(f"/handoffs/{chat}/examples", {"seq": 1, "text": WORDS, "cues": ["sextortion"]})

    assert refused.status_code == 409
    assert "HANDRAIL_KEEP_EXAMPLES" in refused.json()["error"]
    assert lead.get("/examples").json() == {"keeping": False, "examples": []}
    assert desk.rows(triage_examples) == []


def test_the_reviewer_sees_what_was_written_what_triage_heard_and_what_the_correction_says(keeping: DeskApp) -> None:
    lead = keeping.signed_in("Lead", "safeguarding")
    chat = corrected(keeping, words="my name is kara, he will send my pics, write to @kara_99 or 020 7946 0123")

    (line,) = lead.get(f"/handoffs/{chat}/examples").json()["lines"]

    assert line["text"] == "my name is [name], he will send my pics, write to [handle] or [number]"
    assert (line["told"], line["suggested"], line["quoted"], line["kept"]) == (["sextortion"], ["sextortion"], True, False)
    assert ("read_examples", f"handoff:{chat}") in [(row.action, row.target) for row in keeping.rows(audit)]


def test_a_kept_example_has_its_reviewer_and_its_label_and_stands_once(keeping: DeskApp) -> None:
    lead = keeping.signed_in("Lead", "safeguarding")
    chat = corrected(keeping)

    assert keep(lead, chat, "he will send my pictures", "sextortion", "emotional_distress") == 201

    (kept,) = lead.get("/examples").json()["examples"]
    assert kept | {
        "handoff": chat, "text": "he will send my pictures", "cues": ["sextortion", "emotional_distress"], "about": "self",
        "verdict": "missed", "staff": "Lead",
    } == kept
    assert keep(lead, chat) == 409
    assert lead.get(f"/handoffs/{chat}/examples").json()["lines"][0]["kept"]
    assert ("example_kept", f"handoff:{chat}") in [(row.action, row.target) for row in keeping.rows(audit)]


def test_an_example_can_be_taken_out_again(keeping: DeskApp) -> None:
    lead = keeping.signed_in("Lead", "safeguarding")
    assert keep(lead, corrected(keeping)) == 201
    (kept,) = lead.get("/examples").json()["examples"]

    assert lead.post(f"/examples/{kept['id']}/drop").status_code == 204

    assert keeping.rows(triage_examples) == []
    assert lead.post(f"/examples/{kept['id']}/drop").status_code == 404


@pytest.mark.parametrize("verdict", ["right", ""])
def test_a_chat_that_nobody_corrected_shows_no_words_and_gives_no_example(keeping: DeskApp, verdict: str) -> None:
    lead = keeping.signed_in("Lead", "safeguarding")
    chat = corrected(keeping, verdict)

    answer = lead.get(f"/handoffs/{chat}/examples")

    assert answer.status_code == 409
    assert "pics" not in answer.text
    assert keep(lead, chat) == 409


@pytest.mark.parametrize(
    "text",
    ["call 020 7946 0123", "my snap: kara.99", "see kara.example.com", "born 3/4/2011", "i live at 14 mill road", "a@b.org"],
)
def test_what_leads_to_somebody_for_sure_is_refused_whoever_left_it_in(keeping: DeskApp, text: str) -> None:
    lead = keeping.signed_in("Lead", "safeguarding")

    assert keep(lead, corrected(keeping), text) == 422
    assert keeping.rows(triage_examples) == []


def test_only_the_young_persons_own_words_become_an_example(keeping: DeskApp) -> None:
    lead = keeping.signed_in("Lead", "safeguarding")

    assert keep(lead, corrected(keeping), seq=9) == 404
    assert keep(lead, corrected(keeping), WORDS, "no_such_cue") == 422


def test_a_false_alarm_suggests_that_it_tells_nothing_and_a_lowered_tier_what_is_left(keeping: DeskApp) -> None:
    lead = keeping.signed_in("Lead", "safeguarding")
    boss = keeping.signed_in("Boss", "supervisor")
    wrong = corrected(keeping, "false_alarm")
    lowered = keeping.waiting(quote=WORDS)
    heard(keeping, lowered, ("sextortion", "emotional_distress"))
    body = {"tier": "elevated", "reason": "It was about a film"}
    assert boss.post(f"/handoffs/{lowered}/tier", body).status_code == 204

    suggested = [lead.get(f"/handoffs/{chat}/examples").json()["lines"][0]["suggested"] for chat in (wrong, lowered)]

    assert suggested == [[], ["emotional_distress"]]


def test_a_tier_that_staff_raised_is_a_correction_and_one_that_rose_by_itself_is_none(keeping: DeskApp) -> None:
    lead, boss = keeping.signed_in("Lead", "safeguarding"), keeping.signed_in("Boss", "supervisor")
    chat = keeping.waiting("sextortion", "im fine really")

    def rises_by_itself(connection: Any) -> None:
        from bot.handoff import journal

        journal.note(connection, chat, "raised", keeping.now(), detail={"tier": "high"})

    keeping.do(rises_by_itself)
    assert lead.get(f"/handoffs/{chat}/examples").status_code == 409

    assert boss.post(f"/handoffs/{chat}/tier", {"tier": "immediate", "reason": ""}).status_code == 204

    assert keep(lead, chat, "im fine really", "suicide_intent") == 201
    assert lead.get("/triage-review").json()["counts"]["raised"] == 1


@pytest.mark.parametrize("role", ["counsellor", "supervisor", "content", "admin"])
def test_nobody_but_the_safeguarding_lead_reads_or_keeps_examples(keeping: DeskApp, role: str) -> None:
    other = keeping.signed_in("Other", role)
    chat = corrected(keeping)

    assert other.get("/examples").status_code == 403
    assert other.get(f"/handoffs/{chat}/examples").status_code == 403
    assert keep(other, chat) == 403


def test_erasing_a_conversation_erases_the_example_of_it(keeping: DeskApp) -> None:
    lead = keeping.signed_in("Lead", "safeguarding")
    assert keep(lead, corrected(keeping)) == 201

    def erase(connection: Any) -> None:
        row = connection.execute(select(conversations)).one()
        lives.erase(connection, row, keeping.now())
        connection.execute(delete(conversations).where(conversations.c.erase_asked_at.is_not(None)))  # as `handrail purge` does

    keeping.do(erase)
    assert keeping.rows(triage_examples) == []


def test_the_file_has_training_lines_that_lead_to_nobody_and_training_does_not_read_it(
    keeping: DeskApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = keeping.signed_in("Lead", "safeguarding")
    for words, cues in (("he will send my pictures", ("sextortion",)), ("just homework, really", ())):
        assert keep(lead, corrected(keeping), words, *cues) == 201
    settings = dataclasses.replace(keeping.app.state.settings, keep_examples=True)
    monkeypatch.setattr(cli, "load_settings", lambda: settings)
    monkeypatch.setattr(cli, "_store", lambda _settings: keeping.store)
    file = tmp_path / "kept.jsonl"

    assert cli.main(["examples", str(file)]) == 0

    assert [(one.text, one.cues) for one in read_examples([file])] == [
        ("he will send my pictures", ("sextortion",)), ("just homework, really", ()),
    ]
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert all(set(line) == {"text", "cues", "about", "style", "voice"} for line in lines)
    assert file.stat().st_mode & 0o777 == 0o600
    assert cli.main(["examples", str(file)]) == 1  # it overwrites nothing
    within = ROOT / "data" / "triage" / "training" / "kept.jsonl"
    assert cli.main(["examples", str(within)]) == 1
    assert not within.exists()
    assert all(file not in read for read in training_files(ROOT / "data"))
