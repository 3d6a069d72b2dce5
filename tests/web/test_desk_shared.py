"""One reading for all desks that ask meanwhile: fewer readings, and nobody sees less than with one of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bot.desk.shared import SharedReading
from bot.store.database import DatabaseAway


class HeldStore:
    """A store whose readings end when they are let go, in turn; each gives what `value` was when it began."""

    def __init__(self) -> None:
        self.value = 0
        self.began: list[int] = []
        self.away = False
        self._go = asyncio.Semaphore(0)

    async def read(self, work: Callable[[Any], int]) -> int:
        seen = self.value
        self.began.append(seen)
        await self._go.acquire()
        if self.away:
            raise DatabaseAway("The database is away.")
        return work(seen)

    def let_go(self, count: int = 1) -> None:
        for _ in range(count):
            self._go.release()


def same(seen: Any) -> int:
    return int(seen)


def shared(store: HeldStore) -> SharedReading[int]:
    return SharedReading(store, same)  # type: ignore[arg-type]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def asked(reading: SharedReading[int], count: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(reading.get()) for _ in range(count)]
    await settle()
    return tasks


def test_two_hundred_who_ask_at_once_are_served_by_one_reading() -> None:
    async def go() -> None:
        store = HeldStore()
        everybody = await asked(shared(store), 200)
        store.let_go(200)
        assert await asyncio.gather(*everybody) == [0] * 200
        assert len(store.began) == 1

    asyncio.run(go())


def test_who_asks_after_a_change_never_gets_a_reading_that_began_before_it() -> None:
    async def go() -> None:
        store = HeldStore()
        reading = shared(store)
        early = await asked(reading, 2)
        store.value = 1  # a tier rises while the first reading still runs
        late = await asked(reading, 50)
        store.let_go(2)
        assert await asyncio.gather(*early) == [0, 0]
        assert await asyncio.gather(*late) == [1] * 50
        assert store.began == [0, 1]

    asyncio.run(go())


def test_a_reading_that_fails_fails_for_those_who_share_it_and_the_next_reads_anew() -> None:
    async def go() -> None:
        store = HeldStore()
        reading = shared(store)
        store.away = True
        first = await asked(reading, 3)
        store.let_go()
        assert all(isinstance(one, DatabaseAway) for one in await asyncio.gather(*first, return_exceptions=True))
        store.away, store.value = False, 7
        store.let_go()
        assert await reading.get() == 7

    asyncio.run(go())


def test_who_hangs_up_does_not_end_the_reading_of_the_others() -> None:
    async def go() -> None:
        store = HeldStore()
        gone, stays = await asked(shared(store), 2)
        gone.cancel()
        await settle()
        store.let_go()
        assert await stays == 0
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(go())


def test_nobody_waits_for_a_reading_of_a_loop_that_has_ended() -> None:
    """A restarted loop, as in tests, finds no trace of what the last one read."""
    stores = []

    async def go(reading: SharedReading[int]) -> int:
        return await reading.get()

    class Now:
        async def read(self, work: Callable[[Any], int]) -> int:
            stores.append(threading.get_ident())
            return work(3)

    reading: SharedReading[int] = SharedReading(Now(), same)  # type: ignore[arg-type]
    assert [asyncio.run(go(reading)) for _ in range(3)] == [3, 3, 3]
    assert len(stores) == 3
