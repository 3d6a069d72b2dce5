"""Asking for a person, and taking that wish back.

The actions say nothing: the words come from reviewed responses, and the caller reads from the turn that they ran.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


class AskPerson(Action):
    """The young person wants a person."""

    def name(self) -> str:
        return "action_ask_person"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return []


class TakeBack(Action):
    """The young person no longer wants a person."""

    def name(self) -> str:
        return "action_take_back"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return []
