"""The offer checker: takes an offer by questions or as pasted text, and says which warning signs it shows.

The form keeps ids of warning signs and none of the words about the offer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.content.offer_flags import FlagsFound, OfferFlag, find_flags, read_flags
from bot.settings import load_settings
from bot.triage.normalisation import normalise
from bot.triage.questions import read_answer

# What is asked, and the warning sign that a "yes" means; those that a pasted text answered already are left out.
QUESTIONS = {
    "asked_for_money": ("fee", "bank_account"),
    "asked_for_papers": ("papers",),
    "asked_for_pictures": ("pictures",),
    "asked_to_come_alone": ("meeting_alone", "secrecy"),
}
FORM_SLOTS = ("offer_kind", "offer_text", *QUESTIONS)
SERIOUS_ANSWERS = frozenset({"asked_for_pictures"})
KINDS = {"kind_job": "job", "kind_model": "job", "kind_study": "study", "kind_love": "love"}
LEAVE_TO_RULES = frozenset({"stop_form", "ask_person", "no_person", "find_help"})
ENOUGH_SIGNS = 3  # so many in one text need no more questions
MOST_SAID = 4
MOST_SAID_WHEN_SERIOUS = 3  # a page shows six bubbles at most
PASTED_WORDS = 8  # a longer text is the offer, not the name of its kind
MOST_MISSES = 2
CUE = "offer_red_flags"
TOPICS = ("child_helpline", "trafficking")  # services that go with a serious sign


class StartOfferCheck(Action):
    """Empties the form, so that a second offer is not mixed with the first. Nothing is said."""

    def name(self) -> str:
        return "action_offer_start"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return [*emptied(), SlotSet("guide", None)]


class ValidateOfferForm(Action):
    """Reads the answer to the question that was asked last."""

    def name(self) -> str:
        return "validate_offer_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        asked = tracker.get_slot("requested_slot")
        message = tracker.latest_message
        if asked not in FORM_SLOTS:
            return []
        intent = str((message.get("intent") or {}).get("name"))
        text = str(message.get("text") or "")
        if intent in LEAVE_TO_RULES and len(text.split()) <= PASTED_WORDS or _was_answered(tracker, intent):
            return []
        slots = {name: tracker.get_slot(name) for name in (*FORM_SLOTS, "offer_flags", "offer_serious", "offer_misses")}
        heard = answered(asked, intent, text, slots)
        if heard.get("offer_misses") and heard["offer_misses"] < MOST_MISSES:
            dispatcher.utter_message(response="utter_offer_again")
        return [SlotSet(name, value) for name, value in heard.items()]


def _was_answered(tracker: Tracker, intent: str) -> bool:
    """Whether the message was a question that this turn has answered already: then it tells nothing about the offer."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action" and event["name"] == f"utter_{intent}":
            return True
    return False


class OfferCheck(Action):
    """Says which warning signs were seen, and empties the form; what was seen goes to the desk with the turn."""

    def name(self) -> str:
        return "action_offer_check"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        slots = {name: tracker.get_slot(name) for name in (*FORM_SLOTS, "offer_flags", "offer_serious", "offer_misses")}
        for name in verdict(slots):
            dispatcher.utter_message(response=name)
        flags = seen(slots)
        serious = bool(slots["offer_serious"])
        heard = [heard_by_desk(flags, serious=serious)] if flags else []
        topics = [SlotSet("topics", list(TOPICS))] if serious else []
        return [*emptied(), SlotSet("heard", heard), *topics]


def answered(asked: str, intent: str, text: str, slots: dict[str, Any]) -> dict[str, Any]:
    """The slots that an answer changes: the asked one, warning signs found, and questions that need not be asked any more.

    Args:
        asked: the slot that the last question fills.
        slots: all slots of the form as they are.
    """
    skipped = intent == "answer_skip" and len(text.split()) <= PASTED_WORDS
    if skipped:
        return {asked: "skipped"}
    if asked == "offer_kind":
        if intent in KINDS and len(text.split()) <= PASTED_WORDS:
            return {asked: KINDS[intent]}
        if len(text.split()) > PASTED_WORDS or "\n" in text:
            return {asked: KINDS.get(intent, "other"), **_pasted(text, slots)}
        return {asked: "other", **_added(find(text), slots)} if text.strip() else {asked: "skipped"}
    if asked == "offer_text":
        return _pasted(text, slots)
    return _yes_or_no(asked, intent, text, slots)


