"""Passing a chat on while the young person keeps a person: offered to a colleague by name, or taken over by a supervisor.

An offer changes nothing by itself. The holder keeps the chat, and the other one reads the card, the words and the notes;
only when they take it does it change hands, so nobody is left between two people.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from bot.content import Content
from bot.errors import BadRequest, Conflict
from bot.handoff import journal, records
from bot.handoff.claims import accept, drop_offer, held
from bot.handoff.lines import Line, tell
from bot.handoff.staffing import TAKES_CHATS, at_the_desk
from bot.store.database import signal
from bot.store.tables import offers, staff


def offer(
    connection: Connection, handoff_id: int, staff_id: int, to: str, *, now: float, supervisor: bool = False
) -> None:
    """Offers a held chat to a colleague; a new offer takes the place of an older one.

    Args:
        to: the colleague's name.
        supervisor: may offer any held chat.

    Raises:
        BadRequest: nobody of that name is on shift with an open desk, or they have the chat already.
        HandrailError: what `bot.handoff.claims.held` raises.
    """
    conversation, handoff = held(connection, handoff_id, staff_id, supervisor=supervisor)
    here = {person.staff_id for person in at_the_desk(connection, now)}
    other = connection.execute(select(staff).where(staff.c.name == to.strip())).one_or_none()
    if other is None or other.id not in here or other.id == handoff.claimed_by:
        raise BadRequest("Nobody of that name is on shift and could take it.")
    drop_offer(connection, handoff_id)
    connection.execute(insert(offers).values(handoff_id=handoff_id, from_id=staff_id, to_id=other.id, at=now))
    journal.note(connection, handoff_id, "offered", now, staff_id=staff_id, detail={"to": other.name})
    journal.record_audit(connection, staff_id, "offer", f"handoff:{handoff_id}", now)
    journal.changed(connection, conversation.id)


def withdraw(connection: Connection, handoff_id: int, staff_id: int, *, now: float, supervisor: bool = False) -> None:
    """Takes an offer back; whoever it was made to may refuse it the same way.

    Raises:
        Conflict: there is no offer of theirs, or to them.
    """
    conversation, _handoff = records.locked(connection, handoff_id)
    made = of(connection, handoff_id)
    if made is None or (staff_id not in (made.from_id, made.to_id) and not supervisor):
        raise Conflict("There is no such offer any more.")
    drop_offer(connection, handoff_id)
    refused = staff_id == made.to_id
    journal.note(connection, handoff_id, "offer_refused" if refused else "offer_withdrawn", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, "offer_refused" if refused else "offer_withdrawn", f"handoff:{handoff_id}", now)
    journal.changed(connection, conversation.id)


def of(connection: Connection, handoff_id: int) -> Row[Any] | None:
    """The offer of a chat: `from_id`, `to_id`, `at`, and both names; None when there is none."""
    giver, taker = staff.alias("giver"), staff.alias("taker")
    query = (
        select(offers, giver.c.name.label("from_name"), taker.c.name.label("to_name"))
        .join(giver, giver.c.id == offers.c.from_id)
        .join(taker, taker.c.id == offers.c.to_id)
    )
    return connection.execute(query.where(offers.c.handoff_id == handoff_id)).one_or_none()


def take_offered(connection: Connection, handoff_id: int, staff_id: int, *, now: float, content: Content) -> bool:
    """Takes a chat that was offered to this person. False when none was: then it is a matter of `accept`."""
    conversation, handoff = records.locked(connection, handoff_id)
    made = of(connection, handoff_id)
    if made is None or made.to_id != staff_id or handoff.state not in records.HELD:
        return False
    _change_hands(connection, conversation, handoff, staff_id, now=now, content=content)
    journal.note(connection, handoff_id, "accepted", now, staff_id=staff_id, detail={"from": made.from_name})
    journal.record_audit(connection, staff_id, "accept_offer", f"handoff:{handoff_id}", now)
    return True


def take_over(connection: Connection, handoff_id: int, staff_id: int, *, now: float, content: Content) -> None:
    """A supervisor takes a chat in one press, whoever has it; one that waits is accepted.

    Raises:
        Conflict: it is not open, or they have it already.
    """
    conversation, handoff = records.locked(connection, handoff_id)
    if handoff.state == "waiting":
        accept(connection, handoff_id, staff_id, now)
        return
    if handoff.state not in records.HELD:
        raise Conflict("This chat is closed.")
    if handoff.claimed_by == staff_id:
        raise Conflict("You have this chat.")
    role = connection.execute(select(staff.c.role).where(staff.c.id == staff_id)).scalar_one_or_none()
    if role not in TAKES_CHATS:
        raise BadRequest("Your role takes no chats.")
    before = records.staff_name(connection, handoff.claimed_by)
    _change_hands(connection, conversation, handoff, staff_id, now=now, content=content)
    journal.note(connection, handoff_id, "taken_over", now, staff_id=staff_id, detail={"from": before})
    journal.note(connection, handoff_id, "accepted", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, "take_over", f"handoff:{handoff_id}", now)


def _change_hands(
    connection: Connection, conversation: Row[Any], handoff: Row[Any], staff_id: int, *, now: float, content: Content
) -> None:
    """A live chat stays live, the young person is told, and the new holder has the time of an unanswered message to write."""
    drop_offer(connection, handoff.id)
    records.set_conversation(connection, conversation.id, person_typing_until=None)
    since = handoff.unanswered_since
    if handoff.state == "live":
        # From the press on: whoever takes over reads first, and must not lose the chat for time that somebody else used.
        since = now
        name = records.staff_name(connection, staff_id)
        tell(connection, conversation, Line.PASSED_ON, name=name, now=now, content=content)
    records.set_handoff(connection, handoff.id, claimed_by=staff_id, claimed_at=now, unanswered_since=since)
    journal.changed(connection, conversation.id)
    signal(connection, "desk", conversation.id)
