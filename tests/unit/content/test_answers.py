"""The answers as a whole: enough examples, short, and none a dead end."""

from __future__ import annotations

from functools import lru_cache

import pytest
import yaml

from bot.content import Content
from tests.unit.content.conftest import DATA

LOADED = Content.load(DATA)
FEWEST_EXAMPLES = 40
MOST_BUBBLES = 3
ANSWERS = sorted(yaml.safe_load((DATA / "sources.yml").read_text(encoding="utf-8"))["answers"])


@lru_cache(maxsize=1)
def examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted((DATA / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8")).get("nlu") or []:
            found[entry["intent"]] = [line.strip().removeprefix("- ") for line in entry["examples"].splitlines() if line.strip()]
    return found


OWN_ANSWERS = ["img_i_shared", "offender_question", "bot_free", "adult_writing", "medical_question", "legal_question"]


@pytest.mark.parametrize("answer", [*ANSWERS, *OWN_ANSWERS])
def test_each_answer_has_at_least_forty_different_examples(answer: str) -> None:
    assert len({text.lower() for text in examples()[answer]}) >= FEWEST_EXAMPLES


def test_no_example_stands_under_two_intents() -> None:
    seen: dict[str, str] = {}
    for intent, texts in examples().items():
        for text in texts:
            assert seen.setdefault(text, intent) == intent, text


@pytest.mark.parametrize("intent", sorted(intent for intent in examples() if f"utter_{intent}" in LOADED.texts))
def test_each_answer_is_one_to_three_bubbles_and_leads_on(intent: str) -> None:
    for form in LOADED.texts[f"utter_{intent}"].forms:
        assert 1 <= len(form.bubbles) <= MOST_BUBBLES
        assert form.options


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_person_is_one_press_away_from_each_answer(answer: str) -> None:
    for form in LOADED.texts[f"utter_{answer}"].forms:
        assert "person:ask" in {option.payload for option in form.options}
