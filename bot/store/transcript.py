"""The messages of a conversation, in the order in which they were committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot.store.database import signal
from bot.store.tables import conversations, messages, staff


def lock(connection: Connection, conversation_id: str) -> Row[Any] | None:
    """The conversation's row, locked until the transaction ends; None when there is no such conversation.

    Whoever gives out a sequence number or moves the mode takes this lock first, so commit order is sequence order.
    """
    query = select(conversations).where(conversations.c.id == conversation_id).with_for_update()
    return connection.execute(query).one_or_none()


def append(
    connection: Connection,
    conversation_id: str,
    *,
    sender: str,
    text: str,
    now: float,
    client_id: str | None = None,
    staff_id: int | None = None,
    text_id: str | None = None,
    option_payload: str | None = None,
    options: Sequence[Mapping[str, str]] | None = None,
    resources: Sequence[Mapping[str, Any]] | None = None,
    asked: str | None = None,
    turn_no: int | None = None,
) -> int:
    """Adds a message and announces it.

    Args:
        sender: young_person, bot, counsellor or system.
        now: seconds since the epoch, by the database's clock.
        client_id: the id that the sender's device made; unique in its conversation.
        resources: services as `bot.content.directory` gives them, in the shape of the chat API.

    Returns:
        The message's sequence number.
    """
    bumped = update(conversations).where(conversations.c.id == conversation_id).values(seq=conversations.c.seq + 1, active_at=now)
    seq = connection.execute(bumped.returning(conversations.c.seq)).scalar_one()
    connection.execute(
        messages.insert().values(
            conversation_id=conversation_id,
            seq=seq,
            client_id=client_id,
            sender=sender,
            staff_id=staff_id,
            text=text,
            option_payload=option_payload,
            options=list(options) if options else None,
            resources=list(resources) if resources else None,
            text_id=text_id,
            asked=asked,
            turn_no=turn_no,
            at=now,
        )
    )
    signal(connection, "conversation", conversation_id)
    return int(seq)


def messages_after(connection: Connection, conversation_id: str, after: int = 0, limit: int = 500) -> list[Row[Any]]:
    """Messages with a sequence number above `after`, oldest first; each row also has the counsellor's `staff_name`."""
    query = (
        select(messages, staff.c.name.label("staff_name"))
        .join_from(messages, staff, messages.c.staff_id == staff.c.id, isouter=True)
        .where(messages.c.conversation_id == conversation_id, messages.c.seq > after)
        .order_by(messages.c.seq)
        .limit(limit)
    )
    return list(connection.execute(query))


def message_with_client_id(connection: Connection, conversation_id: str, client_id: str) -> Row[Any] | None:
    query = select(messages).where(messages.c.conversation_id == conversation_id, messages.c.client_id == client_id)
    return connection.execute(query).one_or_none()
