"""What every step of a handoff does to the database: lock, write, log, announce.

A step locks the conversation's row first, then touches its handoff: so steps on one conversation never cross, and no two
of them wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from bot.errors import NotFound
from bot.store import transcript
from bot.store.database import signal
from bot.store.tables import OPEN_HANDOFF, audit, conversations, handoff_events, handoffs, risk_events, staff, versions
from bot.triage.risk import Risk, RiskEvent, fold

GONE = "This chat is not here any more."
QUEUE = "queue"


def locked(connection: Connection, handoff_id: int) -> tuple[Row[Any], Row[Any]]:
    """The conversation and the handoff, nobody else's until the transaction ends. Raises `NotFound`."""
    query = select(handoffs.c.conversation_id).where(handoffs.c.id == handoff_id)
    conversation_id = connection.execute(query).scalar_one_or_none()
    conversation = transcript.lock(connection, conversation_id) if conversation_id else None
    handoff = by_id(connection, handoff_id)
    if conversation is None or handoff is None:
        raise NotFound(GONE)
    return conversation, handoff


def by_id(connection: Connection, handoff_id: int) -> Row[Any] | None:
    return connection.execute(select(handoffs).where(handoffs.c.id == handoff_id)).one_or_none()


def open_handoff(connection: Connection, conversation_id: str) -> Row[Any] | None:
    """The one handoff of a conversation that is waiting, claimed or live."""
    query = select(handoffs).where(handoffs.c.conversation_id == conversation_id, text(OPEN_HANDOFF))
    return connection.execute(query).one_or_none()


def insert_handoff(connection: Connection, values: Mapping[str, Any]) -> int | None:
    """The new handoff's id; None when the conversation has an open one already (`ux_handoffs_one_open`)."""
    try:
        with connection.begin_nested():
            return int(connection.execute(insert(handoffs).values(**values).returning(handoffs.c.id)).scalar_one())
    except IntegrityError:
        return None


def set_handoff(connection: Connection, handoff_id: int, **values: Any) -> None:
    connection.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(**values))


def set_conversation(connection: Connection, conversation_id: str, **values: Any) -> None:
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(**values))


def staff_name(connection: Connection, staff_id: int | None) -> str:
    """A colleague's name; "Somebody" where there is none to tell."""
    name = connection.execute(select(staff.c.name).where(staff.c.id == staff_id)).scalar_one_or_none()
    return str(name) if name else "Somebody"


# What happened


def log_event(
    connection: Connection,
    handoff_id: int,
    kind: str,
    now: float,
    *,
    staff_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Adds a line to the handoff's history, which the desk shows."""
    values = {"handoff_id": handoff_id, "kind": kind, "staff_id": staff_id, "detail": dict(detail or {}), "at": now}
    connection.execute(insert(handoff_events).values(**values))


def log_audit(
    connection: Connection, staff_id: int, action: str, handoff_id: int, now: float, reason: str | None = None
) -> None:
    """Adds a line to the audit: who did what to which handoff; it outlives the conversation."""
    values = {"staff_id": staff_id, "action": action, "target": f"handoff:{handoff_id}", "reason": reason, "at": now}
    connection.execute(insert(audit).values(**values))


def log_risk(connection: Connection, conversation_id: str, risk_event: RiskEvent) -> Risk:
    """Adds an event to the conversation's risk; returns its risk with it."""
    connection.execute(
        insert(risk_events).values(
            conversation_id=conversation_id,
            seq=risk_event.seq,
            kind=risk_event.kind.value,
            data=risk_event.to_dict(),
            at=risk_event.at,
        )
    )
    risk = conversation_risk(connection, conversation_id)
    set_conversation(connection, conversation_id, urgency=int(risk.tier))
    return risk


def conversation_risk(connection: Connection, conversation_id: str) -> Risk:
    query = select(risk_events.c.data).where(risk_events.c.conversation_id == conversation_id).order_by(risk_events.c.id)
    return fold(RiskEvent.from_dict(row) for row in connection.execute(query).scalars())


# Telling the others


def announce(connection: Connection, conversation_id: str) -> None:
    """Tells desks and chat that something about this handoff changed, and counts the queue's version up."""
    signal(connection, "desk", QUEUE)
    signal(connection, "conversation", conversation_id)
    _bump_at_commit(connection)


def queue_version(connection: Connection) -> int:
    query = select(versions.c.number).where(versions.c.name == QUEUE)
    return int(connection.execute(query).scalar_one_or_none() or 0)


def _bump_at_commit(connection: Connection) -> None:
    """Counts the version up once, as the transaction's last statement.

    All changes of the queue meet in this one row. Locked any earlier, it would make transactions that hold different
    conversations wait for each other crosswise.
    """
    if not event.contains(connection, "commit", _bump):
        event.listen(connection, "commit", _bump)


def _bump(connection: Connection) -> None:
    count_up = update(versions).where(versions.c.name == QUEUE).values(number=versions.c.number + 1)
    if connection.execute(count_up).rowcount:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(versions).values(name=QUEUE, number=1))
    except IntegrityError:  # somebody else made the row since
        connection.execute(count_up)


def database_now(connection: Connection) -> float:
    """Seconds since the epoch by the database's clock; for callers that were not given the time."""
    if connection.dialect.name == "sqlite":
        julian = connection.execute(select(func.julianday("now"))).scalar_one()
        return (float(julian) - 2440587.5) * 86400.0
    return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())
