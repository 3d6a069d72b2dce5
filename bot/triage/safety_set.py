"""The safety set: phrases that must always be heard, also mistyped and deep inside a long message.

No detector goes into use that misses one. The phrases are in `data/triage/safety_set.yml` and never train.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError
from bot.triage.taxonomy import CUES, Tier, most_serious

FILE = Path("triage") / "safety_set.yml"  # in the data folder
UNHEARD = "unheard.json"  # in a model's folder: forms of phrases that it misses; none, or it is a first model
PADDING = 1900  # harmless characters; with a phrase of up to 100, the longest message that the chat takes

Phrases = Mapping[str, Sequence[str]]
Listen = Callable[[Sequence[str]], Iterable[Collection[str]]]


@dataclass(frozen=True, slots=True)
class Variant:
    """One phrase in one of its forms.

    Attributes:
        disturbance: `plain`, one of `DISTURBANCES`, or where the harmless characters stand: `before`, `after`, `around`.
    """

    cue: str
    phrase: str
    disturbance: str
    text: str


@dataclass(frozen=True, slots=True)
class Unheard:
    """A variant that was not heard as it must be.

    Attributes:
        needed: the tier at or above which it must be heard; none for a wish for a person.
        told: the most serious cue's tier.
    """

    variant: Variant
    needed: Tier
    told: Tier
    told_cues: tuple[str, ...]

    def __str__(self) -> str:
        variant, told = self.variant, ", ".join(self.told_cues) or "nothing"
        need = f"{self.needed.id} or above" if self.needed else "a wish for a person"
        return f"{variant.cue}, {variant.disturbance}: {variant.phrase!r} is heard as {told}, not as {need}"

    def to_dict(self) -> dict[str, Any]:
        variant = self.variant
        return {
            "cue": variant.cue,
            "phrase": variant.phrase,
            "disturbance": variant.disturbance,
            "text": variant.text,
            "needed": self.needed.id,
            "told": self.told.id,
            "told_cues": list(self.told_cues),
        }


def unheard(listen: Listen, phrases: Phrases) -> list[Unheard]:
    """Every phrase, in any of its forms, that is not heard as it must be; empty when all is well.

    Args:
        listen: the cues of each of many texts, in order.
        phrases: by cue, see `read_phrases`.
    """
    forms = variants(phrases)
    missed = []
    for variant, told in zip(forms, listen([form.text for form in forms]), strict=True):
        if not is_heard(variant.cue, told):
            missed.append(Unheard(variant, needed_tier(variant.cue), most_serious(told), tuple(told)))
    return missed


def is_heard(cue: str, told: Collection[str]) -> bool:
    """Whether a phrase of this cue is heard as it must be. Only cues count: a message that nobody assessed was not heard."""
    tier = most_serious(told)
    if cue == "wants_human":
        return cue in told or tier >= Tier.HIGH  # either opens a handoff
    return tier >= needed_tier(cue)


def needed_tier(cue: str) -> Tier:
    """The cue's own, but `high` for an immediate one: from there on a handoff opens."""
    return min(CUES[cue].tier, Tier.HIGH)


