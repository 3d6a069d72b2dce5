"""What staff pick from is data, and bad data says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.desk.catalogue import catalogue
from bot.errors import ContentError
from bot.settings import ROOT
from bot.triage.taxonomy import CUES

GOOD = "outcomes: [{id: a, says: A}]\ncategories: [{id: b, says: B, cues: [sextortion]}]\nfollow_up: [{id: c, says: C}]\n"


def test_every_cue_but_the_wish_for_a_person_fills_in_a_category() -> None:
    offered = catalogue(ROOT / "data")

    assert [cue for cue in CUES if not offered.category_for([cue])] == ["wants_human"]


def test_the_most_serious_cue_decides() -> None:
    assert catalogue(ROOT / "data").category_for(["bullying", "suicidal_ideation"]) == "mental_health"
    assert catalogue(ROOT / "data").category_for([]) == ""


@pytest.mark.parametrize(
    ("replies", "says"),
    [
        ("replies: []", "at least one"),
        ("replies: [{id: x}]", "'says'"),
        ("replies: [{id: x, says: X}, {id: x, says: Y}]", "twice"),
        ("replies: [{id: x, says: X, key: 1}, {id: y, says: Y, key: 1}]", "twice"),
        ("replies: [{id: x, says: X, cues: [boredom]}]", "boredom"),
        (f"replies: [{{id: x, says: {'x' * 501}}}]", "too long"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(tmp_path: Path, replies: str, says: str) -> None:
    (tmp_path / "desk.yml").write_text(GOOD + replies)

    with pytest.raises(ContentError, match=says):
        catalogue(tmp_path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="desk.yml"):
        catalogue(tmp_path)
