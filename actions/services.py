"""Services that can be reached now, for the country and what was spoken about."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.settings import load_settings

MOST_SERVICES = 4
EMERGENCY = "emergency"


class Services(Action):
    """Names topics of services; `web` attaches the services themselves, and `rasa shell` shows them as a list."""

    def name(self) -> str:
        return "action_services"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        content = _content()
        topics = sorted(content.topics_for(_cues(tracker)))
        dispatcher.utter_message(response="utter_services")
        if tracker.get_latest_input_channel() is not None:  # a shell or another channel of Rasa's own
            dispatcher.utter_message(text=_listed(content, tracker.get_slot("country"), topics))
        return [SlotSet("topics", topics or [EMERGENCY])]


def _cues(tracker: Tracker) -> set[str]:
    """Cues of this message, and those that the conversation was answered for."""
    assessment = tracker.latest_message.get("assessment") or {}
    message: dict[str, Any] = next((event for event in reversed(tracker.events) if event.get("event") == "user"), {})
    answered = (message.get("metadata") or {}).get("answered_cues") or []
    return {str(hit["cue"]) for hit in assessment.get("cues", [])} | {str(cue) for cue in answered}


def _listed(content: Any, country: str | None, topics: list[str]) -> str:
    services = content.directory.services(country, topics, time.time())[:MOST_SERVICES]
    return "\n".join(f"{service.name}: {service.contact}" for service in services)


@lru_cache(maxsize=1)
def _content() -> Any:
    from bot.content import Content  # late: an action file must be importable when content cannot be loaded

    return Content.load(load_settings().data_dir)
