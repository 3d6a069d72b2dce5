"""Groups of letters: the same as scikit-learn finds and weighs, without it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.triage.groups import LONGEST, SHORTEST, Groups, letter_groups

THEIRS = TfidfVectorizer(analyzer="char_wb", ngram_range=(SHORTEST, LONGEST), sublinear_tf=True)
TEXTS = ["he has pics of me", "is this job real", "i cant go home tonight", "good night", "is he real lol"]


@given(st.text())
def test_any_text_has_the_groups_that_scikit_learn_finds(text: str) -> None:
    assert sorted(letter_groups(text)) == sorted(THEIRS.build_analyzer()(text))


@pytest.mark.parametrize("text", [*TEXTS, "home home home", "zzz", "", "é ü 1"])
def test_scores_are_those_of_the_vectoriser_and_a_linear_model(text: str) -> None:
    fitted = TfidfVectorizer(analyzer=letter_groups, sublinear_tf=True).fit(TEXTS)
    weights = np.random.default_rng(1).normal(size=(len(fitted.vocabulary_), 2)).astype(np.float32)
    groups = Groups(letter_groups, fitted.vocabulary_, fitted.idf_.astype(np.float32), weights)
    assert np.allclose(groups.scores(text), (fitted.transform([text]) @ weights)[0], atol=1e-5)
