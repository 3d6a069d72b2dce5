"""The emergency action record: who decided, who was called and when, what was passed on, what the young person was told.

It is opened in one press from an `immediate` chat, because afterwards nobody remembers the times. "Could not reach" stands
only once a supervisor has confirmed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bot.content import Content
from bot.errors import BadRequest, Conflict
from bot.handoff import journal, records
from bot.handoff.claims import held
from bot.handoff.lines import Line, tell
from bot.handoff.opening import LEFT_FOR_GOOD
from bot.store.tables import emergency_records, staff
from bot.triage.taxonomy import Tier

FIELDS = ("decided_by", "called", "called_at", "passed_on", "told", "outcome")
OUTCOMES = ("", "help_on_the_way", "safe_now", "handed_to_service", "not_needed", "unreached")
LONGEST = 1000  # characters of one field


def keep(connection: Connection, handoff_id: int, staff_id: int, fields: Mapping[str, str], *, now: float) -> None:
    """Opens the record, or keeps what was written in it; fields that are not given stay as they were.

    Raises:
        BadRequest: an unknown field or outcome, or too many words.
        Conflict: the chat never was at `immediate`.
    """
    if set(fields) - set(FIELDS) or fields.get("outcome", "") not in OUTCOMES:
        raise BadRequest("There is no such field or outcome.")
    if any(len(words) > LONGEST for words in fields.values()):
        raise BadRequest(f"At most {LONGEST} letters fit in a field.")
    conversation, handoff = records.locked(connection, handoff_id)
    before = of(connection, handoff_id)
    if before is None and handoff.tier < Tier.IMMEDIATE:
        raise Conflict("This is for chats at immediate. Raise the tier first.")
    if before is None:
        written = {**dict.fromkeys(FIELDS, ""), "decided_by": records.staff_name(connection, staff_id) or "", **fields}
        values = {"handoff_id": handoff_id, "opened_by": staff_id, "opened_at": now, "fields": written}
        connection.execute(insert(emergency_records).values(**values))
        journal.note(connection, handoff_id, "emergency_opened", now, staff_id=staff_id)
    else:
        written = {**before.fields, **fields}
        changed: dict[str, Any] = {"fields": written}
        if written["outcome"] != before.fields["outcome"]:
            changed |= {"confirmed_by": None, "confirmed_at": None}
        mine = emergency_records.c.handoff_id == handoff_id
        connection.execute(update(emergency_records).where(mine).values(**changed))
    if written["outcome"] == "unreached" and (before is None or before.fields["outcome"] != "unreached"):
        journal.note(connection, handoff_id, "unreached", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, "emergency_record", f"handoff:{handoff_id}", now)
    journal.changed(connection, conversation.id)


def confirm(connection: Connection, handoff_id: int, staff_id: int, *, now: float) -> None:
    """A supervisor confirms that nobody could be reached. Raises `Conflict` where nothing waits for that."""
    conversation, _handoff = records.locked(connection, handoff_id)
    record = of(connection, handoff_id)
    if record is None or not _unconfirmed(record):
        raise Conflict("There is nothing to confirm.")
    mine = emergency_records.c.handoff_id == handoff_id
    connection.execute(update(emergency_records).where(mine).values(confirmed_by=staff_id, confirmed_at=now))
    journal.note(connection, handoff_id, "unreached_confirmed", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, "unreached_confirmed", f"handoff:{handoff_id}", now)
    journal.changed(connection, conversation.id)


def ask_where(connection: Connection, handoff_id: int, staff_id: int, *, now: float, content: Content) -> None:
    """Sends the reviewed line that asks where they are.

    Raises:
        Conflict: the young person has left.
        HandrailError: what `bot.handoff.claims.held` raises.
    """
    conversation, _handoff = held(connection, handoff_id, staff_id)
    if conversation.token_hash is None or conversation.away_how in LEFT_FOR_GOOD:
        raise Conflict("They have left. Nothing is sent to that device.")
    tell(connection, conversation, Line.ASK_WHERE, now=now, content=content, staff_id=staff_id)
    journal.note(connection, handoff_id, "asked_where", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, "asked_where", f"handoff:{handoff_id}", now)


def of(connection: Connection, handoff_id: int) -> Row[Any] | None:
    """The record with the names `opened_name` and `confirmed_name`; None when there is none."""
    opener, confirmer = staff.alias("opener"), staff.alias("confirmer")
    query = (
        select(emergency_records, opener.c.name.label("opened_name"), confirmer.c.name.label("confirmed_name"))
        .join(opener, opener.c.id == emergency_records.c.opened_by)
        .join(confirmer, confirmer.c.id == emergency_records.c.confirmed_by, isouter=True)
    )
    return connection.execute(query.where(emergency_records.c.handoff_id == handoff_id)).one_or_none()


def insist_confirmed(connection: Connection, handoff_id: int, *, supervisor: bool) -> None:
    """Raises `Conflict` while "could not reach" waits for a supervisor and somebody else would end the chat."""
    record = of(connection, handoff_id)
    if record is not None and _unconfirmed(record) and not supervisor:
        raise Conflict("“Could not reach” needs a supervisor first. Press “I need help now”.")


def _unconfirmed(record: Row[Any]) -> bool:
    return bool(record.fields["outcome"] == "unreached" and record.confirmed_by is None)
