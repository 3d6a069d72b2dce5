"""The labelled data: enough of everything, written widely, and what measures kept apart from what teaches."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import yaml

from bot.settings import ROOT
from bot.triage.examples import read_examples
from bot.triage.taxonomy import CUES, Tier

TRIAGE = ROOT / "data" / "triage"
TRAINING = read_examples(sorted((TRIAGE / "training").glob("*.jsonl")))
FRAME = 5  # words
ALIKE = 0.8  # share of words in common


def words(text: str) -> list[str]:
    return re.sub(r"[^\w ]", "", text.lower()).split()


def grams(text: str, length: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + length]) for start in range(len(found) - length + 1)}


def alike(texts: Iterable[str], others: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of texts of at least four words that share most of them."""
    where: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for other in others:
        for gram in grams(other, 3):
            where[gram].append(other)
    pairs = []
    for text in texts:
        mine = set(words(text))
        for other in {other for gram in grams(text, 3) for other in where.get(gram, ())}:
            theirs = set(words(other))
            if min(len(mine), len(theirs)) >= 4 and len(mine & theirs) >= ALIKE * len(mine | theirs):
                pairs.append((text, other))
    return pairs


def evaluation_texts() -> list[str]:
    texts = [example.text for example in read_examples([TRIAGE / "evaluation" / "messages.jsonl"])]
    for line in (TRIAGE / "evaluation" / "conversations.jsonl").read_text(encoding="utf-8").splitlines():
        texts += [message["text"] for message in json.loads(line)["messages"]]
    return texts


def test_every_cue_has_enough_examples() -> None:
    count = Counter(cue for example in TRAINING for cue in example.cues)
    for cue, about in CUES.items():
        assert count[cue] >= (250 if about.tier >= Tier.HIGH else 200), cue


def test_there_are_enough_harmless_ones_and_half_of_them_are_near_misses() -> None:
    harmless = [example for example in TRAINING if not example.cues]
    near = [example for example in harmless if example.style == "near_miss"]
    assert len(TRAINING) >= 8000
    assert len(harmless) >= 3000 and len(near) >= 1500
    assert sum(example.style == "question" for example in harmless) >= 700


def test_half_of_the_risk_messages_are_not_direct() -> None:
    risk = [example for example in TRAINING if example.tier >= Tier.ELEVATED]
    hidden = [example for example in risk if example.style not in {"direct", "plain"}]
    assert len(hidden) >= len(risk) / 2


def test_at_most_one_line_in_a_hundred_shares_a_five_word_frame() -> None:
    where: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for row, example in enumerate(TRAINING):
        for gram in grams(example.text, FRAME):
            where[gram].add(row)
    sharing = set().union(*(rows for rows in where.values() if len(rows) > 1))
    assert len(sharing) <= len(TRAINING) / 100


def test_no_training_message_is_nearly_one_that_measures() -> None:
    assert alike(evaluation_texts(), [example.text for example in TRAINING]) == []


def test_no_phrase_of_the_safety_set_stands_in_the_training_data() -> None:
    phrases = yaml.safe_load((TRIAGE / "safety_set.yml").read_text(encoding="utf-8"))["phrases"]
    known = {" ".join(words(example.text)) for example in TRAINING}
    assert [phrase for some in phrases.values() for phrase in some if " ".join(words(phrase)) in known] == []


def test_questions_that_measure_stand_in_no_example() -> None:
    asked = [
        json.loads(line)["text"]
        for line in (ROOT / "data" / "nlu_test" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert alike(asked, example_questions(ROOT / "data" / "nlu")) == []


def example_questions(folder: Path) -> list[str]:
    entries = [entry for file in folder.glob("*.yml") for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]]
    return [line.strip().removeprefix("- ") for entry in entries for line in entry.get("examples", "").splitlines()]
