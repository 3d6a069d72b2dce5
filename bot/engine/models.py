"""Trained dialogue models on disk, named by the content they were trained from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from bot.errors import ModelError
from bot.settings import ROOT, Settings

_CONTENT = ("nlu", "rules", "stories", "responses")


def dialogue_version(settings: Settings) -> str:
    """Hash of everything that a dialogue model is trained from; the name of its file, and the content version it reports."""
    digest = hashlib.sha256()
    for file in _sources(settings):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return f"dialogue-{digest.hexdigest()[:12]}"


def model_file(settings: Settings) -> Path:
    """Where the model of the content as it is now belongs, whether or not it is there."""
    return settings.dialogue_model_dir / f"{dialogue_version(settings)}.tar.gz"


def newest_model(settings: Settings) -> Path:
    """The model to serve. Raises `ModelError` when there is none."""
    models = sorted(settings.dialogue_model_dir.glob("*.tar.gz"), key=lambda file: file.stat().st_mtime)
    if not models:
        raise ModelError("There is no dialogue model; train one with `make setup`.")
    return models[-1]


def _sources(settings: Settings) -> Iterator[Path]:
    yield from (file for name in ("config.yml", "domain.yml") if (file := ROOT / name).is_file())
    for folder in _CONTENT:
        yield from sorted((settings.data_dir / folder).rglob("*.yml"))
    yield from sorted((ROOT / "bot" / "engine" / "components").glob("*.py"))
    yield from (ROOT / "bot" / "engine" / name for name in ("importer.py", "policy.py", "wording.py"))
    if settings.encoder_file.is_file():
        yield settings.encoder_file
