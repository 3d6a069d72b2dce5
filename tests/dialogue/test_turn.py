"""POST /turn and GET /health, over the trained model."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.engine.app import Engine, create_app
from bot.engine.models import newest_model
from bot.settings import load_settings
from bot.triage.taxonomy import CUES, Tier
from tests.dialogue.conftest import Conversation, assessment, request


@pytest.mark.parametrize("cue", [cue.id for cue in CUES.values()])
def test_each_cue_gets_its_own_response(cue: str, conversation: Conversation) -> None:
    conversation.turn("something that only triage understands", cues=(cue,))
    assert conversation.said[0] == f"utter_cue_{cue}"


@pytest.mark.parametrize("cue", [cue.id for cue in CUES.values() if cue.tier is Tier.IMMEDIATE])
def test_an_immediate_cue_is_answered_again_when_its_answer_is_old(cue: str, conversation: Conversation) -> None:
    conversation.turn("words", cues=(cue,))
    conversation.turn("words", cues=(cue,), answered_cues=[])
    assert conversation.said[0] == f"utter_cue_{cue}"


@pytest.mark.parametrize("staffing", ["on_duty", "busy", "none"])
def test_the_form_of_a_text_follows_staffing(staffing: str, conversation: Conversation) -> None:
    text = conversation.turn("can i talk to a person", staffing=staffing)["bubbles"][0]["text"]
    assert ("No helper is here" in text) is (staffing == "none")


def test_a_conversation_goes_on_from_its_state_in_json(conversation: Conversation) -> None:
    conversation.turn(option="/check_offer")
    conversation.turn(option="/kind_job")
    conversation.turn(option="/answer_skip")
    conversation.state = json.loads(json.dumps(conversation.state))
    conversation.turn("yes")
    assert conversation.said == ["utter_ask_asked_for_papers"]


def test_the_same_state_and_turn_give_the_same_answer(client: TestClient, conversation: Conversation) -> None:
    conversation.turn(option="/check_offer")
    body = request(("its modelling",), state=conversation.state)
    assert client.post("/turn", json=body).json() == client.post("/turn", json=body).json()


def test_the_state_stays_small_and_holds_no_word_that_was_written(conversation: Conversation) -> None:
    for number in range(30):
        conversation.turn(f"my name is Zebedee and {'what is grooming' if number % 2 else 'how do i block him'}")
    kept = json.dumps(conversation.state)
    assert "Zebedee" not in kept
    assert len(kept) < 4000


def test_a_long_conversation_is_not_slower_than_a_short_one(conversation: Conversation) -> None:
    def seconds() -> float:
        start = time.perf_counter()
        conversation.turn("what is grooming")
        return time.perf_counter() - start

    early = min(seconds() for _ in range(5))
    for _ in range(60):
        conversation.turn("how do i block him")
    assert min(seconds() for _ in range(5)) < 3 * early + 0.02


@pytest.mark.parametrize(
    "state", [{}, {"v": 99}, {"v": 1, "turns": [{"intent": "gone", "did": [{"action": "gone"}]}], "loop": "gone"}]
)
def test_a_state_of_another_version_starts_anew(state: dict[str, Any], conversation: Conversation) -> None:
    conversation.state = state
    conversation.turn("what is grooming")
    assert conversation.said == ["utter_groom_what"]


def test_cues_given_in_a_turn_with_an_option_and_a_text_are_answered_once(conversation: Conversation) -> None:
    conversation.turn("he has my pics", option="/groom_signs", cues=("sextortion",))
    assert conversation.said == ["utter_groom_signs", "utter_cue_sextortion"]


def test_what_could_not_be_assessed_says_so_once(conversation: Conversation) -> None:
    unknown = {**assessment(()), "tier": "high", "assessed": "none"}
    conversation.turn("what is grooming", assessment=unknown)
    first = conversation.said
    conversation.turn("what is grooming", assessment=unknown)
    assert first != conversation.said == ["utter_groom_what"]


def test_what_triage_cannot_place_is_met_with_one_gentle_question(conversation: Conversation) -> None:
    half_heard = {**assessment(()), "unclear": True}
    conversation.turn("its over i guess whatever", assessment=half_heard)
    assert conversation.said == ["utter_gentle_check"]
    conversation.turn("was it my fault", assessment=half_heard)
    assert conversation.said == ["utter_bot_fault"]


def test_services_come_with_their_topics(conversation: Conversation) -> None:
    answer = conversation.turn("where can i get help")
    assert conversation.said == ["utter_services"]
    assert answer["topics"]


@pytest.mark.parametrize(
    "text", ["a" * 2000, "<script>alert(1)</script>", "'; DROP TABLE messages; --", "\u202eolleh", "{country_name}", "\x00"]
)
def test_strange_text_gets_an_answer(text: str, conversation: Conversation) -> None:
    assert conversation.turn(text)["bubbles"]


def test_no_text_and_no_option_is_refused(client: TestClient) -> None:
    assert client.post("/turn", json=request(("  ",))).status_code == 422


@pytest.mark.parametrize(
    "change", [{"texts": ["a" * 2001]}, {"conversation_key": "a b"}, {"staffing": "maybe"}, {"surplus": 1}, {"deadline": "soon"}]
)
def test_what_is_not_the_schema_is_refused(change: dict[str, Any], client: TestClient) -> None:
    response = client.post("/turn", json={**request(("hi",)), **change})
    assert response.status_code == 422
    assert "aaa" not in response.text


def test_a_body_that_is_not_json_is_refused(client: TestClient) -> None:
    assert client.post("/turn", content=b"{").status_code == 422


def test_a_turn_after_its_deadline_is_refused(client: TestClient) -> None:
    assert client.post("/turn", json={**request(("hi",)), "deadline": time.time() - 1}).status_code == 408


def test_a_failing_action_fails_the_turn_and_tells_nothing(
    client: TestClient,
    engine: Engine,
    conversation: Conversation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("Zebedee lives in Mill Lane")

    executor = engine.dialogue._processor.action_endpoint._executor  # type: ignore[union-attr]
    monkeypatch.setitem(executor.actions, "action_misunderstood", fail)
    with caplog.at_level(logging.DEBUG):
        response = client.post("/turn", json=request(("blargh fnord xyzzy",)))
    assert response.status_code == 500
    assert "Zebedee" not in response.text + caplog.text
    assert "fnord" not in response.text + caplog.text
    monkeypatch.undo()
    conversation.turn("blargh fnord xyzzy")
    assert conversation.said == ["utter_default"]


def test_health_answers_before_the_dialogue_is_loaded_and_turns_are_refused() -> None:
    unloaded = TestClient(create_app(load_settings()))  # without its lifespan nothing is loaded
    assert unloaded.get("/health").json()["status"] == "starting"
    assert unloaded.post("/turn", json=request(("hi",))).status_code == 503


def test_the_content_version_is_the_models(client: TestClient, conversation: Conversation) -> None:
    version = newest_model(load_settings()).name.removesuffix(".tar.gz")
    assert client.get("/health").json() == {"status": "ok", "content_version": version}
    assert conversation.turn("hi")["content_version"] == version


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        ("sext_threat", "utter_guide_blackmail_proof"),
        ("img_shared", "utter_guide_images_where"),
        ("docs_taken", "utter_guide_held_papers"),
        ("friend_help", "utter_guide_friend_hurt"),
        ("friend_suicide", "utter_guide_friend_die"),
        ("tell_not_safe", "utter_guide_home_slow"),
        ("now_overwhelmed", "utter_guide_low_breathe"),
    ],
)
def test_an_answer_offers_first_steps_and_they_begin(conversation: Conversation, answer: str, step: str) -> None:
    conversation.turn(option=f"/{answer}")
    assert "/guide_on" in [option["payload"] for bubble in conversation.answer["bubbles"] for option in bubble["options"]]

    conversation.turn(option="/guide_on")
    assert conversation.said == [step]


@pytest.mark.parametrize(
    ("answer", "question", "step"),
    [
        ("groom_meet", "q_going_soon", "utter_guide_meeting_no"),
        ("job_abroad", "q_leaving_soon", "utter_guide_meeting_no"),
        ("debt_work", "q_check_in", "utter_guide_held_papers"),
    ],
)
@pytest.mark.parametrize("pressed", ["no", "skip"])
def test_an_answer_that_asks_about_safety_goes_on_with_first_steps(
    conversation: Conversation, answer: str, question: str, step: str, pressed: str
) -> None:
    conversation.turn(option=f"/{answer}")
    shown = [option["payload"] for bubble in conversation.answer["bubbles"] for option in bubble["options"]]
    assert f"answer:{question}:{pressed}" in shown and "person:ask" in shown

    conversation.turn(option=f"answer:{question}:{pressed}")
    assert conversation.said == [step]
