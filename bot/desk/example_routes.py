"""Examples for triage: a reviewer reads what was corrected, and keeps messages with their labels. Each look is in the audit."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import Connection, Row
from starlette.responses import JSONResponse, Response

from bot.content import Content
from bot.handoff import examples, journal
from bot.http.roles import Person, allow
from bot.http.times import iso
from bot.store.database import Store

router = APIRouter()
Reviewer = allow("safeguarding")


class Example(BaseModel):
    """A message as the reviewer leaves it; without a cue it tells nothing."""

    seq: Annotated[int, Field(ge=1)]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    cues: Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=8)]
    about: Annotated[str, StringConstraints(max_length=8)] = "self"


@router.get("/examples")
async def read_kept(request: Request, person: Person = Reviewer) -> Response:
    """What was kept, and whether more can be."""
    store: Store = request.app.state.store

    def work(connection: Connection) -> list[Row[Any]]:
        journal.record_audit(connection, person.id, "read_kept_examples", "", store.now(connection))
        return examples.kept(connection)

    rows = await store.write(work)
    return JSONResponse({"keeping": _is_on(request), "examples": [_kept(row) for row in rows]})


@router.get("/handoffs/{handoff_id}/examples")
async def read_candidates(request: Request, handoff_id: int, person: Person = Reviewer) -> Response:
    """The young person's messages in a chat in which staff corrected triage, without what tells who they are."""
    store: Store = request.app.state.store
    content: Content = request.app.state.content

    def work(connection: Connection) -> list[examples.Candidate]:
        found = examples.candidates(connection, handoff_id, content.directory)
        journal.record_audit(connection, person.id, "read_examples", f"handoff:{handoff_id}", store.now(connection))
        return found

    lines = await store.write(work)
    return JSONResponse({"keeping": _is_on(request), "lines": [_candidate(line) for line in lines]})


@router.post("/handoffs/{handoff_id}/examples")
async def keep(request: Request, handoff_id: int, body: Example, person: Person = Reviewer) -> Response:
    store: Store = request.app.state.store
    content: Content = request.app.state.content

    def work(connection: Connection) -> int:
        return examples.keep(
            connection,
            handoff_id,
            person.id,
            seq=body.seq,
            text=body.text,
            cues=body.cues,
            about=body.about,
            now=store.now(connection),
            directory=content.directory,
            is_on=_is_on(request),
        )

    return JSONResponse({"id": await store.write(work)}, status_code=201)


@router.post("/examples/{example_id}/drop")
async def drop(request: Request, example_id: int, person: Person = Reviewer) -> Response:
    store: Store = request.app.state.store
    await store.write(lambda connection: examples.drop(connection, example_id, person.id, now=store.now(connection)))
    return Response(status_code=204)


def _is_on(request: Request) -> bool:
    return bool(request.app.state.settings.keep_examples)


def _candidate(line: examples.Candidate) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "text": line.text,
        "told": list(line.told),
        "suggested": list(line.suggested),
        "quoted": line.is_quoted,
        "kept": line.is_kept,
    }


def _kept(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "handoff": row.handoff_id,
        "text": row.text,
        "cues": row.cues,
        "about": row.about,
        "verdict": row.verdict,
        "staff": row.name,
        "at": iso(row.kept_at),
    }
