"""What is looked at each second, whoever is at the desk."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.content import Content
from bot.handoff import deadlines, late, overload


def sweep(connection: Connection, content: Content, now: float) -> list[int]:
    """Puts back what is overdue, sees whether more people wait than can be answered, and alarms for who waits too long.

    Doing it twice changes nothing more.

    Returns:
        Ids of the handoffs that wait again.
    """
    back = deadlines.sweep(connection, content, now)
    overload.watch(connection, content, now)
    late.watch(connection, content, now)
    return back
