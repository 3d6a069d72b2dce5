"""The board, whispers, take-over, and what staff said of triage."""

from __future__ import annotations

from bot.store.tables import handoffs, notes
from tests.web.desk_fixtures import DeskApp, desk
from tests.web.test_desk_passing import live, message, on_shift

__all__ = ["desk"]


def test_the_board_counts_by_tier_and_names_who_is_here_with_what(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")
    chat = live(desk, sam, "suicide_intent")
    desk.waiting("sextortion")

    board = boss.get("/board").json()

    rows = {row["tier"]: row for row in board["tiers"]}
    assert list(rows) == ["immediate", "high", "elevated", "none"]
    assert (rows["immediate"]["with_person"], rows["high"]["waiting"], rows["high"]["late"]) == (1, 1, 0)
    assert (rows["immediate"]["limit"], rows["high"]["limit"]) == (60, 300)
    people = {person["name"]: person for person in board["people"]}
    assert people["Sam"]["chats"] == [{"handoff": chat, "tier": "immediate", "state": "live", "unanswered_since": None}]
    assert (people["Sam"]["exposure"], people["Boss"]["exposure"]) == (1, 0)
    assert board["overload_since"] is None


def test_only_supervisors_see_the_board_and_only_they_take_over(desk: DeskApp) -> None:
    sam, ana = on_shift(desk, "Sam"), on_shift(desk, "Ana")
    chat = live(desk, sam)

    assert ana.get("/board").status_code == 403
    assert ana.get("/corrections").status_code == 403
    assert ana.post(f"/handoffs/{chat}/take-over").status_code == 403
    assert ana.post(f"/handoffs/{chat}/whisper", {"text": "psst"}).status_code == 403


def test_a_take_over_keeps_the_chat_live_and_asks_for_words_at_once(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")
    chat = live(desk, sam)

    assert boss.post(f"/handoffs/{chat}/take-over").status_code == 204

    detail = boss.detail(chat)
    assert (detail["state"], detail["claimed_by"], detail["mode"]) == ("live", "Boss", "live")
    assert detail["unanswered_since"] is not None
    assert boss.post(f"/handoffs/{chat}/take-over").status_code == 409
    assert boss.post(f"/handoffs/{chat}/messages", message("I am Boss.")).status_code == 202
    assert {"taken_over", "accepted"} <= {event["kind"] for event in detail["history"]}


def test_a_chat_that_waits_is_accepted_by_taking_over(desk: DeskApp) -> None:
    boss = on_shift(desk, "Boss", "supervisor")
    chat = desk.waiting()

    assert boss.post(f"/handoffs/{chat}/take-over").status_code == 204
    assert desk.state(chat) == "claimed"


def test_a_whisper_is_for_the_holder_and_never_for_the_young_person(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")
    waits, chat = desk.waiting("suicide_intent"), live(desk, sam)

    assert boss.post(f"/handoffs/{waits}/whisper", {"text": "psst"}).status_code == 409
    assert boss.post(f"/handoffs/{chat}/whisper", {"text": "Ask where"}).status_code == 201
    assert boss.post(f"/handoffs/{chat}/whisper", {"text": " "}).status_code == 422
    assert boss.post(f"/handoffs/{chat}/whisper", {"text": "x" * 501}).status_code == 422

    (note,) = sam.detail(chat)["notes"]
    assert (note["staff"], note["text"], note["whisper"]) == ("Boss", "Ask where", True)
    assert [row.whisper for row in desk.rows(notes)] == [True]
    assert not any("Ask where" in line["text"] for line in sam.detail(chat)["messages"])


def test_the_weeks_list_has_what_was_missed_what_was_wrong_and_what_was_lowered(desk: DeskApp) -> None:
    sam, lead = on_shift(desk, "Sam"), desk.signed_in("Lead", "safeguarding")
    for verdict in ("missed", "right", "false_alarm"):
        chat = live(desk, sam)
        closing = {"outcome": "other", "triage": verdict, "note": f"why {verdict}"}
        assert sam.post(f"/handoffs/{chat}/close", closing).status_code == 204
    lowered = live(desk, sam)
    sam.post(f"/handoffs/{lowered}/tier", {"tier": "elevated", "reason": "They meant a film"})

    listed = lead.get("/corrections").json()["corrections"]

    assert [one["verdict"] for one in listed] == ["lowered", "false_alarm", "missed"]
    assert [one["why"] for one in listed] == ["They meant a film", "why false_alarm", "why missed"]
    assert listed[0]["cues"] == ["sextortion"]
    assert "read_corrections" in desk.audited()
    assert len(desk.rows(handoffs)) == 4
