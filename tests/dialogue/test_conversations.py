"""Plays the conversations of `conversations/*.yml` and compares what is answered; each turn leads on (see conftest)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dialogue.conftest import Conversation

ABOUT_OFFERS = ("utter_offer", "utter_flag", "utter_ask_", "utter_kind_noted", "utter_form_stopped")
FOLDER = Path(__file__).parent / "conversations"
KEYS = {"says", "presses", "cues", "answers", "requests", "form", "guide", "staffing", "words", "missed", "heard"}


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
        if "guide" in turn:
            assert (conversation.state or {})["slots"].get("guide") == turn["guide"], where
        if "heard" in turn:
            assert conversation.answer["heard"] == turn["heard"], where
        said = "\n".join(bubble["text"] for bubble in conversation.answer["bubbles"])
        for words in turn.get("words", []):
            assert words in said, where
        assert_no_offer_is_called_safe(conversation.answer, where)


def assert_no_offer_is_called_safe(answer: dict[str, Any], where: str) -> None:
    of_offers = [bubble["text"] for bubble in answer["bubbles"] if bubble["text_id"].startswith(ABOUT_OFFERS)]
    assert not re.search(r"\b(?:safe|fine offer|genuine|legit|trustworthy)\b", " ".join(of_offers), re.IGNORECASE), where


def play(turn: dict[str, Any], conversation: Conversation) -> None:
    says = turn.get("says", [])
    texts = [says] if isinstance(says, str) else says
    changes = {key: turn[key] for key in ("staffing", "missed") if key in turn}
    conversation.turn(*texts, option=turn.get("presses"), cues=tuple(turn.get("cues", ())), **changes)
