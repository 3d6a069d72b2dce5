"""A text is embedded once: what triage has embedded, the dialogue does not embed again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from starlette.testclient import TestClient

from bot.engine.components.sentence_encoder import EMBEDDED, SentenceEncoder
from bot.settings import load_settings
from bot.triage.detector import Detector
from tests.dialogue.conftest import Conversation, request

TEXTS = [
    "how do i know if a modelling job is fake",
    "my mum is gonna kill me lol",
    "OMG he wont stop msging me 😭😭 wat shud i do",
    "wetin be grooming abeg",
    "/restart",
    "is it " + "really " * 12 + "true",
]


@pytest.fixture(scope="module")
def detector() -> Detector:
    settings = load_settings()
    words = settings.data_dir / "triage" / "words.yml"
    return Detector.load(settings.triage_model_dir, settings.encoder_file, words)


@pytest.fixture(scope="module")
def encoder(client: TestClient) -> SentenceEncoder:
    """Of an installation that is set up, as `client` leaves it."""
    return SentenceEncoder(SentenceEncoder.get_default_config(), "encoder")


def vector(encoder: SentenceEncoder, text: str, embedded: dict[str, str] | None = None) -> Any:
    message = Message({TEXT: text, "metadata": {EMBEDDED: embedded}})
    encoder.process([message])
    return message.get_dense_features(TEXT)[1].features[0]


@pytest.mark.parametrize("text", TEXTS)
def test_triage_and_dialogue_embed_the_same_reading(text: str, detector: Detector, encoder: SentenceEncoder) -> None:
    embedded = detector.assess(text).embedded
    assert embedded is not None
    assert np.array_equal(np.frombuffer(embedded.vector, dtype=np.float32), vector(encoder, text))


def test_a_vector_that_came_along_is_taken_as_it_is(detector: Detector, encoder: SentenceEncoder) -> None:
    embedded = detector.assess("what is grooming").embedded
    assert embedded is not None
    assert np.array_equal(vector(encoder, "another text", embedded.to_dict()), vector(encoder, "what is grooming"))


def test_a_vector_of_another_encoder_is_not_believed(detector: Detector, encoder: SentenceEncoder) -> None:
    embedded = detector.assess("what is grooming").embedded
    assert embedded is not None
    foreign = {**embedded.to_dict(), "encoder": "0" * 64}
    assert np.array_equal(vector(encoder, "another text", foreign), vector(encoder, "another text"))


def test_a_message_in_several_windows_has_no_vector_of_the_whole(detector: Detector) -> None:
    assert detector.assess("we went to the shop and then we went home again. " * 30).embedded is None


def test_the_answer_is_the_same_with_the_vector_and_without_it(conversation: Conversation, detector: Detector) -> None:
    text = "how do i know if a modelling job is fake"
    embedded = detector.assess(text).embedded
    assert embedded is not None
    without = conversation.client.post("/turn", json=request((text,))).json()
    assert conversation.turn(text, embedded=embedded.to_dict()) == without


def test_a_vector_among_several_texts_is_nobodys(conversation: Conversation, detector: Detector) -> None:
    embedded = detector.assess("what is grooming").embedded
    assert embedded is not None
    texts = ("how do i know", "if a modelling job is fake")
    without = conversation.client.post("/turn", json=request(texts)).json()
    assert conversation.turn(*texts, embedded=embedded.to_dict()) == without


@pytest.mark.parametrize("wrong", [{"encoder": "x", "vector": "y"}, {"encoder": "0" * 64, "vector": "A" * 2047}, "AAAA", {}])
def test_what_is_no_vector_is_refused(wrong: Any, client: TestClient) -> None:
    assert client.post("/turn", json={**request(("hello",)), "embedded": wrong}).status_code == 422
