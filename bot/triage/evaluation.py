"""Measures triage on labelled messages that it was not trained on, and writes the report as HTML and JSON."""

from __future__ import annotations

import html
import json
import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.triage.assessment import Assessment
from bot.triage.detector import Detector
from bot.triage.examples import Example, read_examples
from bot.triage.taxonomy import CUES, Tier

Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of`, with its 95 % Wilson score interval (Wilson 1927)."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
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


def evaluate(detector: Detector, files: Sequence[Path]) -> dict[str, Any]:
    """The report on labelled files.

    Returns:
        `messages`, `status`, `tiers` (name → Rate as a dictionary), `cues` (cue → recall and precision), `styles` (recall of
        `high` and above), `confusion` (labelled → found → count), `missed_immediate` (texts), `milliseconds` (median).

    Raises:
        ContentError: a file holds a line that is no labelled example.
    """
    examples = read_examples(files)
    found: list[Assessment] = []
    took: list[float] = []
    for example in examples:
        started = time.perf_counter()
        found.append(detector.assess(example.text))
        took.append((time.perf_counter() - started) * 1000)
    pairs = list(zip(examples, found, strict=True))
    return {
        "messages": len(pairs),
        "status": detector.status,
        "tiers": {name: rate.to_dict() for name, rate in tier_rates(pairs).items()},
        "cues": {cue: {name: rate.to_dict() for name, rate in cue_rates(pairs, cue).items()} for cue in CUES},
        "styles": {
            style: _share(
                [pair for pair in pairs if pair[0].tier >= Tier.HIGH and pair[0].style == style],
                lambda pair: pair[1].tier >= Tier.HIGH,
            ).to_dict()
            for style in sorted({example.style for example in examples if example.tier >= Tier.HIGH})
        },
        "confusion": {
            true.id: {
                told.id: sum(example.tier is true and got.tier is told for example, got in pairs) for told in reversed(Tier)
            }
            for true in reversed(Tier)
        },
        "missed_immediate": [example.text for example, got in pairs if example.tier is Tier.IMMEDIATE and got.tier < Tier.HIGH],
        "milliseconds": statistics.median(took) if took else None,
    }


Pair = tuple[Example, Assessment]


def tier_rates(pairs: Sequence[Pair]) -> dict[str, Rate]:
    """What counts at the desk: who is heard, and who is called in for nothing."""
    serious = [pair for pair in pairs if pair[0].tier >= Tier.HIGH]
    immediate = [pair for pair in pairs if pair[0].tier is Tier.IMMEDIATE]
    high = [pair for pair in pairs if pair[0].tier is Tier.HIGH]
    harmless = [pair for pair in pairs if not pair[0].cues]
    near = [pair for pair in harmless if pair[0].style == "near_miss"]
    plain = [pair for pair in harmless if pair[0].style != "near_miss"]
    return {
        "high or immediate, heard at high or above": _share(serious, lambda pair: pair[1].tier >= Tier.HIGH),
        "immediate, heard as immediate": _share(immediate, lambda pair: pair[1].tier is Tier.IMMEDIATE),
        "high, called immediate": _share(high, lambda pair: pair[1].tier is Tier.IMMEDIATE),
        "near-misses, called high or above": _share(near, lambda pair: pair[1].tier >= Tier.HIGH),
        "plainly harmless, called high or above": _share(plain, lambda pair: pair[1].tier >= Tier.HIGH),
        "harmless, called immediate": _share(harmless, lambda pair: pair[1].tier is Tier.IMMEDIATE),
    }


def cue_rates(pairs: Sequence[Pair], cue: str) -> dict[str, Rate]:
    labelled = [pair for pair in pairs if cue in pair[0].cues]
    told = [pair for pair in pairs if cue in pair[1].cue_ids]
    return {
        "recall": _share(labelled, lambda pair: cue in pair[1].cue_ids),
        "precision": _share(told, lambda pair: cue in pair[0].cues),
    }


def write_report(report: dict[str, Any], folder: Path) -> tuple[Path, Path]:
    """Writes `report.json` and `report.html` into `folder`; returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    data, page = folder / "report.json", folder / "report.html"
    data.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    page.write_text(_page(report), encoding="utf-8")
    return data, page


def _share(pairs: Sequence[Pair], wanted: Any) -> Rate:
    return Rate(sum(bool(wanted(pair)) for pair in pairs), len(pairs))


def _page(report: dict[str, Any]) -> str:
    def row(name: str, *rates: dict[str, Any]) -> str:
        cells = "".join(f"<td>{html.escape(str(Rate(rate['hits'], rate['of'])))}</td>{_bar(rate)}" for rate in rates)
        return f"<tr><th scope=row>{html.escape(name)}</th>{cells}</tr>"

    tiers = "".join(row(name, rate) for name, rate in report["tiers"].items())
    styles = "".join(row(name, rate) for name, rate in report["styles"].items())
    cues = "".join(row(cue, rates["recall"], rates["precision"]) for cue, rates in report["cues"].items())
    names = list(report["confusion"])
    head = "".join(f"<th scope=col>{name}</th>" for name in names)
    confusion = "".join(
        f"<tr><th scope=row>{true}</th>{''.join(f'<td>{told[name]}</td>' for name in names)}</tr>"
        for true, told in report["confusion"].items()
    )
    missed = "".join(f"<li>{html.escape(text)}</li>" for text in report["missed_immediate"]) or "<li>none</li>"
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Triage evaluation</title><style>body{font:16px sans-serif;"
        "max-width:70rem;margin:2rem auto;padding:0 1rem}th{text-align:left;padding-right:1rem}td{padding:.2rem .6rem}</style>"
        f"<h1>Triage evaluation</h1><p>{report['messages']} messages; triage: {report['status']}; "
        f"median {report['milliseconds']:.1f} ms a message. Rates with 95 % Wilson intervals.</p>"
        f"<h2>Tiers</h2><table>{tiers}</table><h2>Heard at high or above, by style</h2><table>{styles}</table>"
        f"<h2>Cues: recall, precision</h2><table>{cues}</table>"
        f"<h2>Labelled (rows), found (columns)</h2><table><tr><td></td>{head}</tr>{confusion}</table>"
        f"<h2>Immediate messages heard below high</h2><ul>{missed}</ul></html>"
    )


def _bar(rate: dict[str, Any]) -> str:
    value = rate["hits"] / rate["of"] if rate["of"] else 0
    return f"<td><meter min=0 max=1 value={value:.3f}></meter></td>"
