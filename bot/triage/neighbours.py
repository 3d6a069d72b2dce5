"""What the known messages nearest to a text tell: beside the linear readers, a vote of those that lie next to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

AXES = 64  # of the embeddings' 384: what triage's vote needs (docs/evaluation.md), in a sixth of the memory
CELLS = 128  # known texts that lie together are kept together
LOOKED_AT = 16  # cells whose texts may vote: an eighth of all, in which nearly all of the nearest lie
VOTERS = 40
SHARPNESS = 20.0  # how much more a nearer one counts: exp(SHARPNESS * cosine)
ARRAYS = ("axes", "centres", "ends", "known", "labels")
FLOOR = 0.01  # of the vote, so that no vote is a certainty


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Known texts and what each tells, cell by cell (an inverted file, Sivic and Zisserman 2003).

    All of them are more than a processor keeps at hand, so only the cells nearest to a text are looked through.

    Attributes:
        axes: shape (axes, 384), the directions in which known texts differ most.
        centres: shape (cells, axes), the means of cells.
        ends: shape (cells,), the row after the last of each cell.
        known: shape (known texts, axes), each of length 1.
        labels: shape (known texts, heads), 0 or 1.
        voters: how many of the nearest vote.
    """

    axes: Floats
    centres: Floats
    ends: npt.NDArray[np.int64]
    known: Floats
    labels: npt.NDArray[np.uint8]
    voters: int = VOTERS

    @classmethod
    def of(
        cls, embeddings: Floats, labels: npt.NDArray[np.bool_], *, axes: int = AXES, cells: int = CELLS, voters: int = VOTERS
    ) -> Neighbours:
        """Those of `embeddings`, shape (texts, 384), with `labels`, shape (texts, heads); the vote sees `axes` of the 384."""
        from sklearn.cluster import MiniBatchKMeans  # late: only who trains needs it

        spread = embeddings - embeddings.mean(axis=0)
        _, directions = np.linalg.eigh(spread.T @ spread)
        most = np.ascontiguousarray(directions[:, ::-1][:, :axes].T, dtype=np.float32)
        known = _along(most, embeddings)
        means = MiniBatchKMeans(min(cells, len(known)), random_state=1, n_init=1, batch_size=2048).fit(known)
        cell = means.predict(known)
        order = np.argsort(cell, kind="stable")
        ends = np.searchsorted(cell[order], np.arange(len(means.cluster_centers_)), side="right")
        centres = means.cluster_centers_.astype(np.float32)
        return cls(most, centres, ends, np.ascontiguousarray(known[order]), labels[order].astype(np.uint8), voters)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], voters: int = VOTERS) -> Neighbours:
        """Those that `arrays()` gave. Raises `KeyError` when one is missing."""
        axes, centres, ends, known, labels = (np.ascontiguousarray(arrays[name]) for name in ARRAYS)
        return cls(axes, centres, ends, known, labels, voters)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What is to be kept, by name."""
        return {name: getattr(self, name) for name in ARRAYS}

    def votes(self, embeddings: Floats) -> Floats:
        """The logit of the nearest ones' vote for each head, shape (texts, heads)."""
        share = np.stack([self._share(text) for text in _along(self.axes, embeddings)])
        return np.asarray(np.log((share + FLOOR) / (1 + FLOOR - share)), dtype=np.float32)

    def _share(self, text: Floats) -> Floats:
        """Of the votes for each head, shape (heads,); `text` is of shape (axes,)."""
        looked_at = min(LOOKED_AT, len(self.ends))
        cells = np.argpartition(-(self.centres @ text), looked_at - 1)[:looked_at]
        spans = [(self.ends[cell - 1] if cell else 0, self.ends[cell]) for cell in cells]
        likeness = np.concatenate([self.known[start:end] @ text for start, end in spans])
        rows = np.concatenate([np.arange(start, end) for start, end in spans])
        voters = min(self.voters, len(rows))
        nearest = np.argpartition(-likeness, voters - 1)[:voters]
        weight = np.exp(SHARPNESS * (likeness[nearest] - likeness[nearest].max()))
        return np.asarray(weight / weight.sum() @ self.labels[rows[nearest]], dtype=np.float32)


def _along(axes: Floats, embeddings: Floats) -> Floats:
    along = embeddings @ axes.T
    return np.asarray(along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9), dtype=np.float32)
