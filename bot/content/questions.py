"""Safety questions as data: what a yes, a no and silence tell (triage.md, rule 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.content.problem import Problem
from bot.content.source import Block, Source, read

FILE = "questions.yml"
OUTCOME = re.compile(r"none|cue:[a-z_]+|fact:[a-z_0-9]+=(?:yes|no)")
_KEYS = ("asks", "asked_by", "yes", "no", "unclear", "skip", "needs")
NEEDS = ("ask_about_suicide",)


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """One question about safety.

    Attributes:
        asks: what it wants to know, for desk and studio.
        asked_by: ids of the texts that ask it.
        yes, no, unclear, skip: "cue:ID", "fact:ID=yes", "fact:ID=no" or "none". `unclear` also counts for no answer within
            five minutes and for leaving.
        needs: name of the switch in the policy that allows it; "" for none. Its answers are heard whatever the policy says.
    """

    id: str
    asks: str
    asked_by: tuple[str, ...]
    yes: str
    no: str
    unclear: str
    skip: str
    needs: str
    line: int


def read_questions(data_dir: Path) -> tuple[dict[str, QuestionSpec], list[Problem]]:
    """All safety questions by id."""
    source = read(data_dir, data_dir / FILE)
    questions = source.root.get("questions")
    if not isinstance(questions, Block):
        source.refuse(source.root.line_of("questions"), "`questions:` must hold one key for each question.")
        return {}, source.problems
    specs = {name: _question(source, name, block) for name, block in questions.items() if isinstance(block, Block)}
    for name, block in questions.items():
        if not isinstance(block, Block):
            source.refuse(questions.line_of(name), f"'{name}' needs its keys: {', '.join(_KEYS)}.")
    return specs, source.problems


def asked_in(questions: Mapping[str, QuestionSpec]) -> dict[str, str]:
    """The id of the question that a text asks, by the text's id."""
    return {text_id: spec.id for spec in questions.values() for text_id in spec.asked_by}


def _question(source: Source, name: str, block: Block) -> QuestionSpec:
    what = f"question '{name}'"
    source.refuse_unknown_keys(block, _KEYS, what)
    return QuestionSpec(
        name,
        source.text(block, "asks", what),
        source.texts(block, "asked_by", what),
        yes=_outcome(source, block, "yes", what),
        no=_outcome(source, block, "no", what),
        unclear=_outcome(source, block, "unclear", what),
        skip=_outcome(source, block, "skip", what),
        needs=source.choice(block, "needs", what, NEEDS) if "needs" in block else "",
        line=block.line,
    )


def _outcome(source: Source, block: Block, key: str, what: str) -> str:
    value = block.get(key, "none" if key == "skip" else None)
    if isinstance(value, bool) or not isinstance(value, str) or not OUTCOME.fullmatch(value):
        source.refuse(block.line_of(key), f"{what}: '{key}' must be cue:ID, fact:ID=yes, fact:ID=no or none; it is {value!r}.")
        return "none"
    return value
