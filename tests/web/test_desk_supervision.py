"""The board, whispers, take-over, and what staff said of triage."""

from __future__ import annotations

from typing import Any

from bot.store.tables import handoffs, notes
from tests.web.desk_fixtures import Browser, DeskApp, desk, live, message, on_shift

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


# Floods


FLOOD = "my teacher is a robot and he will explode the school"


def folded(browser: Browser) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = browser.get("/queue", params={"folded": "true"}).json()["handoffs"]
    return rows


def test_a_flood_of_the_same_opening_is_one_row_and_hides_nobody_behind_it(desk: DeskApp) -> None:
    sam = on_shift(desk, "Sam")
    flood = [desk.waiting(quote=f"{FLOOD} {number}") for number in range(60)]
    alone = desk.waiting(quote="he will send my pics tonight")

    rows = folded(sam)

    assert [row["id"] for row in rows] == [flood[0], alone]
    assert (rows[0]["fold"]["count"], rows[0]["fold"]["ids"], len(rows[0]["fold"]["members"])) == (60, flood, 49)
    assert "fold" not in rows[1]
    assert [row["id"] for row in sam.queue()] == flood[:50]  # unfolded, each has its own row
    assert "robot" not in sam.get("/queue", params={"folded": "true"}).text


def test_a_flood_is_set_aside_by_a_supervisor_with_a_reason_and_taken_up_at_its_place(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")
    flood = [desk.waiting(quote=FLOOD) for _ in range(4)]
    alone = desk.waiting(quote="he will send my pics tonight")
    aside = {"handoffs": flood, "reason": "a class that plays"}

    assert sam.post("/set-aside", aside).status_code == 403
    assert boss.post("/set-aside", {**aside, "reason": " "}).status_code == 422
    assert boss.post("/set-aside", {**aside, "handoffs": []}).status_code == 422
    assert boss.post("/set-aside", aside).json() == {"set_aside": flood, "asked": [], "left": []}

    assert [row["id"] for row in folded(sam)] == [alone, *flood]
    assert sam.post("/next").json() == {"id": alone}
    assert boss.get("/board").json()["tiers"][1]["set_aside"] == 4
    assert sam.post("/take-up", {"handoffs": flood}).status_code == 204
    assert sam.post("/take-up", {"handoffs": flood}).status_code == 409
    assert folded(sam)[0]["id"] == flood[0]
    assert {"set_aside", "taken_up"} <= set(desk.audited())


def test_at_immediate_a_second_pair_of_eyes_must_agree(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")
    chat = desk.waiting("suicide_intent")
    aside = {"handoffs": [chat], "reason": "the tenth copy"}

    assert boss.post("/set-aside", aside).json()["asked"] == [chat]
    assert boss.post("/set-aside", aside).json()["asked"] == [chat]  # the same person twice is one pair of eyes
    assert "set_aside_at" not in sam.queue()[0]
    assert sam.detail(chat)["aside_asked"]["staff"] == "Boss"
    assert sam.post("/set-aside", aside).json()["set_aside"] == [chat]
    assert sam.queue()[0]["set_aside_at"]
    assert [event["kind"] for event in boss.get("/watch").json()["events"]].count("set_aside") == 1


def test_a_chat_that_is_set_aside_can_be_accepted_as_it_is(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")
    chat = desk.waiting()
    boss.post("/set-aside", {"handoffs": [chat], "reason": "a joke"})

    assert sam.post(f"/handoffs/{chat}/accept").status_code == 200
    assert "set_aside_at" not in sam.queue()[0]
    assert boss.post("/set-aside", {"handoffs": [chat], "reason": "a joke"}).json()["left"] == [chat]
