"""The figures are right, and what is evaluated never trains."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.settings import ROOT
from bot.triage.detector import Detector
from bot.triage.evaluation import Rate, evaluate, write_report
from bot.triage.examples import read_examples


def test_a_rate_has_its_wilson_interval() -> None:
    low, high = Rate(95, 100).interval or (0, 0)

    assert (round(low, 3), round(high, 3)) == (0.888, 0.978)  # scipy.stats.binomtest(95, 100).proportion_ci(method="wilson")
    assert Rate(0, 0).interval is None


def test_a_report_counts_what_was_heard(detector: Detector, tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    lines = [
        {"text": "i am going to end my life tonight, i have everything ready", "cues": ["suicide_intent"], "style": "direct"},
        {"text": "he says he will send my pics to everyone if i dont pay", "cues": ["sextortion"], "style": "direct"},
        {"text": "what is online grooming?", "cues": [], "style": "question"},
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines))

    report = evaluate(detector, [file])

    assert report["messages"] == 3
    assert report["tiers"]["high or immediate, heard at high or above"]["hits"] == 2
    assert report["confusion"]["none"]["none"] == 1
    data, page = write_report(report, tmp_path / "out")
    assert json.loads(data.read_text())["messages"] == 3
    assert "Triage evaluation" in page.read_text()


@pytest.mark.parametrize("folder", ["bot", "actions"])
def test_nothing_but_the_command_knows_the_evaluation_messages(folder: str) -> None:
    knowing = [path.relative_to(ROOT) for path in (ROOT / folder).rglob("*.py") if '"evaluation"' in path.read_text()]

    assert knowing in ([Path("bot/cli.py")], [])


def test_no_evaluation_message_is_near_a_training_message() -> None:
    def pieces(text: str) -> set[str]:
        plain = "".join(character for character in text.lower() if character.isalnum())
        return {plain[start : start + 4] for start in range(len(plain) - 3)} or {plain}

    trained = [pieces(example.text) for example in read_examples((ROOT / "data/triage/training").glob("*.jsonl"))]
    near = []
    for example in read_examples((ROOT / "data/triage/evaluation").glob("*.jsonl")):
        mine = pieces(example.text)
        if any(len(mine & other) >= 0.7 * len(mine | other) for other in trained):
            near.append(example.text)

    assert near == []
