"""Opening hours in local time, whatever the clocks do."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.content.opening import OpeningHours, always_open

LONDON = ZoneInfo("Europe/London")
EVENINGS = OpeningHours(False, LONDON, {day: ((16 * 60, 22 * 60),) for day in range(5)})
LATE = OpeningHours(False, LONDON, {4: ((20 * 60, 1440),), 5: ((0, 2 * 60),)})


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).timestamp()


def test_open_from_the_first_minute_to_before_the_last() -> None:
    assert not EVENINGS.open_at(at("2026-11-23T15:59:59"))
    assert EVENINGS.open_at(at("2026-11-23T16:00"))
    assert EVENINGS.open_at(at("2026-11-23T21:59:59"))
    assert not EVENINGS.open_at(at("2026-11-23T22:00"))


def test_the_next_opening_is_the_same_evening_the_next_or_after_the_weekend() -> None:
    assert EVENINGS.next_open(at("2026-11-23T09:00")) == at("2026-11-23T16:00")
    assert EVENINGS.next_open(at("2026-11-23T23:00")) == at("2026-11-24T16:00")
    assert EVENINGS.next_open(at("2026-11-27T23:00")) == at("2026-11-30T16:00")


def test_local_hours_hold_when_the_clocks_change() -> None:
    assert EVENINGS.next_open(at("2026-10-23T23:00")) == at("2026-10-26T16:00")
    assert EVENINGS.open_at(at("2026-10-26T16:00"))


def test_hours_past_midnight_are_two_spans() -> None:
    assert LATE.open_at(at("2026-11-27T23:59:30"))
    assert LATE.open_at(at("2026-11-28T01:59"))
    assert not LATE.open_at(at("2026-11-28T02:00"))


def test_while_open_there_is_no_next_opening() -> None:
    assert EVENINGS.next_open(at("2026-11-23T17:00")) is None
    assert always_open().next_open(0.0) is None


def test_what_never_opens_has_no_next_opening() -> None:
    assert OpeningHours(False, LONDON, {}).next_open(at("2026-11-23T17:00")) is None


def test_an_opening_is_said_as_people_say_it() -> None:
    now = at("2026-11-23T09:00")
    assert EVENINGS.spoken(at("2026-11-23T16:00"), now) == "at 4 pm"
    assert EVENINGS.spoken(at("2026-11-24T16:30"), now) == "tomorrow at 4:30 pm"
    assert EVENINGS.spoken(at("2026-11-27T00:00"), now) == "on Friday at 12 am"


@given(now=st.floats(0, 4e9))
def test_it_is_open_when_it_opens_next(now: float) -> None:
    opens = EVENINGS.next_open(now)
    assert (opens is None) == EVENINGS.open_at(now)
    if opens is not None:
        assert opens > now
        assert EVENINGS.open_at(opens)
