"""Which pieces of a message may be the one that told: small enough for a counsellor to check at a glance. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from bot.triage.windows import Span, sentences

RUN = 9  # words of a piece within a long sentence
MOST = 10  # pieces, so that evidence is found within 60 ms
_WORD = re.compile(r"\S+")


def evidence_pieces(text: str, spans: Sequence[Span]) -> list[Span]:
    """Sentences of the windows, long ones in overlapping runs of words; at most `MOST`, spread evenly."""
    pieces: list[Span] = []
    for window_start, window_end in spans:
        for start, end in sentences(text[window_start:window_end]):
            words = [match.span() for match in _WORD.finditer(text, window_start + start, window_start + end)]
            if len(words) <= RUN + 3:
                pieces.append((words[0][0], words[-1][1]))
                continue
            for first in range(0, len(words) - RUN // 2, RUN // 2):
                run = words[first : first + RUN]
                pieces.append((run[0][0], run[-1][1]))
    if len(pieces) > MOST:
        chosen = np.linspace(0, len(pieces) - 1, MOST).astype(int)
        pieces = [pieces[index] for index in chosen]
    return pieces
