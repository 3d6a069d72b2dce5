"""The order in which young people are answered.

`immediate` first. Then `high`, and in the same band whoever waits at `elevated` for over an hour, because a wait without end
is a harm of its own; so too `none` rises to `elevated`. Within a band whoever waits longest.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select, text

from bot.errors import NotFound
from bot.handoff.records import open_handoff
from bot.handoff.staffing import Hands, at_the_desk
from bot.store.tables import conversations, handoffs, offers, staff
from bot.triage.taxonomy import Tier

RISES_AFTER = 3600.0  # seconds
PAGE = 50
OPEN = ("waiting", "claimed", "live")

CHAT_MINUTES = 20.0  # how long a chat takes, until this desk has figures of its own
CHAT_MINUTES_RANGE = (5.0, 60.0)
RECENT_CHATS = 20
FREE_HANDS_WAIT = (1, 5)  # minutes, while somebody is free
LONGEST_QUOTED = 120  # minutes; beyond that no range would be honest

Place = tuple[int, float, int]
_TAKER = staff.alias("taker")
_IN_TURN = handoffs.c.state == "waiting", handoffs.c.set_aside_at.is_(None)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are where.

    Attributes:
        by_tier: open handoffs by tier and state.
        abandoned: left in the last day before a person wrote, by tier and locale.
    """

    by_tier: dict[Tier, dict[str, int]]
    abandoned: dict[Tier, dict[str, int]]

    def in_state(self, state: str) -> int:
        return sum(states.get(state, 0) for states in self.by_tier.values())

    def in_tier(self, tier: Tier) -> int:
        return sum(self.by_tier.get(tier, {}).values())

    @property
    def abandoned_total(self) -> int:
        return sum(sum(locales.values()) for locales in self.abandoned.values())


# Order


def band(tier: Tier, waited: float) -> int:
    """How urgent, the greater the sooner; `waited` in seconds."""
    return int(tier) + (1 if tier < Tier.HIGH and waited > RISES_AFTER else 0)


def place(tier: Tier, waiting_since: float, handoff_id: int, now: float) -> Place:
    """Sorts as the queue does: the smallest is next."""
    return (-band(tier, now - waiting_since), waiting_since, handoff_id)


def _band(now: float) -> ColumnElement[int]:
    """The same as `band`, for the database."""
    rises = and_(handoffs.c.tier < int(Tier.HIGH), handoffs.c.waiting_since < now - RISES_AFTER)
    return case((rises, handoffs.c.tier + 1), else_=handoffs.c.tier)


# What the desk reads


def rows(
    connection: Connection, now: float, *, offset: int = 0, limit: int = PAGE, states: Sequence[str] = OPEN
) -> list[Row[Any]]:
    """Handoffs in these states, most urgent first: the handoff's columns, `claimed_name`, `offered_name`, and the
    conversation's `locale`, `away_since`, `away_how` and `returned_at`."""
    query = (
        _with_conversation()
        .where(handoffs.c.state.in_(states))
        .order_by(_band(now).desc(), handoffs.c.waiting_since, handoffs.c.id)
        .offset(offset)
        .limit(limit)
    )
    return list(connection.execute(query))


def next_in_turn(connection: Connection, now: float, unless: ColumnElement[bool] | None = None) -> int | None:
    """The handoff that is served next; None when nobody waits.

    Args:
        unless: handoffs of which this is true are passed over.
    """
    query = select(handoffs.c.id).where(*_IN_TURN).order_by(_band(now).desc(), handoffs.c.waiting_since, handoffs.c.id)
    if unless is not None:
        query = query.where(~unless)
    return connection.execute(query.limit(1)).scalar_one_or_none()


def rows_of(connection: Connection, handoff_ids: Sequence[int]) -> list[Row[Any]]:
    """These handoffs, in no order, with the columns that `rows` gives."""
    return list(connection.execute(_with_conversation().where(handoffs.c.id.in_(list(handoff_ids)))))


