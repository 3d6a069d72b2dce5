"""After a chat at `immediate` nothing new is given to whoever had it, for a while.

They may end that, or pick a chat by hand, at any time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot.handoff import journal
from bot.store.database import signal
from bot.store.tables import presence
from bot.triage.taxonomy import Tier

FOR = 600.0  # seconds


def begin(connection: Connection, handoff: Row[Any], now: float) -> None:
    """The chat ends: whoever had it live at `immediate` rests."""
    if handoff.tier >= Tier.IMMEDIATE and handoff.state == "live" and handoff.claimed_by is not None:
        _set(connection, handoff.claimed_by, now + FOR)


def end(connection: Connection, staff_id: int, now: float) -> None:
    """They say that they are ready."""
    _set(connection, staff_id, None)
    journal.record_audit(connection, staff_id, "rest_ended", "", now)


def until(connection: Connection, staff_id: int, now: float) -> float | None:
    """Until when this person rests; None when they do not."""
    query = select(presence.c.rest_until).where(presence.c.staff_id == staff_id)
    found = connection.execute(query).scalar_one_or_none()
    return found if found is not None and found > now else None


def of_all(connection: Connection, now: float) -> dict[int, float]:
    """Until when each person rests who does."""
    query = select(presence.c.staff_id, presence.c.rest_until).where(presence.c.rest_until > now)
    return {staff_id: moment for staff_id, moment in connection.execute(query)}


def _set(connection: Connection, staff_id: int, moment: float | None) -> None:
    connection.execute(update(presence).where(presence.c.staff_id == staff_id).values(rest_until=moment))
    signal(connection, "desk", "presence")
