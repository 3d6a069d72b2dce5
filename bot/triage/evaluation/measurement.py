"""From labelled files and one detector, or two, to the report as data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.triage.evaluation.comparison import conversation_differences, message_differences
from bot.triage.evaluation.conversations import (
    Conversation,
    Played,
    is_conversations,
    play_conversations,
    read_conversations,
)
from bot.triage.evaluation.handoffs import conversation_report
from bot.triage.evaluation.messages import Read, message_report, read_messages
from bot.triage.examples import Example, read_examples
from bot.triage.together import Scorer


class Measurable(Scorer, Protocol):
    """A detector that says how whole it is."""

    @property
    def status(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Labelled:
    """What detectors are measured on."""

    examples: tuple[Example, ...]
    conversations: tuple[Conversation, ...]
    files: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one detector made of it."""

    status: str
    model: str
    reads: tuple[Read, ...]
    played: tuple[Played, ...]


def evaluate(detector: Measurable, files: Sequence[Path], against: Measurable | None = None) -> dict[str, Any]:
    """The report on labelled files, of messages or of conversations.

    Args:
        against: another detector, measured on the same files.

    Returns:
        `files` (name and SHA-256), `model`, `status`, `messages` (see `messages.message_report`; None without any),
        `conversations` (see `handoffs.conversation_report`; None without any); and, where there are two detectors, `against`
        (the other's `model`, `status`, `messages`, `conversations`) and `differences` (by question, see `comparison`).

    Raises:
        ContentError: a file holds a line that is no labelled example.
    """
    labelled = read_labelled(files)
    measured = measure(detector, labelled)
    report = {"files": list(labelled.files), **_figures(measured), "against": None, "differences": None}
    if against is not None:
        other = measure(against, labelled, "the other: ")
        report["against"] = _figures(other)
        report["differences"] = {
            **message_differences(measured.reads, other.reads),
            **conversation_differences(measured.played, other.played),
        }
    return report


def read_labelled(files: Sequence[Path]) -> Labelled:
    """Raises `ContentError` with every line that cannot be used."""
    of_conversations = [file for file in files if is_conversations(file)]
    of_messages = [file for file in files if file not in of_conversations]
    named = [{"name": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()} for file in sorted(files)]
    return Labelled(tuple(read_examples(of_messages)), tuple(read_conversations(of_conversations)), tuple(named))


def measure(detector: Measurable, labelled: Labelled, label: str = "") -> Measured:
    reads = tuple(read_messages(detector, labelled.examples, f"{label}messages"))
    played = tuple(play_conversations(detector, labelled.conversations, f"{label}conversations"))
    told = [read.told for read in reads] + [each.heard[0].alone for each in played]
    model = next((assessment.model for assessment in told if assessment.model), "")
    return Measured(detector.status, model, reads, played)


def _figures(measured: Measured) -> dict[str, Any]:
    return {
        "model": measured.model,
        "status": measured.status,
        "messages": message_report(measured.reads) if measured.reads else None,
        "conversations": conversation_report(measured.played) if measured.played else None,
    }
