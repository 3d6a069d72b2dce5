"""Legal holds and exports: who keeps a chat from being deleted, and who gets one as a file. Two people, each step kept.

An administrator approves by who asks and why, and sees no word of a young person here.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints
from sqlalchemy import Connection, Row
from starlette.responses import JSONResponse, Response

from bot.handoff import exports, journal, legal
from bot.http.roles import Person, allow
from bot.http.times import iso, iso_or_none
from bot.store.database import Store

router = APIRouter()
Reader = allow("supervisor", "safeguarding", "admin")
Asker = allow("supervisor", "safeguarding")
Decider = allow("safeguarding", "admin")
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class Reason(BaseModel):
    reason: Why


class Hold(Reason):
    """`until` is the last day of the hold, in UTC."""

    until: Date


@router.get("/records")
async def read_records(request: Request, person: Person = Reader) -> Response:
    """Holds that stand, and exports that wait or were decided this week; that it was read is a line in the audit."""
    store: Store = request.app.state.store

    def work(connection: Connection) -> dict[str, Any]:
        now = store.now(connection)
        journal.record_audit(connection, person.id, "read_records", "", now)
        return {
            "holds": [_hold(row) for row in legal.standing(connection)],
            "exports": [_export(row, person, now) for row in exports.requests(connection, now)],
            "may": {"hold": person.supervises, "end_hold": person.role == "safeguarding", "ask": person.supervises},
        }

    return JSONResponse(await store.write(work))


@router.post("/handoffs/{handoff_id}/hold")
async def place_hold(request: Request, handoff_id: int, body: Hold, person: Person = Asker) -> Response:
    store: Store = request.app.state.store
    until = datetime.combine(body.until + timedelta(days=1), time(), UTC).timestamp()
    await store.write(
        lambda connection: legal.place(
            connection, handoff_id, person.id, reason=body.reason, until=until, now=store.now(connection)
        )
    )
    return Response(status_code=201)


@router.post("/handoffs/{handoff_id}/hold/end")
async def end_hold(request: Request, handoff_id: int, body: Reason, person: Person = allow("safeguarding")) -> Response:
    """Ends it before its day; what the young person asked to erase is erased now."""
    store: Store = request.app.state.store
    await store.write(
        lambda connection: legal.end(connection, handoff_id, person.id, reason=body.reason, now=store.now(connection))
    )
    return Response(status_code=204)


@router.post("/handoffs/{handoff_id}/export")
async def ask_export(request: Request, handoff_id: int, body: Reason, person: Person = Asker) -> Response:
    store: Store = request.app.state.store
    made = await store.write(
        lambda connection: exports.ask(connection, handoff_id, person.id, reason=body.reason, now=store.now(connection))
    )
    return JSONResponse({"id": made}, status_code=201)


@router.post("/exports/{export_id}/approve")
async def approve_export(request: Request, export_id: int, person: Person = Decider) -> Response:
    await _decide(request, export_id, person, approve=True)
    return Response(status_code=204)


@router.post("/exports/{export_id}/refuse")
async def refuse_export(request: Request, export_id: int, person: Person = Decider) -> Response:
    await _decide(request, export_id, person, approve=False)
    return Response(status_code=204)


@router.get("/exports/{export_id}/file")
async def fetch_export(request: Request, export_id: int, person: Person = Asker) -> Response:
    """The file, for the one who asked, once it is approved."""
    store: Store = request.app.state.store
    content = await store.write(
        lambda connection: exports.fetch(connection, export_id, person.id, now=store.now(connection), moment=iso)
    )
    name = f"chat-export-{export_id}.json"
    return Response(
        json.dumps(content, ensure_ascii=False, indent=2),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _decide(request: Request, export_id: int, person: Person, *, approve: bool) -> None:
    store: Store = request.app.state.store
    await store.write(
        lambda connection: exports.decide(connection, export_id, person.id, approve=approve, now=store.now(connection))
    )


def _hold(row: Row[Any]) -> dict[str, Any]:
    return {
        "handoff": row.handoff_id,
        "staff": row.name,
        "at": iso(row.placed_at),
        "until": iso(row.until),
        "reason": row.reason,
        "erase_asked_at": iso_or_none(row.erase_asked_at),
    }


def _export(row: Row[Any], person: Person, now: float) -> dict[str, Any]:
    """One request, and what this person can do with it."""
    open_one = row.decision is None
    fresh = row.decision == exports.APPROVED and row.decided_at > now - exports.FILE_FOR
    return {
        "id": row.id,
        "handoff": row.handoff_id,
        "asked_by": row.asked_name,
        "asked_at": iso(row.asked_at),
        "reason": row.reason,
        "decision": row.decision,
        "decided_by": row.decided_name,
        "decided_at": iso_or_none(row.decided_at),
        "may_decide": open_one and person.role in ("safeguarding", "admin") and row.asked_by != person.id,
        "may_fetch": fresh and row.asked_by == person.id and person.supervises,
    }
