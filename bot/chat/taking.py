"""Taking one message in, whichever way it came: read, assessed, stored, and given to whoever answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from bot.chat import conversations as lives
from bot.chat import foreign_messages, intake, turns
from bot.chat.foreign_messages import Foreign
from bot.chat.intake import Incoming, Taken
from bot.chat.replies import NOTHING_TO_ASSESS
from bot.chat.service import ChatService
from bot.chat.turns import Turn
from bot.errors import BadRequest
from bot.triage.assessment import Assessment

CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def incoming(body: Mapping[str, Any]) -> Incoming:
    """The message that a JSON object holds. Raises `BadRequest` for what is none."""
    client_id = body.get("client_id")
    if not isinstance(client_id, str) or not CLIENT_ID.fullmatch(client_id):
        raise BadRequest("A message needs a client_id (a UUID).")
    option = body.get("option")
    if option is None:
        return Incoming(client_id, intake.clean_text(body.get("text")))
    if not isinstance(option, str) or not 1 <= len(option) <= 200:
        raise BadRequest("An option is its payload, as it was offered.")
    return Incoming(client_id, "", option)


async def take(service: ChatService, token: str, message: Incoming) -> tuple[Taken, Assessment]:
    """Assesses and stores one message. Raises what `intake.take_in` raises, and `DatabaseAway`."""
    store, content = service.store, service.content

    def look(connection: Connection) -> tuple[str, intake.Context, Foreign | None]:
        row = lives.by_token(connection, token)
        typed = message.option is None
        language = foreign_messages.heard(connection, service.recogniser, row, message.text) if typed else None
        return row.id, intake.context(connection, row, store.now(connection)), language

    conversation_id, known, language = await store.read(look)
    assessment: Assessment | None = None
    if message.option is None:
        assessment = await service.assess(message.text, known)
    if assessment is not None and language is not None:
        assessment = foreign_messages.half_understood(assessment, language)
    crowded = service.pace.exceeded(conversation_id)
    free = service.worker.has_room

    def store_it(connection: Connection) -> tuple[Taken, Turn | None]:
        now = store.now(connection)
        taken = intake.take_in(connection, content, conversation_id, message, assessment, now=now, crowded=crowded)
        if taken.new and language is not None:
            foreign_messages.note(connection, conversation_id, language, now)
        return taken, turns.take(connection, now, conversation_id) if free and taken.new else None

    taken, turn = await store.write(store_it)
    if turn is not None:
        if assessment is not None and turn.texts == (message.text,):
            turn = replace(turn, embedded=assessment.embedded)
        service.worker.begin(turn)
    else:
        service.worker.wake()
    return taken, assessment or NOTHING_TO_ASSESS
