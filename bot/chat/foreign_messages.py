"""What follows when somebody writes in a language that is not served: the language is noted, and a person is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from bot.chat import conversations as lives
from bot.chat.foreign import Recogniser
from bot.handoff import lifecycle
from bot.store import transcript
from bot.store.tables import handoffs, messages
from bot.triage.assessment import Assessment
from bot.triage.taxonomy import Assessed, Tier

CAUSE = "language"  # of a handoff that opens because the assistant does not speak the language
_BEFORE = (
    select(messages.c.text)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.sender == "young_person",
        messages.c.option_payload.is_(None),
    )
    .order_by(messages.c.seq.desc())
    .limit(1)
)
_LAST_HANDOFF = (
    select(handoffs.c.state)
    .where(handoffs.c.conversation_id == bindparam("conversation"))
    .order_by(handoffs.c.id.desc())
    .limit(1)
)
_GREETED = (
    select(messages.c.id)
    .where(messages.c.conversation_id == bindparam("conversation"), messages.c.text_id == bindparam("text"))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A message in a language that is not served: its code, and whether a person may be asked (they did not say "not now")."""

    code: str
    person: bool


def heard(connection: Connection, recogniser: Recogniser, conversation: Row[Any], text: str) -> Foreign | None:
    """What a new message is written in; None for what is served, and for what nobody can tell."""
    before = connection.execute(_BEFORE, {"conversation": conversation.id}).scalar_one_or_none()
    code = recogniser.language_of(text, before)
    if code is None:
        return None
    last = connection.execute(_LAST_HANDOFF, {"conversation": conversation.id}).scalar_one_or_none()
    return Foreign(code, person=last != "declined")


def half_understood(assessment: Assessment, foreign: Foreign) -> Assessment:
    """The assessment of such a message: what was heard stands, and it says that the model reads English.

    Two of these open a handoff, so not after a "not now".
    """
    if assessment.assessed is not Assessed.FULL or not foreign.person:
        return assessment
    return replace(assessment, assessed=Assessed.WORDS_ONLY, tier=max(assessment.tier, Tier.ELEVATED))


def note(connection: Connection, conversation_id: str, foreign: Foreign, now: float) -> None:
    """Notes the language for the desk, and asks a person to join."""
    conversation = transcript.lock(connection, conversation_id)
    if conversation is not None and conversation.locale != foreign.code:
        lives.set_locale(connection, conversation_id, foreign.code)
    if foreign.person:
        lifecycle.open_now(connection, conversation_id, now, cause=CAUSE)


def greeted(connection: Connection, conversation_id: str, text_id: str) -> bool:
    """Whether a text was said in this conversation."""
    return connection.execute(_GREETED, {"conversation": conversation_id, "text": text_id}).first() is not None
