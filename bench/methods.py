"""Compares ways of hearing serious messages, all trained on the same data and measured on the same evaluation set.

    python -m bench.methods

What is told apart is `high` or `immediate` from everything below. Every method gives a score; where a curve is needed, all
scores are used, so no method profits from a threshold that was chosen for it. Takes some minutes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from bot.settings import load_settings
from bot.triage.encoder import Encoder, package_weights, write_encoder
from bot.triage.examples import Example, read_examples, training_examples
from bot.triage.neighbours import Neighbours
from bot.triage.normalisation import normalise
from bot.triage.taxonomy import CUES, Tier
from bot.triage.words import WordDetector, read_as

Scores = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.float32]

NEIGHBOURS = 15
PRECISION = 0.7  # the published systems that triage is compared with report recall near this precision
FALSE_ALARMS = 0.05  # of near-misses
COLUMNS = ("AUC", "average precision", "recall at 0.70 precision", "of hidden ones", "recall, 5 % of near-misses flagged")
HIDDEN = frozenset({"indirect", "coded", "misspelt", "mixed", "third_person"})


@dataclass(frozen=True, slots=True)
class Sets:
    """Texts and labels; `serious` is True at `high` and above."""

    training: Sequence[Example]
    measured: Sequence[Example]

    @property
    def serious(self) -> npt.NDArray[np.bool_]:
        return np.array([example.tier >= Tier.HIGH for example in self.training])


def main() -> int:
    settings = load_settings()
    data = settings.data_dir
    measured = read_examples([data / "triage" / "evaluation" / "messages.jsonl"])
    sets = Sets(training_examples(data), measured)
    words = WordDetector.load(data / "triage" / "words.yml")
    print(f"{len(sets.training)} texts to train on, {len(measured)} to measure on\n")
    print(f"| method | {' | '.join(COLUMNS)} |\n| --- |{' ---: |' * len(COLUMNS)}")

    def say(name: str, scores: Scores) -> Scores:
        print(f"| {name} | {' | '.join(f'{figure:.3f}' for figure in figures(measured, scores))} |", flush=True)
        return scores

    def read(text: str) -> str:
        return read_as(text, words)

    say("words and patterns alone", np.array([float(_heard(words, example)) for example in measured]))
    say("character n-grams, text as it is", n_grams(sets, str.lower))
    grams = say("character n-grams, normalised", n_grams(sets, read))
    with tempfile.TemporaryDirectory() as folder:
        frozen = Path(folder) / "frozen.onnx"
        write_encoder(package_weights(), frozen)
        encoder = Encoder.load(frozen)
        trained, seen = embeddings(encoder, sets, read)
        linear_frozen = say("frozen MiniLM, linear", linear(sets, trained, seen))
        say("frozen MiniLM, nearest neighbours", nearest(sets, trained, seen))
        say("frozen MiniLM, linear, with n-grams", linear_frozen + grams)
    encoder = Encoder.load(settings.encoder_file)
    trained, seen = embeddings(encoder, sets, str)
    say("tuned MiniLM, linear, text as it is", linear(sets, trained, seen))
    trained, seen = embeddings(encoder, sets, read)
    tuned = say("tuned MiniLM, linear, normalised", linear(sets, trained, seen))
    say("tuned MiniLM, nearest neighbours", nearest(sets, trained, seen))
    voted = say("tuned MiniLM, linear, and a vote of the nearest", tuned + vote(sets, trained, seen))
    say("tuned MiniLM, linear, with n-grams", tuned + grams)
    say("tuned MiniLM, linear, a vote and n-grams (what is used)", voted + grams)
    return 0


def figures(measured: Sequence[Example], scores: Scores) -> tuple[float, float, float, float, float]:
    """AUC, average precision, recall at `PRECISION`, that of the hidden ones, recall at `FALSE_ALARMS` of near-misses."""
    serious = np.array([example.tier >= Tier.HIGH for example in measured])
    hidden = np.array([example.style in HIDDEN for example in measured]) & serious
    near = np.array([example.style == "near_miss" and not example.cues for example in measured])
    precision, recall, thresholds = precision_recall_curve(serious, scores)
    enough = np.flatnonzero(precision[:-1] >= PRECISION)
    at = thresholds[enough[0]] if len(enough) else np.inf
    quiet = np.quantile(scores[near], 1 - FALSE_ALARMS)
    return (
        float(roc_auc_score(serious, scores)),
        float(average_precision_score(serious, scores)),
        float((scores[serious] >= at).mean()),
        float((scores[hidden] >= at).mean()),
        float((scores[serious] > quiet).mean()),
    )


def n_grams(sets: Sets, read: Callable[[str], str]) -> Scores:
    """Log odds by logistic regression on character n-grams within words."""
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
    trained = vectoriser.fit_transform([read(example.text) for example in sets.training])
    fitted = LogisticRegression(C=10.0, max_iter=300).fit(trained, sets.serious)
    return np.asarray(fitted.decision_function(vectoriser.transform([read(example.text) for example in sets.measured])))


def linear(sets: Sets, trained: Vectors, seen: Vectors) -> Scores:
    """Log odds by logistic regression on embeddings."""
    return np.asarray(LogisticRegression(C=3.0, max_iter=500).fit(trained, sets.serious).decision_function(seen))


def nearest(sets: Sets, trained: Vectors, seen: Vectors) -> Scores:
    """The mean likeness of the serious ones among the nearest, less that of the others."""
    likeness = seen @ trained.T
    rows = np.argpartition(-likeness, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    signs = np.where(sets.serious, 1.0, -1.0)
    return np.asarray((np.take_along_axis(likeness, rows, axis=1) * signs[rows]).mean(axis=1))


def vote(sets: Sets, trained: Vectors, seen: Vectors) -> Scores:
    """Log odds by the vote that triage takes, `bot.triage.neighbours`."""
    return np.asarray(Neighbours.of(trained, sets.serious.reshape(-1, 1)).votes(seen)[:, 0], dtype=np.float64)


def embeddings(encoder: Encoder, sets: Sets, read: Callable[[str], str]) -> tuple[Vectors, Vectors]:
    training, measured = ([read(example.text) or "." for example in part] for part in (sets.training, sets.measured))
    return encoder.encode(training, threads=2), encoder.encode(measured, threads=2)


def _heard(words: WordDetector, example: Example) -> int:
    return max((int(CUES[hit.cue].tier) for hit in words.listen(normalise(example.text)).hits), default=0)


if __name__ == "__main__":
    raise SystemExit(main())
