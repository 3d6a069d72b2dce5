"""What the answers rest on, and by when each must be looked at again: `data/sources.yml`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

from bot.content.problem import Problem, Severity
from bot.content.source import Block, Source, read

FILE = "sources.yml"


def wrong_sources(data_dir: Path, texts: Collection[str], now: float) -> list[Problem]:
    """What is wrong with the sources, what is overdue, and how many answers nobody of the helpline has reviewed.

    Args:
        texts: ids of all texts; an entry `x` is about the answer `utter_x`.
        now: seconds since the epoch.
    """
    if not (data_dir / FILE).is_file():
        return []
    source = read(data_dir, data_dir / FILE)
    block = source.root.get("answers")
    if not isinstance(block, Block):
        source.refuse(source.root.line_of("answers"), "`answers:` must hold sources and a day for each answer.")
        return source.problems
    today = date.fromtimestamp(now)
    warnings = [warning for answer in block for warning in _entry(source, block, answer, texts, today)]
    unread = [name for name, entry in block.items() if not (isinstance(entry, Block) and entry.get("reviewed_by"))]
    if unread:
        wrong = f"{len(unread)} of {len(block)} answers were reviewed by nobody of the helpline (`reviewed_by`): {unread[0]} …"
        warnings.append(Problem(FILE, block.line, wrong, Severity.WARNING))
    return [*source.problems, *warnings]


def _entry(source: Source, block: Block, answer: str, texts: Collection[str], today: date) -> Iterator[Problem]:
    """Refuses what is wrong with one entry; yields what is only overdue."""
    line, entry = block.line_of(answer), block[answer]
    if f"utter_{answer}" not in texts:
        source.refuse(line, f"there is no answer 'utter_{answer}'. Take its sources out.")
    if not isinstance(entry, Block):
        source.refuse(line, f"'{answer}' needs `sources:` and `review_by:`.")
        return
    source.refuse_unknown_keys(entry, ("sources", "review_by", "reviewed_by"), f"'{answer}'")
    if not source.texts(entry, "sources", f"'{answer}'"):
        source.refuse(line, f"'{answer}' has no source. Name what it rests on.")
    due = entry.get("review_by")
    if not isinstance(due, date):
        source.refuse(entry.line_of("review_by"), f"'{answer}' needs a day in `review_by`, such as 2027-05-22.")
    elif due < today:
        wrong = f"the answer '{answer}' was to be reviewed by {due}. Read its sources again, then set the new day."
        yield Problem(FILE, line, wrong, Severity.WARNING)
