"""The policy that goes through guided first steps (data/guides.yml), one small step a turn."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.content.guides import Step
from bot.engine.policy import TurnPolicy
from bot.engine.turn import (
    GUIDE,
    NOT_A_QUESTION,
    actions_of_turn,
    asks,
    assessment_of,
    guide_steps,
    safety_questions,
    said_before_turn,
)
from bot.triage.questions import read_answer

LISTEN = "action_listen"
GO_ON = "guide_on"
STEP = "utter_guide_"
RESUME = "utter_guide_resume"
STOPPED = "utter_guide_stopped"
PERSON = frozenset({"ask_person", "no_person"})
# What is no answer to a step when it was clearly said: rules answer it, and the guide waits.
ASIDE = frozenset({"check_offer", "find_help", "goodbye", "thanks", "insult", "test_bot", "other_language", "prompt_injection"})
ASIDE |= {"not_clear", "moment"}
REPLIES = frozenset({"affirm", "deny", "answer_skip"})
_ANSWERS = {"affirm": "yes", "deny": "no"}


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT], is_trainable=False)
class GuidePolicy(TurnPolicy):
    """Takes what is said inside a guide as the answer to its step, and says the next one.

    Anything counts as an answer: nobody in a guide hears that they were not understood. A question is answered first, and then
    the guide offers to go on; a second question in a row leaves it. "Stop" leaves it at once.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 7, "threshold": 0.6}

    def _next(self, tracker: DialogueStateTracker, domain: Domain, events: list[Event]) -> str | None:
        if tracker.active_loop_name is not None:
            return None
        done = actions_of_turn(tracker)
        if done:
            return self._after(tracker, done, events)
        step = self._step(tracker)
        if step is None:
            return None
        intent, sure = self._intent(tracker)
        answer = self._answer(tracker, intent, sure)
        if said_before_turn(tracker) == RESUME:  # "shall we go on?" was the question that was answered
            intent, answer = "stop_form" if answer == "no" else intent, "other"
        if intent == "stop_form":
            events.append(SlotSet(GUIDE, None))
            return STOPPED
        if intent in PERSON or (intent in ASIDE and sure):
            return None
        if self._is_question(tracker, domain):
            return f"utter_{intent}"
        said = step.after(answer)
        if said not in domain.responses:
            return None
        events.append(SlotSet(GUIDE, said if said in guide_steps() else None))
        return said

    def _after(self, tracker: DialogueStateTracker, done: list[str], events: list[Event]) -> str | None:
        """What follows in the same turn: after an answered question the offer to go on, then nothing."""
        if done[0].startswith(STEP) or done[-1] == RESUME:
            return LISTEN
        intent, _ = self._intent(tracker)
        if tracker.get_slot(GUIDE) is None or intent in NOT_A_QUESTION or done != [f"utter_{intent}"]:
            return None
        if said_before_turn(tracker) == RESUME:
            events.append(SlotSet(GUIDE, None))
            return LISTEN
        return RESUME

    def _step(self, tracker: DialogueStateTracker) -> Step | None:
        """The step whose answer is waited for; after "step by step" or a safety question the one that the last text begins."""
        waiting = guide_steps().get(tracker.get_slot(GUIDE) or "")
        if waiting is not None:
            return waiting
        said, intent = said_before_turn(tracker) or "", self._intent(tracker)[0]
        begins = intent == GO_ON or (intent in REPLIES and said in safety_questions())
        return guide_steps().get(said) if begins else None

    def _is_question(self, tracker: DialogueStateTracker, domain: Domain) -> bool:
        """Whether the message is a question with an answer of its own, and no further word about what was told."""
        intent, sure = self._intent(tracker)
        if not sure or intent in NOT_A_QUESTION or f"utter_{intent}" not in domain.responses:
            return False
        message = tracker.latest_message
        return asks((message.text or "") if message is not None else "") or not assessment_of(message).cues

    def _intent(self, tracker: DialogueStateTracker) -> tuple[str, bool]:
        """The intent, and whether it is sure enough to count against the guide."""
        intent: Any = tracker.latest_message.intent if tracker.latest_message is not None else {}
        name, confidence = str(intent.get("name") or "nlu_fallback"), float(intent.get("confidence") or 0.0)
        return name, confidence >= float(self.config["threshold"])

    @staticmethod
    def _answer(tracker: DialogueStateTracker, intent: str, sure: bool) -> str:
        """`yes`, `no`, or `other` for what was skipped or said in other words."""
        if sure and intent in _ANSWERS:
            return _ANSWERS[intent]
        message = tracker.latest_message
        return read_answer((message.text or "") if message is not None else "") or _ANSWERS.get(intent, "other")
