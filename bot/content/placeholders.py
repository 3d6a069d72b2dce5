"""The closed list of placeholders in texts, and what stands in their place.

A placeholder whose value is not known never reaches a reader: either other words stand for it, or the whole sentence that needs
it gives way to a sentence that does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SENTENCE_END = re.compile(r"(?<=[.?:])\s+")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One name that a text may hold in braces.

    Attributes:
        words: stand for it when its value is not known.
        sentence: takes the place of the whole sentence instead; "" where `words` will do, and None where it is left out.
        example: what check and preview put in its place.
        told: its value is a sentence of the helpline's own, or several, from `policy.yml`, by this key of `Policy.spoken`.
    """

    words: str
    sentence: str | None
    example: str
    told: str = ""


PLACEHOLDERS: Mapping[str, Placeholder] = {
    "country_name": Placeholder("your country", "", "the UK"),
    "emergency_number": Placeholder("112 or your local emergency number", "", "999"),
    "helpline_name": Placeholder("a helpline at findahelpline.com", "", "Childline (0800 1111)"),
    "wait_low": Placeholder("", "I cannot say how long it takes.", "5"),
    "wait_high": Placeholder("", "I cannot say how long it takes.", "10"),
    "next_open": Placeholder("", "I cannot say when they are back.", "at 4 pm"),
    "person": Placeholder("a helper", "", "Sam"),
    "who_can_read": Placeholder("", "I do not know who can read this chat.", "Only our team can read this chat", "who_can_read"),
    "when_we_tell": Placeholder("", "I do not know when the team tells others.", "We tell in great danger", "when_we_tell"),
    "told_cost": Placeholder("", "I do not know what this chat costs. Ask a person first.", "This chat is free", "cost"),
    "told_family": Placeholder("", "I do not know when they tell parents or schools.", "We do not tell your parents", "family"),
    "told_police": Placeholder("", "I do not know when they tell the police.", "Most days we do not", "police"),
    "told_name": Placeholder("", "You can say as little as you like.", "You need not give your name", "name"),
    "told_person": Placeholder("", "A person reads what you wrote and writes to you here.", "A helper says hello", "person"),
    "safe_word": Placeholder("", None, "harbour"),
    "told_wait": Placeholder("", None, "Most people wait less than ten minutes", "wait"),
}


def unknown_names(text: str) -> list[str]:
    """Names in braces that are no placeholders, and "" for a brace without a partner."""
    names = [name for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        names.append("")
    return names


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """`text` (one bubble) with every placeholder filled; what is unknown is said in other words, once."""
    if values.get("wait_low") and values.get("wait_low") == values.get("wait_high"):
        text = text.replace("{wait_low} to {wait_high}", "about {wait_low}")
    said: list[str] = []
    for sentence in _SENTENCE_END.split(text.strip()):
        filled = _fill_sentence(sentence, values)
        if filled and (filled not in said or PLACEHOLDER.search(sentence) is None):
            said.append(filled)
    return " ".join(said)


def example(text: str) -> str:
    """`text` as it may look, for checks of its length and for previews."""
    return fill(text, {name: placeholder.example for name, placeholder in PLACEHOLDERS.items()})


def _fill_sentence(sentence: str, values: Mapping[str, str | None]) -> str:
    names = PLACEHOLDER.findall(sentence)
    for name in names:
        known = PLACEHOLDERS.get(name)
        if known is None:
            return ""  # the check refuses such a text; a reader must not see it even so
        if not values.get(name) and known.sentence != "":
            return known.sentence or ""
    said = PLACEHOLDER.sub(lambda match: values.get(match[1]) or PLACEHOLDERS[match[1]].words, sentence)
    return said[:1].upper() + said[1:]
