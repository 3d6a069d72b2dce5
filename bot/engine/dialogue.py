"""Rasa, embedded: dialogue state and a turn in, new state and replies out. Nothing is kept between calls."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bot.engine.quiet  # noqa: F401  # before any other import of Rasa

# isort: split
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.in_process import failed_actions, load_actions
from bot.engine.options import read_option
from bot.engine.runner import PlannedGraphRunner
from bot.engine.state import State, freeze, thaw
from bot.engine.turn import CUE_RESPONSE
from bot.errors import HandrailError, ModelError

logger = logging.getLogger(__name__)

MOST_BUBBLES = 6
MOST_OPTIONS = 4
_REQUESTS = {
    "action_ask_person": "person",
    "utter_person_requested": "person",
    f"{CUE_RESPONSE}wants_human": "person",
    "action_take_back": "no_person",
}
_NEW_EACH_TURN = (("topics", None), ("heard", None))
_tracker: ContextVar[DialogueStateTracker] = ContextVar("tracker")


class TurnFailed(HandrailError):
    """The dialogue gave no answer that can be shown."""

    status = 500


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn, as turn_schema.json describes a request."""

    conversation_key: str
    state: State | None
    texts: Sequence[str]
    option: str | None
    assessment: Mapping[str, Any]
    answered_cues: Sequence[str]
    staffing: str
    country: str | None
    missed: Sequence[str] = ()
    embedded: Mapping[str, str] | None = None


class ContextTrackerStore(TrackerStore):
    """Holds the one tracker of the call that is running in this context."""

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        return _tracker.get(None)

    async def save(self, tracker: DialogueStateTracker) -> None:
        _tracker.set(tracker)


class Dialogue:
    """A trained model with its actions. One turn at a time: Rasa's graph is not made for more."""

    def __init__(self, agent: Agent, content_version: str) -> None:
        assert agent.processor is not None and agent.domain is not None
        self._processor = agent.processor
        self._domain: Domain = agent.domain
        self.content_version = content_version

    @classmethod
    def load(cls, model: Path) -> Dialogue:
        """The model in `model` (a .tar.gz). Raises `ModelError` when it cannot be used."""
        try:
            agent = Agent.load(model, action_endpoint=load_actions())
        except Exception as error:
            raise ModelError(f"The dialogue model {model.name} cannot be loaded; train it again.") from error
        if agent.processor is None or agent.domain is None:
            raise ModelError(f"The dialogue model {model.name} is not complete; train it again.")
        store = ContextTrackerStore(agent.domain)
        agent.tracker_store = store
        agent.processor.tracker_store = store
        agent.processor.graph_runner = PlannedGraphRunner.of(agent.processor.graph_runner)
        return cls(agent, model.name.removesuffix(".tar.gz"))

    async def answer(self, turn: Turn) -> dict[str, Any]:
        """New state, bubbles, requests and facts, as turn_schema.json describes an answer.

        Raises:
            TurnFailed: an action failed, or nothing was said.
        """
        failures: list[str] = []
        failed_actions.set(failures)
        tracker = thaw(turn.state, turn.conversation_key, self._domain, drop_loop=bool(turn.missed))
        self._set_slots(tracker, turn)
        _tracker.set(tracker)
        before = len(tracker.events)
        for number, message in enumerate(messages := self._messages(turn)):
            last = number == len(messages) - 1
            message.output_channel = CollectingOutputChannel()
            message.metadata = _metadata(turn, message.text, with_cues=last)
            if message.parse_data is not None:
                message.parse_data["assessment"] = message.metadata["assessment"]
            await self._processor.handle_message(message)
        if failures:
            raise TurnFailed("An action failed.", action=failures[0])
        tracker = _tracker.get()
        new = list(tracker.events)[before:]
        bubbles = _bubbles(new)
        if not bubbles:
            raise TurnFailed("Nothing was said.")
        done = [event.action_name for event in new if isinstance(event, ActionExecuted)]
        done += [bubble.get("text_id") for bubble in bubbles]
        return {
            "state": freeze(tracker),
            "bubbles": bubbles[:MOST_BUBBLES],
            "requests": list(dict.fromkeys(_REQUESTS[name] for name in done if name in _REQUESTS)),
            "facts": {},
            "topics": list(tracker.get_slot("topics") or []),
            "heard": list(tracker.get_slot("heard") or []),
            "content_version": self.content_version,
        }

    def _set_slots(self, tracker: DialogueStateTracker, turn: Turn) -> None:
        for name, value in (("staffing", turn.staffing), ("country", turn.country), *_NEW_EACH_TURN):
            if name in tracker.slots and (value is not None or (name, None) in _NEW_EACH_TURN):
                tracker.update(SlotSet(name, value), self._domain)

    def _messages(self, turn: Turn) -> list[UserMessage]:
        """The option that was pressed, then all texts as one message."""
        messages = []
        if turn.option is not None:
            parse_data = _parse_data(turn.option, self._domain.intents)
            messages.append(UserMessage("", sender_id=turn.conversation_key, parse_data=parse_data))
        text = "\n".join(text for text in turn.texts if text.strip())
        if text or turn.option is None:
            # A message that starts with "/" would be read as a command, with the certainty of an option.
            messages.append(UserMessage(text.lstrip("/ \n\t") or " ", sender_id=turn.conversation_key))
        return messages


def _metadata(turn: Turn, text: str, *, with_cues: bool) -> dict[str, Any]:
    """What the components and policies read; the cues belong to the last message of the turn, so they are answered once."""
    assessment = dict(turn.assessment) if with_cues else {**turn.assessment, "tier": "none", "assessed": "full", "cues": []}
    embedded = turn.embedded if (text,) == tuple(turn.texts) else None
    return {"assessment": assessment, "answered_cues": list(turn.answered_cues), "embedded": embedded}


def _parse_data(payload: str, intents: Collection[str]) -> dict[str, Any]:
    """What Rasa would make of a message that says what the option says."""
    intent = {"name": read_option(payload, intents), "confidence": 1.0}
    return {"text": "", "intent": intent, "entities": [], "intent_ranking": [intent], "option": payload}


def _bubbles(events: Sequence[Any]) -> list[dict[str, Any]]:
    """What was said, each response once, with its options."""
    bubbles: dict[str, dict[str, Any]] = {}
    for event in events:
        if not isinstance(event, BotUttered) or not (event.text or "").strip():
            continue
        text_id = event.metadata.get("utter_action")
        options = [
            {"title": str(button["title"])[:60], "payload": str(button["payload"])}
            for button in (event.data.get("buttons") or [])[:MOST_OPTIONS]
        ]
        bubble: dict[str, Any] = {"text": event.text, "options": options}
        if text_id:
            bubble["text_id"] = text_id
        bubbles.setdefault(text_id or str(event.text), bubble)
    return list(bubbles.values())
