"""What the answers rest on, and the titles under which they are offered."""

from __future__ import annotations

import re

import pytest
import yaml

from bot.content.problem import Severity
from tests.unit.content.conftest import DATA, NOON, DataFolder

YEAR = 366 * 86_400.0
FIRST = "groom_what"


def test_each_of_the_fifty_nine_answers_has_its_sources_and_a_day() -> None:
    answers = yaml.safe_load((DATA / "sources.yml").read_text(encoding="utf-8"))["answers"]

    assert len(answers) == 59
    assert all(entry["sources"] and entry["review_by"] for entry in answers.values())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (rf"^  {FIRST}:\n", "  groom_gone:\n", "there is no answer 'utter_groom_gone'"),
        (rf"^  {FIRST}:\n    review_by: .*\n", f"  {FIRST}:\n    review_by: soon\n", "needs a day"),
        (rf"^  {FIRST}:\n    review_by: .*\n", f"  {FIRST}:\n", "needs a day"),
        (rf"(?<=^  {FIRST}:\n    review_by: 2027-05-22\n)    sources:\n(?:      - .*\n)+", "    sources: []\n", "has no source"),
        (rf"^  {FIRST}:\n", f"  {FIRST}:\n    author: x\n", "no key 'author'"),
        (rf"^  {FIRST}:\n(?:    .*\n)+", f"  {FIRST}: childline\n", "needs `sources:` and `review_by:`"),
        (r"^answers:", "answer:", "must hold sources"),
    ],
)
def test_sources_that_tell_nothing_are_refused(data: DataFolder, old: str, new: str, says: str) -> None:
    assert says in data.refused("sources.yml", old, new)


def test_an_answer_that_nobody_looked_at_in_time_is_pointed_out(data: DataFolder) -> None:
    overdue = [problem for problem in data.problems(NOON + YEAR) if problem.file == "sources.yml"]

    assert len(overdue) == 59
    assert all(problem.severity is Severity.WARNING for problem in overdue)


def test_a_review_is_counted(data: DataFolder) -> None:
    data.replace("sources.yml", rf"^  {FIRST}:\n", f"  {FIRST}:\n    reviewed_by: A. Lead\n")
    assert re.match("58 of 59 answers", data.only_problem().message)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (r"^  lonely: ", "  lonesome: ", "no answer 'utter_lonesome'"),
        (r"^  lonely: .*$", "  lonely: I am alone and I do not know what I can do", "at most 40"),
        (r"^  lonely: .*$", "  lonely: I feel sad", "have the same title"),
        (r"^titles:", "title:", "must hold one title"),
    ],
)
def test_titles_that_mislead_are_refused(data: DataFolder, old: str, new: str, says: str) -> None:
    assert says in data.refused("titles.yml", old, new)
