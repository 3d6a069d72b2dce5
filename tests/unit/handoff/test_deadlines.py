"""What the sweep puts back, and what it leaves alone."""

from __future__ import annotations

import pytest

from bot.handoff.deadlines import Held, overdue
from bot.triage.taxonomy import Tier
from tests.unit.handoff.conftest import Desk


@pytest.mark.parametrize(("cue", "seconds"), [("suicide_intent", 60), ("sextortion", 300)])
def test_a_claimed_chat_without_a_reply_returns_to_its_place(desk: Desk, cue: str, seconds: float) -> None:
    handoff_id, sam = desk.waiting(cue), desk.person()
    before = desk.handoff(handoff_id)
    desk.accept(handoff_id, sam)

    desk.now += seconds
    desk.seen(sam)
    assert desk.sweep() == []
    desk.now += 1
    assert desk.sweep() == [handoff_id]

    after = desk.handoff(handoff_id)
    assert (after.state, after.waiting_since, after.claimed_by) == ("waiting", before.waiting_since, None)
    assert desk.mode(handoff_id) == "waiting"
    assert desk.history(handoff_id)[-2:] == ["claim_ran_out", "late"]  # its old place is past the limit of the wait
    assert desk.said(handoff_id) == []  # the young person had heard of nobody yet


@pytest.mark.parametrize(("cue", "seconds"), [("suicide_intent", 60), ("sextortion", 180)])
def test_a_live_chat_that_nobody_answers_returns_and_the_bot_answers(desk: Desk, cue: str, seconds: float) -> None:
    handoff_id, sam = desk.live(cue)
    desk.writes(desk.handoff(handoff_id).conversation_id, "are you there?")

    desk.now += seconds
    desk.seen(sam)
    assert desk.sweep() == []
    desk.now += 1
    assert desk.sweep() == [handoff_id]

    assert (desk.handoff(handoff_id).state, desk.mode(handoff_id)) == ("waiting", "waiting")
    assert [said for said in desk.history(handoff_id) if said != "late"][-1] == "unanswered"
    assert desk.said(handoff_id)[-1] == ("system", "utter_left_by_staff")
    assert desk.chat(handoff_id).turn_due_at == desk.now


def test_an_answer_stops_the_clock_and_the_clock_counts_from_the_first_unanswered_message(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    conversation = desk.handoff(handoff_id).conversation_id
    desk.writes(conversation)
    desk.now += 170
    desk.writes(conversation)
    desk.seen(sam)
    desk.send(handoff_id, sam)
    desk.now += 20
    desk.seen(sam)

    assert desk.sweep() == []


def test_a_holder_whose_line_is_gone_loses_the_chat_after_45_seconds(desk: Desk) -> None:
    handoff_id, _sam = desk.live()

    desk.now += 45
    assert desk.sweep() == []
    desk.now += 1
    assert desk.sweep() == [handoff_id]

    assert desk.history(handoff_id)[-1] == "holder_gone"


def test_a_holder_whose_line_is_open_keeps_a_quiet_chat(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    for _ in range(60):
        desk.now += 30
        desk.seen(sam)
        assert desk.sweep() == []
    assert desk.handoff(handoff_id).state == "live"


def test_a_holder_who_never_began_a_shift_is_known_by_the_open_line(desk: Desk) -> None:
    handoff_id, sam = desk.waiting(), desk.person(state="off")
    desk.accept(handoff_id, sam)
    desk.now += 40
    desk.seen(sam)
    desk.now += 40

    assert desk.sweep() == []


def test_nothing_is_overdue_to_somebody_who_has_left_for_good(desk: Desk) -> None:
    handoff_id, sam = desk.live("suicide_intent")
    conversation = desk.handoff(handoff_id).conversation_id
    desk.writes(conversation)
    desk.leaves(conversation, "exit")
    desk.now += 600
    desk.seen(sam)

    assert desk.sweep() == []


def test_sweeping_twice_changes_nothing_more(desk: Desk) -> None:
    handoff_id, _sam = desk.live()
    desk.now += 46
    desk.sweep()
    lines, version = desk.said(handoff_id), desk.version()

    assert desk.sweep() == []
    assert (desk.said(handoff_id), desk.version()) == (lines, version)


def test_one_sweep_puts_back_all_that_is_overdue(desk: Desk) -> None:
    overdue_ones = [desk.live()[0] for _ in range(5)]
    desk.now += 46

    assert desk.sweep() == overdue_ones


def test_the_policy_sets_other_deadlines() -> None:
    held = Held("claimed", Tier.HIGH, left=False, claimed_at=0.0, unanswered_since=None, holder_seen_at=90.0)

    assert overdue(held, {}, 100.0) is None
    assert overdue(held, {"claim_high": 90}, 100.0) == "claim_ran_out"
    assert overdue(held, {"stream_gone": 5}, 100.0) == "holder_gone"
