"""A conversation's risk: a fold over its ordered events, exactly as triage.md describes it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.triage.assessment import Assessment
from bot.triage.taxonomy import CUES, About, Assessed, Tier

WORDS_ONLY_MOST = 2  # messages that only words read, and heard nothing in, until a person looks; rule 8
UNCLEAR_MOST = 2  # one gentle question, then a person; rule 8
IMAGE_CUES = frozenset({"image_shared", "sextortion"})
DESPAIR_CUES = frozenset({"suicide_intent", "suicidal_ideation", "self_harm"})


class EventKind(StrEnum):
    CUE = "cue"
    FACT = "fact"
    ASKED_PERSON = "asked_person"
    DECLINED = "declined"
    LOWERED = "lowered"
    CLOSED = "closed"
    UNASSESSED = "unassessed"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class RiskEvent:
    """One event of a conversation's risk.

    Attributes:
        kind: what happened.
        seq: the message that it comes from, or the last one before it.
        at: seconds since the epoch.
        cue, score, about, quote: for a cue.
        fact, value: for a fact.
        tier: for `lowered` the tier that staff set; for a cue that counts as more than its own (harm to others now).
        assessed: for `unassessed`, how much was.
        by: who lowered or closed.
    """

    kind: EventKind
    seq: int
    at: float
    cue: str = ""
    score: float = 1.0
    about: str = About.UNKNOWN.value
    quote: str = ""
    fact: str = ""
    value: str = ""
    tier: str = ""
    assessed: str = ""
    by: str = ""

    def to_dict(self) -> dict[str, Any]:
        full = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in full.items() if value not in ("", None)} | {"kind": self.kind.value}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> RiskEvent:
        return cls(**{**value, "kind": EventKind(value["kind"])})

    @classmethod
    def asked_person(cls, *, seq: int, at: float) -> RiskEvent:
        return cls(EventKind.ASKED_PERSON, seq, at)

    @classmethod
    def declined(cls, *, seq: int, at: float) -> RiskEvent:
        return cls(EventKind.DECLINED, seq, at)

    @classmethod
    def lowered(cls, *, seq: int, at: float, tier: Tier, by: str) -> RiskEvent:
        return cls(EventKind.LOWERED, seq, at, tier=tier.id, by=by)

    @classmethod
    def closed(cls, *, seq: int, at: float, by: str = "") -> RiskEvent:
        return cls(EventKind.CLOSED, seq, at, by=by)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a conversation is where it is: one cue, with the young person's own words.

    Attributes:
        seqs: the messages that told it, oldest first.
        quote: the words that told it most strongly.
    """

    cue: str
    seqs: tuple[int, ...]
    at: float
    score: float
    about: str
    quote: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "cue": self.cue,
            "quote": self.quote,
            "seqs": list(self.seqs),
            "at": self.at,
            "score": round(self.score, 4),
            "about": self.about,
        }


@dataclass(frozen=True, slots=True)
class Risk:
    """Where a conversation stands.

    Attributes:
        tier: since the last `lowered` or `closed`.
        assessed: the least that was assessed since then.
        reasons: most serious first.
        facts: every fact said, its newest value and the message that told it.
        due: a handoff must be open.
        due_cause: cue, asked, not_assessed or unclear; "" when none is due.
    """

    tier: Tier
    assessed: Assessed
    reasons: tuple[Reason, ...] = ()
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    due: bool = False
    due_cause: str = ""


def events_of(assessment: Assessment, *, seq: int, at: float) -> list[RiskEvent]:
    """The events that one assessed message brings, in the order in which they are folded."""
    facts = [RiskEvent(EventKind.FACT, seq, at, fact=fact, value=value) for fact, value in sorted(assessment.facts.items())]
    lifted = assessment.tier is Tier.IMMEDIATE
    cues = [
        RiskEvent(
            EventKind.CUE,
            seq,
            at,
            cue=hit.cue,
            score=hit.score,
            about=hit.about.value,
            quote=hit.evidence,
            tier=Tier.IMMEDIATE.id if lifted and hit.cue == "harm_to_others" else "",
        )
        for hit in assessment.cues
    ]
    events = [*facts, *cues]
    if assessment.assessed is not Assessed.FULL:
        events.append(RiskEvent(EventKind.UNASSESSED, seq, at, assessed=assessment.assessed.value, value="heard" if cues else ""))
    elif assessment.unclear:
        events.append(RiskEvent(EventKind.UNCLEAR, seq, at))
    return events


@dataclass(slots=True)
class _State:
    """What the fold carries along. `seen` is reset by lowered and closed, `due` also by declined."""

    floor: Tier = Tier.NONE
    settled_seq: int = -1  # facts up to here were dealt with by a person
    heard: list[RiskEvent] = field(default_factory=list)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    declined_cues: frozenset[str] = frozenset()
    declined_combined: bool = False
    unassessed: int = 0
    nothing_ran: bool = False
    unclear: int = 0
    due_cause: str = ""


def fold(events: Iterable[RiskEvent]) -> Risk:
    """The risk after `events`, in the order in which they happened.

    A new `immediate` cue is always due, whatever came before it: no history of refusals or closings can hide it.
    """
    state = _State()
    for event in events:
        _STEPS[event.kind](state, event)
        if event.kind in {EventKind.CUE, EventKind.FACT} and not state.due_cause:
            _note_combinations(state)
    tier = _tier(state)
    return Risk(tier, _assessed(state), _reasons(state.heard), state.facts, bool(state.due_cause), state.due_cause)


