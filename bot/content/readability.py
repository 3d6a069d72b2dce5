"""How hard an English text is to read: Flesch-Kincaid grade, words, sentences.

The grade is the formula of Kincaid, Fishburne, Rogers and Chissom (1975):
0.39 * words / sentences + 11.8 * syllables / words - 15.59. Syllables are counted by vowel groups, which is right for about nine
English words in ten; errors go both ways and even out over a text.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Za-z]+(?:['\u2019][A-Za-z]+)?")
_TOKEN = re.compile(r"\S+")
_SENTENCE = re.compile(r"[^.?!:]+(?:[.?!:]+|$)")
_NOT_PROSE = re.compile(
    r"https?://\S*[\w/]|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|uk|gov|ie|au|fr|de)\b(?:/\S*[\w/])?|[+*]?\d(?:[\d -]*\d)?"
)
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(r"(?:[^laeiouy]e|[^aeiouytd]ed|[^aeiouysxzcg]es|[^aeiouy]les)$")
_APART = re.compile(r"ia|io[^nu]|deo|ua[lt]|iu|uiet|[eyo]ing|crea")
_COMPOUND = re.compile(r"(some|every)(\w{3,})")


def words(text: str) -> int:
    """Number of words; a number or an address counts as one."""
    return len(_TOKEN.findall(text))


def sentences(text: str) -> list[str]:
    """The sentences of `text`; a colon ends one, as it does for the ear."""
    prose = _NOT_PROSE.sub("it ", text)
    return [sentence.strip() for sentence in _SENTENCE.findall(prose) if _WORD.search(sentence)]


@lru_cache(maxsize=4096)  # texts are read again for each country that they differ in
def grade(text: str) -> float:
    """The US school grade that can read `text`; below zero for the very simplest, 0.0 for no words at all."""
    parts = sentences(text)
    found = [word for part in parts for word in _WORD.findall(part)]
    if not found:
        return 0.0
    return 0.39 * len(found) / len(parts) + 11.8 * sum(map(syllables, found)) / len(found) - 15.59


@lru_cache(maxsize=4096)
def syllables(word: str) -> int:
    """Number of syllables of an English word, at least 1."""
    plain = re.sub(r"['\u2019].*$", "", word.lower())
    if compound := _COMPOUND.fullmatch(plain):
        return (1 if compound[1] == "some" else 2) + syllables(compound[2])
    count = len(_VOWELS.findall(plain)) + len(_APART.findall(plain))
    if _SILENT_END.search(plain) and not plain.endswith("le"):
        count -= 1
    return max(1, count)
