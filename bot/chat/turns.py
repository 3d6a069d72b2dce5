"""A turn: what the young person typed since the last answer, taken by one worker, answered once.

Taking is one conditional UPDATE that sets a lease; committing is one conditional UPDATE on turn number, lease and
mode. Whoever is second (a late engine, the safety net, another process) finds no row, and its replies are thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, insert, null, or_, select, update

from bot.chat import pressed, replies
from bot.chat.safety_net import Cause
from bot.content.staffing import Staffing
from bot.handoff.staffing import staffing
from bot.store import transcript
from bot.store.tables import assessments, conversations, messages, turns
from bot.triage.assessment import Assessment, CueHit, Embedded
from bot.triage.taxonomy import CUES, Assessed, Tier

LEASE = 10.0  # seconds
TOO_OLD = 600.0  # seconds; design.md, 7
CUE_ANSWERED_FOR = 600.0  # seconds; an `immediate` cue is answered anew after that
BOT_MODES = ("bot", "waiting")

_NEXT_DUE = select(func.min(func.coalesce(conversations.c.lease_until, conversations.c.turn_due_at))).where(
    conversations.c.turn_due_at.is_not(None), conversations.c.mode.in_(BOT_MODES)
)
_DUE = and_(
    conversations.c.turn_due_at <= bindparam("now"),
    conversations.c.mode.in_(BOT_MODES),
    or_(conversations.c.lease_until.is_(None), conversations.c.lease_until < bindparam("now")),
)
_MOST_URGENT = (
    select(conversations)
    .where(_DUE)
    .order_by(conversations.c.urgency.desc(), conversations.c.turn_due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_THIS_ONE = select(conversations).where(conversations.c.id == bindparam("conversation"), _DUE).with_for_update()
_LEASE = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(lease_until=bindparam("until"))
)
_ASSESSED = (
    select(assessments.c.result)
    .where(assessments.c.conversation_id == bindparam("conversation"), assessments.c.seq > bindparam("after"))
    .order_by(assessments.c.seq)
)
_ANSWERED = (
    update(conversations)
    .where(
        conversations.c.id == bindparam("conversation"),
        conversations.c.turn_no == bindparam("number"),
        conversations.c.lease_until == bindparam("ours"),
        conversations.c.lease_until > bindparam("now"),
        conversations.c.mode.in_(BOT_MODES),
        conversations.c.ended_at.is_(None),
        conversations.c.erase_asked_at.is_(None),
    )
    .values(
        turn_no=bindparam("number") + 1,
        turn_upto_seq=bindparam("upto"),
        lease_until=null(),
        turn_due_at=case((conversations.c.seq > bindparam("upto"), conversations.c.turn_due_at), else_=null()),
        turn_since=case((conversations.c.seq > bindparam("upto"), conversations.c.turn_since), else_=null()),
        answered_cues=bindparam("answered"),
        missed=bindparam("left_out"),
        last_net_text=bindparam("net_text"),
        dialogue_state=bindparam("state"),
    )
    .returning(conversations.c.seq)
)
_NEWER = (
    select(messages.c.id)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.seq > bindparam("upto"),
        messages.c.sender == "young_person",
    )
    .limit(1)
)
_ADD_TURN = insert(turns)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn in work.

    Attributes:
        number: the conversation's `turn_no` when it was taken; a commit needs it unchanged.
        upto_seq: the last message that it answers.
        lease_until: seconds since the epoch; also the proof that the lease is still ours.
        due_at: when it could first be answered.
        retaken: somebody else had it before and did not finish.
        texts: what was typed, oldest first; empty when only an option was pressed.
        assessment: of all its messages together.
        embedded: its only text, when triage has just embedded it.
    """

    conversation_id: str
    number: int
    upto_seq: int
    lease_until: float
    due_at: float
    retaken: bool
    newest_at: float
    texts: tuple[str, ...]
    option: str | None
    assessment: Assessment
    answered_cues: Mapping[str, float]
    staffing: Staffing
    waiting: bool
    locale: str
    country: str | None
    state: Mapping[str, Any] | None
    missed: tuple[str, ...]
    last_net_text: str | None
    embedded: Embedded | None = None

    @property
    def new_cues(self) -> tuple[str, ...]:
        return tuple(cue for cue in self.assessment.cue_ids if cue not in self.answered_cues)


def next_due(connection: Connection) -> float | None:
    """When the next turn can be taken, in seconds since the epoch; None when nothing is unanswered."""
    return connection.execute(_NEXT_DUE).scalar_one_or_none()


