"""The lines that tell a young person who speaks now: reviewed texts, with plain ones behind them.

A line is written in the transaction that changes who speaks, so it can neither be missing nor come too early.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row

from bot.content import Content
from bot.handoff import queue
from bot.handoff.staffing import staffing
from bot.store import transcript


class Line(StrEnum):
    """What is announced; the value is the id of the reviewed text."""

    JOINED = "utter_person_joined"
    BACK_IN_QUEUE = "utter_left_by_staff"  # nobody is there now; the place in the queue is kept
    GONE = "utter_person_left"  # the person who was there has ended it
    WITH_BOT = "utter_returned_to_bot"  # ended by somebody who had not written
    PASSED_ON = "utter_passed_on"  # another person has the live chat now
    OVERLOAD = "utter_overload"  # everybody waits much longer than we promise
    ASK_WHERE = "utter_ask_where"  # help can only be sent to a place


EVERYWHERE = "112"

# A young person must learn who speaks even where the content lacks the text.
FIXED: dict[Line, str] = {
    Line.JOINED: "{name} is here. {name} is a person. The bot has stopped.",
    Line.BACK_IN_QUEUE: "{name} has gone. You are with the bot again. You keep your place in the line.",
    Line.GONE: "{name} has gone. You are with the bot again. You can ask for a person.",
    Line.WITH_BOT: "You are with the bot again. You can ask for a person.",
    Line.PASSED_ON: "{name} is here now and goes on with you. {name} is a person. They read what you wrote here.",
    Line.OVERLOAD: "Many people wait right now. It may take much longer than we said. You keep your place. "
    "If it cannot wait, please use one of these numbers now.",
    Line.ASK_WHERE: "We cannot see where you are. Where are you right now? A street, a building or a town helps. "
    "If you can, call {emergency_number} now.",
}


def tell(
    connection: Connection,
    conversation: Row[Any],
    line: Line,
    *,
    name: str | None = None,
    now: float,
    content: Content,
    resources: Sequence[Mapping[str, Any]] = (),
    staff_id: int | None = None,
) -> None:
    """Writes the line into the chat; not where the young person took the chat from the device: nothing goes there.

    Args:
        name: of the person it speaks of.
        resources: services that stand under it, in the shape of the chat API.
        staff_id: who had it sent, where somebody did.
    """
    if conversation.token_hash is None:
        return
    bubbles, options = _words(connection, conversation, line, name=name or "A helper", now=now, content=content)
    for index, bubble in enumerate(bubbles):
        transcript.append(
            connection,
            conversation.id,
            sender="system",
            text=bubble,
            now=now,
            text_id=line.value,
            options=options if index == len(bubbles) - 1 else None,
            resources=resources if index == len(bubbles) - 1 else None,
            staff_id=staff_id,
        )


def _words(
    connection: Connection, conversation: Row[Any], line: Line, *, name: str, now: float, content: Content
) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    if line.value not in content.texts:
        number = content.directory.emergency_number(conversation.country) or EVERYWHERE
        return (FIXED[line].replace("{name}", name).replace("{emergency_number}", number),), []
    rendered = content.render(
        line.value,
        staffing=staffing(connection, now),
        country=conversation.country,
        now=now,
        wait=queue.wait_minutes(connection, conversation.id, now),
        person=name,
    )
    return rendered.bubbles, [{"title": option.title, "payload": option.payload} for option in rendered.options]
