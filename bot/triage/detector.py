"""From a message to its assessment: the words and the model together, in windows, with the span that told."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.errors import ModelError
from bot.triage.assessment import Assessment, CueHit, tier_of
from bot.triage.encoder import Encoder
from bot.triage.model import ABOUT_OTHER, HEADS, TIER_HEADS, Floats, TriageModel
from bot.triage.normalisation import Normalised, normalise
from bot.triage.questions import Question, read_answer
from bot.triage.reading import COLUMN, Reading, amid, joins
from bot.triage.slips import without_emoji
from bot.triage.taxonomy import CUES, About, Assessed, Tier
from bot.triage.windows import Span, passages, sentences, windows
from bot.triage.words import HEALED_BECOME, HEALED_CUES, WordDetector, WordsHeard

log = logging.getLogger(__name__)

WORDS_NEED = 0.08  # a pattern counts unless the model is this sure that nothing of its tier is there
GUARDED_FROM = 0.9  # the model must be this sure about a text that calls itself a quotation, school work or a test
EVIDENCE_WORDS = 9  # words of a piece of evidence within a long sentence
EVIDENCE_PIECES = 10  # pieces scored at most, so that evidence stays within 60 ms
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
_READERS = 2  # readings at the same time: the encoder runs on one thread each
_PIECE = re.compile(r"\S+")


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
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="triage")

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
            encoder, model = Encoder.load(encoder_file), TriageModel.load(model_dir)
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
        alone, told, longest, together = self._read_amid(text, before)
        judged = self._judged(alone, told)
        return self._answered(judged, text, question), judged if longest is alone else self._judged(longest, together)

    def probabilities(self, text: str, before: Sequence[str] = ()) -> tuple[dict[str, float], dict[str, float]]:
        """How probable each cue is, whatever the operating point: what curves are drawn from.

        Returns:
            Of the message, read amid those before it, and of all together; empty without a model.
        """
        alone, told, longest, together = self._read_amid(text, before)
        return _probable(alone, told), _probable(longest, together) if before else {}

    def _answered(self, assessment: Assessment, text: str, question: Question | None) -> Assessment:
        answer = read_answer(text) if question is not None else None
        if question is None or answer is None:
            return assessment
        return _with_answer(assessment, question.assessment(answer, text.strip()))

    def _read_amid(self, text: str, before: Sequence[str]) -> tuple[Reading, Floats | None, Reading, Floats | None]:
        """The message by itself, how probable each head is of it; the longest text it is read in, and of that one.

        A message of several windows says enough by itself, and what it tells in one sentence would be lost in a longer text.
        """
        alone = self._read_closely(text)
        if alone.long or not before:
            return alone, alone.best, alone, alone.best
        joined = list(self._readers.map(self._read, joins(text, before)))
        told, together = amid(alone, joined) or (None, None)
        return alone, told, joined[-1], together

    def _read_closely(self, text: str) -> Reading:
        """A text as it stands, and beside it as it was probably meant; if it takes several windows, sentence by sentence too.

        One sentence that tells is not lost among many that do not, nor one word with a slip of the keys or an emoji in it.
        Read so, it must be more likely than not: out of its surroundings, a sentence means less than it seems to.
        """
        reading = self._read(text)
        if reading.each is None or self._model is None or self._encoder is None:
            return reading
        read = reading.heard.plain if reading.heard is not None else reading.plain.text
        known = self._encoder.is_word
        spans, texts = [], []
        for start, end in passages(read, self._encoder.token_count) if reading.long else reading.spans:
            meant = self._model.vocabulary.mended(without_emoji(reading.plain, read, start, end), known)
            if meant and (reading.long or meant.split() != read[start:end].split()):
                spans.append((start, end))
                texts.append(meant)
        if not texts:
            return reading
        each = self._model.probabilities(self._encoder.encode(texts))
        likely = np.where(each >= LIKELY, each, 0).astype(np.float32)
        return replace(reading, spans=(*reading.spans, *spans), each=np.concatenate([reading.each, likely]))

    def _read(self, text: str) -> Reading:
        plain = normalise(text)
        heard = self._words.listen(plain) if self._words is not None else None
        if self._model is None or self._encoder is None:
            return Reading(plain, heard)
        # Read without idioms: "is gonna kill me lol" must not colour the rest of what is said.
        read = heard.plain if heard is not None else plain.text
        spans = windows(read, self._encoder.token_count)
        if not spans:
            return Reading(plain, heard)
        each = self._model.probabilities(self._encoder.encode([read[start:end] for start, end in spans]))
        return Reading(plain, heard, tuple(spans), each)

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
        return Assessment(_tier(ordered, plain), assessed, ordered, facts, unclear, self._model.version)

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
        pieces = _pieces(plain.text, [spans[int(row)] for row in {int(each[:, COLUMN[cue]].argmax()) for cue in cues}])
        texts = [plain.text[start:end] for start, end in pieces]
        alone = self._model.probabilities(self._encoder.encode(texts))
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


def _pieces(text: str, spans: Sequence[Span]) -> list[Span]:
    """Sentences of the windows, long ones in overlapping runs of words; at most `EVIDENCE_PIECES`, spread evenly."""
    pieces: list[Span] = []
    for window_start, window_end in spans:
        for start, end in sentences(text[window_start:window_end]):
            words = [match.span() for match in _PIECE.finditer(text, window_start + start, window_start + end)]
            if len(words) <= EVIDENCE_WORDS + 3:
                pieces.append((words[0][0], words[-1][1]))
                continue
            for first in range(0, len(words) - EVIDENCE_WORDS // 2, EVIDENCE_WORDS // 2):
                run = words[first : first + EVIDENCE_WORDS]
                pieces.append((run[0][0], run[-1][1]))
    if len(pieces) > EVIDENCE_PIECES:
        chosen = np.linspace(0, len(pieces) - 1, EVIDENCE_PIECES).astype(int)
        pieces = [pieces[index] for index in chosen]
    return pieces


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


def _with_answer(scored: Assessment, answered: Assessment) -> Assessment:
    """Both what the text tells by itself and what it tells as an answer; the answer settles its own cue."""
    settled = set(answered.cue_ids)
    cues = (*answered.cues, *(hit for hit in scored.cues if hit.cue not in settled))
    return Assessment(
        tier=max(scored.tier, answered.tier),
        assessed=scored.assessed,
        cues=tuple(sorted(cues, key=lambda hit: (-CUES[hit.cue].tier, -hit.score))),
        facts={**scored.facts, **answered.facts},
        unclear=scored.unclear and not answered.cues and not answered.facts,
        model=scored.model,
    )
