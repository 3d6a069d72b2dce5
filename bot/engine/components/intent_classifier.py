"""Multinomial logistic regression on sentence vectors, with words, letter groups and the nearest examples beside it."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression

from bot.engine.components.letter_groups import LetterGroups
from bot.engine.components.sentence_encoder import SentenceEncoder
from bot.engine.wording import has_words, mostly_latin, plain
from bot.triage.neighbours import Neighbours

logger = logging.getLogger(__name__)

OTHER_LANGUAGE = "other_language"
_RANKING_LENGTH = 5
_FLOOR = 1e-4
# The vote of the nearest examples. The examples are few enough to look at all; chosen on 1,477 that the encoder had not seen.
_AXES, _VOTERS = 192, 20


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Says which intent a message has, with a probability that can be compared to a threshold.

    Rasa's own LogisticRegressionClassifier cannot change the regularisation, and with unit vectors its probabilities stay
    flat. Text without a letter or digit has no intent; text in another script has the intent `other_language`: what the
    classifier never learned, it does not guess.
    """

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._labels: list[str] = []
        self._weights: npt.NDArray[np.float32] | None = None
        self._bias: npt.NDArray[np.float32] | None = None
        self._groups: LetterGroups | None = None
        self._neighbours: Neighbours | None = None

    @classmethod
    def required_components(cls) -> list[type[Any]]:
        return [SentenceEncoder]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`letter_groups` and `neighbours` are their weights beside the log odds; `evenness` below 1 makes the sum less sure."""
        return {"regularisation": 10.0, "max_iter": 300, "letter_groups": 3.5, "neighbours": 0.3, "evenness": 0.7}

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> LinearIntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            component._labels = json.loads((directory / "labels.json").read_text())
            arrays = np.load(directory / "weights.npz")
            component._weights, component._bias = arrays["weights"], arrays["bias"]
            component._groups = LetterGroups.load(directory)
            with np.load(directory / "neighbours.npz") as near:
                component._neighbours = Neighbours.from_arrays(near, _VOTERS)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if example.get(INTENT) and example.get(TEXT)]
        labels = [example.get(INTENT) for example in examples]
        model = LogisticRegression(
            C=self._config["regularisation"], max_iter=self._config["max_iter"], class_weight="balanced", random_state=1
        )
        inputs = self._inputs(examples)
        model.fit(inputs, labels)
        self._labels = [str(label) for label in model.classes_]
        one_of_many = np.array(labels)[:, None] == model.classes_[None, :]
        self._neighbours = Neighbours.of(inputs, one_of_many, axes=_AXES, cells=1, voters=_VOTERS)
        self._weights, self._bias = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
        self._groups = LetterGroups.fitted([plain(example.get(TEXT)) for example in examples], labels)
        with self._model_storage.write_to(self._resource) as directory:
            self._groups.write(directory)
            np.savez(directory / "neighbours.npz", **self._neighbours.arrays())
            (directory / "labels.json").write_text(json.dumps(self._labels))
            np.savez(directory / "weights.npz", weights=self._weights, bias=self._bias)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._ranking(message)
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking[:_RANKING_LENGTH], add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        text = message.get(TEXT) or ""
        if not has_words(text) or self._weights is None or self._bias is None:
            return []
        assert self._groups is not None and self._neighbours is not None
        if not mostly_latin(text):
            return [{"name": OTHER_LANGUAGE, "confidence": 1.0}]
        inputs = self._inputs([message])
        scores = (inputs @ self._weights.T)[0] + self._bias
        # Where the vector finds a class all but impossible, the words may still plead for it.
        scores = np.log(_shares(scores) + _FLOOR) + self._config["letter_groups"] * self._groups.margins(plain(text))
        scores += self._config["neighbours"] * self._neighbours.votes(inputs)[0]
        probabilities = _shares(self._config["evenness"] * scores)
        order = np.argsort(-probabilities)
        return [{"name": self._labels[i], "confidence": float(probabilities[i])} for i in order]

    @staticmethod
    def _inputs(messages: list[Message]) -> npt.NDArray[np.float32]:
        """One row of features a message."""
        return np.vstack([message.get_dense_features(TEXT)[1].features for message in messages])


def _shares(scores: npt.NDArray[Any]) -> npt.NDArray[Any]:
    odds = np.exp(scores - scores.max())
    return np.asarray(odds / odds.sum())
