"""From text to assessment: any text at all, the promise without a model, evidence, answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.settings import load_settings
from bot.triage.assessment import Assessment
from bot.triage.detector import Detector
from bot.triage.questions import Question, read_answer
from bot.triage.safety_set import harmless
from bot.triage.taxonomy import Assessed, Tier

WORDS = load_settings().data_dir / "triage" / "words.yml"

any_text = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="😭💀🔪🥺\u200d\ufe0f", max_size=50),
    st.text(alphabet=".,!?…-—'\"", max_size=50),
    st.text(alphabet=st.characters(categories=["Lo", "Cs", "Cc"]), max_size=100),
    st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")),
)


@given(any_text)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_at_all_gives_an_assessment_whose_evidence_is_from_the_text(detector: Detector, text: str) -> None:
    assessment = detector.assess(text)

    assert assessment.assessed is Assessed.FULL
    assert all(hit.evidence in text and hit.evidence for hit in assessment.cues)
    assert Assessment.from_dict(assessment.to_dict()).tier is assessment.tier


@pytest.mark.parametrize(
    "text",
    ["", " \n", "a" * 2000, "a b " * 5000, "x" * 100_000, "ab" * 50_000, "abcdefghij " * 500, "ж" * 3000, "\x00\x01", "." * 5000],
)
def test_extreme_texts_give_an_assessment(detector: Detector, text: str) -> None:
    assert detector.assess(text).assessed is Assessed.FULL


@pytest.mark.parametrize(
    ("text", "cue", "tier"),
    [
        ("he says he will send my pics to everyone if i dont pay tonight", "sextortion", Tier.HIGH),
        ("i am going to end my life tonight, i have everything ready", "suicide_intent", Tier.IMMEDIATE),
        ("im on the way to meet the guy from the game, he is waiting at the station", "meeting_imminent", Tier.IMMEDIATE),
        ("they took my passport and lock us in at night, we cant leave", "held_or_trafficked", Tier.IMMEDIATE),
        ("my stepdad touches me at night", "abuse_disclosure", Tier.HIGH),
        ("can i talk to a real person please", "wants_human", Tier.NONE),
    ],
)
def test_plain_disclosures_are_heard(detector: Detector, text: str, cue: str, tier: Tier) -> None:
    assessment = detector.assess(text)

    assert cue in assessment.cue_ids
    assert assessment.tier is tier


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "how do i know if a modelling job is fake?",
        "my mum is gonna kill me lol i forgot the milk",
        "this test is killing me",
        "i have a saturday job interview at the bakery",
        "what is online grooming?",
    ],
)
def test_plain_harmless_messages_are_not_flagged(detector: Detector, text: str) -> None:
    assert detector.assess(text).tier < Tier.HIGH


def test_a_disclosure_at_the_end_of_a_long_text_is_heard(detector: Detector) -> None:
    text = "we went to the park and had ice cream with my cousins. " * 34 + "my uncle raped me last year."

    assert detector.assess(text).tier >= Tier.HIGH


CALM = "we went to the park and had ice cream with my cousins. the bus was late. then we did maths and had rice for lunch. " * 8


@pytest.mark.parametrize("before", [[], ["hi", "i have a question", "ok so"]])
def test_one_sentence_that_tells_is_not_lost_in_a_long_text_nor_the_long_text_among_others(
    detector: Detector, before: list[str]
) -> None:
    text = f"{CALM} he says he will send my pictures to my school if i do not pay. {CALM}"
    told = detector.assess_amid(text, before)[0] if before else detector.assess(text)

    assert "sextortion" in told.cue_ids
    assert "send my pictures" in next(hit.evidence for hit in told.cues if hit.cue == "sextortion")


@pytest.mark.parametrize("start", [0, 10, 20])
def test_a_long_text_that_tells_nothing_calls_nobody(detector: Detector, start: int) -> None:
    assert detector.assess(harmless(1900, start)).tier is Tier.NONE


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("i just want to go to sleep and nveer wake up again", "suicidal_ideation"),  # a slip in the very word that tells
        ("my friend told me shewants to die", "suicidal_ideation"),  # a space lost
        ("I have a 💀 weapon and I'm taking it to school on Monday", "harm_to_others"),  # an emoji amid the sentence
    ],
)
def test_a_slip_of_the_keys_or_an_emoji_hides_nothing(detector: Detector, text: str, cue: str) -> None:
    told = detector.assess(text)

    assert cue in told.cue_ids
    assert all(hit.evidence in text for hit in told.cues)


def test_split_messages_are_heard_together(detector: Detector) -> None:
    before = ["he said", "if i dont pay him tonight"]
    _, together = detector.assess_amid("hell send my nudes to my whole school", before)

    assert "sextortion" in together.cue_ids


def test_a_clear_message_is_heard_amid_small_talk(detector: Detector) -> None:
    before = ["we had rice for lunch", "my cousin got a green bike", "ok and the bus was late"]
    told, _ = detector.assess_amid("i want to kill myself tonight, i have the pills here", before)

    assert told.tier is Tier.IMMEDIATE


def test_without_the_model_words_still_hear_and_silence_is_not_harmless(tmp_path: Path) -> None:
    words_only = Detector.load(tmp_path, tmp_path / "none.onnx", WORDS)

    assert words_only.status == "words_only"
    heard = words_only.assess("i want to kill myself")
    assert (heard.assessed, heard.tier >= Tier.HIGH) == (Assessed.WORDS_ONLY, True)
    unheard = words_only.assess("the thing happened again")
    assert (unheard.assessed, unheard.tier) == (Assessed.WORDS_ONLY, Tier.ELEVATED)


def test_with_nothing_at_all_every_message_is_high(tmp_path: Path) -> None:
    nothing = Detector.load(tmp_path, tmp_path / "none.onnx", tmp_path / "none.yml")

    assert nothing.status == "down"
    assert nothing.assess("hello") == Assessment.nothing_ran()


QUESTION = Question.parse("q", yes="cue:suicide_intent", no="none", unclear="cue:suicidal_ideation")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes", "yes"),
        ("yh", "yes"),
        ("yeah he is", "yes"),
        ("tmrw", "yes"),
        ("kinda", "yes"),
        ("no", "no"),
        ("nah", "no"),
        ("not really", "no"),
        ("idk", "unclear"),
        ("i dont want to say", "unclear"),
        ("he is my teacher and he bought me a phone last week", None),
        ("", None),
    ],
)
def test_answers_are_read_as_they_are_typed(text: str, answer: str | None) -> None:
    assert read_answer(text) == answer


def test_a_yes_to_a_safety_question_is_its_cue(detector: Detector) -> None:
    assert detector.assess("yes", QUESTION).cue_ids == ("suicide_intent",)
    assert detector.assess("idk", QUESTION).cue_ids == ("suicidal_ideation",)
    assert detector.assess("no", QUESTION).cue_ids == ()


@pytest.mark.parametrize("outcome", ["", "cue:nothing", "fact:past", "yes"])
def test_an_outcome_that_means_nothing_is_refused(outcome: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        Question.parse("q", yes=outcome, no="none", unclear="none")
