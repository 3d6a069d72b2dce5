"""What a supervisor sees at one look: who waits against which deadline, who is on with what, who gave up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from bot.handoff import alarms, queue
from bot.handoff.deadlines import limits
from bot.handoff.staffing import STREAM_GONE, TAKES_CHATS, at_the_desk, staffing_of
from bot.store.tables import handoff_events, handoffs, presence, staff
from bot.triage.taxonomy import Tier

SHIFT = 12 * 3600.0  # seconds; what somebody took in that time counts as one shift's burden


def board(connection: Connection, deadlines: Mapping[str, float], now: float) -> dict[str, Any]:
    """Tiers, people and overload; times in seconds since the epoch.

    Args:
        deadlines: seconds by name, as the policy has them.
    """
    overload = alarms.overload(connection)
    return {
        "tiers": _tiers(connection, limits(deadlines)["claim"], now),
        "people": _people(connection, now),
        "staffing": staffing_of(at_the_desk(connection, now)).value,
        "overload_since": None if overload is None else overload.at,
    }


def _tiers(connection: Connection, deadline: Mapping[str, float], now: float) -> list[dict[str, Any]]:
    counted = queue.counts(connection, now)
    waiting = handoffs.c.state == "waiting", handoffs.c.set_aside_at.is_(None)
    late = case(*((handoffs.c.tier == int(tier), now - deadline[tier.id]) for tier in Tier), else_=now)
    query = (
        select(
            handoffs.c.tier,
            func.min(handoffs.c.waiting_since).label("oldest"),
            func.sum(case((handoffs.c.waiting_since < late, 1), else_=0)).label("late"),
        )
        .where(*waiting)
        .group_by(handoffs.c.tier)
    )
    found = {row.tier: row for row in connection.execute(query)}
    aside = select(handoffs.c.tier, func.count()).where(
        handoffs.c.state == "waiting", handoffs.c.set_aside_at.is_not(None)
    )
    set_aside: dict[int, int] = {tier: count for tier, count in connection.execute(aside.group_by(handoffs.c.tier))}
    return [
        {
            "tier": tier.id,
            "limit": deadline[tier.id],
            "waiting": counted["by_tier"][tier.id]["waiting"] - set_aside.get(int(tier), 0),
            "oldest_since": found[int(tier)].oldest if int(tier) in found else None,
            "late": int(found[int(tier)].late) if int(tier) in found else 0,
            "with_person": counted["by_tier"][tier.id]["claimed"] + counted["by_tier"][tier.id]["live"],
            "set_aside": set_aside.get(int(tier), 0),
            "abandoned": counted["abandoned_by_tier"].get(tier.id, {}),
        }
        for tier in reversed(Tier)
    ]


def _people(connection: Connection, now: float) -> list[dict[str, Any]]:
    """Everybody on shift, on a break, or with a chat in their hands."""
    chats: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(select(handoffs).where(handoffs.c.state.in_(["claimed", "live"])).order_by(handoffs.c.id)):
        chats.setdefault(row.claimed_by, []).append(row)
    query = (
        select(staff.c.id, staff.c.name, staff.c.role, staff.c.languages, presence)
        .join(presence, presence.c.staff_id == staff.c.id)
        .where(staff.c.disabled_at.is_(None), staff.c.role.in_([*TAKES_CHATS, "safeguarding"]))
        .order_by(staff.c.name)
    )
    burden = _burden(connection, now)
    return [
        {
            "name": row.name,
            "role": row.role,
            "state": row.state,
            "since": row.since,
            "languages": row.languages.split(),
            "hears": row.hears is not False,
            "line": (row.stream_seen_at or 0.0) > now - STREAM_GONE,
            "capacity": row.capacity,
            "rest_until": row.rest_until if (row.rest_until or 0.0) > now else None,
            "exposure": burden.get(row.id, 0),
            "chats": [
                {"handoff": chat.id, "tier": Tier(chat.tier).id, "state": chat.state, "unanswered_since": chat.unanswered_since}
                for chat in chats.get(row.id, [])
            ],
        }
        for row in connection.execute(query)
        if row.state != "off" or row.id in chats
    ]


def _burden(connection: Connection, now: float) -> dict[int, int]:
    """How many chats at `immediate` each person took within a shift's time."""
    taken = (
        select(handoff_events.c.staff_id, func.count(func.distinct(handoff_events.c.handoff_id)))
        .join(handoffs, handoffs.c.id == handoff_events.c.handoff_id)
        .where(
            handoff_events.c.kind == "accepted", handoff_events.c.at > now - SHIFT, handoffs.c.tier >= int(Tier.IMMEDIATE)
        )
        .group_by(handoff_events.c.staff_id)
    )
    return {staff_id: count for staff_id, count in connection.execute(taken)}

