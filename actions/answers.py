"""Yes, no, and what was not understood: their meaning hangs on what was said last."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

# Says that something was read. Taken for a wish, it would call a person whom nobody asked for.
HEARD_ONLY = frozenset("ok;okay;k;kk;oki;okok;oh ok;ok then;okay then;alright;cool;got it;i see;oh;fine;right;ok cool".split(";"))


class Affirm(Action):
    """ "Yes": to the offer of a person when that was all there was to say yes to."""

    def name(self) -> str:
        return "action_affirm"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        heard_only = _words(tracker) in HEARD_ONLY and _said_before(tracker) != "utter_offer_person"
        if heard_only:
            dispatcher.utter_message(response="utter_ok")
            return []
        if person_was_offered(tracker):
            dispatcher.utter_message(response="utter_person_requested")
            return []
        dispatcher.utter_message(response="utter_say_more")
        return []


class Deny(Action):
    """ "No": never reads more into it than that."""

    def name(self) -> str:
        return "action_deny"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_no_person_now" if person_was_offered(tracker) else "utter_all_right")
        return []


class Misunderstood(Action):
    """Asks once, kindly, with next steps; the second time in a row it offers a person instead."""

    def name(self) -> str:
        return "action_misunderstood"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        if (tracker.latest_message.get("intent") or {}).get("name") == "ask_more":  # after an answer that has no more to it
            dispatcher.utter_message(response="utter_no_more")
            return []
        again = _said_before(tracker) == "utter_default"
        dispatcher.utter_message(response="utter_offer_person" if again else "utter_default")
        return []


def person_was_offered(tracker: Tracker) -> bool:
    """True when the last thing said offered a person and put no safety question beside it.

    A pressed answer to a safety question is an answer to that question only.
    """
    if str(tracker.latest_message.get("option") or "").startswith("answer:"):
        return False
    payloads = [str(button.get("payload")) for button in _last_bot_event(tracker).get("data", {}).get("buttons") or []]
    return "person:ask" in payloads and not any(payload.startswith("answer:") for payload in payloads)


def _words(tracker: Tracker) -> str:
    return " ".join(str(tracker.latest_message.get("text") or "").lower().strip(" .!…").split())


def _said_before(tracker: Tracker) -> str | None:
    said: str | None = _last_bot_event(tracker).get("metadata", {}).get("utter_action")
    return said


def _last_bot_event(tracker: Tracker) -> dict[str, Any]:
    return next((event for event in reversed(tracker.events) if event.get("event") == "bot"), {})
