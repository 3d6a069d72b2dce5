"""Shares of something counted, with how sure they are: 95 % Wilson score intervals (Wilson 1927)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

Z = 1.959964  # 95 %
Interval = tuple[float, float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of`, with its 95 % Wilson score interval."""

    hits: int
    of: int

    @classmethod
    def count(cls, items: Iterable[T], wanted: Callable[[T], bool]) -> Rate:
        """The share of the items that are wanted."""
        verdicts = [bool(wanted(item)) for item in items]
        return cls(sum(verdicts), len(verdicts))

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Rate:
        return cls(value["hits"], value["of"])

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> Interval | None:
        if not self.of:
            return None
        share, spread = self.hits / self.of, Z * Z / self.of
        middle = (share + spread / 2) / (1 + spread)
        half = Z * math.sqrt(share * (1 - share) / self.of + spread / (4 * self.of)) / (1 + spread)
        return max(0.0, middle - half), min(1.0, middle + half)

    def to_dict(self) -> dict[str, Any]:
        return {"hits": self.hits, "of": self.of, "value": self.value, "interval": self.interval}

    def __str__(self) -> str:
        if self.value is None or self.interval is None:
            return "–"
        low, high = self.interval
        return f"{self.value:.3f} ({low:.3f}–{high:.3f}), {self.hits} of {self.of}"


@dataclass(frozen=True, slots=True)
class Figures:
    """How well one cue or tier is heard.

    Attributes:
        hits: messages that have it and were told to have it.
        labelled: messages that have it.
        told: messages that were told to have it.
    """

    hits: int
    labelled: int
    told: int

    @classmethod
    def count(cls, verdicts: Iterable[tuple[bool, bool]]) -> Figures:
        """From pairs (has it, was told to have it), one a message."""
        pairs = list(verdicts)
        return cls(sum(has and told for has, told in pairs), sum(has for has, _ in pairs), sum(told for _, told in pairs))

    @property
    def recall(self) -> Rate:
        return Rate(self.hits, self.labelled)

    @property
    def precision(self) -> Rate:
        return Rate(self.hits, self.told)

    @property
    def f1(self) -> float | None:
        return _f1(self._overlap.value)

    @property
    def f1_interval(self) -> Interval | None:
        """F1 is 2J / (1 + J) of the overlap J, which is a share; so the ends of its interval are those of J's."""
        interval = self._overlap.interval
        if interval is None:
            return None
        low, high = (_f1(end) for end in interval)
        return (low or 0.0, high or 0.0)

    @property
    def _overlap(self) -> Rate:
        return Rate(self.hits, self.labelled + self.told - self.hits)

    def to_dict(self) -> dict[str, Any]:
        return {
            "recall": self.recall.to_dict(),
            "precision": self.precision.to_dict(),
            "f1": {"value": self.f1, "interval": self.f1_interval},
        }


def _f1(overlap: float | None) -> float | None:
    return None if overlap is None else 2 * overlap / (1 + overlap)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A figure with the bound that it has to keep.

    Attributes:
        bound: the least that is wanted, or the most where `at_most`.
        value: the figure that is held against the bound; None when nothing was counted.
        rate: what was counted.
    """

    name: str
    rate: Rate
    value: float | None
    bound: float
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        """None when there is nothing to judge by."""
        if self.value is None:
            return None
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "rate": self.rate.to_dict(),
            "value": self.value,
            "bound": self.bound,
            "at_most": self.at_most,
            "met": self.met,
        }


def at_least(name: str, rate: Rate, bound: float) -> Requirement:
    return Requirement(name, rate, rate.value, bound)


def at_most(name: str, rate: Rate, bound: float) -> Requirement:
    return Requirement(name, rate, rate.value, bound, at_most=True)
