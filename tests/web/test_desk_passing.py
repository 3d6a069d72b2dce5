"""A chat changes hands without a gap; a call for help stands until it is heard; a first word goes out once."""

from __future__ import annotations

from bot.store.tables import alarms, audit, offers
from tests.web.desk_fixtures import DeskApp, desk, live, message, on_shift

__all__ = ["desk"]


def test_an_offered_chat_is_the_holders_until_the_other_one_takes_it(desk: DeskApp) -> None:
    sam, ana, eve = on_shift(desk, "Sam"), on_shift(desk, "Ana"), on_shift(desk, "Eve")
    chat = live(desk, sam)

    assert sam.post(f"/handoffs/{chat}/transfer", {"to": "Ana", "warm": True}).status_code == 204

    assert ana.detail(chat)["messages"] and eve.detail(chat)["messages"] is None
    assert ana.detail(chat)["offer"]["from"] == "Sam" and ana.queue()[0]["offered_to"] == "Ana"
    assert sam.post(f"/handoffs/{chat}/messages", message("One moment.")).status_code == 202
    assert eve.post(f"/handoffs/{chat}/accept").status_code == 409
    assert ana.post(f"/handoffs/{chat}/accept").json()["state"] == "live"
    assert sam.post(f"/handoffs/{chat}/messages", message("Bye.")).status_code == 403
    assert ana.detail(chat)["unanswered_since"] is not None
    assert desk.rows(offers) == []
    assert {"offer", "accept_offer"} <= set(desk.audited())


def test_a_chat_is_offered_only_by_its_holder_to_somebody_who_is_on_shift(desk: DeskApp) -> None:
    sam, ana = on_shift(desk, "Sam"), on_shift(desk, "Ana")
    desk.signed_in("Away")
    chat = live(desk, sam)

    assert sam.post(f"/handoffs/{chat}/transfer", {"to": "Away", "warm": True}).status_code == 422
    assert sam.post(f"/handoffs/{chat}/transfer", {"to": "Sam", "warm": True}).status_code == 422
    assert ana.post(f"/handoffs/{chat}/transfer", {"to": "Ana", "warm": True}).status_code == 403
    assert desk.rows(offers) == []


def test_whoever_is_full_cannot_take_an_offer_below_immediate(desk: DeskApp) -> None:
    sam, ana = on_shift(desk, "Sam"), on_shift(desk, "Ana")
    live(desk, ana)
    chat = live(desk, sam)
    sam.post(f"/handoffs/{chat}/transfer", {"to": "Ana", "warm": True})

    assert ana.post(f"/handoffs/{chat}/accept").status_code == 409
    assert sam.post(f"/handoffs/{chat}/tier", {"tier": "immediate"}).status_code == 204
    assert ana.post(f"/handoffs/{chat}/accept").status_code == 200


def test_an_offer_ends_with_a_refusal_a_withdrawal_and_with_what_else_happens(desk: DeskApp) -> None:
    sam, ana, eve = on_shift(desk, "Sam"), on_shift(desk, "Ana"), on_shift(desk, "Eve")
    chat = live(desk, sam)
    offered = {"to": "Ana", "warm": True}

    for who in (ana, sam):
        sam.post(f"/handoffs/{chat}/transfer", offered)
        assert eve.post(f"/handoffs/{chat}/withdraw").status_code == 409
        assert who.post(f"/handoffs/{chat}/withdraw").status_code == 204
        assert who.post(f"/handoffs/{chat}/withdraw").status_code == 409
    sam.post(f"/handoffs/{chat}/transfer", offered)
    sam.post(f"/handoffs/{chat}/release")
    assert desk.rows(offers) == []


def test_colleagues_are_those_on_shift_with_their_load(desk: DeskApp) -> None:
    sam, _ana = on_shift(desk, "Sam"), on_shift(desk, "Ana")
    desk.signed_in("Away")
    live(desk, sam)

    colleagues = sam.get("/colleagues").json()["colleagues"]

    assert [(one["name"], one["held"], one["free"]) for one in colleagues] == [("Sam", 1, 0), ("Ana", 0, 1)]


