"""The offer checker: three questions about a job, study, modelling or travel offer, each of which may be skipped."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

KINDS: dict[str, tuple[str, ...]] = {
    "model": ("model", "casting", "photo", "shoot", "actor", "acting", "film"),
    "study": ("school", "study", "scholarship", "course", "college", "university", "visa", "prize"),
    "travel": ("trip", "travel", "flight", "holiday", "ticket", "abroad"),
    "money": ("money", "cash", "allowance", "pay me", "sugar", "bank", "crypto", "transfer"),
    "job": ("job", "work", "waiter", "waitress", "nanny", "au pair", "cleaner", "hotel", "bar", "shop", "delivery"),
}
FORM_SLOTS = ("offer_kind", "asked_for_money", "asked_for_papers")


class ValidateOfferForm(FormValidationAction):
    """Keeps the kind of an offer and none of the words about it."""

    def name(self) -> str:
        return "validate_offer_form"

    def validate_offer_kind(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        return {"offer_kind": kind_of(str(value))}


class OfferCheck(Action):
    """Says how many warning signs the answers show, and empties the form."""

    def name(self) -> str:
        return "action_offer_check"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        answers = [tracker.get_slot("asked_for_money"), tracker.get_slot("asked_for_papers")]
        dispatcher.utter_message(response=verdict(answers))
        return [SlotSet(name, None) for name in FORM_SLOTS]


def kind_of(words: str) -> str:
    """The kind of offer that `words` speak of; `other` when they do not say."""
    if words in KINDS or words == "skipped":
        return words
    lowered = words.lower()
    return next((kind for kind, names in KINDS.items() if any(name in lowered for name in names)), "other")


def verdict(answers: list[Any]) -> str:
    """The response that goes with the answers: signs found, none found, or too little said to tell."""
    if "yes" in answers:
        return "utter_offer_warning"
    return "utter_offer_no_sign" if answers == ["no", "no"] else "utter_offer_unsure"
