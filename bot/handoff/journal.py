"""What every change of a handoff leaves behind: its history, the audit trail, the risk, and news for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, event, select, update
from sqlalchemy.exc import IntegrityError

from bot.handoff import records
from bot.store.database import signal
from bot.store.tables import audit, handoff_events, risk_events, versions
from bot.triage.risk import Risk, RiskEvent

QUEUE = "queue"


def note(
    connection: Connection,
    handoff_id: int,
    kind: str,
    now: float,
    *,
    staff_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Adds a line to a handoff's history."""
    values = {"handoff_id": handoff_id, "kind": kind, "staff_id": staff_id, "detail": dict(detail or {}), "at": now}
    connection.execute(handoff_events.insert().values(**values))


def record_audit(
    connection: Connection, staff_id: int | None, action: str, target: str, now: float, reason: str | None = None
) -> None:
    """Who did what to what, when and why; it outlives the conversation."""
    connection.execute(audit.insert().values(staff_id=staff_id, action=action, target=target, reason=reason, at=now))


def record_risk(connection: Connection, conversation_id: str, *events: RiskEvent) -> Risk:
    """Adds events, at least one, to the conversation's risk, and keeps its place among the turns in step.

    Returns:
        The risk with them.
    """
    connection.execute(
        risk_events.insert(),
        [
            {
                "conversation_id": conversation_id,
                "seq": risk_event.seq,
                "kind": risk_event.kind.value,
                "data": risk_event.to_dict(),
                "at": risk_event.at,
            }
            for risk_event in events
        ],
    )
    risk = records.conversation_risk(connection, conversation_id)
    records.set_conversation(connection, conversation_id, urgency=int(risk.tier))
    return risk


def changed(connection: Connection, conversation_id: str) -> None:
    """The queue is different now: its version grows, desks and the conversation are told."""
    signal(connection, "desk", QUEUE)
    signal(connection, "conversation", conversation_id)
    _count_up_at_commit(connection)


def queue_version(connection: Connection) -> int:
    query = select(versions.c.number).where(versions.c.name == QUEUE)
    return int(connection.execute(query).scalar_one_or_none() or 0)


def _count_up_at_commit(connection: Connection) -> None:
    """Counts the version up once, as the transaction's last statement.

    All changes of the queue meet in this one row. Locked any earlier, it would make transactions that hold different
    conversations wait for each other crosswise.
    """
    transaction = connection.get_transaction()
    if connection.info.get("counts_up") is transaction:
        return
    connection.info["counts_up"] = transaction
    event.listen(connection, "commit", _count_up, once=True)


def _count_up(connection: Connection) -> None:
    once_more = update(versions).where(versions.c.name == QUEUE).values(number=versions.c.number + 1)
    if connection.execute(once_more).rowcount:
        return
    try:
        with connection.begin_nested():
            connection.execute(versions.insert().values(name=QUEUE, number=1))
    except IntegrityError:  # somebody else made the row since
        connection.execute(once_more)
