"""How many people are there to take a chat. Every text about a person has one form for each."""

from __future__ import annotations

from enum import StrEnum


class Staffing(StrEnum):
    """Who is at the desk now."""

    ON_DUTY = "on_duty"
    BUSY = "busy"
    NONE = "none"
