"""Yes, no, and what was not understood: their meaning hangs on what was said last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.content.titles import read_titles
from bot.settings import load_settings

# Says that something was read. Taken for a wish, it would call a person whom nobody asked for.
HEARD_ONLY = frozenset("ok;okay;k;kk;oki;okok;oh ok;ok then;okay then;alright;cool;got it;i see;oh;fine;right;ok cool".split(";"))


DID_YOU_MEAN = "utter_did_you_mean"
ASKED_AGAIN = frozenset({"utter_default", DID_YOU_MEAN})
ASK_A_PERSON = {"title": "Talk to a person", "payload": "person:ask"}
LIKELY_TOGETHER = 0.3  # of the probability: with less, neither of the two is likely


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
    """Asks once, kindly, with next steps or with the answers that may be meant; the second time in a row it offers a person."""

    def name(self) -> str:
        return "action_misunderstood"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        if (tracker.latest_message.get("intent") or {}).get("name") == "ask_more":  # after an answer that has no more to it
            dispatcher.utter_message(response="utter_no_more")
            return []
        if _said_before(tracker) in ASKED_AGAIN:
            dispatcher.utter_message(response="utter_offer_person")
        elif meant := likely(tracker.latest_message.get("intent_ranking") or (), _titles()):
            buttons = [*({"title": _titles()[intent], "payload": f"/{intent}"} for intent in meant), ASK_A_PERSON]
            dispatcher.utter_message(response=DID_YOU_MEAN, buttons=buttons)
        else:
            dispatcher.utter_message(response="utter_default")
        return []


def likely(ranking: Sequence[Mapping[str, Any]], titles: Collection[str]) -> list[str]:
    """The two answers that a message may mean; none where it is likelier that it means neither."""
    first = [entry for entry in ranking if entry["name"] != "nlu_fallback"][:2]
    named = [str(entry["name"]) for entry in first if entry["name"] in titles]
    together = sum(float(entry["confidence"]) for entry in first)
    return named if len(named) == 2 and together >= LIKELY_TOGETHER else []


def person_was_offered(tracker: Tracker) -> bool:
    """True when the last thing said offered a person and put no safety question beside it.

    A pressed answer to a safety question is an answer to that question only.
    """
    if str(tracker.latest_message.get("option") or "").startswith("answer:") or _said_before(tracker) == DID_YOU_MEAN:
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


@lru_cache(maxsize=1)
def _titles() -> Mapping[str, str]:
    return read_titles(load_settings().data_dir)[0]
