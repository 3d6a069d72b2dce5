"""A legal hold: a conversation that must not be deleted for now, whoever asks and whatever its time.

The row itself keeps it: the database refuses to delete a conversation that a hold points to. What the young person asked is
not lost: the chat can never be opened again from the moment they erased it, and its words go when the hold ends.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select

from bot.errors import BadRequest, Conflict
from bot.handoff import journal, records
from bot.store import transcript
from bot.store.tables import conversations, handoffs, legal_holds, staff

DAY = 86_400.0
LONGEST = 5 * 365 * DAY  # seconds; a longer one is placed again by somebody who looks at it then
SHORTEST_REASON = 10  # characters


def place(connection: Connection, handoff_id: int, staff_id: int, *, reason: str, until: float, now: float) -> None:
    """Holds the handoff's conversation until a moment.

    Raises:
        BadRequest: no real reason, or no moment in the next five years.
        Conflict: it is held already.
        NotFound: there is no such handoff.
    """
    why = reason.strip()
    if len(why) < SHORTEST_REASON:
        raise BadRequest("Write why: who asked for it, and under which law or case.")
    if not now < until <= now + LONGEST:
        raise BadRequest("A hold ends on a day in the next five years.")
    conversation, _handoff = records.locked(connection, handoff_id)
    if of(connection, conversation.id) is not None:
        raise Conflict("This chat is on hold already.")
    values = {"conversation_id": conversation.id, "placed_by": staff_id, "placed_at": now, "until": until, "reason": why}
    connection.execute(insert(legal_holds).values(**values))
    journal.note(connection, handoff_id, "hold_placed", now, staff_id=staff_id, detail={"until": until})
    last_day = datetime.fromtimestamp(until - 1, UTC).date()  # the audit outlives the hold, and must say all of it
    journal.record_audit(connection, staff_id, "hold_placed", f"handoff:{handoff_id}", now, f"Until {last_day}: {why}")


def end(connection: Connection, handoff_id: int, staff_id: int, *, reason: str, now: float) -> None:
    """Ends a hold before its day; a chat that was to be erased is erased now.

    Raises:
        BadRequest: no real reason.
        Conflict: it is not held.
        NotFound: there is no such handoff.
    """
    why = reason.strip()
    if len(why) < SHORTEST_REASON:
        raise BadRequest("Write why it ends.")
    conversation, _handoff = records.locked(connection, handoff_id)
    ended = connection.execute(delete(legal_holds).where(legal_holds.c.conversation_id == conversation.id))
    if ended.rowcount != 1:
        raise Conflict("This chat is not on hold.")
    journal.note(connection, handoff_id, "hold_ended", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, "hold_ended", f"handoff:{handoff_id}", now, why)
    _erase_what_was_asked(connection, conversation.id, handoff_id, now)


def end_overdue(connection: Connection, now: float) -> int:
    """Ends the holds whose day has come; returns how many. Doing it twice changes nothing more."""
    over = connection.execute(select(legal_holds.c.conversation_id).where(legal_holds.c.until <= now)).scalars().all()
    for conversation_id in over:
        transcript.lock(connection, conversation_id)
        newest = select(handoffs.c.id).where(handoffs.c.conversation_id == conversation_id).order_by(handoffs.c.id.desc())
        handoff_id = connection.execute(newest.limit(1)).scalar_one()
        connection.execute(delete(legal_holds).where(legal_holds.c.conversation_id == conversation_id))
        journal.record_audit(connection, None, "hold_ran_out", f"handoff:{handoff_id}", now)
        _erase_what_was_asked(connection, conversation_id, handoff_id, now)
    return len(over)


def of(connection: Connection, conversation_id: str) -> Row[Any] | None:
    """The hold on a conversation: `placed_at`, `until`, `reason`, `name` of who placed it; None when there is none."""
    query = select(legal_holds, staff.c.name).join(staff, staff.c.id == legal_holds.c.placed_by)
    return connection.execute(query.where(legal_holds.c.conversation_id == conversation_id)).one_or_none()


def standing(connection: Connection) -> list[Row[Any]]:
    """All holds, the next to end first, each with the newest `handoff_id` and `erase_asked_at` of its conversation."""
    newest = (
        select(handoffs.c.id)
        .where(handoffs.c.conversation_id == legal_holds.c.conversation_id)
        .order_by(handoffs.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(legal_holds, staff.c.name, newest.label("handoff_id"), conversations.c.erase_asked_at)
        .join(staff, staff.c.id == legal_holds.c.placed_by)
        .join(conversations, conversations.c.id == legal_holds.c.conversation_id)
    )
    return list(connection.execute(query.order_by(legal_holds.c.until)))


def _erase_what_was_asked(connection: Connection, conversation_id: str, handoff_id: int, now: float) -> None:
    """An erase that only the hold kept waiting; one that also waits for a person goes on waiting for them."""
    still_open = exists().where(handoffs.c.conversation_id == conversations.c.id, handoffs.c.state.in_(records.OPEN))
    gone = connection.execute(
        delete(conversations).where(
            conversations.c.id == conversation_id, conversations.c.erase_asked_at.is_not(None), ~still_open
        )
    )
    if gone.rowcount:
        journal.record_audit(connection, None, "erase", f"handoff:{handoff_id}", now, "asked by the young person, held until now")
