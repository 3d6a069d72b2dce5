"""Policies that stand above rules, forms and stories."""

from __future__ import annotations

import logging
from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, Event, SlotSet
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.turn import (
    CUE_RESPONSE,
    NOT_A_QUESTION,
    actions_of_turn,
    answered_cues,
    assessment_of,
    cue_to_answer,
    last_said,
    responses_said,
    undo_slots,
)
from bot.triage.taxonomy import CUES, Assessed, Tier, most_serious

logger = logging.getLogger(__name__)

STILL_HERE = ("utter_still_here", "utter_still_here_again")
EMPTY_TALK = NOT_A_QUESTION - {"ask_person", "no_person", "check_offer", "find_help", "prompt_injection"}


class _TurnPolicy(Policy):
    """A policy without anything to learn that looks at one turn.

    Its predictions are no-user predictions: only those are compared with the ones of an active form, and among them the
    greater priority wins. Either alone would lose to the form.
    """

    @staticmethod
    def supported_data() -> SupportedData:
        return SupportedData.ML_AND_RULE_DATA

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Policy:
        return cls(config, model_storage, resource, execution_context)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Policy:
        return cls(config, model_storage, resource, execution_context)

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        events: list[Event] = []
        action = self._next(tracker, domain, events) if tracker.latest_message is not None else None
        probabilities = self._default_predictions(domain)
        if action is None:
            return self._prediction(probabilities)
        probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities, optional_events=events, is_no_user_prediction=True)

    def _next(self, tracker: DialogueStateTracker, domain: Domain, events: list[Event]) -> str | None:
        """The action to take, or None to leave it to others. Adds to `events` what must hold before it runs."""
        raise NotImplementedError


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT], is_trainable=False)
class TriagePolicy(_TurnPolicy):
    """Answers a cue before anything else is answered, inside forms too.

    It speaks when the turn brings a cue that this conversation has not been answered for. The form that was open is left, and
    what the form took from the message is given back: "i want to die" is no answer to a form's question. At `elevated` the
    message's own question is answered as well. What triage could not place is met with one gentle question.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 10, "answer_too_from": 0.6}

    def _next(self, tracker: DialogueStateTracker, domain: Domain, events: list[Event]) -> str | None:
        done = actions_of_turn(tracker)
        if not done or tracker.latest_action_name == ACTION_LISTEN_NAME:
            first = self._first(tracker, domain)
            if first is not None:
                events += [*undo_slots(tracker), ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]
            return first
        if done[0] != self._first(tracker, domain, done):
            return None
        answer = self._answer(tracker, domain)
        return answer if answer is not None and answer not in done else ACTION_LISTEN_NAME

    def _first(self, tracker: DialogueStateTracker, domain: Domain, done: list[str] | None = None) -> str | None:
        assessment = assessment_of(tracker.latest_message)
        answered = answered_cues(tracker)
        if done and done[0].startswith(CUE_RESPONSE):
            answered -= {done[0].removeprefix(CUE_RESPONSE)}  # the tracker remembers it as answered: in this very turn
        cue = cue_to_answer(assessment, answered)
        if cue is not None:
            return _known(domain, CUE_RESPONSE + cue, f"utter_net_{CUES[cue].tier.id}", "utter_still_here")
        once = None
        if assessment.assessed is Assessed.NONE:
            once = _known(domain, "utter_unassessed", "utter_net_high", "utter_still_here")
        elif assessment.unclear and not assessment.cues:
            once = _known(domain, "utter_gentle_check", "utter_still_here")
        if once is not None and (once not in responses_said(tracker) or (done and done[0] == once)):
            return once
        if assessment.cues and most_serious(assessment.cue_ids) > Tier.NONE and self._intent(tracker)[0] in EMPTY_TALK:
            # The cue was answered before. "I did not understand" would be the worst thing to say now.
            if done and done[0] in STILL_HERE:
                return done[0]
            return STILL_HERE[1] if last_said(tracker) == STILL_HERE[0] else STILL_HERE[0]
        return None

    def _answer(self, tracker: DialogueStateTracker, domain: Domain) -> str | None:
        """The answer to the question that the message asks beside its cue."""
        assessment = assessment_of(tracker.latest_message)
        if most_serious(assessment.cue_ids) != Tier.ELEVATED and not assessment.unclear:
            return None
        intent, confidence = self._intent(tracker)
        name = f"utter_{intent}"
        if intent in NOT_A_QUESTION or confidence < self.config["answer_too_from"] or name not in domain.responses:
            return None
        return name

    @staticmethod
    def _intent(tracker: DialogueStateTracker) -> tuple[str, float]:
        intent: Any = tracker.latest_message.intent if tracker.latest_message is not None else {}
        return str(intent.get("name") or "nlu_fallback"), float(intent.get("confidence") or 0.0)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT], is_trainable=False)
class QuestionInFormPolicy(_TurnPolicy):
    """Answers a question that is asked inside a form, and then goes on with the form."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 8, "threshold": 0.6}

    def _next(self, tracker: DialogueStateTracker, domain: Domain, events: list[Event]) -> str | None:
        message, form = tracker.latest_message, tracker.active_loop_name
        if message is None or form is None:
            return None
        intent, confidence = str(message.intent.get("name")), float(message.intent.get("confidence") or 0.0)
        answer = f"utter_{intent}"
        if intent in NOT_A_QUESTION or confidence < self.config["threshold"] or answer not in domain.responses:
            return None
        done = actions_of_turn(tracker)
        if not done:
            events += undo_slots(tracker)
            return answer
        return form if done == [answer] else ACTION_LISTEN_NAME if done == [answer, form] else None


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT], is_trainable=False)
class FallbackOncePolicy(_TurnPolicy):
    """Listens after the fallback action.

    Where no rule goes on from there, RulePolicy would predict its fallback again and again, until Rasa's limit of ten.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 6, "fallback": "action_misunderstood"}

    def _next(self, tracker: DialogueStateTracker, domain: Domain, events: list[Event]) -> str | None:
        done = actions_of_turn(tracker)
        return ACTION_LISTEN_NAME if done and done[-1] == self.config["fallback"] else None


def _known(domain: Domain, *names: str) -> str:
    """The first of the responses that the model knows."""
    return next(name for name in names if name in domain.responses)
