"""A chat from its claim to its end over HTTP, as contract.md has it: claim, talk, tier and notes, pass on, end."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bot.handoff import lifecycle
from bot.store.tables import conversations, handoffs, messages
from tests.web.chat_fixtures import running
from tests.web.desk_fixtures import ISO, Browser, DeskApp, desk, live, message

__all__ = ["desk"]


def test_who_is_second_gets_409_with_the_holders_name(desk: DeskApp) -> None:
    sam, ana = desk.signed_in("Sam"), desk.signed_in("Ana")
    handoff_id = desk.waiting()

    assert sam.post(f"/handoffs/{handoff_id}/accept").status_code == 200
    lost = ana.post(f"/handoffs/{handoff_id}/accept")

    assert lost.status_code == 409
    assert "Sam" in lost.json()["error"] and lost.json()["claimed_by"] == "Sam"
    assert ISO.fullmatch(lost.json()["claimed_at"])
    assert sam.post(f"/handoffs/{handoff_id}/accept").status_code == 200


def test_of_two_accepts_over_http_at_the_same_moment_one_wins(desk: DeskApp) -> None:
    handoff_ids = [desk.waiting("suicide_intent") for _ in range(8)]
    for name in ("Sam", "Ana"):
        desk.add(name)
    with running(desk.app) as url, ThreadPoolExecutor(2) as pool:
        people = [Browser(httpx.Client(base_url=url)) for _ in range(2)]
        for person, name in zip(people, ("Sam", "Ana"), strict=True):
            person.sign_in(name)
        for handoff_id in handoff_ids:
            gate = threading.Barrier(2)

            def press(person: Browser, handoff_id: int = handoff_id, gate: threading.Barrier = gate) -> int:
                gate.wait()
                return person.post(f"/handoffs/{handoff_id}/accept").status_code

            assert sorted(pool.map(press, people)) == [200, 409]
        for person in people:
            person.http.close()


def test_full_hands_take_no_second_chat_unless_it_is_immediate(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    live(desk, browser)

    assert browser.post(f"/handoffs/{desk.waiting('self_harm')}/accept").status_code == 409
    assert browser.post(f"/handoffs/{desk.waiting('suicide_intent')}/accept").status_code == 200


def test_the_same_message_twice_is_stored_once(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = live(desk, browser)
    body = message("Are you safe right now?")

    first, again = (browser.post(f"/handoffs/{handoff_id}/messages", body) for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["seq"] == again.json()["seq"]
    assert browser.post(f"/handoffs/{handoff_id}/messages", {**body, "text": "Other words"}).status_code == 409
    assert [row.text for row in desk.rows(messages)].count("Are you safe right now?") == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "no id"},
        {"client_id": "x", "text": "an id too short"},
        {"client_id": "a" * 36, "text": ""},
        {"client_id": "a" * 36, "text": "   "},
        {"client_id": "a" * 36, "text": "a" * 2001},
        {"client_id": "a" * 36, "text": 5},
        [1, 2],
        "words",
    ],
)
def test_a_message_that_is_none_is_422_in_plain_words(desk: DeskApp, body: Any) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = live(desk, browser)

    answer = browser.post(f"/handoffs/{handoff_id}/messages", body)

    assert answer.status_code == 422
    assert isinstance(answer.json()["error"], str) and "Traceback" not in answer.text


def test_a_body_that_is_not_json_is_422(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = live(desk, browser)
    headers = {"X-CSRF-Token": browser.csrf, "Content-Type": "application/json"}

    answer = browser.http.post(f"/api/desk/handoffs/{handoff_id}/messages", content=b"{", headers=headers)

    assert answer.status_code == 422 and answer.json()["error"]


def test_a_colleague_does_not_write_into_a_chat_that_is_not_theirs(desk: DeskApp) -> None:
    sam, ana = desk.signed_in("Sam"), desk.signed_in("Ana")
    handoff_id = live(desk, sam)

    for act, body in (
        ("messages", message()),
        ("typing", None),
        ("release", None),
        ("close", {"outcome": "other"}),
        ("return-to-bot", None),
        ("transfer", {"to": "Ana"}),
    ):
        answer = ana.post(f"/handoffs/{handoff_id}/{act}", body)
        assert answer.status_code == 403, act
        assert "Sam" in answer.json()["error"]
    assert desk.state(handoff_id) == "live"


def test_typing_is_shown_for_a_moment(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = live(desk, browser)

    assert browser.post(f"/handoffs/{handoff_id}/typing").status_code == 204

    assert desk.rows(conversations)[0].person_typing_until > desk.now()


def test_the_holder_sees_since_when_their_words_stand_unanswered(desk: DeskApp) -> None:
    sam = desk.signed_in("Sam")
    chat = desk.waiting()
    sam.post(f"/handoffs/{chat}/accept")
    assert sam.detail(chat)["silent_since"] is None
    for number, words in enumerate(("Hi, I am Sam.", "Are you still there?"), start=1):
        sam.post(f"/handoffs/{chat}/messages", {"client_id": f"00000000-0000-4000-8000-00000000000{number}", "text": words})

    read = sam.detail(chat)

    asked = [line["at"] for line in read["messages"] if line["sender"] == "counsellor"]
    assert read["silent_since"] == asked[0]
    assert read["brief"]["wrote_last"] == next(line["at"] for line in read["messages"] if line["sender"] == "young_person")
    desk.young_person_writes(chat, "yes sorry")
    assert sam.detail(chat)["silent_since"] is None


def test_a_first_word_goes_to_a_waiting_immediate_only_and_claims_nothing(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    immediate, high = desk.waiting("suicide_intent"), desk.waiting("sextortion")

    assert browser.post(f"/handoffs/{immediate}/first-word").status_code == 202
    assert browser.post(f"/handoffs/{high}/first-word").status_code == 409

    assert desk.state(immediate) == "waiting"


# Tier, notes


def test_raising_is_one_press_for_anybody_and_lowering_needs_a_reason(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = desk.waiting("sextortion")

    assert browser.post(f"/handoffs/{handoff_id}/tier", {"tier": "immediate", "reason": ""}).status_code == 204
    assert browser.queue()[0]["tier"] == "immediate"
    assert browser.post(f"/handoffs/{handoff_id}/tier", {"tier": "elevated", "reason": " "}).status_code == 422
    assert browser.post(f"/handoffs/{handoff_id}/tier", {"tier": "elevated", "reason": "They meant a film"}).status_code == 204
    assert browser.queue()[0]["tier"] == "elevated"
    assert browser.post(f"/handoffs/{handoff_id}/tier", {"tier": "urgent"}).status_code == 422
    assert desk.audited()[-2:] == ["raised", "lowered"]


def test_a_note_is_for_staff(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = live(desk, browser)

    assert browser.post(f"/handoffs/{handoff_id}/notes", {"text": "Has an aunt"}).status_code == 201

    (note,) = browser.detail(handoff_id)["notes"]
    assert (note["staff"], note["text"]) == ("Sam", "Has an aunt")
    assert "aunt" not in str([row.text for row in desk.rows(messages)])


# Passing on and ending


def test_put_back_and_passed_on(desk: DeskApp) -> None:
    sam, ana = desk.signed_in("Sam"), desk.signed_in("Ana")
    handoff_id = live(desk, sam)
    place = sam.queue()[0]["waiting_since"]

    assert sam.post(f"/handoffs/{handoff_id}/release").status_code == 204
    assert (sam.queue()[0]["state"], sam.queue()[0]["waiting_since"]) == ("waiting", place)

    sam.post(f"/handoffs/{handoff_id}/accept")
    assert sam.post(f"/handoffs/{handoff_id}/transfer", {"to": "Nobody"}).status_code == 422
    assert sam.post(f"/handoffs/{handoff_id}/transfer", {"to": "Ana"}).status_code == 204
    assert ana.queue()[0]["claimed_by"] == "Ana"
    assert ana.detail(handoff_id)["messages"]


def test_a_supervisor_takes_a_chat_over_in_one_press(desk: DeskApp) -> None:
    sam, boss = desk.signed_in("Sam"), desk.signed_in("Boss", "supervisor")
    handoff_id = live(desk, sam)

    assert boss.post(f"/handoffs/{handoff_id}/transfer", {"to": "Boss"}).status_code == 204
    assert boss.post(f"/handoffs/{handoff_id}/messages", message("I am Boss.")).status_code == 202


def test_closing_needs_an_outcome(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = live(desk, browser)

    assert browser.post(f"/handoffs/{handoff_id}/close", {}).status_code == 422
    closing = {"outcome": "safe_for_now", "triage": "missed", "note": "Call back on Monday"}
    assert browser.post(f"/handoffs/{handoff_id}/close", closing).status_code == 204

    row = desk.rows(handoffs)[0]
    assert (row.state, row.outcome["outcome"], row.outcome["triage"]) == ("closed", "safe_for_now", "missed")
    assert browser.queue() == []
    assert browser.post(f"/handoffs/{handoff_id}/close", closing).status_code == 409


def test_handing_back_ends_it_and_the_bot_is_there(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = live(desk, browser)

    assert browser.post(f"/handoffs/{handoff_id}/return-to-bot").status_code == 204

    assert (desk.state(handoff_id), desk.rows(conversations)[0].mode) == ("closed", "bot")


def test_the_erase_mark_is_shown_and_closing_erases(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    handoff_id = live(desk, browser)
    conversation = browser.queue()[0]["conversation"]
    desk.do(lambda connection: lifecycle.ask_erase(connection, conversation, desk.now()))

    assert ISO.fullmatch(browser.detail(handoff_id)["erase_asked_at"])
    assert browser.post(f"/handoffs/{handoff_id}/close", {"outcome": "other"}).status_code == 204

    assert browser.get(f"/handoffs/{handoff_id}").status_code == 404
    assert desk.rows(messages) == []


def test_supervisors_are_told_of_a_not_now_and_of_a_chat_that_went_back(desk: DeskApp) -> None:
    boss = desk.signed_in("Boss", "supervisor")
    declined, taken = desk.waiting("sextortion"), desk.waiting("sextortion")
    conversation = next(row["conversation"] for row in boss.queue() if row["id"] == declined)
    desk.do(lambda connection: lifecycle.decline(connection, conversation, desk.now()))
    boss.post(f"/handoffs/{taken}/accept")
    desk.do(lambda connection: lifecycle.sweep(connection, desk.content, desk.now() + 301))

    told = {(event["handoff"], event["kind"]) for event in boss.get("/watch").json()["events"]}

    assert {(declined, "declined"), (taken, "claim_ran_out")} <= told


def test_help_that_reaches_nobody_says_so(desk: DeskApp) -> None:
    sam, boss = desk.signed_in("Sam"), desk.signed_in("Boss", "supervisor")

    assert sam.post("/help", {"handoff": None}).status_code == 503
    boss.post("/presence", {"state": "on_shift"})
    assert sam.post("/help", {"handoff": None}).status_code == 204
