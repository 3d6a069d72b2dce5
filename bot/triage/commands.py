"""`handrail triage`: labelled lines in, assessments out, with no server running."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.triage.detector import Detector
from bot.triage.questions import Question


def triage_lines(
    detector: Detector, questions: Mapping[str, Question], lines: Iterable[str | bytes]
) -> Iterator[tuple[str, bool]]:
    """One line of JSON for each line in, in order, and whether it could be read.

    Args:
        questions: safety questions by id; `asked` names one of them.
    """
    for line in lines:
        try:
            yield json.dumps(_assessed(detector, questions, line), ensure_ascii=False), True
        except (ValueError, RecursionError) as error:
            reason = str(error) if type(error) is ValueError else "this line is not a JSON object"
            yield json.dumps({"id": None, "error": reason}), False


def _assessed(detector: Detector, questions: Mapping[str, Question], line: str | bytes) -> dict[str, Any]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError("this line is not a JSON object")
    if not isinstance(value.get("id"), str | int) or isinstance(value.get("id"), bool):
        raise ValueError("`id` is missing, or neither a text nor a number")
    if not isinstance(value.get("text"), str):
        raise ValueError("`text` is missing or not a text")
    asked = value.get("asked")
    if asked is not None and not (isinstance(asked, str) and asked in questions):
        raise ValueError("`asked` is not the id of a safety question")
    assessment = detector.assess(value["text"], questions[asked] if asked else None)
    return {
        "id": value["id"],
        "tier": assessment.tier.id,
        "assessed": assessment.assessed.value,
        "cues": [hit.to_dict() for hit in assessment.cues],
        "facts": dict(assessment.facts),
    }
