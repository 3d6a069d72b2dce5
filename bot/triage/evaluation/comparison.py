"""Two models on the same labelled data: where they differ, and whether that may be chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bot.triage.evaluation.conversations import Played
from bot.triage.evaluation.messages import Read
from bot.triage.taxonomy import Tier

T = TypeVar("T")
Test = Callable[[T], bool]


def message_differences(these: Sequence[Read], those: Sequence[Read]) -> dict[str, dict[str, Any]]:
    """What only one of two models gets right, by what was asked of them.

    Args:
        these: the messages as the model at hand read them.
        those: the same messages, in the same order, as the other did.

    Returns:
        For each question `of`, `only_this` and `only_other` (texts), and `chance`, see `sign_test`.
    """
    return {name: _split(these, those, *question, _text) for name, question in MESSAGE_QUESTIONS.items()}


def conversation_differences(these: Sequence[Played], those: Sequence[Played]) -> dict[str, dict[str, Any]]:
    """The same for conversations; the text is that of the message that tells, or of the one that opened."""
    return {name: _split(these, those, *question, _words) for name, question in CONVERSATION_QUESTIONS.items()}


def sign_test(one: int, other: int) -> float:
    """How likely a split at least as uneven is, were both sides equally likely (exact, two-sided; McNemar 1947)."""
    tosses = one + other
    tail = sum(math.comb(tosses, few) for few in range(min(one, other) + 1))
    return min(1.0, float(2 * tail / 2**tosses))


def _split(
    these: Sequence[T], those: Sequence[T], concerns: Test[T], right: Test[T], text: Callable[[T, T], str]
) -> dict[str, Any]:
    pairs = [(this, other) for this, other in zip(these, those, strict=True) if concerns(this)]
    only_this = [text(this, other) for this, other in pairs if right(this) and not right(other)]
    only_other = [text(this, other) for this, other in pairs if right(other) and not right(this)]
    chance = sign_test(len(only_this), len(only_other))
    return {"of": len(pairs), "only_this": only_this, "only_other": only_other, "chance": chance}


def _text(this: Read, other: Read) -> str:
    return this.example.text


def _words(this: Played, other: Played) -> str:
    ends = (this.labelled.high_at, this.told.opened_at, other.told.opened_at)
    at = next((index for index in ends if index is not None), 0)
    return this.conversation.messages[at].text


MESSAGE_QUESTIONS: dict[str, tuple[Test[Read], Test[Read]]] = {
    "immediate or high, heard at high or above": (
        lambda read: read.example.tier >= Tier.HIGH,
        lambda read: read.told.tier >= Tier.HIGH,
    ),
    "immediate, heard as immediate": (
        lambda read: read.example.tier is Tier.IMMEDIATE,
        lambda read: read.told.tier is Tier.IMMEDIATE,
    ),
    "harmless, left below high": (
        lambda read: not read.example.cues,
        lambda read: read.told.tier < Tier.HIGH,
    ),
}
CONVERSATION_QUESTIONS: dict[str, tuple[Test[Played], Test[Played]]] = {
    "conversations that reach high, handed over by the message that tells": (
        lambda played: played.serious,
        lambda played: played.opened_in_time(),
    ),
    "conversations below high, not handed over unasked": (
        lambda played: not played.serious,
        lambda played: not played.opened_unasked(),
    ),
}
