"""Trains what reads the encoder: seconds, deterministic, no TensorFlow. The encoder itself is tuned by `bot.tuning`."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from bot.triage.encoder import Encoder
from bot.triage.examples import Example, held_back, training_examples, training_files
from bot.triage.model import ABOUT_OTHER, EMBEDDING, HEADS, Floats, TriageModel
from bot.triage.neighbours import Neighbours
from bot.triage.normalisation import normalise
from bot.triage.slips import Vocabulary
from bot.triage.taxonomy import About, Tier
from bot.triage.words import WordDetector

log = logging.getLogger(__name__)
Array = npt.NDArray[Any]

STRENGTH = 3.0  # inverse regularisation; from 1 to 100 it hardly matters, see docs/evaluation.md
FEWEST = 8  # positive examples that a head needs to be trained
METHOD = "tuned-3"


def train(data_dir: Path, model_dir: Path, encoder_file: Path) -> TriageModel:
    """Trains on `data_dir/triage/training`, saves to `model_dir`, and returns the model.

    Raises:
        ContentError: an example cannot be used, or there are none.
        ModelError: the encoder cannot be read.
    """
    started = time.monotonic()
    examples = training_examples(data_dir)
    encoder = Encoder.load(encoder_file)
    words = WordDetector.load(data_dir / "triage" / "words.yml")
    texts = [read_as(example.text, words) for example in examples]
    embeddings = encoder.encode(texts, threads=os.cpu_count() or 1)
    version = _version(chain(*training_files(data_dir)), encoder_file)
    model = fit(embeddings, examples, Vocabulary.of(texts), version)
    model.save(model_dir)
    log.info("triage trained on %d messages in %.0f s", len(examples), time.monotonic() - started)
    return model


def fit(embeddings: Floats, examples: Sequence[Example], vocabulary: Vocabulary, version: str) -> TriageModel:
    """Fits every head on `embeddings`, shape (examples, EMBEDDING).

    The encoder has seen all examples but those held back: on these alone the scores are turned into probabilities.
    """
    labels = np.array([labels_of(example) for example in examples]) > 0.5
    apart = np.array([held_back(example) for example in examples])
    weights = np.zeros((EMBEDDING, len(HEADS)), dtype=np.float32)
    bias = np.full(len(HEADS), -20.0, dtype=np.float32)  # a head without examples never counts
    neighbours = Neighbours.of(embeddings[~apart], labels[~apart])
    votes = neighbours.votes(embeddings[apart])
    slope, shift = np.ones(len(HEADS), dtype=np.float32), np.zeros(len(HEADS), dtype=np.float32)
    for column in range(len(HEADS)):
        wanted = labels[:, column]
        if wanted[~apart].sum() < FEWEST or wanted[apart].sum() == 0:
            continue
        fitted = LogisticRegression(C=STRENGTH, class_weight={False: 1.0, True: 2.0}, max_iter=500)
        fitted.fit(embeddings[~apart], wanted[~apart])
        weights[:, column], bias[column] = fitted.coef_[0], fitted.intercept_[0]
        scores = embeddings[apart] @ weights[:, column] + bias[column] + votes[:, column]
        slope[column], shift[column] = _platt(scores, wanted[apart])
    return TriageModel(weights, bias, slope, shift, neighbours, vocabulary, version)


def read_as(text: str, words: WordDetector) -> str:
    """A message as the encoder reads it: normalised, and without idioms that would colour the rest."""
    return words.plain(normalise(text)) or "."


def labels_of(example: Example) -> Floats:
    """One number, 0 or 1, for each of `HEADS`."""
    return np.array([_label(example, head) for head in HEADS], dtype=np.float32)


def _label(example: Example, head: str) -> bool:
    if head == "tier:high":
        return example.tier >= Tier.HIGH
    if head == "tier:immediate":
        return example.tier is Tier.IMMEDIATE
    if head == ABOUT_OTHER:
        return example.about is About.OTHER
    return head in example.cues


def _platt(scores: Array, wanted: Array) -> tuple[float, float]:
    """Slope and shift that turn scores into probabilities (Platt 1999)."""
    fitted = LogisticRegression(C=1.0).fit(scores.reshape(-1, 1), wanted)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _version(files: Iterable[Path], encoder_file: Path) -> str:
    digest = hashlib.sha256(METHOD.encode())
    for file in (*files, encoder_file):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return f"{METHOD}-{digest.hexdigest()[:12]}"
