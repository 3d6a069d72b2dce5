"""Setting a row aside: a supervisor takes it out of the turn, and anybody can take it up again at its old place.

It is never a block. The young person keeps the chat with the bot and their place, and whatever they write that triage hears
brings the row back by itself. At `immediate` it takes a second pair of eyes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.errors import BadRequest, Conflict, NotAllowed
from bot.handoff import journal, records
from bot.store.tables import handoff_events, staff
from bot.triage.taxonomy import Tier

ASKED_FOR = 1800.0  # seconds in which somebody else may agree
MOST = 200  # rows in one press


def set_aside(
    connection: Connection, handoff_ids: Sequence[int], staff_id: int, reason: str, *, now: float, supervisor: bool
) -> dict[str, list[int]]:
    """Sets waiting chats aside; at `immediate` the first press asks, and a second person's press does it.

    Args:
        supervisor: may ask; anybody else may only agree to what was asked.

    Returns:
        Ids by what became of them: `set_aside`, `asked`, and `left` for those that do not wait any more.

    Raises:
        BadRequest: no reason, or too many at once.
        NotAllowed: somebody who does not supervise set aside what nobody had asked for.
        NotFound: one of them is not there.
    """
    why = reason.strip()
    if len(why) < 3 or len(handoff_ids) > MOST:
        raise BadRequest("Write a reason first." if len(why) < 3 else f"At most {MOST} at once.")
    done: dict[str, list[int]] = {"set_aside": [], "asked": [], "left": []}
    for handoff_id in sorted(set(handoff_ids)):  # in one order, so that two presses at once cannot wait for each other
        conversation, handoff = records.locked(connection, handoff_id)
        if handoff.state != "waiting" or handoff.set_aside_at is not None:
            done["left"].append(handoff_id)
            continue
        before = asked(connection, handoff_id, now)
        agreed = before is not None and before.staff_id != staff_id
        if not supervisor and not agreed:
            raise NotAllowed("A supervisor sets chats aside.")
        kind = "set_aside" if agreed or handoff.tier < Tier.IMMEDIATE else "set_aside_asked"
        if kind == "set_aside":
            records.set_handoff(connection, handoff_id, set_aside_at=now)
        journal.note(connection, handoff_id, kind, now, staff_id=staff_id, detail={"reason": why})
        journal.record_audit(connection, staff_id, kind, f"handoff:{handoff_id}", now, why)
        journal.changed(connection, conversation.id)
        done["set_aside" if kind == "set_aside" else "asked"].append(handoff_id)
    return done


def take_up(connection: Connection, handoff_ids: Sequence[int], staff_id: int, *, now: float) -> None:
    """Brings chats back to their old places. Raises `Conflict` when none of them was set aside."""
    changed = 0
    for handoff_id in sorted(set(handoff_ids[:MOST])):
        conversation, handoff = records.locked(connection, handoff_id)
        if handoff.set_aside_at is None:
            continue
        records.set_handoff(connection, handoff_id, set_aside_at=None)
        journal.note(connection, handoff_id, "taken_up", now, staff_id=staff_id)
        journal.record_audit(connection, staff_id, "taken_up", f"handoff:{handoff_id}", now)
        journal.changed(connection, conversation.id)
        changed += 1
    if not changed:
        raise Conflict("This is not set aside any more.")


def asked(connection: Connection, handoff_id: int, now: float) -> Row[Any] | None:
    """Who wants to set it aside and waits for a second pair of eyes: `staff_id`, `name`, `at`, `detail`."""
    query = (
        select(handoff_events, staff.c.name)
        .join(staff, staff.c.id == handoff_events.c.staff_id, isouter=True)
        .where(
            handoff_events.c.handoff_id == handoff_id,
            handoff_events.c.kind.in_(["set_aside_asked", "set_aside", "taken_up", "raised"]),
        )
        .order_by(handoff_events.c.id.desc())
        .limit(1)
    )
    last = connection.execute(query).one_or_none()
    return last if last is not None and last.kind == "set_aside_asked" and last.at > now - ASKED_FOR else None
