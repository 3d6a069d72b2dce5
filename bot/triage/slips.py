"""What a text was probably meant to say: slips of the keys mended from the words that young people use, emoji left out. Pure.

The encoder was tuned on such slips, but one in the very word that tells can still hide it. A mended text may also be wrong,
so it is read beside the text itself and never in its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from bot.triage.normalisation import Normalised
from bot.triage.spelling import EMOJI

SHORTEST = 5  # letters of a word that is mended: shorter ones are too close to too many others
LONGEST = 20  # what is longer was not meant as a word, and has more neighbours than there is time or memory for
KNOWN_FROM = 2  # training messages that use a word: then it is one
TARGET_FROM = 5  # then a slip may have been meant to be it
SPLIT_FROM = 20  # then it may be half of a word that lost its space
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(r"[a-z]+")
_SPACES = re.compile(r"[^\S\n]+")


class Vocabulary:
    """The words of the training messages, and in how many of them each stands."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = dict(counts)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """Of normalised texts."""
        counts = Counter(word for text in texts for word in set(_WORD.findall(text)))
        return cls({word: count for word, count in counts.items() if count >= KNOWN_FROM})

    def mended(self, text: str, known: Callable[[str], bool]) -> str:
        """`text`, normalised, with each word that nobody uses in place of the one that was probably meant.

        Args:
            known: whether a word is one although the training messages do not use it.
        """

        def mend(match: re.Match[str]) -> str:
            word = match.group()
            mendable = SHORTEST <= len(word) <= LONGEST and word not in self.counts and not known(word)
            return self._meant(word) if mendable else word

        return _WORD.sub(mend, text)

    def _meant(self, word: str) -> str:
        count = self.counts.get
        near = [other for other in _one_slip_away(word) if len(other) >= SHORTEST - 1 and count(other, 0) >= TARGET_FROM]
        if near:
            return min(near, key=lambda other: (-self.counts[other], other))
        halves = [(word[:at], word[at:]) for at in range(1, len(word) - 1) if at > 1 or word[0] in "ai"]
        usual = [pair for pair in halves if min(count(half, 0) for half in pair) >= SPLIT_FROM]
        return " ".join(max(usual, key=lambda pair: min(self.counts[half] for half in pair))) if usual else word


def without_emoji(plain: Normalised, text: str, start: int, end: int) -> str:
    """`text[start:end]`, where `text` has the positions of `plain.text`, without the words that stand for emoji."""
    kept = (text[at] for at in range(start, end) if not _is_emoji(plain.raw[plain.starts[at]]))
    return _SPACES.sub(" ", "".join(kept)).strip()


def _is_emoji(character: str) -> bool:
    return character in EMOJI or unicodedata.category(character) == "So"


def _one_slip_away(word: str) -> set[str]:
    """Texts with one letter left out, doubled, swapped with the next, changed or added (Damerau 1964)."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {before + after[1:] for before, after in cuts if after}
    swapped = {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    changed = {before + letter + after[1:] for before, after in cuts if after for letter in _LETTERS}
    added = {before + letter + after for before, after in cuts for letter in _LETTERS}
    return left_out | swapped | changed | added
