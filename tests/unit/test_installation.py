"""A triage model that misses what must be heard is not used, unless there is none at all."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from bot import installation, readiness
from bot.errors import ModelError
from bot.settings import ROOT, Settings, load_settings

HEARD = 'phrases: {sextortion: ["he will send my nudes to everyone if i do not pay him tonight"]}'
NEVER_HEARD = 'phrases: {sextortion: ["the sky is blue over the garden"]}'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The encoder as it is, and so few messages to train on that it takes a second."""
    data = tmp_path / "data"
    (data / "triage" / "training").mkdir(parents=True)
    (data / "languages").symlink_to(ROOT / "data" / "languages")
    (data / "triage" / "words.yml").symlink_to(ROOT / "data" / "triage" / "words.yml")
    few = []
    for name in ("images", "harmless_plain"):
        few += (ROOT / "data" / "triage" / "training" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[:200]
    (data / "triage" / "training" / "few.jsonl").write_text("\n".join(few) + "\n", encoding="utf-8")
    loaded = dataclasses.replace(load_settings(), data_dir=data, model_dir=tmp_path / "models")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "encoder").symlink_to(load_settings().model_dir / "encoder")
    return loaded


def must_hear(settings: Settings, phrases: str) -> None:
    (settings.data_dir / "triage" / "safety_set.yml").write_text(phrases, encoding="utf-8")


def train(settings: Settings, *, setting_up: bool = False) -> bool:
    return installation._ensure_triage_model(settings, force=False, setting_up=setting_up)


def test_a_model_that_misses_a_phrase_does_not_take_the_place_of_the_one_in_use(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    must_hear(settings, HEARD)
    assert train(settings)
    in_use = (settings.triage_model_dir / "model.npz").read_bytes()
    must_hear(settings, NEVER_HEARD)

    with pytest.raises(ModelError, match="forms of phrases that must be heard"):
        train(settings)
    assert not train(settings, setting_up=True)

    assert "stays in use" in caplog.text
    assert (settings.triage_model_dir / "model.npz").read_bytes() == in_use
    assert "the sky is blue over the garden" in caplog.text
    assert not list(settings.model_dir.glob(".training-*"))
    assert readiness.triage_problems(settings) == []


@pytest.mark.parametrize("in_place", ["nothing", "half", "of another encoder"])
def test_where_none_can_be_used_one_that_misses_phrases_is_taken_and_nothing_is_ready(settings: Settings, in_place: str) -> None:
    if in_place == "half":
        settings.triage_model_dir.mkdir()
        (settings.triage_model_dir / "model.json").write_text('{"heads": []}', encoding="utf-8")
    if in_place == "of another encoder":
        must_hear(settings, HEARD)
        train(settings)
        about = settings.triage_model_dir / "model.json"
        about.write_text(re.sub(r'"encoder": "\w+"', '"encoder": "other"', about.read_text(encoding="utf-8")), encoding="utf-8")
    must_hear(settings, NEVER_HEARD)

    with pytest.raises(ModelError):
        train(settings)
    assert train(settings, setting_up=True)

    missed = json.loads((settings.triage_model_dir / "unheard.json").read_text(encoding="utf-8"))
    (problem,) = readiness.triage_problems(settings)
    assert problem.startswith(f"Triage: {len(missed)} phrases that must be heard are not")


def test_without_any_model_the_chat_is_not_ready(settings: Settings) -> None:
    assert "no trained model" in readiness.triage_problems(settings)[0]


def test_what_is_unchanged_is_not_trained_again(settings: Settings) -> None:
    must_hear(settings, HEARD)

    assert [train(settings), train(settings)] == [True, False]
