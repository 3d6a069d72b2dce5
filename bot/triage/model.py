"""What reads a message: one calibrated probability per cue, from a linear reader of the encoder, a vote of the nearest known
messages, and a linear reader of groups of letters.

Two more heads say whether a text asks for `high` or above, and for `immediate`, whatever the cue: what several cues
share is learned from more examples than each cue has.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812

import numpy as np
import numpy.typing as npt

from bot.errors import ModelError
from bot.triage.groups import Groups, letter_groups
from bot.triage.neighbours import Neighbours
from bot.triage.slips import Vocabulary
from bot.triage.taxonomy import CUES, Tier

Floats = npt.NDArray[np.float32]

EMBEDDING = 384

ABOUT_OTHER = "about:other"
ARRAYS = ("weights", "bias", "slope", "letters", "shift")
TIER_HEADS = ("tier:high", "tier:immediate")
HEADS: tuple[str, ...] = (*CUES, *TIER_HEADS, ABOUT_OTHER)
# Of which tier's head the groups of letters are read for a head: there are too few examples of most cues for groups of their own.
GROUP_OF = {
    **{cue: TIER_HEADS.index("tier:high") for cue in CUES if CUES[cue].tier is Tier.HIGH},
    **{cue: TIER_HEADS.index("tier:immediate") for cue in CUES if CUES[cue].tier is Tier.IMMEDIATE},
    **{head: number for number, head in enumerate(TIER_HEADS)},
}
_GROUPS = [GROUP_OF.get(head, 0) for head in HEADS]


@dataclass(frozen=True, slots=True)
class TriageModel:
    """Weights, known messages and calibration of every head.

    Attributes:
        weights: shape (EMBEDDING, heads).
        bias: shape (heads,).
        slope, letters, shift: what makes a probability of each head's score and of what the groups of letters say of its
            tier (Platt 1999, with two scores), shape (heads,).
        neighbours: the known messages; their votes' logits are added to the linear scores.
        groups: the linear reader of groups of letters, a score for each of `TIER_HEADS`.
        vocabulary: the words of the training messages.
        encoder: SHA-256 of the encoder whose embeddings it reads.
        version: changes when data or method change.
    """

    weights: Floats
    bias: Floats
    slope: Floats
    letters: Floats
    shift: Floats
    neighbours: Neighbours
    groups: Groups
    vocabulary: Vocabulary
    encoder: str
    version: str

    def probabilities(self, embeddings: Floats, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities, shape (texts, heads), for texts and their embeddings, shape (texts, 384)."""
        scores = (embeddings @ self.weights + self.bias + self.neighbours.votes(embeddings)) * self.slope + self.shift
        scores += read_groups(self.groups, texts)[:, _GROUPS] * self.letters
        return np.asarray(1.0 / (1.0 + np.exp(-scores)), dtype=np.float32)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {name: getattr(self, name) for name in ARRAYS} | self.neighbours.arrays()
        arrays |= {"rarity": self.groups.rarity, "group_weights": self.groups.weights}
        part = folder / "model.part.npz"
        np.savez_compressed(part, **arrays)
        part.replace(folder / "model.npz")
        about = {"version": self.version, "encoder": self.encoder, "heads": list(HEADS), "words": self.vocabulary.counts}
        about["groups"] = sorted(self.groups.vocabulary, key=self.groups.vocabulary.__getitem__)
        (folder / "model.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, encoder: str) -> TriageModel:
        """The model in `folder`. Raises `ModelError` when it is missing, damaged, of other cues or of another encoder.

        Args:
            encoder: SHA-256 of the encoder whose embeddings it is to read.
        """
        try:
            about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            if tuple(about["heads"]) != HEADS:
                raise ModelError("The triage model knows other cues; train it again with `handrail train`.")
            if about["encoder"] != encoder:
                raise ModelError("The triage model was trained on another encoder; train it again with `handrail train`.")
            vocabulary = Vocabulary({str(word): int(count) for word, count in about["words"].items()})
            with np.load(folder / "model.npz", allow_pickle=False) as file:
                arrays = {name: file[name].astype(np.float32) for name in ARRAYS}
                neighbours = Neighbours.from_arrays(file)
                known = {str(group): row for row, group in enumerate(about["groups"])}
                groups = Groups(letter_groups, known, file["rarity"], np.ascontiguousarray(file["group_weights"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile, ZlibError) as error:
            raise ModelError("The triage model cannot be read; train it again with `handrail train`.") from error
        fitting = neighbours.known.shape[0] == len(neighbours.labels) and neighbours.labels.shape[1:] == (len(HEADS),)
        fitting = fitting and len(known) == len(groups.rarity) == len(groups.weights)
        if arrays["weights"].shape != (EMBEDDING, len(HEADS)) or not fitting:
            raise ModelError("The triage model has the wrong shape; train it again with `handrail train`.")
        version = str(about["version"])
        return cls(**arrays, neighbours=neighbours, groups=groups, vocabulary=vocabulary, encoder=encoder, version=version)


def read_groups(groups: Groups, texts: Sequence[str]) -> Floats:
    """What the groups of letters say of each text, shape (texts, tier heads)."""
    return np.stack([groups.scores(text) for text in texts]) if texts else np.zeros((0, len(TIER_HEADS)), dtype=np.float32)
