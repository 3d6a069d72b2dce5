"""Phrases that must always be heard are tried in every form, and nothing is let through."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ContentError
from bot.settings import ROOT
from bot.triage.assessment import Assessment
from bot.triage.detector import Detector
from bot.triage.safety_set import (
    DISTURBANCES,
    FILE,
    HARMLESS,
    PADDING,
    Listen,
    harmless,
    is_heard,
    read_phrases,
    unheard,
    variants,
)
from bot.triage.taxonomy import CUES, Tier
from tests.unit.triage.listener import Listener

PHRASES = {"sextortion": ("he will post my pictures unless I pay him",)}
FORMS = ["plain", *DISTURBANCES, "before", "after", "around"]


def _with(listener: Listener) -> Listen:
    return lambda texts: [listener.assess(text).cue_ids for text in texts]


def test_every_phrase_has_nine_forms() -> None:
    forms = {variant.disturbance: variant.text for variant in variants(PHRASES)}

    assert list(forms) == FORMS
    assert len(set(forms.values())) == len(FORMS)
    assert forms["plain"] == PHRASES["sextortion"][0]


def test_a_phrase_keeps_its_forms_when_others_come_and_go() -> None:
    more = {"self_harm": ("I cut myself",), "sextortion": ("pay or I post them", *PHRASES["sextortion"])}

    assert set(variants(PHRASES)) <= set(variants(more))


def test_padding_is_1900_characters_and_cuts_no_word() -> None:
    forms = {variant.disturbance: variant.text for variant in variants(PHRASES)}
    phrase = PHRASES["sextortion"][0]

    for start in range(len(HARMLESS)):
        text = harmless(PADDING, start)
        assert len(text) == PADDING
        assert set(text.replace(".", "").split()) <= set(" ".join(HARMLESS).replace(".", "").split())
    assert [len(forms[where]) - len(phrase) for where in ("before", "after", "around")] == [1901, 1902, 1903]
    assert forms["before"].endswith(phrase) and forms["after"].startswith(phrase)


def test_what_is_heard_everywhere_leaves_nothing() -> None:
    assert unheard(_with(Listener(sextortion="")), PHRASES) == []


def test_what_is_not_heard_is_named_with_its_form() -> None:
    missed = unheard(_with(Listener(bullying="pictures")), PHRASES)

    assert [each.variant.disturbance for each in missed] == FORMS
    assert (missed[0].needed, missed[0].told, missed[0].told_cues) == (Tier.HIGH, Tier.ELEVATED, ("bullying",))
    assert "sextortion, plain" in str(missed[0])


@pytest.mark.parametrize(
    ("cue", "told", "heard"),
    [
        ("suicide_intent", "suicidal_ideation", True),  # a handoff opens at high
        ("suicide_intent", "emotional_distress", False),
        ("self_harm", "violence_now", True),
        ("bullying", "grooming_signs", True),
        ("bullying", "wants_human", False),
        ("wants_human", "wants_human", True),
        ("wants_human", "self_harm", True),
        ("wants_human", "bullying", False),
    ],
)
def test_a_cue_is_heard_at_its_tier_and_an_immediate_one_at_high(cue: str, told: str, heard: bool) -> None:
    assert is_heard(cue, [told]) is heard


def test_a_message_that_nobody_assessed_was_not_heard() -> None:
    assert not is_heard("self_harm", Assessment.nothing_ran().cue_ids)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a: [",
        "phrases: []",
        "phrases: {sadness: [x]}",
        "phrases: {bullying: []}",
        "phrases: {bullying: [no]}",
        "phrases: {bullying: [x, x]}",
    ],
)
def test_phrases_that_cannot_be_used_are_no_passed_check(tmp_path: Path, written: str) -> None:
    file = tmp_path / "safety_set.yml"
    file.write_text(written)

    with pytest.raises(ContentError):
        read_phrases(file)


def test_a_missing_safety_set_is_no_passed_check(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        read_phrases(tmp_path / "safety_set.yml")


def test_our_safety_set_has_400_phrases_and_every_serious_cue() -> None:
    phrases = read_phrases(ROOT / "data" / FILE)

    assert sum(len(texts) for texts in phrases.values()) >= 400
    assert {cue for cue in CUES if CUES[cue].tier >= Tier.HIGH} <= set(phrases)
    assert max(len(text) for texts in phrases.values() for text in texts) <= 2000 - PADDING - 3


def test_the_harmless_text_by_itself_hardly_ever_says_anything(detector: Detector) -> None:
    alarms = [start for start in range(len(HARMLESS)) if detector.assess(harmless(PADDING, start)).tier >= Tier.HIGH]

    assert len(alarms) <= 1  # else a phrase amid it may pass unheard
