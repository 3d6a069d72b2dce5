"""The desk's queue, presence, and the stream of hints that something changed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection, select, update
from starlette.responses import JSONResponse, Response

from bot.desk.views import row_view
from bot.handoff import journal, lifecycle, queue
from bot.handoff.staffing import has_room
from bot.http.events import HEARTBEAT, HEARTBEAT_EVERY, REREAD_EVERY, event, event_stream
from bot.http.roles import Person, allow
from bot.store.database import DatabaseAway, Store, signal
from bot.store.tables import handoffs, presence

router = APIRouter()
SIGN_OF_LIFE_EVERY = 10.0  # seconds


class Presence(BaseModel):
    state: Literal["on_shift", "on_break", "off"]
    capacity: Annotated[int, Field(ge=1, le=3)] | None = None


@router.get("/queue")
async def read_queue(request: Request, _person: Person = allow("counsellor", "supervisor", "safeguarding")) -> Response:
    store: Store = request.app.state.store

    def work(connection: Connection) -> dict[str, Any]:
        now = store.now(connection)
        return {
            "version": journal.queue_version(connection),
            "counts": queue.counts(connection),
            "handoffs": [row_view(row) for row in queue.rows(connection, now)],
        }

    return JSONResponse(await store.read(work))


@router.post("/presence")
async def set_presence(
    request: Request, body: Presence, person: Person = allow("counsellor", "supervisor", "safeguarding")
) -> Response:
    store: Store = request.app.state.store

    def work(connection: Connection) -> None:
        now = store.now(connection)
        values: dict[str, Any] = {"state": body.state, "since": now, "stream_seen_at": now}
        if body.capacity is not None:
            values["capacity"] = body.capacity
        changed = update(presence).where(presence.c.staff_id == person.id).values(**values)
        if connection.execute(changed).rowcount == 0:
            connection.execute(presence.insert().values(staff_id=person.id, **values))
        journal.record_audit(connection, person.id, f"presence_{body.state}", "", now)
        signal(connection, "desk", "presence")

    await store.write(work)
    return Response(status_code=204)


@router.post("/next")
async def take_next(request: Request, person: Person = allow("counsellor", "supervisor")) -> Response:
    """The most urgent waiting chat, claimed; 204 when none waits, or this person holds as many as they can."""
    store: Store = request.app.state.store

    def work(connection: Connection) -> int | None:
        now = store.now(connection)
        if not has_room(connection, person.id, now):
            return None
        waiting = queue.rows(connection, now, limit=1, states=("waiting",))
        if not waiting:
            return None
        lifecycle.accept(connection, waiting[0].id, person.id, now)
        return int(waiting[0].id)

    taken = await store.write(work)
    return JSONResponse({"id": taken}) if taken is not None else Response(status_code=204)


@router.post("/help")
async def need_help(request: Request, person: Person = allow("counsellor", "supervisor", "safeguarding")) -> Response:
    """"I need help now": recorded, and shown on every open desk."""
    store: Store = request.app.state.store

    def work(connection: Connection) -> None:
        journal.record_audit(connection, person.id, "needs_help", "", store.now(connection))
        signal(connection, "desk", f"help:{person.name}")

    await store.write(work)
    return Response(status_code=204)


@router.get("/events")
async def events(request: Request, person: Person = allow("counsellor", "supervisor", "safeguarding")) -> Response:
    return event_stream(_stream(request, person))


async def _stream(request: Request, person: Person) -> AsyncIterator[str]:
    """Hints; each says only that something is to be read again, so one that is lost costs five seconds."""
    store: Store = request.app.state.store
    version, spoke_at, lived_at = -1, time.monotonic(), 0.0
    async with store.signals.subscribe("desk") as waiter:
        keys: set[str] = set()
        while not request.app.state.chat.stopping:
            try:
                if time.monotonic() - lived_at >= SIGN_OF_LIFE_EVERY:
                    lived_at = time.monotonic()
                    await store.write(lambda connection: lifecycle.seen(connection, person.id, store.now(connection)))
                newest = await store.read(journal.queue_version)
                told = await store.read(lambda connection, keys=keys: _handoffs_of(connection, keys))
            except DatabaseAway:
                newest, told = version, []
            for chunk in _hints(newest if newest != version else None, keys, told):
                spoke_at = time.monotonic()
                yield chunk
            version = newest
            if time.monotonic() - spoke_at >= HEARTBEAT_EVERY:
                spoke_at = time.monotonic()
                yield HEARTBEAT
            keys = await waiter.wait(REREAD_EVERY)


def _hints(version: int | None, keys: set[str], told: list[tuple[int, str]]) -> list[str]:
    chunks = [event("queue", {"version": version})] if version is not None else []
    chunks += [event("message", {"handoff": handoff, "conversation": conversation}) for handoff, conversation in told]
    if "presence" in keys:
        chunks.append(event("presence", {}))
    if "cannot_store" in keys:
        chunks.append(event("trouble", {"what": "Somebody cannot get through: messages cannot be stored."}))
    chunks += [event("help", {"who": key.removeprefix("help:")}) for key in keys if key.startswith("help:")]
    return chunks


def _handoffs_of(connection: Connection, keys: set[str]) -> list[tuple[int, str]]:
    conversations = [key for key in keys if len(key) == 36]  # the other keys are words
    if not conversations:
        return []
    query = select(handoffs.c.id, handoffs.c.conversation_id).where(
        handoffs.c.conversation_id.in_(conversations), handoffs.c.state.in_(queue.OPEN)
    )
    return [(row.id, row.conversation_id) for row in connection.execute(query)]
