"""Who reads what over HTTP: the brief before a claim; words for the holder, a supervisor, and others after a reason."""

from __future__ import annotations

from sqlalchemy import update

from bot.store.tables import audit, handoff_events
from tests.web.desk_fixtures import ISO, DeskApp, desk, live

__all__ = ["desk"]


def test_before_a_claim_there_is_the_brief_and_no_transcript(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = desk.waiting(quote="he will send my pics")

    detail = browser.detail(handoff_id)

    brief = detail["brief"]
    assert set(brief) >= {"tier", "assessed", "reasons", "facts", "said", "summary"}
    assert set(brief["said"]) == {"disclosed_bot", "confidentiality", "numbers_given", "wait_quoted"}
    (reason,) = brief["reasons"]
    assert (reason["cue"], reason["quote"], reason["seqs"]) == ("sextortion", "he will send my pics", [1])
    assert ISO.fullmatch(reason["at"]) and set(reason) == {"cue", "quote", "seqs", "at", "score", "about"}
    assert (detail["messages"], detail["notes"]) == (None, [])
    assert [line["kind"] for line in detail["history"]] == ["opened"]
    assert any(number["contact"] for number in detail["numbers"])
    assert desk.audited()[-1] == "read_brief"


def test_the_holder_reads_the_transcript_and_each_reading_is_in_the_audit(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = live(desk, browser)

    lines = browser.detail(handoff_id)["messages"]

    assert [line["sender"] for line in lines] == ["young_person", "system", "counsellor"]
    assert lines[2]["staff"] == "Sam" and lines[2]["client_id"] and ISO.fullmatch(lines[2]["at"])
    assert desk.audited()[-1] == "read_transcript"


def test_a_transcript_of_any_length_is_read_whole(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = live(desk, browser)
    for number in range(510):
        desk.young_person_writes(handoff_id, f"line {number}")

    assert browser.detail(handoff_id)["messages"][-1]["text"] == "line 509"


def test_a_supervisor_reads_and_a_colleague_gives_a_reason_first(desk: DeskApp) -> None:
    sam, ana, boss = desk.signed_in("Sam"), desk.signed_in("Ana"), desk.signed_in("Boss", "supervisor")
    handoff_id = live(desk, sam)

    assert boss.detail(handoff_id)["messages"]
    assert ana.detail(handoff_id)["messages"] is None
    assert ana.post(f"/handoffs/{handoff_id}/read-reason", {"reason": "  "}).status_code == 422
    assert ana.post(f"/handoffs/{handoff_id}/read-reason", {"reason": "Sam asked me to look"}).status_code == 204
    assert ana.detail(handoff_id)["messages"]

    assert [row.reason for row in desk.rows(audit) if row.action == "read_reason"] == ["Sam asked me to look"]
    watched = boss.get("/watch").json()["events"]
    assert ("read_by_reason", "Ana", {"reason": "Sam asked me to look"}) in [
        (event["kind"], event["staff"], event["detail"]) for event in watched
    ]
    hidden = [line for line in sam.detail(handoff_id)["history"] if line["kind"] == "read_by_reason"]
    assert hidden[0]["detail"] == {}


def test_an_earlier_holder_reads_for_a_day(desk: DeskApp) -> None:
    sam = desk.signed_in("Sam")
    handoff_id = live(desk, sam)
    sam.post(f"/handoffs/{handoff_id}/close", {"outcome": "safe_for_now"})
    assert sam.detail(handoff_id)["messages"]

    older = update(handoff_events).values(at=desk.now() - 24 * 3600 - 1)
    desk.do(lambda connection: connection.execute(older))

    assert sam.detail(handoff_id)["messages"] is None


def test_there_is_nothing_under_a_wrong_id(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")

    for answer in (browser.get("/handoffs/4711"), browser.post("/handoffs/4711/accept")):
        assert answer.status_code == 404 and answer.json()["error"]
    assert browser.get("/handoffs/one").status_code == 422
