"""What happens to a handoff, as the table in contract.md says: every step is one function in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, text, update

from bot.content import Content
from bot.content.staffing import Staffing
from bot.errors import BadRequest, Conflict, NotAllowed, NotFound
from bot.handoff import journal
from bot.handoff.staffing import STREAM_GONE
from bot.store import transcript
from bot.store.database import signal
from bot.store.tables import OPEN_HANDOFF, conversations, handoffs, presence, risk_events, staff
from bot.triage.risk import Risk, RiskEvent, fold
from bot.triage.taxonomy import Tier

# Seconds from the claim to the first reply, and from an unanswered message in a live chat; contract.md.
CLAIM_DEADLINE = {Tier.IMMEDIATE: 60.0, Tier.HIGH: 300.0, Tier.ELEVATED: 1800.0, Tier.NONE: 1800.0}
UNANSWERED_MOST = {Tier.IMMEDIATE: 60.0, Tier.HIGH: 180.0, Tier.ELEVATED: 180.0, Tier.NONE: 180.0}


@dataclass(frozen=True, slots=True)
class HandoffChange:
    """What a new risk did: the open handoff's id, if there is one, and whether it was opened or raised by it."""

    handoff_id: int | None
    opened: bool = False
    raised: bool = False


# -- what the chat does


def apply_risk(connection: Connection, conversation_id: str, risk: Risk, now: float) -> HandoffChange:
    """Opens a handoff when one is due; when one is open, its tier may rise and its reasons follow."""
    row = open_handoff(connection, conversation_id)
    if row is None:
        if not risk.due:
            return HandoffChange(None)
        return HandoffChange(_open(connection, conversation_id, risk, now, risk.due_cause), opened=True)
    reasons = [reason.to_dict() for reason in risk.reasons]
    raised = risk.tier > row.tier
    if raised or reasons != row.reasons or dict(risk.facts) != row.facts:
        connection.execute(
            update(handoffs)
            .where(handoffs.c.id == row.id)
            .values(tier=max(int(risk.tier), row.tier), reasons=reasons, facts=_plain(risk), assessed=risk.assessed.value)
        )
        if raised:
            journal.note(connection, row.id, "raised", now, detail={"tier": risk.tier.id, "by": "triage"})
        journal.changed(connection, conversation_id)
    return HandoffChange(row.id, raised=raised)


def open_now(connection: Connection, conversation_id: str, now: float, *, cause: str) -> HandoffChange:
    """Opens a handoff whatever the risk says, unless one is open."""
    row = open_handoff(connection, conversation_id)
    if row is not None:
        return HandoffChange(row.id)
    return HandoffChange(_open(connection, conversation_id, _risk(connection, conversation_id), now, cause), opened=True)


def decline(connection: Connection, conversation_id: str, now: float) -> bool:
    """The young person wants no person now. At `immediate` that is recorded and changes nothing: False."""
    row = open_handoff(connection, conversation_id)
    event = RiskEvent.declined(seq=journal.last_seq(connection, conversation_id), at=now)
    if row is not None and (row.tier >= Tier.IMMEDIATE or row.state == "live"):
        journal.record_risk(connection, conversation_id, event)
        journal.note(connection, row.id, "asked_not_now", now)
        return False
    journal.record_risk(connection, conversation_id, event)
    if row is not None:
        connection.execute(update(handoffs).where(handoffs.c.id == row.id).values(state="declined", declined_at=now))
        journal.note(connection, row.id, "declined", now)
        _mode(connection, conversation_id, "bot")
        journal.changed(connection, conversation_id)
    return True


def note_away(connection: Connection, conversation_id: str, how: str, now: float) -> None:
    """Flags that the young person left; the handoff stays where it is."""
    connection.execute(
        update(conversations).where(conversations.c.id == conversation_id).values(away_since=now, away_how=how)
    )
    row = open_handoff(connection, conversation_id)
    if row is not None:
        journal.note(connection, row.id, f"left_{how}", now)
    journal.changed(connection, conversation_id)


def note_message(connection: Connection, conversation_id: str, now: float) -> None:
    """The young person wrote: in a live chat the clock of the unanswered starts, and the desk is told."""
    connection.execute(
        update(handoffs)
        .where(handoffs.c.conversation_id == conversation_id, handoffs.c.state == "live", handoffs.c.unanswered_since.is_(None))
        .values(unanswered_since=now)
    )
    signal(connection, "desk", conversation_id)


