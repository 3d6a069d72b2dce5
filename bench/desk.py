"""How soon the desk knows: from a young person's message to its row, and with two hundred desks and two thousand waiting.

    python -m bench.desk            prints the figures
    python -m bench.desk --write    and writes the section on this database in docs/benchmarks-desk.md
    python -m tests.postgresql python -m bench.desk --postgresql

The whole product runs as `handrail run` starts it; young people and desks are HTTP clients in this one process, on the same
machine. A desk does what the page does: it hears a hint on its event stream, waits for more hints, and reads the queue.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import Connection, create_engine, make_url, text, update

from bench import crowd
from bench.desk_report import Figures, Setting, put, written
from bench.handrail import TEXTS, product
from bot.http.roles import COOKIE
from bot.store.crypto import Cipher
from bot.store.database import Store
from bot.store.tables import staff

UNDER_WAY = 50  # conversations with the bot
TYPES_EVERY = 8.0  # seconds between two messages of each of them
ALARMS, ALARM_EVERY = 200, 0.25  # distress messages, and seconds between two
DESKS, WAITING, CHANGES = 200, 2000, 20
PAGE_GATHERS = 0.12  # seconds; connection.js waits that long for further hints before it reads
SETTLE = 3.0  # seconds between two changes with all desks
PATIENCE = 30.0  # seconds
DISTRESS = "i want to kill myself tonight and i have the pills here"


@dataclass
class Desk:
    """One desk: its stream, and the newest page of the queue that it read."""

    http: aiohttp.ClientSession
    url: str
    who: crowd.SignedIn
    hints: list[tuple[float, int]] = field(default_factory=list)
    read_at: float = 0.0
    page: bytes = b""
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self) -> None:
        ready = asyncio.Event()
        self._tasks = [asyncio.create_task(self._listen(ready)), asyncio.create_task(self._read())]
        await asyncio.wait_for(ready.wait(), PATIENCE)

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={self.who.token}", "X-CSRF-Token": self.who.csrf}

    async def _listen(self, ready: asyncio.Event) -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        async with self.http.get(f"{self.url}/api/desk/events", headers=self.headers, timeout=timeout) as stream:
            async for line in stream.content:
                ready.set()
                if line.startswith(b'data: {"version"'):
                    self.hints.append((time.perf_counter(), json.loads(line[6:])["version"]))
                    self._news.set()

    async def _read(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(PAGE_GATHERS)
            self._news.clear()
            async with self.http.get(f"{self.url}/api/desk/queue?folded=true", headers=self.headers) as answer:
                self.page = await answer.read()
            self.read_at = time.perf_counter()

    async def press(self, path: str, body: Any) -> None:
        async with self.http.post(f"{self.url}/api/desk{path}", json=body, headers=self.headers) as answer:
            if answer.status >= 400:
                raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")

    async def card(self, handoff_id: int) -> None:
        """Reads the brief, as a press on the row does."""
        async with self.http.get(f"{self.url}/api/desk/handoffs/{handoff_id}", headers=self.headers) as answer:
            quotes = [reason["quote"] for reason in (await answer.json())["brief"]["reasons"]]
            if not any(quote and quote in DISTRESS for quote in quotes):
                raise RuntimeError(f"the card does not quote them: {quotes}")

    def hinted_at(self, version: int) -> float:
        """When this desk was first told of a version after this one."""
        return next(at for at, told in self.hints if told > version)

    def queue(self) -> dict[str, Any]:
        page: dict[str, Any] = json.loads(self.page)
        return page

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()


# A distress message among fifty conversations


async def first_seen(
    http: aiohttp.ClientSession, url: str, desk: Desk, closer: Desk
) -> tuple[list[float], list[float], list[float]]:
    """Seconds from each POST of a distress message to the hint on the stream, to its row in what the desk has read, and to the
    card of a desk that opens it at once."""
    talking = [asyncio.create_task(_talk(http, url, number)) for number in range(UNDER_WAY)]
    await asyncio.sleep(TYPES_EVERY)
    hints, rows, cards = [], [], []
    for _number in range(ALARMS):
        conversation, auth = await _new_chat(http, url)
        version = desk.queue()["version"]
        posted = time.perf_counter()
        await _say(http, url, auth, DISTRESS)
        row = await _until(lambda conversation=conversation: _row(desk, conversation))  # type: ignore[misc]
        hints.append(desk.hinted_at(version) - posted)
        rows.append(desk.read_at - posted)
        await desk.card(row["id"])
        cards.append(time.perf_counter() - posted)
        await closer.press(f"/handoffs/{row['id']}/close", {"outcome": "other"})
        await asyncio.sleep(ALARM_EVERY)
    for task in talking:
        if task.done():
            task.result()
        task.cancel()
    return hints, rows, cards


def _row(desk: Desk, conversation: str) -> Any:
    if conversation.encode() not in desk.page:
        return None
    return next((row for row in desk.queue()["handoffs"] if row["conversation"] == conversation), None)


async def _talk(http: aiohttp.ClientSession, url: str, number: int) -> None:
    """Somebody who talks with the bot, and reads what it answers."""
    _conversation, auth = await _new_chat(http, url)
    reading = asyncio.create_task(_read_all(http, url, auth))
    await asyncio.sleep(TYPES_EVERY * number / UNDER_WAY)
    try:
        turn = number
        while True:
            await _say(http, url, auth, TEXTS[turn % len(TEXTS)])
            turn += 1
            await asyncio.sleep(TYPES_EVERY)
    finally:
        reading.cancel()


async def _read_all(http: aiohttp.ClientSession, url: str, auth: dict[str, str]) -> None:
    timeout = aiohttp.ClientTimeout(total=None)
    async with http.get(f"{url}/api/chat/events", headers=auth, timeout=timeout) as stream:
        async for _line in stream.content:
            pass


async def _new_chat(http: aiohttp.ClientSession, url: str) -> tuple[str, dict[str, str]]:
    async with http.post(f"{url}/api/chat/conversations", json={}) as opened:
        body = await opened.json()
    return body["conversation"], {"Authorization": f"Bearer {body['token']}"}


async def _say(http: aiohttp.ClientSession, url: str, auth: dict[str, str], words: str) -> None:
    body = {"client_id": str(uuid.uuid4()), "text": words}
    async with http.post(f"{url}/api/chat/messages", json=body, headers=auth) as answer:
        answer.raise_for_status()


async def _until(known: Callable[[], Any]) -> Any:
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        if found := known():
            return found
        await asyncio.sleep(0.001)
    raise RuntimeError("it did not come")


# Two hundred desks, two thousand waiting


async def changes_seen(http: aiohttp.ClientSession, url: str, desks: Sequence[Desk]) -> tuple[list[float], list[float], int]:
    """Seconds from each change until the last desk has its hint, and until the last one has read it; and wrong pages."""
    hints, pages, wrong = [], [], 0
    for number in range(CHANGES):
        await asyncio.sleep(SETTLE)
        before = desks[0].queue()
        rises = number % 2 == 1
        if rises:
            target = await _longest_at_high(desks[0], before["counts"]["immediate"])
            began = time.perf_counter()
            await desks[number].press(f"/handoffs/{target['id']}/tier", {"tier": "immediate", "reason": ""})
        else:
            _conversation, auth = await _new_chat(http, url)
            began = time.perf_counter()
            await _say(http, url, auth, DISTRESS)
        immediate = before["counts"]["immediate"] + 1
        total = before["counts"]["waiting"] + (0 if rises else 1)
        await _until(lambda began=began: all(desk.read_at - PAGE_GATHERS > began for desk in desks))  # type: ignore[misc]
        await asyncio.sleep(SETTLE / 2)
        known = [desk.queue() for desk in desks]
        right = [page["counts"]["immediate"] == immediate and page["counts"]["waiting"] == total for page in known]
        same = [page["handoffs"] == known[0]["handoffs"] and len(page["handoffs"]) == 50 for page in known]
        wrong += sum(not (one and other) for one, other in zip(right, same, strict=True))
        hints.append(max(desk.hinted_at(before["version"]) for desk in desks) - began)
        pages.append(max(desk.read_at for desk in desks) - began)
    return hints, pages, wrong


async def _longest_at_high(desk: Desk, immediate: int) -> dict[str, Any]:
    """Who has waited longest at `high`: the rise brings them to the first page."""
    async with desk.http.get(f"{desk.url}/api/desk/queue?offset={immediate}", headers=desk.headers) as answer:
        rows: list[dict[str, Any]] = (await answer.json())["handoffs"]
    return next(row for row in rows if row["tier"] == "high")


# All of it


@contextmanager
def _database(work: Path, postgresql: bool) -> Iterator[str]:
    if not postgresql:
        yield f"sqlite:///{work / 'handrail.db'}"
        return
    base = make_url(os.environ["HANDRAIL_TEST_DATABASE_URL"]).set(drivername="postgresql+psycopg")
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    name = f"bench_{uuid.uuid4().hex}"
    with admin.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    yield base.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'drop database "{name}" with (force)'))
    admin.dispose()


def _people(connection: Connection, count: int, now: float) -> list[crowd.SignedIn]:
    people = crowd.counsellors(connection, count, now)
    connection.execute(update(staff).where(staff.c.name == people[-1].name).values(role="supervisor"))
    return people


async def _measure(url: str, store: Store) -> Figures:
    # Connections are dropped before uvicorn does it at five seconds: a POST on one that closes just now is lost.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=PATIENCE)) as http:
        people = store.write_now(lambda connection: _people(connection, DESKS + 1, store.now(connection)))
        desks = [Desk(http, url, one) for one in people]
        closer = desks.pop()
        await desks[0].open()
        hints, rows, cards = await first_seen(http, url, desks[0], closer)
        desks[0].close()
        print(f"{len(rows)} distress messages: row after {statistics.median(rows) * 1000:.0f} ms in the median", flush=True)
        store.write_now(lambda connection: crowd.waiting(connection, WAITING, store.now(connection)))
        for desk in desks:
            await desk.open()
        await asyncio.sleep(8)  # what was written from outside is found by the reading every five seconds
        all_hints, all_pages, wrong = await changes_seen(http, url, desks)
        for desk in desks:
            desk.close()
    return Figures(hints, rows, cards, all_hints, all_pages, wrong)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--write", action="store_true", help="write the section on this database in docs/benchmarks-desk.md")
    options.add_argument("--postgresql", action="store_true", help="on the cluster that HANDRAIL_TEST_DATABASE_URL names")
    asked = options.parse_args()
    work = Path(tempfile.mkdtemp(prefix="handrail-desk-"))
    key = Cipher.make_key()
    try:
        with _database(work, asked.postgresql) as address:
            with product(work, HANDRAIL_KEY=key, HANDRAIL_DATABASE_URL=address) as (_running, url, _helps, _up):
                store = Store(address, key)
                figures = asyncio.run(_measure(url, store))
                store.engine.dispose()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    database = "PostgreSQL" if asked.postgresql else "SQLite"
    report = written(figures, Setting(database, UNDER_WAY, TYPES_EVERY, DESKS, WAITING, PAGE_GATHERS))
    print(report)
    if asked.write:
        page = Path(__file__).parents[1] / "docs" / "benchmarks-desk.md"
        page.write_text(put(page.read_text(encoding="utf-8"), report), encoding="utf-8")


if __name__ == "__main__":
    main()
