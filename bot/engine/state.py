"""Dialogue state as JSON: the newest turns, the slots and the active loop, and no word that anybody wrote.

The price of a turn in Rasa grows with the events of its tracker, so old turns are left out. What is kept of a turn is what
rules, stories and policies look at: the intent, the actions and the names of the responses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.turn import GUIDE

VERSION = 1
MOST_TURNS = 6
# Given anew with every call.
TURN_SLOTS = frozenset({"staffing", "topics", "heard", "country_name", "emergency_number", "helpline_name"})

State = dict[str, Any]


def freeze(tracker: DialogueStateTracker) -> State:
    """The state to keep after a turn; plain JSON values only."""
    turns: list[dict[str, Any]] = []
    for event in tracker.events:
        if isinstance(event, UserUttered):
            turns.append({"intent": event.intent_name, "did": []})
        elif turns and isinstance(event, ActionExecuted) and event.action_name not in (None, ACTION_LISTEN_NAME):
            turns[-1]["did"].append({"action": event.action_name})
        elif turns and isinstance(event, BotUttered):
            said = {"said": event.metadata.get("utter_action"), "options": _payloads(event)}
            turns[-1]["did"].append(said)
    slots = {
        name: slot.value
        for name, slot in tracker.slots.items()
        if slot.value is not None and slot.value != slot.initial_value and name not in TURN_SLOTS
    }
    return {"v": VERSION, "turns": turns[-MOST_TURNS:], "slots": slots, "loop": tracker.active_loop_name}


def thaw(state: Mapping[str, Any] | None, sender_id: str, domain: Domain, *, drop_loop: bool = False) -> DialogueStateTracker:
    """A tracker that listens, as `state` left it.

    A state of another version, or names that this model does not know, are left out: a young person never gets an error
    because content changed under a conversation.

    Args:
        drop_loop: leave the form or guide that was active; somebody else has answered in between.
    """
    known = state if state is not None and state.get("v") == VERSION else {}
    events: list[Event] = []
    for turn in known.get("turns", []):
        events += [ActionExecuted(ACTION_LISTEN_NAME), UserUttered("", {"name": turn.get("intent"), "confidence": 1.0})]
        events += [event for done in turn.get("did", []) if (event := _event(done, domain)) is not None]
    loop = known.get("loop") if known.get("loop") in domain.form_names and not drop_loop else None
    slot_names = {slot.name for slot in domain.slots}
    for name, value in known.get("slots", {}).items():
        if name in slot_names and not (name == REQUESTED_SLOT and loop is None) and not (name == GUIDE and drop_loop):
            events.append(SlotSet(name, value))
    if loop is not None:
        events.append(ActiveLoop(loop))
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    return DialogueStateTracker.from_events(sender_id, events, domain.slots)


def _event(done: Mapping[str, Any], domain: Domain) -> Event | None:
    if "action" in done:
        return ActionExecuted(done["action"]) if done["action"] in domain.action_names_or_texts else None
    buttons = [{"payload": payload} for payload in done.get("options", [])]
    return BotUttered("", {"buttons": buttons}, {"utter_action": done.get("said")})


def _payloads(event: BotUttered) -> list[str]:
    return [str(button.get("payload")) for button in event.data.get("buttons") or []]
