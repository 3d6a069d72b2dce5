"""The answer when the dialogue engine fails, is late, or talks nonsense: fixed, reviewed text with a way to a person.

Pure: given what was heard and how things stand, it picks text ids; it never raises for any input.
"""

from __future__ import annotations

from enum import StrEnum

from bot.triage.taxonomy import Assessed, Tier


class Cause(StrEnum):
    """Why the engine's answer was not used."""

    AWAY = "away"
    LATE = "late"
    REFUSED = "refused"
    BREAKER = "breaker"
    NOT_THE_SCHEMA = "not_the_schema"
    NO_TEXT = "no_text"
    UNKNOWN_TEXT = "unknown_text"
    PLACEHOLDER = "placeholder"
    FOREIGN_NUMBER = "foreign_number"
    TOO_OLD = "too_old"
    LANGUAGE = "language"  # written in a language that the engine does not know: it was not asked


NET_TEXTS = {
    Tier.NONE: "utter_net_none",
    Tier.ELEVATED: "utter_net_elevated",
    Tier.HIGH: "utter_net_high",
    Tier.IMMEDIATE: "utter_net_immediate",
}


def text_id(tier: Tier, *, assessed: Assessed, waiting: bool, new_cue: bool, last: str | None) -> str:
    """Which reviewed text answers this turn.

    Args:
        tier: what the turn's own messages ask for.
        waiting: a handoff is open and nobody has written yet.
        new_cue: the turn brings a cue that was not answered before.
        last: the net's text in the turn before, which is not sent twice running.
    """
    if assessed is not Assessed.FULL and tier >= Tier.ELEVATED:
        chosen = "utter_unassessed"
    elif waiting and not new_cue:
        chosen = "utter_waiting"
    elif tier is Tier.HIGH and not waiting:
        chosen = NET_TEXTS[Tier.ELEVATED]  # they said "not now": nobody was asked, and a person is offered again
    else:
        chosen = NET_TEXTS[tier]
    if chosen == last:
        return "utter_waiting" if waiting and last != "utter_waiting" else "utter_net_again"
    return chosen
