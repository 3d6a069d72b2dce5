"""Many desks and many who wait: every desk has the right page after every change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench import crowd
from bot.handoff import queue
from bot.http.roles import COOKIE
from bot.store.tables import handoffs
from bot.triage.taxonomy import Tier
from tests.web.chat_fixtures import running
from tests.web.desk_fixtures import DeskApp, desk, events_in

__all__ = ["desk"]
WAITING, DESKS = 2000, 40
PATIENCE = 20.0  # seconds; how fast it is stands in docs/benchmarks-desk.md


@dataclass
class Seat:
    """One desk's open stream, and the newest version of the queue that it was told of."""

    http: httpx.AsyncClient
    version: int = -1
    told: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def listen(self) -> None:
        async with self.http.stream("GET", "/api/desk/events") as stream:
            async for block in _blocks(stream):
                for name, data in events_in(block):
                    if name == "queue":
                        async with self.told:
                            self.version = data["version"]
                            self.told.notify_all()

    async def page_after(self, version: int) -> dict[str, Any]:
        """The page that this desk reads once it was told of a newer version."""
        async with asyncio.timeout(PATIENCE), self.told:
            await self.told.wait_for(lambda: self.version > version)
        page: dict[str, Any] = (await self.http.get("/api/desk/queue?folded=true")).json()
        return page


async def _blocks(stream: httpx.Response) -> AsyncIterator[str]:
    text = ""
    async for part in stream.aiter_text():
        text += part
        whole, mark, text = text.rpartition("\n\n")
        yield whole + mark


@asynccontextmanager
async def seats(url: str, people: list[crowd.SignedIn]) -> AsyncIterator[list[Seat]]:
    taken = [Seat(httpx.AsyncClient(base_url=url, cookies={COOKIE: one.token}, timeout=PATIENCE)) for one in people]
    listening = [asyncio.create_task(seat.listen()) for seat in taken]
    try:
        yield taken
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        for seat in taken:
            await seat.http.aclose()


def in_order(desk: DeskApp) -> list[int]:
    """Ids of the first page, by the rule itself."""
    rows = [row for row in desk.rows(handoffs) if row.state in queue.OPEN]
    now = desk.now()
    return [row.id for row in sorted(rows, key=lambda row: queue.place(Tier(row.tier), row.waiting_since, row.id, now))[:50]]


def ids(page: dict[str, Any]) -> list[int]:
    return [row["id"] for row in page["handoffs"]]


def test_with_two_thousand_waiting_every_desk_has_the_right_page_after_every_change(desk: DeskApp) -> None:
    people = desk.do(lambda connection: crowd.counsellors(connection, DESKS, desk.now()))
    desk.do(lambda connection: crowd.waiting(connection, WAITING, desk.now()))

    async def work(url: str) -> None:
        async with seats(url, people) as all_seats:

            async def all_pages(after: int) -> list[dict[str, Any]]:
                return list(await asyncio.gather(*(seat.page_after(after) for seat in all_seats)))

            pages = await all_pages(-1)
            expected = in_order(desk)
            assert all(ids(page) == expected for page in pages)
            assert {page["counts"]["waiting"] for page in pages} == {WAITING}
            assert {page["counts"]["immediate"] for page in pages} == {WAITING // 10}

            version = max(page["version"] for page in pages)
            new = await asyncio.to_thread(desk.waiting, "suicide_intent", "i wrote a letter and i have the pills here")
            pages = await all_pages(version)
            assert {page["counts"]["waiting"] for page in pages} == {WAITING + 1}
            assert {page["counts"]["immediate"] for page in pages} == {WAITING // 10 + 1}
            assert new not in ids(pages[0])  # two hundred immediate ones came before

            version = max(page["version"] for page in pages)
            far = in_order(desk)[-1]
            answer = await all_seats[0].http.post(
                f"/api/desk/handoffs/{far}/accept", headers={"X-CSRF-Token": people[0].csrf}
            )
            assert answer.status_code == 200
            pages = await all_pages(version)
            rows = {row["id"]: row for page in pages for row in page["handoffs"]}
            assert all(ids(page) == in_order(desk) for page in pages)
            assert (rows[far]["state"], rows[far]["claimed_by"]) == ("claimed", people[0].name)
            assert {page["counts"]["claimed"] for page in pages} == {1}

    with running(desk.app) as url:
        asyncio.run(work(url))


def test_a_rise_of_tier_brings_a_chat_to_the_first_page_of_every_desk(desk: DeskApp) -> None:
    people = desk.do(lambda connection: crowd.counsellors(connection, DESKS, desk.now()))
    first = desk.waiting("sextortion", "he says he will send it to my class")
    desk.do(lambda connection: crowd.waiting(connection, 400, desk.now()))

    async def work(url: str) -> None:
        async with seats(url, people) as all_seats:
            before = await asyncio.gather(*(seat.page_after(-1) for seat in all_seats))
            assert first not in ids(before[0])
            version = max(page["version"] for page in before)
            headers = {"X-CSRF-Token": people[0].csrf}
            body = {"tier": "immediate", "reason": ""}
            answer = await all_seats[0].http.post(f"/api/desk/handoffs/{first}/tier", json=body, headers=headers)
            assert answer.status_code == 204
            after = await asyncio.gather(*(seat.page_after(version) for seat in all_seats))
            assert all(first in ids(page) for page in after)
            assert all(ids(page) == in_order(desk) for page in after)

    with running(desk.app) as url:
        asyncio.run(work(url))
