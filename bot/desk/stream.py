"""The desk's event stream: hints that something is to be read again, never content.

What is hinted comes from reading the database by version and sequence number, so a signal that was lost costs five seconds
and nothing else. The reading is `bot.desk.feed`'s, one for all streams.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from bot.desk.feed import Feed
from bot.handoff import lifecycle
from bot.http import sign_in
from bot.http.events import HEARTBEAT, HEARTBEAT_EVERY, event_stream
from bot.http.roles import COOKIE, Person, allow
from bot.store.database import DatabaseAway, Store

router = APIRouter()
SIGN_OF_LIFE_EVERY = 10.0  # seconds


@router.get("/events")
async def events(request: Request, person: Person = allow("counsellor", "supervisor", "safeguarding")) -> Response:
    return event_stream(_stream(request, person))


async def _stream(request: Request, person: Person) -> AsyncIterator[str]:
    store: Store = request.app.state.store
    token = request.cookies.get(COOKIE, "")
    lived_at = spoke_at = time.monotonic()
    try:
        if not await store.write(lambda connection: _live(connection, store, token, person.id)):
            return
        async with _feed(request).follow() as (link, opening):
            yield "".join(opening)
            while True:
                further, hints = await link.follow(max(0.0, lived_at + SIGN_OF_LIFE_EVERY - time.monotonic()))
                if hints:
                    spoke_at = time.monotonic()
                    yield "".join(hints)
                if further is None:
                    return
                link = further
                if time.monotonic() - lived_at >= SIGN_OF_LIFE_EVERY:
                    lived_at = time.monotonic()
                    if not await store.write(lambda connection: _live(connection, store, token, person.id)):
                        return  # signed out meanwhile
                # Looked at with each sign of life: what is younger than this has its turn next time, and early enough.
                if time.monotonic() - spoke_at >= HEARTBEAT_EVERY - SIGN_OF_LIFE_EVERY:
                    spoke_at = time.monotonic()
                    yield HEARTBEAT
    except DatabaseAway:
        return  # a desk that cannot be kept up to date must not look as if it were


def _feed(request: Request) -> Feed:
    """This process's feed, made with the first stream."""
    state = request.app.state
    if not hasattr(state, "desk_feed"):
        state.desk_feed = Feed(state.store, lambda: bool(getattr(getattr(state, "chat", None), "stopping", False)))
    feed: Feed = state.desk_feed
    return feed


def _live(connection: Connection, store: Store, token: str, staff_id: int) -> bool:
    """Notes that this desk is open. False when its session is over."""
    now = store.now(connection)
    if sign_in.session(connection, token, now) is None:
        return False
    sign_in.touch(connection, token, now)
    lifecycle.seen(connection, staff_id, now)
    return True
