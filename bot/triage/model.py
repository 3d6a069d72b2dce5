"""The linear model on sentence embeddings and hashed n-grams: one calibrated probability per cue.

Two more heads say whether a text asks for `high` or above, and for `immediate`, whatever the cue: what several cues
share is learned from more examples than each cue has.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.errors import ModelError
from bot.triage.taxonomy import CUES

Floats = npt.NDArray[np.float32]

EMBEDDING = 384
HASHED = 1 << 14
NGRAM_WEIGHT = 0.6  # of the hashed part against the embedding; chosen by cross-validation on the training data
CHARACTERS = (3, 4, 5)
MOST_CHARACTERS = 600  # of one window; n-grams of more add nothing but time

ABOUT_OTHER = "about:other"
TIER_HEADS = ("tier:high", "tier:immediate")
HEADS: tuple[str, ...] = (*CUES, *TIER_HEADS, ABOUT_OTHER)


def hashed_features(text: str) -> tuple[npt.NDArray[np.int64], Floats]:
    """Indices below `HASHED` and values, of length 1 together, of a text's words, word pairs and characters."""
    text = text[:MOST_CHARACTERS]
    words = text.split()
    grams = [f"w{word}" for word in words] + [f"p{first} {second}" for first, second in zip(words, words[1:], strict=False)]
    padded = f" {' '.join(words)} "
    for length in CHARACTERS:
        grams += [padded[start : start + length] for start in range(len(padded) - length + 1)]
    if not grams:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    places = np.fromiter((zlib.crc32(gram.encode("utf-8", "replace")) & (HASHED - 1) for gram in grams), dtype=np.int64)
    indices, counts = np.unique(places, return_counts=True)
    values = 1.0 + np.log(counts)
    return indices, (values / np.linalg.norm(values) * NGRAM_WEIGHT).astype(np.float32)


@dataclass(frozen=True, slots=True)
class TriageModel:
    """Weights, calibration and thresholds of every head.

    Attributes:
        weights: shape (EMBEDDING + HASHED, heads): the few rows that a text has lie together in memory.
        bias: shape (heads,).
        slope, shift: Platt scaling (Platt 1999) of each head's score, shape (heads,).
        thresholds: probability from which a head counts, shape (heads,).
        version: changes when data or method change.
    """

    weights: Floats
    bias: Floats
    slope: Floats
    shift: Floats
    thresholds: Floats
    version: str

    def probabilities(self, embeddings: Floats, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities, shape (texts, heads), for texts and their embeddings, shape (texts, 384)."""
        scores = embeddings @ self.weights[:EMBEDDING] + self.bias
        for row, text in enumerate(texts):
            indices, values = hashed_features(text)
            scores[row] += values @ self.weights[EMBEDDING + indices]
        result: Floats = (1.0 / (1.0 + np.exp(-(scores * self.slope + self.shift)))).astype(np.float32)
        return result

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {name: getattr(self, name) for name in ("weights", "bias", "slope", "shift", "thresholds")}
        arrays["weights"] = arrays["weights"].astype(np.float16)
        part = folder / "model.part.npz"
        np.savez_compressed(part, **arrays)
        part.replace(folder / "model.npz")
        about = {"version": self.version, "heads": list(HEADS)}
        (folder / "model.json").write_text(json.dumps(about, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TriageModel:
        """The model in `folder`. Raises `ModelError` when it is missing, damaged or of another vocabulary."""
        try:
            about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            if tuple(about["heads"]) != HEADS:
                raise ModelError("The triage model knows other cues; train it again with `handrail train`.")
            with np.load(folder / "model.npz", allow_pickle=False) as file:
                arrays = {name: file[name].astype(np.float32) for name in ("weights", "bias", "slope", "shift", "thresholds")}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError("The triage model cannot be read; train it again with `handrail train`.") from error
        if arrays["weights"].shape != (EMBEDDING + HASHED, len(HEADS)):
            raise ModelError("The triage model has the wrong shape; train it again with `handrail train`.")
        return cls(**arrays, version=str(about["version"]))