def test_the_first_word_goes_out_once_and_only_its_sender_sees_the_answer(desk: DeskApp) -> None:
    sam, ana = on_shift(desk, "Sam"), on_shift(desk, "Ana")
    chat = desk.waiting("suicide_intent", "before the first word")

    assert sam.post(f"/handoffs/{chat}/first-word").status_code == 202
    assert ana.post(f"/handoffs/{chat}/first-word").status_code == 409
    desk.young_person_writes(chat, "on the bridge")

    assert [line["text"] for line in sam.detail(chat)["first_word"]["answers"]] == ["on the bridge"]
    assert ana.detail(chat)["first_word"]["answers"] == []
    assert sam.detail(chat)["messages"] is None


def test_a_call_for_help_stands_until_one_supervisor_hears_it(desk: DeskApp) -> None:
    sam, ana = on_shift(desk, "Sam"), on_shift(desk, "Ana")
    boss, chief = on_shift(desk, "Boss", "supervisor"), on_shift(desk, "Chief", "supervisor")
    chat = live(desk, sam)

    for _ in range(2):  # a second press is the same call
        assert sam.post("/help", {"handoff": chat}).status_code == 204
    (call,) = boss.get("/queue").json()["alarms"]
    assert (call["kind"], call["who"], call["handoff"]) == ("help", "Sam", chat)
    assert ana.get("/queue").json()["alarms"] == []
    assert sam.post(f"/alarms/{call['id']}/heard").status_code == 403
    assert boss.post(f"/alarms/{call['id']}/heard").status_code == 204
    assert chief.post(f"/alarms/{call['id']}/heard").status_code == 409
    assert chief.get("/queue").json()["alarms"] == []
    assert sam.get("/queue").json()["alarms"][0]["heard_by"] == "Boss"
    assert len(desk.rows(alarms)) == 1 and "alarm_heard" in desk.audited()


def test_a_call_for_help_from_a_chat_that_is_not_there_is_refused(desk: DeskApp) -> None:
    assert on_shift(desk, "Sam").post("/help", {"handoff": 99}).status_code == 404


def test_the_page_learns_deadlines_and_choices_from_the_server(desk: DeskApp) -> None:
    setup = desk.signed_in("Sam").get("/setup").json()

    assert setup["limits"]["claim"] == {"immediate": 60, "high": 300, "elevated": 1800, "none": 1800}
    assert setup["limits"]["unanswered"]["immediate"] == 60
    assert {"outcomes", "categories", "follow_up", "replies"} <= set(setup)
    assert all(row.action != "setup" for row in desk.rows(audit))


# Held messages


def test_a_held_message_is_stored_as_held_and_goes_out_once_it_is_confirmed(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")
    chat = live(desk, sam)
    held = message("Meet me at the station, 07700 900123")

    answer = sam.post(f"/handoffs/{chat}/messages", held)

    assert answer.status_code == 409
    assert {piece["kind"] for piece in answer.json()["held"]} == {"phone", "meeting"}
    assert not any("station" in line["text"] for line in sam.detail(chat)["messages"])
    assert sam.post(f"/handoffs/{chat}/messages", {**held, "confirmed": True}).status_code == 202
    assert sam.post(f"/handoffs/{chat}/messages", {**held, "confirmed": True}).status_code == 200
    assert [line["text"] for line in sam.detail(chat)["messages"]].count(held["text"]) == 1
    seen = [event for event in boss.get("/watch").json()["events"] if event["kind"] in ("held_back", "sent_anyway")]
    assert [(event["kind"], event["staff"]) for event in seen] == [("sent_anyway", "Sam"), ("held_back", "Sam")]
    assert "07700 900123" in str(seen[0]["detail"])


def test_a_first_message_that_is_held_does_not_make_the_chat_live(desk: DeskApp) -> None:
    sam = on_shift(desk, "Sam")
    chat = desk.waiting()
    sam.post(f"/handoffs/{chat}/accept")

    assert sam.post(f"/handoffs/{chat}/messages", message("add me on snapchat")).status_code == 409

    assert desk.state(chat) == "claimed"
    assert not any(line["sender"] == "system" for line in sam.detail(chat)["messages"])
