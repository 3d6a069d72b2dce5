"""What measures triage never shapes it: nothing but the evaluator reads the evaluation data or the safety set."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT, load_settings
from bot.triage.detector import Detector

TEXTS = ("i will end my life tonight", "he says he will post my pics", "hi", "what is grooming?", "this exam will kill me lol")
READERS = {Path("bot/cli.py"), Path("bot/triage/safety_set.py")}
opened: list[str] = []
_watching = False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and event == "open":
        opened.append(str(arguments[0]))


@pytest.mark.parametrize("folder", ["bot", "actions"])
def test_no_other_code_names_what_measures_triage(folder: str) -> None:
    knowing = {
        path.relative_to(ROOT)
        for path in (ROOT / folder).rglob("*.py")
        if any(name in path.read_text() for name in ('"evaluation"', "triage/evaluation/", '"safety_set.yml"'))
    }

    assert knowing <= READERS


def test_without_the_evaluation_data_and_the_safety_set_scores_are_the_same(tmp_path: Path, detector: Detector) -> None:
    global _watching
    settings = load_settings()
    data = tmp_path / "data"
    shutil.copytree(settings.data_dir, data)
    shutil.rmtree(data / "triage" / "evaluation")
    (data / "triage" / "safety_set.yml").unlink()

    sys.addaudithook(_watch)  # cannot be taken away again, so it only notes while `_watching`
    _watching = True
    try:
        without = Detector.load(settings.triage_model_dir, settings.encoder_file, data / "triage" / "words.yml")
        scores = [without.assess(text) for text in TEXTS]
    finally:
        _watching = False

    assert scores == [detector.assess(text) for text in TEXTS]
    assert str(data / "triage" / "words.yml") in opened
    assert not [path for path in opened if "triage/evaluation" in path or "safety_set" in path]
