"""Which answer a question gets: stock Rasa's default pipeline and this project's, on the same examples and test questions.

    python -m bench.questions [--write]

Trains both, one after the other, each in a process of its own, and measures both on `data/nlu_test/questions.jsonl`. Stock Rasa
gets the examples of `data/nlu` as they are; its pipeline is the one that `rasa init` names as its default: DIET, 100 epochs.
An hour on two cores, nearly all of it training DIET, so what DIET found is kept in `bench/.work` and used again as long as
examples, test questions and pipeline are the same, and with `--kept` when only the examples have changed since: the page says
so. Nothing here was tuned for either side on the test questions but our fallback's threshold, see docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench import stock
from bench.report import machine
from bot.engine import evaluation
from bot.engine.models import newest_model
from bot.settings import ROOT, load_settings
from bot.triage.evaluation.rates import Rate

WORK = ROOT / "bench" / ".work" / "stock"
KEPT = WORK / "questions.json"
PAGE = ROOT / "docs" / "benchmarks-questions.md"
DEFAULTS = ROOT / "bench" / "stock_pipeline.yml"
RANKINGS = ROOT / "bench" / "stock_rankings.py"


@dataclass(frozen=True, slots=True)
class Trained:
    """One side.

    Attributes:
        took: seconds of its training's process from start to end, and of all processors together.
        day: on which it was trained.
        examples: how many it learned.
        report: what it found.
    """

    took: tuple[float, float]
    day: str
    examples: int
    report: Mapping[str, Any]

    @property
    def said(self) -> str:
        return f"{self.took[0]:.0f} s, {self.took[1]:.0f} s of processor"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.questions")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    parser.add_argument("--kept", action="store_true", help="take what stock Rasa found last, on the examples of that day")
    options = parser.parse_args()
    settings = load_settings()
    questions = evaluation.read_questions(settings.data_dir / "nlu_test" / "questions.jsonl")
    WORK.mkdir(parents=True, exist_ok=True)
    folder, what = stock.environment(WORK)
    with tempfile.TemporaryDirectory(prefix="handrail-questions-") as place:
        examples = write_examples(Path(place) / "nlu.yml")
        ours = handrail(Path(place), questions, examples)
        print(f"Handrail: trained in {ours.said}", *evaluation.lines(ours.report), sep="\n", flush=True)
        theirs = diet(Path(place), folder, questions, kept=options.kept)
        print(f"Stock Rasa: trained in {theirs.said}", *evaluation.lines(theirs.report), sep="\n", flush=True)
    page = written(ours, theirs, what)
    print(page)
    if options.write:
        PAGE.write_text(page, encoding="utf-8")
    return 0


def write_examples(file: Path) -> int:
    """Our examples without the answers beside them, as Rasa's own format. Returns how many there are."""
    from bot.engine.importer import ContentImporter

    examples = ContentImporter().get_nlu_data().intent_examples
    by_intent: dict[str, list[str]] = {}
    for example in examples:
        by_intent.setdefault(str(example.get("intent")), []).append(str(example.get("text")))
    nlu = [{"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in by_intent.items()]
    file.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True, width=10_000), encoding="utf-8")
    return len(examples)


def handrail(place: Path, questions: Sequence[evaluation.Question], examples: int) -> Trained:
    """This project's dialogue model, trained anew: NLU, rules and stories in one."""
    models = place / "ours"
    models.mkdir()
    for name in ("encoder", "triage"):
        (models / name).symlink_to(load_settings().model_dir / name)
    os.environ["HANDRAIL_MODEL_DIR"] = str(models)
    load = "from bot.engine.training import train_dialogue; from bot.settings import load_settings"
    took = _timed([sys.executable, "-c", f"{load}; train_dialogue(load_settings())"], ROOT, os.environ)
    found = evaluation.rankings(newest_model(load_settings()), questions)
    return Trained(took, _today(), examples, evaluation.report(questions, found))


def diet(place: Path, folder: Path, questions: Sequence[evaluation.Question], *, kept: bool = False) -> Trained:
    """Stock Rasa's default pipeline in its own environment `folder`; NLU alone, which is what is compared.

    Args:
        kept: what it found last is good enough, whatever examples it learned then.
    """
    nlu, texts = place / "nlu.yml", json.dumps([question.text for question in questions])
    same = hashlib.sha256(nlu.read_bytes() + DEFAULTS.read_bytes() + texts.encode()).hexdigest()
    if KEPT.is_file() and ((last := json.loads(KEPT.read_text()))["same"] == same or kept):
        learned = last.get("examples") or _count(nlu)
        return Trained(tuple(last["took"]), last["day"], learned, evaluation.report(questions, last["found"]))
    environment = {**os.environ, **stock.QUIET}
    rasa, python = folder / "bin" / "rasa", folder / "bin" / "python"
    command = [rasa, "train", "nlu", "--config", DEFAULTS, "--nlu", nlu, "--out", place / "theirs"]
    took = _timed(list(map(str, command)), place, environment)
    model = next((place / "theirs").glob("*.tar.gz"))
    answer = subprocess.run(
        [str(python), str(RANKINGS), str(model)], input=texts, text=True, stdout=subprocess.PIPE, check=True, cwd=place,
        env=environment,
    )  # fmt: skip
    found: list[list[str]] = json.loads(answer.stdout.splitlines()[-1])
    result = {"same": same, "took": took, "day": _today(), "examples": _count(nlu), "found": found}
    KEPT.write_text(json.dumps(result), encoding="utf-8")
    return Trained(took, _today(), _count(nlu), evaluation.report(questions, found))


def _count(nlu: Path) -> int:
    return sum(len(entry["examples"].splitlines()) for entry in yaml.safe_load(nlu.read_text(encoding="utf-8"))["nlu"])


def _today() -> str:
    return time.strftime("%Y-%m-%d")


def _timed(command: Sequence[str], place: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    began, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, cwd=place, env=environment, stdin=subprocess.DEVNULL)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, used


def written(ours: Trained, theirs: Trained, what: str) -> str:
    """The page."""
    rows = [
        f"| {name} | {_rate(ours.report[key])} | {_rate(theirs.report[key])} |" for key, name in evaluation.NAMES.items()
    ]
    rows.append(f"| training | {ours.said} | {theirs.said} |")
    return (
        "# Which answer a question gets: ours and stock Rasa\n\n"
        f"Written by `python -m bench.questions --write` on {_today()}, on {machine()}.\n"
        f"Both were measured on the same {ours.report['questions']:,} test questions by other hands.\n"
        f"Ours learned {ours.examples:,} examples, on {ours.day}; stock Rasa {theirs.examples:,}, on {theirs.day}.\n\n"
        "| | Handrail | stock Rasa |\n| --- | ---: | ---: |\n" + "\n".join(rows) + "\n\n"
        f"- Stock Rasa: {what}; `rasa train nlu` with the pipeline that `rasa init` names as its default\n"
        "  (`bench/stock_pipeline.yml`): DIET, 100 epochs, and its FallbackClassifier at 0.3.\n"
        "- Handrail's time holds rules and stories too; its encoder was tuned once, on examples of this project, which takes\n"
        "  half an hour and is not in the time: it ships with the project.\n"
        "- Shares with their 95 % intervals (Wilson). Where others ran beside, seconds of processor are the fairer time.\n"
    )


def _rate(counts: Sequence[int]) -> str:
    return str(Rate(*counts))


if __name__ == "__main__":
    sys.exit(main())
