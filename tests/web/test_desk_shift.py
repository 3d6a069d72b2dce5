"""Somebody's place at the desk over HTTP: what Next gives them, what they look at, whether they hear alarms."""

from __future__ import annotations

from bot.handoff import languages
from bot.store.tables import audit, conversations, viewers
from tests.web.chat_fixtures import running
from tests.web.desk_fixtures import DeskApp, Listener, desk, on_shift

__all__ = ["desk"]


def test_next_gives_a_chat_to_who_serves_its_language_and_by_hand_anybody_takes_it(desk: DeskApp) -> None:
    sam, eszter = on_shift(desk, "Sam"), on_shift(desk, "Eszter")
    desk.do(lambda connection: languages.set_languages(connection, "Eszter", ["en", "hu"]))
    hungarian = desk.waiting("sextortion", locale="hu")

    assert sam.post("/next").status_code == 204
    assert (sam.get("/me").json()["languages"], eszter.get("/me").json()["languages"]) == (["en"], ["en", "hu"])
    assert [one["languages"] for one in sam.get("/colleagues").json()["colleagues"]] == [["en"], ["en", "hu"]]
    assert sam.post(f"/handoffs/{hungarian}/accept").status_code == 200
    assert sam.post(f"/handoffs/{hungarian}/release").status_code == 204
    assert eszter.post("/next").json() == {"id": hungarian}
    assert desk.audited().count("picked_out_of_turn") == 1


def test_picking_the_one_whose_turn_it_is_is_nothing_to_write_down(desk: DeskApp) -> None:
    sam = on_shift(desk, "Sam")
    first, second = desk.waiting("suicide_intent"), desk.waiting("sextortion")
    assert sam.post(f"/handoffs/{first}/accept").status_code == 200
    assert sam.post(f"/handoffs/{first}/release").status_code == 204
    assert sam.post(f"/handoffs/{second}/accept").status_code == 200

    assert [(row.action, row.target) for row in desk.rows(audit) if row.action.startswith("picked")] == [
        ("picked_out_of_turn", f"handoff:{second}")
    ]


def test_who_looks_at_a_chat_is_told_to_every_desk_by_name_and_ends_with_the_sign_in(desk: DeskApp) -> None:
    desk.add("Ana")
    sam = on_shift(desk, "Sam")
    chat = desk.waiting(quote="a very particular sentence")
    assert sam.post("/looking", {"handoff": 999_999}).status_code == 404
    assert sam.post("/looking", {"handoff": chat}).status_code == 204
    with running(desk.app) as url:
        ana = Listener(url, "Ana")
        assert ana.wait("viewers") == {"all": True, "by_handoff": {str(chat): [{"name": "Sam", "writes": False}]}}
        sam.post("/looking", {"handoff": None})
        assert ana.wait("viewers", 2) == {"all": False, "by_handoff": {str(chat): []}}
        sam.post("/looking", {"handoff": chat})
        ana.wait("viewers", 3)
        sam.http.delete("/api/desk/session", headers={"X-CSRF-Token": sam.csrf})
        assert ana.wait("viewers", 4)["by_handoff"] == {str(chat): []}
        assert "particular" not in ana.text
        ana.http.close()


def test_a_chat_that_is_erased_takes_its_viewers_with_it(desk: DeskApp) -> None:
    sam = on_shift(desk, "Sam")
    chat = desk.waiting()
    sam.post("/looking", {"handoff": chat})
    desk.do(lambda connection: connection.execute(conversations.delete()))

    assert desk.rows(viewers) == []


def test_a_supervisor_sets_how_many_chats_somebody_holds_at_once_and_nobody_else_does(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")
    for _ in range(3):
        desk.waiting("sextortion")
    assert sam.post("/capacity", {"name": "Sam", "capacity": 3}).status_code == 403
    assert boss.post("/capacity", {"name": "Nobody", "capacity": 3}).status_code == 404
    assert boss.post("/capacity", {"name": "Sam", "capacity": 4}).status_code == 422
    assert boss.post("/capacity", {"name": "Sam", "capacity": 2}).status_code == 204

    assert [sam.post("/next").status_code for _ in range(3)] == [200, 200, 204]
    assert "set_capacity_2" in desk.audited()


def test_the_board_says_who_hears_no_alarms_and_what_they_serve(desk: DeskApp) -> None:
    sam, boss = on_shift(desk, "Sam"), on_shift(desk, "Boss", "supervisor")

    def heard() -> dict[str, bool]:
        return {person["name"]: person["hears"] for person in boss.get("/board").json()["people"]}

    assert heard() == {"Boss": True, "Sam": True}
    assert sam.post("/hearing", {"hears": False}).status_code == 204
    assert heard() == {"Boss": True, "Sam": False}
    assert sam.post("/hearing", {"hears": True}).status_code == 204
    assert heard() == {"Boss": True, "Sam": True}
    assert {tuple(person["languages"]) for person in boss.get("/board").json()["people"]} == {("en",)}
