"""Overload begins once, is told once to whom it concerns, and ends."""

from __future__ import annotations

from typing import Any

from bot.handoff import alarms, lifecycle, queue
from bot.handoff.overload import Waiting, strained
from bot.store import transcript
from bot.triage.taxonomy import Tier
from tests.unit.handoff.conftest import Desk

LIMITS = {"immediate": 60.0, "high": 300.0, "elevated": 1800.0, "none": 1800.0}


def waiting(handoff_id: int, tier: Tier, since: float = 0.0) -> Waiting:
    return Waiting(handoff_id, f"c{handoff_id}", tier, since, told=False)


def told(desk: Desk, handoff_id: int) -> int:
    return [text_id for _sender, text_id in desk.said(handoff_id)].count("utter_overload")


def stands(desk: Desk) -> Any:
    return desk.store.read_now(alarms.overload)


def test_the_strain_is_the_whole_wait_against_the_deadline() -> None:
    line = [waiting(1, Tier.HIGH), waiting(2, Tier.HIGH), waiting(3, Tier.HIGH)]

    ratios = strained(line, LIMITS, hands=2, free=1, minutes=20, now=150.0)

    assert ratios == {1: 0.5, 2: (150 + 600) / 300, 3: (150 + 1200) / 300}


def test_whoever_is_next_while_hands_are_free_is_not_strained() -> None:
    assert strained([waiting(1, Tier.IMMEDIATE)], LIMITS, hands=1, free=1, minutes=60, now=0.0) == {1: 0.0}


def test_overload_is_one_alarm_and_each_young_person_concerned_is_told_once_with_numbers(desk: Desk) -> None:
    desk.live()
    queued = [desk.waiting("sextortion") for _ in range(4)]
    for _ in range(3):
        desk.sweep()

    assert stands(desk) is not None
    assert desk.audited().count("overload_began") == 1
    assert [told(desk, handoff_id) for handoff_id in queued] == [1, 1, 1, 1]
    conversation = desk.handoff(queued[0]).conversation_id
    line = desk.store.read_now(lambda connection: transcript.messages_after(connection, conversation))[-1]
    assert line.sender == "system" and line.resources


def test_whoever_joins_during_an_overload_is_told_and_whoever_has_left_is_not(desk: Desk) -> None:
    desk.live()
    for _ in range(3):
        desk.waiting("sextortion")
    desk.sweep()
    late, gone = desk.waiting("sextortion"), desk.waiting("sextortion")
    desk.leaves(desk.handoff(gone).conversation_id, "exit")
    desk.sweep()

    assert (told(desk, late), told(desk, gone)) == (1, 0)


def test_overload_ends_when_people_can_be_answered_again(desk: Desk) -> None:
    desk.live()
    queued = [desk.waiting("sextortion") for _ in range(3)]
    desk.sweep()
    for handoff_id in queued:
        desk.accept(handoff_id, desk.person())
    desk.sweep()

    assert stands(desk) is None
    assert desk.audited().count("overload_ended") == 1


def test_a_desk_without_people_is_no_overload(desk: Desk) -> None:
    desk.waiting("suicide_intent")
    desk.now += 3600
    desk.sweep()
    assert stands(desk) is None


def test_what_is_set_aside_counts_for_nobodys_wait(desk: Desk) -> None:
    boss = desk.person("Boss", role="supervisor")
    first, second = desk.waiting("sextortion"), desk.waiting("sextortion")
    conversation = desk.handoff(second).conversation_id
    done = desk.do(
        lambda connection: lifecycle.set_aside(connection, [first], boss, "one joke, many times", now=desk.now, supervisor=True)
    )

    assert done["set_aside"] == [first]
    assert desk.store.read_now(lambda connection: queue.position(connection, conversation, desk.now)) == 1
    assert desk.store.read_now(lambda connection: queue.next_in_turn(connection, desk.now)) == second
    aside = desk.handoff(first).conversation_id
    assert desk.store.read_now(lambda connection: queue.wait_minutes(connection, aside, desk.now)) is None


def test_what_triage_hears_next_brings_it_back(desk: Desk) -> None:
    boss = desk.person("Boss", role="supervisor")
    first = desk.waiting("sextortion")
    desk.do(lambda connection: lifecycle.set_aside(connection, [first], boss, "a joke", now=desk.now, supervisor=True))

    desk.hears(desk.handoff(first).conversation_id, "suicide_intent")

    assert desk.handoff(first).set_aside_at is None
