"""From a message to its assessment: the words and the model together, in windows, with the span that told."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.errors import ModelError
from bot.triage.assessment import Assessment, CueHit, Embedded, tier_of
from bot.triage.closely import heard_as_meant, read_as_meant
from bot.triage.encoder import Encoder
from bot.triage.evidence import evidence_pieces
from bot.triage.model import ABOUT_OTHER, HEADS, TIER_HEADS, Floats, TriageModel
from bot.triage.normalisation import Normalised, normalise
from bot.triage.questions import Question, read_answer
from bot.triage.reading import COLUMN, Reading, amid
from bot.triage.taxonomy import CUES, About, Assessed, Tier
from bot.triage.windows import Span, windows
from bot.triage.words import HEALED_BECOME, HEALED_CUES, WordDetector, WordsHeard

log = logging.getLogger(__name__)

WORDS_NEED = 0.08  # a pattern counts unless the model is this sure that nothing of its tier is there
GUARDED_FROM = 0.9  # the model must be this sure about a text that calls itself a quotation, school work or a test
OPERATING_POINT = 0.25  # probability from which a cue of `high` or `immediate` counts, unless the settings say another
LEAST_ELEVATED = 0.5  # for cues below `high`, and for the wish for a person
HEADS_OF_TIERS = (("tier:immediate", (Tier.IMMEDIATE,)), ("tier:high", (Tier.HIGH, Tier.IMMEDIATE)))
BY_TIER = {tier: [cue for cue in CUES if CUES[cue].tier is tier] for tier in Tier}
# "I will hurt him" with a time or means at hand is treated as immediate; triage.md
TIME_OR_MEANS = re.compile(
    r"\b(?:tonight|today|tomorrow|right now|now|later|knife|blade|gun|weapon|machete|after school|in my bag)\b"
)
# "today" and "later" stand in most messages: they raise only a threat that is more likely than not. So must be what a
# sentence tells out of its surroundings.
LIKELY = 0.5


class Detector:
    """Hears cues in messages. Safe to use from several threads.

    Use `Detector.load`; what cannot be loaded is left out, and every assessment says so.
    """

    def __init__(
        self,
        words: WordDetector | None,
        encoder: Encoder | None,
        model: TriageModel | None,
        operating_point: float = OPERATING_POINT,
    ) -> None:
        self._words = words
        self._encoder = encoder
        self._model = model
        self._least = _thresholds(operating_point)

    @classmethod
    def load(cls, model_dir: Path, encoder_file: Path, words_file: Path, operating_point: float = OPERATING_POINT) -> Detector:
        """Loads what there is; never raises, because a missing model must not keep a message from being taken.

        Args:
            operating_point: probability from which a cue of `high` or above counts. Lower hears more, and calls people in for
                nothing more often; `handrail evaluate` draws the curve.
        """
        words: WordDetector | None = None
        encoder: Encoder | None = None
        model: TriageModel | None = None
        try:
            words = WordDetector.load(words_file)
        except ModelError as error:
            log.error("%s", error.message)
        try:
            loaded = Encoder.load(encoder_file)
            encoder, model = loaded, TriageModel.load(model_dir, loaded.digest)
        except ModelError as error:
            log.error("%s", error.message)
        return cls(words, encoder, model, operating_point)

    @property
    def status(self) -> str:
        """`ok`, `words_only` or `down`."""
        if self._model is not None and self._encoder is not None:
            return "ok"
        return "words_only" if self._words is not None else "down"

    def assess(self, text: str, question: Question | None = None) -> Assessment:
        """The assessment of one message.

        Args:
            text: the raw text; any text at all.
            question: the safety question that it may answer.
        """
        return self._answered(self._judged(self._read_closely(text)), text, question)

    def cues(self, text: str) -> tuple[str, ...]:
        """Only the cues that `assess` would find, without the evidence, which takes longer to find than they do."""
        return self._judged(self._read_closely(text), evidence=False).cue_ids

    def assess_amid(self, text: str, before: Sequence[str], question: Question | None = None) -> tuple[Assessment, Assessment]:
        """The assessment of a message that follows others, read amid them, and that of all of them together.

        What only the second assessment tells is spread over several messages; its evidence may span them.

        Args:
            before: the young person's messages just before it, oldest first; at least one.
            question: the safety question that the message may answer.
        """
        alone, told, longer, together = self._read_amid(text, before)
        judged = self._judged(alone, told)
        return self._answered(judged, text, question), judged if longer is alone else self._judged(longer, together)

    def probabilities(self, text: str, before: Sequence[str] = ()) -> tuple[dict[str, float], dict[str, float]]:
        """How probable each cue is, whatever the operating point: what curves are drawn from.

        Returns:
            Of the message, read amid those before it, and of all together; empty without a model.
        """
        alone, told, longer, together = self._read_amid(text, before)
        return _probable(alone, told), _probable(longer, together) if before else {}

    def _answered(self, assessment: Assessment, text: str, question: Question | None) -> Assessment:
        answer = read_answer(text) if question is not None else None
        if question is None or answer is None:
            return assessment
        return assessment.with_answer(question.assessment(answer, text.strip()))

    def _read_amid(self, text: str, before: Sequence[str]) -> tuple[Reading, Floats | None, Reading, Floats | None]:
        """The message by itself, how probable each head is of it; the longer text it is read in, and of that one.

        A message of several windows says enough by itself, and what it tells in one sentence would be lost in a longer text.
        """
        alone = self._read(text)
        if alone.long or not before:
            (alone,) = self._scored(alone)
            return alone, alone.best, alone, alone.best
        alone, longer = self._scored(alone, self._read(" ".join([*before, text])))
        told, together = amid(alone, longer) or (None, None)
        return alone, told, longer, together

    def _read_closely(self, text: str) -> Reading:
        (reading,) = self._scored(self._read(text))
        return reading

    def _read(self, text: str) -> Reading:
        """A text in its windows, without probabilities."""
        plain = normalise(text)
        heard = self._words.listen(plain) if self._words is not None else None
        reading = Reading(plain, heard)
        if self._model is None or self._encoder is None:
            return reading
        return replace(reading, spans=tuple(windows(reading.read, self._encoder.token_count)))

    def _scored(self, first: Reading, *others: Reading) -> list[Reading]:
        """Readings with the probabilities of their spans. The first is read closely: beside its windows, as it was meant.

        One sentence that tells is not lost among many that do not, nor one word with a slip of the keys or an emoji in it.
        Read so, it must be more likely than not: out of its surroundings, a sentence means less than it seems to.
        """
        if self._model is None or self._encoder is None or not any(reading.spans for reading in (first, *others)):
            return [first, *others]
        closer, meant = read_as_meant(first, self._model.vocabulary, self._encoder)
        if self._words is not None:
            first = heard_as_meant(first, self._words, closer, meant)
        readings = [first, *others]
        texts = [reading.read[start:end] for reading in readings for start, end in reading.spans]
        # First all is embedded, then all is judged: the encoder and the known messages drive each other out of the cache.
        texts += meant
        embeddings = self._encoder.encode(texts)
        each = self._model.probabilities(embeddings, texts)
        *parts, likely = np.split(each, np.cumsum([len(reading.spans) for reading in readings]))
        scored = [
            replace(reading, each=part) if reading.spans else reading for reading, part in zip(readings, parts, strict=True)
        ]
        if len(first.spans) == 1:
            scored[0] = replace(scored[0], embedding=embeddings[0])
        if closer:
            believed = np.where(likely >= LIKELY, likely, 0).astype(np.float32)
            scored[0] = replace(scored[0], spans=(*first.spans, *closer), each=np.concatenate([parts[0], believed]))
        return scored

    def _judged(self, reading: Reading, told: Floats | None = None, *, evidence: bool = True) -> Assessment:
        """The assessment that a reading gives, with `told` as the probabilities in place of its own."""
        plain, heard = reading.plain, reading.heard
        if self._model is None or self._encoder is None:
            return _words_only(heard, plain)
        best = told if told is not None else reading.best
        if best is None or reading.each is None:
            return Assessment(Tier.NONE, Assessed.FULL, model=self._model.version)
        cues = self._heard_by_model(best, heard)
        about = self._about(best, heard)
        certain = heard.certain if heard is not None else frozenset()
        hits = {hit.cue: hit for hit in (heard.hits if heard else ()) if hit.cue in certain or _believed(hit, best)}
        fresh = [cue for cue in cues if cue not in hits]
        quotes = self._evidence(plain, reading.spans, reading.each, fresh if evidence else ())
        for cue in fresh:
            hits[cue] = CueHit(cue, float(cues[cue]), about, quotes.get(cue, ""))
        ordered = tuple(sorted(hits.values(), key=lambda hit: (-CUES[hit.cue].tier, -hit.score)))
        facts = dict(heard.facts) if heard else {}
        unclear = not ordered and heard is not None and heard.risk_word and self._half_heard(best)
        foreign = heard is not None and heard.phrases
        assessed = Assessed.WORDS_ONLY if foreign else Assessed.FULL  # the model reads English
        embedded = Embedded(self._encoder.digest, reading.embedding.tobytes()) if reading.embedding is not None else None
        return Assessment(_tier(ordered, plain), assessed, ordered, facts, unclear, self._model.version, embedded)

    def _heard_by_model(self, probability: Floats, heard: WordsHeard | None) -> dict[str, float]:
        """Cues at their thresholds; where only a tier's own head fires, the likeliest cue of that tier."""
        least = np.maximum(self._least, GUARDED_FROM if heard is not None and heard.guarded else 0.0)
        cues = {cue: float(probability[COLUMN[cue]]) for cue in CUES if probability[COLUMN[cue]] >= least[COLUMN[cue]]}
        for head, tiers in HEADS_OF_TIERS:
            if probability[COLUMN[head]] >= least[COLUMN[head]] and not any(CUES[cue].tier in tiers for cue in cues):
                cues[_likeliest(probability, tiers)] = float(probability[COLUMN[head]])
        if heard is not None and heard.healed and HEALED_CUES & set(cues):
            score = max(cues.pop(cue) for cue in HEALED_CUES & set(cues))
            cues.setdefault(HEALED_BECOME, score)
        return cues

    def _about(self, probability: Floats, heard: WordsHeard | None) -> About:
        if heard is not None and heard.about is About.OTHER:
            return About.OTHER
        return About.OTHER if probability[COLUMN[ABOUT_OTHER]] >= 0.5 else About.SELF

    def _half_heard(self, probability: Floats) -> bool:
        serious = [COLUMN[cue] for cue in CUES if CUES[cue].tier >= Tier.HIGH]
        return bool((probability[serious] >= self._least[serious] / 2).any())

    def _evidence(self, plain: Normalised, spans: Sequence[Span], each: Floats, cues: Sequence[str]) -> dict[str, str]:
        """For each cue the piece of the raw text that tells it most by itself."""
        if not cues:
            return {}
        assert self._model is not None and self._encoder is not None
        pieces = evidence_pieces(plain.text, [spans[int(row)] for row in {int(each[:, COLUMN[cue]].argmax()) for cue in cues}])
        texts = [plain.text[start:end] for start, end in pieces]
        alone = self._model.probabilities(self._encoder.encode(texts), texts)
        found = {}
        for cue in cues:
            start, end = pieces[int(alone[:, COLUMN[cue]].argmax())]
            found[cue] = plain.evidence(start, end) or plain.raw.strip()[:200]
        return found


