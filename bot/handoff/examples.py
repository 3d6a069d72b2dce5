"""Where staff said that triage was wrong, and a reviewer finds that it can learn from it: labelled examples.

Nobody's words become one by themselves. It takes a setting that is off at first, a chat in which staff corrected triage, and a
named reviewer who reads one message without what tells who wrote it, and says what it tells. What is kept stands in the database,
encrypted, and goes with its conversation when that is erased or over its time. `handrail examples` writes it to a file on this
machine; training does not look there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy.exc import IntegrityError

from bot.content.directory import Directory
from bot.errors import BadRequest, Conflict, NotFound
from bot.handoff import journal, records, review
from bot.handoff.redaction import redacted, tells_who
from bot.store.tables import assessments, messages, staff, triage_examples
from bot.triage.taxonomy import CUES, About, Tier

MOST_LINES = 200  # of one chat that are shown, the newest
OFF = "Keeping examples is turned off here. HANDRAIL_KEEP_EXAMPLES turns it on."
NOT_CORRECTED = "Staff did not correct triage in this chat."


@dataclass(frozen=True, slots=True)
class Candidate:
    """One message of a chat in which staff corrected triage.

    Attributes:
        text: without what tells who wrote it, as far as rules find it.
        told: what triage heard in it.
        suggested: what the correction says that it tells; where something was missed, the reviewer says what.
        is_quoted: whether the handoff's reasons quote it.
        is_kept: whether it is an example already.
    """

    seq: int
    text: str
    told: tuple[str, ...]
    suggested: tuple[str, ...]
    is_quoted: bool
    is_kept: bool


def candidates(connection: Connection, handoff_id: int, directory: Directory) -> list[Candidate]:
    """What the young person wrote in this chat, oldest first. Raises `NotFound`, or `Conflict` where nothing was corrected."""
    handoff = records.get(connection, handoff_id)
    said = review.of_handoff(connection, handoff_id)
    if not said:
        raise Conflict(NOT_CORRECTED)
    quoted = {seq for reason in handoff.reasons for seq in reason.get("seqs", ())}
    of_chat = select(triage_examples.c.seq).where(triage_examples.c.conversation_id == handoff.conversation_id)
    there = set(connection.execute(of_chat).scalars())
    return [
        Candidate(
            seq=line.seq,
            text=redacted(line.text, directory),
            told=told,
            suggested=_suggested(told, said, Tier(handoff.tier)),
            is_quoted=line.seq in quoted,
            is_kept=line.seq in there,
        )
        for line in _lines(connection, handoff.conversation_id)
        for told in [tuple(hit["cue"] for hit in (line.result or {}).get("cues", ()))]
    ]


def keep(
    connection: Connection,
    handoff_id: int,
    staff_id: int,
    *,
    seq: int,
    text: str,
    cues: Sequence[str],
    about: str,
    now: float,
    directory: Directory,
    is_on: bool,
) -> int:
    """Keeps a message as an example, as the reviewer wrote and labelled it; no cue says that it tells nothing. Returns its id.

    Raises:
        Conflict: keeping is turned off; nothing was corrected in this chat; or the message is kept already.
        NotFound: there is no such message of the young person.
        BadRequest: an unknown label, or the text still has a number, a handle, a link, a date or an address in it.
    """
    if not is_on:
        raise Conflict(OFF)
    conversation, _handoff = records.locked(connection, handoff_id)
    said = review.of_handoff(connection, handoff_id)
    if not said:
        raise Conflict(NOT_CORRECTED)
    if set(cues) - set(CUES) or about not in set(About):
        raise BadRequest("There is no such label.")
    if still := tells_who(text, directory):
        raise BadRequest(f"This must go first, it can tell who they are: {', '.join(still)}")
    if not any(line.seq == seq for line in _lines(connection, conversation.id)):
        raise NotFound("There is no such message.")
    values = {
        "conversation_id": conversation.id,
        "handoff_id": handoff_id,
        "seq": seq,
        "text": text.strip(),
        "cues": list(dict.fromkeys(cues)),
        "about": about,
        "verdict": said[0],
        "kept_by": staff_id,
        "kept_at": now,
    }
    try:
        with connection.begin_nested():
            made = connection.execute(insert(triage_examples).values(**values).returning(triage_examples.c.id)).scalar_one()
    except IntegrityError as error:
        raise Conflict("This message is an example already.") from error
    journal.record_audit(connection, staff_id, "example_kept", f"handoff:{handoff_id}", now, f"message {seq}")
    return int(made)


def drop(connection: Connection, example_id: int, staff_id: int, *, now: float) -> None:
    """Takes an example out again. Raises `NotFound`."""
    gone = connection.execute(
        delete(triage_examples).where(triage_examples.c.id == example_id).returning(triage_examples.c.handoff_id)
    ).one_or_none()
    if gone is None:
        raise NotFound("There is no such example.")
    journal.record_audit(connection, staff_id, "example_dropped", f"handoff:{gone.handoff_id}", now)


def kept(connection: Connection) -> list[Row[Any]]:
    """All examples, newest first, each with the reviewer's `name`."""
    query = select(triage_examples, staff.c.name).join(staff, staff.c.id == triage_examples.c.kept_by, isouter=True)
    return list(connection.execute(query.order_by(triage_examples.c.id.desc())))


def as_training_lines(found: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """In the form of `data/triage/training`, each text once, oldest first; nothing in them leads back to a chat or a person."""
    lines = {
        row.text: {"text": row.text, "cues": row.cues, "about": row.about, "style": "corrected", "voice": row.verdict}
        for row in sorted(found, key=lambda row: row.id)
    }
    return list(lines.values())


def _lines(connection: Connection, conversation_id: str) -> list[Row[Any]]:
    query = (
        select(messages.c.seq, messages.c.text, assessments.c.result)
        .join(assessments, assessments.c.message_id == messages.c.id, isouter=True)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.sender == "young_person",
            messages.c.option_payload.is_(None),  # a press on a button is nobody's words
        )
        .order_by(messages.c.seq.desc())
        .limit(MOST_LINES)
    )
    found: list[Row[Any]] = list(connection.execute(query))
    return found[::-1]


def _suggested(told: Sequence[str], said: Sequence[str], tier: Tier) -> tuple[str, ...]:
    if "false_alarm" in said:
        return ()
    if "lowered" in said:
        return tuple(cue for cue in told if CUES[cue].tier <= tier)
    return tuple(told)
