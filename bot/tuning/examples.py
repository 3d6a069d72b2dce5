"""What the encoder is tuned on: labelled messages and questions, disturbed anew in every epoch."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

from bot.errors import ContentError
from bot.triage.examples import Example, held_back, training_examples
from bot.triage.training import labels_of
from bot.triage.words import WordDetector, read_as

Floats = npt.NDArray[np.float32]

CALM_STYLES = ("plain", "smalltalk", "question")  # what a disclosure is often wrapped in
CALM_LONGEST = 220  # characters
AMID_LONGEST = 400  # characters of a message with small talk around it: about as much as one window holds
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LETTERS_PER_SLIP = 25


@dataclass(frozen=True, slots=True)
class Item:
    """One text to learn from.

    Attributes:
        text: as the encoder will read it.
        cues: one number, 0 or 1, for each of `bot.triage.model.HEADS`; None for a question, which nobody labelled for cues.
        intent: index of its intent; -1 for a message.
    """

    text: str
    cues: Floats | None
    intent: int = -1


def messages(data_dir: Path) -> tuple[list[Item], list[str]]:
    """The training messages without those held back for calibration, and the calm ones among their texts.

    Raises:
        ContentError: a line is no labelled example.
        ModelError: the words cannot be read.
    """
    words = WordDetector.load(data_dir / "triage" / "words.yml")
    examples = [example for example in training_examples(data_dir) if not held_back(example)]
    items = [Item(read_as(example.text, words), labels_of(example)) for example in examples]
    calm = [item.text for item, example in zip(items, examples, strict=True) if _is_calm(example)]
    return items, calm


def questions(data_dir: Path) -> tuple[list[Item], list[str]]:
    """The example questions of `data/nlu`, and the names of their intents in the order of `Item.intent`."""
    words = WordDetector.load(data_dir / "triage" / "words.yml")
    found: list[tuple[str, str]] = []
    for file in sorted((data_dir / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8")).get("nlu") or []:
            lines = str(entry.get("examples", "")).splitlines()
            found += [(line.strip().removeprefix("- "), entry["intent"]) for line in lines if line.strip() and "intent" in entry]
    names = sorted({intent for _, intent in found})
    if not names:
        raise ContentError([f"{data_dir / 'nlu'}:1: there are no examples of questions"])
    return [Item(read_as(text, words), None, names.index(intent)) for text, intent in found], names


def disturbed(item: Item, calm: Sequence[str], chance: random.Random, share: float) -> str:
    """The item's text as somebody else might have typed it: with slips, or with small talk around it."""
    text = item.text
    if item.cues is not None and chance.random() < share:
        text = _amid(text, calm, chance)
    return with_slips(text, chance) if chance.random() < share else text


def _amid(text: str, calm: Sequence[str], chance: random.Random) -> str:
    """`text` with one piece of small talk before or after it, or, one time in three, as much as fits around it."""
    longest = chance.randrange(AMID_LONGEST) if chance.random() < 1 / 3 else 0
    while True:
        other, gap = chance.choice(calm), chance.choice([" ", ". ", "\n"])
        text = other + gap + text if chance.random() < 0.5 else text + gap + other
        if len(text) >= longest - CALM_LONGEST:
            return text


def with_slips(text: str, chance: random.Random) -> str:
    """`text` with a letter left out, swapped, doubled or mistaken in about every 25."""
    letters = list(text)
    for _ in range(max(1, len(letters) // LETTERS_PER_SLIP)):
        at, kind = chance.randrange(len(letters)), chance.random()
        if not letters[at].isalpha():
            continue
        if kind < 0.3:
            letters[at] = ""
        elif kind < 0.6 and at + 1 < len(letters):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif kind < 0.8:
            letters[at] *= 2
        else:
            letters[at] = chance.choice(LETTERS)
    return "".join(letters) or text


def _is_calm(example: Example) -> bool:
    return not example.cues and example.style in CALM_STYLES and len(example.text) < CALM_LONGEST
