"""What words and model read in one text, and how a message is read amid those before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.triage.model import ABOUT_OTHER, HEADS, Floats
from bot.triage.normalisation import Normalised
from bot.triage.windows import Span
from bot.triage.words import WordsHeard

SURE = 0.95  # probability from which a message needs nothing before it to be believed
COLUMN = {head: column for column, head in enumerate(HEADS)}
_BY_ITSELF = [COLUMN["wants_human"], COLUMN[ABOUT_OTHER]]  # what a message wishes and whom it is about, it says itself


@dataclass(frozen=True, slots=True)
class Reading:
    """One text as words and model read it.

    Attributes:
        heard: None without a word detector.
        spans: the windows; after them what was read closely: passages, or the whole as it was probably meant.
        each: probabilities, shape (spans, heads); None when there is no model, or nothing to read.
        embedding: shape (384,), of a text that one window holds.
    """

    plain: Normalised
    heard: WordsHeard | None
    spans: tuple[Span, ...] = ()
    each: Floats | None = None
    embedding: Floats | None = None

    @property
    def read(self) -> str:
        """What the encoder reads: without idioms, "is gonna kill me lol" must not colour the rest of what is said."""
        return self.plain.text if self.heard is None else self.heard.plain

    @property
    def long(self) -> bool:
        """Whether it takes several windows to read: none of them holds the whole."""
        return len(self.spans) > 1 and self.spans[0] != self.spans[-1]

    @property
    def best(self) -> Floats | None:
        """The strongest span's probability of each head."""
        return None if self.each is None else np.asarray(self.each.max(axis=0))


def amid(alone: Reading, longer: Reading) -> tuple[Floats, Floats] | None:
    """Probabilities of each head: those of the message itself, read amid the others, and those of all together.

    Short turns mean little by themselves, and often less than they sound: each reading errs in its own way, and the mean of
    their logits errs less than either (docs/evaluation.md has the comparison). A message that is clear by itself needs no others.

    Args:
        alone: the message by itself.
        longer: the reading of the message after those before it, as one text.

    Returns:
        Two arrays of shape (heads,); None when neither reading has probabilities.
    """
    known = [reading.best for reading in (alone, longer) if reading.best is not None]
    if not known:
        return None
    together = _squashed(np.mean([_logits(best) for best in known], axis=0))
    itself = alone.best if alone.best is not None else np.zeros_like(together)
    told = np.where(itself >= SURE, itself, np.minimum(itself, together))
    told[_BY_ITSELF] = itself[_BY_ITSELF]
    return told, together


def _logits(probability: Floats) -> Floats:
    inside = np.clip(probability, 1e-5, 1 - 1e-5)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float32)


def _squashed(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)