def _thresholds(operating_point: float) -> Floats:
    """The least probability of each of `HEADS`."""
    serious = {*TIER_HEADS, *(cue for cue in CUES if CUES[cue].tier >= Tier.HIGH)}
    return np.array([operating_point if head in serious else LEAST_ELEVATED for head in HEADS], dtype=np.float32)


def _probable(reading: Reading, told: Floats | None) -> dict[str, float]:
    """By cue, what is compared with the operating point in the end."""
    if told is None:
        return {}
    found = {cue: float(told[COLUMN[cue]]) for cue in CUES}
    for head, tiers in HEADS_OF_TIERS:
        likeliest = _likeliest(told, tiers)
        found[likeliest] = max(found[likeliest], float(told[COLUMN[head]]))
    heard = reading.heard
    if heard is None:
        return found
    found = {cue: score for cue, score in found.items() if score >= GUARDED_FROM or not heard.guarded}
    found = {cue: score for cue, score in found.items() if not heard.healed or cue not in HEALED_CUES}
    sure = [hit for hit in heard.hits if hit.cue in heard.certain or _believed(hit, told)]
    return {**found, **{hit.cue: max(found.get(hit.cue, 0.0), hit.score) for hit in sure}}


def _likeliest(probability: Floats, tiers: Sequence[Tier]) -> str:
    return max((cue for tier in tiers for cue in BY_TIER[tier]), key=lambda cue: float(probability[COLUMN[cue]]))


def _believed(hit: CueHit, probability: Floats) -> bool:
    """A pattern alone is often an idiom or a quotation; with the model loaded, it must not find the idea absurd."""
    if CUES[hit.cue].tier < Tier.HIGH:
        return True
    return bool(max(probability[COLUMN[hit.cue]], probability[COLUMN["tier:high"]]) >= WORDS_NEED)


def _tier(hits: tuple[CueHit, ...], plain: Normalised) -> Tier:
    likely = any(hit.cue == "harm_to_others" and hit.score >= LIKELY for hit in hits)
    if likely and TIME_OR_MEANS.search(plain.text):
        return Tier.IMMEDIATE
    return tier_of(hits)


def _words_only(heard: WordsHeard | None, plain: Normalised) -> Assessment:
    """Not assessed is not harmless; rule 8."""
    if heard is None:
        return Assessment.nothing_ran()
    ordered = tuple(sorted(heard.hits, key=lambda hit: -CUES[hit.cue].tier))
    tier = _tier(ordered, plain) if ordered else Tier.ELEVATED
    return Assessment(tier, Assessed.WORDS_ONLY, ordered, dict(heard.facts))
