"""docs/desk.md names tests that exist, and every line of what the desk must do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.settings import ROOT

PAGE = (ROOT / "docs" / "desk.md").read_text(encoding="utf-8")
FOLDERS = {"W/": "tests/web/", "U/": "tests/unit/handoff/", "tests/faults/": "tests/faults/", "": "tests/browser/"}
LINES = 38


def named() -> Iterator[tuple[str, str]]:
    """Each test that the page names, as (file, test); the test is "" where it names the file as a whole."""
    file = ""
    for folder, module, test in re.findall(r"`(W/|U/|tests/faults/)?(test_\w+)?(?:::(test_\w+))?`", PAGE):
        if module:
            file = f"{FOLDERS[folder]}{module}.py"
        if module or test:
            yield file, test


def test_every_test_that_the_page_names_exists() -> None:
    found = list(named())
    assert len(found) > 60
    for file, test in found:
        assert (ROOT / file).is_file(), file
        assert not test or f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_every_line_is_there_once_with_what_holds_it() -> None:
    rows = re.findall(r"^\| (\d+)(?: \*\*P1\*\*)? \| [^|]+ \| (\S[^|]*) \|$", PAGE, re.M)
    assert [int(number) for number, _held in rows] == list(range(1, LINES + 1))


def test_every_line_that_must_hold_first_names_a_test() -> None:
    for line in PAGE.splitlines():
        if "**P1** |" in line:
            assert "test_" in line, line
