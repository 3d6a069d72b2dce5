"""What is measured, the same for every target."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Conversation(Protocol):
    async def say(self, text: str) -> float:
        """Sends a message; returns the seconds from its POST until the first words of the answer are here.

        Raises:
            NoAnswer: none came.
        """

    async def close(self) -> None: ...


class Target(Protocol):
    """A chat product under load.

    Attributes:
        texts: messages that it understands and always answers, none of which it takes for an unfinished one.
        burst: how many messages in a row a conversation may send without being slowed down on purpose.
    """

    @property
    def texts(self) -> Sequence[str]: ...

    burst: int

    async def open(self) -> Conversation: ...


class NoAnswer(Exception):
    """A message was not answered in time."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    single: int = 100  # messages for the latency of one
    at_once: int = 50  # conversations at once
    long_conversations: int = 3
    turns: int = 100  # of a long conversation
    # Seconds between two messages of a long conversation, for both: nobody types a hundred in a row. Faster than 20 a minute
    # the product answers several together, on purpose; and after a pause a processor's caches are cold for either.
    pace: float = 3.1


QUICK = Sizes(single=10, at_once=5, long_conversations=1, turns=12)


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds, and messages per second."""

    single: float  # median
    single_p95: float
    throughput: float
    throughput_p95: float  # of a message's latency under that load
    early_turn: float
    late_turn: float
    unanswered: int
    messages: int


async def measure(target: Target, sizes: Sizes) -> Measured:
    """All of it, one after the other; a warm-up first."""
    await _one_by_one(target, 5)
    single, lost_single = await _one_by_one(target, sizes.single)
    crowd, took, lost_crowd = await _at_once(target, sizes.at_once)
    long, lost_long = await _long(target, sizes)
    early = [latency for latencies in long for latency in _around(latencies, 5)]
    late = [latency for latencies in long for latency in _around(latencies, sizes.turns)]
    return Measured(
        single=statistics.median(single),
        single_p95=percentile(single, 95),
        throughput=len(crowd) / took,
        throughput_p95=percentile(crowd, 95),
        early_turn=statistics.median(early),
        late_turn=statistics.median(late),
        unanswered=lost_single + lost_crowd + lost_long,
        messages=len(single) + len(crowd) + sum(map(len, long)),
    )


async def _one_by_one(target: Target, count: int) -> tuple[list[float], int]:
    """One message at a time, each conversation three turns long."""
    latencies: list[float] = []
    lost = 0
    while len(latencies) + lost < count:
        some, none = await _talk(target, 3)
        latencies += some
        lost += none
    return latencies, lost


async def _at_once(target: Target, conversations: int) -> tuple[list[float], float, int]:
    """Everybody writes at the same time, and again as soon as the answer is here; returns the seconds it took, too."""
    open_ones = [await target.open() for _ in range(conversations)]
    started = time.perf_counter()
    results = await asyncio.gather(*(_say_all(target, one, target.burst, shift) for shift, one in enumerate(open_ones)))
    took = time.perf_counter() - started
    await asyncio.gather(*(one.close() for one in open_ones))
    return [latency for latencies, _ in results for latency in latencies], took, sum(lost for _, lost in results)


async def _long(target: Target, sizes: Sizes) -> tuple[list[list[float]], int]:
    """A few long conversations, side by side only as far as the pace leaves gaps."""
    numbers = range(sizes.long_conversations)
    gap = sizes.pace / sizes.long_conversations
    talks = (_talk(target, sizes.turns, pace=sizes.pace, delay=number * gap) for number in numbers)
    results = await asyncio.gather(*talks)
    return [latencies for latencies, _ in results], sum(lost for _, lost in results)


async def _talk(target: Target, turns: int, *, pace: float = 0.0, delay: float = 0.0) -> tuple[list[float], int]:
    await asyncio.sleep(delay)
    one = await target.open()
    try:
        return await _say_all(target, one, turns, 0, pace)
    finally:
        await one.close()


async def _say_all(target: Target, one: Conversation, turns: int, shift: int, pace: float = 0.0) -> tuple[list[float], int]:
    latencies: list[float] = []
    lost = 0
    for turn in range(turns):
        began = time.perf_counter()
        try:
            latencies.append(await one.say(target.texts[(turn + shift) % len(target.texts)]))
        except NoAnswer:
            lost += 1
        if pace:
            await asyncio.sleep(max(0.0, pace - (time.perf_counter() - began)))
    return latencies, lost


def _around(latencies: Sequence[float], turn: int) -> Sequence[float]:
    """The latencies of the five turns that end with `turn`, or of the last five."""
    end = min(turn, len(latencies))
    return latencies[max(0, end - 5) : end]


def percentile(values: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]
