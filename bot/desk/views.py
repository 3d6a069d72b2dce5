"""What the desk's API shows of handoffs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from bot.content import Content
from bot.desk.catalogue import Catalogue
from bot.handoff import aside, brief, emergency, legal, passing, talk
from bot.http.roles import Person
from bot.http.times import iso, iso_or_none
from bot.store import transcript
from bot.store.tables import audit, conversations, handoff_events, notes, staff
from bot.triage.taxonomy import Tier

EARLIER_HOLDER_READS = 24 * 3600.0  # seconds; contract.md
HAD_IT = ("accepted", "live", "released", "claim_ran_out", "unanswered", "holder_gone")
REASON_READS = 3600.0  # seconds that a given reason opens a transcript


def row_view(row: Row[Any]) -> dict[str, Any]:
    """One handoff in the queue; `row` as `bot.handoff.queue.rows` gives it."""
    view = {
        "id": row.id,
        "conversation": row.conversation_id,
        "tier": Tier(row.tier).id,
        "assessed": row.assessed,
        "state": row.state,
        "opened_at": iso(row.opened_at),
        "waiting_since": iso(row.waiting_since),
        "reasons": [reason["cue"] for reason in row.reasons],
        "locale": row.locale,
    }
    if row.away_since is not None:
        view |= {"away_since": iso(row.away_since), "away_how": row.away_how}
    if row.returned_at is not None:
        view["returned_at"] = iso(row.returned_at)
    if row.claimed_name is not None:
        view["claimed_by"] = row.claimed_name
    if row.set_aside_at is not None:
        view["set_aside_at"] = iso(row.set_aside_at)
    if row.offered_name is not None:
        view["offered_to"] = row.offered_name
    if row.erase_asked_at is not None:
        view["erase_asked_at"] = iso(row.erase_asked_at)
    return view


def detail_view(
    connection: Connection, row: Row[Any], person: Person, now: float, content: Content, offered: Catalogue
) -> dict[str, Any]:
    """The brief of a handoff, with the transcript for who may read it; `row` as `bot.handoff.queue.rows` gives it.

    `numbers` are those of the young person's country, for staff. `first_word` says who sent one, and what was answered to
    it for that person. `offer` is an offer to a colleague that stands. `wrap_up` is what closing begins with.
    """
    card = brief.brief(connection, row)
    card["reasons"] = [{**reason, "at": iso(reason["at"])} for reason in card["reasons"]]
    card["wrote_last"] = iso_or_none(card["wrote_last"])
    said = card["said"]
    said["disclosed_bot"] = {"at": iso(said["disclosed_bot"])} if said["disclosed_bot"] else None
    if limits := said["confidentiality"]:
        said["confidentiality"] = {**limits, "at": iso(limits["at"])}
    said["numbers_given"] = [{**number, "at": iso(number["at"])} for number in said["numbers_given"]]
    conversation = connection.execute(select(conversations).where(conversations.c.id == row.conversation_id)).one()
    readable = may_read(connection, row, person, now)
    lines = _whole_transcript(connection, row.conversation_id) if readable else []
    return {
        **row_view(row),
        "brief": card,
        "messages": [message_view(line) for line in lines] if readable else None,
        "notes": [note_view(note) for note in _notes(connection, row.id)] if readable else [],
        "history": [event_view(event, person) for event in _history(connection, row.id)],
        "mode": conversation.mode,
        "claimed_at": iso_or_none(row.claimed_at),
        "unanswered_since": iso_or_none(row.unanswered_since),
        "silent_since": iso_or_none(talk.silent_since(connection, row.conversation_id)) if row.state == "live" else None,
        "young_person_typing": (conversation.young_person_typing_until or 0) > now,
        "numbers": [
            {"name": service.name, "contact": service.contact, "kind": service.kind, "open_now": service.open_now}
            for service in content.directory.services(conversation.country, {"emergency", "child_helpline"}, now)
        ],
        "first_word": _first_word(connection, row, person),
        "offer": _offer(connection, row),
        "emergency": _emergency(connection, row) if readable else None,
        "aside_asked": _aside_asked(connection, row, now),
        "hold": _hold(connection, row, person),
        "wrap_up": {"category": offered.category_for(reason["cue"] for reason in row.reasons)},
    }


def _hold(connection: Connection, row: Row[Any], person: Person) -> dict[str, Any] | None:
    """Until when it must not be deleted; who and why is for supervisors."""
    made = legal.of(connection, row.conversation_id)
    if made is None:
        return None
    return {"until": iso(made.until)} | ({"staff": made.name, "reason": made.reason} if person.supervises else {})


def _first_word(connection: Connection, row: Row[Any], person: Person) -> dict[str, Any] | None:
    """Who sent it; its sender sees from there on what was answered, without having the chat."""
    sent = talk.first_word_of(connection, row.id)
    if sent is None:
        return None
    answers = transcript.messages_after(connection, row.conversation_id, sent.detail["seq"]) if sent.staff_id == person.id else []
    return {
        "staff": sent.name,
        "at": iso(sent.at),
        "answers": [message_view(line) for line in answers if line.sender == "young_person"],
    }


def _emergency(connection: Connection, row: Row[Any]) -> dict[str, Any] | None:
    record = emergency.of(connection, row.id)
    if record is None:
        return None
    return {
        **record.fields,
        "opened_by": record.opened_name,
        "opened_at": iso(record.opened_at),
        "confirmed_by": record.confirmed_name,
    }


def _aside_asked(connection: Connection, row: Row[Any], now: float) -> dict[str, Any] | None:
    made = aside.asked(connection, row.id, now) if row.state == "waiting" else None
    return None if made is None else {"staff": made.name, "at": iso(made.at), "reason": made.detail.get("reason", "")}


def _offer(connection: Connection, row: Row[Any]) -> dict[str, Any] | None:
    made = passing.of(connection, row.id)
    return None if made is None else {"from": made.from_name, "to": made.to_name, "at": iso(made.at)}


def _whole_transcript(connection: Connection, conversation_id: str) -> list[Row[Any]]:
    lines: list[Row[Any]] = []
    while more := transcript.messages_after(connection, conversation_id, lines[-1].seq if lines else 0):
        lines += more
    return lines


def may_read(connection: Connection, row: Row[Any], person: Person, now: float) -> bool:
    """Transcript: the holder, to whom it is offered, and supervisors; earlier holders for a day; others for an hour after
    giving a reason."""
    if person.supervises or (row.claimed_by == person.id and row.state in ("claimed", "live")):
        return True
    made = passing.of(connection, row.id)
    if made is not None and made.to_id == person.id:
        return True
    held = select(handoff_events.c.id).where(
        handoff_events.c.handoff_id == row.id,
        handoff_events.c.staff_id == person.id,
        handoff_events.c.kind.in_(HAD_IT),
        handoff_events.c.at > now - EARLIER_HOLDER_READS,
    )
    reasoned = select(audit.c.id).where(
        audit.c.staff_id == person.id,
        audit.c.action == "read_reason",
        audit.c.target == f"handoff:{row.id}",
        audit.c.at > now - REASON_READS,
    )
    return any(connection.execute(query.limit(1)).scalar_one_or_none() is not None for query in (held, reasoned))


def message_view(row: Row[Any]) -> dict[str, Any]:
    view = {
        "seq": row.seq,
        "sender": row.sender,
        "text": row.text,
        "options": row.options or [],
        "resources": row.resources or [],
        "at": iso(row.at),
    }
    if row.sender == "counsellor":
        view |= {"client_id": row.client_id, "staff": row.staff_name}
    return view


def note_view(row: Row[Any]) -> dict[str, Any]:
    return {"staff": row.name, "text": row.text, "at": iso(row.at), "whisper": row.whisper}


def event_view(row: Row[Any], person: Person) -> dict[str, Any]:
    """One line of the history; why somebody wanted to read is for supervisors."""
    hidden = row.kind == "read_by_reason" and not person.supervises
    return {"kind": row.kind, "staff": row.name, "at": iso(row.at), "detail": {} if hidden else row.detail or {}}


def watch_view(row: Row[Any]) -> dict[str, Any]:
    """One event that supervisors watch; `row` has the event's columns, and its handoff's `tier` and `state`."""
    return {
        "handoff": row.handoff_id,
        "kind": row.kind,
        "tier": Tier(row.tier).id,
        "state": row.state,
        "staff": row.name,
        "at": iso(row.at),
        "detail": row.detail or {},
    }


def _notes(connection: Connection, handoff_id: int) -> list[Row[Any]]:
    query = select(notes, staff.c.name).join_from(notes, staff).where(notes.c.handoff_id == handoff_id).order_by(notes.c.id)
    return list(connection.execute(query))


def _history(connection: Connection, handoff_id: int) -> list[Row[Any]]:
    query = (
        select(handoff_events, staff.c.name)
        .join_from(handoff_events, staff, handoff_events.c.staff_id == staff.c.id, isouter=True)
        .where(handoff_events.c.handoff_id == handoff_id)
        .order_by(handoff_events.c.id)
    )
    return list(connection.execute(query))
