"""The safe word: a wish for a person where the policy sets one, and nothing at all where it does not."""

from __future__ import annotations

import re

import pytest

from bot.chat.safe_word import with_safe_word
from bot.content import Content, Staffing
from bot.triage.assessment import Assessment
from bot.triage.taxonomy import Assessed, Tier
from tests.unit.content.conftest import DATA, NOON

NOTHING = Assessment(Tier.NONE, Assessed.FULL)


@pytest.mark.parametrize("text", ["harbour", "HARBOUR!", "hi. harbour please", "ｈａｒｂｏｕｒ", "i said “Harbour”"])
def test_it_is_the_wish_for_a_person_however_it_is_written(text: str) -> None:
    heard = with_safe_word(NOTHING, text, "Harbour")

    assert heard.cue_ids == ("wants_human",)
    assert heard.tier is Tier.NONE


@pytest.mark.parametrize("text", ["harbours", "pearlharbour", "hi", ""])
def test_a_part_of_another_word_is_not_it(text: str) -> None:
    assert with_safe_word(NOTHING, text, "harbour") is NOTHING


def test_two_words_may_stand_apart_anyhow() -> None:
    assert with_safe_word(NOTHING, "blue   HARBOUR", "blue harbour").cue_ids == ("wants_human",)


def test_without_one_nothing_is_heard_and_nothing_shown() -> None:
    content = Content.load(DATA)

    assert content.policy.safe_word is None
    assert with_safe_word(NOTHING, "harbour", None) is NOTHING
    said = [content.render(name, staffing=Staffing.NONE, country=None, now=NOON).bubbles for name in content.texts]
    assert not re.search("safe word|harbour", " ".join(" ".join(bubbles) for bubbles in said), re.IGNORECASE)
