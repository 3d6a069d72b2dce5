"""Trains what reads the encoder: seconds, deterministic, no TensorFlow. The encoder itself is tuned by `bot.tuning`."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.triage.encoder import Encoder
from bot.triage.examples import Example, held_back, training_examples, training_files
from bot.triage.groups import Groups, letter_groups
from bot.triage.kept import embedded
from bot.triage.model import ABOUT_OTHER, EMBEDDING, GROUP_OF, HEADS, TIER_HEADS, Floats, TriageModel, read_groups
from bot.triage.neighbours import Neighbours
from bot.triage.slips import Vocabulary
from bot.triage.taxonomy import About, Tier
from bot.triage.windows import windows
from bot.triage.words import WordDetector, read_as

log = logging.getLogger(__name__)
Array = npt.NDArray[Any]

STRENGTH = 3.0  # inverse regularisation; from 1 to 100 it hardly matters, see docs/evaluation.md
GROUP_STRENGTH = 10.0  # that of the reader of groups of letters
GROUP_TEXTS = 2  # that a group must be in
FEWEST = 8  # positive examples that a head needs to be trained
METHOD = "tuned-4"


def train(data_dir: Path, model_dir: Path, encoder_file: Path, kept: Path) -> TriageModel:
    """Trains on `data_dir/triage/training`, saves to `model_dir`, and returns the model.

    Args:
        kept: the file of embeddings that this training and the next one share.

    Raises:
        ContentError: an example cannot be used, or there are none.
        ModelError: the encoder cannot be read.
    """
    started = time.monotonic()
    learned = training_examples(data_dir)
    encoder = Encoder.load(encoder_file)
    words = WordDetector.load(data_dir / "triage" / "words.yml")
    examples, texts = _in_windows(learned, [read_as(example.text, words) for example in learned], encoder)
    embeddings = embedded(texts, encoder, kept, os.cpu_count() or 1)
    version = _version(chain(*training_files(data_dir)), encoder_file)
    model = fit(embeddings, texts, examples, encoder.digest, version)
    model.save(model_dir)
    log.info("triage trained on %d messages in %.0f s", len(examples), time.monotonic() - started)
    return model


def fit(embeddings: Floats, texts: Sequence[str], examples: Sequence[Example], encoder: str, version: str) -> TriageModel:
    """Fits every head.

    The encoder has seen all examples but those held back: on these alone the scores are turned into probabilities.

    Args:
        embeddings: of `texts`, shape (examples, EMBEDDING).
        texts: the examples as the encoder reads them.
        encoder: SHA-256 of the encoder.
    """
    labels = np.array([labels_of(example) for example in examples]) > 0.5
    apart = np.array([held_back(example) for example in examples])
    weights = np.zeros((EMBEDDING, len(HEADS)), dtype=np.float32)
    bias = np.full(len(HEADS), -20.0, dtype=np.float32)  # a head without examples never counts
    known = embeddings[~apart]
    neighbours = Neighbours.of(known, labels[~apart])
    votes = neighbours.votes(embeddings[apart])
    groups = _groups([text for text, out in zip(texts, apart, strict=True) if not out], labels[~apart])
    said = read_groups(groups, [text for text, out in zip(texts, apart, strict=True) if out])
    slope, letters, shift = np.ones(len(HEADS), dtype=np.float32), *np.zeros((2, len(HEADS)), dtype=np.float32)

    def fit_head(column: int) -> None:
        wanted, head = labels[:, column], HEADS[column]
        if wanted[~apart].sum() < FEWEST or wanted[apart].sum() == 0:
            return
        fitted = LogisticRegression(C=STRENGTH, class_weight={False: 1.0, True: 2.0}, max_iter=500)
        fitted.fit(known, wanted[~apart])
        weights[:, column], bias[column] = fitted.coef_[0], fitted.intercept_[0]
        scores = embeddings[apart] @ weights[:, column] + bias[column] + votes[:, column]
        beside = said[:, GROUP_OF[head]] if head in GROUP_OF else None
        slope[column], letters[column], shift[column] = _platt(scores, beside, wanted[apart])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fit_head, range(len(HEADS))))
    vocabulary = Vocabulary.of(texts)
    return TriageModel(weights, bias, slope, letters, shift, neighbours, groups, vocabulary, encoder, version)


def _groups(texts: Sequence[str], labels: npt.NDArray[np.bool_]) -> Groups:
    """The linear reader of groups of letters: whether a text asks for each of `TIER_HEADS`."""
    vectoriser = TfidfVectorizer(analyzer=letter_groups, min_df=GROUP_TEXTS, sublinear_tf=True)
    features = vectoriser.fit_transform(texts)
    weights = np.zeros((features.shape[1], len(TIER_HEADS)), dtype=np.float32)
    for column, head in enumerate(TIER_HEADS):
        wanted = labels[:, HEADS.index(head)]
        if wanted.sum() >= FEWEST:
            fitted = LogisticRegression(C=GROUP_STRENGTH, solver="liblinear").fit(features, wanted)
            weights[:, column] = fitted.coef_[0]
    known = {group: int(row) for group, row in vectoriser.vocabulary_.items()}
    return Groups(letter_groups, known, vectoriser.idf_.astype(np.float32), weights)


def _in_windows(
    examples: Sequence[Example], texts: Sequence[str], encoder: Encoder
) -> tuple[Sequence[Example], Sequence[str]]:
    """The examples and their texts, and then each window of the long harmless ones: they are read so, and tell no more in parts.

    Of a long one that tells, nobody has said which of its windows does.
    """
    more = [
        (replace(example, origin=example.origin or example.text), text[start:end])
        for example, text in zip(examples, texts, strict=True)
        if not example.cues
        for spans in [windows(text, encoder.token_count)]
        if len(spans) > 1
        for start, end in spans
    ]
    return [*examples, *(example for example, _ in more)], [*texts, *(text for _, text in more)]


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


def _platt(scores: Array, beside: Array | None, wanted: Array) -> tuple[float, float, float]:
    """Slope, weight of the groups of letters, and shift that turn scores into probabilities (Platt 1999).

    What speaks against a cue where it should speak for it has learned something else, and is left out.
    """
    if beside is not None:
        fitted = LogisticRegression(C=1.0).fit(np.stack([scores, beside], axis=1), wanted)
        if fitted.coef_[0].min() > 0:
            return float(fitted.coef_[0, 0]), float(fitted.coef_[0, 1]), float(fitted.intercept_[0])
    fitted = LogisticRegression(C=1.0).fit(scores.reshape(-1, 1), wanted)
    return float(fitted.coef_[0, 0]), 0.0, float(fitted.intercept_[0])


def _version(files: Iterable[Path], encoder_file: Path) -> str:
    digest = hashlib.sha256(METHOD.encode())
    for file in (*files, encoder_file):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return f"{METHOD}-{digest.hexdigest()[:12]}"
