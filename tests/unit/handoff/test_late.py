"""Whoever waits past their limit rings for supervisors until one has heard it or somebody has the chat."""

from __future__ import annotations

from typing import Any

import pytest

from bot.handoff import alarms, records
from tests.unit.handoff.conftest import Desk


def standing(desk: Desk, *, supervises: bool = True) -> list[dict[str, Any]]:
    return desk.store.read_now(
        lambda connection: [
            alarm
            for alarm in alarms.standing(connection, staff_id=0, supervises=supervises, now=desk.now)
            if alarm["kind"] == alarms.LATE
        ]
    )


@pytest.mark.parametrize(("cue", "limit"), [("suicide_intent", 60), ("sextortion", 300)])
def test_past_the_limit_of_the_tier_there_is_one_alarm(desk: Desk, cue: str, limit: int) -> None:
    waits = desk.waiting(cue)
    desk.now += limit
    desk.sweep()
    assert standing(desk) == []

    desk.now += 1
    desk.sweep()
    desk.sweep()

    assert [alarm["handoff"] for alarm in standing(desk)] == [waits]
    assert [alarm["handoff"] for alarm in standing(desk, supervises=False)] == [waits]
    assert desk.history(waits).count("late") == 1


def test_it_ends_when_somebody_takes_the_chat_and_comes_again_when_they_do_not_write(desk: Desk) -> None:
    waits, sam = desk.waiting("suicide_intent"), desk.person()
    desk.now += 61
    desk.sweep()
    desk.accept(waits, sam)
    desk.sweep()
    assert standing(desk) == []

    desk.now += 61
    desk.seen(sam)
    assert desk.sweep() == [waits]
    assert [alarm["handoff"] for alarm in standing(desk)] == [waits]


def test_once_heard_it_is_quiet_and_is_not_made_again(desk: Desk) -> None:
    desk.waiting("suicide_intent")
    boss = desk.person(role="supervisor", state="on_break")
    desk.now += 61
    desk.sweep()
    (alarm,) = standing(desk)
    desk.do(lambda connection: alarms.hear(connection, alarm["id"], boss, desk.now))
    desk.sweep()
    assert [one["heard_by"] is not None for one in standing(desk)] == [True]


def test_who_left_or_is_set_aside_makes_no_alarm_but_at_immediate_who_left_does(desk: Desk) -> None:
    left, aside, urgent = desk.waiting(), desk.waiting(), desk.waiting("suicide_intent")
    for one in (left, urgent):
        desk.leaves(desk.handoff(one).conversation_id, "exit")
    desk.do(lambda connection: records.set_handoff(connection, aside, set_aside_at=desk.now))
    desk.now += 400
    desk.sweep()
    assert [alarm["handoff"] for alarm in standing(desk)] == [urgent]


def test_in_an_overload_it_is_said_once_for_all(desk: Desk) -> None:
    _held, sam = desk.live()
    for _ in range(4):
        desk.waiting()
    desk.now += 301
    desk.seen(sam)
    desk.sweep()
    assert desk.store.read_now(alarms.overload) is not None
    assert standing(desk) == []
