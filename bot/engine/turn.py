"""What a policy needs to know about the turn that is being answered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.content.guides import Step, read_guides
from bot.content.questions import asked_in, read_questions
from bot.settings import load_settings
from bot.triage.assessment import Assessment
from bot.triage.taxonomy import CUES, Tier

CUE_RESPONSE = "utter_cue_"
GUIDE = "guide"  # the slot that names the step whose answer is waited for
MOST_WORDS_ASKED = 12  # a longer text tells something, whatever it asks beside
NOT_A_QUESTION = frozenset(
    {"affirm", "deny", "answer_skip", "greet", "goodbye", "thanks", "insult", "test_bot", "out_of_scope", "other_language"}
    | {
        "prompt_injection",
        "ask_person",
        "no_person",
        "nlu_fallback",
        "nonsense",
        "ask_more",
        "not_clear",
        "tells_detail",
        "moment",
        "stop_form",
        "kind_job",
        "kind_model",
        "kind_study",
        "kind_love",
        "check_offer",
        "find_help",
        "guide_on",
    }
)
_ASKED_WITHIN = re.compile(
    r"\?|\b(?:what|wat|how|why|where|who)\b"
    r"|\b(?:shou?ld|shud|can|could|will|would|do|does|did|is|am|are|have|has) (?:i|we|u|you|it|he|she|they|this|that|my)\b"
)
_ASKING = frozenset(
    "what whats how why should can could will would do does did is are am who whos where when which may must have has".split()
)


@lru_cache(maxsize=1)
def guide_steps() -> Mapping[str, Step]:
    """All steps of the guides by text id. Without their file there are none, and answers are given as ever."""
    return read_guides(load_settings().data_dir)[0]


@lru_cache(maxsize=1)
def safety_questions() -> Collection[str]:
    """Ids of the texts that ask a safety question."""
    return asked_in(read_questions(load_settings().data_dir)[0])


def asks(text: str) -> bool:
    """Whether a text asks something rather than tells it; an empty one, of a pressed option, asks what the option says."""
    words = text.lower().replace("'", "").split()
    if not words:
        return True
    return len(words) <= MOST_WORDS_ASKED and (text.rstrip().endswith("?") or not _ASKING.isdisjoint(words[:2]))


def asks_something(text: str) -> bool:
    """Whether a question is anywhere in a text; an empty one, of a pressed option, asks what the option says."""
    return not text.strip() or _ASKED_WITHIN.search(text.lower().replace("\u2019", "'")) is not None


def assessment_of(message: UserUttered | None) -> Assessment:
    """The assessment that CueDetector put on the message; one without cues when there is none."""
    value = message.parse_data.get("assessment") if message is not None and message.parse_data else None
    if not value:
        return Assessment.from_dict({"tier": "none", "assessed": "full"})
    return Assessment.from_dict(value)


def responses_said(tracker: DialogueStateTracker) -> set[str]:
    """Names of all responses that the tracker remembers."""
    return {event.metadata.get("utter_action") or "" for event in tracker.events if isinstance(event, BotUttered)}


def answered_cues(tracker: DialogueStateTracker) -> set[str]:
    """Cues that need no new crisis text: as the caller says, or else those that the tracker remembers as answered."""
    message = tracker.latest_message
    told = (message.metadata or {}).get("answered_cues") if message is not None else None
    if told is not None:
        return {str(cue) for cue in told}
    return {name.removeprefix(CUE_RESPONSE) for name in responses_said(tracker) if name.startswith(CUE_RESPONSE)}


def cue_to_answer(assessment: Assessment, answered: Iterable[str]) -> str | None:
    """The most serious cue of the message that has not been answered; on a tie the one heard most clearly."""
    answered = set(answered)
    open_hits = [hit for hit in assessment.cues if hit.cue not in answered]
    best = max(open_hits, key=lambda hit: (CUES[hit.cue].tier, hit.score), default=None)
    if best is None:
        return None
    wanted = CUES[best.cue].tier > Tier.NONE or best.cue == "wants_human"
    return best.cue if wanted else None


def events_of_turn(tracker: DialogueStateTracker) -> Sequence[Event]:
    """What happened since the young person wrote, oldest first."""
    events = list(tracker.events)
    start = next((i for i in range(len(events) - 1, -1, -1) if isinstance(events[i], UserUttered)), len(events) - 1)
    return events[start + 1 :]


def actions_of_turn(tracker: DialogueStateTracker) -> list[str]:
    return [event.action_name for event in events_of_turn(tracker) if isinstance(event, ActionExecuted) and event.action_name]


def undo_slots(tracker: DialogueStateTracker) -> list[Event]:
    """Events that give every slot which this turn has set the value that it had before."""
    taken = {event.key for event in events_of_turn(tracker) if isinstance(event, SlotSet)}
    before: dict[str, Any] = {name: tracker.slots[name].initial_value for name in taken if name in tracker.slots}
    for event in tracker.events:
        if event is tracker.latest_message or event == tracker.latest_message:
            break
        if isinstance(event, SlotSet) and event.key in before:
            before[event.key] = event.value
    return [SlotSet(name, value) for name, value in before.items()]


def last_said(tracker: DialogueStateTracker) -> str | None:
    """Name of the last response before this turn's, or None."""
    for event in reversed(list(tracker.events)):
        if isinstance(event, BotUttered) and event.metadata.get("utter_action"):
            return str(event.metadata["utter_action"])
    return None


def said_before_turn(tracker: DialogueStateTracker) -> str | None:
    """Name of the last response that was said before the young person wrote."""
    events = list(tracker.events)
    for event in reversed(events[: len(events) - len(events_of_turn(tracker))]):
        if isinstance(event, BotUttered) and event.metadata.get("utter_action"):
            return str(event.metadata["utter_action"])
    return None