def read_phrases(file: Path) -> dict[str, tuple[str, ...]]:
    """The phrases by cue. Raises `ContentError` when they cannot be used: a check that is missing has not been passed."""
    try:
        value = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ContentError([f"{file}:1: the safety set cannot be read ({error.strerror})"]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise ContentError([f"{file}:{line}: the safety set is no YAML; mend it"]) from error
    phrases = value.get("phrases") if isinstance(value, dict) else None
    if not isinstance(phrases, dict) or not phrases:
        raise ContentError([f"{file}:1: there are no `phrases`; write them as `phrases: {{cue: [phrase, …]}}`"])
    problems, seen = [], set()
    for cue, texts in phrases.items():
        if cue not in CUES:
            problems.append(f"{file}:1: `{cue}` is no cue; docs/safeguarding.md lists them")
            continue
        if not isinstance(texts, list) or not texts:
            problems.append(f"{file}:1: `{cue}` has no list of phrases")
            continue
        for text in texts:
            if not isinstance(text, str) or not text.strip():
                problems.append(f"{file}:1: {text!r} under `{cue}` is no phrase; write it in quotation marks")
            elif text in seen:
                problems.append(f"{file}:1: {text!r} stands here twice; take one out")
            else:
                seen.add(text)
    if problems:
        raise ContentError(problems)
    return {cue: tuple(texts) for cue, texts in phrases.items()}


# -- forms of a phrase


def variants(phrases: Phrases) -> list[Variant]:
    """Every phrase as it stands, with five disturbances, and with harmless text before, after and around it.

    Each is drawn with a seed of its own, made from the phrase: a phrase keeps its forms when others come and go.
    """
    return [
        Variant(cue, phrase, name, text)
        for cue, texts in phrases.items()
        for phrase in texts
        for name, text in _forms(phrase).items()
    ]


def _forms(phrase: str) -> dict[str, str]:
    forms = {"plain": phrase}
    for name, disturb in DISTURBANCES.items():
        forms[name] = disturb(phrase, _seeded(f"{name}\n{phrase}"))
    start = _seeded(f"padding\n{phrase}").randrange(len(HARMLESS))
    forms["before"] = f"{harmless(PADDING, start)} {phrase}"
    forms["after"] = f"{_ended(phrase)} {harmless(PADDING, start)}"
    half = PADDING // 2
    forms["around"] = f"{harmless(half, start)} {_ended(phrase)} {harmless(half, start + len(HARMLESS) // 2)}"
    return forms


def harmless(characters: int, start: int = 0) -> str:
    """Harmless sentences, from the one at `start` on, of exactly so many characters."""
    text, at = HARMLESS[start % len(HARMLESS)], start + 1
    while len(text) < characters:
        text, at = f"{text} {HARMLESS[at % len(HARMLESS)]}", at + 1
    whole = text[: characters - 1].rsplit(" ", 1)[0].rstrip(".,")  # no word is cut: half a word may mean anything
    return whole + "." * (characters - len(whole))


def _typo(phrase: str, draw: random.Random) -> str:
    """One letter of one longer word doubled, left out, or swapped with its neighbour."""
    words = phrase.split(" ")
    longer = [index for index, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    longer = longer or [index for index, word in enumerate(words) if len(word) >= 3]
    if not longer:
        return phrase
    index = draw.choice(longer)
    word = words[index]
    at = draw.randrange(1, len(word) - 1)
    change = draw.choice(("double", "drop", "swap"))
    if change == "double":
        word = word[:at] + word[at] + word[at:]
    elif change == "drop" or word[at] == word[at + 1]:
        word = word[:at] + word[at + 1 :]
    else:
        word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    words[index] = word
    return " ".join(words)


def _spacing(phrase: str, draw: random.Random) -> str:
    """Wide gaps, a line for each few words, or one gap lost."""
    words = phrase.split(" ")
    change = draw.choice(("wide", "lines", "lost"))
    if change == "lost" and len(words) > 1:
        at = draw.randrange(len(words) - 1)
        return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])
    gaps = [" " * draw.randint(2, 4) if change == "wide" else draw.choice((" ", " ", "\n")) for _ in words]
    return "".join(word + gap for word, gap in zip(words, gaps, strict=True)).rstrip() + "  "


def _case(phrase: str, draw: random.Random) -> str:
    change = draw.choice(("upper", "lower", "title", "mixed"))
    if change == "mixed":
        return "".join(sign.upper() if draw.random() < 0.5 else sign.lower() for sign in phrase)
    return {"upper": phrase.upper(), "lower": phrase.lower(), "title": phrase.title()}[change]


def _prefix(phrase: str, draw: random.Random) -> str:
    return f"{draw.choice(PREFIXES)} {phrase}"


def _emoji(phrase: str, draw: random.Random) -> str:
    """One to three at the end, or one between two words."""
    words, sign = phrase.split(" "), draw.choice(EMOJI)
    if len(words) > 1 and draw.random() < 0.4:
        at = draw.randrange(1, len(words))
        return " ".join([*words[:at], sign, *words[at:]])
    return f"{phrase}{draw.choice(('', ' '))}{sign * draw.randint(1, 3)}"


def _ended(phrase: str) -> str:
    return phrase if phrase.rstrip()[-1:] in ".!?…" else f"{phrase}."


def _seeded(words: str) -> random.Random:
    return random.Random(int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big"))


DISTURBANCES: dict[str, Callable[[str, random.Random], str]] = {
    "typo": _typo,
    "spacing": _spacing,
    "case": _case,
    "prefix": _prefix,
    "emoji": _emoji,
}
PREFIXES = ("hi", "hey", "um so", "ok so", "hello there,", "idk but", "lol ok", "hi again,", "so basically", "btw", "heyy")
EMOJI = ("😭", "😂", "🙏", "❤️", "😅", "🥲", "😔", "🙃", "💀", "✨")
HARMLESS = (
    "We had rice and beans for lunch today.",
    "My cousin got a new bike and it is green.",
    "The bus was late again because of the rain.",
    "I like the song that plays in the shop near us.",
    "Our team plays football on Saturday morning.",
    "My sister is learning the guitar and she is quite good.",
    "The maths lesson was about triangles.",
    "We have a cat that sleeps on the sofa all day.",
    "My teacher said the school trip is next month.",
    "I am reading a book about planets.",
    "Dad is painting the kitchen yellow.",
    "There is a new bakery at the corner.",
    "Grandma makes the best soup in the family.",
    "The weather is nice and the sky is blue.",
    "The plants on the balcony have two new leaves.",
    "We watched a film about penguins last weekend.",
    "My favourite colour is orange.",
    "The library is open until six.",
    "I drew a picture of a lighthouse in art class.",
    "Our neighbour has a small dog with big ears.",
    "Mum bought apples and pears at the market.",
    "The train to the city takes half an hour.",
    "I want to learn how to bake bread.",
    "Swimming practice is on Tuesday and Thursday.",
    "My brother likes cars and knows all their names.",
    "We planted tomatoes and they are growing well.",
    "The science project is about volcanoes.",
    "Breakfast was toast with honey.",
    "I tidied my room and found an old puzzle.",
    "The choir sings in the town hall in spring.",
)
