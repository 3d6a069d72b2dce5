"""Words and groups of letters, beside the sentence vector: they read spellings and words that the encoder never learned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bot.triage.groups import Groups

Floats = npt.NDArray[np.float32]

FEWEST = 2  # examples that a word or group must be in
REGULARISATION = 0.2


class LetterGroups:
    """A linear classifier (one against the rest, squared hinge loss) on words, pairs of words and groups of 3 to 5 letters.

    Its margins are added to the log odds of the sentence vectors' classifier; how much they count was chosen by cross-validation
    on training examples (docs/evaluation.md).
    """

    def __init__(self, vectorisers: tuple[TfidfVectorizer, TfidfVectorizer], weights: Floats, bias: Floats) -> None:
        self._vectorisers = vectorisers
        self._weights = weights
        self._bias = bias
        self._parts, first = [], 0
        for one in vectorisers:
            rarity = one.idf_.astype(np.float32)
            rows = np.ascontiguousarray(weights[:, first : first + len(rarity)].T)
            self._parts.append(Groups(one.build_analyzer(), one.vocabulary_, rarity, rows))
            first += len(rarity)

    @classmethod
    def fitted(cls, texts: list[str], labels: list[str]) -> LetterGroups:
        """Learns from plain texts; the order of classes is that of the sorted labels, of which there must be three or more."""
        vectorisers = _letters(), _words()
        features = hstack([vectoriser.fit_transform(texts) for vectoriser in vectorisers]).tocsr()
        model = LinearSVC(C=REGULARISATION, class_weight="balanced", random_state=1).fit(features, labels)
        return cls(vectorisers, model.coef_.astype(np.float32), model.intercept_.astype(np.float32))

    @classmethod
    def load(cls, folder: Path) -> LetterGroups:
        known: list[dict[str, int]] = json.loads((folder / "groups.json").read_text(encoding="utf-8"))
        arrays = np.load(folder / "groups.npz")
        vectorisers = _letters(vocabulary=known[0]), _words(vocabulary=known[1])
        for vectoriser, rarity in zip(vectorisers, (arrays["rarity_0"], arrays["rarity_1"]), strict=True):
            vectoriser.idf_ = rarity
        return cls(vectorisers, arrays["weights"], arrays["bias"])

    def write(self, folder: Path) -> None:
        known = [{word: int(column) for word, column in one.vocabulary_.items()} for one in self._vectorisers]
        (folder / "groups.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        rarities = {f"rarity_{number}": one.idf_ for number, one in enumerate(self._vectorisers)}
        np.savez(folder / "groups.npz", weights=self._weights, bias=self._bias, **rarities)

    def margins(self, text: str) -> Floats:
        """How far `text`, plain, lies on each class's side, shape (classes,); about -1 for most, above 0 for its own."""
        return np.asarray(sum((part.scores(text) for part in self._parts), self._bias), dtype=np.float32)


def _letters(**known: Any) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=FEWEST, sublinear_tf=True, **known)


def _words(**known: Any) -> TfidfVectorizer:
    return TfidfVectorizer(token_pattern=r"(?u)\b\w+\b", ngram_range=(1, 2), min_df=FEWEST, sublinear_tf=True, **known)
