"""Warning signs of an offer as data: how a text shows them, and which reviewed text says what they mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.content.problem import Problem
from bot.content.source import Block, Source, read

FILE = "offer_flags.yml"
_KEYS = ("desk", "text", "signs", "serious", "unless")


@dataclass(frozen=True, slots=True)
class OfferFlag:
    """One warning sign.

    Attributes:
        desk: what a counsellor reads.
        text: id of the text that says what it is, why it matters and what to check next.
        signs: any of these shows it in a normalised text.
        serious: any of these shows it so clearly that a person is asked at once.
        unless: taken out of the text before: what reads alike and is harmless.
    """

    id: str
    desk: str
    text: str
    signs: tuple[re.Pattern[str], ...]
    serious: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    line: int


@dataclass(frozen=True, slots=True)
class FlagsFound:
    """What a text shows.

    Attributes:
        flags: ids, in the order of the file.
        serious: those of them that ask for a person at once.
    """

    flags: tuple[str, ...] = ()
    serious: tuple[str, ...] = ()


def read_flags(data_dir: Path) -> tuple[dict[str, OfferFlag], list[Problem]]:
    """All warning signs by id, and what is wrong with the file."""
    source = read(data_dir, data_dir / FILE)
    rows = source.root.get("flags")
    if not isinstance(rows, Block):
        source.refuse(source.root.line_of("flags"), "`flags:` must hold one key for each warning sign.")
        return {}, source.problems
    flags = {}
    for name, block in rows.items():
        if isinstance(block, Block):
            flags[name] = _flag(source, name, block)
        else:
            source.refuse(rows.line_of(name), f"'{name}' needs its keys: {', '.join(_KEYS)}.")
    return flags, source.problems


def find_flags(text: str, flags: Collection[OfferFlag]) -> FlagsFound:
    """The warning signs in a text that `bot.triage.normalisation` made plain.

    Finding none says nothing about the offer: it may be worded in a way that nobody thought of.
    """
    found, serious = [], []
    for flag in flags:
        left = text
        for pattern in flag.unless:
            left = pattern.sub(" ", left)
        if any(pattern.search(left) for pattern in flag.serious):
            serious.append(flag.id)
            found.append(flag.id)
        elif any(pattern.search(left) for pattern in flag.signs):
            found.append(flag.id)
    return FlagsFound(tuple(found), tuple(serious))


def wrong_flags(data_dir: Path, texts: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the warning signs, texts that are missing included; nothing where a folder has none."""
    if not (data_dir / FILE).is_file():
        return
    flags, problems = read_flags(data_dir)
    yield from problems
    for flag in flags.values():
        if flag.text and flag.text not in texts:
            yield Problem(FILE, flag.line, f"warning sign '{flag.id}' names '{flag.text}', and there is no such text.")


def _flag(source: Source, name: str, block: Block) -> OfferFlag:
    what = f"warning sign '{name}'"
    source.refuse_unknown_keys(block, _KEYS, what)
    signs = _patterns(source, block, "signs", what)
    serious = _patterns(source, block, "serious", what)
    if not signs and not serious:
        source.refuse(block.line, f"{what} needs at least one pattern under `signs` or `serious`.")
    return OfferFlag(
        name,
        source.text(block, "desk", what),
        source.text(block, "text", what),
        signs,
        serious,
        _patterns(source, block, "unless", what),
        block.line,
    )


def _patterns(source: Source, block: Block, key: str, what: str) -> tuple[re.Pattern[str], ...]:
    patterns = []
    written: Sequence[str] = source.texts(block, key, what)
    for number, pattern in enumerate(written, start=1):
        try:
            patterns.append(re.compile(pattern))
        except re.error as error:
            source.refuse(block.line_of(key), f"{what}: pattern {number} under '{key}' cannot be read ({error.msg}).")
    return tuple(patterns)
