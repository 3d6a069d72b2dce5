"""Options that `web` answers by itself, at once and without the engine: a person, the exercise, the questions after a chat."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row

from bot.chat import replies
from bot.content import Content
from bot.handoff import after, lifecycle

PERSON_ASK = "person:ask"
PERSON_NOT_NOW = "person:not_now"
ANSWERED = "(answered)"
_STEP = re.compile(r"exercise:(\d|stop)")
_AFTER = re.compile(r"after:([a-z]+)(?::([a-z]+))?")


def answered_here(option: str | None) -> bool:
    """Whether an option needs no turn of the engine."""
    return option in {PERSON_ASK, PERSON_NOT_NOW} or unknown_to_engine(option)


def unknown_to_engine(option: str | None) -> bool:
    """Whether the engine must never be asked about an option."""
    return option is not None and bool(_STEP.fullmatch(option) or _AFTER.fullmatch(option))


def as_kept(option: str | None, title: str | None) -> tuple[str | None, str | None]:
    """An option and its title as the chat keeps them: of the questions after a chat only that they were answered."""
    if option is not None and (match := _AFTER.fullmatch(option)):
        return f"after:{match[1]}", ANSWERED
    return option, title


def answer(connection: Connection, content: Content, conversation: Row[Any], option: str | None, now: float) -> None:
    """Answers such an option; does nothing for any other. In a live chat only the wish for a person counts: the bot is silent."""
    if option == PERSON_ASK:
        replies.person_asked(connection, content, conversation.id, now=now)
    elif option == PERSON_NOT_NOW:
        granted = lifecycle.decline(connection, conversation.id, now)
        replies.person_declined(connection, content, conversation.id, granted, now=now)
    elif option is not None and conversation.mode in {"bot", "waiting"}:
        _say_next(connection, content, conversation, option, now)


def _say_next(connection: Connection, content: Content, conversation: Row[Any], option: str, now: float) -> None:
    at = replies.scene(connection, conversation.id, now)
    if match := _STEP.fullmatch(option):
        _say(connection, content, conversation.id, f"utter_exercise_{match[1]}", at)
    elif match := _AFTER.fullmatch(option):
        following = after.answered(connection, conversation, match[1], match[2] or "", now)
        if following == after.NEXT:
            _say(connection, content, conversation.id, after.TEXTS[after.NEXT], at)
        elif following == after.DONE:
            _say(connection, content, conversation.id, "utter_after_later", at, {"child_helpline"})


def _say(
    connection: Connection, content: Content, conversation_id: str, text_id: str, at: replies.Scene, topics: Collection[str] = ()
) -> None:
    shown = replies.services(content, topics, at) if topics else []
    replies.show(connection, conversation_id, [replies.render(content, text_id, at)], now=at.now, resources=shown)
