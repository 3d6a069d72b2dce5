"""Labelled examples, as they stand in `data/triage/`: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import ContentError
from bot.triage.taxonomy import CUES, FACTS, About, Tier, most_serious


@dataclass(frozen=True, slots=True)
class Example:
    """One message with what it tells."""

    text: str
    cues: tuple[str, ...]
    about: About
    style: str
    voice: str
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def tier(self) -> Tier:
        return most_serious(self.cues)


def read_examples(files: Iterable[Path]) -> list[Example]:
    """The examples of all files, in order. Raises `ContentError` with every line that cannot be used."""
    examples, problems, seen = [], [], set()
    for file in sorted(files):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                example = _example(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                problems.append(f"{file}:{number}: this is no labelled example ({error}); see docs/evaluation.md for the form")
                continue
            if example.text in seen:
                problems.append(f"{file}:{number}: this message stands here twice; take one out")
                continue
            seen.add(example.text)
            examples.append(example)
    if problems:
        raise ContentError(problems)
    return examples


def _example(value: Mapping[str, object]) -> Example:
    text, cues, facts = value["text"], value["cues"], value.get("facts") or {}
    if not isinstance(text, str) or not text.strip():
        raise ValueError("the text is missing")
    if not isinstance(cues, list) or set(cues) - set(CUES):
        raise ValueError("a cue is unknown")
    if not isinstance(facts, dict) or set(facts) - set(FACTS):
        raise ValueError("a fact is unknown")
    return Example(
        text=text,
        cues=tuple(dict.fromkeys(cues)),
        about=About(str(value.get("about", "self"))),
        style=str(value.get("style", "")),
        voice=str(value.get("voice", "")),
        facts={str(name): str(said) for name, said in facts.items()},
    )