def note_wait_quoted(connection: Connection, conversation_id: str, wait: tuple[int, int] | None) -> None:
    """Remembers the wait that the young person was told, for the brief."""
    if wait is not None:
        mine = (handoffs.c.conversation_id == conversation_id) & text(OPEN_HANDOFF)
        connection.execute(update(handoffs).where(mine).values(wait_quoted=list(wait)))


def ask_erase(connection: Connection, conversation_id: str, now: float) -> None:
    """Marks the open handoff "erase asked, perhaps not by them"; a person decides by closing it."""
    row = open_handoff(connection, conversation_id)
    if row is not None:
        connection.execute(update(handoffs).where(handoffs.c.id == row.id).values(erase_asked_at=now))
        journal.note(connection, row.id, "erase_asked", now)
        journal.changed(connection, conversation_id)


# -- what the desk does


def accept(connection: Connection, handoff_id: int, staff_id: int, now: float) -> None:
    """Claims a waiting handoff. A late answer of the engine is void from here on.

    Raises:
        Conflict: somebody else has it; `holder` in the error names them.
        NotFound: there is no such handoff.
    """
    claimed = connection.execute(
        update(handoffs)
        .where(handoffs.c.id == handoff_id, handoffs.c.state == "waiting")
        .values(state="claimed", claimed_by=staff_id, claimed_at=now, first_reply_at=None, unanswered_since=None)
    ).rowcount
    row = get(connection, handoff_id)
    if claimed != 1:
        if row.claimed_by == staff_id and row.state in {"claimed", "live"}:
            return
        name = holder_name(connection, row)
        words = f"{name} has this chat." if name else "This chat is not waiting any more."
        raise Conflict(words, holder=name)
    connection.execute(
        update(conversations)
        .where(conversations.c.id == row.conversation_id)
        .values(turn_no=conversations.c.turn_no + 1, lease_until=None)
    )
    seen(connection, staff_id, now)
    journal.note(connection, handoff_id, "accepted", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, "accept", f"handoff:{handoff_id}", now)
    journal.changed(connection, row.conversation_id)


def send(
    connection: Connection, handoff_id: int, staff_id: int, *, client_id: str, text: str, now: float, content: Content
) -> int:
    """Sends a person's message, stored once for its client id; the first one makes the chat live and stops the bot.

    Returns:
        The message's sequence number.

    Raises:
        NotAllowed: this person does not hold the chat.
        Conflict: the same client id came with another text.
    """
    row = held_by(connection, handoff_id, staff_id)
    before = transcript.message_with_client_id(connection, row.conversation_id, client_id)
    if before is not None:
        if before.text != text:
            raise Conflict("Another message was already sent with this id.")
        return int(before.seq)
    transcript.lock(connection, row.conversation_id)
    if row.state == "claimed":
        _say(connection, content, row.conversation_id, "utter_person_joined", now, person=holder_name(connection, row))
        journal.note(connection, handoff_id, "live", now, staff_id=staff_id)
    seq = transcript.append(
        connection, row.conversation_id, sender="counsellor", text=text, now=now, client_id=client_id, staff_id=staff_id
    )
    connection.execute(
        update(handoffs)
        .where(handoffs.c.id == handoff_id)
        .values(state="live", first_reply_at=row.first_reply_at or now, last_reply_at=now, unanswered_since=None)
    )
    connection.execute(
        update(conversations)
        .where(conversations.c.id == row.conversation_id)
        .values(mode="live", turn_due_at=None, turn_since=None, lease_until=None, turn_upto_seq=seq, person_typing_until=None)
    )
    seen(connection, staff_id, now)
    if row.state == "claimed":
        journal.changed(connection, row.conversation_id)
    signal(connection, "desk", row.conversation_id)
    return seq


def release(connection: Connection, handoff_id: int, staff_id: int, *, now: float, content: Content) -> None:
    """Puts a chat back to its old place. Raises `NotAllowed` unless this person holds it."""
    row = held_by(connection, handoff_id, staff_id)
    _back_to_queue(connection, content, row, now, "released", staff_id)
    journal.record_audit(connection, staff_id, "release", f"handoff:{handoff_id}", now)


