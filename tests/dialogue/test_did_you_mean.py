"""Where two answers are likely and neither is sure, both are offered."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import Affirm, Misunderstood, likely
from bot.content.titles import read_titles
from bot.settings import ROOT

TITLES = {"groom_signs": "What are the signs?", "groom_what": "What is grooming?"}


def ranking(*found: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": confidence} for name, confidence in found]


def test_the_two_likeliest_answers_may_be_meant() -> None:
    found = ranking(("nlu_fallback", 0.5), ("groom_signs", 0.3), ("groom_what", 0.28), ("greet", 0.1))

    assert likely(found, TITLES) == ["groom_signs", "groom_what"]


def test_unlikely_ones_and_small_talk_are_not_offered() -> None:
    assert likely(ranking(("groom_signs", 0.15), ("groom_what", 0.1)), TITLES) == []
    assert likely(ranking(("groom_signs", 0.4), ("greet", 0.39)), TITLES) == []
    assert likely(ranking(("groom_signs", 0.9)), TITLES) == []
    assert likely([], TITLES) == []


def test_every_answer_that_is_no_small_talk_has_a_title() -> None:
    titles, problems = read_titles(ROOT / "data")

    assert problems == []
    assert {"groom_signs", "bot_free", "tell_parent", "feel_sad"} <= set(titles)


def tracker(latest: dict[str, Any], said_before: str | None = None, *, buttons: tuple[str, ...] = ()) -> Tracker:
    said = {"event": "bot", "metadata": {"utter_action": said_before}, "data": {"buttons": [{"payload": one} for one in buttons]}}
    return Tracker("a-conversation", {}, latest, [said] if said_before else [], False, None, {}, None)


def test_both_are_buttons_with_a_person_beside_them() -> None:
    said = CollectingDispatcher()
    unsure = {"intent": {"name": "nlu_fallback"}, "intent_ranking": ranking(("groom_signs", 0.3), ("groom_what", 0.28))}

    Misunderstood().run(said, tracker(unsure), {})

    (message,) = said.messages
    assert message["response"] == "utter_did_you_mean"
    assert [button["payload"] for button in message["buttons"]] == ["/groom_signs", "/groom_what", "person:ask"]


@pytest.mark.parametrize("before", ["utter_did_you_mean", "utter_default"])
def test_the_second_time_in_a_row_a_person_is_offered(before: str) -> None:
    said = CollectingDispatcher()
    unsure = {"intent": {"name": "nlu_fallback"}, "intent_ranking": ranking(("groom_signs", 0.3), ("groom_what", 0.28))}

    Misunderstood().run(said, tracker(unsure, before), {})

    assert [message["response"] for message in said.messages] == ["utter_offer_person"]


def test_a_yes_to_one_of_these_calls_nobody() -> None:
    said = CollectingDispatcher()
    yes = {"intent": {"name": "affirm"}, "text": "yes"}

    Affirm().run(said, tracker(yes, "utter_did_you_mean", buttons=("/groom_signs", "person:ask")), {})

    assert [message["response"] for message in said.messages] == ["utter_say_more"]
