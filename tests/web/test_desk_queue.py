"""The queue as contract.md has it, who counts as there, and what Next gives."""

from __future__ import annotations

from bot.handoff import lifecycle
from bot.http.times import iso
from bot.store.tables import presence
from tests.web.desk_fixtures import ISO, DeskApp, desk

__all__ = ["desk"]


def test_moments_are_written_in_utc() -> None:
    assert iso(0.0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_800_000_000.25) == "2027-01-15T08:00:00.250Z"


def test_the_queue_has_the_most_urgent_first_with_reasons_counts_and_version(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    high, immediate = desk.waiting("sextortion", locale="hu"), desk.waiting("suicide_intent")

    body = browser.get("/queue").json()

    assert [row["id"] for row in body["handoffs"]] == [immediate, high]
    row = body["handoffs"][1]
    assert (row["tier"], row["assessed"], row["state"], row["locale"]) == ("high", "full", "waiting", "hu")
    assert row["reasons"] == ["sextortion"]
    assert ISO.fullmatch(row["opened_at"]) and ISO.fullmatch(row["waiting_since"])
    assert "claimed_by" not in row and "away_since" not in row
    assert (body["counts"]["waiting"], body["counts"]["by_tier"]["immediate"]["waiting"]) == (2, 1)
    desk.waiting()
    assert browser.get("/queue").json()["version"] > body["version"]


def test_the_queue_tells_who_has_a_chat_and_who_has_left(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = desk.waiting()
    browser.post(f"/handoffs/{handoff_id}/accept")
    conversation = browser.queue()[0]["conversation"]
    desk.do(lambda connection: lifecycle.note_away(connection, conversation, "exit", desk.now()))

    row = browser.queue()[0]

    assert (row["claimed_by"], row["state"], row["away_how"]) == ("Sam", "claimed", "exit")
    assert ISO.fullmatch(row["away_since"])


def test_the_queue_comes_fifty_at_a_time(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    made = [desk.waiting() for _ in range(53)]

    assert [row["id"] for row in browser.queue()] == made[:50]
    assert [row["id"] for row in browser.get("/queue", params={"offset": 50}).json()["handoffs"]] == made[50:]
    assert browser.get("/queue", params={"offset": -1}).status_code == 422


def test_no_text_of_a_young_person_is_in_the_queue(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    desk.waiting(quote="a very particular sentence")

    assert "particular" not in browser.get("/queue").text


# Shifts, next


def test_a_shift_makes_somebody_count(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")

    for state in ("on_shift", "on_break", "off"):
        assert browser.post("/presence", {"state": state}).status_code == 204
        assert browser.get("/me").json()["presence"] == state
    assert browser.post("/presence", {"state": "asleep"}).status_code == 422
    assert desk.rows(presence)[0].state == "off"


def test_next_takes_the_most_urgent_and_then_says_that_hands_are_full(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    desk.waiting("sextortion")
    immediate = desk.waiting("suicide_intent")

    assert browser.post("/next").json()["id"] == immediate
    assert desk.state(immediate) == "claimed"
    assert browser.post("/next").status_code == 204


def test_next_with_nobody_waiting_is_empty(desk: DeskApp) -> None:
    assert desk.signed_in("Sam").post("/next").status_code == 204