def transfer(connection: Connection, handoff_id: int, staff_id: int, to: int, *, now: float, content: Content) -> None:
    """Gives a held chat to another person, who then has the time of a new claim to write."""
    row = held_by(connection, handoff_id, staff_id)
    if row.state == "live":
        _say(connection, content, row.conversation_id, "utter_person_left", now, person=holder_name(connection, row))
    connection.execute(
        update(handoffs)
        .where(handoffs.c.id == handoff_id)
        .values(state="claimed", claimed_by=to, claimed_at=now, unanswered_since=None)
    )
    _mode(connection, row.conversation_id, "waiting")
    journal.note(connection, handoff_id, "transferred", now, staff_id=staff_id, detail={"to": to})
    journal.record_audit(connection, staff_id, "transfer", f"handoff:{handoff_id}", now)
    journal.changed(connection, row.conversation_id)


def change_tier(connection: Connection, handoff_id: int, staff_id: int, tier: Tier, reason: str, *, now: float) -> None:
    """Raises a tier, or lowers it with a reason. Raises `BadRequest` for a lowering without one."""
    row = get(connection, handoff_id)
    if row.state not in {"waiting", "claimed", "live"}:
        raise Conflict("This chat is closed.")
    if tier == row.tier:
        return
    lowered = tier < row.tier
    if lowered and not reason.strip():
        raise BadRequest("Lowering a tier needs a reason.")
    if lowered:
        seq = journal.last_seq(connection, row.conversation_id)
        event = RiskEvent.lowered(seq=seq, at=now, tier=tier, by=str(staff_id))
        journal.record_risk(connection, row.conversation_id, event)
    connection.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(tier=int(tier)))
    detail = {"tier": tier.id, "from": Tier(row.tier).id, "reason": reason}
    kind = "lowered" if lowered else "raised"
    journal.note(connection, handoff_id, kind, now, staff_id=staff_id, detail=detail)
    journal.record_audit(connection, staff_id, kind, f"handoff:{handoff_id}", now, reason or None)
    journal.changed(connection, row.conversation_id)


def close(
    connection: Connection, handoff_id: int, staff_id: int, *, outcome: dict[str, Any], now: float, content: Content
) -> None:
    """Closes a chat with its outcome; the bot is back, unless the young person ended or erased the conversation.

    Raises:
        Conflict: it is closed already.
    """
    row = get(connection, handoff_id)
    if row.state in {"closed", "declined"}:
        raise Conflict("This chat is closed.")
    conversation = transcript.lock(connection, row.conversation_id)
    assert conversation is not None
    connection.execute(
        update(handoffs)
        .where(handoffs.c.id == handoff_id)
        .values(state="closed", closed_at=now, closed_by=staff_id, outcome=outcome, unanswered_since=None)
    )
    event = RiskEvent.closed(seq=conversation.seq, at=now, by=str(staff_id))
    journal.record_risk(connection, row.conversation_id, event)
    journal.note(connection, handoff_id, "closed", now, staff_id=staff_id, detail=outcome)
    journal.record_audit(connection, staff_id, "close", f"handoff:{handoff_id}", now)
    over = conversation.ended_at is not None or conversation.erase_asked_at is not None
    _mode(connection, row.conversation_id, "closed" if over else "bot", urgency=0)
    if not over:
        _say(connection, content, row.conversation_id, "utter_returned_to_bot", now, person=holder_name(connection, row))
    journal.changed(connection, row.conversation_id)
    if conversation.erase_asked_at is not None:
        connection.execute(delete(conversations).where(conversations.c.id == row.conversation_id))


# -- what time does


def sweep(connection: Connection, content: Content, now: float) -> None:
    """Returns to their old places the claims that ran out, the live chats nobody answers, and those whose holder is gone."""
    rows = connection.execute(
        select(handoffs, presence.c.stream_seen_at)
        .join_from(handoffs, presence, handoffs.c.claimed_by == presence.c.staff_id, isouter=True)
        .where(handoffs.c.state.in_(["claimed", "live"]))
    ).all()
    for row in rows:
        tier = Tier(row.tier)
        last_seen = max(row.stream_seen_at or 0.0, row.claimed_at or 0.0, row.last_reply_at or 0.0)
        if row.state == "claimed" and now - row.claimed_at > CLAIM_DEADLINE[tier]:
            _back_to_queue(connection, content, row, now, "claim_ran_out", None)
        elif row.state == "live" and row.unanswered_since and now - row.unanswered_since > UNANSWERED_MOST[tier]:
            _back_to_queue(connection, content, row, now, "unanswered", None)
        elif now - last_seen > STREAM_GONE:
            _back_to_queue(connection, content, row, now, "holder_gone", None)


