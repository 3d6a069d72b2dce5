"""Deletes what is kept no longer. What the periods are for stands in docs/privacy.md."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Column, Connection, Table, and_, delete, exists, or_, select
from sqlalchemy.sql.elements import ColumnElement

from bot.handoff import legal
from bot.store.database import Store
from bot.store.tables import audit, conversations, handoffs, legal_holds, staff_sessions

DAY = 86_400.0
SESSION = DAY  # of a desk sign-in nobody used since; it has long ended by then
BATCH = 50  # conversations a transaction: whoever writes a message meanwhile waits for no more than that


def purge(store: Store, days: Mapping[str, int]) -> dict[str, int]:
    """Deletes all that is over its time, in small batches; a conversation with an open handoff, or on a legal hold, is never
    over its time. Holds whose day has come end first.

    Args:
        days: how long each kind is kept, counted from the last thing that happened in it: `conversations` in which nobody was
            asked to join, those with `handoffs`, and the `audit`. In a helpline's policy these are its `retention_days`.

    Returns:
        What was deleted, and how many.

    Raises:
        DatabaseAway: it stopped; what was deleted until then stays deleted, and another call goes on.
    """
    now = store.read_now(store.now)
    store.write_now(lambda connection: legal.end_overdue(connection, now))
    unseen = staff_sessions.c.seen_at < now - SESSION
    return {
        "conversations": _in_batches(store, conversations, conversations.c.id, _over(days, now)),
        "desk sign-ins": _in_batches(store, staff_sessions, staff_sessions.c.token_hash, unseen),
        "audit entries": _in_batches(store, audit, audit.c.id, audit.c.at < now - days["audit"] * DAY),
    }


def _over(days: Mapping[str, int], now: float) -> ColumnElement[bool]:
    """Which conversations are over their time."""
    mine = handoffs.c.conversation_id == conversations.c.id
    still_open = exists().where(mine, handoffs.c.state.in_(["waiting", "claimed", "live"]))
    handed_over = exists().where(mine)
    closed_lately = exists().where(mine, handoffs.c.closed_at >= now - days["handoffs"] * DAY)
    held = exists().where(legal_holds.c.conversation_id == conversations.c.id)
    return and_(
        ~still_open,
        ~held,
        or_(
            conversations.c.erase_asked_at.is_not(None),  # only a person or a hold kept it, and neither does any more
            and_(~handed_over, conversations.c.active_at < now - days["conversations"] * DAY),
            and_(handed_over, ~closed_lately, conversations.c.active_at < now - days["handoffs"] * DAY),
        ),
    )


def _in_batches(store: Store, table: Table, key: Column[str] | Column[int], over: ColumnElement[bool]) -> int:
    """Deletes the rows for which `over` holds; what belongs to them goes with them by the foreign keys."""

    def one_batch(connection: Connection) -> int:
        found = connection.execute(select(key).where(over).limit(BATCH)).scalars().all()
        # `over` again: on PostgreSQL somebody may have written in a conversation since it was read.
        return connection.execute(delete(table).where(key.in_(found), over)).rowcount if found else 0

    total = 0
    while count := store.write_now(one_batch):
        total += count
    return total
