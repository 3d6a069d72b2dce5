"""What the payload of a pressed option means to the dialogue."""

from __future__ import annotations

import re
from collections.abc import Collection

FALLBACK = "nlu_fallback"
_INTENT = re.compile(r"/([a-z][a-z0-9_]*)")
_ANSWERS = {"yes": "affirm", "no": "deny", "skip": "answer_skip"}
_PERSON = {"person:ask": "ask_person", "person:not_now": "no_person"}
_NOT_FOR_OPTIONS = frozenset({"restart", "back", "session_start"})  # Rasa's own: they reset the conversation


def read_option(payload: str, intents: Collection[str]) -> str:
    """The intent, which is certain, of `/intent`, `answer:QUESTION:yes|no|skip`, `person:ask` and `person:not_now`.

    A payload that this model does not know (content has changed since it was offered) becomes something not understood,
    which is asked about kindly.
    """
    if payload.startswith("answer:"):
        return _ANSWERS.get(payload.rsplit(":", 1)[-1], "answer_skip")
    if payload in _PERSON:
        return _PERSON[payload]
    match = _INTENT.fullmatch(payload)
    if match is None or match[1] not in intents or match[1] in _NOT_FOR_OPTIONS:
        return FALLBACK
    return match[1]
