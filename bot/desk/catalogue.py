"""What the desk offers to staff, from `data/desk.yml`: outcomes, categories, follow-up, prepared replies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError
from bot.triage.taxonomy import CUES

FILE = "desk.yml"
LONGEST_REPLY = 500  # characters


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick. `cues` are those that fill it in; `key` is a digit for the keyboard, "" for none."""

    id: str
    says: str
    cues: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    outcomes: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    follow_up: tuple[Choice, ...]
    replies: tuple[Choice, ...]

    def category_for(self, cues: Iterable[str]) -> str:
        """The category that the most serious of these cues fills in; "" where none does."""
        heard = set(cues)
        for cue in CUES:  # most serious first
            found = next((choice.id for choice in self.categories if cue in choice.cues), "") if cue in heard else ""
            if found:
                return found
        return ""

    def as_json(self) -> dict[str, Any]:
        def said(choices: Iterable[Choice]) -> list[dict[str, str]]:
            return [{"id": choice.id, "says": choice.says} for choice in choices]

        return {
            "outcomes": said(self.outcomes),
            "categories": said(self.categories),
            "follow_up": said(self.follow_up),
            "replies": [{"id": reply.id, "says": reply.says, "key": reply.key} for reply in self.replies],
        }


@cache
def catalogue(data_dir: Path) -> Catalogue:
    """Reads the file, once for each folder. Raises `ContentError` when it cannot be used."""
    try:
        root = yaml.safe_load((data_dir / FILE).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ContentError([f"{FILE}: cannot be read: {type(error).__name__}"]) from error
    if not isinstance(root, dict):
        raise ContentError([f"{FILE}:1: a mapping is wanted"])
    return Catalogue(*(_choices(root, name) for name in ("outcomes", "categories", "follow_up", "replies")))


def _choices(root: Mapping[str, Any], name: str) -> tuple[Choice, ...]:
    rows = root.get(name)
    if not isinstance(rows, list) or not rows:
        raise ContentError([f"{FILE}: '{name}' must be a list with at least one line"])
    choices = tuple(_choice(row, name) for row in rows)
    for ids in ([choice.id for choice in choices], [choice.key for choice in choices if choice.key]):
        if len(set(ids)) < len(ids):
            raise ContentError([f"{FILE}: '{name}' has the same id or key twice"])
    return choices


def _choice(row: Any, name: str) -> Choice:
    if not isinstance(row, dict) or not row.get("id") or not row.get("says"):
        raise ContentError([f"{FILE}: each line of '{name}' needs 'id' and 'says'"])
    choice = Choice(str(row["id"]), str(row["says"]), tuple(row.get("cues") or ()), str(row.get("key", "")))
    if unknown := set(choice.cues) - set(CUES):
        raise ContentError([f"{FILE}: '{choice.id}' names cues that do not exist: {', '.join(sorted(unknown))}"])
    if len(choice.says) > LONGEST_REPLY or len(choice.id) > 80:
        raise ContentError([f"{FILE}: '{choice.id}' is too long"])
    return choice
