"""The messages of a conversation, in the order in which they were committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from bot.store.database import signal
from bot.store.tables import CONVERSATION_CARD, conversations, messages, staff

# Built once: building a statement costs more than running it, and these run for every message (docs/benchmarks.md).
_LOCK = select(*CONVERSATION_CARD).where(conversations.c.id == bindparam("conversation")).with_for_update()
_NUMBER = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(seq=conversations.c.seq + bindparam("count"), active_at=bindparam("now"))
    .returning(conversations.c.seq)
)
_ADD = insert(messages)
_AFTER = (
    select(messages, staff.c.name.label("staff_name"))
    .join_from(messages, staff, messages.c.staff_id == staff.c.id, isouter=True)
    .where(messages.c.conversation_id == bindparam("conversation"), messages.c.seq > bindparam("after"))
    .order_by(messages.c.seq)
    .limit(bindparam("most"))
)
_WITH_CLIENT_ID = select(messages).where(
    messages.c.conversation_id == bindparam("conversation"), messages.c.client_id == bindparam("client")
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has no number yet.

    Attributes:
        sender: young_person, bot, counsellor or system.
        client_id: the id that the sender's device made; unique in its conversation.
        resources: services as `bot.content.directory` gives them, in the shape of the chat API.
    """

    sender: str
    text: str
    client_id: str | None = None
    staff_id: int | None = None
    text_id: str | None = None
    option_payload: str | None = None
    options: Sequence[Mapping[str, str]] | None = None
    resources: Sequence[Mapping[str, Any]] | None = None
    asked: str | None = None
    turn_no: int | None = None


def lock(connection: Connection, conversation_id: str) -> Row[Any] | None:
    """The conversation's card (its columns but for the dialogue's), locked until the transaction ends; None when there is none.

    Whoever gives out a sequence number or moves the mode takes this lock first, so commit order is sequence order.
    """
    return connection.execute(_LOCK, {"conversation": conversation_id}).one_or_none()


def append(connection: Connection, conversation_id: str, *, sender: str, text: str, now: float, **more: Any) -> int:
    """Adds one message, see `append_all`; `more` are further fields of `Draft`. Returns its sequence number."""
    return append_all(connection, conversation_id, [Draft(sender, text, **more)], now)


def append_all(connection: Connection, conversation_id: str, drafts: Sequence[Draft], now: float) -> int:
    """Adds messages, in this order, and announces them.

    Args:
        drafts: at least one.
        now: seconds since the epoch, by the database's clock.

    Returns:
        The last one's sequence number.
    """
    bumped = connection.execute(_NUMBER, {"conversation": conversation_id, "count": len(drafts), "now": now})
    last = int(bumped.scalar_one())
    first = last - len(drafts) + 1
    connection.execute(
        _ADD,
        [
            {
                "conversation_id": conversation_id,
                "seq": seq,
                "client_id": draft.client_id,
                "sender": draft.sender,
                "staff_id": draft.staff_id,
                "text": draft.text,
                "option_payload": draft.option_payload,
                "options": list(draft.options) if draft.options else None,
                "resources": list(draft.resources) if draft.resources else None,
                "text_id": draft.text_id,
                "asked": draft.asked,
                "turn_no": draft.turn_no,
                "at": now,
            }
            for seq, draft in enumerate(drafts, first)
        ],
    )
    signal(connection, "conversation", conversation_id)
    return last


def messages_after(connection: Connection, conversation_id: str, after: int = 0, limit: int = 500) -> list[Row[Any]]:
    """Messages with a sequence number above `after`, oldest first; each row also has the counsellor's `staff_name`."""
    return list(connection.execute(_AFTER, {"conversation": conversation_id, "after": after, "most": limit}))


def message_with_client_id(connection: Connection, conversation_id: str, client_id: str) -> Row[Any] | None:
    return connection.execute(_WITH_CLIENT_ID, {"conversation": conversation_id, "client": client_id}).one_or_none()
