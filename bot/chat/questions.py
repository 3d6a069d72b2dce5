"""Safety questions: asked by a bot message, answered by an option, by words, or by silence."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot.content import Content
from bot.errors import BadRequest
from bot.handoff import lifecycle
from bot.store import transcript
from bot.store.tables import conversations, risk_events
from bot.triage.assessment import Assessment
from bot.triage.questions import Question
from bot.triage.risk import events_of

OPEN_FOR = 300.0  # seconds; triage.md, rule 7
ANSWER_OPTION = re.compile(r"answer:([a-z0-9_]+):(yes|no|skip)")


def question(content: Content, question_id: str | None) -> Question | None:
    """The safety question in the form that triage reads; None for an unknown id."""
    spec = content.questions.get(question_id) if question_id else None
    return Question.parse(spec.id, yes=spec.yes, no=spec.no, unclear=spec.unclear) if spec else None


def answer_option(content: Content, payload: str) -> Assessment:
    """What pressing an answer to a safety question tells."""
    match = ANSWER_OPTION.fullmatch(payload)
    asked = question(content, match[1]) if match else None
    if match is None or asked is None:
        raise BadRequest("That choice is not on offer any more. You can type instead.")
    return asked.assessment(match[2])


def close(connection: Connection, conversation_id: str) -> None:
    nothing_open = {"open_question": None, "open_question_seq": None, "open_question_at": None}
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(**nothing_open))


def settle(connection: Connection, content: Content, conversation: Row[Any], now: float) -> None:
    """No usable answer came: that counts as `unclear`, and opens what it has to open."""
    asked = question(content, conversation.open_question)
    close(connection, conversation.id)
    if asked is None or _dealt_with(connection, conversation):
        return
    events = events_of(asked.assessment("unclear"), seq=conversation.open_question_seq or conversation.seq, at=now)
    if events:
        risk = lifecycle.record_risk(connection, conversation.id, *events)
        lifecycle.apply_risk(connection, conversation.id, risk, now)


def overtaken(connection: Connection, content: Content, conversation_id: str, now: float) -> None:
    """Another question was asked: the next "no" answers that one, and a safety question still open counts as `unclear`.

    Else "no" to "is there someone who could sit with you" would be heard as "I cannot stay safe".
    """
    conversation = transcript.lock(connection, conversation_id)
    if conversation is not None and conversation.open_question is not None:
        settle(connection, content, conversation, now)


def _dealt_with(connection: Connection, conversation: Row[Any]) -> bool:
    """Whether a person closed or lowered after the question: the silence then must not open what they settled."""
    after = select(risk_events.c.id).where(
        risk_events.c.conversation_id == conversation.id,
        risk_events.c.kind.in_(["closed", "lowered"]),
        risk_events.c.seq >= (conversation.open_question_seq or 0),
    )
    return connection.execute(after.limit(1)).first() is not None
