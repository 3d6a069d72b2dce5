"""Overload: people are expected to wait over three times as long as we promise. It is a state of the desk, said once.

Nothing in it changes who is next. It changes what people are told: the supervisor has one alarm and the board, and a young
person whose own wait will be that long is told at once and shown who is there now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, or_, select, update

from bot.content import Content
from bot.handoff import alarms, queue
from bot.handoff.deadlines import limits
from bot.handoff.lines import Line, tell
from bot.handoff.opening import LEFT_FOR_GOOD
from bot.handoff.staffing import at_the_desk
from bot.store.tables import conversations, handoffs
from bot.triage.taxonomy import Tier

BEGINS, ENDS = 3.0, 2.0  # times the deadline; apart from each other, so that it does not come and go
TOLD_AT_ONCE = 20  # young people in one step; the next step a second later tells the next ones


@dataclass(frozen=True, slots=True)
class Waiting:
    handoff_id: int
    conversation_id: str
    tier: Tier
    since: float
    told: bool


def strained(
    line: Sequence[Waiting], deadlines: Mapping[str, float], *, hands: int, free: int, minutes: float, now: float
) -> dict[int, float]:
    """By handoff: how many times its deadline somebody will have waited when a person writes.

    Args:
        line: in the order of the queue.
        deadlines: seconds by tier id.
        hands: chats that are held at a time when all are busy; 0 when nobody is there.
        free: how many could be taken at once.
        minutes: how long a chat takes.
    """
    found = {}
    for index, one in enumerate(line):
        more = 0.0 if index < free or not hands else 60.0 * minutes * (index - free + 1) / hands
        found[one.handoff_id] = (now - one.since + more) / deadlines[one.tier.id]
    return found


def watch(connection: Connection, content: Content, now: float) -> bool:
    """Begins or ends the overload, and tells young people while it lasts. Doing it twice changes nothing more.

    Returns:
        Whether the desk is overloaded.
    """
    line = _line(connection, now)
    people = at_the_desk(connection, now)
    hands, free = sum(person.limit for person in people), sum(person.free for person in people)
    ratios = strained(
        line,
        limits(content.policy.deadlines)["claim"],
        hands=hands,
        free=free,
        minutes=queue.chat_minutes(connection, now) if line else queue.CHAT_MINUTES,
        now=now,
    )
    worst = max(ratios.values(), default=0.0)
    stands = alarms.overload(connection) is not None
    if not stands and worst > BEGINS and hands:  # with nobody there at all another text is told, and the contact is called
        alarms.begin_overload(connection, now)
        stands = True
    elif stands and worst < ENDS:
        alarms.end_overload(connection, now)
        stands = False
    if stands:
        late = [one for one in line if not one.told and ratios[one.handoff_id] > BEGINS]
        for one in late[:TOLD_AT_ONCE]:
            _tell(connection, one, content, now)
    return stands


def _line(connection: Connection, now: float) -> list[Waiting]:
    """Who waits and would read an answer, in order; nothing of this is encrypted."""
    columns = handoffs.c.id, handoffs.c.conversation_id, handoffs.c.tier, handoffs.c.waiting_since, handoffs.c.overload_told_at
    there = or_(conversations.c.away_how.is_(None), conversations.c.away_how.not_in(LEFT_FOR_GOOD))
    query = (
        select(*columns)
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(handoffs.c.state == "waiting", handoffs.c.set_aside_at.is_(None), there)
    )
    rows = sorted(connection.execute(query), key=lambda row: queue.place(Tier(row.tier), row.waiting_since, row.id, now))
    return [
        Waiting(row.id, row.conversation_id, Tier(row.tier), row.waiting_since, row.overload_told_at is not None) for row in rows
    ]


def _tell(connection: Connection, one: Waiting, content: Content, now: float) -> None:
    # Whoever works on it now is not waited for: it is told a second later.
    lock = select(conversations).where(conversations.c.id == one.conversation_id).with_for_update(skip_locked=True)
    conversation = connection.execute(lock).one_or_none()
    if conversation is None:
        return
    told = (
        update(handoffs)
        .where(handoffs.c.id == one.handoff_id, handoffs.c.state == "waiting", handoffs.c.overload_told_at.is_(None))
        .values(overload_told_at=now)
    )
    if connection.execute(told).rowcount == 1:
        services = content.directory.services(conversation.country, {"emergency", "child_helpline"}, now)
        resources: list[dict[str, Any]] = [asdict(service) for service in services]
        tell(connection, conversation, Line.OVERLOAD, now=now, content=content, resources=resources)
