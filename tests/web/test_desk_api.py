"""The desk's API as contract.md has it: queue, brief, claim, talk, end."""

from __future__ import annotations

import re
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from bot.handoff import lifecycle
from bot.http.times import iso
from bot.store.tables import audit, conversations, handoff_events, handoffs, messages, presence, staff_sessions
from tests.web.chat_fixtures import running
from tests.web.desk_fixtures import Browser, DeskApp, desk, events_in

__all__ = ["desk"]
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def message(text: str = "Hi, I am Sam.") -> dict[str, str]:
    return {"client_id": str(uuid.uuid4()), "text": text}


def live(desk: DeskApp, browser: Browser, cue: str = "sextortion") -> int:
    handoff_id = desk.waiting(cue)
    assert browser.post(f"/handoffs/{handoff_id}/accept").status_code == 200
    assert browser.post(f"/handoffs/{handoff_id}/messages", message()).status_code == 202
    return handoff_id


def test_moments_are_written_in_utc() -> None:
    assert iso(0.0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_800_000_000.25) == "2027-01-15T08:00:00.250Z"


# The queue


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


# The brief and the transcript


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


# Claiming and talking


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


# The stream


class Listener:
    """Reads a desk's event stream in a thread."""

    def __init__(self, url: str, name: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=20)
        assert Browser(self.http).sign_in(name).status_code == 204
        self.text = ""
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        try:
            with self.http.stream("GET", "/api/desk/events") as stream:
                assert stream.headers["content-type"].startswith("text/event-stream")
                for chunk in stream.iter_text():
                    self.text += chunk
        except httpx.HTTPError:
            pass
        self.ended.set()

    def wait(self, name: str, count: int = 1, patience: float = 8.0) -> Any:
        """The data of the `count`th event of this name."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            found = [data for event, data in events_in(self.text) if event == name]
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.02)
        raise AssertionError(f"no {name} came: {self.text}")

    def count(self, name: str) -> int:
        return len([1 for event, _data in events_in(self.text) if event == name])


def test_the_stream_hints_at_the_queue_at_messages_and_at_shifts(desk: DeskApp) -> None:
    desk.add("Sam")
    with running(desk.app) as url:
        listener = Listener(url, "Sam")
        listener.wait("queue")

        before = listener.count("queue")
        pressed = time.monotonic()
        handoff_id = desk.waiting(quote="a very particular sentence")
        listener.wait("queue", before + 1)
        assert time.monotonic() - pressed < 1

        desk.young_person_writes(handoff_id, "are you there?")
        assert listener.wait("message")["handoff"] == handoff_id

        before = listener.count("presence")
        with httpx.Client(base_url=url) as http:
            browser = Browser(http)
            browser.sign_in("Sam")
            browser.post("/presence", {"state": "on_shift"})
        assert listener.wait("presence", before + 1)["people"] == "on_duty"
        assert "particular" not in listener.text and "are you there" not in listener.text
        listener.http.close()


def test_an_open_stream_is_a_sign_of_life_and_ends_with_the_sign_in(desk: DeskApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.desk.stream.SIGN_OF_LIFE_EVERY", 0.2)
    desk.add("Sam")
    with running(desk.app) as url:
        listener = Listener(url, "Sam")
        listener.wait("queue")
        first = desk.rows(presence)[0].stream_seen_at
        time.sleep(0.8)
        assert desk.rows(presence)[0].stream_seen_at > first
        assert desk.rows(presence)[0].state == "off"

        desk.do(lambda connection: connection.execute(staff_sessions.delete()))
        assert listener.ended.wait(5)
        listener.http.close()


def test_what_is_said_where_no_handoff_is_open_wakes_no_desk(desk: DeskApp) -> None:
    desk.add("Sam")
    with running(desk.app) as url:
        listener = Listener(url, "Sam")
        listener.wait("queue")
        handoff_id = desk.waiting()
        listener.wait("queue", 2)
        conversation = desk.rows(handoffs)[0].conversation_id
        desk.do(lambda connection: lifecycle.decline(connection, conversation, desk.now()))
        listener.wait("queue", 3)

        desk.young_person_writes(handoff_id, "hello")
        time.sleep(0.5)

        assert listener.count("message") == 0
        listener.http.close()
