"""What a text was probably meant to say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.triage.normalisation import normalise
from bot.triage.slips import Vocabulary, without_emoji

WORDS = {"suicidal": 40, "bruises": 30, "pictures": 60, "she": 900, "wants": 300, "abroad": 25, "picture": 80, "again": 200}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("suicidla", "suicidal"),  # two letters swapped
        ("bruuises", "bruises"),  # one too many
        ("abrad", "abroad"),  # one left out
        ("abroab", "abroad"),  # one beside it
        ("shewants", "she wants"),  # the space lost
    ],
)
def test_a_slip_is_read_as_the_word_it_was_meant_to_be(typed: str, meant: str) -> None:
    assert Vocabulary(WORDS).mended(f"so {typed} ok", lambda word: False) == f"so {meant} ok"


@pytest.mark.parametrize("word", ["suicidal", "abra", "zzzzzzzz", "againn", "ab" * 50_000])
def test_words_and_what_cannot_be_mended_stay(word: str) -> None:
    assert Vocabulary(WORDS).mended(word, lambda known: known == "againn") == word


def test_of_two_words_the_usual_one_is_meant() -> None:
    assert Vocabulary({"pictures": 9, "pictured": 70}).mended("picturex", lambda word: False) == "pictured"


def test_words_of_a_single_message_are_no_vocabulary() -> None:
    assert Vocabulary.of(["help me", "help him", "hlep"]).counts == {"help": 2}


@given(st.text())
def test_any_text_can_be_mended(text: str) -> None:
    plain = normalise(text)
    left = without_emoji(plain, plain.text, 0, len(plain.text))
    assert Vocabulary(WORDS).mended(left, lambda word: False) or not left


def test_emoji_are_left_out_and_words_stay() -> None:
    plain = normalise("I ran 😔 away from home 💀💀")
    assert without_emoji(plain, plain.text, 0, len(plain.text)) == "i ran away from home"
