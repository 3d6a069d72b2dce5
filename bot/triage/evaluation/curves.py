"""Points of curves, from scores and labels: precision against recall, and what a probability is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.triage.evaluation.rates import Rate

MOST_POINTS = 200
BINS = 10

Scored = tuple[float, bool]  # how probable it was held to be, and whether it is so


def precision_recall(scored: Sequence[Scored]) -> list[dict[str, float]]:
    """Recall and precision at every score as the threshold, strictest first; scores of 0 are no detection.

    Returns:
        At most `MOST_POINTS` of `{"threshold", "recall", "precision"}`; none when nothing is labelled.
    """
    labelled = sum(wanted for _, wanted in scored)
    if not labelled:
        return []
    points = []
    hits = told = 0
    ordered = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
    for index, (score, wanted) in enumerate(ordered):
        hits, told = hits + wanted, told + 1
        if index + 1 == len(ordered) or ordered[index + 1][0] < score:
            points.append({"threshold": score, "recall": hits / labelled, "precision": hits / told})
    return thinned(points)


def thinned(points: Sequence[dict[str, float]], most: int = MOST_POINTS) -> list[dict[str, float]]:
    """At most `most` of the points, evenly chosen, first and last among them."""
    if len(points) <= most:
        return list(points)
    return [points[round(index * (len(points) - 1) / (most - 1))] for index in range(most)]


def calibration(scored: Sequence[Scored], bins: int = BINS) -> list[dict[str, Any]]:
    """How often what was held to be this probable is so, in bins of equal width without the empty ones.

    Returns:
        `{"score": mean of the bin, "rate": Rate as a dictionary}`, lowest first. Well calibrated: both are alike.
    """
    filled: dict[int, list[Scored]] = {}
    for score, wanted in scored:
        filled.setdefault(min(int(score * bins), bins - 1), []).append((score, wanted))
    return [
        {
            "score": sum(score for score, _ in pairs) / len(pairs),
            "rate": Rate.count(pairs, lambda pair: pair[1]).to_dict(),
        }
        for _, pairs in sorted(filled.items())
    ]
