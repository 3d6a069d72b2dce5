"""The warning signs that are found in the texts of offers, flag by flag."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.content.offer_flags import OfferFlag, find_flags, read_flags, wrong_flags
from bot.settings import ROOT
from bot.triage.normalisation import normalise

FLAGS, PROBLEMS = read_flags(ROOT / "data")
OFFERS = yaml.safe_load((Path(__file__).parent / "offer_texts.yml").read_text())
LEAST_FOUND = 0.9
MOST_FALSE = 2  # of the harmless offers, for all signs together


def found(text: str) -> tuple[str, ...]:
    return find_flags(normalise(text).text, FLAGS.values()).flags


def test_the_file_of_warning_signs_is_in_order() -> None:
    assert not PROBLEMS
    assert len(FLAGS) == 12


def test_each_warning_sign_is_found_where_it_stands(record_property: Callable[[str, object], None]) -> None:
    there: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    missed = []
    for offer in OFFERS["with_signs"]:
        flags = found(offer["says"])
        there.update(offer["flags"])
        seen.update(set(offer["flags"]) & set(flags))
        missed += [(flag, offer["says"]) for flag in offer["flags"] if flag not in flags]
    for flag in FLAGS:
        record_property(flag, f"{seen[flag]}/{there[flag]}")
        assert there[flag] >= 3, f"{flag} has too few offers"
        assert seen[flag] >= LEAST_FOUND * there[flag], [text for name, text in missed if name == flag]


def test_nearly_no_warning_sign_is_found_in_harmless_offers() -> None:
    false = [(text, flags) for text in OFFERS["harmless"] if (flags := found(text))]
    assert len(false) <= MOST_FALSE, false
    assert len(OFFERS["harmless"]) + len(OFFERS["with_signs"]) >= 100


def test_few_signs_are_found_in_bad_offers_that_are_not_there() -> None:
    extra = [(offer["says"], more) for offer in OFFERS["with_signs"] if (more := set(found(offer["says"])) - set(offer["flags"]))]
    assert len(extra) <= 0.1 * len(OFFERS["with_signs"]), extra


@pytest.mark.parametrize(
    "text",
    [
        "send nudes for the casting",
        "come alone to the shoot",
        "the agent will keep your passport",
        "you receive money and send it on",
        "we already booked your flight",
    ],
)
def test_what_is_serious_asks_for_a_person(text: str) -> None:
    assert find_flags(normalise(text).text, FLAGS.values()).serious


@pytest.mark.parametrize("text", ["there is no fee", "do not pay anybody", "you never have to come alone", "take your time"])
def test_what_is_denied_is_no_sign(text: str) -> None:
    assert not found(text)


def test_a_long_text_is_read_in_no_time() -> None:
    start = time.perf_counter()
    found("send a photo of you and pay the ticket to dubai now " * 40)
    assert time.perf_counter() - start < 0.5


def test_a_pattern_that_cannot_be_read_and_a_text_that_is_missing_are_named(tmp_path: Path) -> None:
    (tmp_path / "offer_flags.yml").write_text(
        "flags:\n  fee:\n    desk: asks for money\n    text: utter_flag_fee\n    signs: ['(', 'fee']\n"
    )
    said = [str(problem) for problem in wrong_flags(tmp_path, {"utter_other"})]
    assert "offer_flags.yml:5" in said[0] and "cannot be read" in said[0]
    assert "utter_flag_fee" in said[1]


def test_a_flag_keeps_what_it_was_given() -> None:
    assert all(isinstance(flag, OfferFlag) and flag.desk and flag.text == f"utter_flag_{flag.id}" for flag in FLAGS.values())
