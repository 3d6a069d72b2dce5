"""What time does to a handoff: nobody waits for a person who has gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.content import Content
from bot.handoff import records
from bot.handoff.claims import put_back
from bot.handoff.opening import LEFT_FOR_GOOD
from bot.handoff.staffing import STREAM_GONE
from bot.store.tables import conversations, handoffs, presence
from bot.triage.taxonomy import Tier

# Seconds from the claim to the first reply, and from an unanswered message in a live chat; contract.md.
# The policy may set others.
CLAIM_DEADLINE = {Tier.IMMEDIATE: 60.0, Tier.HIGH: 300.0, Tier.ELEVATED: 1800.0, Tier.NONE: 1800.0}
UNANSWERED_MOST = {Tier.IMMEDIATE: 60.0, Tier.HIGH: 180.0, Tier.ELEVATED: 180.0, Tier.NONE: 180.0}


def limits(deadlines: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """The policy's deadlines by tier: seconds from a claim to the first reply, and for an unanswered message.

    Args:
        deadlines: seconds by name, as the policy has them.
    """
    return {
        "claim": {tier.id: _claim_deadline(tier, deadlines) for tier in reversed(Tier)},
        "unanswered": {tier.id: _unanswered_most(tier, deadlines) for tier in reversed(Tier)},
    }


@dataclass(frozen=True, slots=True)
class Held:
    """A handoff that somebody holds, as the deadlines see it.

    Attributes:
        left: the young person left for good: no answer can reach them, so none is overdue.
        unanswered_since: seconds since the epoch; None while nothing is unanswered.
        holder_seen_at: the last sign of life of the holder's desk.
    """

    state: str
    tier: Tier
    left: bool
    claimed_at: float
    unanswered_since: float | None
    holder_seen_at: float


def overdue(held: Held, deadlines: Mapping[str, float], now: float) -> str | None:
    """Why a handoff goes back to its place now: claim_ran_out, unanswered or holder_gone; None while all is well.

    Args:
        deadlines: seconds by name, as the policy has them.
    """
    if held.state == "claimed" and not held.left and now - held.claimed_at > _claim_deadline(held.tier, deadlines):
        return "claim_ran_out"
    unanswered = held.state == "live" and not held.left and held.unanswered_since is not None
    if unanswered and now - (held.unanswered_since or now) > _unanswered_most(held.tier, deadlines):
        return "unanswered"
    return "holder_gone" if now - held.holder_seen_at > deadlines.get("stream_gone", STREAM_GONE) else None


def sweep(connection: Connection, content: Content, now: float) -> list[int]:
    """Puts back what is overdue. Doing it twice, or in two processes at once, changes nothing more.

    Returns:
        Ids of the handoffs that wait again.
    """
    deadlines = content.policy.deadlines
    back = []
    for row in _held(connection):
        if overdue(_as_held(row), deadlines, now) is None:
            continue
        # Whoever works on a conversation now shows that it is not forgotten; it is looked at again a second later.
        lock = select(conversations).where(conversations.c.id == row.conversation_id).with_for_update(skip_locked=True)
        conversation = connection.execute(lock).one_or_none()
        again = next(iter(_held(connection, row.id)), None)
        why = overdue(_as_held(again), deadlines, now) if again is not None else None
        if conversation is not None and why is not None:
            put_back(connection, conversation, records.get(connection, row.id), why, now=now, content=content)
            back.append(int(row.id))
    return back


def _held(connection: Connection, handoff_id: int | None = None) -> list[Row[Any]]:
    query = (
        select(handoffs, conversations.c.away_how, presence.c.stream_seen_at)
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .join(presence, presence.c.staff_id == handoffs.c.claimed_by, isouter=True)
        .where(handoffs.c.state.in_(records.HELD))
        .order_by(handoffs.c.id)
    )
    return list(connection.execute(query if handoff_id is None else query.where(handoffs.c.id == handoff_id)))


def _as_held(row: Row[Any]) -> Held:
    return Held(
        state=row.state,
        tier=Tier(row.tier),
        left=row.away_how in LEFT_FOR_GOOD,
        claimed_at=row.claimed_at,
        unanswered_since=row.unanswered_since,
        holder_seen_at=max(row.stream_seen_at or 0.0, row.claimed_at, row.last_reply_at or 0.0),
    )


def _claim_deadline(tier: Tier, deadlines: Mapping[str, float]) -> float:
    name = f"claim_{max(tier, Tier.ELEVATED).id}"
    return deadlines.get(name, CLAIM_DEADLINE[tier])


def _unanswered_most(tier: Tier, deadlines: Mapping[str, float]) -> float:
    name = "live_unanswered_immediate" if tier is Tier.IMMEDIATE else "live_unanswered"
    return deadlines.get(name, UNANSWERED_MOST[tier])
