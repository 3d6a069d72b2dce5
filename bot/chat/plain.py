"""The chat without JavaScript: a form, and a page with what came back. What was said before is never shown."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from sqlalchemy import Connection, Row
from starlette.responses import Response

from bot.chat import conversations as lives
from bot.chat import intake
from bot.chat.pages import href, page
from bot.chat.service import ChatService
from bot.chat.taking import take
from bot.errors import BadRequest, HandrailError, NotSignedIn
from bot.store import transcript
from bot.store.database import DatabaseAway

LOOK = "look"  # pressed to see whether an answer has come; every other press is an option's payload
ASK = "person:ask"
PATIENCE = 8.0  # seconds that an answer is waited for: a fragment waits for quiet, a turn for the engine

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Form:
    """What the form holds, and holds again on the page that answers it.

    Attributes:
        token: of the chat; "" before the first message.
        after: sequence number up to which the page has shown what came.
        text: what was typed.
        press: which button, other than Send, was pressed.
    """

    token: str
    after: int
    text: str
    press: str = ""


@router.post("/plain")
async def plain_message(request: Request) -> Response:
    """One message or press from a browser without JavaScript, answered by a page."""
    service: ChatService = request.app.state.chat
    form = _read(await request.body())
    if service.closed_to_the_public:
        return _shown(request, replace(form, token=""), problem="This is a demonstration. Nobody reads it.")
    try:
        if form.press == LOOK:
            rows, mode = await _answers(service, form, to=form.after, patience=0)
        else:
            form, seq = await _sent(service, form, request.client.host if request.client else "")
            rows, mode = await _answers(service, form, to=seq, patience=PATIENCE)
    except BadRequest as error:
        return _shown(request, form, problem=error.message)
    except NotSignedIn as error:
        return _shown(request, replace(form, token="", after=0), _fixed(service), problem=error.message)
    except HandrailError as error:
        if isinstance(error, DatabaseAway):
            service.somebody_cannot_get_through()
        return _shown(request, form, _fixed(service), problem=error.message)
    upto = max([form.after, *(row.seq for row in rows)])
    return _shown(request, replace(form, after=upto), [_turn(row) for row in rows], asked=mode in ("waiting", "live"))


def _read(body: bytes) -> Form:
    fields = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    after = fields.get("after", "")
    return Form(
        token=fields.get("token", ""),
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0,
        text=fields.get("text", ""),
        press=fields.get("press", "")[:200],
    )


async def _sent(service: ChatService, form: Form, address: str) -> tuple[Form, int]:
    """Stores what was typed and then what was pressed; gives the form without the text, and the last sequence number."""
    text = intake.clean_text(form.text) if form.text.strip() or not form.press else ""
    if not form.token:
        await service.slow_down(address)
        opened = await service.store.write(partial(_create, service))
        form = replace(form, token=opened.token)
    seq = form.after
    for incoming in (intake.Incoming(str(uuid.uuid4()), text), intake.Incoming(str(uuid.uuid4()), "", form.press)):
        if incoming.text or incoming.option:
            taken, _assessment = await take(service, form.token, incoming)
            form, seq = replace(form, text=""), taken.seq
    service.worker.wake()
    return form, seq


def _create(service: ChatService, connection: Connection) -> lives.Opened:
    now, limits = service.store.now(connection), service.content.policy.version
    return lives.create(connection, locale="en", country=None, now=now, limits_version=limits)


async def _answers(service: ChatService, form: Form, *, to: int, patience: float) -> tuple[list[Row[Any]], str]:
    """What others said that the young person has not seen, and the mode.

    Waits up to `patience` seconds for an answer to message `to`.
    """

    def read(connection: Connection) -> tuple[list[Row[Any]], str]:
        row = lives.by_token(connection, form.token)
        found = transcript.messages_after(connection, row.id, form.after)
        return [message for message in found if message.sender != "young_person"], row.mode

    deadline = time.monotonic() + patience
    row_id = await service.store.read(lambda connection: lives.by_token(connection, form.token).id)
    async with service.store.signals.subscribe("conversation", row_id) as waiter:
        while True:
            rows, mode = await service.store.read(read)
            if any(row.seq > to for row in rows) or time.monotonic() >= deadline:
                return rows, mode
            await waiter.wait(1.0)


def _turn(row: Row[Any]) -> dict[str, Any]:
    name = row.staff_name if row.sender == "counsellor" else None
    return {"sender": row.sender, "name": name, "text": row.text, "options": row.options or [], "resources": row.resources or []}


def _fixed(service: ChatService) -> list[dict[str, Any]]:
    """The words and numbers that need no database."""
    now = service.fixed_help()["help"]
    return [{"sender": "bot", "name": None, "text": now["text"], "options": [], "resources": now["resources"]}]


def _shown(
    request: Request, form: Form, turns: Sequence[Mapping[str, Any]] = (), *, problem: str = "", asked: bool = False
) -> Response:
    """The page; `asked` leaves out the offer of a person who has been asked to join already."""
    shown = [{**turn, "resources": [_tappable(entry) for entry in turn["resources"]]} for turn in turns]
    options = turns[-1]["options"] if turns else []
    ask = None if asked else ASK
    return page(request, "plain.html", form=form, turns=shown, options=options, ask=ask, look_again=LOOK, problem=problem)


def _tappable(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "href": href(entry["kind"], entry["contact"])}
