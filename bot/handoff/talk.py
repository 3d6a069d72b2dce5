"""What a person at the desk writes: into the chat, as a first word before a claim, and as notes for staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from bot.content import Content
from bot.content.staffing import Staffing
from bot.errors import BadRequest, Conflict
from bot.handoff import journal, records
from bot.handoff.claims import held, seen
from bot.handoff.holding import Finding, held_for
from bot.handoff.lines import Line, tell
from bot.handoff.opening import LEFT_FOR_GOOD
from bot.store import transcript
from bot.store.database import signal
from bot.store.tables import handoff_events, messages, notes, staff
from bot.triage.taxonomy import Tier

MAX_TEXT = 2000  # characters
FIRST_WORD = "utter_first_word"
LEFT = "They have left. Nothing is sent to that device."


@dataclass(frozen=True, slots=True)
class Sent:
    """A counsellor's message.

    Attributes:
        seq: 0 when it was held back.
        new: False when the same one was stored before.
        held: what it was held back for; the same message with `confirmed` goes out.
    """

    seq: int
    new: bool
    held: tuple[Finding, ...] = ()


def send(
    connection: Connection,
    handoff_id: int,
    staff_id: int,
    *,
    client_id: str,
    text: str,
    now: float,
    content: Content,
    confirmed: bool = False,
) -> Sent:
    """Writes into the chat, once for each client id; the first message makes it live, and the bot is silent from then on.

    Args:
        confirmed: sends also what is held for a way to reach or meet somebody outside this chat; supervisors see both.

    Raises:
        BadRequest: no words, or too many.
        Conflict: the young person has left, or the id was used for other words.
        HandrailError: what `bot.handoff.claims.held` raises.
    """
    words = clean_text(text)
    conversation, _handoff = records.locked(connection, handoff_id)
    before = transcript.message_with_client_id(connection, conversation.id, client_id)
    if before is not None:  # also for somebody who lost the chat since: they must learn that it arrived
        if (before.sender, before.staff_id, before.text) != ("counsellor", staff_id, words):
            raise Conflict("Another message was already sent with this id.")
        return Sent(before.seq, new=False)
    conversation, handoff = held(connection, handoff_id, staff_id)
    if conversation.token_hash is None or conversation.away_how in LEFT_FOR_GOOD:
        raise Conflict(LEFT)
    held_back = held_for(words, content.directory)
    if held_back:
        kind = "sent_anyway" if confirmed else "held_back"
        pieces = [{"kind": finding.kind.value, "text": finding.text} for finding in held_back]
        journal.note(connection, handoff_id, kind, now, staff_id=staff_id, detail={"pieces": pieces})
        journal.record_audit(connection, staff_id, kind, f"handoff:{handoff_id}", now)
        journal.changed(connection, conversation.id)
        if not confirmed:
            return Sent(0, new=False, held=held_back)
    if handoff.state == "claimed":
        _go_live(connection, conversation, handoff, now, content)
    seq = transcript.append(
        connection, conversation.id, sender="counsellor", text=words, now=now, client_id=client_id, staff_id=staff_id
    )
    first = handoff.first_reply_at or now
    records.set_handoff(connection, handoff_id, last_reply_at=now, first_reply_at=first, unanswered_since=None)
    records.set_conversation(connection, conversation.id, person_typing_until=None, turn_upto_seq=seq)
    seen(connection, staff_id, now)
    journal.record_audit(connection, staff_id, "message", f"handoff:{handoff_id}", now)
    signal(connection, "desk", conversation.id)
    return Sent(seq, new=True)


def first_word(connection: Connection, handoff_id: int, staff_id: int, *, now: float, content: Content) -> int:
    """Sends the reviewed safety line to somebody who waits at `immediate`, without taking the chat.

    It comes as a line of the system: the bot goes on beside it, and nobody is announced who is not there.

    Returns:
        The sequence number of its last bubble.

    Raises:
        Conflict: it does not wait at `immediate`, the young person has left, or somebody sent one already.
    """
    conversation, handoff = records.locked(connection, handoff_id)
    if handoff.state != "waiting" or handoff.tier < Tier.IMMEDIATE:
        raise Conflict("A first word goes only to an immediate chat that waits.")
    if conversation.token_hash is None or conversation.away_how in LEFT_FOR_GOOD:
        raise Conflict(LEFT)
    if (sent := first_word_of(connection, handoff_id)) is not None:
        raise Conflict(f"{sent.name or 'Somebody'} sent a first word already. Only one goes out.", holder=sent.name)
    name = records.staff_name(connection, staff_id)
    rendered = content.render(FIRST_WORD, staffing=Staffing.BUSY, country=conversation.country, now=now, person=name)
    seq = 0
    for bubble in rendered.bubbles:
        seq = transcript.append(
            connection, conversation.id, sender="system", text=bubble, now=now, staff_id=staff_id, text_id=FIRST_WORD
        )
    journal.note(connection, handoff_id, "first_word", now, staff_id=staff_id, detail={"seq": seq})
    journal.record_audit(connection, staff_id, "first_word", f"handoff:{handoff_id}", now)
    signal(connection, "desk", conversation.id)
    return seq


def first_word_of(connection: Connection, handoff_id: int) -> Row[Any] | None:
    """The first word that went to this chat: `staff_id`, `name`, `at`, `detail`; None while there is none."""
    query = (
        select(handoff_events, staff.c.name)
        .join(staff, staff.c.id == handoff_events.c.staff_id, isouter=True)
        .where(handoff_events.c.handoff_id == handoff_id, handoff_events.c.kind == "first_word")
    )
    return connection.execute(query.order_by(handoff_events.c.id).limit(1)).one_or_none()


def silent_since(connection: Connection, conversation_id: str) -> float | None:
    """Since when a counsellor's words stand unanswered: the first of them after what the young person wrote last."""
    mine = messages.c.conversation_id == conversation_id
    last = select(func.coalesce(func.max(messages.c.seq), 0)).where(mine, messages.c.sender == "young_person").scalar_subquery()
    query = select(func.min(messages.c.at)).where(mine, messages.c.sender == "counsellor", messages.c.seq > last)
    found: float | None = connection.execute(query).scalar_one()
    return found


