"""For supervisors: the board, what staff said of triage, whispering to a colleague, taking a chat over."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import Connection, select
from starlette.responses import JSONResponse, Response

from bot.content import Content
from bot.errors import Conflict
from bot.handoff import board, journal, lifecycle, review
from bot.handoff.records import HELD
from bot.http.roles import Person, allow
from bot.http.times import iso
from bot.store.database import Store
from bot.store.tables import audit, staff

router = APIRouter()
Supervisor = allow("supervisor", "safeguarding")


class Whisper(BaseModel):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


@router.get("/audit")
async def read_audit(
    request: Request,
    before: Annotated[int | None, Query(ge=1)] = None,
    who: Annotated[str, Query(max_length=80)] = "",
    handoff: Annotated[int | None, Query(ge=1)] = None,
    person: Person = Supervisor,
) -> Response:
    """Who opened, read, claimed, changed what, when and why: 100 lines, newest first; that it was read is a line itself.

    Args:
        before: lines older than this one's id.
        who: only what this person did.
        handoff: only what was done to this chat.
    """
    store: Store = request.app.state.store

    def work(connection: Connection) -> list[dict[str, Any]]:
        query = select(audit, staff.c.name).join(staff, staff.c.id == audit.c.staff_id, isouter=True)
        if before is not None:
            query = query.where(audit.c.id < before)
        if who:
            query = query.where(staff.c.name == who)
        if handoff is not None:
            query = query.where(audit.c.target == f"handoff:{handoff}")
        rows = connection.execute(query.order_by(audit.c.id.desc()).limit(100)).all()
        looked_for = " ".join(part for part in (who, f"handoff:{handoff}" if handoff else "") if part)
        journal.record_audit(connection, person.id, "read_audit", "", store.now(connection), looked_for or None)
        return [
            {"id": row.id, "at": row.at, "who": row.name, "action": row.action, "target": row.target, "reason": row.reason}
            for row in rows
        ]

    return JSONResponse({"lines": _with_iso(await store.write(work))})


class Rows(BaseModel):
    handoffs: Annotated[list[int], Field(min_length=1, max_length=200)]


class Aside(Rows):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


@router.get("/board")
async def read_board(request: Request, _person: Person = Supervisor) -> Response:
    store: Store = request.app.state.store
    content: Content = request.app.state.content
    seen = await store.read(lambda connection: board.board(connection, content.policy.deadlines, store.now(connection)))
    return JSONResponse(_with_iso(seen))


@router.get("/corrections")
async def read_corrections(request: Request, person: Person = Supervisor) -> Response:
    """The week's list: where staff said that triage missed something or was wrong, and where they lowered a tier."""
    store: Store = request.app.state.store

    def work(connection: Connection) -> list[dict[str, Any]]:
        now = store.now(connection)
        journal.record_audit(connection, person.id, "read_corrections", "", now)
        return review.corrections(connection, now - review.WEEK, now)

    return JSONResponse({"corrections": _with_iso(await store.write(work))})


@router.get("/triage-review")
async def read_review(request: Request, week: str = "", person: Person = allow("safeguarding")) -> Response:
    """A week's list by ISO week, this one by default: no words; a chat opens from it with a reason that is recorded."""
    store: Store = request.app.state.store

    def work(connection: Connection) -> dict[str, Any]:
        now = store.now(connection)
        weeks = review.weeks(now)
        found = review.of_week(connection, week or weeks[0])
        journal.record_audit(connection, person.id, "read_triage_review", "", now, found["week"])
        return {**found, "weeks": weeks}

    return JSONResponse(_with_iso(await store.write(work)))


@router.post("/set-aside")
async def set_aside(
    request: Request, body: Aside, person: Person = allow("counsellor", "supervisor", "safeguarding")
) -> Response:
    """Takes waiting chats out of the turn; at `immediate` it asks, and somebody else's press does it."""
    store: Store = request.app.state.store
    done = await store.write(
        lambda connection: lifecycle.set_aside(
            connection, body.handoffs, person.id, body.reason, now=store.now(connection), supervisor=person.supervises
        )
    )
    return JSONResponse(done)


@router.post("/take-up")
async def take_up(
    request: Request, body: Rows, person: Person = allow("counsellor", "supervisor", "safeguarding")
) -> Response:
    """Brings chats that were set aside back to their old places."""
    store: Store = request.app.state.store
    await store.write(
        lambda connection: lifecycle.take_up(connection, body.handoffs, person.id, now=store.now(connection))
    )
    return Response(status_code=204)


@router.post("/handoffs/{handoff_id}/whisper")
async def whisper(request: Request, handoff_id: int, body: Whisper, person: Person = Supervisor) -> Response:
    """A word to whoever has the chat; the young person never sees it.

    Raises:
        Conflict: nobody has the chat, so nobody would read it.
    """
    store: Store = request.app.state.store

    def work(connection: Connection) -> None:
        if lifecycle.get(connection, handoff_id).state not in HELD:
            raise Conflict("Nobody has this chat now. Write a note instead.")
        lifecycle.add_note(connection, handoff_id, person.id, body.text, now=store.now(connection), whisper=True)

    await store.write(work)
    return Response(status_code=201)


@router.post("/handoffs/{handoff_id}/take-over")
async def take_over(request: Request, handoff_id: int, person: Person = allow("supervisor")) -> Response:
    """Takes a chat in one press, whoever has it; the young person is told and stays with a person."""
    store: Store = request.app.state.store
    content: Content = request.app.state.content
    await store.write(
        lambda connection: lifecycle.take_over(connection, handoff_id, person.id, now=store.now(connection), content=content)
    )
    return Response(status_code=204)


_MOMENTS = ("at", "since", "oldest_since", "overload_since", "unanswered_since", "rest_until")


def _with_iso(value: Any) -> Any:
    """The same with every moment as the API writes it."""
    if isinstance(value, list):
        return [_with_iso(one) for one in value]
    if isinstance(value, dict):
        return {
            name: iso(one) if name in _MOMENTS and isinstance(one, float) else _with_iso(one) for name, one in value.items()
        }
    return value
