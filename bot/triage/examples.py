"""Labelled examples, as they stand in `data/triage/`: one JSON object a line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.errors import ContentError
from bot.triage.taxonomy import CUES, FACTS, About, Tier, most_serious
from bot.triage.together import SPLIT_MOST

HELD_BACK = 8  # one message in so many
TELLS_ALONE = 5  # words: a shorter message of a conversation tells its cue only with those before it


@dataclass(frozen=True, slots=True)
class Example:
    """One message, or several read as one, with what it tells.

    Attributes:
        origin: what decides whether it is held back; the text itself unless it is part of a conversation.
    """

    text: str
    cues: tuple[str, ...]
    about: About
    style: str
    voice: str
    facts: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""

    @property
    def tier(self) -> Tier:
        return most_serious(self.cues)


def held_back(example: Example) -> bool:
    """Whether a training message is kept from training and used to set probabilities: one in eight, for good."""
    return _digest(example.origin or example.text) % HELD_BACK == 0


def _digest(text: str) -> int:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[0]


def training_examples(data_dir: Path) -> list[Example]:
    """All that triage learns from: labelled messages, and conversations message by message and as they are read together.

    Raises:
        ContentError: a line cannot be used, or there are none.
    """
    folder = data_dir / "triage" / "training"
    files, talks = training_files(data_dir)
    examples = [*read_examples(files), *(example for talk in talks for example in _of_conversations(talk))]
    if not examples:
        raise ContentError([f"{folder}:1: there are no examples to train on"])
    return examples


def training_files(data_dir: Path) -> tuple[list[Path], list[Path]]:
    """The files of messages, and those of conversations."""
    folder = data_dir / "triage" / "training"
    return sorted(folder.glob("*.jsonl")), sorted((folder / "conversations").glob("*.jsonl"))


def _of_conversations(file: Path) -> list[Example]:
    """Each message alone, and with one to three before it: fragments mean little alone, and often less than they sound."""
    examples, problems = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            talk = json.loads(line)
            told = [_example({**message, "style": "fragment", "voice": talk["voice"]}) for message in talk["messages"]]
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"{file}:{number}: this is no labelled conversation ({error}); see docs/evaluation.md for the form")
            continue
        origin = told[0].text
        for last, message in enumerate(told):
            if not message.cues or len(message.text.split()) >= TELLS_ALONE:
                examples.append(replace(message, origin=origin))
            windows = [told[last + 1 - size : last + 1] for size in range(2, SPLIT_MOST + 1) if size <= last + 1]
            if windows and not any(said.cues for said in windows[-1]):  # the most common kind: one of them is enough
                windows = [windows[_digest(message.text) % len(windows)]]
            examples += [_read_together(window, origin) for window in windows]
    if problems:
        raise ContentError(problems)
    return examples


def _read_together(messages: Sequence[Example], origin: str) -> Example:
    cues = tuple(dict.fromkeys(cue for message in messages for cue in message.cues))
    about = next((message.about for message in reversed(messages) if message.cues), messages[-1].about)
    return Example(" ".join(message.text for message in messages), cues, about, "together", messages[-1].voice, origin=origin)


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
