"""The figures as a Markdown page."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.load import Measured, Sizes


@dataclass(frozen=True, slots=True)
class Result:
    """One target's figures: seconds until it answers, MiB after the load, and what was measured."""

    start_up: float
    memory: float
    measured: Measured


@dataclass(frozen=True, slots=True)
class Row:
    """One line: `more_is_better` says which way the ratio is read."""

    what: str
    ours: float
    stock: float | None
    unit: str
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times better the product is; below 1 it is behind."""
        if self.stock is None or not self.ours or not self.stock:
            return None
        return self.ours / self.stock if self.more_is_better else self.stock / self.ours


def rows(ours: Result, stock: Result | None, sizes: Sizes) -> list[Row]:
    def row(what: str, unit: str, read: Callable[[Result], float], more_is_better: bool = False) -> Row:
        return Row(what, read(ours), read(stock) if stock else None, unit, more_is_better)

    return [
        row("one message, median", "ms", lambda result: result.measured.single * 1000),
        row("one message, 95th percentile", "ms", lambda result: result.measured.single_p95 * 1000),
        row(f"{sizes.at_once} conversations at once", "messages/s", lambda result: result.measured.throughput, True),
        row("a message under that load, 95th percentile", "ms", lambda result: result.measured.throughput_p95 * 1000),
        row("turn 5 of a conversation", "ms", lambda result: result.measured.early_turn * 1000),
        row(f"turn {sizes.turns} of a conversation", "ms", lambda result: result.measured.late_turn * 1000),
        row("start-up, until everything answers", "s", lambda result: result.start_up),
        row("memory, all processes, after the load", "MiB", lambda result: result.memory),
    ]


def table(lines: Sequence[Row]) -> str:
    head = "| | Handrail | stock Rasa | times better |\n| --- | ---: | ---: | ---: |\n"
    return head + "\n".join(
        f"| {row.what} | {_number(row.ours)} {row.unit} | {_cell(row.stock, row.unit)} | {_ratio(row.ratio)} |" for row in lines
    )


def page(lines: Sequence[Row], notes: Sequence[str]) -> str:
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}, on {machine()}.",
            "Both were measured in the same run, one after the other, by one client on the same machine.",
            "",
            table(lines),
            "",
            *(f"- {note}" for note in notes),
            "",
        ]
    )


def machine() -> str:
    """Processor, cores and memory, in words."""
    name, cores = platform.machine(), 0
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        cores += key.strip() == "processor"
        if key.strip() == "model name":
            name = value.strip()
    total = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    return f"{cores} cores of {name} with {total:.0f} GiB"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _cell(value: float | None, unit: str) -> str:
    return "not measured" if value is None else f"{_number(value)} {unit}"


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