def take(connection: Connection, now: float, conversation_id: str | None = None) -> Turn | None:
    """Takes the most urgent turn that is due, then the one that waits longest; None when there is none.

    Args:
        conversation_id: only this conversation's turn.
    """
    query = _MOST_URGENT if conversation_id is None else _THIS_ONE
    row = connection.execute(query, {"now": now, "conversation": conversation_id}).one_or_none()
    if row is None:
        return None
    unanswered = transcript.messages_after(connection, row.id, row.turn_upto_seq)
    typed = [message for message in unanswered if message.sender == "young_person"]
    typed = [message for message in typed if not pressed.unknown_to_engine(message.option_payload)]
    upto = unanswered[-1].seq if unanswered else row.seq
    if not typed:
        connection.execute(
            update(conversations)
            .where(conversations.c.id == row.id)
            .values(turn_due_at=None, turn_since=None, turn_upto_seq=upto)
        )
        return None
    lease_until = now + LEASE
    connection.execute(_LEASE, {"conversation": row.id, "until": lease_until})
    return Turn(
        conversation_id=row.id,
        number=row.turn_no,
        upto_seq=upto,
        lease_until=lease_until,
        due_at=row.turn_due_at,
        retaken=row.lease_until is not None,
        newest_at=typed[-1].at,
        texts=tuple(message.text for message in typed if not message.option_payload),
        option=typed[-1].option_payload,
        assessment=_merged(connection, row.id, row.turn_upto_seq),
        answered_cues={
            cue: when
            for cue, when in (row.answered_cues or {}).items()
            if CUES[cue].tier < Tier.IMMEDIATE or when > now - CUE_ANSWERED_FOR
        },
        staffing=staffing(connection, now),
        waiting=row.mode == "waiting",
        locale=row.locale,
        country=row.country,
        state=row.dialogue_state,
        missed=tuple(row.missed or ()),
        last_net_text=row.last_net_text,
    )


def commit(
    connection: Connection,
    turn: Turn,
    said: Sequence[replies.Said],
    *,
    now: float,
    milliseconds: float,
    resources: Sequence[Mapping[str, Any]] = (),
    state: Mapping[str, Any] | None = None,
    cause: Cause | None = None,
) -> bool:
    """Commits the answer to a turn; False, with nothing changed, when somebody was faster.

    Args:
        state: the new dialogue state when the engine answered.
        cause: why the safety net answered instead.
    """
    texts = [part.text_id for part in said if part.text_id]
    # The engine answers the most serious new cue with its own text; a net text is for the whole turn.
    answered_now = [cue for cue in turn.assessment.cue_ids if cause is not None or f"utter_cue_{cue}" in texts]
    answered = {**turn.answered_cues, **dict.fromkeys(answered_now, now)}
    by_net = cause is not None
    values = {
        "conversation": turn.conversation_id,
        "number": turn.number,
        "ours": turn.lease_until,
        "now": now,
        "upto": turn.upto_seq,
        "answered": answered,
        "left_out": [*turn.missed, *texts][-6:] if by_net else None,
        "net_text": texts[0] if by_net and texts else None,
        "state": turn.state if by_net else state,
    }
    last = connection.execute(_ANSWERED, values).scalar_one_or_none()
    if last is None:
        return False
    if last > turn.upto_seq and connection.execute(_NEWER, values).first() is None:
        connection.execute(
            update(conversations).where(conversations.c.id == turn.conversation_id).values(turn_due_at=None, turn_since=None)
        )
    replies.show(connection, turn.conversation_id, said, now=now, resources=resources, turn_no=turn.number)
    connection.execute(
        _ADD_TURN,
        {
            "conversation_id": turn.conversation_id,
            "turn_no": turn.number,
            "upto_seq": turn.upto_seq,
            "answered_by": "net" if by_net else "engine",
            "cause": cause.value if cause else "",
            "milliseconds": milliseconds,
            "at": now,
        },
    )
    return True


def typing(connection: Connection, conversation_id: str, now: float, *, quiet: float, most: float) -> None:
    """The young person still types: a fragment waits for the rest, up to `most` seconds after its first part."""
    later = func.min if connection.dialect.name == "sqlite" else func.least
    connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.turn_due_at > now)
        .values(turn_due_at=later(now + quiet, conversations.c.turn_since + most))
    )


def _merged(connection: Connection, conversation_id: str, after: int) -> Assessment:
    """One assessment for all messages after a number: the most serious tier, each cue once with its highest score."""
    rows = connection.execute(_ASSESSED, {"conversation": conversation_id, "after": after}).scalars()
    parts = [Assessment.from_dict(row) for row in rows]
    best: dict[str, CueHit] = {}
    facts: dict[str, str] = {}
    for part in parts:
        facts.update(part.facts)
        for hit in part.cues:
            if hit.cue not in best or hit.score > best[hit.cue].score:
                best[hit.cue] = hit
    worst = [Assessed.NONE, Assessed.WORDS_ONLY, Assessed.FULL]
    return Assessment(
        tier=max((part.tier for part in parts), default=Tier.NONE),
        assessed=min((part.assessed for part in parts), key=worst.index, default=Assessed.FULL),
        cues=tuple(sorted(best.values(), key=lambda hit: (-CUES[hit.cue].tier, -hit.score))),
        facts=facts,
        unclear=any(part.unclear for part in parts),
        model=parts[-1].model if parts else "",
    )
