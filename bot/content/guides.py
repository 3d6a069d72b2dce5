"""Guided first steps as data: which step follows which answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.content.problem import Problem
from bot.content.source import Block, Source, read

FILE = "guides.yml"
ANSWERS = ("yes", "no", "other")


@dataclass(frozen=True, slots=True)
class Step:
    """One step that waits for an answer.

    Attributes:
        guide: the guide that it belongs to.
        text: id of the text that is said.
        next: id of the text that follows, by answer; `other` is always there.
    """

    guide: str
    text: str
    next: Mapping[str, str]
    line: int

    def after(self, answer: str) -> str:
        """The text that follows an answer: `yes`, `no`, or anything else."""
        return self.next.get(answer) or self.next["other"]


def read_guides(data_dir: Path) -> tuple[dict[str, Step], list[Problem]]:
    """All steps by the id of their text, and what is wrong with the file."""
    source = read(data_dir, data_dir / FILE)
    steps: dict[str, Step] = {}
    guides = source.root.get("guides")
    if not isinstance(guides, Block):
        source.refuse(source.root.line_of("guides"), "`guides:` must hold one key for each guide.")
        return {}, source.problems
    for guide, block in guides.items():
        if not isinstance(block, Block):
            source.refuse(guides.line_of(guide), f"guide '{guide}' needs its steps: `utter_…: {{yes: …, other: …}}`.")
            continue
        for text, answers in block.items():
            step = _step(source, guide, text, answers, block.line_of(text))
            if text in steps:
                source.refuse(block.line_of(text), f"'{text}' is a step of '{steps[text].guide}' already. Keep one.")
            elif step is not None:
                steps[text] = step
    return steps, source.problems


def wrong_guides(data_dir: Path, texts: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the guides, texts that are missing and steps that nobody reaches included."""
    if not (data_dir / FILE).is_file():
        return
    steps, problems = read_guides(data_dir)
    yield from problems
    reached = {text for step in steps.values() for text in step.next.values()}
    for step in steps.values():
        for text in (step.text, *step.next.values()):
            if text not in texts:
                yield Problem(FILE, step.line, f"guide '{step.guide}' names '{text}', and there is no such text.")
        if step.text.startswith("utter_guide_") and step.text not in reached:
            yield Problem(FILE, step.line, f"guide '{step.guide}': nothing leads to '{step.text}'.")


def _step(source: Source, guide: str, text: str, answers: object, line: int) -> Step | None:
    what = f"guide '{guide}', step '{text}'"
    if not isinstance(answers, Block):
        source.refuse(line, f"{what} needs what follows: `{{yes: utter_…, other: utter_…}}`.")
        return None
    source.refuse_unknown_keys(answers, ANSWERS, what)
    follows = {answer: source.text(answers, answer, what) for answer in ANSWERS if answer in answers}
    if "other" not in follows:
        source.refuse(line, f"{what} needs `other`: what follows when the question is skipped or answered in other words.")
        return None
    return Step(guide, text, follows, line)
