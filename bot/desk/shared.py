"""One reading of the database for everybody who asks meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import Connection

from bot.store.database import Store

T = TypeVar("T")


class SharedReading(Generic[T]):
    """At each change two hundred desks ask for the same at once. A reading that began after they asked serves them all: none
    sees less than with a reading of its own.

    Args:
        work: what is read; as for `Store.read`.
    """

    def __init__(self, store: Store, work: Callable[[Connection], T]) -> None:
        self._store = store
        self._work = work
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """What is read from now on. Raises `DatabaseAway`."""
        if self._next is None:
            self._next = asyncio.create_task(self._read(self._running))
            self._next.add_done_callback(_look_at)
        return await asyncio.shield(self._next)  # who hangs up must not end it for the others

    async def _read(self, before: asyncio.Task[T] | None) -> T:
        if before is not None and not before.done():
            await asyncio.wait([before])
        self._running, self._next = self._next, None  # it begins: whoever asks from here on waits for another one
        return await self._store.read(self._work)


def _look_at(ended: asyncio.Task[T]) -> None:
    """Where everybody has hung up, nobody else looks at what went wrong."""
    if not ended.cancelled():
        ended.exception()
