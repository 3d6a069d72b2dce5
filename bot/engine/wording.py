"""What the intent classifier reads: the same words, without what only gets in the way."""

from __future__ import annotations

import re
import unicodedata

_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_REPEATED = re.compile(r"(\w)\1{2,}")
_SPACE = re.compile(r"\s+")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "`": "'", "\u00b4": "'"})
_SHORT = {
    "u": "you", "ur": "your", "r": "are", "im": "i'm", "dont": "don't", "cant": "can't", "wont": "won't", "pls": "please",
    "plz": "please", "bc": "because", "cuz": "because", "ppl": "people", "wat": "what", "wut": "what", "wot": "what",
    "idk": "i don't know", "rn": "right now", "thx": "thanks", "ty": "thank you", "smth": "something", "sm1": "someone",
    "sum1": "someone", "bf": "boyfriend", "gf": "girlfriend", "abt": "about", "pic": "picture", "pics": "pictures",
    "msg": "message", "msgs": "messages", "acc": "account", "insta": "instagram", "wanna": "want to", "gonna": "going to",
    "shud": "should", "shld": "should", "wen": "when", "y": "why", "tho": "though", "rly": "really", "tmrw": "tomorrow",
    "irl": "in real life", "dm": "direct message", "dms": "direct messages", "ss": "screenshot", "ngl": "not going to lie",
    "fr": "for real", "hes": "he's", "shes": "she's", "theyre": "they're", "ive": "i've", "didnt": "didn't", "isnt": "isn't",
    "doesnt": "doesn't", "aint": "isn't", "thats": "that's", "whats": "what's", "hows": "how's", "ok": "okay", "k": "okay",
    "b4": "before", "2day": "today", "2nite": "tonight", "gr8": "great", "l8r": "later", "n": "and", "da": "the",
}  # fmt: skip
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def plain(text: str) -> str:
    """`text` in lower case, one spelling per letter, without invisible characters, with the commonest short forms written out.

    Used for intents only: triage reads the raw text as well.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).lower()
    folded = _REPEATED.sub(r"\1\1", _ZERO_WIDTH.sub("", folded))
    return _SPACE.sub(" ", _WORD.sub(lambda word: _SHORT.get(word[0], word[0]), folded)).strip()


def has_words(text: str) -> bool:
    """False for what carries no letter or digit: empty, punctuation, emoji only."""
    return any(char.isalnum() for char in text)


def mostly_latin(text: str) -> bool:
    """False when most letters are of a script that the classifier never learned."""
    letters = [char for char in text if char.isalpha()]
    latin = sum("LATIN" in unicodedata.name(char, "") for char in letters)
    return 2 * latin >= len(letters)
