"""Ending a handoff, and changing how urgent it is: what was heard before either counts no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from bot.content import Content
from bot.errors import BadRequest, Conflict
from bot.handoff import after, emergency, journal, legal, records, rest
from bot.handoff.claims import drop_offer, held, leave_rest_to_bot
from bot.handoff.lines import Line, tell
from bot.handoff.opening import mode_without_person
from bot.store.tables import assessments, conversations, messages
from bot.triage.risk import RiskEvent
from bot.triage.taxonomy import Tier

UNREAD = 10.0  # seconds in which a new message may not have been read yet
MAX_REASON = 500  # characters


def close(
    connection: Connection,
    handoff_id: int,
    staff_id: int,
    *,
    outcome: Mapping[str, Any],
    now: float,
    content: Content,
    supervisor: bool = False,
) -> None:
    """Closes a chat with its outcome; the bot is back, unless the young person ended or erased the conversation.

    A chat that somebody asked to erase is erased now: a person has looked at it. On a legal hold it waits for its end.

    Args:
        supervisor: may close any open chat, one that waits too.

    Raises:
        Conflict: it is closed already; or something serious was written that cannot have been read yet.
        HandrailError: what `bot.handoff.claims.held` raises.
    """
    conversation, handoff = _to_end(connection, handoff_id, staff_id, now, supervisor)
    _end(connection, conversation, handoff, staff_id, outcome, now)
    erase = conversation.erase_asked_at is not None or handoff.erase_asked_at is not None
    if erase and legal.of(connection, conversation.id) is None:
        journal.record_audit(connection, staff_id, "erase", f"handoff:{handoff_id}", now)
        connection.execute(delete(conversations).where(conversations.c.id == conversation.id))
        return
    if handoff.state == "live":  # the person's silence is their answer to what came last
        query = select(conversations.c.seq).where(conversations.c.id == conversation.id)
        seq = connection.execute(query).scalar_one()
        done = {"turn_upto_seq": seq, "turn_due_at": None, "turn_since": None, "lease_until": None}
        records.set_conversation(connection, conversation.id, **done)
    _tell_end(connection, conversation, handoff, now, content)
    if handoff.state == "live":
        after.ask(connection, conversation, content, now)


def return_to_bot(
    connection: Connection,
    handoff_id: int,
    staff_id: int,
    *,
    now: float,
    content: Content,
    supervisor: bool = False,
) -> None:
    """Hands the chat back to the bot, which answers what is still unanswered. Raises what `close` raises."""
    conversation, handoff = _to_end(connection, handoff_id, staff_id, now, supervisor)
    _end(connection, conversation, handoff, staff_id, {"outcome": "returned_to_bot"}, now)
    if handoff.state == "live":
        leave_rest_to_bot(connection, conversation, handoff, now)
    _tell_end(connection, conversation, handoff, now, content)


def change_tier(connection: Connection, handoff_id: int, staff_id: int, tier: Tier, reason: str, *, now: float) -> None:
    """Raises a tier, or lowers it with a reason; both are logged. What was heard before a lowering counts no more.

    Raises:
        BadRequest: a lowering without a reason.
        Conflict: it is not open any more; or something serious was written that cannot have been read yet.
    """
    conversation, handoff = records.locked(connection, handoff_id)
    if handoff.state not in records.OPEN:
        raise Conflict("This chat is closed.")
    if tier == handoff.tier:
        return
    why = reason.strip()[:MAX_REASON]
    lowered = tier < handoff.tier
    if lowered and not why:
        raise BadRequest("Lowering a tier needs a reason.")
    if lowered:
        _refuse_while_unread(connection, conversation, handoff, now)
        by = records.staff_name(connection, staff_id) or ""
        event = RiskEvent.lowered(seq=conversation.seq, at=now, tier=tier, by=by)
        journal.record_risk(connection, conversation.id, event)
    records.set_handoff(connection, handoff_id, tier=int(tier))
    kind = "lowered" if lowered else "raised"
    detail = {"from": Tier(handoff.tier).id, "tier": tier.id, "reason": why}
    journal.note(connection, handoff_id, kind, now, staff_id=staff_id, detail=detail)
    journal.record_audit(connection, staff_id, kind, f"handoff:{handoff_id}", now, why or None)
    journal.changed(connection, conversation.id)


def _to_end(
    connection: Connection, handoff_id: int, staff_id: int, now: float, supervisor: bool
) -> tuple[Row[Any], Row[Any]]:
    conversation, handoff = records.locked(connection, handoff_id)
    if handoff.state not in records.OPEN:
        raise Conflict("This chat is closed.")
    if not (supervisor and handoff.state == "waiting"):
        held(connection, handoff_id, staff_id, supervisor=supervisor)
    _refuse_while_unread(connection, conversation, handoff, now)
    emergency.insist_confirmed(connection, handoff_id, supervisor=supervisor)
    return conversation, handoff


def _end(
    connection: Connection,
    conversation: Row[Any],
    handoff: Row[Any],
    staff_id: int,
    outcome: Mapping[str, Any],
    now: float,
) -> None:
    drop_offer(connection, handoff.id)
    rest.begin(connection, handoff, now)
    by = records.staff_name(connection, staff_id) or ""
    journal.record_risk(connection, conversation.id, RiskEvent.closed(seq=conversation.seq, at=now, by=by))
    records.set_handoff(
        connection, handoff.id, state="closed", closed_at=now, closed_by=staff_id, outcome=dict(outcome), unanswered_since=None
    )
    mode = mode_without_person(conversation)
    records.set_conversation(connection, conversation.id, mode=mode, person_typing_until=None)
    detail = {key: value for key, value in outcome.items() if value}
    journal.note(connection, handoff.id, "closed", now, staff_id=staff_id, detail=detail)
    journal.record_audit(connection, staff_id, "close", f"handoff:{handoff.id}", now)
    journal.changed(connection, conversation.id)


def _tell_end(connection: Connection, conversation: Row[Any], handoff: Row[Any], now: float, content: Content) -> None:
    if mode_without_person(conversation) == "closed":
        return
    line = Line.GONE if handoff.state == "live" else Line.WITH_BOT
    tell(connection, conversation, line, name=records.staff_name(connection, handoff.claimed_by), now=now, content=content)


def _refuse_while_unread(connection: Connection, conversation: Row[Any], handoff: Row[Any], now: float) -> None:
    """What crosses the press must not be taken back by it: it would count as dealt with, and nobody would come."""
    if handoff.state != "live":
        return
    last_answer = (
        select(func.coalesce(func.max(messages.c.seq), 0))
        .where(messages.c.conversation_id == conversation.id, messages.c.sender == "counsellor")
        .scalar_subquery()
    )
    serious = select(assessments.c.message_id).where(
        assessments.c.conversation_id == conversation.id,
        assessments.c.tier >= int(Tier.HIGH),
        assessments.c.at > now - UNREAD,
        assessments.c.seq > last_answer,
    )
    if connection.execute(serious.limit(1)).first() is not None:
        raise Conflict("They just wrote something serious. Read it first, then press again.")
