"""Days at half, once and twice what the desk can answer: nobody is lost, nobody is taken twice, and the order holds.

`HANDRAIL_DAY` sets the number of conversations; 500 is what the waits in docs are reported from.
"""

from __future__ import annotations

import os
import statistics

import pytest
from sqlalchemy import select

from bot.store.tables import handoffs
from bot.triage.taxonomy import Tier
from tests.unit.handoff.conftest import Desk
from tests.unit.handoff.days import Day, Simulation, claims

CONVERSATIONS = int(os.environ.get("HANDRAIL_DAY", "60"))


def report(load: float, day: Day) -> None:
    """One line for each tier, for whoever runs it with `-s`."""
    for tier in reversed(Tier):
        if waits := sorted(day.waits.get(tier, [])):
            worst = waits[int(0.95 * (len(waits) - 1))]
            print(
                f"\nload {load}: {tier.id} n={len(waits)} median {statistics.median(waits):.0f} s, 95% {worst:.0f} s, "
                f"gave up {day.gave_up[tier]}",
                end="",
            )


@pytest.mark.timeout(60 + 4 * CONVERSATIONS)
@pytest.mark.parametrize(("load", "staff", "hungarian"), [(0.5, 12, 0.0), (1.0, 8, 0.0), (1.0, 8, 0.25), (2.0, 5, 0.0)])
def test_a_day_loses_nobody_takes_nobody_twice_and_keeps_the_order(
    desk: Desk, load: float, staff: int, hungarian: float
) -> None:
    day = Simulation(desk, count=CONVERSATIONS, staff=staff, load=load, seed=int(load * 10), hungarian=hungarian).run()

    report(load, day)
    assert day.opened == day.closed == CONVERSATIONS
    states = desk.store.read_now(lambda connection: list(connection.execute(select(handoffs.c.state)).scalars()))
    assert states == ["closed"] * CONVERSATIONS
    assert day.broken_order == [] and day.double == []
    assert day.shifts >= staff // 2
    held: set[int] = set()
    for handoff_id, kind in claims(desk):
        assert (handoff_id in held) is not (kind == "accepted"), (handoff_id, kind)
        held.symmetric_difference_update({handoff_id})
    assert not held


def test_immediate_waits_least_when_twice_too_many_come(desk: Desk) -> None:
    day = Simulation(desk, count=CONVERSATIONS, staff=5, load=2.0, seed=7).run()

    immediate, rest = day.waits[Tier.IMMEDIATE], [wait for tier, waits in day.waits.items() if tier < Tier.HIGH for wait in waits]
    assert statistics.median(immediate) < statistics.median(rest)