# -- looking


def get(connection: Connection, handoff_id: int) -> Row[Any]:
    """The handoff; raises `NotFound`."""
    row = connection.execute(select(handoffs).where(handoffs.c.id == handoff_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such chat. It may have been erased.")
    return row


def open_handoff(connection: Connection, conversation_id: str) -> Row[Any] | None:
    query = select(handoffs).where(handoffs.c.conversation_id == conversation_id, text(OPEN_HANDOFF))
    return connection.execute(query).one_or_none()


def held_by(connection: Connection, handoff_id: int, staff_id: int) -> Row[Any]:
    """The handoff, when this person holds it; raises `NotAllowed` otherwise."""
    row = get(connection, handoff_id)
    if row.claimed_by != staff_id or row.state not in {"claimed", "live"}:
        name = holder_name(connection, row) if row.state in {"claimed", "live"} else None
        raise NotAllowed(f"{name} has this chat." if name else "You do not hold this chat. Accept it first.", holder=name)
    return row


def holder_name(connection: Connection, row: Row[Any]) -> str | None:
    if row.claimed_by is None:
        return None
    return connection.execute(select(staff.c.name).where(staff.c.id == row.claimed_by)).scalar_one_or_none()


def seen(connection: Connection, staff_id: int, now: float) -> None:
    """A sign of life of somebody's desk."""
    connection.execute(update(presence).where(presence.c.staff_id == staff_id).values(stream_seen_at=now))


# -- below


def _open(connection: Connection, conversation_id: str, risk: Risk, now: float, cause: str) -> int:
    handoff_id = connection.execute(
        handoffs.insert()
        .values(
            conversation_id=conversation_id,
            state="waiting",
            tier=int(risk.tier),
            assessed=risk.assessed.value,
            cause=cause or "cue",
            opened_at=now,
            waiting_since=now,
            reasons=[reason.to_dict() for reason in risk.reasons],
            facts=_plain(risk),
        )
        .returning(handoffs.c.id)
    ).scalar_one()
    _mode(connection, conversation_id, "waiting")
    journal.note(connection, handoff_id, "opened", now, detail={"cause": cause, "tier": risk.tier.id})
    journal.changed(connection, conversation_id)
    return int(handoff_id)


def _back_to_queue(
    connection: Connection, content: Content, row: Row[Any], now: float, why: str, staff_id: int | None
) -> None:
    done = connection.execute(
        update(handoffs)
        .where(handoffs.c.id == row.id, handoffs.c.state == row.state, handoffs.c.claimed_by == row.claimed_by)
        .values(state="waiting", claimed_by=None, claimed_at=None, unanswered_since=None)
    ).rowcount
    if done != 1:
        return
    _mode(connection, row.conversation_id, "waiting")
    if row.state == "live":
        _say(connection, content, row.conversation_id, "utter_person_left", now, person=holder_name(connection, row))
    journal.note(connection, row.id, why, now, staff_id=staff_id or row.claimed_by)
    journal.changed(connection, row.conversation_id)


def _say(
    connection: Connection, content: Content, conversation_id: str, text_id: str, now: float, *, person: str | None
) -> None:
    """A line about who holds the conversation, as its own message."""
    rendered = content.render(text_id, staffing=Staffing.ON_DUTY, country=None, now=now, person=person)
    for bubble in rendered.bubbles:
        transcript.append(connection, conversation_id, sender="system", text=bubble, now=now, text_id=text_id)


def _mode(connection: Connection, conversation_id: str, mode: str, **more: Any) -> None:
    connection.execute(
        update(conversations).where(conversations.c.id == conversation_id).values(mode=mode, person_typing_until=None, **more)
    )


def _risk(connection: Connection, conversation_id: str) -> Risk:
    rows = connection.execute(
        select(risk_events.c.data).where(risk_events.c.conversation_id == conversation_id).order_by(risk_events.c.id)
    ).scalars()
    return fold([RiskEvent.from_dict(row) for row in rows])


def _plain(risk: Risk) -> dict[str, Any]:
    return {fact: dict(known) for fact, known in risk.facts.items()}
