"""What each answer is about, in the few words of a button: `data/titles.yml`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from bot.content.problem import Problem
from bot.content.source import Block, read

FILE = "titles.yml"
LONGEST = 40  # characters: two lines of a button on a small phone


def read_titles(data_dir: Path) -> tuple[Mapping[str, str], list[Problem]]:
    """Titles by intent, and what is wrong with them. Without the file there are none."""
    if not (data_dir / FILE).is_file():
        return {}, []
    source = read(data_dir, data_dir / FILE)
    block = source.root.get("titles")
    if not isinstance(block, Block):
        source.refuse(source.root.line_of("titles"), "`titles:` must hold one title for each answer.")
        return {}, source.problems
    titles = {intent: source.text(block, intent, "`titles:`") for intent in block}
    for intent, title in titles.items():
        if len(title) > LONGEST:
            source.refuse(block.line_of(intent), f"the title of '{intent}' has {len(title)} letters; at most {LONGEST}.")
    for title in sorted(set(titles.values())):
        same = [intent for intent, one in titles.items() if one == title]
        if len(same) > 1:
            source.refuse(block.line_of(same[-1]), f"{' and '.join(same)} have the same title '{title}'. Tell them apart.")
    return titles, source.problems


def wrong_titles(data_dir: Path, texts: Collection[str], intents: Collection[str]) -> list[Problem]:
    """What is wrong with the titles, those among it that lead to no answer."""
    titles, problems = read_titles(data_dir)
    if titles:
        source = read(data_dir, data_dir / FILE)
        for intent in titles:
            if intent not in intents or f"utter_{intent}" not in texts:
                source.refuse(source.root["titles"].line_of(intent), f"'{intent}' has no examples or no answer 'utter_{intent}'.")
        problems = [*problems, *source.problems]
    return problems
