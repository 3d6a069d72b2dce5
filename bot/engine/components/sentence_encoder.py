"""Sentence embeddings as dense features for Rasa's pipeline."""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.wording import plain
from bot.settings import load_settings
from bot.triage.encoder import Encoder

logger = logging.getLogger(__name__)


@lru_cache(maxsize=2)
def shared_encoder(file: Path) -> Encoder:
    """The encoder of `file`, loaded once per process."""
    return Encoder.load(file)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Gives every text one sentence vector of 384 numbers; the tokenizer is the encoder's own, so none is needed before it."""

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        file = config.get("file")
        self._encoder = shared_encoder(Path(file) if file else load_settings().encoder_file)

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
        texts = [(message, plain(text)) for message in messages if (text := message.get(TEXT)) is not None]
        vectors = self._encoder.encode([text for _, text in texts], threads).astype(np.float32)
        for (message, _), vector in zip(texts, vectors, strict=True):
            message.add_features(Features(vector[None], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
