"""The models that must be there before the processes are whole: the sentence encoder and what is trained on it.

Each is made only when it is missing or no longer fits what it was made from, so setting up again costs nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from bot.settings import ROOT, Settings

TRIAGE_CODE = ROOT / "bot" / "triage"


def ensure_encoder(settings: Settings) -> bool:
    """Builds the sentence encoder unless the file that was built last is still there, whole. Returns whether it was built.

    Raises:
        ModelError: the package's weights are missing or are not the ones that we know.
    """
    from bot.triage.encoder import build_encoder

    file, stamp = settings.encoder_file, settings.encoder_file.with_suffix(".sha256")
    if file.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == _encoder_stamp(file):
        return False
    build_encoder(file)
    stamp.write_text(_encoder_stamp(file), encoding="utf-8")
    return True


def ensure_models(settings: Settings, *, force: bool = False) -> list[str]:
    """Trains the models whose sources changed, or all of them with `force`. Returns the names of those trained.

    Raises:
        ModelError: a model cannot be trained.
        ContentError: what it is trained from cannot be used.
    """
    trained = []
    if _ensure_triage_model(settings, force=force):
        trained.append("triage")
    # Late: importing the engine's training is for those who train.
    from bot.engine.models import model_file
    from bot.engine.training import train_dialogue

    if force or not model_file(settings).is_file():
        train_dialogue(settings, force=force)
        trained.append("dialogue")
    return trained


def _ensure_triage_model(settings: Settings, *, force: bool) -> bool:
    from bot.triage.training import train

    stamp = settings.triage_model_dir / "trained-from.sha256"
    examples = _files(settings.data_dir / "triage" / "training")
    sources = digest([*examples, *sorted(TRIAGE_CODE.glob("*.py")), settings.encoder_file])
    if not force and stamp.is_file() and stamp.read_text(encoding="utf-8") == sources:
        return False
    settings.triage_model_dir.mkdir(parents=True, exist_ok=True)
    train(settings.data_dir, settings.triage_model_dir, settings.encoder_file)
    stamp.write_text(sources, encoding="utf-8")
    return True


def digest(files: Iterable[Path]) -> str:
    """SHA-256, in hexadecimal, of the names and contents of files."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _encoder_stamp(file: Path) -> str:
    return digest([file, TRIAGE_CODE / "encoder.py"])
