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
    GUIDE,
    NOT_A_QUESTION,
    actions_of_turn,
    answered_cues,
    asks,
    asks_something,
    assessment_of,
    cue_to_answer,
    guide_steps,
    last_said,
    responses_said,
    said_before_turn,
    undo_slots,
)
from bot.triage.taxonomy import CUES, Assessed, Tier, most_serious

logger = logging.getLogger(__name__)

STILL_HERE = ("utter_still_here", "utter_still_here_again")
EMPTY_TALK = NOT_A_QUESTION - {"ask_person", "no_person", "check_offer", "find_help", "prompt_injection", "guide_on"}
POLITE = frozenset({"goodbye", "thanks", "greet", "insult", "test_bot", "other_language"})  # with a cue beside it never only that
OFFER_FORM = "offer_form"
# What the offer checker is there for: a pasted ad that shows these is answered by the checker, not taken out of its hands.
OF_THE_OFFER = frozenset({"offer_red_flags", "grooming_signs"})
CHECKED = frozenset({"utter_offer_next", "utter_offer_serious"})


class TurnPolicy(Policy):
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
class TriagePolicy(TurnPolicy):
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
                if first.startswith(CUE_RESPONSE):
                    events.append(SlotSet(GUIDE, first if first in guide_steps() else None))
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
        if tracker.active_loop_name == OFFER_FORM:
            answered |= OF_THE_OFFER
        elif CHECKED & responses_said(tracker):
            answered |= {"offer_red_flags"}
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
        in_guide = tracker.get_slot(GUIDE) in guide_steps() and self._intent(tracker)[0] not in POLITE
        if in_guide or (tracker.active_loop_name and OF_THE_OFFER >= set(assessment.cue_ids)):
            return None  # the guide takes anything for an answer, and so does the checker what is about the offer
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
        message = tracker.latest_message
        return name if message is not None and asks_something(message.text or "") else None

    @staticmethod
    def _intent(tracker: DialogueStateTracker) -> tuple[str, float]:
        intent: Any = tracker.latest_message.intent if tracker.latest_message is not None else {}
        return str(intent.get("name") or "nlu_fallback"), float(intent.get("confidence") or 0.0)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT], is_trainable=False)
class QuestionInFormPolicy(TurnPolicy):
    """Answers a question that is asked inside a form, and then goes on with the form.

    What tells rather than asks is left to the form, whatever it sounds like: a pasted ad is no question about jobs.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 8, "threshold": 0.4}

    def _next(self, tracker: DialogueStateTracker, domain: Domain, events: list[Event]) -> str | None:
        message, form = tracker.latest_message, tracker.active_loop_name
        if message is None or form is None:
            return None
        intent, confidence = str(message.intent.get("name")), float(message.intent.get("confidence") or 0.0)
        answer = f"utter_{intent}"
        if intent in NOT_A_QUESTION or confidence < self.config["threshold"] or answer not in domain.responses:
            return None
        if not asks(message.text or ""):
            return None
        done = actions_of_turn(tracker)
        if not done:
            events += undo_slots(tracker)
            return answer
        return form if done == [answer] else ACTION_LISTEN_NAME if done == [answer, form] else None


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT], is_trainable=False)
class OtherWordsPolicy(TurnPolicy):
    """Says `utter_x_again` where `utter_x` was the last thing said and would be said once more, if content has such a text."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 5}

    def _next(self, tracker: DialogueStateTracker, domain: Domain, events: list[Event]) -> str | None:
        message = tracker.latest_message
        if message is None or tracker.active_loop_name is not None:
            return None
        answer = "utter_" + str(message.intent.get("name"))
        again, done = f"{answer}_again", actions_of_turn(tracker)
        if again not in domain.responses:
            return None
        if done == [again]:
            return str(ACTION_LISTEN_NAME)
        repeats = not done and said_before_turn(tracker) == answer
        return again if repeats else None


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT], is_trainable=False)
class FallbackOncePolicy(TurnPolicy):
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
