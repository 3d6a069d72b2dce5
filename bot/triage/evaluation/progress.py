"""A bar for long work: on standard error, and only where somebody looks at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TextIO, TypeVar

WIDTH = 30
EVERY = 0.1  # seconds between two drawings

T = TypeVar("T")


def progress(items: Sequence[T], label: str, stream: TextIO | None = None) -> Iterator[T]:
    """The items one by one, with a bar that grows; without a terminal nothing is written."""
    stream = stream if stream is not None else sys.stderr
    if not items or not stream.isatty():
        yield from items
        return
    drawn = 0.0
    for done, item in enumerate(items):
        if time.monotonic() - drawn >= EVERY:
            drawn = time.monotonic()
            _draw(stream, label, done, len(items))
        yield item
    _draw(stream, label, len(items), len(items))
    stream.write("\n")
    stream.flush()


def _draw(stream: TextIO, label: str, done: int, of: int) -> None:
    full = WIDTH * done // of
    stream.write(f"\r{label} [{'#' * full}{'.' * (WIDTH - full)}] {done}/{of}")
    stream.flush()
