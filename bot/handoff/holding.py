"""What a counsellor's message is held for: a way to reach or meet somebody outside this chat.

Most of them are kind and well meant, so one press more sends it. But a helpline is a place where somebody may look for
children, and a second look that a supervisor sees costs little. A miss here is not caught again; a held message that was fine
costs one press. So rules lean towards holding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.content.directory import Directory


class Kind(StrEnum):
    PHONE = "phone"
    HANDLE = "handle"
    LINK = "link"
    MEETING = "meeting"


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of a message that holds it; `text` as it was written."""

    kind: Kind
    text: str


SHORTEST_NUMBER = 6  # digits; shorter ones are ages, times, prices, and emergency numbers
_DIGITS = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
_SPOKEN_NUMBER = re.compile(rf"\b(?:(?:{_DIGITS})[\s,.-]+){{5,}}(?:{_DIGITS})\b", re.I)
_NUMBER = re.compile(r"\+?\(?\d(?:[\s().\u00a0/-]{0,3}\d){5,}")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})|\d{4}-\d{2}-\d{2}")
_MAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.I)
_HANDLE = re.compile(r"(?<![\w@])@\w[\w.]{1,}|\b\w{2,}#\d{4}\b")
_APPS = (
    "snap(?:chat)?|insta(?:gram)?|ig|discord|telegram|whats ?app|signal|tik ?tok|kik|roblox|skype|facebook|messenger|viber|"
    "facetime|twitter|fb"
)
_ON_APP = re.compile(
    rf"\b(?:my|our)\s+(?:private\s+)?(?:{_APPS})\b[^.?!\n]{{0,40}}"
    rf"|\b(?:add|find|message|text|write|dm|follow|call|reach)\s+(?:me|us)\s+(?:on|in|at|via|over)\s+(?:{_APPS})\b[^.?!\n]{{0,40}}"
    rf"|\b(?:{_APPS})\s*(?::|is|=)\s*\S+",
    re.I,
)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"']+|(?<![@\w.-])(?:[a-z0-9-]+\.)+[a-z]{2,18}(?:/[^\s<>\"']*)?(?![\w@])", re.I)
# Words run into each other after a missing space ("me.are"), so a bare name counts as a link only with a known ending.
_ENDINGS = frozenset(
    "com org net info biz io me app gg ly tv xyz site online link live chat co uk eu de fr nl pl hu at ch es it pt ro cz sk si "
    "hr rs bg gr se no dk fi ie be ua ru us ca au nz in za tr il jp cn br mx to cc ws club shop page dev int gov edu".split()
)
_PLACE = r"(?:place|house|flat|home|office|room|car|street|hotel|station|park|school|cafe|café|shop|mall|corner)"
_MEETING = re.compile(
    r"\b(?:can|could|shall|should|let(?:'|\u2019)?s|we|i(?:'|\u2019)?(?:ll| will| can| could)?|you (?:can|could|should))\s+"
    r"(?:\w+\s+){0,2}?meet(?:\s+up)?\b"
    r"(?!\s+(?:him|her|them|this|that|anyone|anybody|someone|somebody|people|your|the))[^.?!\n]{0,60}"
    r"|\bmeet(?:ing)?(?:\s+up)?(?:\s+with)?\s+(?:me|us|you)\b[^.?!\n]{0,60}"
    r"|\b(?:see|find|join|wait for)\s+(?:me|us|you)\s+(?:at|in|outside|behind|by|near|next to|in front of)\b[^.?!\n]{1,60}"
    rf"|\bcome\s+(?:over\s+)?to\s+(?:my|our|me\b|us\b)[^.?!\n]{{0,40}}"
    r"|\b(?:i|we)(?:'|\u2019)?(?:ll| will| can| could)?\s+(?:come|drive|walk)\s+(?:to|and)\s+"
    r"(?:you|get you|your|where you)[^.?!\n]{0,40}"
    r"|\b(?:pick|fetch|collect)\s+you\b[^.?!\n]{0,40}"
    rf"|\bmy\s+(?:own\s+)?{_PLACE}\b[^.?!\n]{{0,40}}"
    r"|\b(?:my|our)\s+address\b[^.?!\n]{0,60}"
    r"|\b\d{1,4}[a-z]?,?\s+(?:[A-Z][\w'\u2019-]+\s+){1,3}(?:street|road|lane|avenue|square|drive|close|way|place)\b",
    re.I,
)
_TRAILING = ".,;:!?)]}'\"\u2019\u201d"


def held_for(text: str, directory: Directory) -> tuple[Finding, ...]:
    """The pieces of a counsellor's message that hold it; empty when it may go at once.

    Args:
        directory: numbers and sites in it, and pages of those sites, are what staff should give; they hold nothing.
    """
    found = [*_numbers(text, directory), *_handles(text), *_links(text, directory)]
    found += [Finding(Kind.MEETING, match.group().strip()) for match in _MEETING.finditer(text)]
    return tuple(dict.fromkeys(found))


def _numbers(text: str, directory: Directory) -> Iterator[Finding]:
    for match in _NUMBER.finditer(_without_known_sites(text, directory)):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) >= SHORTEST_NUMBER and not _known(digits, directory) and not _DATE.fullmatch(match.group().strip()):
            yield Finding(Kind.PHONE, match.group().strip())
    yield from (Finding(Kind.PHONE, match.group()) for match in _SPOKEN_NUMBER.finditer(text))


def _known(digits: str, directory: Directory) -> bool:
    """Whether the directory has the number, or several of its numbers stand there one after the other."""
    if digits in directory.numbers:
        return True
    heads = (number for number in directory.numbers if len(number) >= 3 and digits.startswith(number) and number != digits)
    return any(_known(digits[len(head) :], directory) for head in heads)


def _handles(text: str) -> Iterator[Finding]:
    mails = [match.group() for match in _MAIL.finditer(text)]
    yield from (Finding(Kind.HANDLE, mail) for mail in mails)
    for pattern in (_HANDLE, _ON_APP):
        for match in pattern.finditer(text):
            if not any(match.group() in mail for mail in mails):
                yield Finding(Kind.HANDLE, match.group().strip())


def _links(text: str, directory: Directory) -> Iterator[Finding]:
    for link, host in _sites(text):
        if not _in_directory(host, directory):
            yield Finding(Kind.LINK, link)


def _sites(text: str) -> Iterator[tuple[str, str]]:
    """Links in the text, each with its host in lower case, without `www.`."""
    for match in _LINK.finditer(text):
        link = match.group().rstrip(_TRAILING)
        plain = re.sub(r"^https?://", "", link, flags=re.I)
        after_name = plain.rsplit("@", 1)[-1] if link != plain else plain  # "known.org@other.com" leads to other.com
        host = re.split(r"[/:?#]", after_name, maxsplit=1)[0].lower().removeprefix("www.")
        if link != plain or link.lower().startswith("www.") or host.rsplit(".", 1)[-1] in _ENDINGS:
            yield link, host


def _in_directory(host: str, directory: Directory) -> bool:
    return host in directory.links or any(host.endswith(f".{known}") for known in directory.links)


def _without_known_sites(text: str, directory: Directory) -> str:
    for link, host in list(_sites(text)):
        if _in_directory(host, directory):
            text = text.replace(link, " ")
    return text
