"""The vote of the nearest known messages, and its place in the model's file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from bot.errors import ModelError
from bot.triage.model import EMBEDDING, HEADS, TriageModel
from bot.triage.neighbours import AXES, VOTERS, Neighbours
from bot.triage.slips import Vocabulary

CHANCE = np.random.default_rng(3)


def around(centre: int, count: int) -> npt.NDArray[np.float32]:
    """Embeddings of length 1 close to one axis."""
    points = CHANCE.normal(0, 0.02, (count, EMBEDDING)).astype(np.float32)
    points[:, centre] += 1
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def neighbours() -> Neighbours:
    """Two heads: the first is told by texts near axis 0 only, the second by nobody."""
    labels = np.zeros((200, 2), dtype=bool)
    labels[:100, 0] = True
    return Neighbours.of(np.concatenate([around(0, 100), around(1, 100)]), labels)


def test_a_text_is_told_by_those_next_to_it(neighbours: Neighbours) -> None:
    like_the_first, like_the_second = neighbours.votes(np.concatenate([around(0, 1), around(1, 1)]))
    assert like_the_first[0] > 4
    assert like_the_second[0] < -4


def test_between_them_the_vote_is_unsure(neighbours: Neighbours) -> None:
    between = around(0, 1) + around(1, 1)
    assert abs(neighbours.votes(between / np.linalg.norm(between))[0, 0]) < 3


def test_what_nobody_tells_is_never_certain_not_to_be(neighbours: Neighbours) -> None:
    assert neighbours.votes(around(0, 1))[0, 1] == pytest.approx(np.log(0.01 / 1.01), abs=1e-3)


def test_fewer_known_texts_than_voters_vote_too() -> None:
    few = Neighbours.of(around(0, VOTERS // 4), np.ones((VOTERS // 4, 1), dtype=bool))
    assert few.votes(around(0, 2)).shape == (2, 1)


def test_the_file_keeps_the_votes(tmp_path: Path) -> None:
    model = made()
    model.save(tmp_path)
    texts = around(0, 3)
    assert np.allclose(TriageModel.load(tmp_path).probabilities(texts), model.probabilities(texts))


def test_a_file_with_known_texts_and_labels_that_do_not_belong_together_is_refused(tmp_path: Path) -> None:
    model = made()
    few = Neighbours(model.neighbours.axes, model.neighbours.known[:-1], model.neighbours.labels)
    TriageModel(model.weights, model.bias, model.slope, model.shift, few, Vocabulary({}), "v").save(tmp_path)
    with pytest.raises(ModelError):
        TriageModel.load(tmp_path)


def made() -> TriageModel:
    heads = len(HEADS)
    near = Neighbours.of(around(0, 90), CHANCE.random((90, heads)) < 0.5)
    assert near.axes.shape == (AXES, EMBEDDING)
    weights = CHANCE.normal(size=(EMBEDDING, heads)).astype(np.float32)
    zeros, ones = np.zeros(heads, dtype=np.float32), np.ones(heads, dtype=np.float32)
    return TriageModel(weights, zeros, ones, zeros, near, Vocabulary({}), "v")
