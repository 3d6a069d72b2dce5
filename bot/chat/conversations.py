"""A conversation's beginning, its token, and its end."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, text, update

from bot.errors import BadRequest, NotSignedIn
from bot.handoff import legal, lifecycle
from bot.store import transcript
from bot.store.database import signal
from bot.store.tables import CONVERSATION_CARD, OPEN_HANDOFF, conversations, handoffs, return_codes
from bot.triage.taxonomy import Tier

COUNTRY = re.compile(r"[A-Z]{2}")
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_BY_TOKEN = select(*CONVERSATION_CARD).where(conversations.c.token_hash == bindparam("token"))


@dataclass(frozen=True, slots=True)
class Opened:
    """A new conversation: its id, and the token that opens it, known to the browser alone."""

    id: str
    token: str


def token_hash(token: str) -> str:
    """SHA-256 of a token; tokens carry 256 bits of randomness, so a slow hash would add nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(32)


def create(
    connection: Connection, *, locale: str, country: str | None, now: float, limits_version: str | None = None
) -> Opened:
    """A new conversation; `limits_version` is that of the words about who reads along, which its page has just shown."""
    opened = Opened(str(uuid.uuid4()), new_token())
    connection.execute(
        conversations.insert().values(
            id=opened.id,
            token_hash=token_hash(opened.token),
            created_at=now,
            active_at=now,
            locale=locale if LOCALE.fullmatch(locale) else "en",
            country=country if country and COUNTRY.fullmatch(country) else None,
            limits_version=limits_version,
        )
    )
    return opened


def by_token(connection: Connection, token: str) -> Row[Any]:
    """The conversation that a token opens. Raises `NotSignedIn` for a wrong or revoked one."""
    row = connection.execute(_BY_TOKEN, {"token": token_hash(token)}).one_or_none() if token else None
    if row is None:
        raise NotSignedIn("This chat is not open any more. You can start a new one.")
    return row


def leave(connection: Connection, conversation: Row[Any], how: str, now: float) -> None:
    """The young person left; `exit` and `end` revoke the token, and only `end` closes.

    An open handoff stays where it is, flagged: somebody who left in fear may come back.
    """
    lifecycle.note_away(connection, conversation.id, how, now)
    values: dict[str, Any] = {}
    if how in {"exit", "end"}:
        values["token_hash"] = None
    if how == "end":
        values["ended_at"] = now
        connection.execute(delete(return_codes).where(return_codes.c.conversation_id == conversation.id))
        if open_tier(connection, conversation.id) is None:
            values["mode"] = "closed"
            values["turn_due_at"] = None
    if values:
        connection.execute(update(conversations).where(conversations.c.id == conversation.id).values(**values))
    signal(connection, "conversation", conversation.id)


def came_back(connection: Connection, conversation: Row[Any]) -> None:
    """A sign of life takes the flag back that a hidden page had set."""
    if conversation.away_since is None:
        return
    connection.execute(
        update(conversations).where(conversations.c.id == conversation.id).values(away_since=None, away_how=None)
    )
    signal(connection, "desk", "queue")


def open_tier(connection: Connection, conversation_id: str) -> Tier | None:
    """Tier of the open handoff, or None when none is open."""
    query = select(handoffs.c.tier).where(handoffs.c.conversation_id == conversation_id, text(OPEN_HANDOFF))
    tier = connection.execute(query).scalar_one_or_none()
    return None if tier is None else Tier(tier)


def erase(connection: Connection, conversation: Row[Any], now: float) -> None:
    """Takes the token away and, unless a handoff at `high` or above is open, every row of the conversation.

    With such a handoff the desk keeps it, marked: whoever asks may be the one the young person fears. On a legal hold it
    stays, marked too, until the hold ends.
    """
    transcript.lock(connection, conversation.id)
    tier = open_tier(connection, conversation.id)
    if (tier is not None and tier >= Tier.HIGH) or legal.of(connection, conversation.id) is not None:
        lifecycle.ask_erase(connection, conversation.id, now)
        connection.execute(delete(return_codes).where(return_codes.c.conversation_id == conversation.id))
        connection.execute(
            update(conversations).where(conversations.c.id == conversation.id).values(token_hash=None, erase_asked_at=now)
        )
    else:
        connection.execute(delete(conversations).where(conversations.c.id == conversation.id))
    signal(connection, "conversation", conversation.id)
    signal(connection, "desk", "queue")



def typing(connection: Connection, conversation_id: str, *, until: float) -> None:
    """The young person is typing; the desk shows it until that time (seconds since the epoch)."""
    connection.execute(
        update(conversations).where(conversations.c.id == conversation_id).values(young_person_typing_until=until)
    )
    signal(connection, "desk", conversation_id)


def set_locale(connection: Connection, conversation_id: str, locale: str) -> None:
    """The language that the young person chose for the page. Raises `BadRequest` for what is no language tag."""
    if not LOCALE.fullmatch(locale):
        raise BadRequest("`locale` must be a language tag, such as en.")
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(locale=locale))
    signal(connection, "desk", "queue")


def set_country(connection: Connection, conversation_id: str, country: str) -> None:
    """Keeps the country that the young person named, as two letters; anything else is left out."""
    if COUNTRY.fullmatch(country):
        connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(country=country))
