"""After "End chat": two questions that nobody must answer, and where to turn later.

The token is revoked by then. What stands in its place is a ticket that opens nothing but these questions, for half an hour: the
conversation's id under a keyed hash, so that neither the desk nor anybody else can answer for a young person.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection, Row, func, select
from starlette.responses import JSONResponse, Response

from bot.chat import replies
from bot.chat.conversations import open_tier
from bot.chat.service import ChatService
from bot.content import Content
from bot.errors import BadRequest, NotFound
from bot.handoff import after
from bot.http.bodies import json_object
from bot.store import transcript
from bot.store.tables import messages
from bot.triage.taxonomy import Tier

OPEN_FOR = 1800.0  # seconds
OVER = "These questions are not open any more."

router = APIRouter(prefix="/api/chat")


def ticket(conversation_id: str, keys: str) -> str:
    """What opens the questions of one conversation.

    Args:
        keys: the encryption keys as `bot.store.crypto.Cipher` takes them, the newest first.
    """
    return f"{conversation_id}.{_seal(conversation_id, keys.split(',')[0])}"


def conversation_of(given: str, keys: str) -> str:
    """The id of the conversation that a ticket is for. Raises `NotFound` for one that this server did not make."""
    conversation_id, _, seal = given.partition(".")
    if not any(hmac.compare_digest(seal.encode(), _seal(conversation_id, key).encode()) for key in keys.split(",")):
        raise NotFound(OVER)
    return conversation_id


def ended(connection: Connection, content: Content, conversation: Row[Any], keys: str, now: float) -> dict[str, Any]:
    """What the page shows to somebody who has just ended the chat: where to turn later, and the first question.

    Nobody is asked who has written nothing, or whose life may be in danger: they see whom to call.
    """
    at = replies.scene(connection, conversation.id, now)
    shown: dict[str, Any] = {
        "later": {
            "text": " ".join(replies.render(content, "utter_after_end", at).bubbles),
            "resources": replies.services(content, {"child_helpline"}, at),
        }
    }
    if _has_written(connection, conversation.id) and open_tier(connection, conversation.id) is not Tier.IMMEDIATE:
        question = after.offer(connection, conversation, content)
        if question is not None:
            shown["after"] = {"ticket": ticket(conversation.id, keys), **_view(content, after.TEXTS[question], at)}
    return shown


@router.post("/after")
async def answer(request: Request) -> Response:
    """Counts one answer, and gives the next question, or thanks."""
    service: ChatService = request.app.state.chat
    body = await json_object(request)
    given, option = body.get("ticket"), body.get("option")
    if not isinstance(given, str) or not isinstance(option, str) or option.count(":") != 2:
        raise BadRequest("An answer is a ticket and an option, as they were offered.")
    keys = request.app.state.settings.load_key()
    conversation_id = conversation_of(given, keys)
    _, question, pressed = option.split(":")

    def work(connection: Connection) -> dict[str, Any]:
        now = service.store.now(connection)
        row = transcript.lock(connection, conversation_id)
        if row is None or row.ended_at is None or row.ended_at < now - OPEN_FOR or row.erase_asked_at is not None:
            raise NotFound(OVER)
        following = after.answered(connection, row, question, pressed, now)
        if following is None:
            raise NotFound(OVER)
        text_id = after.TEXTS.get(following, "utter_after_thanks")
        return {"after": {"ticket": given, **_view(service.content, text_id, replies.scene(connection, row.id, now))}}

    return JSONResponse(await service.store.write(work))


def _view(content: Content, text_id: str, at: replies.Scene) -> dict[str, Any]:
    said = replies.render(content, text_id, at)
    return {"text": list(said.bubbles), "options": [dict(option) for option in said.options]}


def _has_written(connection: Connection, conversation_id: str) -> bool:
    theirs = (messages.c.conversation_id == conversation_id) & (messages.c.sender == "young_person")
    return bool(connection.execute(select(func.count()).select_from(messages).where(theirs)).scalar_one())


def _seal(conversation_id: str, key: str) -> str:
    return hmac.new(key.strip().encode(), f"after {conversation_id}".encode(), hashlib.sha256).hexdigest()
