"""Trains the triage model from the labelled examples alone: seconds, deterministic, no TensorFlow."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from bot.errors import ContentError
from bot.triage.encoder import Encoder
from bot.triage.examples import Example, read_examples
from bot.triage.model import ABOUT_OTHER, EMBEDDING, HASHED, HEADS, Floats, TriageModel, hashed_features
from bot.triage.normalisation import normalise
from bot.triage.taxonomy import CUES, About, Tier

log = logging.getLogger(__name__)
Array = npt.NDArray[Any]

FOLDS = 5
STRENGTH = 6.0  # inverse regularisation; chosen by cross-validation on the training data
FEWEST = 8  # positive examples that a head needs to be trained
METHOD = "linear-2"

# How many harmless messages in 1,000 a head may flag on held-out folds, by the tier that it would raise.
FALSE_ALARMS = {Tier.IMMEDIATE: 2.0, Tier.HIGH: 3.0, Tier.ELEVATED: 15.0, Tier.NONE: 10.0}


def train(data_dir: Path, model_dir: Path, encoder_file: Path) -> TriageModel:
    """Trains on `data_dir/triage/training/*.jsonl`, saves to `model_dir`, and returns the model.

    Raises:
        ContentError: an example cannot be used, or there are none.
        ModelError: the encoder cannot be read.
    """
    started = time.monotonic()
    files = sorted((data_dir / "triage" / "training").glob("*.jsonl"))
    examples = read_examples(files)
    if not examples:
        raise ContentError([f"{data_dir / 'triage' / 'training'}:1: there are no examples to train on"])
    encoder = Encoder.load(encoder_file)
    texts = [normalise(example.text).text for example in examples]
    embeddings = encoder.encode(texts)
    features = _features(embeddings, texts)
    model = fit(features, examples, version=_version(files, encoder_file))
    model.save(model_dir)
    log.info("triage trained on %d messages in %.0f s", len(examples), time.monotonic() - started)
    return model


def fit(features: csr_matrix, examples: Sequence[Example], version: str) -> TriageModel:
    """Fits every head on `features`, shape (examples, EMBEDDING + HASHED), with calibration and thresholds out of fold."""
    labels = np.array([[_label(example, head) for head in HEADS] for example in examples], dtype=bool)
    tiers = np.array([int(example.tier) for example in examples])
    weights = np.zeros((EMBEDDING + HASHED, len(HEADS)), dtype=np.float32)
    bias = np.full(len(HEADS), -20.0, dtype=np.float32)
    slope, shift = np.ones(len(HEADS), dtype=np.float32), np.zeros(len(HEADS), dtype=np.float32)
    thresholds = np.full(len(HEADS), 2.0, dtype=np.float32)  # a head without examples never counts
    for row, head in enumerate(HEADS):
        wanted = labels[:, row]
        if wanted.sum() < FEWEST:
            continue
        held_out = _held_out_scores(features, wanted)
        slope[row], shift[row] = _platt(held_out, wanted)
        probability = 1.0 / (1.0 + np.exp(-(held_out * slope[row] + shift[row])))
        thresholds[row] = _threshold(probability, wanted, tiers, head)
        final = _classifier().fit(features, wanted)
        weights[:, row], bias[row] = final.coef_[0], final.intercept_[0]
    return TriageModel(weights, bias, slope, shift, thresholds, version)


def _label(example: Example, head: str) -> bool:
    if head == "tier:high":
        return example.tier >= Tier.HIGH
    if head == "tier:immediate":
        return example.tier is Tier.IMMEDIATE
    if head == ABOUT_OTHER:
        return example.about is About.OTHER
    return head in example.cues


def _classifier() -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, class_weight={False: 1.0, True: 2.0}, solver="liblinear", random_state=7)


def _held_out_scores(features: csr_matrix, wanted: Array) -> Array:
    scores = np.zeros(len(wanted))
    for train_rows, test_rows in KFold(FOLDS, shuffle=True, random_state=7).split(wanted):
        fitted = _classifier().fit(features[train_rows], wanted[train_rows])
        scores[test_rows] = fitted.decision_function(features[test_rows])
    return scores


def _platt(scores: Array, wanted: Array) -> tuple[float, float]:
    fitted = LogisticRegression(C=1e3, solver="lbfgs").fit(scores.reshape(-1, 1), wanted)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _threshold(probability: Array, wanted: Array, tiers: Array, head: str) -> float:
    """The lowest threshold whose false alarms stay within bounds, but where missing costs more than 0.5 at most."""
    tier = {"tier:high": Tier.HIGH, "tier:immediate": Tier.IMMEDIATE}.get(head)
    tier = tier if tier is not None else CUES[head].tier if head in CUES else Tier.NONE
    others = np.sort(probability[~wanted & (tiers < max(int(tier), 1))])[::-1]
    allowed = int(len(others) * FALSE_ALARMS[tier] / 1000)
    bound = float(others[allowed]) + 1e-4 if len(others) > allowed else 0.5
    most = {Tier.IMMEDIATE: 0.6, Tier.HIGH: 0.5}.get(tier, 0.6)
    return min(max(bound, 0.12 if tier >= Tier.HIGH else 0.25), most)


def _features(embeddings: Floats, texts: Sequence[str]) -> csr_matrix:
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        indices, strengths = hashed_features(text)
        rows.append(np.full(len(indices), row))
        columns.append(indices)
        values.append(strengths)
    hashed = csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(len(texts), HASHED), dtype=np.float32
    )
    return csr_matrix(hstack([csr_matrix(embeddings), hashed]))


def _version(files: Sequence[Path], encoder_file: Path) -> str:
    digest = hashlib.sha256(METHOD.encode())
    for file in (*files, encoder_file):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return f"{METHOD}-{digest.hexdigest()[:12]}"
