"""Plays the conversations of `conversations/*.yml` and compares what is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dialogue.conftest import Conversation

FOLDER = Path(__file__).parent / "conversations"
KEYS = {"says", "presses", "cues", "answers", "requests", "form", "staffing", "words", "missed"}


def conversations() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.yml")):
        for entry in yaml.safe_load(file.read_text()):
            yield pytest.param(entry["turns"], id=f"{file.stem}: {entry['conversation']}")


@pytest.mark.parametrize("turns", conversations())
def test_the_conversation_goes_as_written(turns: list[dict[str, Any]], conversation: Conversation) -> None:
    for number, turn in enumerate(turns, start=1):
        where = f"turn {number}, {turn.get('says', turn.get('presses'))!r}"
        assert set(turn) <= KEYS, where
        play(turn, conversation)
        assert conversation.said == turn["answers"], where
        assert conversation.answer["requests"] == turn.get("requests", []), where
        if "form" in turn:
            assert (conversation.state or {})["loop"] == turn["form"], where
        for words in turn.get("words", []):
            assert words in "\n".join(bubble["text"] for bubble in conversation.answer["bubbles"]), where


def play(turn: dict[str, Any], conversation: Conversation) -> None:
    says = turn.get("says", [])
    texts = [says] if isinstance(says, str) else says
    changes = {key: turn[key] for key in ("staffing", "missed") if key in turn}
    conversation.turn(*texts, option=turn.get("presses"), cues=tuple(turn.get("cues", ())), **changes)
