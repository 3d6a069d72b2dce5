"""Reads what young people really type: one plain, lower-case English spelling of any text, with the way back to the raw one.

`normalise` takes any text at all (empty, binary, lone surrogates, any script, any length) and never fails. What was not
understood is kept as it is. Evidence is shown from the raw text: `Normalised.raw_span` gives the piece that a stretch of the
plain text came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from bot.triage.spelling import EMOJI, GLUED, HIDDEN, LEET, LOOKALIKES, PHRASES, WORDS

Span = tuple[int, int]

_ZERO_WIDTH = frozenset("\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\ufe0e\ufe0f")
_QUOTES = {
    "\u2018": "'",
    "\u2019": "'",
    "\u02bc": "'",
    "\u00b4": "'",
    "`": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2026": "...",
    "\u2013": "-",
    "\u2014": "-",
}
_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
_SPELT_OUT = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*]{1,2}){3,}[^\W\d_](?![^\W_])")
_SEPARATORS = re.compile(r"[ .\-_*]+")
_SPACES = re.compile(r"[^\S\n]+")
_PHRASES = tuple((re.compile(pattern), text) for pattern, text in PHRASES)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_SMALL_CAPITALS = frozenset("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ")
_LETTERS_ALONE = frozenset("ai")


@dataclass(frozen=True, slots=True)
class Normalised:
    """The plain text, the raw one, and for each plain character the half-open stretch of the raw text that it came from."""

    raw: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def raw_span(self, start: int, end: int) -> Span:
        """The stretch of the raw text behind `text[start:end]`; empty stretches give empty ones."""
        if start >= end:
            return (0, 0)
        return min(self.starts[start:end]), max(self.ends[start:end])

    def evidence(self, start: int, end: int) -> str:
        """The raw characters behind `text[start:end]`, verbatim, without spaces around them."""
        raw_start, raw_end = self.raw_span(start, end)
        return self.raw[raw_start:raw_end].strip() or self.raw[raw_start:raw_end]


def normalise(raw: str) -> Normalised:
    """The plain reading of `raw`."""
    draft = _Draft(*_characters(raw))
    draft.replace(_SPELT_OUT, _join_letters)
    draft.replace(_TOKEN, _reveal)
    draft.replace(_LONG_RUN, _shorten)
    draft.replace(_WORD, _spell)
    for pattern, text in _PHRASES:
        draft.replace(pattern, lambda match, text=text: match.expand(text))  # type: ignore[misc]
    draft.replace(_SPACES, lambda match: " ")
    return Normalised(raw, draft.text, tuple(draft.starts), tuple(draft.ends))


class _Draft:
    """A text under change that remembers where each character came from."""

    def __init__(self, text: str, starts: list[int], ends: list[int]) -> None:
        self.text, self.starts, self.ends = text, starts, ends

    def replace(self, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str | None]) -> None:
        """Puts `change(match)` where `pattern` matches; `None` or the same text leaves it.

        All of the new characters point at all of the old ones.
        """
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for match in pattern.finditer(self.text):
            new = change(match)
            start, end = match.span()
            if new is None or new == match.group() or start == end:
                continue
            pieces += (self.text[done:start], new)
            starts += self.starts[done:start]
            starts += [min(self.starts[start:end])] * len(new)
            ends += self.ends[done:start]
            ends += [max(self.ends[start:end])] * len(new)
            done = end
        if done:
            self.text = "".join(pieces) + self.text[done:]
            self.starts = starts + self.starts[done:]
            self.ends = ends + self.ends[done:]


def _characters(raw: str) -> tuple[str, list[int], list[int]]:
    """Character by character: compatible forms, lower case, no accents, no invisible characters, emoji as words."""
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    last_emoji = ""
    for place, character in enumerate(raw):
        plain = _plain(character)
        if len(plain) > 2 and plain[0] == " ":  # an emoji; a row of the same one is said once
            if plain == last_emoji:
                if ends:
                    ends[-1] = place + 1
                continue
            last_emoji = plain
        elif plain.strip():
            last_emoji = ""
        out.append(plain)
        starts += [place] * len(plain)
        ends += [place + 1] * len(plain)
    return "".join(out), starts, ends


@lru_cache(maxsize=8192)
def _plain(character: str) -> str:
    if character < "\x7f":
        return character.lower() if character >= " " or character == "\n" else " "
    if character in _ZERO_WIDTH:
        return ""
    if character in _QUOTES:
        return _QUOTES[character]
    if character in EMOJI:
        return f" {EMOJI[character]} "
    kind = unicodedata.category(character)
    if kind in {"Cs", "Cc", "Co", "Cn"}:
        return "\n" if character == "\x85" else " "
    if kind == "Cf":
        return ""
    if kind == "So" and not unicodedata.decomposition(character):
        return _emoji_name(character)
    if ord(character) in _SKIN_TONES:
        return ""
    if kind.startswith("Z"):
        return "\n" if kind in {"Zl", "Zp"} else " "
    # Accents are dropped (also the towers of them that hide a word); marks that make letters of other scripts stay.
    parts = [part for part in unicodedata.normalize("NFKD", character) if not 0x300 <= ord(part) <= 0x36F]
    folded = unicodedata.normalize("NFC", "".join(parts)).lower()
    return "".join(part for part in folded if not 0x300 <= ord(part) <= 0x36F)


def _emoji_name(character: str) -> str:
    return f" {unicodedata.name(character, '').lower().replace('-', ' ')} "


def _shorten(match: re.Match[str]) -> str:
    """`soooo` as `soo`, `killlll` as `kill`, but `tiredddd` as `tired`: few words end in other doubled letters."""
    letter, ends_word = match.group(1), not match.string[match.end() : match.end() + 1].isalpha()
    return letter if ends_word and letter not in "lsfeoz" else letter * 2


def _join_letters(match: re.Match[str]) -> str | None:
    """`k i l l` and `s.u.i.c.i.d.e` as words, when they make words that we know."""
    return _split_glued(_SEPARATORS.sub("", match.group()), least=4)


def _reveal(match: re.Match[str]) -> str | None:
    """One token with other scripts' letters, digits, signs or stars in place of letters; None when nothing is hidden."""
    token = match.group()
    if not token.isascii() and any("a" <= character <= "z" or character in _SMALL_CAPITALS for character in token):
        token = "".join(LOOKALIKES.get(character, character) for character in token)
    word = token.strip(".,;:?\"'()[]#~-_")
    if not word or len(word) > 60:
        return token if token != match.group() else None
    found = _unmask(word) or (_split_glued(word, least=7) if len(word) >= 7 else None)
    return token.replace(word, found, 1) if found and found != word else token


