from __future__ import annotations

import pytest

from bot.settings import load_settings
from bot.triage.detector import Detector


@pytest.fixture(scope="session")
def detector() -> Detector:
    settings = load_settings()
    words = settings.data_dir / "triage" / "words.yml"
    loaded = Detector.load(settings.triage_model_dir, settings.encoder_file, words)
    assert loaded.status == "ok", "`make setup` builds the encoder and the model"
    return loaded
