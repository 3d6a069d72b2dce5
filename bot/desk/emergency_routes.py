"""The emergency action record of a chat."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from bot.content import Content
from bot.handoff import emergency
from bot.http.roles import Person, allow
from bot.store.database import Store

router = APIRouter(prefix="/handoffs/{handoff_id}")
Field = Annotated[str, StringConstraints(strip_whitespace=True, max_length=emergency.LONGEST)]


class Record(BaseModel):
    """What is given is kept, the rest stays; nothing at all opens the record."""

    model_config = ConfigDict(extra="forbid")
    decided_by: Field | None = None
    called: Field | None = None
    called_at: Field | None = None
    passed_on: Field | None = None
    told: Field | None = None
    outcome: Field | None = None


@router.post("/emergency")
async def keep(
    request: Request, handoff_id: int, body: Record, person: Person = allow("counsellor", "supervisor", "safeguarding")
) -> Response:
    store: Store = request.app.state.store
    given = body.model_dump(exclude_none=True)
    await store.write(
        lambda connection: emergency.keep(connection, handoff_id, person.id, given, now=store.now(connection))
    )
    return Response(status_code=204)


@router.post("/emergency/confirm")
async def confirm(request: Request, handoff_id: int, person: Person = allow("supervisor", "safeguarding")) -> Response:
    """"Could not reach" stands only with a supervisor's name on it."""
    store: Store = request.app.state.store
    await store.write(lambda connection: emergency.confirm(connection, handoff_id, person.id, now=store.now(connection)))
    return Response(status_code=204)


@router.post("/ask-where")
async def ask_where(request: Request, handoff_id: int, person: Person = allow("counsellor", "supervisor")) -> Response:
    store: Store = request.app.state.store
    content: Content = request.app.state.content
    await store.write(
        lambda connection: emergency.ask_where(
            connection, handoff_id, person.id, now=store.now(connection), content=content
        )
    )
    return Response(status_code=202)
