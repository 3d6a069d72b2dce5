"""A data folder of its own for each test that spoils one."""

from __future__ import annotations

import re
import shutil
from functools import lru_cache
from pathlib import Path

import pytest

from bot.content import Content
from bot.content.check import check
from bot.content.problem import Problem, Severity, errors
from bot.settings import ROOT

DATA = ROOT / "data"
NOON = 1_795_348_800.0  # Sunday, 22 November 2026, 12:00 UTC; before every check_by


@pytest.fixture(scope="session")
def content() -> Content:
    return Content.load(DATA)


class DataFolder:
    """A copy of `data/` that may be spoiled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> int:
        """Replaces the first `old` (a pattern) and returns its line."""
        before = (self.path / name).read_text(encoding="utf-8")
        match = re.search(old, before, re.MULTILINE)
        assert match is not None, f"{name} has no {old}"
        self.write(name, before[: match.start()] + new + before[match.end() :])
        return before[: match.start()].count("\n") + 1

    def say(self, text: str, *, name: str = "utter_extra", more: str = "") -> None:
        """Adds a text of one form."""
        body = "\n".join(f"        {line}".rstrip() for line in text.splitlines())
        self.write("responses/extra.yml", f"responses:\n  {name}:\n    - text: |-\n{body}\n{more}")

    def problems(self, now: float = NOON) -> list[Problem]:
        """What is wrong beyond what is wrong in `data/` itself."""
        known = _known()
        return [problem for problem in check(self.path, now) if (problem.file, problem.message) not in known]

    def told(self, severity: Severity | None = None) -> str:
        """What the check says, a problem a line; all of it, where no severity is named."""
        return "\n".join(problem.message for problem in self.problems() if severity in (None, problem.severity))

    def refused(self, name: str, old: str, new: str) -> str:
        """What the errors in this file say, a line each, once its first `old` (a pattern) is `new`."""
        self.replace(name, old, new)
        return "\n".join(problem.message for problem in errors(self.problems()) if problem.file == name)

    def only_problem(self, now: float = NOON) -> Problem:
        found = self.problems(now)
        assert len(found) == 1, [str(problem) for problem in found]
        return found[0]


@lru_cache(maxsize=1)
def _known() -> frozenset[tuple[str, str]]:
    return frozenset((problem.file, problem.message) for problem in check(DATA, NOON))


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("triage", "evaluation*"))
    return DataFolder(folder)
