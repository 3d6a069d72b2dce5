from __future__ import annotations

import json
import subprocess
import sys

from bot.settings import ROOT
from bot.triage.commands import triage_lines
from bot.triage.detector import Detector
from bot.triage.questions import Question

QUESTIONS = {"q_safe": Question.parse("q_safe", yes="none", no="cue:violence_now", unclear="none")}


def run(detector: Detector, *lines: str) -> list[tuple[dict[str, object], bool]]:
    return [(json.loads(line), fine) for line, fine in triage_lines(detector, QUESTIONS, lines)]


def test_each_line_is_answered_in_its_place(detector: Detector) -> None:
    answers = run(detector, '{"id": "a", "text": "hello"}', "not json", '{"id": 2, "text": "i want to die"}')

    assert [fine for _, fine in answers] == [True, False, True]
    assert [answer["id"] for answer, _ in answers] == ["a", None, 2]
    assert answers[1][0]["error"]
    assert set(answers[2][0]) == {"id", "tier", "assessed", "cues", "facts"}


def test_an_answer_to_a_question_is_heard(detector: Detector) -> None:
    ((answer, _),) = run(detector, '{"id": 1, "text": "no", "asked": "q_safe"}')

    assert [hit["cue"] for hit in answer["cues"]] == ["violence_now"]  # type: ignore[attr-defined]


def test_what_is_no_such_object_gives_an_error_line(detector: Detector) -> None:
    bad = [
        "[]",
        '{"id": 1}',
        '{"text": "x"}',
        '{"id": 1, "text": 2}',
        '{"id": 1, "text": "x", "asked": "nobody"}',
        "",
        "[" * 9999,
    ]

    assert all(answer["id"] is None and not fine for answer, fine in run(detector, *bad))


def test_a_thousand_lines_are_assessed_in_order_with_no_server_running() -> None:
    lines = [json.dumps({"id": number, "text": f"message {number}: how do i block someone?"}) for number in range(1000)]
    lines[500] = "not an object"

    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "triage"], input="\n".join(lines), capture_output=True, text=True, cwd=ROOT
    )

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1  # one line was no object
    assert [answer["id"] for answer in answers] == [*range(500), None, *range(501, 1000)]
