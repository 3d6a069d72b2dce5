"""Embeddings are made once for each text, and never mistaken for another encoder's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.triage.kept import embedded


class Counting:
    """An encoder that says which texts it was given."""

    def __init__(self, digest: str) -> None:
        self.digest = digest
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], threads: int = 1) -> Any:
        self.asked += texts
        return np.array([[len(text), len(self.digest), *[0] * 382] for text in texts], dtype=np.float32).reshape(-1, 384)


def test_only_what_is_new_is_embedded(tmp_path: Path) -> None:
    file, encoder = tmp_path / "kept.npz", Counting("one")
    first = embedded(["a", "bb", "a"], encoder, file, 1)  # type: ignore[arg-type]
    second = embedded(["ccc", "bb"], encoder, file, 1)  # type: ignore[arg-type]
    assert encoder.asked == ["a", "bb", "ccc"]
    assert first[:, 0].tolist() == [1, 2, 1]
    assert second[:, 0].tolist() == [3, 2]


def test_what_is_no_example_any_more_is_forgotten(tmp_path: Path) -> None:
    file, encoder = tmp_path / "kept.npz", Counting("one")
    for texts in (["a", "bb"], ["bb", "ccc"], ["a"]):
        embedded(texts, encoder, file, 1)  # type: ignore[arg-type]
    assert encoder.asked == ["a", "bb", "ccc", "a"]


@pytest.mark.parametrize("spoilt", ["another encoder", "damaged", "cut"])
def test_a_file_that_cannot_be_trusted_counts_as_empty(tmp_path: Path, spoilt: str) -> None:
    file = tmp_path / "kept.npz"
    embedded(["a"], Counting("one"), file, 1)  # type: ignore[arg-type]
    if spoilt == "damaged":
        file.write_bytes(b"no numbers")
    if spoilt == "cut":
        file.write_bytes(file.read_bytes()[:400])
    encoder = Counting("three" if spoilt == "another encoder" else "one")
    found = embedded(["a"], encoder, file, 1)  # type: ignore[arg-type]
    assert encoder.asked == ["a"]
    assert found[0, 1] == len(encoder.digest)
