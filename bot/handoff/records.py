"""The rows that a step of a handoff works on.

A step locks the conversation's row first, then touches its handoff: so steps on one conversation never cross, and no two
of them wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from bot.errors import NotFound
from bot.store import transcript
from bot.store.tables import OPEN_HANDOFF, conversations, handoffs, risk_events, staff
from bot.triage.risk import Risk, RiskEvent, fold

OPEN = ("waiting", "claimed", "live")
HELD = ("claimed", "live")
GONE = "There is no such chat. It may have been erased."
_OPEN_HANDOFF = select(handoffs).where(handoffs.c.conversation_id == bindparam("conversation"), text(OPEN_HANDOFF))
_RISK = select(risk_events.c.data).where(risk_events.c.conversation_id == bindparam("conversation")).order_by(risk_events.c.id)


def get(connection: Connection, handoff_id: int) -> Row[Any]:
    """The handoff; raises `NotFound`."""
    found = connection.execute(select(handoffs).where(handoffs.c.id == handoff_id)).one_or_none()
    if found is None:
        raise NotFound(GONE)
    return found


def locked(connection: Connection, handoff_id: int) -> tuple[Row[Any], Row[Any]]:
    """The conversation and the handoff, nobody else's until the transaction ends. Raises `NotFound`."""
    conversation = transcript.lock(connection, get(connection, handoff_id).conversation_id)
    if conversation is None:
        raise NotFound(GONE)
    return conversation, get(connection, handoff_id)


def open_handoff(connection: Connection, conversation_id: str) -> Row[Any] | None:
    """The one handoff of a conversation that is waiting, claimed or live."""
    return connection.execute(_OPEN_HANDOFF, {"conversation": conversation_id}).one_or_none()


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


def staff_name(connection: Connection, staff_id: int | None) -> str | None:
    return connection.execute(select(staff.c.name).where(staff.c.id == staff_id)).scalar_one_or_none()


def holder_name(connection: Connection, handoff: Row[Any]) -> str | None:
    """Who has the chat now; None when nobody has."""
    return staff_name(connection, handoff.claimed_by) if handoff.state in HELD else None


def conversation_risk(connection: Connection, conversation_id: str) -> Risk:
    return fold(RiskEvent.from_dict(row) for row in connection.execute(_RISK, {"conversation": conversation_id}).scalars())
