"""What all desks of this process watch, read once for each change and not once for each desk.

Two hundred desks that each read two thousand waiting chats at every change would read for seconds. One task reads and
compares; each stream follows the chain of what was found, at its own pace, and can miss no link of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from bot.handoff import alarms, journal, queue, viewers
from bot.handoff.staffing import staffing
from bot.handoff.viewers import Viewer
from bot.http.events import REREAD_EVERY, event
from bot.store.database import DatabaseAway, Store
from bot.store.signals import Waiter
from bot.store.tables import conversations, handoffs, presence

GATHER = 0.05  # seconds; what is committed together is read together


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a desk can have missed.

    Attributes:
        version: of the queue.
        marks: by open handoff: its conversation, the last sequence number, and until when the young person types.
        people: who is on shift and hears alarms, and what young people are told about it.
        alarms: which alarms stand, and whether they were heard.
        viewers: by handoff who has it open, and whether they write.
    """

    version: int
    marks: dict[int, tuple[str, int, float]] = field(default_factory=dict)
    people: tuple[str, tuple[tuple[int, str, bool | None], ...]] = ("none", ())
    alarms: tuple[tuple[int, bool], ...] = ()
    viewers: dict[int, tuple[Viewer, ...]] = field(default_factory=dict)


class Link:
    """One step of the chain: what changed since the step before.

    Attributes:
        hints: events as they go over the wire; none where nothing changed.
        next: done once there is a further step; its result is None when the feed has ended.
    """

    def __init__(self, hints: tuple[str, ...] = ()) -> None:
        self.hints = hints
        self.next: asyncio.Future[Link | None] = asyncio.get_running_loop().create_future()

    async def follow(self, timeout: float) -> tuple[Link | None, list[str]]:
        """The newest step after this one, this one itself after `timeout` seconds without any, or None after the end.

        Returns:
            It, and all hints on the way to it, each once: a slow reader needs no hint twice.
        """
        if not self.next.done():
            await asyncio.wait([self.next], timeout=timeout)
        link: Link | None = self
        hints: dict[str, None] = {}
        while link is not None and link.next.done():
            link = link.next.result()
            hints.update(dict.fromkeys(link.hints if link is not None else ()))
        return link, list(hints)


class Feed:
    """The chain of one process, alive while anybody follows it.

    Args:
        stopping: whether the process is about to end; streams must not hold it up.
    """

    def __init__(self, store: Store, stopping: Callable[[], bool]) -> None:
        self._store = store
        self._stopping = stopping
        self._followers = 0
        self._reading: asyncio.Task[None] | None = None
        self._newest: tuple[Snapshot, Link] | None = None
        self._first: asyncio.Event = asyncio.Event()

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[tuple[Link, list[str]]]:
        """The newest step, with what a desk is told that has just opened.

        Raises:
            DatabaseAway: nothing can be read.
        """
        self._followers += 1
        try:
            if self._reading is None or self._reading.done():
                self._newest, self._first = None, asyncio.Event()
                self._reading = asyncio.create_task(self._read())
            await self._first.wait()
            if self._newest is None:
                raise DatabaseAway("The database is away.")
            snapshot, link = self._newest
            yield link, hints(None, snapshot, ())
        finally:
            self._followers -= 1
            if not self._followers and self._reading is not None:
                self._reading.cancel()
                self._reading = None

    async def _read(self) -> None:
        first, link = self._first, Link()
        try:
            async with self._store.signals.subscribe("desk") as desk, self._store.signals.subscribe("conversation") as talk:
                shown: Snapshot | None = None
                while not self._stopping():
                    keys, desk.keys, talk.keys = desk.keys, set(), set()  # before the reading: what comes during it wakes again
                    newest = await self._store.read(lambda connection: look(connection, self._store.now(connection)))
                    found = () if shown is None else tuple(hints(shown, newest, keys))
                    shown = newest
                    if found:
                        further = Link(found)
                        link.next.set_result(further)
                        link = further
                    self._newest = newest, link
                    first.set()
                    await _news(desk, talk, newest)
        except DatabaseAway:
            pass  # a desk that cannot be kept up to date must not look as if it were: every stream ends
        finally:
            if self._first is first:  # else somebody began anew while this one was being stopped
                self._newest = None
            first.set()
            if not link.next.done():
                link.next.set_result(None)


def hints(shown: Snapshot | None, newest: Snapshot, keys: Iterable[str]) -> list[str]:
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
    if chunk := _viewers(None if shown is None else shown.viewers, newest.viewers):
        chunks.append(chunk)
    if "cannot_store" in keys:
        chunks.append(event("trouble", {"what": "Somebody cannot get through: messages cannot be stored."}))
    return chunks + [event("help", {"who": key.removeprefix("help:")}) for key in keys if key.startswith("help:")]


def _viewers(shown: dict[int, tuple[Viewer, ...]] | None, newest: dict[int, tuple[Viewer, ...]]) -> str:
    """Names of colleagues are the one thing that is told here and not read again: two hundred desks would, at each look."""
    before = shown or {}
    differ = [handoff_id for handoff_id in {**before, **newest} if before.get(handoff_id, ()) != newest.get(handoff_id, ())]
    if shown is not None and not differ:
        return ""
    told = {
        str(handoff_id): [{"name": name, "writes": writes} for name, writes in newest.get(handoff_id, ())]
        for handoff_id in differ
    }
    return event("viewers", {"all": shown is None, "by_handoff": told})


def look(connection: Connection, now: float) -> Snapshot:
    open_ones = (
        select(handoffs.c.id, handoffs.c.conversation_id, conversations.c.seq, conversations.c.young_person_typing_until)
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(handoffs.c.state.in_(queue.OPEN))
    )
    on_shift = (
        select(presence.c.staff_id, presence.c.state, presence.c.hears)
        .where(presence.c.state != "off")
        .order_by(presence.c.staff_id)
    )
    return Snapshot(
        version=journal.queue_version(connection),
        marks={
            handoff_id: (conversation_id, seq, typing_until or 0.0)
            for handoff_id, conversation_id, seq, typing_until in connection.execute(open_ones)
        },
        people=(
            staffing(connection, now).value,
            tuple((staff_id, state, hears) for staff_id, state, hears in connection.execute(on_shift)),
        ),
        alarms=alarms.marks(connection),
        viewers=viewers.by_handoff(connection, now),
    )


async def _news(desk: Waiter, talk: Waiter, newest: Snapshot) -> None:
    """Waits until there is something to read, five seconds at most; what is said in other conversations is nothing."""
    watched = {conversation for conversation, _seq, _typing in newest.marks.values()} | {""}
    loop = asyncio.get_running_loop()
    until = loop.time() + REREAD_EVERY
    while (left := until - loop.time()) > 0:
        waits = [asyncio.create_task(waiter.wait(left)) for waiter in (desk, talk)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        # A wait that is cancelled just as its signal comes ends with the signal all the same: it must not be thrown away.
        ended = await asyncio.gather(*waits, return_exceptions=True)
        heard = [keys if isinstance(keys, set) else set() for keys in ended]
        desk.keys |= heard[0]  # for the next reading; the wait took them
        if heard[0] or heard[1] & watched:
            await asyncio.sleep(GATHER)
            return
