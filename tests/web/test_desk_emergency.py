"""The emergency record, the rest after an immediate chat, and the audit."""

from __future__ import annotations

from bot.store.tables import emergency_records
from tests.web.desk_fixtures import DeskApp, desk, live, on_shift

__all__ = ["desk"]
CLOSING = {"outcome": "other"}


def test_the_record_keeps_what_is_given_and_leaves_the_rest(desk: DeskApp) -> None:
    sam = on_shift(desk, "Sam")
    chat = live(desk, sam, "suicide_intent")

    assert sam.post(f"/handoffs/{chat}/emergency", {}).status_code == 204
    assert sam.post(f"/handoffs/{chat}/emergency", {"called": "999"}).status_code == 204
    assert sam.post(f"/handoffs/{chat}/emergency", {"told": "help comes"}).status_code == 204

    record = sam.detail(chat)["emergency"]
    assert (record["opened_by"], record["decided_by"], record["called"], record["told"]) == ("Sam", "Sam", "999", "help comes")
    assert len(desk.rows(emergency_records)) == 1
    assert sam.post(f"/handoffs/{chat}/emergency", {"outcome": "fine"}).status_code == 422
    assert sam.post(f"/handoffs/{chat}/emergency", {"diagnosis": "x"}).status_code == 422
    assert sam.post(f"/handoffs/{chat}/emergency", {"told": "x" * 1001}).status_code == 422
    assert desk.audited().count("emergency_record") == 3


def test_a_record_is_for_chats_at_immediate_and_hidden_from_who_may_not_read(desk: DeskApp) -> None:
    sam, ana = on_shift(desk, "Sam"), on_shift(desk, "Ana")
    high = live(desk, sam, "sextortion")
    urgent = live(desk, ana, "suicide_intent")
    ana.post(f"/handoffs/{urgent}/emergency", {"called": "999"})

    assert sam.post(f"/handoffs/{high}/emergency", {}).status_code == 409
    assert sam.detail(urgent)["emergency"] is None


def test_could_not_reach_keeps_a_chat_open_until_a_supervisor_confirms(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")
    chat = live(desk, sam, "suicide_intent")
    sam.post(f"/handoffs/{chat}/emergency", {"outcome": "unreached"})

    assert sam.post(f"/handoffs/{chat}/close", CLOSING).status_code == 409
    assert sam.post(f"/handoffs/{chat}/return-to-bot").status_code == 409
    assert sam.post(f"/handoffs/{chat}/emergency/confirm").status_code == 403
    assert "unreached" in [event["kind"] for event in boss.get("/watch").json()["events"]]
    assert boss.post(f"/handoffs/{chat}/emergency/confirm").status_code == 204
    assert boss.post(f"/handoffs/{chat}/emergency/confirm").status_code == 409
    assert sam.post(f"/handoffs/{chat}/close", CLOSING).status_code == 204


def test_only_the_holder_asks_where_they_are(desk: DeskApp) -> None:
    sam, ana = on_shift(desk, "Sam"), on_shift(desk, "Ana")
    chat = live(desk, sam, "suicide_intent")

    assert ana.post(f"/handoffs/{chat}/ask-where").status_code == 403
    assert sam.post(f"/handoffs/{chat}/ask-where").status_code == 202
    asked = sam.detail(chat)["messages"][-1]
    assert asked["sender"] == "system" and "Where are you right now?" in asked["text"] and "999" in asked["text"]


def test_after_an_immediate_chat_next_gives_nothing_until_the_rest_is_over(desk: DeskApp) -> None:
    sam = on_shift(desk, "Sam")
    chat = live(desk, sam, "suicide_intent")
    sam.post(f"/handoffs/{chat}/close", CLOSING)
    waiting = desk.waiting("sextortion")

    assert sam.get("/queue").json()["rest_until"]
    assert sam.post("/next").status_code == 204
    assert sam.get("/colleagues").json()["colleagues"][0]["free"] == 0
    assert sam.post("/ready").status_code == 204
    assert sam.post("/next").json() == {"id": waiting}


def test_a_resting_person_may_still_pick_a_chat_by_hand(desk: DeskApp) -> None:
    sam = on_shift(desk, "Sam")
    sam.post(f"/handoffs/{live(desk, sam, 'suicide_intent')}/close", CLOSING)

    assert sam.post(f"/handoffs/{desk.waiting('sextortion')}/accept").status_code == 200


def test_the_audit_is_for_supervisors_and_says_who_did_what_and_why(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")
    chat = desk.waiting()
    sam.post(f"/handoffs/{chat}/read-reason", {"reason": "Ana asked me"})
    sam.detail(chat)

    assert sam.get("/audit").status_code == 403
    lines = boss.get("/audit", params={"handoff": chat, "who": "Sam"}).json()["lines"]
    assert [(line["action"], line["reason"]) for line in lines] == [("read_transcript", None), ("read_reason", "Ana asked me")]
    older = boss.get("/audit", params={"handoff": chat, "before": lines[0]["id"]}).json()["lines"]
    assert [line["action"] for line in older] == ["read_reason"]
    assert desk.audited()[-1] == "read_audit"
