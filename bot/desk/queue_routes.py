"""The desk's queue: who waits, who is next, who needs help, what supervisors watch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from sqlalchemy import Connection, Row, select
from starlette.responses import JSONResponse, Response

from bot.content import Content
from bot.desk.catalogue import catalogue
from bot.desk.listing import Pages
from bot.desk.shared import SharedReading
from bot.desk.views import watch_view
from bot.errors import Unavailable
from bot.handoff import alarms, languages, lifecycle, rest
from bot.handoff.deadlines import limits
from bot.handoff.staffing import STREAM_GONE, at_the_desk, has_room
from bot.http.roles import Person, allow
from bot.http.times import iso, iso_or_none
from bot.store.database import Store, signal
from bot.store.tables import handoff_events, handoffs, presence, staff

router = APIRouter()
WATCHED = (
    "declined", "asked_not_now", "claim_ran_out", "unanswered", "holder_gone", "read_by_reason", "erase_asked",
    "held_back", "sent_anyway", "needs_help", "set_aside_asked", "set_aside", "lowered", "unreached",
    "oncall_told", "oncall_failed",
)
WATCHED_FOR = 24 * 3600.0  # seconds


class CallForHelp(BaseModel):
    handoff: int | None = None


@router.get("/setup")
async def read_setup(request: Request, _person: Person = allow("counsellor", "supervisor", "safeguarding")) -> Response:
    """What the page needs to know once: deadlines in seconds by tier, and what there is to pick."""
    content: Content = request.app.state.content
    offered = catalogue(request.app.state.settings.data_dir)
    return JSONResponse({"limits": limits(content.policy.deadlines), **offered.as_json()})


@router.get("/queue")
async def read_queue(
    request: Request,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    folded: bool = False,
    person: Person = allow("counsellor", "supervisor", "safeguarding"),
) -> Response:
    """Open handoffs, most urgent first, 50 from `offset` on; `folded` makes near-identical openings one row."""
    looked = await _view(request, offset, folded)
    found = alarms.seen_by(looked.alarms, staff_id=person.id, supervises=person.supervises, now=looked.now)
    mine = {
        "rest_until": iso_or_none(looked.rests.get(person.id)),
        "alarms": [{**alarm, "at": iso(alarm["at"]), "heard_at": iso_or_none(alarm["heard_at"])} for alarm in found],
    }
    return Response(f"{{{looked.page}, {json.dumps(mine, ensure_ascii=False)[1:]}", media_type="application/json")


@dataclass(frozen=True, slots=True)
class View:
    """What one reading finds, of which each desk is shown its part.

    Attributes:
        page: the members of the answer that are the same for all.
        rests: until when who rests.
    """

    now: float
    page: str
    alarms: Sequence[Row[Any]]
    rests: Mapping[int, float]


async def _view(request: Request, offset: int, folded: bool) -> View:
    """The first page, which every open desk shows, is read for all of them at once."""
    store: Store = request.app.state.store
    state = request.app.state
    if not hasattr(state, "queue_pages"):
        state.queue_pages = Pages()
        looks = {fold: partial(_look, store, state.queue_pages, 0, fold) for fold in (True, False)}
        state.first_pages = {fold: SharedReading(store, look) for fold, look in looks.items()}
    if offset == 0:
        first: SharedReading[View] = state.first_pages[folded]
        return await first.get()
    return await store.read(partial(_look, store, state.queue_pages, offset, folded))


def _look(store: Store, pages: Pages, offset: int, folded: bool, connection: Connection) -> View:
    now = store.now(connection)
    page = pages.of(connection, now, offset=offset, fold=folded)
    return View(now, page, alarms.latest(connection, now), rest.of_all(connection, now))


@router.post("/next")
async def take_next(request: Request, person: Person = allow("counsellor", "supervisor")) -> Response:
    """The most urgent waiting chat that this person can serve, claimed; 204 when there is none, or their hands are full."""
    store: Store = request.app.state.store
    content: Content = request.app.state.content

    def work(connection: Connection) -> int | None:
        now = store.now(connection)
        if not has_room(connection, person.id, now) or rest.until(connection, person.id, now) is not None:
            return None
        waiting = languages.next_for(connection, person.id, content.policy.deadlines, now)
        if waiting is None:
            return None
        lifecycle.accept(connection, waiting, person.id, now)
        return waiting

    taken = await store.write(work)
    return JSONResponse({"id": taken}) if taken is not None else Response(status_code=204)


@router.post("/ready")
async def end_rest(request: Request, person: Person = allow("counsellor", "supervisor")) -> Response:
    """Ends the rest after a chat at `immediate`: new chats are given again."""
    store: Store = request.app.state.store
    await store.write(lambda connection: rest.end(connection, person.id, store.now(connection)))
    return Response(status_code=204)


@router.get("/colleagues")
async def colleagues(request: Request, _person: Person = allow("counsellor", "supervisor")) -> Response:
    """Who is on shift with an open desk, and how many chats they hold: to whom a chat can be passed on."""
    store: Store = request.app.state.store

    def work(connection: Connection) -> list[dict[str, Any]]:
        here = at_the_desk(connection, store.now(connection))
        query = select(staff.c.id, staff.c.name, staff.c.role, staff.c.languages)
        query = query.where(staff.c.id.in_([person.staff_id for person in here]))
        named = {row.id: row for row in connection.execute(query)}
        return [
            {
                "name": named[one.staff_id].name,
                "role": named[one.staff_id].role,
                "languages": named[one.staff_id].languages.split(),
                "held": len(one.held),
                "free": one.free,
            }
            for one in here
        ]

    return JSONResponse({"colleagues": await store.read(work)})


@router.post("/help")
async def need_help(
    request: Request,
    body: CallForHelp | None = None,
    person: Person = allow("counsellor", "supervisor", "safeguarding"),
) -> Response:
    """"I need help now": an alarm that stands until a supervisor has heard it, and a line on every open desk.

    Raises:
        Unavailable: no supervisor has a desk open, so nobody would come; the page then says whom to phone.
    """
    store: Store = request.app.state.store
    handoff_id = body.handoff if body is not None else None

    def work(connection: Connection) -> bool:
        now = store.now(connection)
        if handoff_id is not None:
            lifecycle.get(connection, handoff_id)
        alarms.call_for_help(connection, person.id, handoff_id, now)
        signal(connection, "desk", f"help:{person.name}")
        there = select(staff.c.id).where(
            staff.c.role == "supervisor",
            staff.c.id != person.id,
            staff.c.disabled_at.is_(None),
            presence.c.stream_seen_at > now - STREAM_GONE,
        )
        return connection.execute(there.join(presence, presence.c.staff_id == staff.c.id).limit(1)).first() is not None

    if not await store.write(work):
        raise Unavailable("No supervisor has a desk open. Phone the person on call.")
    return Response(status_code=204)


@router.post("/alarms/{alarm_id}/heard")
async def hear_alarm(request: Request, alarm_id: int, person: Person = allow("supervisor", "safeguarding")) -> Response:
    """A supervisor says that they have it; whoever called sees their name."""
    store: Store = request.app.state.store
    await store.write(lambda connection: alarms.hear(connection, alarm_id, person.id, store.now(connection)))
    return Response(status_code=204)


@router.get("/watch")
async def watch(request: Request, _person: Person = allow("supervisor", "safeguarding")) -> Response:
    """What a supervisor is told of the last day: a "not now", a chat that went back to the queue, a reason to read."""
    store: Store = request.app.state.store

    def work(connection: Connection) -> list[dict[str, Any]]:
        query = (
            select(handoff_events, handoffs.c.tier, handoffs.c.state, staff.c.name)
            .join(handoffs, handoffs.c.id == handoff_events.c.handoff_id)
            .join(staff, staff.c.id == handoff_events.c.staff_id, isouter=True)
            .where(handoff_events.c.kind.in_(WATCHED), handoff_events.c.at > store.now(connection) - WATCHED_FOR)
            .order_by(handoff_events.c.id.desc())
            .limit(200)
        )
        return [watch_view(row) for row in connection.execute(query)]

    return JSONResponse({"events": await store.read(work)})
