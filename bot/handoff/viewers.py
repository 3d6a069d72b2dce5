"""Who has which chat open at their desk, for their colleagues to see."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from bot.handoff.staffing import STREAM_GONE
from bot.store.database import signal
from bot.store.tables import conversations, handoffs, presence, staff, viewers

Viewer = tuple[str, bool]  # name, and whether they are writing to the young person


def look_at(connection: Connection, staff_id: int, handoff_id: int | None) -> None:
    """Somebody opens this chat at their desk, or none; it takes the place of what was open there before."""
    if handoff_id is None:
        connection.execute(delete(viewers).where(viewers.c.staff_id == staff_id))
    else:
        moved = update(viewers).where(viewers.c.staff_id == staff_id).values(handoff_id=handoff_id)
        if connection.execute(moved).rowcount == 0:
            connection.execute(viewers.insert().values(staff_id=staff_id, handoff_id=handoff_id))
    signal(connection, "desk", "viewers")


def by_handoff(connection: Connection, now: float) -> dict[int, tuple[Viewer, ...]]:
    """Who looks at which chat now, by name; desks without a sign of life do not count.

    That somebody writes is said only where another one looks on: nobody else has to know.
    """
    query = (
        select(viewers.c.handoff_id, staff.c.id, staff.c.name, handoffs.c.claimed_by, conversations.c.person_typing_until)
        .join_from(viewers, staff, staff.c.id == viewers.c.staff_id)
        .join(presence, presence.c.staff_id == staff.c.id)
        .join(handoffs, handoffs.c.id == viewers.c.handoff_id)
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(presence.c.stream_seen_at > now - STREAM_GONE, staff.c.disabled_at.is_(None))
        .order_by(staff.c.name)
    )
    found: dict[int, list[Viewer]] = {}
    for handoff_id, staff_id, name, holder, typing_until in connection.execute(query):
        found.setdefault(handoff_id, []).append((name, staff_id == holder and (typing_until or 0.0) > now))
    return {
        handoff_id: tuple(people) if len(people) > 1 else tuple((name, False) for name, _typing in people)
        for handoff_id, people in found.items()
    }
