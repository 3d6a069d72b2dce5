"""The engine in-process, with the model of the content as it is."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient

from bot.content import Content
from bot.engine.app import Engine, create_app
from bot.engine.training import train_dialogue
from bot.installation import ensure_encoder
from bot.settings import ROOT, load_settings
from bot.triage.taxonomy import CUES, most_serious
from tests.numbers import numbers_in

SCHEMA = json.loads((Path(__file__).parents[2] / "bot" / "content" / "turn_schema.json").read_text())
ANSWER = jsonschema.Draft202012Validator({**SCHEMA["$defs"]["answer"], "$defs": SCHEMA["$defs"]})
LOADING_SECONDS = 120
CONTENT = Content.load(ROOT / "data")


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """A client of the engine's app. The model is trained only when the content has changed since the last time."""
    settings = load_settings()
    ensure_encoder(settings)
    train_dialogue(settings)
    with TestClient(create_app(settings)) as client:
        deadline = time.monotonic() + LOADING_SECONDS
        while client.get("/health").json()["status"] != "ok":
            assert time.monotonic() < deadline, "the dialogue was not loaded in time"
            time.sleep(0.1)
        yield client


@pytest.fixture
def engine(client: TestClient) -> Engine:
    engine = client.app.state.engine  # type: ignore[attr-defined]
    assert isinstance(engine, Engine)
    return engine


@dataclass
class Conversation:
    """One young person's conversation with the engine, holding what `web` would hold."""

    client: TestClient
    state: dict[str, Any] | None = None
    answered: list[str] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)

    def turn(self, *texts: str, option: str | None = None, cues: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
        """Sends a turn, keeps the new state and returns the answer. `changes` replace keys of the request."""
        response = self.client.post("/turn", json={**request(texts, option, cues, self.answered, self.state), **changes})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        ANSWER.validate(answer)
        self.state, self.answer = json.loads(json.dumps(answer["state"])), answer
        assert_leads_on(answer, f"after {texts or option!r}")
        self.answered = sorted({*self.answered, *(name.removeprefix("utter_cue_") for name in self.said if "_cue_" in name)})
        return answer

    @property
    def said(self) -> list[str]:
        """Names of the responses of the last answer."""
        return [bubble["text_id"] for bubble in self.answer["bubbles"]]


def assert_leads_on(answer: dict[str, Any], where: str) -> None:
    """What holds for every turn of the bot: a next step, and only numbers of the directory."""
    shown = [option["payload"] for bubble in answer["bubbles"] for option in bubble.get("options", [])]
    assert shown or answer["requests"] or answer.get("topics"), f"{where}: no next step"
    said = "\n".join(bubble["text"] for bubble in answer["bubbles"])
    numbers = numbers_in(said)
    assert numbers <= CONTENT.directory.numbers, f"{where}: {numbers}"


@pytest.fixture
def conversation(client: TestClient) -> Conversation:
    return Conversation(client)


def request(
    texts: tuple[str, ...],
    option: str | None = None,
    cues: tuple[str, ...] = (),
    answered: list[str] | None = None,
    state: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A valid request of `web`."""
    return {
        "conversation_key": "a-conversation",
        "state": state,
        "texts": list(texts),
        "option": option,
        "assessment": assessment(cues),
        "answered_cues": answered or [],
        "staffing": "on_duty",
        "locale": "en",
        "country": None,
        "missed": [],
        "deadline": time.time() + 30,
    }


def assessment(cues: tuple[str, ...]) -> dict[str, Any]:
    hits = [{"cue": cue, "score": 0.9, "about": "self", "evidence": "the words"} for cue in cues]
    assert set(cues) <= set(CUES)
    return {"tier": most_serious(cues).id, "assessed": "full", "cues": hits, "facts": {}, "unclear": False, "model": "test"}