def verdict(slots: dict[str, Any]) -> list[str]:
    """The responses that go with what was found, in order: at most five, never one that clears an offer."""
    if (slots["offer_misses"] or 0) >= MOST_MISSES:
        return ["utter_offer_person"]
    flags = seen(slots)
    serious = slots["offer_serious"] or []
    if flags:
        most = MOST_SAID_WHEN_SERIOUS if serious else MOST_SAID
        first = sorted(flags, key=lambda flag: (flag not in serious, list(_flags()).index(flag)))[:most]
        intro = "utter_offer_many_signs" if len(flags) > most else "utter_offer_signs"
        return [intro, *(_flags()[flag].text for flag in first), "utter_offer_serious" if serious else "utter_offer_next"]
    told = slots["offer_text"] == "given" or "no" in [slots[name] for name in QUESTIONS]
    last = "utter_offer_no_sign" if told else "utter_offer_unsure"
    return ["utter_offer_love", last] if slots["offer_kind"] == "love" else [last]


def seen(slots: dict[str, Any]) -> list[str]:
    """Ids of the warning signs that text and answers showed, most telling first."""
    found = set(slots["offer_flags"] or [])
    return [flag for flag in _flags() if flag in found]


def heard_by_desk(flags: list[str], *, serious: bool) -> dict[str, Any]:
    """What a counsellor reads; a serious sign counts as `high`, so that a handoff opens."""
    said = "; ".join(_flags()[flag].desk for flag in flags)
    return {"cue": CUE, "evidence": f"Offer checker: {said}", **({"tier": "high"} if serious else {})}


def find(text: str) -> FlagsFound:
    return find_flags(normalise(text).text, _flags().values())


def emptied() -> list[dict[str, Any]]:
    return [SlotSet(name, None) for name in (*FORM_SLOTS, "offer_flags", "offer_serious", "offer_misses")]


def _pasted(text: str, slots: dict[str, Any]) -> dict[str, Any]:
    heard = {"offer_text": "given", **_added(find(text), slots)}
    flags = heard["offer_flags"]
    enough = bool(heard["offer_serious"]) or len(flags) >= ENOUGH_SIGNS
    for question, means in QUESTIONS.items():
        if enough or set(means) & set(flags):
            heard[question] = "seen"
    return heard


def _yes_or_no(asked: str, intent: str, text: str, slots: dict[str, Any]) -> dict[str, Any]:
    answer = {"affirm": "yes", "deny": "no"}.get(intent) or read_answer(text)
    more = find(text)
    if answer == "yes" or (answer is None and more.flags):
        means = QUESTIONS[asked]
        told = tuple(flag for flag in more.flags if flag in means) or means[:1]
        serious = (*more.serious, *(told if asked in SERIOUS_ANSWERS else ()))
        heard = {asked: "yes", **_added(FlagsFound((*more.flags, *told), serious), slots)}
        return {**heard, **dict.fromkeys(QUESTIONS, "seen"), asked: "yes"} if heard["offer_serious"] else heard
    if answer == "no":
        return {asked: "no"}
    if answer == "unclear":
        return {asked: "skipped"}
    misses = (slots["offer_misses"] or 0) + 1
    if misses >= MOST_MISSES:  # the form ends, and a person is offered
        return {**dict.fromkeys(FORM_SLOTS, "skipped"), "offer_misses": misses}
    return {asked: None, "offer_misses": misses}


def _added(found: FlagsFound, slots: dict[str, Any]) -> dict[str, Any]:
    both = (("offer_flags", found.flags), ("offer_serious", found.serious))
    return {name: sorted({*(slots[name] or []), *flags}) for name, flags in both}


@lru_cache(maxsize=1)
def _flags() -> dict[str, OfferFlag]:
    flags, _ = read_flags(load_settings().data_dir)
    return flags