def _on_cue(state: _State, event: RiskEvent) -> None:
    state.heard.append(event)
    if event.cue == "wants_human":
        state.due_cause = state.due_cause or "asked"
        return
    tier = _cue_tier(event, state)
    declined = event.cue in state.declined_cues
    if tier is Tier.IMMEDIATE or CUES[event.cue].tier is Tier.IMMEDIATE or (tier >= Tier.HIGH and not declined):
        state.due_cause = "cue"


def _on_fact(state: _State, event: RiskEvent) -> None:
    state.facts[event.fact] = {"value": event.value, "seq": event.seq}


def _on_asked(state: _State, event: RiskEvent) -> None:
    state.due_cause = state.due_cause or "asked"


def _on_declined(state: _State, event: RiskEvent) -> None:
    if _tier(state) is Tier.IMMEDIATE and state.due_cause:
        return  # recorded; at immediate a "not now" changes nothing
    state.declined_cues |= {heard.cue for heard in state.heard}
    state.declined_combined = _combined(state) is Tier.IMMEDIATE
    state.due_cause = ""
    if state.unclear:  # asked anew from here on, but the tier does not fall by a "not now"
        state.floor = max(state.floor, Tier.ELEVATED)
        state.unclear = 0


def _on_lowered(state: _State, event: RiskEvent) -> None:
    _on_closed(state, event)
    state.floor = Tier.from_id(event.tier) if event.tier else Tier.NONE


def _on_closed(state: _State, event: RiskEvent) -> None:
    state.floor = Tier.NONE
    state.settled_seq = event.seq
    state.heard = []
    state.declined_cues = frozenset()
    state.declined_combined = False
    state.unassessed = state.unclear = 0
    state.nothing_ran = False
    state.due_cause = ""


def _on_unassessed(state: _State, event: RiskEvent) -> None:
    if event.assessed == Assessed.NONE.value:
        state.nothing_ran = True
        state.due_cause = state.due_cause or "not_assessed"
    elif not event.value:
        state.unassessed += 1
        if state.unassessed >= WORDS_ONLY_MOST:
            state.due_cause = state.due_cause or "not_assessed"
    else:
        state.unassessed = max(state.unassessed, 1)


def _on_unclear(state: _State, event: RiskEvent) -> None:
    state.unclear += 1
    if state.unclear >= UNCLEAR_MOST:
        state.due_cause = state.due_cause or "unclear"


_STEPS = {
    EventKind.CUE: _on_cue,
    EventKind.FACT: _on_fact,
    EventKind.ASKED_PERSON: _on_asked,
    EventKind.DECLINED: _on_declined,
    EventKind.LOWERED: _on_lowered,
    EventKind.CLOSED: _on_closed,
    EventKind.UNASSESSED: _on_unassessed,
    EventKind.UNCLEAR: _on_unclear,
}


def _note_combinations(state: _State) -> None:
    """What only several messages tell together is new when it is told, also after a refusal."""
    combined = _combined(state)
    if combined is Tier.IMMEDIATE and not state.declined_combined:
        state.due_cause = "cue"
    elif combined is Tier.HIGH and not state.declined_cues:
        state.due_cause = "cue"


def _cue_tier(event: RiskEvent, state: _State) -> Tier:
    """The cue's own tier, higher when staff must be faster, and at most `high` when all of it lies in the past."""
    tier = max(CUES[event.cue].tier, Tier.from_id(event.tier) if event.tier else Tier.NONE)
    past = state.facts.get("past")
    if tier is Tier.IMMEDIATE and past is not None and past["value"] == "yes" and past["seq"] == event.seq:
        return Tier.HIGH
    return tier


def _combined(state: _State) -> Tier:
    """What the cues and facts add up to; rule 2."""
    cues = {event.cue for event in state.heard}
    if cues & IMAGE_CUES and cues & DESPAIR_CUES:
        return Tier.IMMEDIATE
    if _is(state, "papers_held") and _is(state, "cannot_leave"):
        return Tier.IMMEDIATE
    if _is(state, "age_under_13") and any(CUES[cue].tier >= Tier.HIGH for cue in cues):
        return Tier.IMMEDIATE
    if "runaway" in cues and _is(state, "no_safe_place_tonight"):
        return Tier.IMMEDIATE
    elevated = [event for event in state.heard if CUES[event.cue].tier is Tier.ELEVATED]
    different, messages = {event.cue for event in elevated}, {event.seq for event in elevated}
    if len(different) >= 3 and len(messages) >= 2 and "emotional_distress" in different:
        return Tier.HIGH
    return Tier.NONE


def _is(state: _State, fact: str) -> bool:
    known = state.facts.get(fact)
    lasting = fact == "age_under_13"
    return known is not None and known["value"] == "yes" and (lasting or known["seq"] > state.settled_seq)


def _tier(state: _State) -> Tier:
    alone = max((_cue_tier(event, state) for event in state.heard), default=Tier.NONE)
    unheard = Tier.HIGH if state.nothing_ran else Tier.ELEVATED if state.unassessed or state.unclear else Tier.NONE
    return max(state.floor, alone, _combined(state), unheard)


def _assessed(state: _State) -> Assessed:
    if state.nothing_ran:
        return Assessed.NONE
    return Assessed.WORDS_ONLY if state.unassessed else Assessed.FULL


def _reasons(heard: Sequence[RiskEvent]) -> tuple[Reason, ...]:
    found: dict[str, list[RiskEvent]] = {}
    for event in heard:
        found.setdefault(event.cue, []).append(event)
    reasons = []
    for cue, events in found.items():
        best = max(events, key=lambda event: (bool(event.quote), event.score, event.seq))
        seqs = tuple(dict.fromkeys(event.seq for event in events))
        reasons.append(Reason(cue, seqs, best.at, best.score, best.about, best.quote))
    return tuple(sorted(reasons, key=lambda reason: (-CUES[reason.cue].tier, -reason.at)))