def typing(connection: Connection, handoff_id: int, staff_id: int, *, until: float, now: float) -> None:
    """The holder is typing; a young person in a live chat sees it until `until`. Raises what `held` raises."""
    conversation, _handoff = held(connection, handoff_id, staff_id)
    records.set_conversation(connection, conversation.id, person_typing_until=until)
    seen(connection, staff_id, now)
    signal(connection, "conversation", conversation.id)


def add_note(
    connection: Connection, handoff_id: int, staff_id: int, text: str, *, now: float, whisper: bool = False
) -> None:
    """Keeps a note for staff, which the young person never sees. Raises `BadRequest` for one without words.

    Args:
        whisper: it is a supervisor's word to whoever has the chat, and stands beside the transcript at once.
    """
    words = clean_text(text)
    handoff = records.get(connection, handoff_id)
    connection.execute(insert(notes).values(handoff_id=handoff_id, staff_id=staff_id, text=words, at=now, whisper=whisper))
    if whisper:
        journal.note(connection, handoff_id, "whispered", now, staff_id=staff_id)
    journal.record_audit(connection, staff_id, "whisper" if whisper else "note", f"handoff:{handoff_id}", now)
    signal(connection, "desk", handoff.conversation_id)


def clean_text(text: str) -> str:
    """What staff wrote, trimmed. Raises `BadRequest` unless 1 to 2,000 characters are left."""
    words = text.replace("\x00", "").strip().encode("utf-8", "replace").decode("utf-8")
    if not words:
        raise BadRequest("Type something first.")
    if len(words) > MAX_TEXT:
        raise BadRequest(f"This is too long: {len(words)} letters; at most {MAX_TEXT} fit.")
    return words


def _go_live(
    connection: Connection, conversation: Row[Any], handoff: Row[Any], now: float, content: Content
) -> None:
    name = records.staff_name(connection, handoff.claimed_by)
    tell(connection, conversation, Line.JOINED, name=name, now=now, content=content)
    records.set_handoff(connection, handoff.id, state="live")
    records.set_conversation(
        connection,
        conversation.id,
        mode="live",
        turn_no=conversation.turn_no + 1,
        turn_due_at=None,
        turn_since=None,
        lease_until=None,
    )
    journal.note(connection, handoff.id, "live", now, staff_id=handoff.claimed_by)
    journal.changed(connection, conversation.id)
