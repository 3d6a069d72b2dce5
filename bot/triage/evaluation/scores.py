"""How probable the detector holds each cue to be; what curves are drawn from."""

from __future__ import annotations

from collections.abc import Mapping

from bot.triage.assessment import Assessment
from bot.triage.taxonomy import CUES, Tier, most_serious
from bot.triage.together import Scorer


def scores(detector: Scorer, text: str, told: Assessment) -> dict[str, float]:
    """Probability by cue of one text; a cue that is not in it counts as 0.

    The detector tells the probability only of cues that fired, so curves end at its operating point; one loaded with a
    lower operating point draws longer ones.

    Args:
        told: the detector's assessment of the text.
    """
    return {hit.cue: hit.score for hit in told.cues}


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
