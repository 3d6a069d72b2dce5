"""Crisis phrases in the languages that are shipped but not served: found in any message, whatever language it seems to be in.

They are data: `crisis:` in `data/languages/<code>.yml`, by cue. Spelling is forgiven where phones make people drop it: case,
accents, hamza, apostrophes, letters held down. Scripts are not guessed at: a phrase in Latin letters matches Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

MOST_CHARACTERS = 20_000
_ACCENTS = range(0x0300, 0x0370)
_HARAKAT = range(0x064B, 0x0656)  # with the hamza that NFKD parts from its letter
_SAME = str.maketrans({
    "ł": "l", "ı": "i", "ß": "ss", "ø": "o", "ґ": "г", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": "",
    "ی": "ي", "ک": "ك", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "\u093c": "", "\u0901": "\u0902",
})  # fmt: skip
_RUN = re.compile(r"(\w)\1{2,}")


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """A phrase that was found: its cue, its language (a code), and the raw words."""

    cue: str
    language: str
    evidence: str


class Phrases:
    """Finds the phrases. Pure and safe to share between threads.

    Args:
        phrases: by language and cue.
    """

    def __init__(self, phrases: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._what: dict[str, tuple[str, str]] = {}
        for language, by_cue in phrases.items():
            for cue, said in by_cue.items():
                self._what |= {plain(phrase): (cue, language) for phrase in said}
        every = "|".join(map(re.escape, sorted(self._what, key=len, reverse=True)))
        # From the start of a word; its end may carry an ending: "quiero morirme".
        self._pattern = re.compile(rf"(?<!\w)(?:{every})" if every else r"(?!)")

    @classmethod
    def load(cls, folder: Path) -> Phrases:
        """Those of every file in `folder`. Raises `OSError`, `yaml.YAMLError`, `ValueError` when a file cannot be used."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        found = {}
        for file in sorted(folder.glob("*.yml")):
            root = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
            if not isinstance(root, dict):
                raise ValueError(f"{file.name} holds no keys")
            found[file.stem] = root.get("crisis") or {}
        return cls(found)

    def find(self, text: str) -> list[PhraseHit]:
        """The phrases in a raw text, each cue once."""
        folded, places = _folded(text[:MOST_CHARACTERS])
        hits: dict[str, PhraseHit] = {}
        for match in self._pattern.finditer(folded):
            cue, language = self._what[match.group()]
            start, end = places[match.start()], places[match.end() - 1] + 1
            hits.setdefault(cue, PhraseHit(cue, language, text[start:end]))
        return list(hits.values())


def plain(text: str) -> str:
    """The spelling in which phrases are compared."""
    return _folded(text)[0]


def _folded(text: str) -> tuple[str, list[int]]:
    """The plain spelling, and for each of its characters the place in `text` that it came from."""
    letters: list[str] = []
    places: list[int] = []
    for place, raw in enumerate(text):
        for letter in unicodedata.normalize("NFKD", raw.lower()).translate(_SAME):
            if ord(letter) in _ACCENTS or ord(letter) in _HARAKAT:
                continue
            letter = " " if letter.isspace() else letter
            if letter == " " and (not letters or letters[-1] == " "):
                continue
            letters.append(letter)
            places.append(place)
    folded = "".join(letters)
    kept: list[int] = []
    end = 0
    for run in _RUN.finditer(folded):
        kept += [*range(end, run.start() + 1)]
        end = run.end()
    kept += range(end, len(folded))
    return "".join(folded[index] for index in kept), [places[index] for index in kept]
