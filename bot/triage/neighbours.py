"""What the known messages nearest to a text tell: beside the linear readers, a vote of those that lie next to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

AXES = 64  # of the embeddings' 384: what the vote needs (docs/evaluation.md), in a sixth of the memory
VOTERS = 40
SHARPNESS = 20.0  # how much more a nearer one counts: exp(SHARPNESS * cosine)
FLOOR = 0.01  # of the vote, so that no vote is a certainty


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Known texts and what each tells.

    Attributes:
        axes: shape (AXES, 384), the directions in which known texts differ most.
        known: shape (known texts, AXES), each of length 1.
        labels: shape (known texts, heads), 0 or 1.
    """

    axes: Floats
    known: Floats
    labels: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, embeddings: Floats, labels: npt.NDArray[np.bool_]) -> Neighbours:
        """Those of `embeddings`, shape (texts, 384), with `labels`, shape (texts, heads)."""
        spread = embeddings - embeddings.mean(axis=0)
        _, directions = np.linalg.eigh(spread.T @ spread)
        axes = np.ascontiguousarray(directions[:, ::-1][:, :AXES].T, dtype=np.float32)
        return cls(axes, _along(axes, embeddings), labels.astype(np.uint8))

    def votes(self, embeddings: Floats) -> Floats:
        """The logit of the nearest ones' vote for each head, shape (texts, heads)."""
        likeness = _along(self.axes, embeddings) @ self.known.T
        voters = min(VOTERS, likeness.shape[1])
        nearest = np.argpartition(-likeness, voters - 1, axis=1)[:, :voters]
        close = np.take_along_axis(likeness, nearest, axis=1)
        weight = np.exp(SHARPNESS * (close - close.max(axis=1, keepdims=True)))
        weight /= weight.sum(axis=1, keepdims=True)
        share = np.einsum("tv,tvh->th", weight, self.labels[nearest])
        return np.asarray(np.log((share + FLOOR) / (1 + FLOOR - share)), dtype=np.float32)


def _along(axes: Floats, embeddings: Floats) -> Floats:
    along = embeddings @ axes.T
    return np.asarray(along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9), dtype=np.float32)
