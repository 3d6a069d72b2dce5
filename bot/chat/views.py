"""What the chat API shows of messages and of a conversation's state. Cues, tiers and facts never reach it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from bot.content import Content
from bot.content.directory import Service
from bot.handoff import queue
from bot.handoff.staffing import staffing
from bot.http.times import iso
from bot.store.tables import handoffs, staff


def service_view(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "contact": service.contact,
        "kind": service.kind,
        "country": service.country,
        "hours": service.hours,
        "open_now": service.open_now,
    }


def message_view(row: Row[Any]) -> dict[str, Any]:
    """One message in the shape of the chat API; `row` as `bot.store.transcript.messages_after` gives it."""
    view: dict[str, Any] = {
        "seq": row.seq,
        "sender": row.sender,
        "text": row.text,
        "options": row.options or [],
        "resources": row.resources or [],
        "at": iso(row.at),
    }
    if row.client_id is not None and row.sender == "young_person":
        view["client_id"] = row.client_id
    if row.sender == "counsellor" and row.staff_name:
        view["name"] = row.staff_name
    return view


def status_view(connection: Connection, content: Content, conversation: Row[Any], now: float) -> dict[str, Any]:
    """Who holds the line, whether people are there, and how the wait stands."""
    people = staffing(connection, now)
    view: dict[str, Any] = {
        "mode": conversation.mode,
        "people": people.value,
        "person_typing": (conversation.person_typing_until or 0) > now and conversation.mode == "live",
    }
    if people.value == "none" and (opens := content.policy.next_open(now)) is not None:
        view["next_open"] = iso(opens)
    if conversation.mode == "waiting":
        view["position"] = queue.position(connection, conversation.id)
        wait = queue.wait_minutes(connection, conversation.id, now)
        view["wait_minutes"] = list(wait) if wait else None
    if conversation.mode == "live":
        name = connection.execute(
            handoffs.join(staff, handoffs.c.claimed_by == staff.c.id)
            .select()
            .with_only_columns(staff.c.name)
            .where(handoffs.c.conversation_id == conversation.id, handoffs.c.state == "live")
        ).scalar_one_or_none()
        if name:
            view["person"] = name
    return view
