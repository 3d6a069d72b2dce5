"""Where two answers are likely and neither is sure, both are offered."""

from __future__ import annotations

from typing import Any

from actions.answers import likely
from bot.content.titles import read_titles
from bot.settings import ROOT

TITLES = {"groom_signs": "What are the signs?", "groom_what": "What is grooming?"}


def ranking(*found: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": confidence} for name, confidence in found]


def test_the_two_likeliest_answers_may_be_meant() -> None:
    found = ranking(("nlu_fallback", 0.5), ("groom_signs", 0.3), ("groom_what", 0.28), ("greet", 0.1))

    assert likely(found, TITLES) == ["groom_signs", "groom_what"]


def test_unlikely_ones_and_small_talk_are_not_offered() -> None:
    assert likely(ranking(("groom_signs", 0.15), ("groom_what", 0.1)), TITLES) == []
    assert likely(ranking(("groom_signs", 0.4), ("greet", 0.39)), TITLES) == []
    assert likely(ranking(("groom_signs", 0.9)), TITLES) == []
    assert likely([], TITLES) == []


def test_every_answer_that_is_no_small_talk_has_a_title() -> None:
    titles, problems = read_titles(ROOT / "data")

    assert problems == []
    assert {"groom_signs", "bot_free", "tell_parent", "feel_sad"} <= set(titles)
