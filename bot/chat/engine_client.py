"""Calls the dialogue engine: most urgent first, two at a time, with a deadline, behind a breaker."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

import bot.content
from bot.chat.safety_net import Cause
from bot.triage.taxonomy import Tier

AT_ONCE = 2  # calls under way; the engine answers one turn at a time, the second hides the way there
BREAKER_TIMEOUTS = 3
BREAKER_WINDOW = 10.0  # seconds
BREAKER_OPEN = 5.0  # seconds
HEALTH_TIMEOUT = 1.0  # seconds

if TYPE_CHECKING:
    import aiohttp

Carry = Callable[[str, bytes | None, float], Awaitable[tuple[int, bytes]]]

SCHEMA = json.loads((Path(bot.content.__file__).parent / "turn_schema.json").read_text(encoding="utf-8"))


class EngineFailed(Exception):
    """The engine gave no usable answer; `cause` says why."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


class Breaker:
    """Open for a while after several timeouts in short order, so that a frozen engine costs nobody more waiting."""

    def __init__(self) -> None:
        self._timeouts: deque[float] = deque(maxlen=BREAKER_TIMEOUTS)
        self._open_until = 0.0

    def is_open(self, now: float) -> bool:
        return now < self._open_until

    def timed_out(self, now: float) -> None:
        self._timeouts.append(now)
        if len(self._timeouts) == BREAKER_TIMEOUTS and now - self._timeouts[0] <= BREAKER_WINDOW:
            self._open_until = now + BREAKER_OPEN
            self._timeouts.clear()


class Slots:
    """A few places, given to the most urgent who waits, then to who came first."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._order = itertools.count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def place(self, urgency: int, timeout: float) -> AsyncIterator[None]:
        """Waits at most `timeout` seconds for a place; raises `TimeoutError` after that."""
        if self._free > 0:
            self._free -= 1
        else:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (-urgency, next(self._order), turn))
            try:
                await asyncio.wait_for(turn, timeout)
            except BaseException:
                if turn.done() and not turn.cancelled():
                    self._release()
                raise
        try:
            yield
        finally:
            self._release()

    def _release(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class Network:
    """Carries requests to the engine over connections that stay open."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def carry(self, path: str, body: bytes | None, timeout: float) -> tuple[int, bytes]:
        """Status and body of the answer to a GET, or to a POST of `body`. Raises `TimeoutError` and `OSError`."""
        if self._session is None:
            # Late and aside, so that the page is served before; and the session belongs to the event loop it is made in.
            library = await asyncio.to_thread(import_module, "aiohttp")
            self._session = self._session or library.ClientSession(self._url, trust_env=False)
        import aiohttp

        limit = aiohttp.ClientTimeout(total=timeout)
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session.request(
                "GET" if body is None else "POST", path, data=body, timeout=limit, headers=headers
            ) as answer:
                return answer.status, await answer.read()
        except aiohttp.ClientError as error:
            raise ConnectionError(type(error).__name__) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


class EngineClient:
    """One engine behind a loopback address.

    Args:
        url: where the engine listens.
        carry: for tests: what takes a path, a body and a timeout in seconds instead of the network.
    """

    def __init__(self, url: str, carry: Carry | None = None) -> None:
        self._network = Network(url)
        self._carry = carry or self._network.carry
        self._slots = Slots(AT_ONCE)
        self._breaker = Breaker()
        self._answer = Draft202012Validator({**SCHEMA, "oneOf": [{"$ref": "#/$defs/answer"}]})
        self.state = "starting"  # ok | starting | down, as /health tells it

    async def turn(self, request: Mapping[str, Any], *, urgency: Tier) -> dict[str, Any]:
        """The engine's answer to one turn, checked against the schema.

        Args:
            request: as `turn_schema.json` describes it; its `deadline` (seconds since the epoch) is kept here too.

        Raises:
            EngineFailed: with the cause, for any failure whatever.
        """
        if self._breaker.is_open(time.monotonic()):
            raise EngineFailed(Cause.BREAKER)
        left = request["deadline"] - time.time()
        if left <= 0:
            raise EngineFailed(Cause.LATE)
        under_way = False
        try:
            async with asyncio.timeout(left), self._slots.place(int(urgency), left):
                under_way = True
                status, body = await self._carry("/turn", json.dumps(request).encode(), left)
        except TimeoutError as error:
            if under_way:  # waiting for a place says that there is a crowd, not that the engine hangs
                self._breaker.timed_out(time.monotonic())
            raise EngineFailed(Cause.LATE) from error
        except OSError as error:
            self.state = "down"
            raise EngineFailed(Cause.AWAY) from error
        if status == 408:
            raise EngineFailed(Cause.LATE)
        if status != 200:
            raise EngineFailed(Cause.REFUSED)
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise EngineFailed(Cause.NOT_THE_SCHEMA) from error
        if not self._answer.is_valid(answer):
            raise EngineFailed(Cause.NOT_THE_SCHEMA)
        return dict(answer)

    async def look(self) -> str:
        """Asks the engine how it is; returns and keeps `ok`, `starting` or `down`."""
        try:
            status, body = await self._carry("/health", None, HEALTH_TIMEOUT)
            self.state = "ok" if status == 200 and json.loads(body).get("status") == "ok" else "starting"
        except (OSError, ValueError, AttributeError):  # a timeout is an OSError
            self.state = "down"
        return self.state

    async def close(self) -> None:
        await self._network.close()
