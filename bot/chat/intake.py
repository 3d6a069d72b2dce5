"""Taking in what a young person sends: stored, assessed and, when due, handed over, in one transaction.

From the commit on, nothing that the dialogue engine does or fails to do can lose the child.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from bot.chat import conversations as lives
from bot.chat import pressed, questions, replies
from bot.chat.pressed import PERSON_ASK, PERSON_NOT_NOW
from bot.chat.safe_word import with_safe_word
from bot.content import Content
from bot.errors import BadRequest, Conflict, NotSignedIn
from bot.handoff import lifecycle
from bot.store import transcript
from bot.store.tables import assessments, conversations, messages, risk_events
from bot.triage.assessment import Assessment
from bot.triage.questions import read_answer
from bot.triage.risk import RiskEvent, events_of
from bot.triage.taxonomy import Tier
from bot.triage.together import SPLIT_MOST, assess_with_recent

if TYPE_CHECKING:
    from bot.triage.detector import Detector

MAX_TEXT = 2000  # characters, after trimming
SPLIT_WINDOW = 180.0  # seconds; triage.md, rule 5
FRAGMENT_WORDS = 4
FRAGMENT_QUIET = 1.2  # seconds
FRAGMENT_MOST = 4.0  # seconds
CROWD_PAUSE = 5.0  # seconds; beyond the pace, messages are stored and answered together

_SETTLED = (
    select(func.coalesce(func.max(risk_events.c.seq), 0))
    .where(risk_events.c.conversation_id == bindparam("conversation"), risk_events.c.kind.in_(["lowered", "closed"]))
    .scalar_subquery()
)
_RECENT = (
    select(messages.c.text, assessments.c.result)
    .join_from(messages, assessments, assessments.c.message_id == messages.c.id)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.sender == "young_person",
        messages.c.option_payload.is_(None),
        messages.c.at > bindparam("since"),
        messages.c.seq > _SETTLED,
    )
    .order_by(messages.c.seq.desc())
    .limit(SPLIT_MOST - 1)
)
_MESSAGE_ID = select(messages.c.id).where(
    messages.c.conversation_id == bindparam("conversation"), messages.c.seq == bindparam("number")
)
_ADD_ASSESSMENT = insert(assessments)
_PLAN = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(turn_due_at=bindparam("due"), turn_since=bindparam("since"))
)
END_MARK = re.compile(r"[.!?…。？！।؟]\s*$")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as it was posted: a text, or an option's payload."""

    client_id: str
    text: str
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What an assessment needs to know besides the message.

    Attributes:
        recent: the young person's messages just before it, oldest first.
        question: id of the safety question that waits for an answer.
        heard: cues that those messages told already.
    """

    recent: tuple[str, ...]
    question: str | None
    heard: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a message.

    Attributes:
        seq: its sequence number.
        new: False when the same message had been stored before.
        tier: the conversation's tier after it.
        message_tier: what this message alone asks for.
        cues: what was heard in it.
    """

    seq: int
    new: bool
    tier: Tier
    message_tier: Tier
    cues: tuple[str, ...] = ()


def clean_text(value: object) -> str:
    """The text as it is stored: trimmed, without NUL. Raises `BadRequest` unless 1 to 2,000 characters are left."""
    if not isinstance(value, str):
        raise BadRequest("A message needs a text.")
    text = value.replace("\x00", "").strip()
    if not text:
        raise BadRequest("This message is empty. Type something first.")
    if len(text) > MAX_TEXT:
        raise BadRequest(f"This message is too long. It has {len(text)} letters; at most {MAX_TEXT} fit. Send it in parts.")
    return text.encode("utf-8", "replace").decode("utf-8")


def context(connection: Connection, conversation: Row[Any], now: float) -> Context:
    """The young person's latest messages, for split ones, and the safety question that still waits."""
    recent = connection.execute(_RECENT, {"conversation": conversation.id, "since": now - SPLIT_WINDOW}).all()
    waiting = conversation.open_question if (conversation.open_question_at or 0) > now - questions.OPEN_FOR else None
    heard = frozenset(hit["cue"] for row in recent for hit in row.result["cues"])
    return Context(tuple(row.text for row in reversed(recent)), waiting, heard)



def assess(detector: Detector, content: Content, text: str, known: Context) -> Assessment:
    """Scores one message alone and together with the ones just before it."""
    question = questions.question(content, known.question)
    found = assess_with_recent(detector, text, recent=known.recent, heard=known.heard, question=question)
    return with_safe_word(found, text, content.policy.safe_word)


