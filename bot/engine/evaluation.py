"""Measures which answer a question gets, on test questions that nothing was trained on."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import bot.engine.quiet  # noqa: F401  # before any other import of Rasa

# isort: split
from rasa.core.agent import Agent

from bot.engine.in_process import load_actions
from bot.errors import ContentError
from bot.triage.evaluation.rates import Rate
from bot.triage.evaluation.report import STYLE
from bot.triage.evaluation.tables import rate, table

OUTSIDE = frozenset({"out_of_scope", "nlu_fallback", "nonsense", "other_language", "medical_question", "legal_question"})
MOST_CONFUSIONS = 40
NAMES = {
    "first": "right answer first",
    "first_or_also": "right answer, or one that serves as well, first",
    "first_two": "right answer among the first two",
    "outside_caught": "out of scope, caught",
    "inside_lost": "in scope, taken for out of scope",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A test question.

    Attributes:
        also: intents whose answers would serve as well.
    """

    text: str
    intent: str
    also: tuple[str, ...] = ()


def read_questions(file: Path) -> list[Question]:
    """The questions of a file of JSON lines `{"text", "intent", "also"?}`. Raises `ContentError`."""
    questions, problems = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            questions.append(Question(str(value["text"]), str(value["intent"]), tuple(value.get("also") or ())))
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"{file}:{number}: this is no test question ({error}); it needs text and intent")
    if problems:
        raise ContentError(problems)
    return questions


def rankings(model: Path, questions: Sequence[Question]) -> list[list[str]]:
    """For each question the intents that the trained pipeline finds, likeliest first."""
    agent = Agent.load(model, action_endpoint=load_actions())

    async def all_of_them() -> list[list[str]]:
        found = []
        for question in questions:
            parsed = await agent.parse_message(question.text)
            ranked = [str(parsed["intent"]["name"]), *(str(entry["name"]) for entry in parsed.get("intent_ranking") or ())]
            found.append(list(dict.fromkeys(ranked)))
        return found

    return asyncio.run(all_of_them())


def report(questions: Sequence[Question], found: Sequence[Sequence[str]]) -> dict[str, Any]:
    """How often the right answer came first, and among the first two.

    Returns:
        `questions`; `first`, `first_or_also`, `first_two`, `outside_caught` (of what lies outside), `inside_lost` (of what does
        not), each `[hits, of]`; `intents` (intent → `[hits, of]` with `also`); `confusions` (`[wanted, found, times]`).
    """
    inside = [(question, ranked) for question, ranked in zip(questions, found, strict=True) if question.intent != "out_of_scope"]
    outside = [ranked for question, ranked in zip(questions, found, strict=True) if question.intent == "out_of_scope"]
    by_intent: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    confusions: Counter[tuple[str, str]] = Counter()
    for question, ranked in inside:
        hit = ranked[0] in _right(question)
        by_intent[question.intent][0] += hit
        by_intent[question.intent][1] += 1
        if not hit:
            confusions[question.intent, ranked[0]] += 1
    return {
        "questions": len(questions),
        "first": [sum(ranked[0] == question.intent for question, ranked in inside), len(inside)],
        "first_or_also": [sum(hits for hits, _ in by_intent.values()), len(inside)],
        "first_two": [sum(bool(_right(question) & set(_answers(ranked)[:2])) for question, ranked in inside), len(inside)],
        "outside_caught": [sum(ranked[0] in OUTSIDE for ranked in outside), len(outside)],
        "inside_lost": [sum(ranked[0] in OUTSIDE for _, ranked in inside), len(inside)],
        "intents": {intent: counts for intent, counts in sorted(by_intent.items())},
        "confusions": [[wanted, got, times] for (wanted, got), times in confusions.most_common(MOST_CONFUSIONS)],
    }


def lines(report: Mapping[str, Any]) -> Iterator[str]:
    """The figures that count, a line each."""
    for key, name in NAMES.items():
        yield f"{name}: {Rate(*report[key])}"


def write_report(report: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """Writes `intents.json` and `intents.html` into `folder`; returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    data, page = folder / "intents.json", folder / "intents.html"
    data.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    page.write_text(_page(report), encoding="utf-8")
    return data, page


def _page(report: Mapping[str, Any]) -> str:
    whole = table(["", "share, 95 % interval"], [(name, [rate(Rate(*report[key]).to_dict())]) for key, name in NAMES.items()])
    worst_first = sorted(report["intents"].items(), key=lambda entry: entry[1][0] / entry[1][1])
    each = table(["intent", "right answer first"], [(intent, [rate(Rate(*counts).to_dict())]) for intent, counts in worst_first])
    confusions = [(wanted, [escape(got), str(times)]) for wanted, got, times in report["confusions"]]
    mixed = table(["asked for", "got", "times"], confusions)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Intents</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body><main><h1>Which answer a question gets</h1>"
        f"<p>{report['questions']} questions that nothing was trained on.</p>{whole}"
        f"<h2>By intent, the weakest first</h2>{each}<h2>Confused most often</h2>{mixed}</main></body></html>"
    )


def _right(question: Question) -> set[str]:
    return {question.intent, *question.also}


def _answers(ranked: Sequence[str]) -> list[str]:
    """The ranking without the fallback, which is put before intents that it found too unsure."""
    return [intent for intent in ranked if intent != "nlu_fallback"]
