"""Hints that something changed, to whoever streams it.

A signal carries a channel and an id, never content. It may be lost: every stream reads again by cursor when one
comes, when its listener reconnects, and every five seconds.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signal:
    """Something changed.

    Attributes:
        channel: "conversation" or "desk".
        key: the conversation's id; for "desk" what changed: "queue", "presence", or a conversation's id.
    """

    channel: str
    key: str


class Waiter:
    """One subscriber's wake-up flag; signals that come while it works are not forgotten, only merged."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.keys: set[str] = set()

    def wake(self, key: str) -> None:
        self.keys.add(key)
        self._event.set()

    async def wait(self, timeout: float) -> set[str]:
        """Waits up to `timeout` seconds; returns the keys signalled since the last call, perhaps none."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout)
        except TimeoutError:
            pass
        self._event.clear()
        keys, self.keys = self.keys, set()
        return keys


class Signals:
    """Hands signals to the subscribers in this process; must be used from one event loop."""

    def __init__(self) -> None:
        self._waiters: dict[tuple[str, str | None], set[Waiter]] = defaultdict(set)

    @asynccontextmanager
    async def subscribe(self, channel: str, key: str | None = None) -> AsyncIterator[Waiter]:
        """A waiter for one key of a channel, or for the whole channel."""
        waiter = Waiter()
        self._waiters[channel, key].add(waiter)
        try:
            yield waiter
        finally:
            self._waiters[channel, key].discard(waiter)
            if not self._waiters[channel, key]:
                del self._waiters[channel, key]

    def dispatch(self, signal: Signal) -> None:
        for waiter in (*self._waiters.get((signal.channel, signal.key), ()), *self._waiters.get((signal.channel, None), ())):
            waiter.wake(signal.key)

    def wake_all(self) -> None:
        """After a listener reconnected: everybody reads again."""
        for waiters in list(self._waiters.values()):
            for waiter in waiters:
                waiter.wake("")
