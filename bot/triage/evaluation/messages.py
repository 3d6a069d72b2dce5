"""How single messages are heard: by tier, by cue, by who wrote and how, and what was missed."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.triage.assessment import Assessment
from bot.triage.evaluation.curves import calibration, precision_recall
from bot.triage.evaluation.progress import progress
from bot.triage.evaluation.rates import Figures, Rate, Requirement, at_least, at_most
from bot.triage.evaluation.scores import scores, tier_score
from bot.triage.examples import Example
from bot.triage.taxonomy import CUES, Tier
from bot.triage.together import Scorer

TIERS = (Tier.IMMEDIATE, Tier.HIGH, Tier.ELEVATED)
SLICE_LEAST = 20  # serious messages that a slice needs to be judged by
LENGTHS = ((5, "1–5 words"), (15, "6–15 words"), (40, "16–40 words"))
LONGEST = "over 40 words"
_VOICE = re.compile(r"([a-z]{2})-\d+")


@dataclass(frozen=True, slots=True)
class Read:
    """One labelled message as the detector read it.

    Attributes:
        scores: probability by cue, see `evaluation.scores`.
        milliseconds: what the assessment took.
    """

    example: Example
    told: Assessment
    scores: Mapping[str, float]
    milliseconds: float


def read_messages(detector: Scorer, examples: Sequence[Example], label: str = "messages") -> list[Read]:
    """Every message, assessed alone."""
    reads = []
    for example in progress(examples, label):
        started = time.perf_counter()
        told = detector.assess(example.text)
        took = (time.perf_counter() - started) * 1000
        reads.append(Read(example, told, scores(detector, example.text, (), told)[0], took))
    return reads


def message_report(reads: Sequence[Read]) -> dict[str, Any]:
    """All figures of single messages, as JSON.

    Returns:
        `count`, `requirements`, `tiers` and `cues` (recall, precision, F1), `slices` (country, style, length → name →
        `heard` and `false_alarms`), `confusion` (labelled → told → count), `missed_immediate`, `false_alarms_per_1000`,
        `latency` (milliseconds), `precision_recall` and `calibration` (tier → points).
    """
    slices = {name: _slice(reads, key) for name, key in SLICES.items()}
    return {
        "count": len(reads),
        "requirements": [requirement.to_dict() for requirement in requirements(reads, slices)],
        "tiers": {tier.id: tier_figures(reads, tier).to_dict() for tier in TIERS},
        "cues": {cue: cue_figures(reads, cue).to_dict() for cue in CUES},
        "slices": slices,
        "confusion": confusion(reads),
        "missed_immediate": missed_immediate(reads),
        "false_alarms_per_1000": false_alarms(reads),
        "latency": latency([read.milliseconds for read in reads]),
        "precision_recall": {tier.id: precision_recall(_scored(reads, tier)) for tier in TIERS},
        "calibration": {tier.id: calibration(_scored(reads, tier)) for tier in TIERS},
    }


def tier_figures(reads: Iterable[Read], tier: Tier) -> Figures:
    """How well a message of the tier or above is heard at the tier or above."""
    return Figures.count((read.example.tier >= tier, read.told.tier >= tier) for read in reads)


def cue_figures(reads: Iterable[Read], cue: str) -> Figures:
    return Figures.count((cue in read.example.cues, cue in read.told.cue_ids) for read in reads)


def requirements(reads: Sequence[Read], slices: Mapping[str, Mapping[str, Any]]) -> list[Requirement]:
    """What counts at the desk: who is heard, and who is called in for nothing."""
    immediate = [read for read in reads if read.example.tier is Tier.IMMEDIATE]
    high = [read for read in reads if read.example.tier is Tier.HIGH]
    harmless, near, plain = _harmless(reads)
    heard = Rate.count([*immediate, *high], _at_high)
    found = [
        at_least("immediate or high, heard at high or above", heard, 0.98),
        Requirement("the same, lower end of the interval", heard, heard.interval[0] if heard.interval else None, 0.95),
    ]
    if weakest := _weakest(slices):
        name, rate = weakest
        found.append(at_least(f"the same, weakest slice ({name})", rate, 0.95))
    return [
        *found,
        at_most("plainly harmless, called high or above", Rate.count(plain, _at_high), 0.01),
        at_most("near-misses, called high or above", Rate.count(near, _at_high), 0.05),
        at_least("immediate, heard as immediate", Rate.count(immediate, _immediate), 0.92),
        at_most("high, called immediate", Rate.count(high, _immediate), 0.15),
        at_most("harmless, called immediate", Rate.count(harmless, _immediate), 0.003),
    ]


def confusion(reads: Sequence[Read]) -> dict[str, dict[str, int]]:
    return {
        true.id: {
            told.id: sum(read.example.tier is true and read.told.tier is told for read in reads) for told in reversed(Tier)
        }
        for true in reversed(Tier)
    }


def missed_immediate(reads: Iterable[Read]) -> list[dict[str, Any]]:
    """Every immediate message that was told to be less, those worst heard first."""
    missed = [read for read in reads if read.example.tier is Tier.IMMEDIATE and read.told.tier < Tier.IMMEDIATE]
    return [
        {
            "text": read.example.text,
            "cues": list(read.example.cues),
            "told": read.told.tier.id,
            "told_cues": list(read.told.cue_ids),
            "voice": read.example.voice,
            "style": read.example.style,
        }
        for read in sorted(missed, key=lambda read: read.told.tier)
    ]


def false_alarms(reads: Sequence[Read]) -> dict[str, dict[str, Any]]:
    """False alarms in 1,000 harmless messages, by the tier that they raise, with their intervals."""
    groups = dict(zip(("harmless", "near_misses", "plainly_harmless"), _harmless(reads), strict=True))
    return {name: {tier.id: _per_1000(group, tier) for tier in TIERS} for name, group in groups.items()}


def latency(milliseconds: Sequence[float]) -> dict[str, Any]:
    """Median and 95th percentile of what assessments took."""
    if len(milliseconds) < 2:
        return {"median": milliseconds[0] if milliseconds else None, "p95": None, "count": len(milliseconds)}
    p95 = statistics.quantiles(milliseconds, n=20, method="inclusive")[-1]
    return {"median": statistics.median(milliseconds), "p95": p95, "count": len(milliseconds)}


def country(voice: str) -> str:
    """The country of a voice, as in `ng-16`; anything else as it stands."""
    match = _VOICE.fullmatch(voice)
    return match[1] if match else voice or "not said"


def length(text: str) -> str:
    words = len(text.split())
    return next((name for most, name in LENGTHS if words <= most), LONGEST)


SLICES: dict[str, Callable[[Example], str]] = {
    "country": lambda example: country(example.voice),
    "style": lambda example: example.style or "not said",
    "length": lambda example: length(example.text),
}


def _slice(reads: Sequence[Read], key: Callable[[Example], str]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Read]] = {}
    for read in reads:
        groups.setdefault(key(read.example), []).append(read)
    return {
        name: {
            "heard": Rate.count([read for read in group if read.example.tier >= Tier.HIGH], _at_high).to_dict(),
            "false_alarms": Rate.count([read for read in group if not read.example.cues], _at_high).to_dict(),
        }
        for name, group in sorted(groups.items())
    }


def _weakest(slices: Mapping[str, Mapping[str, Any]]) -> tuple[str, Rate] | None:
    rates = [(name, Rate.from_dict(row["heard"])) for rows in slices.values() for name, row in rows.items()]
    enough = [(name, rate) for name, rate in rates if rate.of >= SLICE_LEAST]
    return min(enough, key=lambda pair: pair[1].hits / pair[1].of) if enough else None


def _harmless(reads: Iterable[Read]) -> tuple[list[Read], list[Read], list[Read]]:
    """All without a cue; of these the near-misses; and the others."""
    harmless = [read for read in reads if not read.example.cues]
    near = [read for read in harmless if read.example.style == "near_miss"]
    return harmless, near, [read for read in harmless if read.example.style != "near_miss"]


def _per_1000(reads: Sequence[Read], tier: Tier) -> dict[str, Any]:
    rate = Rate.count(reads, lambda read: read.told.tier >= tier)
    if rate.value is None or rate.interval is None:
        return {"value": None, "interval": None, "of": 0}
    return {"value": 1000 * rate.value, "interval": tuple(1000 * end for end in rate.interval), "of": rate.of}


def _scored(reads: Iterable[Read], tier: Tier) -> list[tuple[float, bool]]:
    return [(tier_score(read.scores, tier, read.told), read.example.tier >= tier) for read in reads]


def _at_high(read: Read) -> bool:
    return read.told.tier >= Tier.HIGH


def _immediate(read: Read) -> bool:
    return read.told.tier is Tier.IMMEDIATE
