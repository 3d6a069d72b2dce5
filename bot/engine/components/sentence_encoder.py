"""Sentence embeddings as dense features for Rasa's pipeline."""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.settings import load_settings
from bot.triage.assessment import Embedded
from bot.triage.encoder import Encoder
from bot.triage.words import WordDetector, read_as

logger = logging.getLogger(__name__)

EMBEDDED = "embedded"


@lru_cache(maxsize=2)
def shared_encoder(file: Path) -> Encoder:
    """The encoder of `file`, loaded once per process."""
    return Encoder.load(file)


@lru_cache(maxsize=2)
def shared_words(file: Path) -> WordDetector:
    """The words and patterns of `file`, loaded once per process."""
    return WordDetector.load(file)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Gives every text one sentence vector of 384 numbers; the tokenizer is the encoder's own, so none is needed before it.

    A text is read as triage reads it, so where triage has embedded it already, its vector comes with the message.
    """

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        file = config.get("file")
        settings = load_settings()
        self._encoder = shared_encoder(Path(file) if file else settings.encoder_file)
        self._words = shared_words(settings.data_dir / "triage" / "words.yml")

    @classmethod
    def required_components(cls) -> list[type[Any]]:
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DenseFeaturizer.get_default_config(), "file": None}

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> GraphComponent:
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        return None

    def process(self, messages: list[Message]) -> list[Message]:
        self._add(messages, threads=1)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self._add(training_data.training_examples, threads=os.cpu_count() or 1)
        return training_data

    def _add(self, messages: list[Message], *, threads: int) -> None:
        """Puts its vector on each message that has a text."""
        unread = []
        for message in messages:
            if (vector := self._sent(message)) is not None:
                self._put(vector, message)
            elif message.get(TEXT) is not None:
                unread.append(message)
        vectors = self._encoder.encode([read_as(message.get(TEXT), self._words) for message in unread], threads)
        for message, vector in zip(unread, vectors, strict=True):
            self._put(vector, message)

    def _sent(self, message: Message) -> npt.NDArray[np.float32] | None:
        """The vector that came with the message, if it is of this encoder."""
        sent = (message.get("metadata") or {}).get(EMBEDDED)
        if sent is None or (embedded := Embedded.from_dict(sent)).encoder != self._encoder.digest:
            return None
        return np.frombuffer(embedded.vector, dtype=np.float32)

    def _put(self, vector: npt.NDArray[np.float32], message: Message) -> None:
        message.add_features(Features(vector[None], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
