"""Opening hours, of this helpline and of the services it names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.content.source import Block, Source

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When somebody is there.

    Attributes:
        always: day and night; then the rest means nothing.
        zone: of the local times.
        days: by weekday (0 is Monday): spans of minutes after midnight; the second is left out and may be 1,440. What goes on
            after midnight is written as two spans.
    """

    always: bool
    zone: ZoneInfo
    days: Mapping[int, Spans]

    def open_at(self, now: float) -> bool:
        """Whether somebody is there at `now` (seconds since the epoch)."""
        if self.always:
            return True
        here = datetime.fromtimestamp(now, self.zone)
        minute = here.hour * 60 + here.minute
        return any(start <= minute < end for start, end in self.days.get(here.weekday(), ()))

    def next_open(self, now: float) -> float | None:
        """When it opens next, in seconds since the epoch; None while it is open, and when it never opens."""
        if self.open_at(now):
            return None
        here = datetime.fromtimestamp(now, self.zone)
        for ahead in range(8):
            day = here.date() + timedelta(days=ahead)
            for start, _end in sorted(self.days.get(day.weekday(), ())):
                opens = datetime.combine(day, time(start // 60, start % 60), self.zone).timestamp()
                if opens > now:
                    return opens
        return None

    def spoken(self, moment: float, now: float) -> str:
        """`moment` as it is said: "at 4 pm", "tomorrow at 9 am", "on Monday at 9 am"."""
        then, here = datetime.fromtimestamp(moment, self.zone), datetime.fromtimestamp(now, self.zone)
        hour, half = then.hour % 12 or 12, "am" if then.hour < 12 else "pm"
        clock = f"{hour} {half}" if then.minute == 0 else f"{hour}:{then.minute:02d} {half}"
        days = (then.date() - here.date()).days
        if days <= 0:
            return f"at {clock}"
        return f"tomorrow at {clock}" if days == 1 else f"on {then:%A} at {clock}"


def read_hours(source: Source, block: Block, what: str, zone_name: str) -> OpeningHours:
    """Reads `{monday: ["09:00-17:00", …], …}`, with `timezone` beside the days when it is not `zone_name`."""
    zone = read_zone(source, block, str(block.get("timezone", zone_name)))
    days: dict[int, Spans] = {}
    for key, value in block.items():
        if key == "timezone":
            continue
        if key not in WEEKDAYS:
            source.refuse(block.line_of(key), f"{what}: '{key}' is no weekday. Write {', '.join(WEEKDAYS)}.")
            continue
        spans = []
        for item in value if isinstance(value, list) else [value]:
            span = _span(item)
            if span is None:
                source.refuse(block.line_of(key), f"{what}: hours are written \"09:00-17:00\", with quotes; this is {item!r}.")
            else:
                spans.append(span)
        days[WEEKDAYS.index(key)] = tuple(sorted(spans))
    return OpeningHours(False, zone, days)


def always_open() -> OpeningHours:
    return OpeningHours(True, ZoneInfo("UTC"), {})


def read_zone(source: Source, block: Block, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        source.refuse(block.line_of("timezone"), f"'{name}' is no time zone. Write one such as Europe/London.")
        return ZoneInfo("UTC")


def _span(item: object) -> tuple[int, int] | None:
    match = _SPAN.fullmatch(item) if isinstance(item, str) else None
    if match is None:
        return None
    first, second, third, fourth = map(int, match.groups())
    start, end = first * 60 + second, third * 60 + fourth
    return (start, end) if start < end <= 1440 else None
