"""How a moment is written in JSON."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(epoch: float) -> str:
    """A moment in seconds since the epoch as ISO 8601 in UTC, to the millisecond: `2026-02-03T14:05:06.007Z`."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_or_none(epoch: float | None) -> str | None:
    return None if epoch is None else iso(epoch)
