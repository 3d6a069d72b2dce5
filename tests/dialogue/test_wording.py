"""What the intent classifier reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.wording import has_words, mostly_latin, plain


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("Wat shud i do???", "what should i do???"),
        ("gro\u200boming", "grooming"),
        ("pleaaaase", "pleaase"),
        ("I don\u2019t know", "i don't know"),
        ("ｈｅｌｌｏ", "hello"),
    ],
)
def test_one_spelling_is_read(raw: str, read: str) -> None:
    assert plain(raw) == read


@given(st.text())
def test_reading_twice_changes_nothing_more_in_letters_and_never_fails(text: str) -> None:
    assert isinstance(plain(text), str)
    assert isinstance(mostly_latin(text), bool)


@pytest.mark.parametrize("text", ["", "  ", "👍", "?!", "…"])
def test_signs_without_letters_are_no_words(text: str) -> None:
    assert not has_words(text)


@pytest.mark.parametrize(
    ("text", "latin"), [("hello", True), ("мне страшно", False), ("我很害怕", False), ("ok 你好吗朋友", False), ("123", True)]
)
def test_other_scripts_are_known(text: str, latin: bool) -> None:
    assert mostly_latin(text) is latin
