"""A detector made for tests: it hears a cue in every text that holds all of the cue's words."""

from __future__ import annotations

from collections.abc import Sequence

from bot.triage.assessment import Assessment, CueHit, tier_of
from bot.triage.questions import Question
from bot.triage.taxonomy import About, Assessed


class Listener:
    """`Listener(sextortion="send pay")` hears `sextortion` in "pay or i send it", and nothing else."""

    status = "ok"

    def __init__(self, **words: str) -> None:
        self._words = {cue: said.split() for cue, said in words.items()}

    def assess(self, text: str, question: Question | None = None) -> Assessment:
        heard = [cue for cue, words in self._words.items() if all(word in text.lower() for word in words)]
        hits = tuple(CueHit(cue, 0.9, About.SELF, text) for cue in heard)
        return Assessment(tier_of(hits), Assessed.FULL, hits)

    def cues(self, text: str) -> tuple[str, ...]:
        return self.assess(text).cue_ids

    def assess_amid(
        self, text: str, before: Sequence[str], question: Question | None = None
    ) -> tuple[Assessment, Assessment]:
        return self.assess(text, question), self.assess(" ".join([*before, text]))
