"""The desk's figures as sections of a page of Markdown, one for each database."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.load import percentile
from bench.report import machine


@dataclass(frozen=True, slots=True)
class Setting:
    """How much was measured; see `bench.desk`."""

    database: str
    under_way: int
    types_every: float
    desks: int
    waiting: int
    page_gathers: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds: of each distress message until the hint, until its row and until its card was read; of each change until the last
    desk had the hint and until the last desk had read it; and how many pages were wrong."""

    hints: Sequence[float]
    rows: Sequence[float]
    cards: Sequence[float]
    all_hints: Sequence[float]
    all_pages: Sequence[float]
    wrong_pages: int


def written(figures: Figures, at: Setting) -> str:
    """The section on one database: a heading, a table, how it was measured."""
    pause = f"{at.page_gathers * 1000:.0f} ms"
    lines = [
        _line(f"hint on the desk's stream, {at.under_way} conversations under way", figures.hints, "300 ms, 1 s"),
        _line("row in what the desk has read", figures.rows, "300 ms, 1 s"),
        _line("card of it, read by a desk that opens it at once", figures.cards, "1 s"),
        _line(f"last of {at.desks} desks has the hint, {at.waiting:,} waiting", figures.all_hints, "1 s"),
        _line(f"last of {at.desks} desks has read its page", figures.all_pages, "1 s"),
    ]
    return f"""## {at.database}

Written by `python -m bench.desk --write` on {datetime.now(UTC):%Y-%m-%d}, on {machine()}.

| from the press to | median | 99th percentile | longest | wanted |
| --- | ---: | ---: | ---: | ---: |
{chr(10).join(lines)}

- First three lines: {len(figures.hints)} distress messages, each the first of a new conversation, one after the other,
  counted from the POST. Meanwhile {at.under_way} young people talk with the bot, each writing every {at.types_every:.0f} s
  and reading its answers. One desk listens and reads; a row counts as read after the {pause} that the page waits for
  further hints. A supervisor then closes the chat.
- Last two lines: {len(figures.all_hints)} changes one after the other, by turns a distress message and a tier that somebody
  raises, with {at.desks} counsellors' event streams open and {at.waiting:,} handoffs waiting in the database (rows with
  their messages, without open pages of young people). At each change every desk reads the queue again, as the page
  does: {at.desks} readings at once.
- {figures.wrong_pages} of {at.desks * len(figures.all_hints):,} pages were wrong. Right is: 50 rows, the same for
  every desk, and the counts of waiting and of immediate ones.
"""


def put(page: str, section: str) -> str:
    """The page with this section in place of the one with its heading, or as its last one."""
    heading = section.split("\n", 1)[0]
    head, *sections = [part.strip("\n") for part in re.split(r"^(?=## )", page, flags=re.M)]
    kept = [section.strip("\n") if part.startswith(f"{heading}\n") else part for part in sections]
    if section.strip("\n") not in kept:
        kept.append(section.strip("\n"))
    return "\n\n".join([head, *kept]) + "\n"


def _line(what: str, seconds: Sequence[float], wanted: str) -> str:
    cells = statistics.median(seconds), percentile(seconds, 99), max(seconds)
    return f"| {what} | {' | '.join(f'{cell * 1000:.0f} ms' for cell in cells)} | {wanted} |"
