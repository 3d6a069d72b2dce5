"""Cuts a text of any length into windows that the encoder reads whole: no word of a message is left out.

Windows have at most 96 tokens, end on sentence borders where there are any, and overlap by one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MOST_TOKENS = 96
PASSAGE_TOKENS = 32  # of one sentence
PASSAGE_LEAST = 8  # a shorter sentence goes with the next: "No." alone means nothing
HARD_CHARACTERS = 240  # a stretch without any border is cut here; 96 tokens of it may hold less, never more than 3 × this
_SENTENCE = re.compile(r"[^.!?…。\n]*(?:[.!?…。]+|\n+|$)")
_WORDS = re.compile(r"\S+\s*")

Span = tuple[int, int]


def sentences(text: str) -> list[Span]:
    """The half-open spans of the sentences of `text`, without empty ones; together they cover all that is not space."""
    spans = [match.span() for match in _SENTENCE.finditer(text) if match.group().strip()]
    return spans or ([(0, len(text))] if text.strip() else [])


def windows(text: str, token_count: Callable[[str], int], most: int = MOST_TOKENS) -> list[Span]:
    """Half-open spans of `text`, each of at most `most` tokens, overlapping by one sentence.

    Args:
        token_count: how many tokens a text has for the encoder.
    """
    if len(text) <= most:  # a token has at least one character
        return [(0, len(text))] if text.strip() else []
    parts: list[tuple[Span, int]] = []
    for span in sentences(text):
        parts += _fitting(text, span, token_count, most)
    found: list[Span] = []
    first = 0
    while first < len(parts):
        last, tokens = first, parts[first][1]
        while last + 1 < len(parts) and tokens + parts[last + 1][1] <= most:
            last += 1
            tokens += parts[last][1]
        found.append((parts[first][0][0], parts[last][0][1]))
        if last + 1 >= len(parts):
            break
        first = last if last > first else last + 1
    return found


def passages(text: str, token_count: Callable[[str], int]) -> list[Span]:
    """Half-open spans that cover `text`: its sentences, the shortest with the next, the longest in pieces.

    Args:
        token_count: how many tokens a text has for the encoder.
    """
    found: list[tuple[Span, int]] = []
    for span in sentences(text):
        for (start, end), tokens in _fitting(text, span, token_count, PASSAGE_TOKENS):
            if found and found[-1][1] < PASSAGE_LEAST:
                (start, _), few = found.pop()
                tokens += few
            found.append(((start, end), tokens))
    return [span for span, _ in found]


def _fitting(text: str, span: Span, token_count: Callable[[str], int], most: int) -> list[tuple[Span, int]]:
    """A sentence as pieces that fit: itself, else runs of words, else hard cuts."""
    start, end = span
    count = token_count(text[start:end])
    if count <= most:
        return [(span, count)]
    pieces = [(start + match.start(), start + match.end()) for match in _WORDS.finditer(text[start:end])]
    if len(pieces) < 2:
        middle = min(start + HARD_CHARACTERS, start + (end - start) // 2)
        return [*_fitting(text, (start, middle), token_count, most), *_fitting(text, (middle, end), token_count, most)]
    half = pieces[len(pieces) // 2][0]
    return [*_fitting(text, (start, half), token_count, most), *_fitting(text, (half, end), token_count, most)]
