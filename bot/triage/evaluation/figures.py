"""The report's curves as charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.triage.evaluation.handoffs import CHATS_A_DAY, hours_a_day
from bot.triage.evaluation.plots import Axis, Point, Series, chart, floor_tenth, share_axis
from bot.triage.taxonomy import Tier

STYLES = {Tier.IMMEDIATE.id: "s1", Tier.HIGH.id: "s2", Tier.ELEVATED.id: "s3"}
NAMES = {Tier.IMMEDIATE.id: "immediate", Tier.HIGH.id: "high or above", Tier.ELEVATED.id: "elevated or above"}
WANTED = 0.97  # of conversations that reach `high`


def precision_recall_chart(curves: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """Precision against recall, one line a tier."""
    points = [point for curve in curves.values() for point in curve]
    x = share_axis("recall", 0.4 if all(curve[-1]["recall"] > 0.6 for curve in curves.values() if curve) else 0.0)
    seen = [point["precision"] for point in points if point["recall"] >= x.low]
    y = share_axis("precision", floor_tenth(seen))
    series = [
        Series(
            NAMES[tier],
            tuple(Point(point["recall"], point["precision"]) for point in curve),
            STYLES[tier],
            marks=False,
        )
        for tier, curve in curves.items()
    ]
    return chart("Precision against recall, by tier", x, y, series)


def calibration_chart(curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """How often what is held to be this probable is so; on the thin line, probabilities mean what they say."""
    series = [Series("as told", (Point(0, 0), Point(1, 1)), "even", marks=False)]
    for tier, bins in curves.items():
        points = tuple(
            Point(
                each["score"],
                each["rate"]["value"],
                f"told {each['score']:.2f}: {each['rate']['hits']} of {each['rate']['of']}",
                each["rate"]["interval"],
            )
            for each in bins
        )
        series.append(Series(NAMES[tier], points, STYLES[tier]))
    return chart("Calibration, by tier", share_axis("told probability"), share_axis("share that is so"), series)


def handoff_chart(report: Mapping[str, Any]) -> str:
    """Recall against handoffs in 100 chats, and below them counsellor-hours a day."""
    curve, at = report["curve"], report["operating_point"]
    known = [point for point in curve if point["recall"]["value"] is not None and point["handoffs_per_100"] is not None]
    if not known or at["recall"]["value"] is None:
        return ""
    most = max(10, *(int(point["handoffs_per_100"] / 10 + 1) * 10 for point in [*known, at]))
    least = min(most - 10, *(int(point["handoffs_per_100"] / 10) * 10 for point in [*known, at]))
    step = 10 if most - least > 40 else 5
    ticks = tuple((float(value), str(value)) for value in range(least, most + 1, step))
    hours = tuple(f"{hours_a_day(value):.0f} h" for value, _ in ticks)
    x = Axis(f"handoffs in 100 chats; counsellor-hours a day at {CHATS_A_DAY} chats", least, most, ticks, hours)
    y = share_axis("handed over in time", floor_tenth([point["recall"]["value"] for point in [*known, at]]))
    series = [
        Series("by threshold", tuple(_point(point, f"from {point['threshold']:.2f}: ") for point in known), "s2"),
        Series("as it is set", (_point(at, "as it is set: "),), "s1"),
        Series(f"wanted ({WANTED})", (Point(least, WANTED), Point(most, WANTED)), "even", marks=False),
    ]
    return chart("Conversations handed over in time against handoffs in 100 chats", x, y, series)


def _point(point: Mapping[str, Any], says: str) -> Point:
    recall, handoffs = point["recall"], point["handoffs_per_100"]
    return Point(
        handoffs, recall["value"], f"{says}{recall['hits']} of {recall['of']} in time, {handoffs:.1f} handoffs in 100 chats"
    )
