"""Embeddings that training made and will want again: an example that was not changed is not embedded a second time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from bot.triage.encoder import DIMENSIONS, Encoder

Floats = npt.NDArray[np.float32]


def embedded(texts: Sequence[str], encoder: Encoder, file: Path, threads: int) -> Floats:
    """The embeddings of `texts`, shape (texts, 384), as `encoder` gives them; those of before are taken from `file`.

    The file holds numbers and hashes only. It then holds these texts and no others; a damaged one, or one of another encoder,
    counts as empty.
    """
    keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16] for text in texts]
    known = _read(file, encoder.digest)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    known.update(zip(missing, encoder.encode(list(missing.values()), threads), strict=True))
    found = np.stack([known[key] for key in keys]) if keys else np.zeros((0, DIMENSIONS), dtype=np.float32)
    if missing:
        part = file.with_suffix(".part.npz")
        np.savez(part, encoder=encoder.digest, keys=np.frombuffer(b"".join(keys), dtype=np.uint8), embeddings=found)
        part.replace(file)
    return found


def _read(file: Path, digest: str) -> dict[bytes, Floats]:
    try:
        with np.load(file, allow_pickle=False) as kept:
            if str(kept["encoder"]) != digest:
                return {}
            keys, embeddings = kept["keys"].reshape(-1, 16), kept["embeddings"]
            if embeddings.shape != (len(keys), DIMENSIONS) or embeddings.dtype != np.float32:
                return {}
            return {key.tobytes(): row for key, row in zip(keys, embeddings, strict=True)}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}
