"""What the payload of a pressed option means to the dialogue."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

FALLBACK = "nlu_fallback"
_INTENT = re.compile(r"/(?P<intent>[a-z][a-z0-9_]*)(?P<entities>\{.*\})?")
_ANSWERS = {"yes": "affirm", "no": "deny", "skip": "answer_skip"}
_NOT_FOR_OPTIONS = frozenset({"restart", "back", "session_start"})  # Rasa's own: they reset the conversation


@dataclass(frozen=True, slots=True)
class Option:
    """An option as the dialogue reads it: an intent that is certain, perhaps with a value."""

    intent: str
    entities: Mapping[str, str] = field(default_factory=dict)


def read_option(payload: str, intents: Collection[str]) -> Option:
    """Reads `/intent`, `/intent{"entity": "value"}` and `answer:QUESTION:yes|no|skip`.

    A payload that this model does not know (content has changed since it was offered) becomes something not understood,
    which is asked about kindly.
    """
    if payload.startswith("answer:"):
        return Option(_ANSWERS.get(payload.rsplit(":", 1)[-1], "answer_skip"))
    if payload == "person:ask":
        return Option("ask_person")
    if payload == "person:not_now":
        return Option("no_person")
    match = _INTENT.fullmatch(payload)
    if match is None or match["intent"] not in intents or match["intent"] in _NOT_FOR_OPTIONS:
        return Option(FALLBACK)
    try:
        entities = json.loads(match["entities"] or "{}")
    except json.JSONDecodeError:
        entities = {}
    return Option(match["intent"], {str(name): str(value) for name, value in entities.items()})
