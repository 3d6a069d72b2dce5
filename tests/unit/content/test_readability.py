"""The reading grade, against words and texts whose measure is known."""

from __future__ import annotations

import pytest

from bot.content.readability import grade, sentences, syllables, words


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("safe", 1), ("asked", 1), ("wanted", 2), ("images", 3), ("people", 2), ("little", 2), ("someone", 2), ("everything", 3),
        ("being", 2), ("quiet", 2), ("video", 3), ("situation", 4), ("emergency", 4), ("helpline", 2), ("don't", 1), ("the", 1),
    ],
)  # fmt: skip
def test_syllables_of_common_words(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_grade_is_that_of_the_formula() -> None:
    # Six words, one sentence, six syllables.
    assert grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)


def test_long_words_and_sentences_are_harder() -> None:
    easy = "You can stop. We can help. It is not your fault."
    hard = "Confidentiality obligations may necessitate consultation with appropriate authorities."
    assert grade(easy) < 2 < 12 < grade(hard)


def test_numbers_and_addresses_are_neither_sentences_nor_hard_words() -> None:
    assert len(sentences("Call 0800 1111. Look at takeitdown.ncmec.org now.")) == 2
    assert grade("Call 0800 1111 now.") < 5


def test_a_text_without_words_has_no_grade() -> None:
    assert grade("…") == 0.0
    assert words("") == 0
