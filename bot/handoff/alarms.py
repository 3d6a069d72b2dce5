"""Alarms that stand until a supervisor has heard them: a colleague needs help, somebody waits too long, overload.

They are rows and no mere signals: a call for help must be there for the supervisor whose line was gone at that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from bot.errors import Conflict
from bot.handoff import journal
from bot.store.database import signal
from bot.store.tables import alarms, staff

HELP, OVERLOAD, LATE = "help", "overload", "late"
TOLD_FOR = 600.0  # seconds that whoever called for help sees that it was heard
_CALLER, _HEARER = staff.alias("caller"), staff.alias("hearer")
_LATEST = (
    select(alarms, _CALLER.c.name.label("who"), _HEARER.c.name.label("heard_name"))
    .join(_CALLER, _CALLER.c.id == alarms.c.staff_id, isouter=True)
    .join(_HEARER, _HEARER.c.id == alarms.c.heard_by, isouter=True)
    .where(or_(alarms.c.ended_at.is_(None), alarms.c.heard_at > bindparam("told_since")))
    .order_by(alarms.c.id)
)


def call_for_help(connection: Connection, staff_id: int, handoff_id: int | None, now: float) -> int:
    """Calls a supervisor. Pressed again while nobody has heard it, it is the same call. Returns the alarm's id."""
    mine = alarms.c.kind == HELP, alarms.c.staff_id == staff_id, alarms.c.ended_at.is_(None)
    standing = connection.execute(select(alarms.c.id).where(*mine).limit(1)).scalar_one_or_none()
    journal.record_audit(connection, staff_id, "needs_help", f"handoff:{handoff_id}" if handoff_id else "", now)
    if standing is not None:
        return int(standing)
    values = {"kind": HELP, "staff_id": staff_id, "handoff_id": handoff_id, "at": now}
    made = connection.execute(insert(alarms).values(**values).returning(alarms.c.id)).scalar_one()
    if handoff_id is not None:
        journal.note(connection, handoff_id, "needs_help", now, staff_id=staff_id)
    _tell(connection)
    return int(made)


def hear(connection: Connection, alarm_id: int, staff_id: int, now: float) -> None:
    """A supervisor has heard it: a call for help ends, an overload goes on quietly.

    Raises:
        Conflict: somebody else has heard it, or it is over.
    """
    quiet = (
        update(alarms)
        .where(alarms.c.id == alarm_id, alarms.c.heard_at.is_(None), alarms.c.ended_at.is_(None))
        .values(heard_by=staff_id, heard_at=now)
    )
    if connection.execute(quiet).rowcount != 1:
        raise Conflict("Somebody else has heard it, or it is over.")
    connection.execute(update(alarms).where(alarms.c.id == alarm_id, alarms.c.kind == HELP).values(ended_at=now))
    journal.record_audit(connection, staff_id, "alarm_heard", f"alarm:{alarm_id}", now)
    _tell(connection)


def standing(connection: Connection, *, staff_id: int, supervises: bool, now: float) -> list[dict[str, Any]]:
    """The alarms that this person sees."""
    return seen_by(latest(connection, now), staff_id=staff_id, supervises=supervises, now=now)


def latest(connection: Connection, now: float) -> list[Row[Any]]:
    """Alarms that stand, and those that were heard a short time ago, for `seen_by`."""
    return list(connection.execute(_LATEST, {"told_since": now - TOLD_FOR}))


def seen_by(found: Sequence[Row[Any]], *, staff_id: int, supervises: bool, now: float) -> list[dict[str, Any]]:
    """Those of `latest` that this person sees: supervisors all that stand; anybody the overload, who waits too long, and
    their own call with its answer."""

    def sees(row: Row[Any]) -> bool:
        if row.ended_at is None and (supervises or row.kind in (OVERLOAD, LATE) or row.staff_id == staff_id):
            return True
        return bool(row.staff_id == staff_id and row.heard_at is not None and row.heard_at > now - TOLD_FOR)

    return [_shown(row) for row in found if sees(row)]


def marks(connection: Connection) -> tuple[tuple[int, bool], ...]:
    """What stands now and whether it was heard, for a stream to compare with what it showed."""
    query = select(alarms.c.id, alarms.c.heard_at).where(alarms.c.ended_at.is_(None)).order_by(alarms.c.id)
    return tuple((row.id, row.heard_at is not None) for row in connection.execute(query))


def overload(connection: Connection) -> Row[Any] | None:
    """The overload that stands; None while there is none."""
    query = select(alarms).where(alarms.c.kind == OVERLOAD, alarms.c.ended_at.is_(None)).limit(1)
    return connection.execute(query).one_or_none()


def begin_overload(connection: Connection, now: float) -> None:
    connection.execute(insert(alarms).values(kind=OVERLOAD, at=now))
    journal.record_audit(connection, None, "overload_began", "", now)
    _tell(connection)


def end_overload(connection: Connection, now: float) -> None:
    over = update(alarms).where(alarms.c.kind == OVERLOAD, alarms.c.ended_at.is_(None)).values(ended_at=now)
    connection.execute(over)
    journal.record_audit(connection, None, "overload_ended", "", now)
    _tell(connection)


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "who": row.who,
        "handoff": row.handoff_id,
        "at": row.at,
        "heard_by": row.heard_name,
        "heard_at": row.heard_at,
    }


def _tell(connection: Connection) -> None:
    signal(connection, "desk", journal.QUEUE)
