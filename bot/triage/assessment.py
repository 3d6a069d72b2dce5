"""What triage says about one message."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.triage.taxonomy import CUES, About, Assessed, FactValue, Tier, most_serious


@dataclass(frozen=True, slots=True)
class Embedded:
    """A message as the encoder embedded it, for whoever reads the same message next.

    Attributes:
        encoder: SHA-256 of the encoder.
        vector: 384 numbers of float32, as they lie in memory (both readers are on one machine).
    """

    encoder: str
    vector: bytes

    def to_dict(self) -> dict[str, str]:
        return {"encoder": self.encoder, "vector": b64encode(self.vector).decode("ascii")}

    @classmethod
    def from_dict(cls, value: Mapping[str, str]) -> Embedded:
        return cls(value["encoder"], b64decode(value["vector"]))


@dataclass(frozen=True, slots=True)
class CueHit:
    """One cue heard in a message.

    Attributes:
        cue: id from `taxonomy.CUES`.
        score: calibrated probability in [0, 1]; 1.0 for a word or an answer that settles it.
        about: whom it is about.
        evidence: the piece of the raw text that told, verbatim; may be empty only for answers to questions.
    """

    cue: str
    score: float
    about: About
    evidence: str

    def to_dict(self) -> dict[str, Any]:
        return {"cue": self.cue, "score": round(self.score, 4), "about": self.about.value, "evidence": self.evidence}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> CueHit:
        if value["cue"] not in CUES:
            raise ValueError(f"unknown cue {value['cue']!r}")
        return cls(value["cue"], float(value["score"]), About(value["about"]), str(value["evidence"]))


@dataclass(frozen=True, slots=True)
class Assessment:
    """Cues, facts and tier of one message.

    Attributes:
        tier: what this message alone asks for. `ELEVATED` without cues when only words were read and none hit;
            `HIGH` without cues when nothing could be assessed.
        assessed: how much of triage ran.
        cues: most serious first, each cue at most once.
        facts: by id of `taxonomy.FACTS`; `yes`/`no`, or for `country` and `deadline` the value said.
        unclear: something was half heard (triage.md, rule 8): one gentle question is due.
        model: version of the model that scored, or "" when none did.
        embedded: the message, where one embedding holds the whole of it. It is nobody's judgement, so it is not kept.
    """

    tier: Tier
    assessed: Assessed
    cues: tuple[CueHit, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    unclear: bool = False
    model: str = ""
    embedded: Embedded | None = field(default=None, compare=False, repr=False)

    @property
    def cue_ids(self) -> tuple[str, ...]:
        return tuple(hit.cue for hit in self.cues)

    def to_dict(self) -> dict[str, Any]:
        return {
            "tier": self.tier.id,
            "assessed": self.assessed.value,
            "cues": [hit.to_dict() for hit in self.cues],
            "facts": dict(self.facts),
            "unclear": self.unclear,
            "model": self.model,
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Assessment:
        return cls(
            tier=Tier.from_id(value["tier"]),
            assessed=Assessed(value["assessed"]),
            cues=tuple(CueHit.from_dict(hit) for hit in value.get("cues", ())),
            facts=dict(value.get("facts", {})),
            unclear=bool(value.get("unclear", False)),
            model=str(value.get("model", "")),
        )

    def with_answer(self, answered: Assessment) -> Assessment:
        """Both what the text tells by itself and what it tells as an answer; the answer settles its own cue."""
        settled = set(answered.cue_ids)
        cues = (*answered.cues, *(hit for hit in self.cues if hit.cue not in settled))
        return replace(
            self,
            tier=max(self.tier, answered.tier),
            cues=tuple(sorted(cues, key=lambda hit: (-CUES[hit.cue].tier, -hit.score))),
            facts={**self.facts, **answered.facts},
            unclear=self.unclear and not answered.cues and not answered.facts,
        )

    @classmethod
    def nothing_ran(cls) -> Assessment:
        """Neither model nor words could be read: the message counts as `high` until a person has seen it."""
        return cls(Tier.HIGH, Assessed.NONE)


def tier_of(hits: tuple[CueHit, ...]) -> Tier:
    return most_serious(hit.cue for hit in hits)


__all__ = ["Assessment", "CueHit", "FactValue", "tier_of"]
