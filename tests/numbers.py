"""Telephone numbers in what a young person reads, for tests that hold them to the directory."""

from __future__ import annotations

import re

# One number: digits with single signs between them. " / " and ". " part two numbers: "999 / 112", "Call 999. 112 works too."
_NUMBER = re.compile(r"\d(?:(?:[ ./-]| ?[()] ?)?\d)+")
_SHORTEST = 3  # digits; fewer are minutes and ages


def numbers_in(text: str) -> set[str]:
    """The digits of every number of three digits or more."""
    found = {re.sub(r"\D", "", written) for written in _NUMBER.findall(text)}
    return {digits for digits in found if len(digits) >= _SHORTEST}
