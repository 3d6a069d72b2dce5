"""Tiers, cues and facts: the vocabulary of the whole project.

Code, data, database, desk and evaluation use these ids and no others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Tier(IntEnum):
    """How soon a human must be there; greater is more urgent."""

    NONE = 0
    ELEVATED = 1
    HIGH = 2
    IMMEDIATE = 3

    @property
    def id(self) -> str:
        return self.name.lower()

    @classmethod
    def from_id(cls, tier_id: str) -> Tier:
        """The tier named `tier_id`; raises `KeyError` for any other word."""
        return cls[tier_id.upper()]


class About(StrEnum):
    """Whom a cue is about: the writer, somebody else, or not said."""

    SELF = "self"
    OTHER = "other"
    UNKNOWN = "unknown"


class Assessed(StrEnum):
    """How much of triage saw a message; not assessed is not harmless."""

    FULL = "full"
    WORDS_ONLY = "words_only"
    NONE = "none"


class FactValue(StrEnum):
    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing that a message can tell about harm or distress."""

    id: str
    tier: Tier
    says: str


CUES: dict[str, Cue] = {
    cue.id: cue
    for cue in (
        Cue("suicide_intent", Tier.IMMEDIATE, "Intends to end their life"),
        Cue("medical_emergency", Tier.IMMEDIATE, "Medical emergency"),
        Cue("held_or_trafficked", Tier.IMMEDIATE, "Held, sold or forced, cannot leave"),
        Cue("violence_now", Tier.IMMEDIATE, "Violence now"),
        Cue("meeting_imminent", Tier.IMMEDIATE, "Meeting an online contact now or soon"),
        Cue("suicidal_ideation", Tier.HIGH, "Thinks of suicide"),
        Cue("self_harm", Tier.HIGH, "Self-harm"),
        Cue("sextortion", Tier.HIGH, "Threat to share images or secrets"),
        Cue("image_shared", Tier.HIGH, "Intimate image sent, taken or posted"),
        Cue("abuse_disclosure", Tier.HIGH, "Abuse or assault"),
        Cue("neglect", Tier.HIGH, "No food, care or safe place at home"),
        Cue("meeting_planned", Tier.HIGH, "Meeting with an online contact arranged or past"),
        Cue("coercion", Tier.HIGH, "Made or pressed to do things, papers held"),
        Cue("travel_for_offer", Tier.HIGH, "Travel arranged for an offer or online partner"),
        Cue("runaway", Tier.HIGH, "Has left home, or is about to"),
        Cue("harm_to_others", Tier.HIGH, "Intends to hurt somebody"),
        Cue("grooming_signs", Tier.ELEVATED, "Signs of grooming"),
        Cue("offer_red_flags", Tier.ELEVATED, "Offer with red flags"),
        Cue("emotional_distress", Tier.ELEVATED, "Distress"),
        Cue("eating_disorder", Tier.ELEVATED, "Eating disorder"),
        Cue("bullying", Tier.ELEVATED, "Bullied or harassed"),
        Cue("wants_human", Tier.NONE, "Asked for a person"),
    )
}

FACTS: tuple[str, ...] = (
    "age_under_13",
    "no_safe_place_tonight",
    "papers_held",
    "cannot_leave",
    "deadline",
    "offender_present",
    "past",
    "country",
)


def most_serious(cue_ids: Iterable[str]) -> Tier:
    """The tier of the most serious of the cues; `Tier.NONE` for none."""
    return max((CUES[cue_id].tier for cue_id in cue_ids), default=Tier.NONE)
