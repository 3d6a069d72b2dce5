"""Reads a message as it was probably meant, beside what it says: slips of the keys mended, emoji left out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.triage.encoder import Encoder
from bot.triage.normalisation import normalise
from bot.triage.reading import Reading
from bot.triage.slips import Vocabulary, without_emoji
from bot.triage.windows import Span, passages
from bot.triage.words import WordDetector


def read_as_meant(reading: Reading, vocabulary: Vocabulary, encoder: Encoder) -> tuple[list[Span], list[str]]:
    """What is read beside the windows: spans, and each as it was probably meant.

    The whole, where that is not what it says; a text of several windows sentence by sentence, whether it is or not.
    """
    read, spans, texts = reading.read, [], []
    for start, end in passages(read, encoder.token_count) if reading.long else reading.spans:
        meant = vocabulary.mended(without_emoji(reading.plain, read, start, end), encoder.is_word)
        if meant and (reading.long or not _same(meant, read[start:end])):
            spans.append((start, end))
            texts.append(meant)
    return spans, texts


def heard_as_meant(reading: Reading, words: WordDetector, spans: Sequence[Span], texts: Sequence[str]) -> Reading:
    """`reading` with what patterns that always count hear in `texts`, what its `spans` were meant to be."""
    heard = reading.heard
    if heard is None or heard.guarded:
        return reading
    fresh = {}
    for (start, end), meant in zip(spans, texts, strict=True):
        if _same(meant, reading.read[start:end]):
            continue
        told = words.listen(normalise(meant))
        for hit in told.hits:
            if hit.cue in told.certain - heard.certain:
                fresh[hit.cue] = replace(hit, evidence=reading.plain.evidence(start, end) or hit.evidence, about=heard.about)
    if not fresh:
        return reading
    others = [hit for hit in heard.hits if hit.cue not in fresh]
    return replace(reading, heard=replace(heard, hits=(*others, *fresh.values()), certain=heard.certain | set(fresh)))


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()