def row(connection: Connection, handoff_id: int) -> Row[Any]:
    """One handoff in any state, with the columns that `rows` gives. Raises `NotFound`."""
    found = connection.execute(_with_conversation().where(handoffs.c.id == handoff_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such chat. It may have been erased.")
    return found


def _with_conversation() -> Select[Any]:
    return (
        select(
            handoffs,
            staff.c.name.label("claimed_name"),
            _TAKER.c.name.label("offered_name"),
            conversations.c.locale,
            conversations.c.away_since,
            conversations.c.away_how,
            conversations.c.returned_at,
        )
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .join(staff, staff.c.id == handoffs.c.claimed_by, isouter=True)
        .join(offers, offers.c.handoff_id == handoffs.c.id, isouter=True)
        .join(_TAKER, _TAKER.c.id == offers.c.to_id, isouter=True)
    )


def counts(connection: Connection, now: float | None = None) -> dict[str, Any]:
    """How many are where, in the words of the API: by state, by tier, and who left before a person wrote."""
    found = _counts(connection, _clock(connection) if now is None else now)
    return {
        **{state: found.in_state(state) for state in OPEN},
        **{tier.id: found.in_tier(tier) for tier in reversed(Tier)},
        "by_tier": {tier.id: states for tier, states in found.by_tier.items()},
        "abandoned": found.abandoned_total,
        "abandoned_by_tier": {tier.id: locales for tier, locales in found.abandoned.items()},
    }


def _counts(connection: Connection, now: float) -> Counts:
    by_tier: dict[Tier, dict[str, int]] = {tier: dict.fromkeys(OPEN, 0) for tier in reversed(Tier)}
    open_ones = (
        select(handoffs.c.tier, handoffs.c.state, func.count())
        .where(handoffs.c.state.in_(OPEN))
        .group_by(handoffs.c.tier, handoffs.c.state)
    )
    for tier, state, count in connection.execute(open_ones):
        by_tier[Tier(tier)][state] = count
    left = (
        select(handoffs.c.tier, conversations.c.locale, func.count())
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(
            handoffs.c.first_reply_at.is_(None),
            handoffs.c.state != "declined",
            handoffs.c.opened_at > now - 86_400.0,
            conversations.c.away_how.in_(["exit", "end"]),
        )
        .group_by(handoffs.c.tier, conversations.c.locale)
    )
    abandoned: dict[Tier, dict[str, int]] = {}
    for tier, locale, count in connection.execute(left):
        abandoned.setdefault(Tier(tier), {})[locale] = count
    return Counts(by_tier, abandoned)


# What a waiting young person is told


def position(connection: Connection, conversation_id: str, now: float | None = None) -> int | None:
    """Place in the queue, 1 for next; 1 too when somebody has taken the chat and is about to write. None outside of it."""
    moment = _clock(connection) if now is None else now
    mine = open_handoff(connection, conversation_id)
    if mine is None or mine.state == "live":
        return None
    return 1 if mine.state == "claimed" else 1 + _before(connection, mine, moment)


def wait_minutes(
    connection: Connection, conversation_id: str, now: float, people: Sequence[Hands] | None = None
) -> tuple[int, int] | None:
    """An honest range of minutes until a person writes; None when nobody can say.

    A conversation that is not in the queue is told what it would be if it joined now, at the end.

    Args:
        people: who is at the desk, where the caller knows already.
    """
    people = at_the_desk(connection, now) if people is None else people
    hands = sum(person.limit for person in people)
    if not hands:
        return None
    mine = open_handoff(connection, conversation_id)
    if mine is not None and mine.state == "claimed":
        return FREE_HANDS_WAIT
    if mine is not None and mine.set_aside_at is not None:
        return None  # nobody serves it until somebody takes it up again
    ahead = _waiting(connection) if mine is None else _before(connection, mine, now)
    wait = wait_range(ahead, free=sum(person.free for person in people), hands=hands, minutes=chat_minutes(connection, now))
    return wait if mine is None else _no_shorter(wait, mine.wait_quoted)


def _no_shorter(wait: tuple[int, int] | None, told: Sequence[int] | None) -> tuple[int, int] | None:
    """A wait that was told never shrinks back: hope that comes and goes is worse than a long wait."""
    return wait if wait is None or not told else (max(wait[0], told[0]), max(wait[1], told[1]))


def wait_range(ahead: int, *, free: int, hands: int, minutes: float) -> tuple[int, int] | None:
    """The range for somebody with `ahead` people before them.

    Args:
        free: how many chats could be taken at once.
        hands: how many chats are held at a time when all are busy; at least 1.
        minutes: how long a chat takes.
    """
    if ahead < free:
        return FREE_HANDS_WAIT
    expected = minutes * (ahead - free + 1) / hands
    low = max(5, 5 * math.floor(expected / 2 / 5))
    high = max(low + 5, 5 * math.ceil(expected * 1.25 / 5))
    return (low, high) if high <= LONGEST_QUOTED else None


def _clock(connection: Connection) -> float:
    """Seconds since the epoch by the database's clock, as `Store.now` tells it."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.execute(text("select extract(epoch from clock_timestamp())")).scalar_one())


def _waiting(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).where(*_IN_TURN)).scalar_one())


def _before(connection: Connection, mine: Row[Any], now: float) -> int:
    """How many wait before this one."""
    mine_band = band(Tier(mine.tier), now - mine.waiting_since)
    sooner = or_(
        _band(now) > mine_band,
        and_(_band(now) == mine_band, handoffs.c.waiting_since < mine.waiting_since),
        and_(_band(now) == mine_band, handoffs.c.waiting_since == mine.waiting_since, handoffs.c.id < mine.id),
    )
    return int(connection.execute(select(func.count()).where(*_IN_TURN, sooner)).scalar_one())


def chat_minutes(connection: Connection, now: float) -> float:
    """How long the latest chats took a counsellor, kept within bounds."""
    ended = (
        select(handoffs.c.first_reply_at, handoffs.c.closed_at)
        .where(handoffs.c.state == "closed", handoffs.c.first_reply_at.is_not(None), handoffs.c.closed_at > now - 86_400.0)
        .order_by(handoffs.c.closed_at.desc())
        .limit(RECENT_CHATS)
    )
    took = [(closed - first) / 60.0 for first, closed in connection.execute(ended)]
    low, high = CHAT_MINUTES_RANGE
    return min(high, max(low, sum(took) / len(took))) if took else CHAT_MINUTES
