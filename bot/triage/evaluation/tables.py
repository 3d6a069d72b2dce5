"""Pieces of the report's page: tables of rates, lists of messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from bot.triage.evaluation.rates import Rate

NOTHING = "–"
VERDICTS = {True: '<span class="met">✓ met</span>', False: '<span class="unmet">✗ not met</span>', None: NOTHING}


def table(heads: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A table; the cells are HTML, heads and the rows' names are texts."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for name, cells in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def rate(value: Mapping[str, Any]) -> str:
    """A rate with its interval and counts."""
    if not value["of"]:
        return NOTHING
    low, high = Rate(value["hits"], value["of"]).interval or (0.0, 0.0)
    return f'<b>{value["value"]:.3f}</b> <small>{low:.3f}–{high:.3f}, {value["hits"]} of {value["of"]}</small>'


def required(value: Mapping[str, Any]) -> str:
    """What was held against the bound, with the rate that it comes from."""
    share = value["rate"]
    if value["value"] is None or value["value"] == share["value"]:
        return rate(share)
    return f'<b>{value["value"]:.3f}</b> <small>of {share["value"]:.3f}, {share["hits"]} of {share["of"]}</small>'


def number(value: Mapping[str, Any], digits: int = 3) -> str:
    """A figure with its interval."""
    if value["value"] is None or value["interval"] is None:
        return NOTHING
    low, high = value["interval"]
    return f'<b>{value["value"]:.{digits}f}</b> <small>{low:.{digits}f}–{high:.{digits}f}</small>'


def plain(value: float | None, digits: int = 1) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}"


def quotes(lines: Iterable[tuple[str, str]]) -> str:
    """Messages word for word, each with a note."""
    items = "".join(f"<li><q>{escape(text)}</q> <small>{escape(note)}</small></li>" for text, note in lines)
    return f"<ul>{items}</ul>" if items else "<p>None.</p>"


def folded(summary: str, body: str) -> str:
    """What opens on a press."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"
