"""The helpline's safe word, where its policy sets one: whoever writes it is asked nothing and gets a person."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from bot.triage.assessment import Assessment, CueHit
from bot.triage.taxonomy import About

CUE = "wants_human"


def with_safe_word(assessment: Assessment, text: str, word: str | None) -> Assessment:
    """The assessment of `text`, with the wish for a person added when the word stands in it by itself, however it is written."""
    if not word or CUE in assessment.cue_ids:
        return assessment
    found = re.search(rf"(?<!\w){re.escape(_plain(word))}(?!\w)", _plain(text))
    return replace(assessment, cues=(*assessment.cues, CueHit(CUE, 1.0, About.SELF, word))) if found else assessment


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
