"""Everybody at once: steps that cross never lose a handoff, never double one, and never wait for each other crosswise."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from bot.errors import HandrailError, Unavailable
from bot.handoff import lifecycle
from bot.store.tables import conversations, handoffs
from tests.unit.handoff.conftest import Desk

MODES = {"waiting": {"waiting"}, "claimed": {"waiting"}, "live": {"live"}, None: {"bot"}}


def test_crossing_steps_keep_one_handoff_and_the_chat_in_step_with_it(desk: Desk) -> None:
    chats = [desk.conversation() for _ in range(5)]
    people = [desk.person(f"Person {number}") for number in range(3)]

    def open_id(chance: random.Random) -> int:
        query = select(handoffs.c.id).where(handoffs.c.conversation_id == chance.choice(chats)).order_by(handoffs.c.id.desc())
        return desk.store.read_now(lambda connection: connection.execute(query.limit(1)).scalar_one_or_none()) or 0

    steps: list[Callable[[random.Random], object]] = [
        lambda chance: desk.hears(chance.choice(chats), chance.choice(["sextortion", "self_harm", "suicide_intent"])),
        lambda chance: desk.writes(chance.choice(chats)),
        lambda chance: desk.declines(chance.choice(chats)),
        lambda chance: desk.accept(open_id(chance), chance.choice(people)),
        lambda chance: desk.send(open_id(chance), chance.choice(people)),
        lambda chance: desk.close(open_id(chance), chance.choice(people), supervisor=True),
        lambda chance: desk.do(lambda connection: lifecycle.sweep(connection, desk.content, desk.now + 400)),
    ]

    def run(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(40):
            try:
                chance.choice(steps)(chance)
            except Unavailable:
                raise  # the database gave up: two steps waited for each other
            except HandrailError:
                continue  # somebody was first

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))

    mine = handoffs.c.conversation_id == conversations.c.id
    open_ones = (
        select(conversations.c.mode, func.count(handoffs.c.id), func.max(handoffs.c.state))
        .join(handoffs, mine & handoffs.c.state.in_(("waiting", "claimed", "live")), isouter=True)
        .group_by(conversations.c.id, conversations.c.mode)
    )
    for mode, count, state in desk.store.read_now(lambda connection: list(connection.execute(open_ones))):
        assert count <= 1
        assert mode in MODES[state]
