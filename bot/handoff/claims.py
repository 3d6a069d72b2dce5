"""Taking a handoff, passing it on, putting it back at its old place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.content import Content
from bot.errors import BadRequest, Conflict, HandrailError, NotAllowed
from bot.handoff import journal, records
from bot.handoff.lines import Line, tell
from bot.handoff.staffing import TAKES_CHATS
from bot.store.tables import handoffs, messages, offers, presence, staff


def accept(connection: Connection, handoff_id: int, staff_id: int, now: float) -> None:
    """Takes a waiting handoff; of several who press at once, one wins. Whoever has it already keeps it.

    From here on an answer that the bot was still working on is thrown away.

    Raises:
        Conflict: somebody else has it (`holder`, `claimed_by` and `claimed_at` in the error), or it is not open any more.
        NotFound: there is no such handoff.
    """
    conversation, handoff = records.locked(connection, handoff_id)
    take = (
        update(handoffs)
        .where(handoffs.c.id == handoff_id, handoffs.c.state == "waiting")
        .values(state="claimed", claimed_by=staff_id, claimed_at=now, unanswered_since=None, set_aside_at=None)
    )
    if connection.execute(take).rowcount != 1:
        if handoff.state in records.HELD and handoff.claimed_by == staff_id:
            return
        raise _taken(connection, handoff)
    records.set_conversation(connection, conversation.id, turn_no=conversation.turn_no + 1, lease_until=None)
    seen(connection, staff_id, now)
    journal.note(connection, handoff_id, "accepted", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, "accept", f"handoff:{handoff_id}", now)
    journal.changed(connection, conversation.id)


def release(connection: Connection, handoff_id: int, staff_id: int, *, now: float, content: Content) -> None:
    """Puts a held handoff back at its old place. Raises what `held` raises."""
    conversation, handoff = held(connection, handoff_id, staff_id)
    put_back(connection, conversation, handoff, "released", now=now, content=content)
    journal.record_audit(connection, staff_id, "release", f"handoff:{handoff_id}", now)


def transfer(
    connection: Connection,
    handoff_id: int,
    staff_id: int,
    to: int,
    *,
    now: float,
    content: Content,
    supervisor: bool = False,
) -> None:
    """Gives a held handoff to another person, who then has the time of a new claim to write.

    Args:
        to: staff id.
        supervisor: may pass on any held chat, to themselves too.

    Raises:
        BadRequest: the other one cannot take chats.
        HandrailError: what `held` raises.
    """
    conversation, handoff = held(connection, handoff_id, staff_id, supervisor=supervisor)
    other = connection.execute(select(staff).where(staff.c.id == to)).one_or_none()
    if other is None or other.disabled_at is not None or other.role not in TAKES_CHATS or to == handoff.claimed_by:
        raise BadRequest("There is nobody of that name who can take it.")
    drop_offer(connection, handoff_id)
    _take_person_out(connection, conversation, handoff, now, content)
    records.set_handoff(connection, handoff_id, state="claimed", claimed_by=to, claimed_at=now, unanswered_since=None)
    journal.note(connection, handoff_id, "transferred", now, staff_id=staff_id, detail={"to": other.name})
    journal.note(connection, handoff_id, "accepted", now, staff_id=to)
    journal.record_audit(connection, staff_id, "transfer", f"handoff:{handoff_id}", now)
    journal.changed(connection, conversation.id)


def put_back(
    connection: Connection, conversation: Row[Any], handoff: Row[Any], why: str, *, now: float, content: Content
) -> None:
    """Claimed or live → waiting at its old place: `waiting_since` stays. Whoever was spoken to is told.

    Args:
        why: kind of the line in the history: released, claim_ran_out, unanswered or holder_gone.
    """
    drop_offer(connection, handoff.id)
    _take_person_out(connection, conversation, handoff, now, content)
    records.set_handoff(connection, handoff.id, state="waiting", claimed_by=None, claimed_at=None, unanswered_since=None)
    journal.note(connection, handoff.id, why, now, staff_id=handoff.claimed_by)
    journal.changed(connection, conversation.id)


def held(
    connection: Connection, handoff_id: int, staff_id: int, *, supervisor: bool = False
) -> tuple[Row[Any], Row[Any]]:
    """The locked conversation and the handoff that this person holds; any held one for a supervisor.

    Raises:
        NotAllowed: somebody else has it; `holder` in the error names them.
        Conflict: nobody has it any more.
        NotFound: there is no such handoff.
    """
    conversation, handoff = records.locked(connection, handoff_id)
    if handoff.state not in records.HELD or (handoff.claimed_by != staff_id and not supervisor):
        raise _not_yours(connection, handoff)
    return conversation, handoff


def seen(connection: Connection, staff_id: int, now: float) -> None:
    """A sign of life of somebody's desk."""
    alive = update(presence).where(presence.c.staff_id == staff_id).values(stream_seen_at=now)
    if connection.execute(alive).rowcount == 0:
        connection.execute(insert(presence).values(staff_id=staff_id, state="off", since=now, stream_seen_at=now))


def drop_offer(connection: Connection, handoff_id: int) -> None:
    """An offer to a colleague ends with whatever else happens to the chat."""
    connection.execute(delete(offers).where(offers.c.handoff_id == handoff_id))


def leave_rest_to_bot(connection: Connection, conversation: Row[Any], handoff: Row[Any], now: float) -> None:
    """What the young person wrote since the person's last words is the bot's to answer, now."""
    query = select(func.max(messages.c.seq)).where(messages.c.conversation_id == conversation.id)
    last = connection.execute(query).scalar_one_or_none() or 0
    last_answer = connection.execute(query.where(messages.c.sender == "counsellor")).scalar_one_or_none() or 0
    unanswered = handoff.unanswered_since is not None
    records.set_conversation(
        connection,
        conversation.id,
        turn_upto_seq=last_answer if unanswered else last,
        turn_due_at=now if unanswered else None,
        turn_since=now if unanswered else None,
        lease_until=None,
    )


def _take_person_out(
    connection: Connection, conversation: Row[Any], handoff: Row[Any], now: float, content: Content
) -> None:
    """A live chat has no person for now: the young person is told, and the bot answers again."""
    records.set_conversation(connection, conversation.id, person_typing_until=None)
    if handoff.state != "live":
        return
    records.set_conversation(connection, conversation.id, mode="waiting")
    # What is unanswered is told apart before the line is written, so that the line stands after it.
    leave_rest_to_bot(connection, conversation, handoff, now)
    name = records.staff_name(connection, handoff.claimed_by)
    tell(connection, conversation, Line.BACK_IN_QUEUE, name=name, now=now, content=content)


def _taken(connection: Connection, handoff: Row[Any]) -> Conflict:
    name = records.holder_name(connection, handoff)
    if name is None:
        return Conflict("This chat is not waiting any more.", holder=None)
    return Conflict(f"{name} has this chat.", holder=name, claimed_by=name, claimed_at=handoff.claimed_at)


def _not_yours(connection: Connection, handoff: Row[Any]) -> HandrailError:
    name = records.holder_name(connection, handoff)
    if name is not None:
        return NotAllowed(f"{name} has this chat.", holder=name)
    if handoff.state == "waiting":
        return Conflict("This chat is in the queue. Accept it first.")
    return Conflict("They said “not now”." if handoff.state == "declined" else "This chat is closed.")
