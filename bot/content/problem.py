"""What is wrong in `data/`, said so that a content lead can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`ERROR` stops publishing; `WARNING` asks for a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        file: path below the data folder, with `/`.
        line: counted from 1.
        message: what is wrong and how to mend it.
    """

    file: str
    line: int
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        mark = "warning: " if self.severity is Severity.WARNING else ""
        return f"{self.file}:{self.line}: {mark}{self.message}"


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that stop publishing."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]
