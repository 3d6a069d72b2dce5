"""Near-identical openings: a flood of the same words is one row with a count, so that it hides nobody behind it.

Folding is for the eye and the alarm. Each chat keeps its own place, `Next` serves each of them, and a chat whose tier rises
stands alone again.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

FROM = 3  # as many alike make one row
WITHIN = 600.0  # seconds between one opening and the next
PIECE = 4  # letters
BANDS, ROWS = 6, 3  # of 18 smallest hashes: openings that share about three quarters of their pieces meet in a band
ALIKE = 0.7  # share of equal smallest hashes

Signature = tuple[int, ...]
_salt = secrets.token_bytes(16)  # hashes of what young people wrote mean nothing outside this process


@dataclass(frozen=True, slots=True)
class Opening:
    """A waiting chat as folding sees it; `signature` None for one without words."""

    handoff_id: int
    tier: int
    opened_at: float
    signature: Signature | None


def signature_of(text: str) -> Signature | None:
    """Smallest hashes of the text's pieces (Broder 1997), after case, accents, digits, signs and repeats are taken out."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = re.sub(r"(.)\1+", r"\1", "".join(letter for letter in plain if letter.isalpha()))
    if not letters:
        return None
    pieces = {letters[at : at + PIECE] for at in range(max(1, len(letters) - PIECE + 1))}
    digests = [blake2b(piece.encode(), digest_size=8, key=_salt).digest() for piece in pieces]
    numbers = [int.from_bytes(digest, "big") for digest in digests]
    return tuple(min((number * factor + shift) % _PRIME for number in numbers) for factor, shift in _MIXES)


_PRIME = (1 << 61) - 1
_MIXES = [(secrets.randbelow(_PRIME - 1) + 1, secrets.randbelow(_PRIME)) for _ in range(BANDS * ROWS)]


def folded(openings: Sequence[Opening]) -> list[list[int]]:
    """Handoff ids in the given order; those that are alike, of one tier and soon after each other, stand with the first."""
    parent = {one.handoff_id: one.handoff_id for one in openings}

    def root(handoff_id: int) -> int:
        while parent[handoff_id] != handoff_id:
            parent[handoff_id] = parent[parent[handoff_id]]
            handoff_id = parent[handoff_id]
        return handoff_id

    last: dict[tuple[int, int, Signature], Opening] = {}
    for one in sorted(openings, key=lambda opening: opening.opened_at):
        if one.signature is None:
            continue
        for band in range(BANDS):
            bucket = (one.tier, band, one.signature[band * ROWS : (band + 1) * ROWS])
            before = last.get(bucket)
            if before is not None and one.opened_at - before.opened_at <= WITHIN and _alike(one, before):
                parent[root(one.handoff_id)] = root(before.handoff_id)
            last[bucket] = one
    groups: dict[int, list[int]] = {}
    for one in openings:
        groups.setdefault(root(one.handoff_id), []).append(one.handoff_id)
    rows: list[list[int]] = []
    for one in openings:  # each row where its first one stands
        group = groups[root(one.handoff_id)]
        if len(group) < FROM:
            rows.append([one.handoff_id])
        elif group[0] == one.handoff_id:
            rows.append(group)
    return rows


def _alike(one: Opening, other: Opening) -> bool:
    if one.signature is None or other.signature is None:
        return False
    same = sum(left == right for left, right in zip(one.signature, other.signature, strict=True))
    return same >= ALIKE * len(one.signature)
