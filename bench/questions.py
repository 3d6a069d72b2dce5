"""Which answer a question gets: stock Rasa's default pipeline and this project's, on the same examples and test questions.

    python -m bench.questions [--write]

Trains both, one after the other, each in a process of its own, and measures both on `data/nlu_test/questions.jsonl`. Stock Rasa
gets the examples of `data/nlu` as they are; its pipeline is the one that `rasa init` names as its default: DIET, 100 epochs.
Half an hour on two cores, nearly all of it training DIET, so what DIET found is kept in `bench/.work` and used again as long as
examples, test questions and pipeline are the same. Nothing here was tuned for either side on the test questions but our
fallback's threshold, see docs/evaluation.md.
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
        report: what it found.
    """

    took: tuple[float, float]
    day: str
    report: Mapping[str, Any]

    @property
    def said(self) -> str:
        return f"{self.took[0]:.0f} s, {self.took[1]:.0f} s of processor"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.questions")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    settings = load_settings()
    questions = evaluation.read_questions(settings.data_dir / "nlu_test" / "questions.jsonl")
    WORK.mkdir(parents=True, exist_ok=True)
    folder, what = stock.environment(WORK)
    with tempfile.TemporaryDirectory(prefix="handrail-questions-") as place:
        examples = write_examples(Path(place) / "nlu.yml")
        ours = handrail(Path(place), questions)
        print(f"Handrail: trained in {ours.said}", *evaluation.lines(ours.report), sep="\n", flush=True)
        theirs = diet(Path(place), folder, questions)
        print(f"Stock Rasa: trained in {theirs.said}", *evaluation.lines(theirs.report), sep="\n", flush=True)
    page = written(ours, theirs, examples, what)
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


def handrail(place: Path, questions: Sequence[evaluation.Question]) -> Trained:
    """This project's dialogue model, trained anew: NLU, rules and stories in one."""
    models = place / "ours"
    models.mkdir()
    for name in ("encoder", "triage"):
        (models / name).symlink_to(load_settings().model_dir / name)
    os.environ["HANDRAIL_MODEL_DIR"] = str(models)
    load = "from bot.engine.training import train_dialogue; from bot.settings import load_settings"
    took = _timed([sys.executable, "-c", f"{load}; train_dialogue(load_settings())"], ROOT, os.environ)
    found = evaluation.rankings(newest_model(load_settings()), questions)
    return Trained(took, _today(), evaluation.report(questions, found))


def diet(place: Path, folder: Path, questions: Sequence[evaluation.Question]) -> Trained:
    """Stock Rasa's default pipeline in its own environment `folder`; NLU alone, which is what is compared."""
    nlu, texts = place / "nlu.yml", json.dumps([question.text for question in questions])
    same = hashlib.sha256(nlu.read_bytes() + DEFAULTS.read_bytes() + texts.encode()).hexdigest()
    if KEPT.is_file() and (kept := json.loads(KEPT.read_text()))["same"] == same:
        return Trained(tuple(kept["took"]), kept["day"], evaluation.report(questions, kept["found"]))
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
    KEPT.write_text(json.dumps({"same": same, "took": took, "day": _today(), "found": found}), encoding="utf-8")
    return Trained(took, _today(), evaluation.report(questions, found))


def _today() -> str:
    return time.strftime("%Y-%m-%d")


def _timed(command: Sequence[str], place: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    began, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, cwd=place, env=environment, stdin=subprocess.DEVNULL)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, used


def written(ours: Trained, theirs: Trained, examples: int, what: str) -> str:
    """The page."""
    rows = [
        f"| {name} | {_rate(ours.report[key])} | {_rate(theirs.report[key])} |" for key, name in evaluation.NAMES.items()
    ]
    rows.append(f"| training | {ours.said} | {theirs.said} |")
    return (
        "# Which answer a question gets: ours and stock Rasa\n\n"
        f"Written by `python -m bench.questions --write` on {_today()}, on {machine()}.\n"
        f"Both learned the same {examples:,} examples and were measured on the same {ours.report['questions']:,} test questions\n"
        f"by other hands. Trained on {ours.day} (ours) and {theirs.day} (stock Rasa).\n\n"
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
