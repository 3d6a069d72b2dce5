"""Who is there to take a chat now: on shift, with an open desk, and with a hand free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from bot.content.staffing import Staffing
from bot.store.tables import handoffs, presence, staff
from bot.triage.taxonomy import Tier

STREAM_GONE = 45.0  # seconds without a sign of life until a desk counts as gone; a shift may begin that long without one
TAKES_CHATS = ("counsellor", "supervisor")

_seen = func.coalesce(presence.c.stream_seen_at, presence.c.since)
_HERE = (
    select(presence.c.staff_id, presence.c.capacity, presence.c.rest_until)
    .join(staff, staff.c.id == presence.c.staff_id)
    .where(
        presence.c.state == "on_shift",
        (_seen > bindparam("gone")) | (presence.c.since > bindparam("gone")),
        staff.c.disabled_at.is_(None),
        staff.c.role.in_(TAKES_CHATS),
    )
    .order_by(presence.c.staff_id)
)


@dataclass(frozen=True, slots=True)
class Hands:
    """One person at the desk.

    Attributes:
        capacity: chats at a time, as set for the person.
        held: tiers of the chats that they have now.
        rests: nothing new is given to them for now, see `bot.handoff.rest`.
    """

    staff_id: int
    capacity: int
    held: tuple[Tier, ...] = ()
    rests: bool = False

    @property
    def limit(self) -> int:
        """Chats at a time; one only, while one of them is at the top tier."""
        return min(self.capacity, 1) if Tier.IMMEDIATE in self.held else self.capacity

    @property
    def free(self) -> int:
        return 0 if self.rests else max(0, self.limit - len(self.held))


def staffing(connection: Connection, now: float) -> Staffing:
    """What a young person may be told about people: on duty, all busy, or nobody."""
    return staffing_of(at_the_desk(connection, now))


def staffing_of(people: Sequence[Hands]) -> Staffing:
    if not people:
        return Staffing.NONE
    return Staffing.ON_DUTY if any(person.free for person in people) else Staffing.BUSY


def at_the_desk(connection: Connection, now: float) -> list[Hands]:
    """Everybody who is on shift and whose desk showed a sign of life in the last 45 seconds."""
    here = connection.execute(_HERE, {"gone": now - STREAM_GONE}).all()
    held = _held(connection, [row.staff_id for row in here])
    return [
        Hands(row.staff_id, row.capacity, held.get(row.staff_id, ()), rests=(row.rest_until or 0.0) > now) for row in here
    ]


def has_room(connection: Connection, staff_id: int, now: float) -> bool:
    """Whether this person may take one more chat, by their own limit; whether they are on shift does not matter."""
    capacity = connection.execute(select(presence.c.capacity).where(presence.c.staff_id == staff_id)).scalar_one_or_none()
    return Hands(staff_id, capacity or 1, _held(connection, [staff_id]).get(staff_id, ())).free > 0


def _held(connection: Connection, staff_ids: Iterable[int]) -> dict[int, tuple[Tier, ...]]:
    wanted = list(staff_ids)
    if not wanted:
        return {}
    found: dict[int, tuple[Tier, ...]] = {}
    query = select(handoffs.c.claimed_by, handoffs.c.tier).where(
        handoffs.c.state.in_(["claimed", "live"]), handoffs.c.claimed_by.in_(wanted)
    )
    for holder, tier in connection.execute(query):
        found[holder] = (*found.get(holder, ()), Tier(tier))
    return found
