"""Takes out of a young person's words what could tell who they are, before somebody reads them for triage's sake.

Rules lean towards taking out: what is lost teaches triage nothing. They know no names in small letters, so whoever keeps a text
reads it first; what can be known for sure (numbers, addresses, handles, links) is refused if it is still there.
"""

from __future__ import annotations

import re

from bot.content.directory import Directory
from bot.handoff.holding import Kind, held_for

_REACH = {Kind.PHONE: "[number]", Kind.HANDLE: "[handle]", Kind.LINK: "[link]"}
_DATE = re.compile(r"\b(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2})\b")
_NAMED = (
    r"(?:(?:my|his|her|their) (?:real |full )?name(?:'s|\u2019s|s)?(?: is)?|(?:'m|am|'s|is) (?:called|named)|(?:call|called) me)"
)
_NO_NAME = r"(?:is|not|and|on|in|at|a|an|the|back|names)\b"
_CALLED = re.compile(rf"({_NAMED}) (?!{_NO_NAME})([\w'\u2019-]+)", re.I)
_SCHOOLS = r"(?:(?:high|primary|secondary) school|academy|college|grammar|gymnasium)\b"
_SCHOOL = re.compile(rf"\b(?!(?:my|the|a|our|his|her|at|in|to|from) )[\w.'\u2019-]+ (?={_SCHOOLS})", re.I)
_STREETS = r"(?:street|st|road|rd|lane|avenue|ave|square|drive|close|way|place)\b"
_STREET = re.compile(rf"\b\d{{1,4}}[a-z]?,? (?:[\w'\u2019-]+ ){{1,3}}{_STREETS}", re.I)
_LARGE = re.compile(r"(?<=[\w,;] )[A-Z][a-z'\u2019-]+(?: [A-Z][a-z'\u2019-]+)*\b")
# Written large in English without being anybody's name.
_NOT_NAMES = frozenset(
    "I I'm I've I'll I'd Im Ive Ill Id Mum Mom Dad Mama Papa Gran Nan Grandma Grandad God Christmas Easter English Monday "
    "Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October "
    "November December Snapchat Instagram Discord Telegram Whatsapp Roblox Tiktok Facebook Internet".split()
)


def redacted(text: str, directory: Directory) -> str:
    """The text with numbers, handles, links, dates, addresses, and what looks like a name or a school as `[number]` and so on."""
    for found in sorted(held_for(text, directory), key=lambda one: -len(one.text)):
        if found.kind in _REACH:
            text = text.replace(found.text, _REACH[found.kind])
    text = _DATE.sub("[date]", text)
    text = _STREET.sub("[address]", text)
    text = _SCHOOL.sub("[school] ", text)
    text = _CALLED.sub(r"\1 [name]", text)
    return _LARGE.sub(_unless_no_name, text)


def _unless_no_name(match: re.Match[str]) -> str:
    return match.group() if all(word in _NOT_NAMES for word in match.group().split()) else "[name]"


def tells_who(text: str, directory: Directory) -> tuple[str, ...]:
    """What in the text leads to somebody for sure: numbers, handles, links, dates, street addresses."""
    reach = [found.text for found in held_for(text, directory) if found.kind in _REACH]
    return tuple(reach + [match.group() for pattern in (_DATE, _STREET) for match in pattern.finditer(text)])
