"""A conversation's risk events, as they stand in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from bot.store.tables import conversations, risk_events
from bot.triage.risk import Risk, RiskEvent, fold


def record(connection: Connection, conversation_id: str, events: Sequence[RiskEvent]) -> Risk:
    """Adds risk events to a conversation; returns its risk with them."""
    for event in events:
        value = event.to_dict()
        connection.execute(
            risk_events.insert().values(
                conversation_id=conversation_id, seq=event.seq, kind=event.kind.value, data=value, at=event.at
            )
        )
    risk = conversation_risk(connection, conversation_id)
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(urgency=int(risk.tier)))
    return risk


def conversation_risk(connection: Connection, conversation_id: str) -> Risk:
    rows = connection.execute(
        select(risk_events.c.data).where(risk_events.c.conversation_id == conversation_id).order_by(risk_events.c.id)
    ).scalars()
    return fold([RiskEvent.from_dict(row) for row in rows])
