"""Line charts as SVG, written from numbers: no scripts, colours from the page's style, values under the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 620, 400
LEFT, RIGHT, TOP, BOTTOM = 66, 16, 14, 74
MARK = 4  # radius of a point


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis from `low` to `high`, with a word at each tick; `second` is a second line of words, in other units."""

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    second: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A point with what the pointer shows, and from where to where its interval goes."""

    x: float
    y: float
    says: str = ""
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Points joined by a line.

    Attributes:
        style: a class of the page, `s1` to `s3` for colours and dashes, `even` for a line of reference.
        marks: draw the points; else the line alone.
    """

    name: str
    points: tuple[Point, ...]
    style: str
    marks: bool = True


def share_axis(label: str, low: float = 0.0, high: float = 1.0) -> Axis:
    """An axis of shares, with a tick at each tenth, or each fifth where it is long."""
    step = 0.1 if high - low <= 0.6 else 0.2
    count = round((high - low) / step)
    return Axis(label, low, high, tuple((low + step * at, f"{low + step * at:.1f}") for at in range(count + 1)))


def floor_tenth(values: Sequence[float], most: float = 0.8) -> float:
    """Where an axis of shares may begin, so that what is near 1 can be told apart."""
    return min(most, int(min(values, default=0.0) * 10) / 10)


def chart(title: str, x: Axis, y: Axis, series: Sequence[Series]) -> str:
    """One chart as SVG; `title` is what a screen reader says of it."""
    drawn = "".join(_series(x, y, each) for each in series)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f"{_grid(x, y)}{drawn}{_legend(series)}</svg>"
    )


def _grid(x: Axis, y: Axis) -> str:
    bottom, parts = HEIGHT - BOTTOM, []
    for value, word in y.ticks:
        at = _y(y, value)
        parts.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{escape(word)}</text>')
    for index, (value, word) in enumerate(x.ticks):
        at = _x(x, value)
        parts.append(f'<path class="grid" d="M{at:.1f} {TOP}V{bottom}"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 17}" text-anchor="middle">{escape(word)}</text>')
        if index < len(x.second):
            below = f'x="{at:.1f}" y="{bottom + 32}" text-anchor="middle"'
            parts.append(f'<text class="soft" {below}>{escape(x.second[index])}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}"/>')
    label_at = bottom + (48 if x.second else 34)
    parts.append(f'<text class="name" x="{middle}" y="{label_at}" text-anchor="middle">{escape(x.label)}</text>')
    up = (TOP + bottom) / 2
    parts.append(
        f'<text class="name" x="16" y="{up}" text-anchor="middle" transform="rotate(-90 16 {up})">{escape(y.label)}</text>'
    )
    return "".join(parts)


def _series(x: Axis, y: Axis, series: Series) -> str:
    inside = [point for point in series.points if x.low <= point.x <= x.high and y.low <= point.y <= y.high]
    if not inside:
        return ""
    at = [(_x(x, point.x), _y(y, point.y)) for point in inside]
    line = "M" + "L".join(f"{left:.1f} {top:.1f}" for left, top in at)
    parts = [f'<path class="line" d="{line}"/>'] if len(at) > 1 else []
    for point, (left, top) in zip(inside, at, strict=True):
        if point.interval is not None:
            low, high = (_y(y, min(max(end, y.low), y.high)) for end in point.interval)
            parts.append(f'<path class="whisker" d="M{left:.1f} {low:.1f}V{high:.1f}"/>')
        if series.marks:
            says = f"<title>{escape(point.says)}</title>" if point.says else ""
            parts.append(f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{MARK}">{says}</circle>')
    return f'<g class="{series.style}">{"".join(parts)}</g>'


def _legend(series: Sequence[Series]) -> str:
    parts, left, top = [], LEFT, HEIGHT - 9
    for each in series:
        mark = f'<circle cx="{left + 12}" cy="{top - 4}" r="{MARK}"/>' if each.marks else ""
        parts.append(f'<g class="{each.style}"><path class="line" d="M{left} {top - 4}h24"/>{mark}</g>')
        parts.append(f'<text x="{left + 30}" y="{top}">{escape(each.name)}</text>')
        left += 46 + 6 * len(each.name)
    return "".join(parts)


def _x(axis: Axis, value: float) -> float:
    return LEFT + (value - axis.low) / ((axis.high - axis.low) or 1.0) * (WIDTH - LEFT - RIGHT)


def _y(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - (value - axis.low) / ((axis.high - axis.low) or 1.0) * (HEIGHT - BOTTOM - TOP)
