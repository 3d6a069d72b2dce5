"""Somebody's own place at the desk: their shift, whether they hear its alarms, and what is open in front of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection, ScalarSelect, select, update
from starlette.responses import Response

from bot.errors import NotFound
from bot.handoff import journal, lifecycle, viewers
from bot.http.roles import Person, allow
from bot.store.database import Store, signal
from bot.store.tables import presence, staff

router = APIRouter()
AtDesk = allow("counsellor", "supervisor", "safeguarding")
Work = Callable[[Connection, float], None]


class Presence(BaseModel):
    state: Literal["on_shift", "on_break", "off"]
    capacity: Annotated[int, Field(ge=1, le=3)] | None = None


class Hearing(BaseModel):
    hears: bool


class Capacity(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    capacity: Annotated[int, Field(ge=1, le=3)]


class Looking(BaseModel):
    handoff: int | None


@router.post("/presence")
async def set_presence(request: Request, body: Presence, person: Person = AtDesk) -> Response:
    def work(connection: Connection, now: float) -> None:
        values: dict[str, Any] = {"state": body.state, "since": now, "stream_seen_at": now}
        if body.capacity is not None:
            values["capacity"] = body.capacity
        if not _change(connection, person.id, values):
            connection.execute(presence.insert().values(staff_id=person.id, **values))
        journal.record_audit(connection, person.id, f"presence_{body.state}", "", now)
        signal(connection, "desk", "presence")

    return await _written(request, work)


@router.post("/hearing")
async def set_hearing(request: Request, body: Hearing, person: Person = AtDesk) -> Response:
    """Whether alarms are heard at this desk: the page knows of a browser that plays nothing, the person of a muted device."""

    def work(connection: Connection, now: float) -> None:
        lifecycle.seen(connection, person.id, now)
        _change(connection, person.id, {"hears": body.hears})
        signal(connection, "desk", "presence")

    return await _written(request, work)


@router.post("/capacity")
async def set_capacity(request: Request, body: Capacity, person: Person = allow("supervisor")) -> Response:
    """How many chats somebody may hold at once; one all the same, while one of them is at `immediate`.

    Raises:
        NotFound: nobody of this name has been at the desk.
    """

    def work(connection: Connection, now: float) -> None:
        named = select(staff.c.id).where(staff.c.name == body.name.strip()).scalar_subquery()
        if not _change(connection, named, {"capacity": body.capacity}):
            raise NotFound(f"{body.name!r} has not been at the desk.")
        journal.record_audit(connection, person.id, f"set_capacity_{body.capacity}", "", now, body.name)
        signal(connection, "desk", "queue")

    return await _written(request, work)


@router.post("/looking")
async def set_looking(request: Request, body: Looking, person: Person = AtDesk) -> Response:
    """Which chat is open in front of this person, so that colleagues see it. Raises `NotFound` for none that there is."""

    def work(connection: Connection, _now: float) -> None:
        if body.handoff is not None:
            lifecycle.get(connection, body.handoff)
        viewers.look_at(connection, person.id, body.handoff)

    return await _written(request, work)


def _change(connection: Connection, staff_id: int | ScalarSelect[int], values: dict[str, Any]) -> bool:
    """Whether this person has a place at the desk; it has these values then."""
    changed = update(presence).where(presence.c.staff_id == staff_id).values(**values)
    return connection.execute(changed).rowcount > 0


async def _written(request: Request, work: Work) -> Response:
    """Does `work` in one write, with the moment of the database's clock; there is nothing to answer with."""
    store: Store = request.app.state.store
    await store.write(lambda connection: work(connection, store.now(connection)))
    return Response(status_code=204)
