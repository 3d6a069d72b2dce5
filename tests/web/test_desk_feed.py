"""The one reading that all desks follow wakes for every signal, whenever it comes."""

from __future__ import annotations

import asyncio

import pytest

from bot.desk.feed import Link, Snapshot, _news
from bot.store.signals import Waiter


@pytest.mark.parametrize("steps", range(10))
def test_a_signal_that_comes_while_another_is_looked_at_is_not_lost(steps: int) -> None:
    async def work() -> set[str]:
        desk, talk = Waiter(), Waiter()
        reading = asyncio.create_task(_news(desk, talk, Snapshot(0)))
        for _ in range(5):
            await asyncio.sleep(0)  # until it waits
        talk.wake("a conversation that no desk watches")
        for _ in range(steps):
            await asyncio.sleep(0)
        desk.wake("queue")
        await asyncio.wait_for(reading, 1)
        return desk.keys

    assert asyncio.run(work()) == {"queue"}


def test_a_slow_reader_gets_every_hint_once() -> None:
    async def work() -> tuple[bool, list[str]]:
        first, second, third = Link(), Link(("a", "b")), Link(("b", "c"))
        first.next.set_result(second)
        second.next.set_result(third)
        newest, hints = await first.follow(1)
        return newest is third, hints

    assert asyncio.run(work()) == (True, ["a", "b", "c"])


def test_the_end_of_the_feed_ends_every_follower_with_what_came_before() -> None:
    async def work() -> tuple[Link | None, list[str]]:
        first, last = Link(), Link(("a",))
        first.next.set_result(last)
        last.next.set_result(None)
        return await first.follow(1)

    assert asyncio.run(work()) == (None, ["a"])
