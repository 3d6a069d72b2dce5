"""One message scored with those just before it: split messages ("he said" / "if i dont" / "hell send it"). Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from bot.triage.assessment import Assessment
from bot.triage.questions import Question
from bot.triage.taxonomy import CUES, most_serious

SPLIT_MOST = 4  # messages read together, the newest included; triage.md, rule 5


class Scorer(Protocol):
    """What hears cues in texts: `bot.triage.detector.Detector`, or one made for a test."""

    def assess(self, text: str, question: Question | None = None) -> Assessment: ...

    def assess_amid(
        self, text: str, before: Sequence[str], question: Question | None = None
    ) -> tuple[Assessment, Assessment]: ...


def assess_with_recent(
    scorer: Scorer, text: str, *, recent: Sequence[str], heard: Collection[str], question: Question | None = None
) -> Assessment:
    """Scores one message alone and together with the ones just before it.

    Args:
        recent: the young person's messages just before it, oldest first; none may be left out in between.
        heard: cues that those messages told already.
        question: the safety question that the message may answer.
    """
    if not recent:
        return scorer.assess(text, question)
    return joined(*scorer.assess_amid(text, recent, question), heard)


def joined(alone: Assessment, together: Assessment, heard: Collection[str]) -> Assessment:
    """The assessment of a message, with what only it and those before it tell together.

    What only the messages together tell counts as heard in the last of them, when it is more serious than what they
    told one by one: a disclosure is not heard again in the "ok thanks" after it.
    """
    known_tier = most_serious([*alone.cue_ids, *heard])
    more = tuple(hit for hit in together.cues if CUES[hit.cue].tier > known_tier)
    if not more:
        return alone
    cues = tuple(sorted((*alone.cues, *more), key=lambda hit: (-CUES[hit.cue].tier, -hit.score)))
    return replace(alone, cues=cues, tier=max(alone.tier, most_serious(hit.cue for hit in more)), unclear=False)