def take_in(
    connection: Connection,
    content: Content,
    conversation_id: str,
    incoming: Incoming,
    assessment: Assessment | None,
    *,
    now: float,
    crowded: bool = False,
) -> Taken:
    """Stores a message once, with its assessment and its consequences.

    Args:
        assessment: of the text; None for an option, whose title is never scored.
        crowded: the young person is beyond the pace, and is answered together with what follows.

    Raises:
        Conflict: the same client id came before with another text.
        BadRequest: the option was never offered here.
        NotSignedIn: the conversation is gone.
    """
    conversation = transcript.lock(connection, conversation_id)
    if conversation is None or conversation.token_hash is None:
        raise NotSignedIn("This chat is not open any more. You can start a new one.")
    before = transcript.message_with_client_id(connection, conversation_id, incoming.client_id)
    if before is not None:
        kept, _title = pressed.as_kept(incoming.option, None)
        if (before.option_payload or None) != kept or (incoming.option is None and before.text != incoming.text):
            raise Conflict("Another message was already sent with this id.")
        return Taken(before.seq, False, Tier(conversation.urgency), _stored_tier(connection, before.id))
    title = offered_title(connection, conversation_id, incoming.option) if incoming.option else None
    option, title = pressed.as_kept(incoming.option, title)
    if assessment is None:
        assessment = option_assessment(content, incoming.option or "")
    seq = transcript.append(
        connection,
        conversation_id,
        sender="young_person",
        text=title or incoming.text,
        now=now,
        client_id=incoming.client_id,
        option_payload=option,
    )
    _store_assessment(connection, conversation_id, seq, assessment, now)
    if conversation.open_question and _answers(incoming, assessment):
        questions.close(connection, conversation_id)
    if country := assessment.facts.get("country"):
        lives.set_country(connection, conversation_id, country)
    lives.came_back(connection, conversation)
    events = events_of(assessment, seq=seq, at=now)
    if incoming.option == PERSON_ASK:
        events = [*events, RiskEvent.asked_person(seq=seq, at=now)]
    tier = Tier(conversation.urgency)
    if events:
        risk = lifecycle.record_risk(connection, conversation_id, *events)
        lifecycle.apply_risk(connection, conversation_id, risk, now)
        tier = risk.tier
    lifecycle.note_message(connection, conversation_id, now)
    _plan_turn(connection, conversation, incoming, assessment, seq, now, crowded)
    pressed.answer(connection, content, conversation, incoming.option, now)
    return Taken(seq, True, tier, assessment.tier, assessment.cue_ids)


def option_assessment(content: Content, payload: str) -> Assessment:
    if payload.startswith("answer:"):
        return questions.answer_option(content, payload)
    return replies.NOTHING_TO_ASSESS


def offered_title(connection: Connection, conversation_id: str, payload: str) -> str:
    """The title under which an option was offered in this conversation; `person:…` is always on offer."""
    rows = connection.execute(
        select(messages.c.options)
        .where(messages.c.conversation_id == conversation_id, messages.c.options.is_not(None))
        .order_by(messages.c.seq.desc())
    ).scalars()
    for options in rows:
        for option in options or ():
            if option["payload"] == payload:
                return str(option["title"])
    if payload == PERSON_ASK:
        return "Talk to a person"
    if payload == PERSON_NOT_NOW:
        return "Not now"
    raise BadRequest("That choice is not on offer in this chat. You can type instead.")




def _answers(incoming: Incoming, assessment: Assessment) -> bool:
    if incoming.option is not None:
        return incoming.option.startswith("answer:")
    return read_answer(incoming.text) is not None


def _plan_turn(
    connection: Connection,
    conversation: Row[Any],
    incoming: Incoming,
    assessment: Assessment,
    seq: int,
    now: float,
    crowded: bool,
) -> None:
    """Says when what was typed may be answered: at once, or after a little quiet when it looks like a fragment."""
    if conversation.mode in {"live", "closed"}:
        _set(connection, conversation.id, turn_upto_seq=seq, turn_due_at=None, turn_since=None)
        return
    if pressed.answered_here(incoming.option):
        if conversation.turn_due_at is None:
            _set(connection, conversation.id, turn_upto_seq=seq)
        return
    since = conversation.turn_since if conversation.turn_due_at is not None else now
    due = now
    if assessment.tier < Tier.HIGH:
        if crowded and conversation.urgency < Tier.HIGH:
            due = _with_the_crowd(conversation, now)
        elif incoming.option is None and is_fragment(incoming.text, assessment):
            due = min(now + FRAGMENT_QUIET, (since or now) + FRAGMENT_MOST)
    connection.execute(_PLAN, {"conversation": conversation.id, "due": due, "since": since or now})


def _with_the_crowd(conversation: Row[Any], now: float) -> float:
    """When a message beyond the pace is answered: with a turn that nobody has taken yet, else after a pause."""
    planned, taken = conversation.turn_due_at, (conversation.lease_until or 0) > now
    return planned if planned is not None and (planned > now or not taken) else now + CROWD_PAUSE


def is_fragment(text: str, assessment: Assessment) -> bool:
    """Under four words, no end mark, no cue: perhaps the rest is still being typed."""
    return not assessment.cues and len(text.split()) < FRAGMENT_WORDS and END_MARK.search(text) is None


def _store_assessment(connection: Connection, conversation_id: str, seq: int, assessment: Assessment, now: float) -> None:
    message_id = connection.execute(_MESSAGE_ID, {"conversation": conversation_id, "number": seq}).scalar_one()
    values = {
        "message_id": message_id,
        "conversation_id": conversation_id,
        "seq": seq,
        "tier": int(assessment.tier),
        "assessed": assessment.assessed.value,
        "model": assessment.model,
        "result": assessment.to_dict(),
        "at": now,
    }
    connection.execute(_ADD_ASSESSMENT, values)


def _stored_tier(connection: Connection, message_id: int) -> Tier:
    return Tier(connection.execute(select(assessments.c.tier).where(assessments.c.message_id == message_id)).scalar_one())


def _set(connection: Connection, conversation_id: str, **values: Any) -> None:
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(**values))

