"""The word-and-pattern detector: plain code that always runs, with its words as data.

It is the floor beneath the model: what it hears counts with the model missing, wrong or unsure. Its words are in
`data/triage/words.yml`; the patterns read the plain text of `bot.triage.normalisation`. Crisis phrases of other languages
are heard beside them: `bot.triage.phrases`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ModelError
from bot.triage.assessment import CueHit
from bot.triage.normalisation import Normalised, normalise
from bot.triage.phrases import Phrases
from bot.triage.taxonomy import CUES, FACTS, About

HEALED_BECOME = "emotional_distress"
HEALED_CUES = frozenset({"self_harm", "suicidal_ideation"})
LANGUAGES = "languages"
MOST_CHARACTERS = 20_000  # read by patterns at once; longer texts are read in pieces

log = logging.getLogger(__name__)

Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class WordsHeard:
    """What the words of one text told.

    Attributes:
        hits: cues by pattern, each once, with the raw words as evidence.
        facts: facts said in so many words.
        risk_word: a word of risk is in it, whatever it means there.
        guarded: the whole message is a quotation, school work or a test, by its own words.
        healed: self-harm or thoughts of suicide, over for long by their own words.
        about: whom the text seems to be about.
        phrases: cues told by a crisis phrase of another language; nothing else in such a text was understood.
        certain: these, and cues told by a pattern that counts whatever the model says.
        plain: the plain text with what only sounds like risk blanked out, at the same positions.
    """

    hits: tuple[CueHit, ...]
    facts: Mapping[str, str]
    risk_word: bool
    guarded: bool
    healed: bool
    about: About
    phrases: frozenset[str]
    certain: frozenset[str]
    plain: str


class WordDetector:
    """Hears cues by pattern. Pure and safe to share between threads."""

    def __init__(self, data: Mapping[str, Any], phrases: Phrases | None = None) -> None:
        cues = data["cues"]
        unknown = {*cues, *data.get("always", {})} - set(CUES)
        if unknown:
            raise ValueError(f"unknown cues: {', '.join(sorted(unknown))}")
        self._cues = {cue: _compiled(patterns) for cue, patterns in cues.items()}
        self._always = {cue: _compiled(patterns) for cue, patterns in data.get("always", {}).items()}
        self._guards = _compiled(data.get("guards", ()))
        self._whole = _compiled(data.get("whole_message_guards", ()))
        self._facts = {fact: _compiled(patterns) for fact, patterns in data.get("facts", {}).items() if fact in FACTS}
        self._countries = {code: _compiled(patterns) for code, patterns in data.get("countries", {}).items()}
        self._other = _compiled(data.get("about_other", ()))
        self._healed = _compiled(data.get("healed", ()))
        words = "|".join(re.escape(word) for word in data.get("risk_words", ()))
        self._risk = re.compile(rf"\b(?:{words})" if words else r"(?!)")
        self._phrases = phrases or Phrases({})

    @classmethod
    def load(cls, file: Path) -> WordDetector:
        """The detector with the words of `file` and the phrases of `languages/` beside its folder.

        Raises:
            ModelError: they cannot be used.
        """
        try:
            words = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            return cls(words, _phrases(file.parent.parent / LANGUAGES))
        except (OSError, yaml.YAMLError, re.error, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"The words in {file.name} cannot be used: {type(error).__name__}.") from error

    def plain(self, text: Normalised) -> str:
        """The plain text with what only sounds like risk blanked out, at the same positions."""
        return self._without_idioms(text.text).replace("\x00", " ")

    def listen(self, text: Normalised) -> WordsHeard:
        """What the patterns hear in a text of any length."""
        guarded = any(pattern.search(text.text[:MOST_CHARACTERS]) for pattern in self._whole)
        plain = self._without_idioms(text.text)
        about = self._about(plain)
        healed = any(pattern.search(plain) for pattern in self._healed)
        certain = {} if guarded else _first_hits(self._always, plain.replace("\n", " "), text, about)
        hits = {} if guarded else _first_hits(self._cues, plain, text, about) | certain
        found = self._phrases.find(text.raw)
        for phrase in found:
            hits.setdefault(phrase.cue, CueHit(phrase.cue, 1.0, about, phrase.evidence))
        if healed and HEALED_CUES & set(hits):
            quotes = [hits.pop(cue).evidence for cue in HEALED_CUES & set(hits)]
            hits.setdefault(HEALED_BECOME, CueHit(HEALED_BECOME, 1.0, about, quotes[0]))
        return WordsHeard(
            hits=tuple(hits.values()),
            facts=self._facts_in(plain),
            risk_word=bool(self._risk.search(plain)),
            guarded=guarded,
            healed=healed,
            about=about,
            phrases=frozenset(phrase.cue for phrase in found),
            certain=frozenset((*certain, *(phrase.cue for phrase in found))),
            plain=plain.replace("\x00", " "),
        )

    def _without_idioms(self, plain: str) -> str:
        """The text with what only sounds like risk replaced by as many signs, so that positions stay."""
        for guard in self._guards:
            plain = guard.sub(lambda match: "\x00" * len(match.group()), plain)
        return plain

    def _facts_in(self, plain: str) -> dict[str, str]:
        facts = {fact: "yes" for fact, patterns in self._facts.items() if any(p.search(plain) for p in patterns)}
        for code, patterns in self._countries.items():
            if any(pattern.search(plain) for pattern in patterns):
                facts["country"] = code
                break
        return facts

    def _about(self, plain: str) -> About:
        return About.OTHER if any(pattern.search(plain) for pattern in self._other) else About.SELF


def read_as(text: str, words: WordDetector) -> str:
    """A message as the encoder reads it: normalised, and without idioms that would colour the rest."""
    return words.plain(normalise(text)) or "."


def _first_hits(cues: Mapping[str, Patterns], plain: str, text: Normalised, about: About) -> dict[str, CueHit]:
    hits: dict[str, CueHit] = {}
    for cue, patterns in cues.items():
        for pattern in patterns:
            if match := pattern.search(plain):
                evidence = text.evidence(*match.span()) or text.raw[:80]
                hits[cue] = CueHit(cue, 1.0, about, evidence)
                break
    return hits


def _phrases(folder: Path) -> Phrases:
    """The phrases, or none: a spoilt file must not cost the words of the language that is served."""
    try:
        return Phrases.load(folder)
    except (OSError, yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        log.error("the crisis phrases in %s/ cannot be used: %s", folder.name, type(error).__name__)
        return Phrases({})


def _compiled(patterns: Sequence[str]) -> Patterns:
    return tuple(re.compile(pattern) for pattern in patterns)
