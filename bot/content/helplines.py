"""Reads `data/helplines.yml` into the directory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bot.content.directory import KINDS, TOPICS, WORLDWIDE, Contact, Country, Directory
from bot.content.opening import OpeningHours, always_open, read_hours
from bot.content.problem import Problem
from bot.content.source import Block, Source, read

FILE = "helplines.yml"
CONFIDENCES = ("A", "B", "C")
_CONTACT_KEYS = (
    "id", "country", "service", "name", "kind", "contact", "keyword", "topics", "role", "hours", "always_open", "opening",
    "who", "confidence", "status", "source", "source_date", "check_by", "note",
)  # fmt: skip
_TOP_KEYS = ("countries", "topics_by_cue", "contacts")
_NUMBER = re.compile(r"[+*]?\d[\d -]*")
_ADDRESS = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(?:/\S*)?")


def read_directory(data_dir: Path, home_countries: Sequence[str]) -> tuple[Directory, list[Problem]]:
    """The directory, and what is wrong with it."""
    source = read(data_dir, data_dir / FILE)
    source.refuse_unknown_keys(source.root, _TOP_KEYS, "the directory")
    countries = _countries(source)
    contacts = _contacts(source, countries)
    directory = Directory(contacts, countries, _topics_by_cue(source), home_countries)
    for code in home_countries:
        for topic in ("emergency", "child_helpline"):
            if not any(one.shown and one.country == code and topic in one.topics for one in contacts):
                source.refuse(1, f"home country {code} has no contact with topic '{topic}' that may be shown. Add one.")
    if not any(one.shown and one.country == WORLDWIDE and "emergency" in one.topics for one in contacts):
        source.refuse(1, f"no contact of country {WORLDWIDE} has the topic 'emergency'. Readers of unlisted countries need one.")
    return directory, source.problems


def _countries(source: Source) -> dict[str, Country]:
    block = source.root.get("countries")
    if not isinstance(block, Block):
        source.refuse(source.root.line_of("countries"), "`countries:` must hold a name for each country code.")
        return {}
    countries = {}
    for code, names in block.items():
        if isinstance(names, str):
            countries[code] = Country(code, names, names)
        elif isinstance(names, Block):
            source.refuse_unknown_keys(names, ("name", "spoken"), f"country {code}")
            countries[code] = Country(code, source.text(names, "name", code), source.text(names, "spoken", code))
        else:
            source.refuse(block.line_of(code), f"country {code} needs its name.")
    return countries


def _topics_by_cue(source: Source) -> dict[str, tuple[str, ...]]:
    block = source.root.get("topics_by_cue")
    if not isinstance(block, Block):
        source.refuse(source.root.line_of("topics_by_cue"), "`topics_by_cue:` must hold a list of topics for each cue.")
        return {}
    return {cue: source.texts(block, cue, f"cue '{cue}'", TOPICS) for cue in block}


def _contacts(source: Source, countries: dict[str, Country]) -> list[Contact]:
    rows = source.root.get("contacts")
    if not isinstance(rows, list):
        source.refuse(source.root.line_of("contacts"), "`contacts:` must be a list.")
        return []
    contacts: list[Contact] = []
    for block in rows:
        if not isinstance(block, Block):
            source.refuse(source.root.line_of("contacts"), "each contact needs its keys, such as `id:` and `contact:`.")
            continue
        contact = _contact(source, block)
        if any(one.id == contact.id for one in contacts):
            source.refuse(block.line, f"contact '{contact.id}' stands here twice. Give one another id.")
        if contact.country != WORLDWIDE and contact.country not in countries:
            source.refuse(block.line_of("country"), f"'{contact.country}' is not under `countries:`. Add its name there.")
        contacts.append(contact)
    return contacts


def _contact(source: Source, block: Block) -> Contact:
    what = f"contact '{block.get('id', '?')}'"
    source.refuse_unknown_keys(block, _CONTACT_KEYS, what)
    kind = next(one for one in KINDS if one == source.choice(block, "kind", what, KINDS))
    contact = source.text(block, "contact", what)
    if contact and not (_NUMBER if kind in ("phone", "sms") else _ADDRESS).fullmatch(contact):
        wanted = "digits only" if kind in ("phone", "sms") else "an address that starts with https://"
        source.refuse(block.line_of("contact"), f"{what}: a contact of kind {kind} is {wanted}; this is {contact!r}.")
    confidence = source.choice(block, "confidence", what, CONFIDENCES)
    status = source.choice(block, "status", what, ("waiting", "shown")) if "status" in block else "shown"
    if confidence == "C" and status == "shown":
        source.refuse(block.line, f"{what} has confidence C: set `status: waiting` until somebody has confirmed it.")
    topics = source.texts(block, "topics", what, TOPICS)
    if not topics:
        source.refuse(block.line_of("topics"), f"{what} needs at least one topic.")
    return Contact(
        id=source.text(block, "id", what),
        country=source.text(block, "country", what),
        service=source.text(block, "service", what, default=str(block.get("id", ""))),
        name=source.text(block, "name", what),
        kind=kind,
        contact=contact,
        topics=tuple(topic for topic in topics if topic in TOPICS) or ("adults",),
        hours=source.text(block, "hours", what, default=""),
        opening=_opening(source, block, what),
        who=source.text(block, "who", what, default=""),
        role=source.text(block, "role", what, default=""),
        keyword=source.text(block, "keyword", what, default=""),
        confidence=confidence,
        shown=status == "shown" and confidence != "C",
        source=source.text(block, "source", what),
        source_date=source.text(block, "source_date", what),
        check_by=_day(source, block, what),
        line=block.line,
    )


def _opening(source: Source, block: Block, what: str) -> OpeningHours | None:
    if block.get("always_open") is True:
        return always_open()
    opening = block.get("opening")
    if opening is None:
        return None
    if not isinstance(opening, Block) or "timezone" not in opening:
        source.refuse(block.line_of("opening"), f"{what}: `opening:` needs a timezone and weekdays with hours.")
        return None
    return read_hours(source, opening, what, "UTC")


def _day(source: Source, block: Block, what: str) -> date:
    value = block.get("check_by")
    if isinstance(value, date):
        return value
    source.refuse(block.line_of("check_by"), f"{what} needs a day by which somebody checks it: `check_by: 2026-12-22`.")
    return date.max
