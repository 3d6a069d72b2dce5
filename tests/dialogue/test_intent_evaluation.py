"""Measuring which answer a question gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.engine import evaluation
from bot.engine.evaluation import Question
from bot.errors import ContentError

QUESTIONS = [
    Question("what is grooming", "groom_what"),
    Question("get it off the net", "rep_remove", ("img_shared",)),
    Question("who won the match", "out_of_scope"),
    Question("is it private", "bot_confidential"),
]
FOUND = [
    ["groom_what", "groom_signs"],
    ["img_shared", "rep_remove"],
    ["nlu_fallback", "greet"],
    ["nlu_fallback", "bot_who", "bot_confidential"],
]


def test_a_report_counts_first_answers_those_that_serve_as_well_and_what_lies_outside() -> None:
    report = evaluation.report(QUESTIONS, FOUND)

    assert (report["first"], report["first_or_also"], report["first_two"]) == ([1, 3], [2, 3], [3, 3])
    assert (report["outside_caught"], report["inside_lost"]) == ([1, 1], [1, 3])
    assert report["confusions"] == [["bot_confidential", "nlu_fallback", 1]]


def test_the_page_escapes_and_names_every_intent(tmp_path: Path) -> None:
    questions = [*QUESTIONS, Question("x", "<b>")]

    _, page = evaluation.write_report(evaluation.report(questions, [*FOUND, ["greet"]]), tmp_path)

    assert "<b>" not in page.read_text().replace("<b>0", "").replace("<b>1", "") and "&lt;b&gt;" in page.read_text()
    assert "bot_confidential" in page.read_text()


def test_a_line_that_is_no_question_is_named(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"text": "hi", "intent": "greet"}\n{"text": "hi"}\n')

    with pytest.raises(ContentError) as caught:
        evaluation.read_questions(file)
    assert ":2:" in caught.value.problems[0]
