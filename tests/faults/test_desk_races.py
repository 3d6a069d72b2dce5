"""Two counsellors accept the same row at the same moment, over real HTTP: one has it, the other is told who."""

from __future__ import annotations

import asyncio

import httpx

from bot.store.tables import handoff_events
from tests.web.chat_fixtures import running
from tests.web.desk_fixtures import Browser, DeskApp, desk

__all__ = ["desk"]
ROUNDS = 500


async def race(url: str, names: tuple[str, str], handoff_ids: list[int]) -> list[tuple[list[int], str | None, str | None]]:
    """For each chat the two statuses in order, who won, and whom the other one was told of."""
    people: dict[str, tuple[httpx.AsyncClient, dict[str, str]]] = {}
    for name in names:
        with httpx.Client(base_url=url) as door:
            browser = Browser(door)
            assert browser.sign_in(name).status_code == 204
            client = httpx.AsyncClient(base_url=url, cookies=dict(door.cookies), timeout=20)
        people[name] = (client, {"X-CSRF-Token": browser.csrf})

    async def press(name: str, handoff_id: int) -> httpx.Response:
        client, headers = people[name]
        return await client.post(f"/api/desk/handoffs/{handoff_id}/accept", headers=headers)

    rounds = []
    for number, handoff_id in enumerate(handoff_ids):
        order = names if number % 2 else names[::-1]  # neither has the better start
        answers = await asyncio.gather(*(press(name, handoff_id) for name in order))
        won = [name for name, answer in zip(order, answers, strict=True) if answer.status_code == 200]
        told = [answer.json().get("claimed_by") for answer in answers if answer.status_code == 409]
        statuses = sorted(answer.status_code for answer in answers)
        rounds.append((statuses, won[0] if won else None, told[0] if told else None))
    for client, _headers in people.values():
        await client.aclose()
    return rounds


def test_of_two_who_accept_at_once_one_wins_and_the_other_is_told_who_five_hundred_times(desk: DeskApp) -> None:
    handoff_ids = [desk.waiting("suicide_intent") for _ in range(ROUNDS)]
    for name in ("Sam", "Ana"):
        desk.add(name)

    with running(desk.app) as url:
        rounds = asyncio.run(race(url, ("Sam", "Ana"), handoff_ids))

    assert [statuses for statuses, _won, _told in rounds] == [[200, 409]] * ROUNDS
    assert all(won is not None and won == told for _statuses, won, told in rounds)
    accepted = [row.handoff_id for row in desk.rows(handoff_events) if row.kind == "accepted"]
    assert sorted(accepted) == sorted(handoff_ids)
