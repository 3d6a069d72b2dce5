"""Words and groups of letters: our quick way gives what the vectorisers and the classifier give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import hstack

from bot.engine.components.letter_groups import LetterGroups

EXAMPLES = {
    "fake": ["is this job fake", "how can i tell that a job is fake", "fake job or not", "the job sounds fake to me"],
    "block": ["how do i block him", "block someone", "can i block this person for good", "i want to block her"],
    "person": ["talk to a person", "is there a person i can talk to", "i want a real person", "person please"],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]


@pytest.fixture(scope="module")
def groups() -> LetterGroups:
    return LetterGroups.fitted(TEXTS, LABELS)


@pytest.mark.parametrize("text", ["is this job fake", "job job job", "plz block dis guy", "zzz", "", "über ok é"])
def test_margins_are_those_of_the_vectorisers_and_the_classifier(groups: LetterGroups, text: str) -> None:
    features = hstack([one.transform([text]) for one in groups._vectorisers]).tocsr()
    theirs = features @ groups._weights.T + groups._bias
    assert np.allclose(groups.margins(text), theirs[0], atol=1e-5)


def test_what_is_read_from_the_file_gives_the_same(groups: LetterGroups, tmp_path: Path) -> None:
    groups.write(tmp_path)
    again = LetterGroups.load(tmp_path)
    assert all(np.allclose(groups.margins(text), again.margins(text)) for text in TEXTS)
    assert [sorted(EXAMPLES)[int(again.margins(text).argmax())] for text in TEXTS] == LABELS
