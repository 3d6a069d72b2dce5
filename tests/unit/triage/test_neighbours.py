"""The vote of the nearest known messages, and its place in the model's file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from bot.errors import ModelError
from bot.triage.groups import Groups, letter_groups
from bot.triage.model import EMBEDDING, GROUP_OF, HEADS, TriageModel
from bot.triage.neighbours import AXES, CELLS, VOTERS, Neighbours
from bot.triage.slips import Vocabulary
from bot.triage.taxonomy import CUES, Tier

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
    said = ["abc", "cab", "what nobody knows"]
    assert np.allclose(TriageModel.load(tmp_path, "e").probabilities(texts, said), model.probabilities(texts, said))


def test_a_file_with_known_texts_and_labels_that_do_not_belong_together_is_refused(tmp_path: Path) -> None:
    model = made()
    few = dataclasses.replace(model.neighbours, known=model.neighbours.known[:-1])
    dataclasses.replace(model, neighbours=few).save(tmp_path)
    with pytest.raises(ModelError, match="wrong shape"):
        TriageModel.load(tmp_path, "e")


@pytest.mark.parametrize("file", ["model.json", "model.npz"])
@pytest.mark.parametrize("spoilt", ["cut", "overwritten", "empty"])
def test_a_spoilt_file_is_refused_as_what_it_is(tmp_path: Path, file: str, spoilt: str) -> None:
    made().save(tmp_path)
    whole = (tmp_path / file).read_bytes()
    middle = len(whole) // 2
    there = {"cut": whole[:middle], "overwritten": whole[: middle - 300] + bytes(600) + whole[middle + 300 :], "empty": b""}
    (tmp_path / file).write_bytes(there[spoilt])
    with pytest.raises(ModelError):
        TriageModel.load(tmp_path, "e")


def test_a_model_of_another_encoder_is_refused(tmp_path: Path) -> None:
    made().save(tmp_path)
    with pytest.raises(ModelError, match="another encoder"):
        TriageModel.load(tmp_path, "f")


def test_groups_of_letters_raise_the_heads_of_their_tier_and_no_others() -> None:
    model = made()
    text = around(0, 1)
    without, with_them = model.probabilities(text, ["zzz"])[0], model.probabilities(text, ["abc"])[0]
    raised = {head for head, before, after in zip(HEADS, without, with_them, strict=True) if after > before}
    assert raised == {cue for cue in CUES if CUES[cue].tier is Tier.HIGH} | {"tier:high"}


def test_looking_through_some_cells_finds_what_looking_through_all_does() -> None:
    points = np.concatenate([around(axis, 20) for axis in range(150)])
    labels = CHANCE.random((len(points), 3)) < 0.5
    some = Neighbours.of(points, labels)
    assert len(some.ends) == CELLS
    in_one_cell = dataclasses.replace(some, centres=some.centres[:1], ends=some.ends[-1:])
    texts = np.concatenate([around(axis, 1) for axis in range(150)])
    assert np.mean(np.abs(some.votes(texts) - in_one_cell.votes(texts)) < 0.01) > 0.95


def made() -> TriageModel:
    """A model in which the group "ab" speaks for `tier:high`."""
    heads = len(HEADS)
    near = Neighbours.of(around(0, 90), CHANCE.random((90, heads)) < 0.5)
    assert near.axes.shape == (AXES, EMBEDDING)
    weights = CHANCE.normal(size=(EMBEDDING, heads)).astype(np.float32)
    zeros, ones = np.zeros(heads, dtype=np.float32), np.ones(heads, dtype=np.float32)
    letters = np.array([head in GROUP_OF for head in HEADS], dtype=np.float32)
    groups = Groups(letter_groups, {"ab": 0}, np.ones(1, dtype=np.float32), np.array([[2.0, 0.0]], dtype=np.float32))
    return TriageModel(weights, zeros, ones, letters, zeros, near, groups, Vocabulary({}), "e", "v")
