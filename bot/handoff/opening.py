"""The young person's side of a handoff: what opens it, raises it, and flags it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from bot.handoff import journal, records
from bot.store import transcript
from bot.store.database import signal
from bot.triage.risk import Risk, RiskEvent
from bot.triage.taxonomy import Assessed, Tier

LEFT_FOR_GOOD = ("exit", "end")  # ways of leaving that take the chat from the device
_LEAST_ASSESSED = (Assessed.NONE, Assessed.WORDS_ONLY, Assessed.FULL)


@dataclass(frozen=True, slots=True)
class HandoffChange:
    """What a conversation's risk did to its handoff.

    Attributes:
        handoff_id: of the open handoff; None when none is open.
        opened: it was opened now.
        raised: it was open, and its tier rose.
    """

    handoff_id: int | None
    opened: bool = False
    raised: bool = False


def apply_risk(connection: Connection, conversation_id: str, risk: Risk, now: float) -> HandoffChange:
    """Opens a handoff when one is due; raises the open one's tier and adds its new reasons.

    Args:
        risk: of the conversation, with its newest message.
        now: seconds since the epoch.
    """
    transcript.lock(connection, conversation_id)
    handoff = records.open_handoff(connection, conversation_id)
    if handoff is not None:
        return HandoffChange(handoff.id, raised=_add(connection, handoff, risk, now))
    if not risk.due:
        return HandoffChange(None)
    return _open(connection, conversation_id, risk, risk.tier, risk.due_cause or "cue", now)


def open_now(connection: Connection, conversation_id: str, now: float, *, cause: str) -> HandoffChange:
    """Opens a handoff whatever the risk says, at `elevated` at least: an answer came too late, or none could be given."""
    transcript.lock(connection, conversation_id)
    risk = records.conversation_risk(connection, conversation_id)
    handoff = records.open_handoff(connection, conversation_id)
    if handoff is not None:
        return HandoffChange(handoff.id, raised=_add(connection, handoff, risk, now))
    return _open(connection, conversation_id, risk, max(risk.tier, Tier.ELEVATED), cause, now)


def decline(connection: Connection, conversation_id: str, now: float) -> bool:
    """The young person says "not now".

    Returns:
        False where it is recorded and changes nothing: at `immediate`, and once a person has taken the chat.
    """
    conversation = transcript.lock(connection, conversation_id)
    if conversation is None:
        return True
    journal.record_risk(connection, conversation_id, RiskEvent.declined(seq=conversation.seq, at=now))
    handoff = records.open_handoff(connection, conversation_id)
    if handoff is None:
        return True
    granted = bool(handoff.state == "waiting" and handoff.tier < Tier.IMMEDIATE)
    if granted:
        records.set_handoff(connection, handoff.id, state="declined", declined_at=now)
        records.set_conversation(connection, conversation_id, mode=mode_without_person(conversation))
    journal.note(connection, handoff.id, "declined" if granted else "asked_not_now", now)
    journal.changed(connection, conversation_id)
    return granted


def note_away(connection: Connection, conversation_id: str, how: str, now: float) -> None:
    """The young person left: a flag with its time, never a state.

    Args:
        how: exit, end or hidden. Whoever left for good is not merely hidden afterwards.
    """
    conversation = transcript.lock(connection, conversation_id)
    if conversation is None or (how == "hidden" and conversation.away_how in LEFT_FOR_GOOD):
        return
    records.set_conversation(connection, conversation_id, away_since=now, away_how=how)
    handoff = records.open_handoff(connection, conversation_id)
    if handoff is not None:
        journal.note(connection, handoff.id, f"left_{how}", now)
        journal.changed(connection, conversation_id)


def note_message(connection: Connection, conversation_id: str, now: float) -> None:
    """The young person wrote: in a live chat the counsellor's time to answer begins with the first unanswered message."""
    handoff = records.open_handoff(connection, conversation_id)
    if handoff is None:
        return
    if handoff.state == "live" and handoff.unanswered_since is None:
        records.set_handoff(connection, handoff.id, unanswered_since=now)
    signal(connection, "desk", conversation_id)


