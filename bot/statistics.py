"""Anonymous statistics: counts by week, none of which tells about one young person."""

from __future__ import annotations

import csv
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

from sqlalchemy import Connection, select

from bot.store.database import Store
from bot.store.tables import after_chat, assessments, conversations, handoffs, messages, turns
from bot.triage.taxonomy import Tier

FEW = 5  # a smaller count is not told: with it, somebody who knows of one chat could learn about it
AFTER_CHAT = {"heard": "felt heard", "next": "what they do next"}
COLUMNS = ("week", "what", "which", "count")


def write_csv(store: Store, output: TextIO) -> None:
    """Writes one line for each week, thing counted and kind of it; counts below five as `<5`. Raises `DatabaseAway`."""
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(store.read_now(lambda connection: list(rows(connection))))


def rows(connection: Connection) -> Iterator[tuple[str, str, str, str]]:
    """The lines, oldest week first, then by what and which."""
    counts: Counter[tuple[str, str, str]] = Counter()
    waits: defaultdict[str, list[float]] = defaultdict(list)
    for what, which, at in _events(connection):
        counts[_week(at), what, which] += 1
    opened = select(handoffs.c.opened_at, handoffs.c.first_reply_at).where(handoffs.c.first_reply_at.is_not(None))
    for opened_at, first_reply_at in connection.execute(opened):
        waits[_week(opened_at)].append(first_reply_at - opened_at)
    lines = [(*key, str(count) if count >= FEW else f"<{FEW}") for key, count in counts.items()]
    for week, seconds in waits.items():
        if len(seconds) >= FEW:
            lines.append((week, "seconds until a person's first word", "median", str(round(statistics.median(seconds)))))
    yield from sorted(lines)


def _events(connection: Connection) -> Iterator[tuple[str, str, float]]:
    """What is counted: what it is, which kind of it, and when."""

    def each(query: Any) -> Iterable[Any]:
        return connection.execution_options(yield_per=1000).execute(query)

    for (at,) in each(select(conversations.c.created_at)):
        yield "conversations", "all", at
    for sender, at in each(select(messages.c.sender, messages.c.at)):
        yield "messages", sender, at
    for tier, at in each(select(assessments.c.tier, assessments.c.at)):
        yield "messages by tier", Tier(tier).name.lower(), at
    for answered_by, at in each(select(turns.c.answered_by, turns.c.at)):
        yield "turns answered by", answered_by, at
    for cause, tier, at in each(select(handoffs.c.cause, handoffs.c.tier, handoffs.c.opened_at)):
        yield "handoffs by cause", cause, at
        yield "handoffs by tier", Tier(tier).name.lower(), at
    for question, answer, week in each(select(after_chat.c.question, after_chat.c.answer, after_chat.c.week)):
        yield AFTER_CHAT[question], answer, week


def _week(at: float) -> str:
    """ISO week, "2026-W07"."""
    year, week, _day = datetime.fromtimestamp(at, UTC).isocalendar()
    return f"{year}-W{week:02}"
