"""Puts triage's assessment on the message, where the policies see it."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.settings import load_settings
from bot.triage.assessment import Assessment

logger = logging.getLogger(__name__)

ASSESSMENT = "assessment"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class CueDetector(GraphComponent):
    """Takes the assessment that came with the message, or makes one with the same library (`rasa shell`, tests)."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def required_components(cls) -> list[type[Any]]:
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {}

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> GraphComponent:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            sent = (message.get("metadata") or {}).get(ASSESSMENT)
            assessment = sent if sent is not None else assess(message.get(TEXT) or "")
            message.set(ASSESSMENT, assessment, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data


def assess(text: str) -> dict[str, Any]:
    """Triage's assessment of `text` alone, as a dictionary; what could not be assessed says so."""
    detector = _detector()
    assessment = detector.assess(text) if detector is not None else Assessment.nothing_ran()
    result: dict[str, Any] = assessment.to_dict()
    return result


@lru_cache(maxsize=1)
def _detector() -> Any:
    from bot.triage.detector import Detector  # late: `web` assesses for the engine, which then needs no second model

    settings = load_settings()
    words = settings.data_dir / "triage" / "words.yml"
    return Detector.load(settings.triage_model_dir, settings.encoder_file, words, settings.operating_point)
