"""Safety questions and their answers: what yes, no and unclear mean is data; how a yes is typed is here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.triage.assessment import Assessment, CueHit, tier_of
from bot.triage.normalisation import normalise
from bot.triage.taxonomy import CUES, FACTS, About, Assessed, Tier

Answer = Literal["yes", "no", "unclear"]

MOST_WORDS = 8  # a longer text may begin with "no" and mean much more; it is scored, and the question stays open

_NO = re.compile(
    r"^(?:no+|nope|nah+|na|never|not really|not at all|not now|not yet|i am not|i do not|i have not|it is not|he is not|"
    r"she is not|they are not|there is not|none|nobody|no one|wala|hindi po|nahi|nahin|non|nein|hapana)\b"
)
_YES = re.compile(
    r"^(?:yes+|ye+s?|yea+h*|yh+|yep|yup|ya+|yas|si|oui|ja|da|haan?|oo|opo|ndio|sure|ok(?:ay)?|i am|i do|i have|it is|he is|"
    r"she is|they are|"
    r"there is|kind of|kinda|sort of|a (?:bit|little)|maybe yes|i think so|of course|definitely|right|true|correct|mhm+|uh huh|"
    r"tomorrow|tonight|today|later today|this evening|in (?:an?|one|two|\d+) (?:hours?|minutes)|now|right now|soon)\b"
)
_UNCLEAR = re.compile(
    r"^(?:i do not (?:even )?know|not sure|unsure|maybe|perhaps|i guess|i can not say|can not say|it depends|sometimes|"
    r"what do you mean|"
    r"i do not want to (?:say|talk about it|answer)|no idea|no comment|dunno|huh|why)\b"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer tells: a cue, a fact with its value, or nothing."""

    cue: str | None = None
    fact: tuple[str, str] | None = None

    @classmethod
    def parse(cls, written: str) -> Outcome:
        """Reads `cue:ID`, `fact:ID=value` or `none`. Raises `ValueError` for anything else."""
        kind, _, rest = written.partition(":")
        if kind == "cue" and rest in CUES:
            return cls(cue=rest)
        if kind == "fact":
            name, _, value = rest.partition("=")
            if name in FACTS and value:
                return cls(fact=(name, value))
        if written == "none":
            return cls()
        raise ValueError(f"{written!r} is neither cue:ID, fact:ID=value nor none")


@dataclass(frozen=True, slots=True)
class Question:
    """A safety question, with what each answer means (triage.md, rule 7)."""

    id: str
    yes: Outcome
    no: Outcome
    unclear: Outcome

    @classmethod
    def parse(cls, question_id: str, *, yes: str, no: str, unclear: str) -> Question:
        return cls(question_id, Outcome.parse(yes), Outcome.parse(no), Outcome.parse(unclear))

    def outcome(self, answer: str) -> Outcome:
        """What `yes`, `no`, `unclear` or `skip` tells; a skipped question tells nothing."""
        return {"yes": self.yes, "no": self.no, "unclear": self.unclear}.get(answer, Outcome())

    def assessment(self, answer: str, evidence: str = "") -> Assessment:
        """The assessment of an answer that was pressed, or of a silence that counts as `unclear`."""
        outcome = self.outcome(answer)
        hits = (CueHit(outcome.cue, 1.0, About.SELF, evidence),) if outcome.cue else ()
        facts = {outcome.fact[0]: outcome.fact[1]} if outcome.fact else {}
        if answer == "skip":
            facts = {each.fact[0]: "skipped" for each in (self.yes, self.no) if each.fact}
        return Assessment(tier_of(hits) if hits else Tier.NONE, Assessed.FULL, hits, facts)


def read_answer(text: str) -> Answer | None:
    """`yes`, `no` or `unclear` when a short text answers a question; None when it does not."""
    plain = re.sub(
        r"^(?:um+|uh+|erm+|well|oh|so|honestly|like|lol|hm+|ok(?:ay)? (?=no|yes|ye|na))[\s,.]+", "", normalise(text).text.strip()
    )
    plain = plain.strip(" .,!?…'\"")
    if not plain or len(plain.split()) > MOST_WORDS:
        return None
    if _UNCLEAR.match(plain):
        return "unclear"
    if _NO.match(plain):
        return "no"
    if _YES.match(plain):
        return "yes"
    return None
