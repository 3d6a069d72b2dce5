"""Whoever waits past the limit of their tier: an alarm that everybody at the desk sees, and that rings for supervisors.

It stands until a supervisor has heard it or somebody has taken the chat. An overload has one alarm for all of them.
"""

from __future__ import annotations

from sqlalchemy import Connection, and_, exists, insert, or_, select, update

from bot.content import Content
from bot.handoff import alarms, journal
from bot.handoff.deadlines import limits
from bot.handoff.opening import LEFT_FOR_GOOD
from bot.store.database import signal
from bot.store.tables import alarms as rows
from bot.store.tables import conversations, handoffs
from bot.triage.taxonomy import Tier

AT_ONCE = 20  # alarms in one step; the next step comes a second later


def watch(connection: Connection, content: Content, now: float) -> int:
    """Ends the alarms of chats that wait no more, and begins those that are due. Doing it twice changes nothing more.

    Returns:
        How many began.
    """
    mine = rows.c.kind == alarms.LATE, rows.c.ended_at.is_(None)
    waits = select(handoffs.c.id).where(handoffs.c.state == "waiting", handoffs.c.set_aside_at.is_(None))
    over = connection.execute(update(rows).where(*mine, rows.c.handoff_id.not_in(waits)).values(ended_at=now)).rowcount
    late = [] if alarms.overload(connection) is not None else _late(connection, content, now)
    for handoff_id in late:
        connection.execute(insert(rows).values(kind=alarms.LATE, handoff_id=handoff_id, at=now))
        journal.note(connection, handoff_id, "late", now)
    if over or late:
        signal(connection, "desk", journal.QUEUE)
    return len(late)


def _late(connection: Connection, content: Content, now: float) -> list[int]:
    deadline = limits(content.policy.deadlines)["claim"]
    past = or_(*(and_(handoffs.c.tier == int(tier), handoffs.c.waiting_since < now - deadline[tier.id]) for tier in Tier))
    left = select(conversations.c.id).where(conversations.c.away_how.in_(LEFT_FOR_GOOD))
    known = exists().where(rows.c.handoff_id == handoffs.c.id, rows.c.kind == alarms.LATE, rows.c.ended_at.is_(None))
    query = (
        select(handoffs.c.id)
        .where(
            handoffs.c.state == "waiting",
            handoffs.c.set_aside_at.is_(None),
            past,
            ~known,
            or_(handoffs.c.tier == int(Tier.IMMEDIATE), handoffs.c.conversation_id.not_in(left)),
        )
        .order_by(handoffs.c.tier.desc(), handoffs.c.waiting_since)
        .limit(AT_ONCE)
    )
    if connection.dialect.name == "postgresql":  # of several processes that look in the same second, one finds it
        query = query.with_for_update(skip_locked=True)
    return list(connection.execute(query).scalars())
