"""What could tell who a young person is goes before somebody reads their words for triage's sake."""

from __future__ import annotations

import pytest

from bot.content import Content
from bot.content.directory import Directory
from bot.handoff.redaction import redacted, tells_who
from bot.settings import ROOT


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Content.load(ROOT / "data").directory


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("my name is kara and i cant sleep", "my name is [name] and i cant sleep"),
        ("im called Joe", "im called [name]"),
        ("his name is dean he is 34", "his name is [name] he is 34"),
        ("i told Marcus about it", "i told [name] about it"),
        ("i go to hillcrest academy", "i go to [school] academy"),
        ("we live at 14 mill road", "we live at [address]"),
        ("i was born 3/4/2011", "i was born [date]"),
        ("ring me 07700 900123", "ring me [number]"),
        ("mail kara@example.com", "mail [handle]"),
        ("look at example.com/kara", "look at [link]"),
    ],
)
def test_it_is_taken_out(text: str, left: str, directory: Directory) -> None:
    assert redacted(text, directory) == left


@pytest.mark.parametrize(
    "text",
    [
        "i want to die tonight",
        "my name is not important",
        "he will send my pics at 8 if i do not pay 200",
        "My mum said I am lying on Monday",
        "im 14 and he is 34",
        "call me back please",
        "i hate my school and my college",
    ],
)
def test_what_tells_of_harm_stays(text: str, directory: Directory) -> None:
    assert redacted(text, directory) == text
    assert tells_who(text, directory) == ()
