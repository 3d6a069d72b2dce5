"""In which language a message is written, when it is one that the assistant does not serve.

A wrong guess answers a young person in a language that they do not speak, so it must be sure: lingua at p >= 0.95, on at least
four words or another script, borne out by frequent words of that language and not by English ones, in eight words or in two
messages running. English with other languages in it (Pidgin, Taglish, Hinglish, creoles) counts as English.
docs/languages.md has the measurements.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from bot.content.languages import Language
from bot.triage.phrases import Phrases, plain

SURE = 0.95
FEWEST_WORDS = 4  # in Latin letters; one word of another script will do
ENOUGH_ALONE = 8  # words; fewer need a second message
LEAST_OWN = 0.25  # share of words that must be frequent ones of the language
MOST_ENGLISH = 0.06  # share of words that may be English; one word always may
MOST_READ = 600  # characters of a message that are looked at
# Not shipped, but written in the same letters as languages that are: without them Urdu would be taken for Arabic.
NEIGHBOURS = ("UR", "FA", "MR", "BG", "BE")
_WORD = re.compile(r"[^\W\d_]+")
_NAMED = re.compile(r"https?://\S+|\S+@\S+|[@#]\S+")


class Recogniser:
    """Knows languages by their writing. Safe to share between threads; knows none until `load` was called.

    Args:
        languages: by code, those that are shipped and those that are served.
    """

    def __init__(self, languages: Mapping[str, Language]) -> None:
        self._languages = {code: language for code, language in languages.items() if not language.served}
        self._english = frozenset(word for language in languages.values() if language.served for word in language.words)
        self._own = {code: language.words - self._english for code, language in self._languages.items()}
        self._phrases = Phrases({code: language.crisis for code, language in self._languages.items()})
        self._lingua: Any = None

    def load(self) -> None:
        """Loads lingua's small models: some 25 MB and 0.1 s. Without them nothing is recognised, and nothing else changes."""
        from lingua import IsoCode639_1, LanguageDetectorBuilder  # late: off the way of the first page

        codes = [IsoCode639_1.from_str(code.upper()) for code in ("en", *self._languages, *NEIGHBOURS)]
        builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
        self._lingua = builder.with_low_accuracy_mode().build()
        self.guess("These words make it read its files now.")

    def language_of(self, text: str, before: str | None = None) -> str | None:
        """The language that a message is to be answered in, when it is not one that is served.

        A crisis phrase tells its language by itself, unless the rest of the message looks like English.

        Args:
            before: the message that the young person sent just before this one.
        """
        code = self.recognise(text, before)
        if code is not None:
            return code
        phrases = self._phrases.find(text)
        return next((hit.language for hit in phrases if self.goes_on(text, hit.language)), None)

    def recognise(self, text: str, before: str | None = None) -> str | None:
        """The code of a shipped language that this is certainly written in, else None; `before` as for `language_of`."""
        code = self.guess(text)
        if code is None:
            return None
        if len(_words(text)) >= ENOUGH_ALONE or (before and self.guess(before) == code):
            return code
        return None

    def goes_on(self, text: str, code: str) -> bool:
        """Whether a message may be in the language that messages before it were in: unless it looks like English."""
        words = _words(text)
        if code not in self._languages or not words:
            return False
        return not _latin(text) or 3 * self._english_words(words, code) <= len(words)

    def guess(self, text: str) -> str | None:
        """The code of a shipped language that this one message is surely in, whatever its length; else None."""
        words = _words(text)
        if self._lingua is None or not words:
            return None
        latin = _latin(text)
        if latin and len(words) < FEWEST_WORDS:
            return None
        best = self._lingua.compute_language_confidence_values(_NAMED.sub(" ", text[:MOST_READ]))[0]
        code = best.language.iso_code_639_1.name.lower()
        if best.value < SURE or code not in self._languages:
            return None
        if not latin:
            return None if self._own[code] else code  # a language of Latin letters, guessed for others
        own = sum(word in self._own[code] for word in words)
        english = self._english_words(words, code)
        borne_out = own >= 2 and own >= LEAST_OWN * len(words) and english <= max(1, MOST_ENGLISH * len(words))
        return code if borne_out else None

    def _english_words(self, words: list[str], code: str) -> int:
        """How many words are English, and none that the language has too."""
        theirs = self._languages[code].words
        return sum(word in self._english and word not in theirs for word in words)


def _words(text: str) -> list[str]:
    """The words as they are compared: lower case, no accents, no names of people and pages."""
    return _WORD.findall(unicodedata.normalize("NFC", plain(_NAMED.sub(" ", text[:MOST_READ]))))


def _latin(text: str) -> bool:
    """Whether most letters are Latin ones."""
    letters = [letter for letter in text[:MOST_READ] if letter.isalpha()]
    return 2 * sum(letter < "\u0250" or "\u1e00" <= letter < "\u1f00" for letter in letters) > len(letters)
