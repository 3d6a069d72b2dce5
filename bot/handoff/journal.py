"""What every change of a handoff leaves behind: its history, the audit trail, and news for the desk."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from bot.store.database import signal
from bot.store.tables import audit, conversations, handoff_events, risk_events, versions
from bot.triage.risk import RiskEvent

QUEUE = "queue"


def note(
    connection: Connection,
    handoff_id: int,
    kind: str,
    now: float,
    *,
    staff_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Adds a line to a handoff's history."""
    connection.execute(
        handoff_events.insert().values(handoff_id=handoff_id, kind=kind, staff_id=staff_id, detail=detail or {}, at=now)
    )


def record_audit(
    connection: Connection, staff_id: int | None, action: str, target: str, now: float, reason: str | None = None
) -> None:
    """Who did what to what, when and why."""
    connection.execute(audit.insert().values(staff_id=staff_id, action=action, target=target, reason=reason, at=now))


def record_risk(connection: Connection, conversation_id: str, event: RiskEvent) -> None:
    """Adds an event to the conversation's risk."""
    connection.execute(
        risk_events.insert().values(
            conversation_id=conversation_id, seq=event.seq, kind=event.kind.value, data=event.to_dict(), at=event.at
        )
    )


def last_seq(connection: Connection, conversation_id: str) -> int:
    query = select(conversations.c.seq).where(conversations.c.id == conversation_id)
    return int(connection.execute(query).scalar_one())


def changed(connection: Connection, conversation_id: str) -> None:
    """The queue is different now: its version grows, desks and the conversation are told."""
    bump = update(versions).where(versions.c.name == QUEUE).values(number=versions.c.number + 1)
    if connection.execute(bump).rowcount == 0:
        connection.execute(versions.insert().values(name=QUEUE, number=1))
    signal(connection, "desk", QUEUE)
    signal(connection, "conversation", conversation_id)


def queue_version(connection: Connection) -> int:
    query = select(versions.c.number).where(versions.c.name == QUEUE)
    return int(connection.execute(query).scalar_one_or_none() or 0)
