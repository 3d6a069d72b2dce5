"""Lets content people write answers beside the examples that they answer."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import rasa.shared.utils.common
import rasa.shared.utils.io
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import RuleStep, StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.settings import ROOT

CONTENT_FOLDERS = ("nlu", "rules", "stories", "responses")
CODE = ("bot", "actions")
NAMING = ("guides.yml", "offer_flags.yml")  # content that names what is said
# Said by a name put together: after a cue, as a form's question, as a step of the exercise.
BY_PREFIX = ("utter_cue_", "utter_ask_", "utter_exercise_")
_NAME = re.compile(r"utter_[a-z0-9_]+")


class ContentImporter(RasaFileImporter):
    """Reads the project's content and adds what follows from it.

    - Only the folders of dialogue content below `data/` are read: its other files are no business of Rasa's.
    - Every intent with examples, and every response under `data/`, is part of the domain.
    - An intent `x` for which a response `utter_x` exists, and which no rule names, gets the rule `x` → `utter_x`.
    - Inside a form, an intent that has an answer is a question, not the answer to the form's question.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        super().__init__(config_file, domain_path, _content_paths(training_data_paths))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples; the responses beside them are in the domain, where Rasa would warn about a second copy."""
        data = self._examples()
        return TrainingData(data.training_examples, data.entity_synonyms, data.regex_features, data.lookup_tables)

    @rasa.shared.utils.common.cached_method
    def _examples(self) -> TrainingData:
        """All examples with the responses beside them; reading them costs seconds, and Rasa asks three times."""
        return super().get_nlu_data()

    @rasa.shared.utils.common.cached_method
    def get_domain(self) -> Domain:
        own = super().get_domain()
        if own.is_empty():
            return own
        training_data = self._examples()
        merged = own.as_dict()
        merged["intents"] = [*merged["intents"], *sorted(training_data.intents - set(own.intents))]
        merged["responses"] = {**merged.get("responses", {}), **training_data.responses}
        questions = [intent for intent in sorted(training_data.intents) if f"utter_{intent}" in merged.get("responses", {})]
        for form in merged.get("forms", {}).values():
            form["ignored_intents"] = sorted({*form.get("ignored_intents", ()), *questions})
        return Domain.from_dict(merged)

    @rasa.shared.utils.common.cached_method
    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        written = super().get_stories(exclusion_percentage)
        domain = self.get_domain()
        if domain.is_empty():
            return written
        _keep_quiet_about(said_without_rules(domain.responses))
        rules_written = [step for step in written.story_steps if isinstance(step, RuleStep)]
        named = {event.intent_name for step in rules_written for event in step.events if isinstance(event, UserUttered)}
        rules: list[dict[str, Any]] = [  # the rules that nobody should have to write
            {"rule": f"answer {intent}", "steps": [{"intent": intent}, {"action": f"utter_{intent}"}]}
            for intent in domain.intents
            if intent not in named and f"utter_{intent}" in domain.responses
        ]
        if not rules:
            return written
        steps = YAMLStoryReader(domain).read_from_parsed_yaml({"version": "3.1", "rules": rules})
        return written.merge(StoryGraph(steps))


def said_without_rules(responses: Iterable[str]) -> set[str]:
    """The responses among these that code, guides, forms or the offer checker say, so that no rule or story has to."""
    files = [file for folder in CODE for file in (ROOT / folder).glob("**/*.py")] + [ROOT / "data" / name for name in NAMING]
    named = {name for file in files if file.is_file() for name in _NAME.findall(file.read_text(encoding="utf-8"))}
    all_of_them = set(responses)
    twice = {name for name in all_of_them if name.removesuffix("_again") != name and name.removesuffix("_again") in all_of_them}
    return {name for name in all_of_them if name in named or name.startswith(BY_PREFIX)} | twice


def _keep_quiet_about(responses: Iterable[str]) -> None:
    """`rasa data validate` knows of rules and stories only. Its other warnings, and those about what nobody says, stay."""
    for name in responses:
        warnings.filterwarnings("ignore", message=f"The utterance '{name}' is not used")


def _content_paths(paths: list[str] | str | None) -> list[str]:
    """The content folders below `paths`; a path that has none of them is taken as it is."""
    given = [paths] if isinstance(paths, str) else list(paths or [str(ROOT / "data")])
    chosen: list[str] = []
    for path in map(Path, given):
        folders = [path / name for name in CONTENT_FOLDERS if (path / name).is_dir()]
        chosen += [str(folder) for folder in folders] or [str(path)]
    return chosen