def note_wait_quoted(connection: Connection, conversation_id: str, wait: tuple[int, int] | None) -> None:
    """What the young person was last told about the wait, in minutes; the counsellor sees it as a promise made."""
    handoff = records.open_handoff(connection, conversation_id)
    if handoff is not None and wait is not None:
        records.set_handoff(connection, handoff.id, wait_quoted=list(wait))


def ask_erase(connection: Connection, conversation_id: str, now: float) -> None:
    """Somebody asked to erase the chat, perhaps not the young person: the desk keeps it until a person closes it."""
    transcript.lock(connection, conversation_id)
    records.set_conversation(connection, conversation_id, erase_asked_at=now)
    handoff = records.open_handoff(connection, conversation_id)
    if handoff is None:
        return
    if handoff.erase_asked_at is None:
        records.set_handoff(connection, handoff.id, erase_asked_at=now)
        journal.note(connection, handoff.id, "erase_asked", now)
    journal.changed(connection, conversation_id)


def mode_without_person(conversation: Row[Any]) -> str:
    """The chat's mode once no person is in it: closed only when the young person ended or erased it."""
    over = conversation.ended_at is not None or conversation.erase_asked_at is not None
    return "closed" if over else "bot"


# Opening and adding


def _open(
    connection: Connection, conversation_id: str, risk: Risk, tier: Tier, cause: str, now: float
) -> HandoffChange:
    handoff_id = records.insert_handoff(
        connection,
        {
            "conversation_id": conversation_id,
            "state": "waiting",
            "tier": int(tier),
            "assessed": risk.assessed.value,
            "cause": cause,
            "opened_at": now,
            "waiting_since": now,
            "reasons": [reason.to_dict() for reason in risk.reasons],
            "facts": {name: dict(fact) for name, fact in risk.facts.items()},
        },
    )
    if handoff_id is None:  # somebody opened it since we looked: then this only adds to it
        handoff = records.open_handoff(connection, conversation_id)
        return HandoffChange(handoff.id, raised=_add(connection, handoff, risk, now)) if handoff else HandoffChange(None)
    conversation = transcript.lock(connection, conversation_id)
    if conversation is not None and conversation.mode == "bot":
        records.set_conversation(connection, conversation_id, mode="waiting")
    journal.note(connection, handoff_id, "opened", now, detail={"tier": tier.id, "cause": cause})
    journal.changed(connection, conversation_id)
    return HandoffChange(handoff_id, opened=True)


def _add(connection: Connection, handoff: Row[Any], risk: Risk, now: float) -> bool:
    """Brings an open handoff up to the risk; it only ever rises here. Returns whether the tier rose."""
    values: dict[str, Any] = {
        "tier": max(int(risk.tier), handoff.tier),
        "assessed": least_assessed(handoff.assessed, risk.assessed).value,
        "reasons": merged_reasons(handoff.reasons, [reason.to_dict() for reason in risk.reasons]),
        "facts": {**handoff.facts, **{name: dict(fact) for name, fact in risk.facts.items()}},
    }
    if all(getattr(handoff, name) == value for name, value in values.items()):
        return False
    records.set_handoff(connection, handoff.id, **values, set_aside_at=None)  # what is new is looked at again
    raised = bool(risk.tier > handoff.tier)
    if raised:
        detail = {"from": Tier(handoff.tier).id, "tier": risk.tier.id, "by": "triage"}
        journal.note(connection, handoff.id, "raised", now, detail=detail)
    journal.changed(connection, handoff.conversation_id)
    return raised


def least_assessed(stored: str, now: Assessed) -> Assessed:
    """A handoff is as well assessed as its least assessed message."""
    return min(Assessed(stored), now, key=_LEAST_ASSESSED.index)


def merged_reasons(known: Sequence[Mapping[str, Any]], found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The newest of each cue, with all the messages that told it; what staff once saw is not taken away again."""
    before = {reason["cue"]: reason for reason in known}
    merged = []
    for reason in found:
        old = before.pop(reason["cue"], None)
        seqs = sorted({*reason["seqs"], *(old["seqs"] if old else ())})
        merged.append({**reason, "seqs": seqs})
    return [*merged, *(dict(reason) for reason in before.values())]
