"""What reads the encoder: one calibrated probability per cue, from a linear reader and a vote of the nearest known messages.

Two more heads say whether a text asks for `high` or above, and for `immediate`, whatever the cue: what several cues
share is learned from more examples than each cue has.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.errors import ModelError
from bot.triage.neighbours import Neighbours
from bot.triage.slips import Vocabulary
from bot.triage.taxonomy import CUES

Floats = npt.NDArray[np.float32]

EMBEDDING = 384

ABOUT_OTHER = "about:other"
ARRAYS = ("weights", "bias", "slope", "shift")
NEAR = ("axes", "known", "labels")
TIER_HEADS = ("tier:high", "tier:immediate")
HEADS: tuple[str, ...] = (*CUES, *TIER_HEADS, ABOUT_OTHER)


@dataclass(frozen=True, slots=True)
class TriageModel:
    """Weights, known messages and calibration of every head.

    Attributes:
        weights: shape (EMBEDDING, heads).
        bias: shape (heads,).
        slope, shift: Platt scaling (Platt 1999) of each head's score, shape (heads,).
        neighbours: the known messages; their votes' logits are added to the linear scores.
        vocabulary: the words of the training messages.
        version: changes when data or method change.
    """

    weights: Floats
    bias: Floats
    slope: Floats
    shift: Floats
    neighbours: Neighbours
    vocabulary: Vocabulary
    version: str

    def probabilities(self, embeddings: Floats) -> Floats:
        """Calibrated probabilities, shape (texts, heads), for embeddings, shape (texts, 384)."""
        scores = embeddings @ self.weights + self.bias + self.neighbours.votes(embeddings)
        result: Floats = (1.0 / (1.0 + np.exp(-(scores * self.slope + self.shift)))).astype(np.float32)
        return result

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {name: getattr(self, name) for name in ARRAYS} | {name: getattr(self.neighbours, name) for name in NEAR}
        part = folder / "model.part.npz"
        np.savez_compressed(part, **arrays)
        part.replace(folder / "model.npz")
        about = {"version": self.version, "heads": list(HEADS), "words": self.vocabulary.counts}
        (folder / "model.json").write_text(json.dumps(about, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TriageModel:
        """The model in `folder`. Raises `ModelError` when it is missing, damaged or of another vocabulary."""
        try:
            about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            if tuple(about["heads"]) != HEADS:
                raise ModelError("The triage model knows other cues; train it again with `handrail train`.")
            vocabulary = Vocabulary({str(word): int(count) for word, count in about["words"].items()})
            with np.load(folder / "model.npz", allow_pickle=False) as file:
                arrays = {name: file[name].astype(np.float32) for name in ARRAYS}
                neighbours = Neighbours(*(np.ascontiguousarray(file[name]) for name in NEAR))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError("The triage model cannot be read; train it again with `handrail train`.") from error
        fitting = neighbours.known.shape[0] == len(neighbours.labels) and neighbours.labels.shape[1:] == (len(HEADS),)
        if arrays["weights"].shape != (EMBEDDING, len(HEADS)) or not fitting:
            raise ModelError("The triage model has the wrong shape; train it again with `handrail train`.")
        return cls(**arrays, neighbours=neighbours, vocabulary=vocabulary, version=str(about["version"]))
