"""One conversation as a file, for a court, the police or the young person: two people make it, and each step is kept.

Who asks and who approves are never the same person, and the file is given to who asked, for a week.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update

from bot.errors import BadRequest, Conflict, NotAllowed, NotFound
from bot.handoff import journal, records
from bot.store import transcript
from bot.store.tables import (
    audit,
    conversations,
    emergency_records,
    exports,
    handoff_events,
    handoffs,
    legal_holds,
    notes,
    staff,
)
from bot.triage.taxonomy import Tier

FILE_FOR = 7 * 86_400.0  # seconds after the approval
SHORTEST_REASON = 10  # characters
APPROVED, REFUSED = "approved", "refused"
_asker, _decider = staff.alias("asker"), staff.alias("decider")

Moment = Callable[[float], str]


def ask(connection: Connection, handoff_id: int, staff_id: int, *, reason: str, now: float) -> int:
    """Asks for the export of the handoff's conversation. Returns the request's id.

    Raises:
        BadRequest: no real reason.
        Conflict: somebody asked already, and nobody has decided yet.
        NotFound: there is no such handoff.
    """
    why = reason.strip()
    if len(why) < SHORTEST_REASON:
        raise BadRequest("Write who needs it and why.")
    conversation, _handoff = records.locked(connection, handoff_id)
    waiting = select(exports.c.id).where(exports.c.conversation_id == conversation.id, exports.c.decision.is_(None))
    if connection.execute(waiting).first() is not None:
        raise Conflict("An export of this chat waits for a decision already.")
    values = {"conversation_id": conversation.id, "asked_by": staff_id, "asked_at": now, "reason": why}
    made = int(connection.execute(insert(exports).values(**values).returning(exports.c.id)).scalar_one())
    journal.note(connection, handoff_id, "export_asked", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, "export_asked", f"handoff:{handoff_id}", now, why)
    return made


def decide(connection: Connection, export_id: int, staff_id: int, *, approve: bool, now: float) -> None:
    """Approves or refuses what somebody else asked for.

    Raises:
        NotAllowed: the one who asked cannot decide.
        Conflict: it is decided already.
        NotFound: there is no such request.
    """
    made = of(connection, export_id)
    if made.asked_by == staff_id:
        raise NotAllowed("You asked for it. Somebody else must decide.")
    decision = APPROVED if approve else REFUSED
    decided = (
        update(exports)
        .where(exports.c.id == export_id, exports.c.decision.is_(None))
        .values(decision=decision, decided_by=staff_id, decided_at=now)
    )
    if connection.execute(decided).rowcount != 1:
        raise Conflict("It is decided already.")
    journal.note(connection, made.handoff_id, f"export_{decision}", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, f"export_{decision}", f"handoff:{made.handoff_id}", now)


def fetch(connection: Connection, export_id: int, staff_id: int, *, now: float, moment: Moment) -> dict[str, Any]:
    """The file's content, for the one who asked; each fetch is in the audit, and in the file itself.

    Args:
        moment: writes a time.

    Raises:
        NotAllowed: somebody else asked for it.
        Conflict: it is not approved, or its week is over.
        NotFound: there is no such request.
    """
    made = of(connection, export_id)
    if made.asked_by != staff_id:
        raise NotAllowed("Only the one who asked for it gets the file.")
    if made.decision != APPROVED:
        raise Conflict("It is not approved.")
    if made.decided_at < now - FILE_FOR:
        raise Conflict("The week for this file is over. Ask again.")
    journal.record_audit(connection, staff_id, "export_fetched", f"handoff:{made.handoff_id}", now)
    return _content(connection, made, now, moment)


def of(connection: Connection, export_id: int) -> Row[Any]:
    """One request, with what `requests` gives. Raises `NotFound`."""
    found = connection.execute(_requests().where(exports.c.id == export_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such request.")
    return found


def requests(connection: Connection, now: float) -> list[Row[Any]]:
    """What waits for a decision, and what was decided in the last week, newest first: the request's columns, `handoff_id`,
    `asked_name` and `decided_name`."""
    fresh = or_(exports.c.decision.is_(None), exports.c.decided_at > now - FILE_FOR)
    return list(connection.execute(_requests().where(fresh).order_by(exports.c.id.desc())))


def _requests() -> Select[Any]:
    newest = (
        select(handoffs.c.id)
        .where(handoffs.c.conversation_id == exports.c.conversation_id)
        .order_by(handoffs.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(exports, newest.label("handoff_id"), _asker.c.name.label("asked_name"), _decider.c.name.label("decided_name"))
        .join(_asker, _asker.c.id == exports.c.asked_by)
        .join(_decider, _decider.c.id == exports.c.decided_by, isouter=True)
    )


# The file


def _content(connection: Connection, made: Row[Any], now: float, moment: Moment) -> dict[str, Any]:
    conversation = connection.execute(select(conversations).where(conversations.c.id == made.conversation_id)).one()
    mine = connection.execute(
        select(handoffs).where(handoffs.c.conversation_id == made.conversation_id).order_by(handoffs.c.id)
    ).all()
    ids = [handoff.id for handoff in mine]
    named = {row.id: row.name for row in connection.execute(select(staff.c.id, staff.c.name))}
    held = connection.execute(select(legal_holds).where(legal_holds.c.conversation_id == made.conversation_id)).one_or_none()

    def lines(rows: Iterable[Row[Any]], *columns: str) -> list[dict[str, Any]]:
        return [_plain({name: getattr(row, name) for name in columns}, named, moment) for row in rows]

    def all_of(table: Any, where: Any, *columns: str) -> list[dict[str, Any]]:
        return lines(connection.execute(select(table).where(where).order_by(table.c.id)), *columns)

    return {
        "about": {
            "export": made.id,
            "asked_by": made.asked_name,
            "asked_at": moment(made.asked_at),
            "reason": made.reason,
            "approved_by": made.decided_name,
            "approved_at": moment(made.decided_at),
            "made_at": moment(now),
            "times": "UTC",
        },
        "conversation": _plain(
            {name: getattr(conversation, name) for name in _CONVERSATION}, named, moment
        ),
        "legal_hold": None if held is None else lines([held], "placed_by", "placed_at", "until", "reason")[0],
        "transcript": lines(
            _whole(connection, made.conversation_id), "seq", "at", "sender", "staff_id", "text", "options", "resources"
        ),
        "handoffs": [
            {
                **lines(
                    [handoff], "id", "state", "assessed", "cause", "opened_at", "reasons", "facts", "first_reply_at",
                    "closed_at", "closed_by", "outcome",
                )[0],
                "tier": Tier(handoff.tier).id,
            }
            for handoff in mine
        ],
        "history": all_of(handoff_events, handoff_events.c.handoff_id.in_(ids), "handoff_id", "at", "kind", "staff_id", "detail"),
        "notes": all_of(notes, notes.c.handoff_id.in_(ids), "handoff_id", "at", "staff_id", "text", "whisper"),
        "emergency_records": all_of(
            emergency_records, emergency_records.c.handoff_id.in_(ids),
            "handoff_id", "opened_by", "opened_at", "fields", "confirmed_by", "confirmed_at",
        ),
        "audit": all_of(
            audit, audit.c.target.in_([f"handoff:{one}" for one in ids]), "at", "staff_id", "action", "target", "reason"
        ),
    }


def _whole(connection: Connection, conversation_id: str) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    while more := transcript.messages_after(connection, conversation_id, found[-1].seq if found else 0):
        found += more
    return found


_CONVERSATION = ("id", "created_at", "locale", "country", "mode", "ended_at", "returned_at", "erase_asked_at")
_PEOPLE = {name: name for name in ("placed_by", "opened_by", "confirmed_by", "closed_by")} | {"staff_id": "staff"}


def _plain(values: dict[str, Any], named: dict[int, str], moment: Moment) -> dict[str, Any]:
    """Names for staff ids, and times as they are written; the rest as it is stored."""
    shown: dict[str, Any] = {}
    for name, value in values.items():
        if name in _PEOPLE:
            shown[_PEOPLE[name]] = None if value is None else named.get(value, "")
        elif isinstance(value, float) and (name == "until" or name == "at" or name.endswith("_at")):
            shown[name] = moment(value)
        else:
            shown[name] = value
    return shown
