"""The reading of numbers that other tests rely on: two of them must never look like one, nor one like none."""

from __future__ import annotations

import pytest

from tests.numbers import numbers_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Appelle maintenant : 999 / 112.", {"999", "112"}),
        ("Call 999. 112 works too.", {"999", "112"}),
        ("Childline (0800 1111, in the UK) or text 50808", {"08001111", "50808"}),
        ("+44 (0)20 7946-0000", {"4402079460000"}),
        ("in 5 to 10 minutes, if you are 14", set()),
    ],
)
def test_two_numbers_are_two_and_one_is_one(text: str, found: set[str]) -> None:
    assert numbers_in(text) == found
