"""How probable the detector holds each cue to be; what curves are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.triage.assessment import Assessment
from bot.triage.taxonomy import CUES, Tier, most_serious
from bot.triage.together import Scorer


def scores(
    detector: Scorer, text: str, before: Sequence[str], alone: Assessment, together: Assessment | None = None
) -> tuple[dict[str, float], dict[str, float]]:
    """Probability by cue of a message, and of it together with those before it; a cue that is not in it counts as 0.

    A detector that tells only of cues that fired has curves that end at its operating point.

    Args:
        alone, together: the detector's assessments.
    """
    tell = getattr(detector, "probabilities", None)
    told = tell(text, before) if tell is not None else ({}, {})
    fired = ({hit.cue: hit.score for hit in assessment.cues} if assessment else {} for assessment in (alone, together))
    message, all_of_them = ({**known, **sure} for known, sure in zip(told, fired, strict=True))
    return message, all_of_them


def tier_score(probabilities: Mapping[str, float], tier: Tier, told: Assessment) -> float:
    """How probable it is that a message is of a tier or above: the highest probability among the cues that would make it so.

    Args:
        told: the detector's assessment, which may count a cue as more than its own tier (harm to others now).
    """
    lifted = told.tier if told.cues and told.tier > most_serious(told.cue_ids) else Tier.NONE
    reached = {cue for cue in probabilities if CUES[cue].tier >= tier}
    if lifted >= tier:
        reached |= set(told.cue_ids) & {"harm_to_others"}
    return max((probabilities.get(cue, 0.0) for cue in reached), default=0.0)
