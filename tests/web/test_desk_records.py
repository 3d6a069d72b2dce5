"""Legal holds and exports of one conversation: two people, each step kept, and nothing is deleted meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from bot.chat import conversations as lives
from bot.handoff import lifecycle, records, review
from bot.retention import DAY, purge
from bot.store.tables import audit, conversations, exports, handoff_events, handoffs, legal_holds, messages
from tests.web.desk_fixtures import Browser, DeskApp, desk

__all__ = ["desk"]
WHY = "Police case 17 asked for it in writing."
DAYS = {"conversations": 90, "handoffs": 365, "audit": 730}


def in_days(count: int) -> str:
    return (datetime.now(UTC) + timedelta(days=count)).date().isoformat()


def hold(browser: Browser, handoff_id: int, days: int = 30) -> int:
    return browser.post(f"/handoffs/{handoff_id}/hold", {"reason": WHY, "until": in_days(days)}).status_code


def closed(desk: DeskApp, browser: Browser) -> int:
    handoff_id = desk.waiting()
    assert browser.post(f"/handoffs/{handoff_id}/close", {"outcome": "other"}).status_code == 204
    return handoff_id


def conversation_of(desk: DeskApp, handoff_id: int) -> str:
    return str(desk.store.read_now(lambda connection: records.get(connection, handoff_id).conversation_id))


def erase(desk: DeskApp, handoff_id: int) -> None:
    """The young person erases their chat."""

    def work(connection: Any) -> None:
        row = connection.execute(
            conversations.select().where(conversations.c.id == records.get(connection, handoff_id).conversation_id)
        ).one()
        lives.erase(connection, row, desk.store.now(connection))

    desk.do(work)


def make_old(desk: DeskApp, days: int) -> None:
    def work(connection: Any) -> None:
        connection.execute(update(conversations).values(active_at=conversations.c.active_at - days * DAY))
        connection.execute(update(handoffs).values(closed_at=handoffs.c.closed_at - days * DAY))

    desk.do(work)


# Holds


def test_what_is_on_hold_is_not_deleted_by_its_time_and_goes_when_the_hold_ends(desk: DeskApp) -> None:
    boss, lead = desk.signed_in("Boss", "supervisor"), desk.signed_in("Lead", "safeguarding")
    handoff_id = closed(desk, boss)
    assert hold(boss, handoff_id) == 201
    make_old(desk, 400)

    assert purge(desk.store, DAYS)["conversations"] == 0
    body = {"reason": "The case is over, says the police."}
    assert boss.post(f"/handoffs/{handoff_id}/hold/end", body).status_code == 403
    assert lead.post(f"/handoffs/{handoff_id}/hold/end", body).status_code == 204

    assert purge(desk.store, DAYS)["conversations"] == 1
    assert desk.rows(messages) == []


def test_the_database_itself_refuses_to_delete_what_is_on_hold(desk: DeskApp) -> None:
    boss = desk.signed_in("Boss", "supervisor")
    assert hold(boss, closed(desk, boss)) == 201

    with pytest.raises(IntegrityError):
        desk.do(lambda connection: connection.execute(delete(conversations)))

    assert len(desk.rows(messages)) >= 1


def test_a_hold_whose_day_has_come_ends_by_itself(desk: DeskApp) -> None:
    boss = desk.signed_in("Boss", "supervisor")
    handoff_id = closed(desk, boss)
    assert hold(boss, handoff_id) == 201
    make_old(desk, 400)
    desk.do(lambda connection: connection.execute(update(legal_holds).values(until=desk.now() - 1)))

    assert purge(desk.store, DAYS)["conversations"] == 1
    assert "hold_ran_out" in desk.audited()


def test_an_erase_takes_the_chat_from_the_young_person_and_its_words_when_the_hold_ends(desk: DeskApp) -> None:
    boss, lead = desk.signed_in("Boss", "supervisor"), desk.signed_in("Lead", "safeguarding")
    handoff_id = closed(desk, boss)
    conversation = conversation_of(desk, handoff_id)
    assert hold(boss, handoff_id) == 201

    erase(desk, handoff_id)

    (row,) = desk.rows(conversations)
    assert row.token_hash is None and row.erase_asked_at is not None
    assert lead.get("/records").json()["holds"][0]["erase_asked_at"]
    assert purge(desk.store, DAYS)["conversations"] == 0
    lead.post(f"/handoffs/{handoff_id}/hold/end", {"reason": "The case is over, says the police."})
    assert conversation not in [row.id for row in desk.rows(conversations)]
    assert desk.rows(messages) == []


def test_closing_an_erased_chat_on_hold_keeps_it_until_the_hold_ends(desk: DeskApp) -> None:
    boss, lead = desk.signed_in("Boss", "supervisor"), desk.signed_in("Lead", "safeguarding")
    handoff_id = desk.waiting()
    assert hold(boss, handoff_id) == 201
    desk.do(lambda connection: lifecycle.ask_erase(connection, records.get(connection, handoff_id).conversation_id, desk.now()))

    assert boss.post(f"/handoffs/{handoff_id}/close", {"outcome": "other"}).status_code == 204
    assert desk.state(handoff_id) == "closed" and desk.rows(messages)

    lead.post(f"/handoffs/{handoff_id}/hold/end", {"reason": "The case is over, says the police."})
    assert desk.rows(messages) == []


def test_an_erase_that_waits_for_a_person_still_waits_when_the_hold_ends(desk: DeskApp) -> None:
    boss, lead = desk.signed_in("Boss", "supervisor"), desk.signed_in("Lead", "safeguarding")
    handoff_id = desk.waiting("sextortion")
    assert hold(boss, handoff_id) == 201
    erase(desk, handoff_id)

    lead.post(f"/handoffs/{handoff_id}/hold/end", {"reason": "The case is over, says the police."})

    assert desk.state(handoff_id) == "waiting"


def test_an_erase_without_a_hold_is_at_once_as_before(desk: DeskApp) -> None:
    boss = desk.signed_in("Boss", "supervisor")
    erase(desk, closed(desk, boss))
    assert desk.rows(conversations) == []


@pytest.mark.parametrize(("reason", "days"), [("short", 30), (WHY, -2), (WHY, 4000)])
def test_a_hold_needs_a_reason_and_a_day_in_the_next_five_years(desk: DeskApp, reason: str, days: int) -> None:
    boss = desk.signed_in("Boss", "supervisor")
    handoff_id = closed(desk, boss)
    body = {"reason": reason, "until": in_days(days)}
    assert boss.post(f"/handoffs/{handoff_id}/hold", body).status_code == 422
    assert desk.rows(legal_holds) == []


def test_a_chat_is_held_once_and_who_why_until_when_is_kept(desk: DeskApp) -> None:
    boss = desk.signed_in("Boss", "supervisor")
    handoff_id = closed(desk, boss)
    assert (hold(boss, handoff_id), hold(boss, handoff_id)) == (201, 409)

    (shown,) = boss.get("/records").json()["holds"]
    assert (shown["handoff"], shown["staff"], shown["reason"]) == (handoff_id, "Boss", WHY)
    assert shown["until"].startswith(in_days(31))  # to the end of the thirtieth day
    assert [row.reason for row in desk.rows(audit) if row.action == "hold_placed"] == [f"Until {in_days(30)}: {WHY}"]


def test_a_counsellor_neither_holds_nor_exports(desk: DeskApp) -> None:
    sam = desk.signed_in("Sam")
    handoff_id = desk.waiting()
    assert hold(sam, handoff_id) == 403
    assert sam.post(f"/handoffs/{handoff_id}/export", {"reason": WHY}).status_code == 403
    assert sam.get("/records").status_code == 403


# Exports


def asked(browser: Browser, handoff_id: int) -> int:
    answer = browser.post(f"/handoffs/{handoff_id}/export", {"reason": WHY})
    assert answer.status_code == 201
    return int(answer.json()["id"])


@pytest.mark.parametrize("role", ["safeguarding", "admin"])
def test_two_people_make_the_file_and_it_holds_words_handoffs_notes_and_audit(desk: DeskApp, role: str) -> None:
    boss, other = desk.signed_in("Boss", "supervisor"), desk.signed_in("Other", role)
    handoff_id = desk.waiting(quote="he will send my pics")
    assert boss.post(f"/handoffs/{handoff_id}/notes", {"text": "Has told nobody yet."}).status_code == 201
    export = asked(boss, handoff_id)
    assert boss.get(f"/exports/{export}/file").status_code == 409

    assert other.post(f"/exports/{export}/approve").status_code == 204
    answer = boss.get(f"/exports/{export}/file")

    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    file = answer.json()
    assert (file["about"]["asked_by"], file["about"]["approved_by"], file["about"]["reason"]) == ("Boss", "Other", WHY)
    assert [line["text"] for line in file["transcript"]] == ["he will send my pics"]
    assert file["handoffs"][0]["tier"] == "high" and file["handoffs"][0]["reasons"][0]["cue"] == "sextortion"
    assert file["notes"] == [{**file["notes"][0], "text": "Has told nobody yet.", "staff": "Boss"}]
    actions = [line["action"] for line in file["audit"]]
    assert [action for action in actions if action.startswith("export")] == ["export_asked", "export_approved", "export_fetched"]
    kinds = [row.kind for row in desk.rows(handoff_events) if row.kind.startswith("export")]
    assert kinds == ["export_asked", "export_approved"]


def test_who_asked_cannot_approve_and_only_who_asked_gets_the_file(desk: DeskApp) -> None:
    lead, second = desk.signed_in("Lead", "safeguarding"), desk.signed_in("Second", "safeguarding")
    boss = desk.signed_in("Boss", "supervisor")
    export = asked(lead, desk.waiting())

    assert lead.post(f"/exports/{export}/approve").status_code == 403
    assert boss.post(f"/exports/{export}/approve").status_code == 403
    assert second.post(f"/exports/{export}/approve").status_code == 204
    assert second.post(f"/exports/{export}/refuse").status_code == 409
    assert second.get(f"/exports/{export}/file").status_code == 403
    assert lead.get(f"/exports/{export}/file").status_code == 200


def test_what_is_refused_gives_no_file_and_can_be_asked_again(desk: DeskApp) -> None:
    boss, lead = desk.signed_in("Boss", "supervisor"), desk.signed_in("Lead", "safeguarding")
    handoff_id = desk.waiting()
    export = asked(boss, handoff_id)
    assert boss.post(f"/handoffs/{handoff_id}/export", {"reason": WHY}).status_code == 409

    assert lead.post(f"/exports/{export}/refuse").status_code == 204

    assert boss.get(f"/exports/{export}/file").status_code == 409
    assert asked(boss, handoff_id) != export


def test_the_file_is_there_for_a_week(desk: DeskApp) -> None:
    boss, lead = desk.signed_in("Boss", "supervisor"), desk.signed_in("Lead", "safeguarding")
    export = asked(boss, desk.waiting())
    lead.post(f"/exports/{export}/approve")
    desk.do(lambda connection: connection.execute(update(exports).values(decided_at=desk.now() - 8 * DAY)))

    assert boss.get(f"/exports/{export}/file").status_code == 409
    assert boss.get("/records").json()["exports"] == []


def test_an_admin_decides_by_who_and_why_and_sees_no_word_of_a_young_person(desk: DeskApp) -> None:
    boss, admin = desk.signed_in("Boss", "supervisor"), desk.signed_in("Ada", "admin")
    handoff_id = desk.waiting(quote="he will send my pics")
    asked(boss, handoff_id)

    seen = admin.get("/records")

    assert "pics" not in seen.text and "sextortion" not in seen.text
    assert seen.json()["exports"][0] | {"asked_by": "Boss", "reason": WHY, "may_decide": True} == seen.json()["exports"][0]
    assert admin.get(f"/handoffs/{handoff_id}").status_code == 403
    assert "read_records" in desk.audited()


# The week's list


def said_of_triage(desk: DeskApp, browser: Browser, verdict: str) -> int:
    handoff_id = desk.waiting(quote="he will send my pics")
    body = {"outcome": "other", "triage": verdict, "note": "She wrote of her sister's coat."}
    assert browser.post(f"/handoffs/{handoff_id}/close", body).status_code == 204
    return handoff_id


def test_the_safeguarding_lead_has_the_weeks_list_without_a_word_of_anybody(desk: DeskApp) -> None:
    boss, lead = desk.signed_in("Boss", "supervisor"), desk.signed_in("Lead", "safeguarding")
    missed, _right, false = (said_of_triage(desk, boss, verdict) for verdict in ("missed", "right", "false_alarm"))
    lowered = desk.waiting()
    assert boss.post(f"/handoffs/{lowered}/tier", {"tier": "elevated", "reason": "A game, they said"}).status_code == 204

    answer = lead.get("/triage-review")

    week = answer.json()
    assert week["counts"] == {"missed": 1, "false_alarm": 1, "right": 1, "lowered": 1, "raised": 0}
    assert {(line["handoff"], line["verdict"]) for line in week["lines"]} == {
        (missed, "missed"), (false, "false_alarm"), (lowered, "lowered"),
    }
    assert all(line["has_note"] for line in week["lines"])
    assert not any(words in answer.text for words in ("coat", "pics", "game"))
    assert week["week"] == week["weeks"][0]
    assert ("read_triage_review", week["week"]) in [(row.action, row.reason) for row in desk.rows(audit)]


def test_a_chat_opens_from_the_list_with_a_reason_that_is_kept(desk: DeskApp) -> None:
    boss, lead = desk.signed_in("Boss", "supervisor"), desk.signed_in("Lead", "safeguarding")
    missed = said_of_triage(desk, boss, "missed")

    assert lead.post(f"/handoffs/{missed}/read-reason", {"reason": "The week's review"}).status_code == 204

    assert "pics" in lead.detail(missed)["messages"][0]["text"]
    assert ("read_reason", "The week's review") in [(row.action, row.reason) for row in desk.rows(audit)]


def test_the_list_is_by_iso_week_and_for_the_safeguarding_lead_alone(desk: DeskApp) -> None:
    boss, lead = desk.signed_in("Boss", "supervisor"), desk.signed_in("Lead", "safeguarding")
    said_of_triage(desk, boss, "missed")
    desk.do(lambda connection: connection.execute(update(handoffs).values(closed_at=handoffs.c.closed_at - 7 * DAY)))

    this, before = lead.get("/triage-review").json()["weeks"][:2]

    assert lead.get(f"/triage-review?week={this}").json()["lines"] == []
    assert len(lead.get(f"/triage-review?week={before}").json()["lines"]) == 1
    assert [lead.get(f"/triage-review?week={wrong}").status_code for wrong in ("2026-47", "2026-W60", "nonsense")] == [422] * 3
    assert boss.get("/triage-review").status_code == 403


@pytest.mark.parametrize(
    ("moment", "week"),
    [("2026-01-01T12:00:00", "2026-W01"), ("2027-01-03T23:59:59", "2026-W53"), ("2027-01-04T00:00:00", "2027-W01")],
)
def test_a_week_begins_on_monday_and_belongs_to_the_year_of_its_thursday(moment: str, week: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
    since, until = review.bounds(week)
    assert review.week_of(at) == week and since <= at < until


# Came back by code


def test_the_brief_says_that_somebody_came_back_by_code(desk: DeskApp) -> None:
    sam = desk.signed_in("Sam")
    handoff_id = desk.waiting(returned_at=desk.now())
    assert sam.detail(handoff_id)["returned_at"] and sam.queue()[0]["returned_at"]
    assert "returned_at" not in sam.detail(desk.waiting())
