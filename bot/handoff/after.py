"""After a chat with a person: two questions that nobody must answer, and where to turn later.

What is pressed is counted by week, apart from the chat and without any text, so that no answer leads back to who gave it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, update

from bot.content import Content
from bot.content.staffing import Staffing
from bot.handoff.opening import LEFT_FOR_GOOD
from bot.store import transcript
from bot.store.tables import after_chat, conversations

HEARD, NEXT = "heard", "next"
ANSWERS = {HEARD: ("yes", "partly", "no", "skip"), NEXT: ("person", "line", "back", "skip")}
TEXTS = {HEARD: "utter_after_heard", NEXT: "utter_after_next"}
DONE = "done"


def ask(connection: Connection, conversation: Row[Any], content: Content, now: float) -> None:
    """Asks the first question, once in a conversation's life; never somebody who left, or who asked to erase."""
    gone = conversation.token_hash is None or conversation.away_how in LEFT_FOR_GOOD
    over = conversation.ended_at is not None or conversation.erase_asked_at is not None
    if gone or over or conversation.after_chat is not None or TEXTS[HEARD] not in content.texts:
        return
    _stands(connection, conversation.id, HEARD)
    rendered = content.render(TEXTS[HEARD], staffing=Staffing.NONE, country=conversation.country, now=now)
    options = [{"title": option.title, "payload": option.payload} for option in rendered.options]
    for index, bubble in enumerate(rendered.bubbles):
        shown = options if index == len(rendered.bubbles) - 1 else None
        more = {"text_id": TEXTS[HEARD], "options": shown}
        transcript.append(connection, conversation.id, sender="bot", text=bubble, now=now, **more)


def offer(connection: Connection, conversation: Row[Any], content: Content) -> str | None:
    """The first question for somebody who ends the chat, once in its life; None where it is not asked."""
    if conversation.after_chat is not None or TEXTS[HEARD] not in content.texts:
        return None
    _stands(connection, conversation.id, HEARD)
    return HEARD


def answered(connection: Connection, conversation: Row[Any], question: str, answer: str, now: float) -> str | None:
    """Counts an answer, once.

    Returns:
        The question that stands now: "next", or "done"; None where this one was not open, and nothing is counted.
    """
    if conversation.after_chat != question or answer not in ANSWERS.get(question, ()):
        return None
    following = NEXT if question == HEARD else DONE
    _stands(connection, conversation.id, following)
    connection.execute(insert(after_chat).values(question=question, answer=answer, week=monday(now)))
    return following


def monday(now: float) -> float:
    """The first second (UTC) of the week that `now` is in: no finer time is kept."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (day - timedelta(days=day.weekday())).timestamp()


def _stands(connection: Connection, conversation_id: str, question: str) -> None:
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(after_chat=question))
