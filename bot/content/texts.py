"""What the assistant says: reviewed texts in Rasa's response format, in one form or in three, one for each staffing.

    responses:
      utter_name:
      - condition: [{type: slot, name: staffing, value: on_duty}]
        text: "One bubble.\\n\\nAnother."
        buttons: [{title: "Not now", payload: "person:not_now"}]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.placeholders import PLACEHOLDERS, unknown_names
from bot.content.problem import Problem
from bot.content.source import Block, Source, read
from bot.content.staffing import Staffing

FOLDERS = ("nlu", "responses")
MOST_OPTIONS = 4
LONGEST_TITLE = 60  # characters
_NAME = re.compile(r"utter_[a-z0-9_]+")
_BLANK_LINE = re.compile(r"\n\s*\n")
_VARIATION_KEYS = ("condition", "text", "buttons", "metadata")


@dataclass(frozen=True, slots=True)
class Option:
    """A button below a text. `payload` is `/intent`, `person:ask`, `person:not_now` or `answer:QUESTION:yes|no|skip`."""

    title: str
    payload: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """One wording of a text, its placeholders unfilled.

    Attributes:
        staffing: when it is said; None for always.
        bubbles: as they are sent, one after the other.
    """

    staffing: Staffing | None
    bubbles: tuple[str, ...]
    options: tuple[Option, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """One reviewed text in all its forms: one, or one for each staffing."""

    id: str
    forms: tuple[Form, ...]
    file: str
    line: int

    @property
    def speaks_of_people(self) -> bool:
        """Whether it has a form for each staffing."""
        return any(form.staffing is not None for form in self.forms)

    def form(self, staffing: Staffing) -> Form:
        """The wording for `staffing`."""
        return next(form for form in self.forms if form.staffing in (staffing, None))


def response_files(data_dir: Path) -> list[Path]:
    """Files that may hold `responses:`, in a fixed order."""
    return sorted(path for folder in FOLDERS for path in (data_dir / folder).glob("**/*.yml"))


def read_texts(data_dir: Path) -> tuple[dict[str, Text], list[Problem]]:
    """All texts below `data_dir` by id, and what is wrong with those that cannot be used."""
    texts: dict[str, Text] = {}
    problems: list[Problem] = []
    for path in response_files(data_dir):
        source = read(data_dir, path, only="responses")
        for text in _texts_of(source):
            if text.id in texts:
                first = texts[text.id]
                source.refuse(text.line, f"'{text.id}' stands in {first.file}:{first.line} as well. Keep one.")
            else:
                texts[text.id] = text
        problems += source.problems
    return texts, problems


def _texts_of(source: Source) -> Iterable[Text]:
    responses = source.root.get("responses")
    if responses is None:
        return
    if not isinstance(responses, Block):
        source.refuse(source.root.line_of("responses"), "`responses:` must hold one key for each text.")
        return
    for name, variations in responses.items():
        line = responses.line_of(name)
        if not _NAME.fullmatch(name):
            source.refuse(line, f"'{name}' is no name for a text. Names look like utter_something.")
        forms = list(_forms(source, name, variations, line))
        if _forms_are_complete(source, name, forms, line):
            yield Text(name, tuple(forms), source.name, line)


def _forms(source: Source, name: str, variations: Any, line: int) -> Iterable[Form]:
    if not isinstance(variations, list) or not variations:
        source.refuse(line, f"'{name}' needs at least one item `- text: …`.")
        return
    for variation in variations:
        if not isinstance(variation, Block):
            source.refuse(line, f"'{name}': each item must have a `text:`.")
            continue
        source.refuse_unknown_keys(variation, _VARIATION_KEYS, f"'{name}'")
        written = source.text(variation, "text", f"'{name}'")
        for placeholder in unknown_names(written):
            wrong = f"{{{placeholder}}} is no placeholder" if placeholder else "there is a brace without its partner"
            source.refuse(variation.line_of("text"), f"'{name}': {wrong}. Known: {', '.join(PLACEHOLDERS)}.")
        bubbles = tuple(" ".join(bubble.split()) for bubble in _BLANK_LINE.split(written) if bubble.strip())
        if bubbles:
            yield Form(_staffing(source, name, variation), bubbles, _options(source, name, variation), variation.line)


def _staffing(source: Source, name: str, variation: Block) -> Staffing | None:
    conditions = variation.get("condition")
    if conditions is None:
        return None
    line = variation.line_of("condition")
    if isinstance(conditions, list) and len(conditions) == 1 and isinstance(conditions[0], Mapping):
        condition = conditions[0]
        if condition.get("type") == "slot" and condition.get("name") == "staffing" and condition.get("value") in list(Staffing):
            return Staffing(condition["value"])
    source.refuse(line, f"'{name}': the only condition is {{type: slot, name: staffing, value: on_duty, busy or none}}.")
    return None


def _options(source: Source, name: str, variation: Block) -> tuple[Option, ...]:
    buttons = variation.get("buttons", [])
    line = variation.line_of("buttons")
    if not isinstance(buttons, list):
        source.refuse(line, f"'{name}': `buttons:` must be a list.")
        return ()
    if len(buttons) > MOST_OPTIONS:
        source.refuse(line, f"'{name}' has {len(buttons)} buttons; at most {MOST_OPTIONS} fit.")
    options = []
    for button in buttons:
        if not isinstance(button, Block) or not all(isinstance(button.get(key), str) for key in ("title", "payload")):
            source.refuse(line, f"'{name}': each button needs a title and a payload, both words; put quotes around them.")
            continue
        if len(button["title"]) > LONGEST_TITLE:
            source.refuse(button.line, f"'{name}': the button '{button['title'][:20]}…' is longer than {LONGEST_TITLE} letters.")
        options.append(Option(button["title"], button["payload"], button.line))
    return tuple(options)


def _forms_are_complete(source: Source, name: str, forms: list[Form], line: int) -> bool:
    """Whether every staffing finds its wording, and only one."""
    given = [form.staffing for form in forms]
    if given == [None]:
        return True
    if not forms:
        return False
    if None in given:
        source.refuse(line, f"'{name}' has several items: give each a condition on staffing, or keep one item without.")
        return False
    twice = {staffing for staffing in given if given.count(staffing) > 1}
    missing = [staffing.value for staffing in Staffing if staffing not in given]
    for staffing in twice:
        source.refuse(line, f"'{name}' has two forms for staffing {staffing}. Keep one.")
    if missing:
        source.refuse(line, f"'{name}' speaks of people and lacks its form for staffing {', '.join(missing)}.")
    return not missing and not twice
