"""What staff said of triage when they closed a chat or changed its tier: by week, for whoever answers for safeguarding."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.errors import BadRequest
from bot.store.tables import handoff_events, handoffs, staff
from bot.triage.taxonomy import Tier

WEEK = 7 * 86_400.0
CORRECTED = ("missed", "false_alarm")
VERDICTS = ("missed", "false_alarm", "right", "lowered", "raised")
WEEKS_BACK = 12  # that the screen offers


def week_of(moment: float) -> str:
    """The ISO week of a moment in UTC: `2026-W47`."""
    year, week, _day = datetime.fromtimestamp(moment, UTC).isocalendar()
    return f"{year}-W{week:02d}"


def bounds(week: str) -> tuple[float, float]:
    """From Monday 0:00 to the next one, in UTC. Raises `BadRequest` for what is no ISO week."""
    try:
        monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1) if week[4:6] == "-W" and len(week) == 8 else None
    except ValueError:
        monday = None
    if monday is None:
        raise BadRequest("A week is written like 2026-W47.")
    since = datetime.combine(monday, time(), UTC)
    return since.timestamp(), (since + timedelta(weeks=1)).timestamp()


def weeks(now: float) -> list[str]:
    """This week and the ones before it, newest first."""
    return [week_of(now - back * WEEK) for back in range(WEEKS_BACK)]


def corrections(connection: Connection, since: float, until: float) -> list[dict[str, Any]]:
    """"Missed", "false alarm" and tiers that staff changed in a time, newest first."""
    return [one for one in _said(connection, since, until) if one["verdict"] != "right"]


def of_week(connection: Connection, week: str) -> dict[str, Any]:
    """A week's list without a word of anybody: verdicts counted, and each correction with where to look.

    Raises:
        BadRequest: it is no week.
    """
    said = _said(connection, *bounds(week))
    counted = Counter(one["verdict"] for one in said)
    return {
        "week": week,
        "counts": {verdict: counted[verdict] for verdict in VERDICTS},
        "lines": [
            {**{name: value for name, value in one.items() if name != "why"}, "has_note": bool(one["why"])}
            for one in said
            if one["verdict"] != "right"
        ],
    }


def of_handoff(connection: Connection, handoff_id: int) -> list[str]:
    """How staff corrected triage in this chat, the newest first; empty where they did not."""
    found = [one for one in _said(connection, 0.0, float("inf"), handoff_id) if one["verdict"] != "right"]
    return [one["verdict"] for one in found]


def _said(connection: Connection, since: float, until: float, handoff_id: int | None = None) -> list[dict[str, Any]]:
    closed = (
        select(handoffs, staff.c.name)
        .join(staff, staff.c.id == handoffs.c.closed_by, isouter=True)
        .where(handoffs.c.state == "closed", handoffs.c.closed_at >= since, handoffs.c.closed_at < until)
    )
    changed = (
        select(
            handoffs, handoff_events.c.kind, handoff_events.c.at.label("changed_at"), handoff_events.c.detail, staff.c.name
        )
        .join(handoff_events, handoff_events.c.handoff_id == handoffs.c.id)
        .join(staff, staff.c.id == handoff_events.c.staff_id)  # a tier that rose by what they wrote has nobody
        .where(
            handoff_events.c.kind.in_(["lowered", "raised"]), handoff_events.c.at >= since, handoff_events.c.at < until
        )
    )
    if handoff_id is not None:
        closed, changed = closed.where(handoffs.c.id == handoff_id), changed.where(handoffs.c.id == handoff_id)
    said = [
        _line(row, row.outcome["triage"], row.closed_at, row.outcome.get("note", ""))
        for row in connection.execute(closed)
        if row.outcome and row.outcome.get("triage") in (*CORRECTED, "right")
    ]
    said += [_line(row, row.kind, row.changed_at, row.detail.get("reason", "")) for row in connection.execute(changed)]
    return sorted(said, key=lambda one: -one["at"])


def _line(row: Row[Any], verdict: str, at: float, why: str) -> dict[str, Any]:
    return {
        "handoff": row.id,
        "verdict": verdict,
        "tier": Tier(row.tier).id,
        "cues": [reason["cue"] for reason in row.reasons],
        "staff": row.name,
        "at": at,
        "why": why,
    }
