"""The desk's event stream: hints that something is to be read again, never content.

What is hinted comes from reading the database by version and sequence number, so a signal that was lost costs five seconds
and nothing else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from sqlalchemy import Connection, select
from starlette.responses import Response

from bot.handoff import alarms, journal, lifecycle, queue
from bot.handoff.staffing import staffing
from bot.http import sign_in
from bot.http.events import HEARTBEAT, HEARTBEAT_EVERY, REREAD_EVERY, event, event_stream
from bot.http.roles import COOKIE, Person, allow
from bot.store.database import DatabaseAway, Store
from bot.store.signals import Waiter
from bot.store.tables import conversations, handoffs, presence

router = APIRouter()
SIGN_OF_LIFE_EVERY = 10.0  # seconds
GATHER = 0.05  # seconds; what is committed together is read together


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a desk can have missed.

    Attributes:
        version: of the queue.
        marks: by open handoff: its conversation, the last sequence number, and until when the young person types.
        people: who is on shift, and what young people are told about it.
        alarms: which alarms stand, and whether they were heard.
    """

    version: int
    marks: dict[int, tuple[str, int, float]] = field(default_factory=dict)
    people: tuple[str, tuple[tuple[int, str], ...]] = ("none", ())
    alarms: tuple[tuple[int, bool], ...] = ()


@router.get("/events")
async def events(request: Request, person: Person = allow("counsellor", "supervisor", "safeguarding")) -> Response:
    return event_stream(_stream(request, person))


async def _stream(request: Request, person: Person) -> AsyncIterator[str]:
    store: Store = request.app.state.store
    token = request.cookies.get(COOKIE, "")
    shown: Snapshot | None = None
    spoke_at, lived_at = time.monotonic(), float("-inf")
    async with store.signals.subscribe("desk") as desk, store.signals.subscribe("conversation") as talk:
        while not _stopping(request):
            keys, desk.keys, talk.keys = desk.keys, set(), set()
            try:
                if time.monotonic() - lived_at >= SIGN_OF_LIFE_EVERY:
                    lived_at = time.monotonic()
                    if not await store.write(lambda connection: _live(connection, store, token, person.id)):
                        return  # signed out meanwhile
                newest = await store.read(lambda connection: _look(connection, store.now(connection)))
            except DatabaseAway:
                return  # a desk that cannot be kept up to date must not look as if it were
            for chunk in _hints(shown, newest, keys):
                spoke_at = time.monotonic()
                yield chunk
            shown = newest
            if time.monotonic() - spoke_at >= HEARTBEAT_EVERY:
                spoke_at = time.monotonic()
                yield HEARTBEAT
            await _news(desk, talk, {conversation for conversation, _seq, _typing in newest.marks.values()})


def _hints(shown: Snapshot | None, newest: Snapshot, keys: Iterable[str]) -> list[str]:
    """What changed between two readings, and what only signals tell."""
    chunks = []
    if shown is None or (newest.version, newest.alarms) != (shown.version, shown.alarms) or "queue" in keys:
        chunks.append(event("queue", {"version": newest.version}))
    if shown is not None:
        chunks += [
            event("message", {"handoff": handoff_id, "conversation": mark[0]})
            for handoff_id, mark in newest.marks.items()
            if shown.marks.get(handoff_id, mark) != mark or mark[0] in keys  # a note or a whisper moves no mark
        ]
    if shown is None or newest.people != shown.people:
        chunks.append(event("presence", {"people": newest.people[0], "on_shift": len(newest.people[1])}))
    if "cannot_store" in keys:
        chunks.append(event("trouble", {"what": "Somebody cannot get through: messages cannot be stored."}))
    return chunks + [event("help", {"who": key.removeprefix("help:")}) for key in keys if key.startswith("help:")]


async def _news(desk: Waiter, talk: Waiter, watched: set[str]) -> None:
    """Waits until there is something to read, five seconds at most; what is said in other conversations is nothing."""
    until = time.monotonic() + REREAD_EVERY
    while (left := until - time.monotonic()) > 0:
        waits = [asyncio.create_task(waiter.wait(left)) for waiter in (desk, talk)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        heard = [wait.result() if wait.done() and not wait.cancelled() else set() for wait in waits]
        desk.keys |= heard[0]  # for the next reading; the wait took them
        if heard[0] or heard[1] & {*watched, ""}:
            await asyncio.sleep(GATHER)
            return


def _live(connection: Connection, store: Store, token: str, staff_id: int) -> bool:
    """Notes that this desk is open. False when its session is over."""
    now = store.now(connection)
    if sign_in.session(connection, token, now) is None:
        return False
    sign_in.touch(connection, token, now)
    lifecycle.seen(connection, staff_id, now)
    return True


def _look(connection: Connection, now: float) -> Snapshot:
    open_ones = (
        select(handoffs.c.id, handoffs.c.conversation_id, conversations.c.seq, conversations.c.young_person_typing_until)
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(handoffs.c.state.in_(queue.OPEN))
    )
    on_shift = select(presence.c.staff_id, presence.c.state).where(presence.c.state != "off").order_by(presence.c.staff_id)
    return Snapshot(
        version=journal.queue_version(connection),
        marks={
            row.id: (row.conversation_id, row.seq, row.young_person_typing_until or 0.0)
            for row in connection.execute(open_ones)
        },
        people=(
            staffing(connection, now).value,
            tuple((row.staff_id, row.state) for row in connection.execute(on_shift)),
        ),
        alarms=alarms.marks(connection),
    )


def _stopping(request: Request) -> bool:
    """The process is about to end; streams must not hold it up."""
    return bool(getattr(getattr(request.app.state, "chat", None), "stopping", False))