@lru_cache(maxsize=4096)
def _unmask(word: str) -> str | None:
    if word.isalpha():
        return None
    core = word.rstrip("!") or word
    if any(character in LEET for character in core):
        guess = "".join(LEET.get(character, character) for character in core)
        for candidate in (guess, guess.replace("i", "l") if "1" in core or "!" in core else guess):
            if candidate in HIDDEN or candidate in _HIDDEN_SPELLINGS:
                return candidate
    bare = re.sub(r"[.\-_/*]", "", core)
    if bare != core and (bare in HIDDEN or bare in _HIDDEN_SPELLINGS) and bare not in {"sex", "cut", "die", "help", "gun"}:
        return bare
    if "*" in core or "#" in core:
        mask = re.compile("".join("[a-z]" if sign in "*#" else re.escape(sign) for sign in core))
        letters = sum(sign.isalpha() for sign in core)
        fits = [known for known in sorted(HIDDEN) if letters >= 2 and mask.fullmatch(known)]
        return fits[0] if fits else None
    return None


_HIDDEN_SPELLINGS = frozenset(
    word for word, reading in WORDS.items() if word.isalpha() and len(word) > 3 and set(reading.split()) & HIDDEN
)


@lru_cache(maxsize=4096)
def _split_glued(word: str, least: int) -> str | None:
    """`killmyself` as `kill myself`: the words of `GLUED` that make up the whole of it, fewest first, or `None`."""
    if len(word) < least or not word.isascii():
        return None
    if word in HIDDEN:
        return word
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 10), end):
            before, piece = best[start], word[start:end]
            if before is None or piece not in GLUED or (len(piece) == 1 and piece not in _LETTERS_ALONE):
                continue
            known = best[end]
            if known is None or len(before) + 1 < len(known):
                best[end] = [*before, piece]
    words = best[-1]
    # Without a telling word it is more likely a name or a word that we do not know ("homelike", "together").
    return " ".join(words) if words and len(words) > 1 and set(words) & HIDDEN and min(len(words), 3) * 2 <= len(word) else None


def _spell(match: re.Match[str]) -> str | None:
    """One word as it is spelt in full; `killlled` loses its second double letter when that makes a word that we know."""
    word = match.group().replace("'", "")
    if (full := WORDS.get(word)) is not None:
        return full
    if match.group() != word:
        return _contraction(match.group())
    if not word.isascii() or not word.isalpha() or word in HIDDEN:
        return None
    for squeezed in (re.sub(r"([a-z])\1+$", r"\1", word), re.sub(r"([a-z])\1+", r"\1", word)):
        if squeezed != word and (squeezed in HIDDEN or (len(squeezed) > 2 and squeezed in WORDS and word not in _DOUBLED)):
            return WORDS.get(squeezed, squeezed)
    return None


# Words of their own, which one letter less would turn into text-speak.
_DOUBLED = frozenset({"loose", "too", "off", "been", "seen", "inn", "all", "dadd", "wee", "cutt"})


def _contraction(word: str) -> str:
    stem, _, ending = word.rpartition("'")
    if ending == "ll":
        return f"{stem} will"
    if ending == "re":
        return f"{stem} are"
    if ending == "ve":
        return f"{stem} have"
    if ending == "m":
        return f"{stem} am"
    if ending == "d":
        return f"{stem} would"
    if ending == "s" and stem in {"he", "she", "it", "that", "what", "who", "there", "someone", "everyone", "nobody"}:
        return f"{stem} is"
    return word
