"""What `rasa data validate` says of the content: nothing."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bot.engine.quiet  # noqa: F401  # before any other import of Rasa

# isort: split
import pytest
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.validator import Validator

from bot.engine.importer import said_without_rules
from bot.settings import ROOT


@contextmanager
def all_warnings() -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        yield heard


def complaints(*more: Path) -> tuple[bool, list[str]]:
    """Whether the command would succeed with `--fail-on-warnings`, and all that it would print."""
    with all_warnings() as heard:
        importer = TrainingDataImporter.load_from_config(
            str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data"), *map(str, more)]
        )
        checks = Validator.from_importer(importer)
        passed = [
            checks.verify_domain_validity(),
            checks.verify_nlu(ignore_warnings=False),
            checks.verify_story_structure(ignore_warnings=False),
            checks.verify_actions_in_stories_rules(),
            checks.verify_forms_in_stories_rules(),
            checks.verify_form_slots(),
            checks.verify_slot_mappings(),
        ]
    about_content = [str(one.message) for one in heard if issubclass(one.category, UserWarning) and "rasa" in one.filename]
    return all(passed), [said for said in about_content if not said.startswith(("Slot auto-fill", "pkg_resources"))]


def test_rasa_data_validate_is_clean() -> None:
    assert complaints() == (True, [])


def test_what_nobody_says_and_what_stands_twice_are_still_pointed_out(tmp_path: Path) -> None:
    extra = tmp_path / "extra.yml"
    extra.write_text(
        'version: "3.1"\n'
        "nlu:\n  - intent: groom_signs\n    examples: |\n      - wat is grooming exactly, i mean the word\n"
        "  - intent: groom_what\n    examples: |\n      - wat is grooming exactly, i mean the word\n"
        "responses:\n  utter_said_by_nobody:\n    - text: Hello.\n"
    )

    passed, said = complaints(extra)

    assert not passed
    assert any("'wat is grooming exactly, i mean the word' was found labeled with multiple" in line for line in said)
    assert any("'utter_said_by_nobody' is not used" in line for line in said)


@pytest.mark.parametrize("name", ["utter_cue_self_harm", "utter_ask_offer_kind", "utter_guide_low_sit", "utter_net_none"])
def test_what_code_says_needs_no_rule(name: str) -> None:
    assert said_without_rules([name, "utter_said_by_nobody"]) == {name}
