"""What time brings: questions nobody answered, alarms nobody saw, claims that ran out."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from bot.chat import questions, replies
from bot.content import Content
from bot.handoff import lifecycle
from bot.store import transcript
from bot.store.tables import assessments, conversations, messages
from bot.triage.taxonomy import Tier

UNSEEN_IMMEDIATE = 30.0  # seconds in a live chat until the numbers are shown; contract.md
BATCH = 50


def sweep(connection: Connection, content: Content, now: float) -> None:
    """Does all that is due by `now`; doing it twice changes nothing more."""
    lifecycle.sweep(connection, content, now)
    settle_questions(connection, content, now)
    show_numbers_in_unanswered_live_chats(connection, content, now)


def settle_questions(connection: Connection, content: Content, now: float) -> None:
    """A safety question without a usable answer in five minutes, or whose reader left, counts as unclear."""
    waiting = conversations.c.open_question.is_not(None)
    over = (conversations.c.open_question_at <= now - questions.OPEN_FOR) | conversations.c.away_how.in_(["exit", "end"])
    rows = connection.execute(select(conversations).where(waiting, over).limit(BATCH)).all()
    for row in rows:
        locked = transcript.lock(connection, row.id)
        if locked is not None and locked.open_question is not None:
            questions.settle(connection, content, locked, now)


def show_numbers_in_unanswered_live_chats(connection: Connection, content: Content, now: float) -> None:
    """A counsellor who does not see a new `immediate` cue must not be all that stands between it and help."""
    heard = (
        select(assessments.c.conversation_id, func.max(assessments.c.seq).label("seq"))
        .join_from(assessments, conversations, assessments.c.conversation_id == conversations.c.id)
        .where(
            conversations.c.mode == "live",
            assessments.c.tier == int(Tier.IMMEDIATE),
            assessments.c.at <= now - UNSEEN_IMMEDIATE,
        )
        .group_by(assessments.c.conversation_id)
        .subquery()
    )
    answered = (
        select(messages.c.id)
        .where(
            messages.c.conversation_id == heard.c.conversation_id,
            messages.c.seq > heard.c.seq,
            messages.c.sender.in_(["counsellor", "system"]),
        )
        .exists()
    )
    for row in connection.execute(select(heard.c.conversation_id).where(~answered).limit(BATCH)).all():
        at = replies.scene(connection, row.conversation_id, now)
        said = replies.render(content, "utter_live_unanswered", at)
        shown = replies.services(content, {"emergency", "child_helpline", "suicide"}, at)
        replies.show(connection, row.conversation_id, [said], now=now, resources=shown, sender="system")
