"""Labelled conversations, played through the real rules: when a handoff opens, and whether it should.

The unit that counts is the conversation: tiers stick, so one false alarm in it is enough to call somebody in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.errors import ContentError
from bot.triage.assessment import Assessment, CueHit
from bot.triage.evaluation.progress import progress
from bot.triage.evaluation.scores import scores
from bot.triage.risk import RiskEvent, events_of, fold
from bot.triage.taxonomy import CUES, FACTS, About, Assessed, Tier, most_serious
from bot.triage.together import SPLIT_MOST, Scorer, joined


@dataclass(frozen=True, slots=True)
class Said:
    """One labelled message of a conversation."""

    text: str
    cues: tuple[str, ...]
    about: About
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one young person writes, in order; `kind` is what the conversation is meant to be."""

    voice: str
    kind: str
    messages: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the detector says about one message: alone, and with those before it (None for the first)."""

    alone: Assessment
    scores: Mapping[str, float]
    together: Assessment | None = None
    scores_together: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """How a conversation went.

    Attributes:
        tier: where it ended; it never falls by itself.
        high_at: index of the message with which it reached `high`; None when it never did.
        opened_at: index of the message with which a handoff was due; None when none was.
        cause: why it was due: `alone` (a cue in that message), `together` (one that only several messages tell), `added up`
            (of cues and facts), or another of `Risk.due_cause`; "" when none was.
        unclear: something was half heard and asked about.
        told: the assessment of each message, in the light of those before it.
    """

    tier: Tier
    high_at: int | None
    opened_at: int | None
    cause: str
    unclear: bool
    told: tuple[Assessment, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """A conversation with its labels folded by the same rules, and what the detector made of it."""

    conversation: Conversation
    labelled: Course
    heard: tuple[Heard, ...]
    told: Course

    @property
    def serious(self) -> bool:
        return self.labelled.tier >= Tier.HIGH

    @property
    def wished_at(self) -> int | None:
        """The first message with a wish for a person."""
        return next((at for at, said in enumerate(self.conversation.messages) if "wants_human" in said.cues), None)

    def opened_in_time(self, course: Course | None = None) -> bool:
        """Whether a handoff opens by the message that tells."""
        opened, tells = (course or self.told).opened_at, self.labelled.high_at
        return opened is not None and tells is not None and opened <= tells

    def opened_unasked(self, course: Course | None = None) -> bool:
        """Whether a handoff opens that the labels do not ask for; a wish for a person asks for one."""
        opened = (course or self.told).opened_at
        wished = self.wished_at
        return not self.serious and opened is not None and (wished is None or wished > opened)


def is_conversations(file: Path) -> bool:
    """Whether a file of JSON lines holds conversations, and not single messages, by its first line."""
    with file.open(encoding="utf-8") as lines:
        first = next((line for line in lines if line.strip()), "")
    try:
        value = json.loads(first)
    except ValueError:
        return False
    return isinstance(value, dict) and "messages" in value


def read_conversations(files: Iterable[Path]) -> list[Conversation]:
    """The conversations of all files, in order. Raises `ContentError` with every line that cannot be used."""
    found, problems = [], []
    for file in sorted(files):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                found.append(_conversation(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                problems.append(f"{file}:{number}: this is no labelled conversation ({error}); docs/evaluation.md has the form")
    if problems:
        raise ContentError(problems)
    return found


def play_conversations(detector: Scorer, conversations: Sequence[Conversation], label: str = "conversations") -> list[Played]:
    """Every conversation, heard by the detector and folded."""
    return [play(detector, conversation) for conversation in progress(conversations, label)]


def play(detector: Scorer, conversation: Conversation) -> Played:
    heard = _hear(detector, conversation)
    return Played(conversation, labelled_course(conversation), heard, course(heard))


def labelled_course(conversation: Conversation) -> Course:
    """How the conversation goes when every message is heard exactly as it is labelled."""
    return course([Heard(_as_labelled(said), {}) for said in conversation.messages])


def course(heard: Sequence[Heard], threshold: float | None = None) -> Course:
    """Folds what was heard, as the chat does.

    Args:
        threshold: the least probability at which a cue of `high` or above counts; None for the detector's own judgement.
    """
    told: list[Assessment] = []
    events: list[RiskEvent] = []
    high_at = opened_at = None
    tier, cause = Tier.NONE, ""
    for at, each in enumerate(heard):
        assessment = _in_context(each, told[-(SPLIT_MOST - 1) :], threshold)
        told.append(assessment)
        new = events_of(assessment, seq=at, at=float(at))
        if not new:
            continue
        events += new
        risk = fold(events)
        tier = risk.tier
        if high_at is None and tier >= Tier.HIGH:
            high_at = at
        if opened_at is None and risk.due:
            opened_at, cause = at, _cause(risk.due_cause, each.alone, assessment)
    return Course(tier, high_at, opened_at, cause, any(assessment.unclear for assessment in told), tuple(told))


def at_threshold(told: Assessment, probabilities: Mapping[str, float], threshold: float) -> Assessment:
    """The assessment as it would be, were every cue of `high` or above heard from `threshold` on."""
    known = {hit.cue: hit for hit in told.cues}
    about = told.cues[0].about if told.cues else About.UNKNOWN
    serious = [
        known.get(cue) or CueHit(cue, score, about, "")
        for cue, score in probabilities.items()
        if CUES[cue].tier >= Tier.HIGH and score >= threshold
    ]
    hits = (*serious, *(hit for hit in told.cues if CUES[hit.cue].tier < Tier.HIGH))
    lifted = told.tier > most_serious(known) and any(hit.cue == "harm_to_others" for hit in hits)
    floor = told.tier if lifted or not known else Tier.NONE
    return replace(told, cues=hits, tier=max(most_serious(hit.cue for hit in hits), floor), unclear=told.unclear and not hits)


def _hear(detector: Scorer, conversation: Conversation) -> tuple[Heard, ...]:
    """Every message alone and together with up to three before it, taking all as written within three minutes."""
    texts = [said.text for said in conversation.messages]
    heard = []
    for at, text in enumerate(texts):
        before = texts[max(0, at - SPLIT_MOST + 1) : at]
        alone, together = detector.assess_amid(text, before) if before else (detector.assess(text), None)
        by_message, by_all = scores(detector, text, before, alone, together)
        each = Heard(alone, by_message, together, by_all)
        heard.append(each)
    return tuple(heard)


def _in_context(heard: Heard, before: Sequence[Assessment], threshold: float | None) -> Assessment:
    alone, together = heard.alone, heard.together
    if threshold is not None:
        alone = at_threshold(alone, heard.scores, threshold)
        together = at_threshold(together, heard.scores_together, threshold) if together is not None else None
    if together is None:
        return alone
    return joined(alone, together, {cue for assessment in before for cue in assessment.cue_ids})


def _cause(due_cause: str, alone: Assessment, told: Assessment) -> str:
    if due_cause != "cue":
        return due_cause
    more = set(told.cue_ids) - set(alone.cue_ids)
    if most_serious(told.cue_ids) < Tier.HIGH:
        return "added up"
    return "together" if most_serious(more) >= Tier.HIGH else "alone"


def _as_labelled(said: Said) -> Assessment:
    hits = tuple(CueHit(cue, 1.0, said.about, said.text) for cue in said.cues)
    return Assessment(most_serious(said.cues), Assessed.FULL, hits, said.facts)


def _conversation(value: Mapping[str, Any]) -> Conversation:
    messages = value["messages"]
    if not isinstance(messages, list) or not messages:
        raise ValueError("the messages are missing")
    return Conversation(str(value.get("voice", "")), str(value.get("kind", "")), tuple(_said(message) for message in messages))


def _said(value: Mapping[str, Any]) -> Said:
    text, cues, facts = value["text"], value.get("cues", []), value.get("facts") or {}
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a text is missing")
    if not isinstance(cues, list) or set(cues) - set(CUES):
        raise ValueError("a cue is unknown")
    if not isinstance(facts, dict) or set(facts) - set(FACTS):
        raise ValueError("a fact is unknown")
    about = About(str(value.get("about", "unknown")))
    return Said(text, tuple(dict.fromkeys(cues)), about, {str(name): str(said) for name, said in facts.items()})
